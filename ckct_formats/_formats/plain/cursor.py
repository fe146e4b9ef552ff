"""A place in a dump that moves on as the dump is read: for the dialects with brackets."""

from __future__ import annotations

import re
from typing import AnyStr, Generic

from ckct_formats._errors import Path
from ckct_formats._formats.faults import Misplaced, Over
from ckct_formats._formats.nearby import Around
from ckct_formats._limits import Limits

# What is looked at at a time.
_PIECE = 4096


class Cursor(Generic[AnyStr]):
    """Where reading stands.

    Attributes:
        dump: The whole dump, as text, or as bytes where lengths count bytes.
        at: The index of what comes next.
        rows: Where rows begin, and what leads to them, if no places are noted.
    """

    def __init__(
        self,
        dump: AnyStr,
        limits: Limits,
        at: int = 0,
        around: Around | None = None,
    ) -> None:
        self.dump: AnyStr = dump
        self.at = at
        self.rows: dict[Path, int] = {}
        self._limits = limits
        self._around = around
        self._names: dict[str, str] = {}

    def is_at_end(self) -> bool:
        """Whether nothing but white space is left."""
        pieces = range(self.at, len(self.dump), _PIECE)
        return all(self.dump[at : at + _PIECE].isspace() for at in pieces)

    def begin(self, path: Path) -> None:
        """A value begins here."""
        if self._around is not None:
            self._around.note(path, self.at)
        elif len(path) < 2 or (len(path) == 2 and path[0] == "payload"):
            self.rows[path] = self.at
        if len(path) >= self._limits.depth:
            over = Over("depth", self._limits.depth, len(path) + 1)
            raise Misplaced(self.at, "", over=over)

    def name(self, name: str) -> str:
        """The same name, each time the same object."""
        if name not in self._names:
            self._names[name] = name
        return self._names[name]

    def take(self, pattern: re.Pattern[AnyStr]) -> re.Match[AnyStr] | None:
        """What matches here, passed over; None if it does not."""
        found = pattern.match(self.dump, self.at)
        if found:
            self.at = found.end()
        return found

    def need(self, pattern: re.Pattern[AnyStr], expected: str) -> re.Match[AnyStr]:
        """What must match here, passed over."""
        found = self.take(pattern)
        if found is None:
            raise self.unexpected(expected)
        return found

    def unexpected(self, expected: str) -> Misplaced:
        """The fault of something else here."""
        rest = self.dump[self.at : self.at + 80]
        found = rest if isinstance(rest, str) else bytes(rest).decode("utf-8", "replace")
        return Misplaced(self.at, f"expected {expected}", found)
