"""Where a long table can be cut: at a line end with an even number of quotes in front of it."""

from __future__ import annotations

import re

from ckct_formats.formats import Known, envelope
from ckct_formats.formats.body import Body
from ckct_formats.formats.csv import comments, layouts
from ckct_formats.formats.csv.sheet import Sheet
from ckct_formats.formats.faults import Fault
from ckct_formats.formats.frame import Frame, Piece
from ckct_formats.limits import DEFAULT_LIMITS

_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:#[^\r\n]*+\r?\n)*+[\r\n]*+"
    rb'(?P<table>(?:sep=[,;\t|]\r?\n)?(?:[^"\r\n]|"(?:[^"\r\n]|"")*+")++\r?\n)'
)
_EMPTY_LINES = (b"\n\n", b"\n\r\n")
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
        self.begin = len(head)

    def cut(self, rows: bytearray) -> int:
        """Behind the last line that ends outside of quotes and has lines with cells around its
        end: empty ones are passed over at the end of a table, and nowhere else."""
        end = rows.rfind(b"\n") + 1
        quotes = rows.count(b'"', 0, end)
        while end and (quotes % 2 or _is_beside_empty_line(rows, end)):
            start = rows.rfind(b"\n", 0, end - 1) + 1
            quotes -= rows.count(b'"', start, end)
            end = start
        return end

    def piece(self, rows: bytes, before: int, *, last: bool) -> Piece:
        if _ESCAPED in rows and not self._doubled:
            raise Fault(
                "a backslash in front of a quote: a table of this length is read in pieces, which "
                "cannot be cut for certain then"
            )
        return Piece(self._head + rows)


def _is_beside_empty_line(rows: bytearray, end: int) -> bool:
    """Whether a line end may have an empty line in front of it or behind. A line ends in front of
    the first one as well."""
    before = b"\n" + rows[max(0, end - 3) : end]
    return bytes(rows[end : end + 1]) in (b"", b"\r", b"\n") or before.endswith(_EMPTY_LINES)


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
