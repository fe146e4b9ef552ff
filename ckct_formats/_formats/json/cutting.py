"""Where a long body can be cut: no text holds a brace, a comma and a quote that is not escaped."""

from __future__ import annotations

import re

import msgspec

from ckct_formats._formats import Known
from ckct_formats._formats.frame import Frame, MarkedFrame, Piece

_SPACE = rb"[ \t\r\n]*+"
_HEAD = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*(?=\{)|\{(?:[^"]|"(?!payload"))*+"payload"\s*:\s*\[\s*(?=\{))'
)
_FIRST_KEY = re.compile(rb'\{\s*("(?:[^"\\]|\\.)*+")\s*:')
_ESCAPE, _OTHER_ESCAPE = b"\\u", b"\\/"

_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class _Listed(MarkedFrame):
    def _depth(self, rows: bytearray) -> int:
        if _is_list(rows):
            return 0
        structure = _TEXT.sub(b"", rows)
        return sum(map(structure.count, (b"[", b"{"))) - sum(map(structure.count, (b"]", b"}")))


class _Enveloped(_Listed):
    def piece(self, rows: bytes, before: int, *, last: bool) -> Piece:
        """The rows in the frame, which is left open where they do not belong to one list: behind
        the payload there may be other lists, which would be read as rows."""
        piece = super().piece(rows, before, last=last)
        if last or _is_list(piece.body[self.begin : -len(self.end)]):
            return piece
        return Piece(piece.body[: -len(self.end)])


def _is_list(rows: bytes | bytearray) -> bool:
    # The decoder refuses lone surrogates, which are for the reader to find.
    return _is_decoded(rows) or (
        _ESCAPE in rows and _is_decoded(rows.replace(_ESCAPE, _OTHER_ESCAPE))
    )


def _is_decoded(rows: bytes | bytearray) -> bool:
    try:
        _decode_list(b"".join((b"[", rows, b"]")))
    except (ValueError, RecursionError):
        return False
    return True


def frame(start: bytes, known: Known) -> Frame | None:
    """The frame of a body; None if its beginning does not show one."""
    head = _HEAD.match(start)
    if head is None:
        return None
    key = _FIRST_KEY.match(start, head.end())
    if key is None:
        return None
    next_row = rb"\}" + _SPACE + rb"," + _SPACE + rb"(\{\s*" + re.escape(key[1]) + rb"\s*:)"
    mark = re.compile(next_row).search(start, head.end())
    if mark is None:
        return None
    if head[0].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        return _Listed(head[0], mark[0], 1, len(mark[1]), b"]")
    return _Enveloped(head[0], mark[0], 1, len(mark[1]), b"]}")
