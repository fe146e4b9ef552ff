"""A body too long to be read at once, as many bodies: what is around the rows, and a few of them.

Each piece is a body of its own for the format's reader, which decides all that it decides of a
page. A frame only cuts, where in its format no text can stand; a cut at any other place leaves a
piece that the reader refuses.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Piece(NamedTuple):
    """A body that holds some of the rows.

    Attributes:
        body: The body.
        witnesses: How many of its first rows stood in an earlier piece.
    """

    body: bytes
    witnesses: int = 0


class Frame(Protocol):
    """What stands around the rows of a body.

    Attributes:
        begin: Where its rows begin.
        most_rows: How many rows the body counts; None if it does not say.
    """

    begin: int
    most_rows: int | None

    def cut(self, rows: bytearray) -> int:
        """How many of these bytes, which begin with a row, are whole rows; 0 if none can be
        told to be. They are what the last cut left, and more behind it: what is known of that
        need not be found again."""
        ...

    def piece(self, rows: bytes, before: int, *, last: bool) -> Piece:
        """The body of rows that stand behind so many others, the last ones with what stands
        behind them; `Fault` if they may have been cut wrong."""
        ...


# A search from the end may compare a whole mark at each place. A longer one, of a key or of spaces
# without end, is not looked for: then the body is one piece.
_MOST_MARK_BYTES = 1_000
# What a row within a row is waited for, and gone back over.
_MOST_ROW_BYTES = 4 * 1024 * 1024
_MOST_MARKS = 10_000


class MarkedFrame:
    """The frame of a body whose rows are parted by the same bytes everywhere. The same may stand
    within a row, which holds rows of its own.

    Args:
        head: What stands in front of the rows.
        mark: The end of a row, what parts it from the next, and the beginning of that.
        before, behind: How many bytes of the mark belong to the rows.
        end: What ends a body behind a row.

    Attributes:
        begin, most_rows: As in `Frame`.
        end: As it was given.
    """

    def __init__(self, head: bytes, mark: bytes, before: int, behind: int, end: bytes) -> None:
        self._head = head
        self._mark = mark
        self.end = end
        self._before = before
        self._next = len(mark) - behind
        self._between = self._next - before
        self._unmarked = 0
        self.begin = len(head)
        self.most_rows: int | None = None

    def cut(self, rows: bytearray) -> int:
        """Behind the last mark that is not within a row, but for what is of the next row."""
        if len(self._mark) > _MOST_MARK_BYTES:
            return 0
        at = last = rows.rfind(self._mark, max(0, self._unmarked - len(self._mark) + 1))
        self._unmarked = 0 if last >= 0 else len(rows)
        if last < 0:
            return 0
        depth = self._depth(rows[: last + self._before])
        for _ in range(_MOST_MARKS):
            if not depth:
                return at + self._next
            before = rows.rfind(self._mark, 0, at + len(self._mark) - 1)
            if before < 0:
                break
            depth -= self._depth(rows[before + self._before : at + self._before])
            at = before
        # One long row, or one that is broken, as the reader will find.
        return 0 if len(rows) < _MOST_ROW_BYTES else last + self._next

    def _depth(self, rows: bytearray) -> int:
        """How many more structures are opened than closed."""
        raise NotImplementedError

    def piece(self, rows: bytes, before: int, *, last: bool) -> Piece:
        """The rows in the frame as it stands."""
        if last:
            return Piece(self._head + rows)
        return Piece(self._head + rows[: len(rows) - self._between] + self.end)
