"""Where a long table can be cut: at a line end with an even number of quotes in front of it."""

from __future__ import annotations

import re

from ckct_formats._formats import Known, envelope
from ckct_formats._formats.body import Body
from ckct_formats._formats.csv import comments, layouts
from ckct_formats._formats.csv.sheet import Sheet
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.frame import Frame, Piece
from ckct_formats._limits import DEFAULT_LIMITS

_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:#[^\r\n]*+\r?\n)*+[\r\n]*+"
    rb'(?P<table>(?:sep=[,;\t|]\r?\n)?(?:[^"\r\n]|"(?:[^"\r\n]|"")*+")++\r?\n)'
)
# The last one that has no empty line in front of it or behind. A line ends in front of the first
# one as well.
_LAST_LINE_END = re.compile(rb".*\n(?<=[^\n]\n)(?<!\n\r\n)(?<!\A\r\n)(?=[^\r\n])", re.DOTALL)
_ESCAPED = b'\\"'


class _Lines:
    """The frame of a table.

    Attributes:
        begin, most_rows: As in `Frame`.
    """

    most_rows: int | None = None

    def __init__(self, head: bytes, *, doubled: bool) -> None:
        self._head = head
        self._doubled = doubled
        self._seen = self._quotes = 0
        self.begin = len(head)

    def cut(self, rows: bytearray) -> int:
        """Behind the last line that ends outside of quotes and has lines with cells around its
        end: empty ones are passed over at the end of a table, and nowhere else."""
        # What the last cut left has no such end, but perhaps its last byte: now more is behind it.
        first, end = max(0, self._seen - 1), len(rows)
        quotes = self._quotes + rows.count(b'"', self._seen)
        self._seen, self._quotes = end, quotes
        while (at := rows.rfind(b'"' if quotes % 2 else b"\n", first, end)) >= 0:
            quotes -= rows.count(b'"', at, end)
            end = at
            if not quotes % 2:
                end = max(first, rows.rfind(b'"', first, at) + 1)
                found = _LAST_LINE_END.match(rows, end, at + 2)
                if found:
                    self._seen -= found.end()
                    self._quotes -= quotes
                    return found.end()
        return 0

    def piece(self, rows: bytes, before: int, *, last: bool) -> Piece:
        if _ESCAPED in rows and not self._doubled:
            raise Fault(
                "a backslash in front of a quote: a table of this length is read in pieces, which "
                "cannot be cut for certain then"
            )
        return Piece(self._head + rows)


def frame(start: bytes, known: Known) -> Frame | None:
    """The frame of a table; None if its beginning does not show one, or shows quotes that may not
    be doubled."""
    head = _HEAD.match(start)
    if head is None:
        return None
    body = Body(head[0].decode("utf-8", "replace"))
    try:
        tree, _, at = comments.read(body, DEFAULT_LIMITS)
        if layouts.read_lines(body, DEFAULT_LIMITS) is not None:
            return None
        sheet = Sheet(body, at, known, DEFAULT_LIMITS, doubled=True)
    except Fault:
        return None
    if (
        sheet.first_rows(1)
        or layouts.is_flat(sheet)
        or not set(sheet.header).isdisjoint(envelope.KEYS)
    ):
        return None
    doubled = tree.get("quoting") == "doubled"
    if not doubled and start.find(_ESCAPED, head.start("table")) >= 0:
        return None
    return _Lines(head[0], doubled=doubled)
