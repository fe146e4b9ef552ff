"""What a PHP server writes in front of a body, or instead of one."""

from __future__ import annotations

import re

from ckct_formats.formats.raw import Fault

_HTML = re.compile(r"\s*(?:<!--[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
# PHP's display_errors, as text or as HTML (html_errors): "Notice: Undefined index … on line 3".
_NOTICE = re.compile(
    r"\s*(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?"
    r"(?:Fatal error|Parse error|Warning|Notice|Deprecated|Strict Standards)(?:</b>)?: "
)


def foreign(text: str, openings: str = "") -> Fault | None:
    """What stands in a body's place, if it is known to be no body and begins with no opening."""
    start = text.lstrip()
    if openings and start.startswith(tuple(openings)):
        return None
    if not start:
        return Fault("the body is empty: the server sent nothing, which PHP does when it fails")
    if _HTML.match(text):
        return Fault("the body is an HTML page, most likely an error of the server", start)
    if _NOTICE.match(text):
        return Fault("the body begins with a message of PHP itself: the server failed", start)
    return None
