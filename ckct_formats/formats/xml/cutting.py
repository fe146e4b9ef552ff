"""Where a long document can be cut: between two rows that are elements without attributes."""

from __future__ import annotations

import re

from ckct_formats.formats import Known
from ckct_formats.formats.faults import Fault
from ckct_formats.formats.frame import Frame, MarkedFrame, Piece

_NAME = rb"[A-Za-z_][A-Za-z0-9_.-]*+"
_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[ \t\r\n][^<>]*+>\s*)?"
    rb"<(?P<root>" + _NAME + rb")>(?:[^<]|<(?!payload>|[!?]))*+<payload>"
)
_FIRST_ROW = re.compile(rb"\s*+<(" + _NAME + rb")>\s*+<(" + _NAME + rb")")
# A tag may stand in these and be none.
_NO_TAGS = (b"<!", b"<?")


class _XmlFrame(MarkedFrame):
    def piece(self, rows: bytes, before: int, *, last: bool) -> Piece:
        if any(each in rows for each in _NO_TAGS):
            raise Fault(
                "a comment, a CDATA section or an instruction: a document of this length is read "
                "in pieces, which cannot be cut for certain then"
            )
        return super().piece(rows, before, last=last)


def frame(start: bytes, known: Known) -> Frame | None:
    """The frame of a document; None if its beginning does not show one."""
    head = _HEAD.match(start)
    first = head and _FIRST_ROW.match(start, head.end())
    if not head or not first:
        return None
    row, field = first.groups()
    closing = b"</" + row + b">"
    next_row = rb"\s*+<" + re.escape(row) + rb">\s*+<" + re.escape(field) + rb"(?=[>/])"
    mark = re.search(re.escape(closing) + next_row, start[first.end() :])
    if mark is None:
        return None
    before = len(closing)
    end = b"</payload></" + head["root"] + b">"
    return _XmlFrame(head[0], mark[0], before, len(mark[0]) - before, end)
