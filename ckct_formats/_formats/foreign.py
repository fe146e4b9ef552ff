"""What a PHP server writes before a body, or instead of one."""

from __future__ import annotations

import re

from ckct_formats._formats.faults import Fault

_HTML = re.compile(r"\s*(?:<!--[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
# PHP's display_errors, as text or as HTML (html_errors): "Notice: Undefined index … on line 3".
_NOTICE = re.compile(
    r"\s*(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?"
    r"(?:(?:Recoverable |Catchable )?[Ff]atal error|(?:Parse|Core|Compile) error"
    r"|(?:Core |Compile )?[Ww]arning|Notice|Deprecated|Strict Standards)(?:</b>)?: "
)


def foreign(text: str) -> Fault | None:
    """The fault of a body that is empty, an HTML page or a message of PHP; None of others."""
    if not text or text.isspace():
        reason = "the body is empty: the server sent nothing, which PHP does when it fails"
        return Fault(reason, at=0)
    if _HTML.match(text):
        reason = "the body is an HTML page, most likely an error of the server"
    elif _NOTICE.match(text):
        reason = "the body begins with a message of PHP itself: the server failed"
    else:
        return None
    return Fault(reason, text.lstrip()[:300], at=0)
