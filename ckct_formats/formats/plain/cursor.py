"""A place in a dump that moves on as the dump is read: for the dialects with brackets."""

from __future__ import annotations

import re
import sys
from typing import AnyStr, Generic

from ckct_formats.errors import Path
from ckct_formats.formats.cells import Cell
from ckct_formats.formats.faults import Misplaced, Over
from ckct_formats.formats.memory import Room
from ckct_formats.formats.nearby import Around
from ckct_formats.limits import Limits

# What an entry takes beside its value, as pair and in a dict, in bytes; spent many at a time.
_ENTRY, _NAME, _PLACE, _AT_A_TIME = 140, 200, 250, 100_000
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
        room: Room | None = None,
        at: int = 0,
        around: Around | None = None,
    ) -> None:
        self.dump: AnyStr = dump
        self.at = at
        self.rows: dict[Path, int] = {}
        self._limits = limits
        self._around = around
        self._names: dict[str, str] = {}
        self._room = room
        self._unspent = 0

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
            self._unspent += _PLACE
        if len(path) >= self._limits.depth:
            over = Over("depth", self._limits.depth, len(path) + 1)
            raise Misplaced(self.at, "", over=over)

    def kept(self, value: Cell) -> Cell:
        """A value that is part of the tree: it and its entry take room."""
        self._unspent += _ENTRY + (0 if value in (None, "") else sys.getsizeof(value))
        if self._unspent > _AT_A_TIME and self._room is not None:
            self._room.spend(self._unspent)
            self._unspent = 0
        return value

    def need_room(self, size: int) -> None:
        """`Fault` unless so many bytes are left for a while."""
        if self._room is not None:
            self._room.need(self._unspent + size)

    def name(self, name: str) -> str:
        """The same name, each time the same object."""
        if name not in self._names:
            self._names[name] = name
            self._unspent += _NAME
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
