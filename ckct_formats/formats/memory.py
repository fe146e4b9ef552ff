"""How much memory the reading of a body may take: so many times its length, and what a page takes.

What is made of a body is weighed before it is made (see `weights`).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence

from ckct_formats.formats import weights
from ckct_formats.formats.alike import NotAlike
from ckct_formats.formats.faults import Fault, Over
from ckct_formats.formats.raw import RaggedTable, Table
from ckct_formats.formats.weights import Sizes
from ckct_formats.limits import FREE_BYTES, Limits

# What two pages of rows are shorter than, and what each place takes at which one is cut.
_LONG_CHARS, _CUT = 3_000_000, 300
# From what part of the memory on each cell is looked at, which takes time; most bodies are short.
_MUCH = 8
# An error without the characters of its path.
_ERROR = 1_500
# What is not weighed: rows that are read at a time, and what the allocator keeps in between.
_FREE = FREE_BYTES - 8_000_000
# The first bytes of characters beyond U+FFFF, in UTF-8.
_ASTRAL = tuple(bytes([byte]) for byte in range(0xF0, 0xF5))


def width_of(data: bytes) -> int:
    """How many bytes each character takes of a text that holds all these, which are UTF-8."""
    if data.isascii():
        return 1
    return 4 if any(byte in data for byte in _ASTRAL) else 2


class Room:
    """The memory that is left to read one body in.

    Args:
        given: The body; if it is a text, it is the caller's and takes none.
    """

    def __init__(self, given: bytes | str, limits: Limits) -> None:
        self._length = len(given)
        self._factor = limits.memory_factor
        self._held = 0 if isinstance(given, str) else len(given)
        self._spent = self._guessed = self._counted = 0
        self._chars = self._width = 0
        self._note_chars(given)

    def _note_chars(self, text: str | bytes) -> None:
        """What is read has no more characters than its body, and none that takes more bytes."""
        size = sys.getsizeof(text)
        if size > self._chars:
            self._chars, self._width = size, size // max(len(text), 1)

    def hold(self, text: str | bytes) -> None:
        """Make room for the whole body once more, as text or in another encoding."""
        self._held += sys.getsizeof(text)
        self._note_chars(text)

    def widen(self, width: int) -> None:
        """What is read may have characters of so many bytes, by references in its body."""
        if width > self._width:
            self._chars, self._width = self._chars // max(self._width, 1) * width, width

    @property
    def _taken(self) -> int:
        """With room for the characters of all values that are not counted yet."""
        rest = max(self._chars - self._width * self._counted, 0)
        return self._held + self._spent + rest

    @property
    def _allowed(self) -> int:
        return self._factor * self._length + _FREE

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return self._allowed - self._taken

    def spend(self, size: int) -> None:
        """Take so many bytes; `Fault` if they are not left."""
        if size > self.left:
            over = self._taken + size - _FREE
            found = max(math.ceil(over / max(self._length, 1)), self._factor + 1)
            raise Fault("", over=Over("memory_factor", self._factor, found))
        self._spent += size

    def give_back(self, size: int) -> None:
        """So many bytes that were taken are free again."""
        self._spent -= size

    def need(self, size: int) -> None:
        """`Fault` unless so many bytes are left for a while."""
        self.spend(size)
        self.give_back(size)

    def need_share(self, text: str, length: int) -> None:
        """`Fault` unless so many characters of a text are left room for, for a while."""
        self.need(length * sys.getsizeof(text) // max(len(text), 1))

    def need_copies(self, text: str, length: int) -> None:
        """`Fault` unless there is room to cut a part of a text that is longer than a page."""
        if length > _LONG_CHARS:
            self.need_share(text, 4 * length)

    def spend_records(self, table: Table, sizes: Sizes) -> None:
        """Take what the records of a table take, at most; `Fault` if it is not left."""
        if not isinstance(table, RaggedTable):
            most = weights.at_most(table, sizes)
            if self._guessed + most <= self._allowed // _MUCH:
                self.spend(most)
                self._guessed += most
                return
        size, chars = weights.closely(table, sizes)
        self._counted += chars
        self.spend(size)

    def spend_long(self, rows: Sequence[str], mark: str) -> None:
        """Take what rows take that are longer than those of a page, while they are cut at a mark;
        `Fault` if it is not left."""
        if sum(map(len, rows)) > _LONG_CHARS:
            self.spend(sum(4 * sys.getsizeof(row) + _CUT * row.count(mark) for row in rows))

    def spend_errors(self, faults: Iterable[Fault]) -> None:
        """Take what the errors of bad rows take; `Fault` if it is not left."""
        self.spend(sum(_ERROR + 8 * sum(len(str(step)) for step in each.path) for each in faults))

    def attempt(self) -> _Attempt:
        """Reads in a way that may give up: then what was taken is given back."""
        return _Attempt(self)

    @property
    def spent(self) -> tuple[int, int, int]:
        """How much was taken, how much of it guessed, and how many characters were counted."""
        return self._spent, self._guessed, self._counted

    @spent.setter
    def spent(self, spent: tuple[int, int, int]) -> None:
        self._spent, self._guessed, self._counted = spent


class _Attempt:
    """A class and no generator, which may hold, in a cycle, the error that it was left by."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._spent = room.spent

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> bool:
        if kind is None or not issubclass(kind, NotAlike):
            return False
        self._room.spent = self._spent
        return True
