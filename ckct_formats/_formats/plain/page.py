"""A dump in a web page: between `<pre>` tags, with HTML's escapes, with `<br />` line ends.

Each wrapping is taken off only where it is certain that it was put on.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from ckct_formats._formats.faults import Fault, Misplaced

_PRE = re.compile(r"\s*<pre(?:\s[^>]*)?>", re.IGNORECASE)
_PRE_END = re.compile(r"</pre>\s*\Z", re.IGNORECASE)
# What has arrows or quotes of its own, by which it is told whether they were escaped.
_DUMP = re.compile(
    r"\s*(?:Array|[A-Za-z_]\w* Object|array|\(object\)|\\?stdClass|object|[aO]:[0-9])"
)
_ESCAPE = re.compile(r"&(?:amp|lt|gt|quot|apos|#0?39);")
_OTHER_ESCAPE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#0?39);)")
_PIECE_CHARS = 500_000
# Where no tag and no escape is cut in two, and no line end.
_CUT = re.compile(r"(?=[<&])|[^<&\r\n]{10}")
_LINE_END = re.compile(r"(<br ?/?>)?(\r\n|\r|\n)")


def unwrapped(text: str) -> str:
    """The dump inside of a page; the text itself if there is no page around it."""
    opened, closed = _PRE.match(text), _PRE_END.search(text[-40:])
    if opened and not closed:
        raise Misplaced(opened.end(), "a <pre> that is never closed: the dump was cut short")
    is_dump = bool(_DUMP.match(text, opened.end() if opened else 0))
    start, end = 0, len(text)
    if opened and closed:
        start, end = opened.end(), end - (closed.end() - closed.start())
        if not is_dump and _ESCAPE.search(text, start, end):
            raise Fault("HTML's escapes in lines: whether all was escaped cannot be told")
    # Without a name here, so that what is cut out is not kept beside what is made of it.
    text = _without_breaks(text[start:end], is_dump=is_dump)
    return _unescaped(text) if is_dump else text


def _without_breaks(text: str, *, is_dump: bool) -> str:
    """Undo nl2br, which puts a `<br />` in front of every line break, the first one too. What ends
    in a bracket may have white space behind it; the end of a line belongs to its text."""
    body = text.lstrip() if is_dump else text
    if not body[: body.find("\n")].rstrip("\r").endswith(("<br />", "<br/>", "<br>")):
        return text
    body = text = body.rstrip() if is_dump else text
    ends = {bool(end[1]) for end in _LINE_END.finditer(body)}
    if ends != {True}:
        if not is_dump:
            raise Fault("a <br /> at the end of some lines: whether it is text cannot be told")
        return text
    body = _by_pieces(body, lambda lines: _LINE_END.sub(r"\2", lines))
    return body.removesuffix("<br />").removesuffix("<br>") if is_dump else body


def _unescaped(text: str) -> str:
    """Undo htmlspecialchars. Dumps hold arrows or quotes: where all are escaped, all was."""
    arrows = ">" not in text and "<" not in text and "=&gt;" in text
    quotes = '"' not in text and "=>" not in text and "&quot;" in text
    if not (arrows or quotes) or _OTHER_ESCAPE.search(text):
        return text
    return _by_pieces(text, html.unescape)


def _by_pieces(text: str, change: Callable[[str], str]) -> str:
    """A text in which tags, escapes or line ends are changed: to change all of it at once takes
    many times its length."""
    changed, start = list[str](), 0
    while start < len(text):
        cut = _CUT.search(text, start + _PIECE_CHARS)
        end = cut.end() if cut else len(text)
        changed.append(change(text[start:end]))
        start = end
    return "".join(changed)
