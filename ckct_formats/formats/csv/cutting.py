"""Where a long table can be cut: at a line end with an even number of quotes in front of it."""

from __future__ import annotations

import re

from ckct_formats.formats import Known
from ckct_formats.formats.faults import Fault
from ckct_formats.formats.frame import Frame, Piece

_COMMENTS = re.compile(rb"(?:\xef\xbb\xbf)?(?:#[^\n]*+\n)*+(?:sep=[,;\t|]\r?\n)?")
_HEADER = re.compile(rb'(?:[^"\n]|"[^"]*+")*+\n')
_DELIMITER = re.compile(rb"[,;\t|]")
_DOUBLED = re.compile(rb"^# quoting: doubled\r?$", re.MULTILINE)
_EMPTY_LINES = (b"\n\n", b"\n\r\n")


class _Lines:
    """The frame of a table.

    Attributes:
        begin, most_rows: As in `Frame`.
    """

    most_rows: int | None = None

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._doubled = bool(_DOUBLED.search(head))
        self.begin = len(head)

    def cut(self, rows: bytearray) -> int:
        """Behind the last line that ends outside of quotes; an empty one is left for the next
        piece, as at the end of a table it would be passed over."""
        end = rows.rfind(b"\n") + 1
        quotes = rows.count(b'"', 0, end)
        while end and (quotes % 2 or rows.endswith(_EMPTY_LINES, 0, end)):
            start = rows.rfind(b"\n", 0, end - 1) + 1
            quotes -= rows.count(b'"', start, end)
            end = start
        return end

    def piece(self, rows: bytes, before: int, *, last: bool) -> Piece:
        if b'\\"' in rows and not self._doubled:
            raise Fault(
                "a backslash in front of a quote: a table of this length is read in pieces, which "
                "cannot be cut for certain then"
            )
        return Piece(self._head + rows)


def frame(start: bytes, known: Known) -> Frame | None:
    """The frame of a table; None if its beginning does not show one."""
    comments = _COMMENTS.match(start)
    header = comments and _HEADER.match(start, comments.end())
    if not comments or not header:
        return None
    names = {
        name.strip(b'" \r\n').decode("ascii", "replace").partition(".")[0]
        for name in _DELIMITER.split(header[0])
    }
    if names.isdisjoint(known):
        return None
    return _Lines(start[: header.end()])
