"""Where a long body can be cut: no text holds a brace, a comma and a quote that is not escaped."""

from __future__ import annotations

import re

from ckct_formats.formats import Known
from ckct_formats.formats.frame import Frame, MarkedFrame

_HEAD = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*(?=\{)|\{(?:[^"]|"(?!payload"))*+"payload"\s*:\s*\[\s*(?=\{))'
)
_FIRST_KEY = re.compile(rb'\{\s*("(?:[^"\\]|\\.)*+")\s*:')


def frame(start: bytes, known: Known) -> Frame | None:
    """The frame of a body; None if its beginning does not show one."""
    head = _HEAD.match(start)
    if head is None:
        return None
    key = _FIRST_KEY.match(start, head.end())
    if key is None:
        return None
    mark = re.search(rb"\}\s*,\s*(\{\s*" + re.escape(key[1]) + rb"\s*:)", start[head.end() :])
    if mark is None:
        return None
    is_bare = head[0].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    return MarkedFrame(head[0], mark[0], 1, len(mark[1]), b"]" if is_bare else b"]}")
