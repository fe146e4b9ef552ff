"""A place in a dump that moves on as the dump is read: for the dialects with brackets."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import AnyStr, Generic

from ckct_formats._errors import Path
from ckct_formats._formats.faults import Fault, exceeded
from ckct_formats._limits import Limits


class Cursor(Generic[AnyStr]):
    """Where reading is.

    Attributes:
        dump: The whole dump, as text, or as bytes where lengths count bytes.
        at: The index of what comes next.
        found: Where the values of the wanted paths begin, and of those that lead to them.
    """

    def __init__(self, dump: AnyStr, limits: Limits, wanted: Collection[Path] = ()) -> None:
        self.dump: AnyStr = dump
        self.at = 0
        self.found: dict[Path, int] = {}
        self._limits = limits
        self._wanted = wanted
        self._names: dict[str, str] = {}

    def begin(self, path: Path) -> None:
        """A value begins here."""
        if path in self._wanted:
            self.found[path] = self.at
        if len(path) >= self._limits.depth:
            raise exceeded("depth", self._limits.depth, len(path) + 1, at=self.at)

    def name(self, name: str) -> str:
        """The same name, each time the same object."""
        return self._names.setdefault(name, name)

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

    def unexpected(self, expected: str) -> Fault:
        """The fault of something else here."""
        rest = self.dump[self.at : self.at + 80]
        found = rest if isinstance(rest, str) else bytes(rest).decode("utf-8", "replace")
        return Fault(f"expected {expected}", found, at=self.at)
