"""A dump in a web page: between `<pre>` tags, with HTML's escapes, with `<br />` line ends.

Each of these is undone only where it is certain that it was done.
"""

from __future__ import annotations

import html
import re

from ckct_formats._formats.faults import Fault

_PRE = re.compile(r"\s*<pre(?:\s[^>]*)?>", re.IGNORECASE)
_PRE_END = re.compile(r"</pre>\s*\Z", re.IGNORECASE)
# What has arrows or quotes of its own, which show whether they were escaped.
_DUMP = re.compile(
    r"\s*(?:Array|[A-Za-z_]\w* Object|array|\(object\)|\\?stdClass|object|[aO]:[0-9])"
)
_ESCAPE = re.compile(r"&(?:amp|lt|gt|quot|apos|#0?39);")
_OTHER_ESCAPE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#0?39);)")
_LINE_END = re.compile(r"(<br ?/?>)?(\r\n|\r|\n)")


def unwrapped(text: str) -> str:
    """The dump inside of a page; the text itself if there is no page around it."""
    opened, closed = _PRE.match(text), _PRE_END.search(text[-40:])
    if opened and not closed:
        raise Fault("a <pre> that is never closed: the dump was cut short", at=opened.end())
    is_dump = bool(_DUMP.match(text, opened.end() if opened else 0))
    start, end = 0, len(text)
    if opened and closed:
        start, end = opened.end(), end - (closed.end() - closed.start())
        if not is_dump and _ESCAPE.search(text, start, end):
            raise Fault("HTML's escapes in lines: whether all was escaped is not certain")
    text = _without_breaks(text[start:end], is_dump=is_dump)
    return _unescaped(text) if is_dump else text


def _without_breaks(text: str, *, is_dump: bool) -> str:
    """Undo nl2br, which puts a `<br />` before every line break, the first one too.

    White space after a dump that ends in a bracket means nothing; after a line it is its text's.
    """
    body = text.lstrip() if is_dump else text
    if not body[: body.find("\n")].rstrip("\r").endswith(("<br />", "<br/>", "<br>")):
        return text
    body = text = body.rstrip() if is_dump else text
    ends = {bool(end[1]) for end in _LINE_END.finditer(body)}
    if ends != {True}:
        if not is_dump:
            raise Fault("a <br /> at the end of some lines: it may be text")
        return text
    body = _LINE_END.sub(r"\2", body)
    return body.removesuffix("<br />").removesuffix("<br>") if is_dump else body


def _unescaped(text: str) -> str:
    """Undo htmlspecialchars. Dumps hold arrows or quotes: where all are escaped, all was."""
    arrows = ">" not in text and "<" not in text and "=&gt;" in text
    quotes = '"' not in text and "=>" not in text and "&quot;" in text
    if not (arrows or quotes) or _OTHER_ESCAPE.search(text):
        return text
    return html.unescape(text)
