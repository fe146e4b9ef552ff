"""What a PHP server writes in front of a body, or instead of one."""

from __future__ import annotations

import re

from ckct_formats._formats.faults import Misplaced

_HTML = re.compile(r"\s*(?:<!--[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
# PHP's display_errors, as text or as HTML (html_errors): "Notice: Undefined index … on line 3".
_NOTICE = re.compile(
    r"\s*(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?"
    r"(?:(?:Recoverable |Catchable )?[Ff]atal error|(?:Parse|Core|Compile) error"
    r"|(?:Core |Compile )?[Ww]arning|Notice|Deprecated|Strict Standards)(?:</b>)?: "
)


def foreign(text: str, openings: str = "") -> Misplaced | None:
    """What stands in a body's place, if it is known to be no body and begins with no opening."""
    start = text.lstrip()
    if openings and start.startswith(tuple(openings)):
        return None
    if not start:
        reason = "the body is empty: the server sent nothing, which PHP does when it fails"
        return Misplaced(0, reason)
    if _HTML.match(text):
        reason = "the body is an HTML page, most likely an error of the server"
    elif _NOTICE.match(text):
        reason = "the body begins with a message of PHP itself: the server failed"
    else:
        return None
    return Misplaced(0, reason, start)
