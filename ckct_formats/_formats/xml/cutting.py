"""Where a long document can be cut: between two rows that are elements without attributes."""

from __future__ import annotations

import re
from typing import Any

from ckct_formats._formats import Known
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.frame import Frame, MarkedFrame, Piece

_NAME = rb"[A-Za-z_][A-Za-z0-9_.-]*+"
_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[ \t\r\n][^<>]*+>\s*)?"
    rb"<(?P<root>" + _NAME + rb")>(?:[^<]|<(?!payload>|[!?0-9]|/[0-9]))*+<payload>"
)
_FIRST_ROW = re.compile(rb"\s*+<(" + _NAME + rb")>\s*+<(" + _NAME + rb")")
# A tag may stand in the first two and be none. With names that begin with a digit the whole
# document would be repaired, or refused; of several payloads each would be a row.
_NOT_CUT = re.compile(rb"<(?:[!?0-9]|(?:[^<>/ \t\r\n]*:)?payload[ \t\r\n/>])")

# Of a tag that is not written in the plainest way.
_REST_OF_TAG = rb"""(?=[ \t\r\n/])(?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+>"""


class _XmlFrame(MarkedFrame):
    def __init__(self, row: bytes, *frame: Any) -> None:
        super().__init__(*frame)
        self._opening, self._closing = b"<" + row + b">", b"</" + row + b">"
        self._other_tag = re.compile(rb"<(/?)" + re.escape(row) + _REST_OF_TAG)

    def _depth(self, rows: bytearray) -> int:
        others = [tag for tag in self._other_tag.finditer(rows) if not tag[0].endswith(b"/>")]
        closed = sum(1 for tag in others if tag[1])
        plain = rows.count(self._opening) - rows.count(self._closing)
        return plain + len(others) - 2 * closed

    def piece(self, rows: bytes, before: int, *, last: bool) -> Piece:
        found = _NOT_CUT.search(rows)
        if found:
            raise Fault(
                "a comment, a CDATA section, an instruction, a name that begins with a digit or a "
                "second payload: a document of this length is read in pieces, which cannot be cut "
                "for certain then",
                found[0].decode("ascii", "replace"),
            )
        return super().piece(rows, before, last=last)


def frame(start: bytes, known: Known) -> Frame | None:
    """The frame of a document; None if its beginning does not show one, or shows what cannot be
    cut."""
    head = _HEAD.match(start)
    first = head and _FIRST_ROW.match(start, head.end())
    if not head or not first or _NOT_CUT.search(start, head.end()):
        return None
    row, field = first.groups()
    if row.decode() in known:  # the payload may be a row itself, and these its fields
        return None
    closing = b"</" + row + b">"
    next_row = rb"\s*+<" + re.escape(row) + rb">\s*+<" + re.escape(field) + rb"(?=[>/])"
    mark = re.compile(re.escape(closing) + next_row).search(start, first.end())
    if mark is None:
        return None
    before = len(closing)
    end = b"</payload></" + head["root"] + b">"
    return _XmlFrame(row, head[0], mark[0], before, len(mark[0]) - before, end)
