"""Whether a body is of another version of the API than the record type that was passed."""

from __future__ import annotations

import re

from ckct_formats._errors import ParseError
from ckct_formats._format import Format
from ckct_formats._formats.body import Buffer
from ckct_formats._model import Call
from ckct_formats._model_v3 import CallV3

# The field that every call of a version has, and no call of another version.
_IDENTIFIERS: dict[type, tuple[str, str]] = {
    Call: ("v1", "callId"),
    CallV3: ("v3", "universalId"),
}
# More than a page of calls; one row would do.
_HEAD_BYTES = 1_000_000
# A key as each format writes it, where it can be no text.
_KEYS = {
    Format.JSON: r'"%s"\s*:',
    Format.XML: r"<(?:\w+:)?%s[\s/>]|\s%s=[\"']",
    Format.CSV: r'(?:^|[,;\t|.])"?%s"?(?:[,;\t|\r\n]|\Z)',
}
_PHP_KEY = r"\[%s\] => |'%s' ?=> ?|\[\"%s\"\]=>|s:[0-9]+:\"%s\";|(?:^|[.\[])%s\]? ?[:=]"
_KEYS[Format.PLAIN] = "|".join([_PHP_KEY, *_KEYS.values()])


def advice(body: Buffer, format: Format | None, record_type: type) -> str | None:
    """What to pass for a body whose calls are of another version than `record_type`; None if they
    are not, or if that is unclear."""
    if record_type not in _IDENTIFIERS or format is None:
        return None
    text = body
    if not isinstance(text, str):  # keys are ASCII in any encoding, in UTF-16 with zeros between
        text = bytes(text)[:_HEAD_BYTES].replace(b"\0", b"").decode("ascii", "replace")
    found = [
        kind
        for kind, (_, key) in _IDENTIFIERS.items()
        if re.search(_KEYS[format].replace("%s", key), text, re.MULTILINE)
    ]
    if len(found) != 1 or found[0] is record_type:
        return None
    return f"this looks like API {_IDENTIFIERS[found[0]][0]}: pass record_type={found[0].__name__}"


def of_another_version(body: Buffer, record_type: type, failed: ParseError) -> ParseError | None:
    """The error for a body of another version, in place of the one that reading it raised."""
    if type(failed) is not ParseError:
        return None
    reason = advice(body, failed.format, record_type)
    if reason is None:
        return None
    return ParseError(reason, format=failed.format, dialect=failed.dialect, path=("payload",))
