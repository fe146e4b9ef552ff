"""Which version of the API a body is of, where the wrong record type was passed."""

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
# A page of calls is shorter, and one row says what all are.
_HEAD_BYTES = 1_000_000
# A key as each format writes it, for certain no text.
_PHP_KEY = r"\[%s\] => |'%s' ?=> ?|\[\"%s\"\]=>|s:[0-9]+:\"%s\";|(?:^|[.\[])%s\]? ?[:=]"
_KEYS = {
    Format.JSON: r'"%s"\s*:',
    Format.XML: r"<(?:\w+:)?%s[\s/>]|\s%s=[\"']",
    Format.CSV: r'(?:^|[,;\t|.])"?%s"?(?:[,;\t|\r\n]|\Z)',
}


def advice(body: Buffer, format: Format | None, record_type: type) -> str | None:
    """What to say of a body whose calls are of another version than `record_type` is; None if they
    are not, or if that cannot be told."""
    if record_type not in _IDENTIFIERS or format is None:
        return None
    text = body if isinstance(body, str) else _ascii(bytes(body))
    found = [kind for kind, (_, key) in _IDENTIFIERS.items() if _has_key(text, format, key)]
    if len(found) != 1 or found[0] is record_type:
        return None
    version, name = _IDENTIFIERS[found[0]][0], found[0].__name__
    return f"this looks like API {version}: pass record_type={name}"


def of_another_version(body: Buffer, record_type: type, failed: ParseError) -> ParseError | None:
    """The error of a body of another version, instead of the one that reading it gave."""
    if type(failed) is not ParseError:
        return None
    reason = advice(body, failed.format, record_type)
    if reason is None:
        return None
    return ParseError(reason, format=failed.format, dialect=failed.dialect, path=("payload",))


def _ascii(data: bytes) -> str:
    """The keys of a body in whatever encoding: they are ASCII, in UTF-16 with zeros between."""
    return data[:_HEAD_BYTES].replace(b"\0", b"").decode("ascii", "replace")


def _has_key(text: str, format: Format, key: str) -> bool:
    shape = _KEYS.get(format, "|".join([_PHP_KEY, *_KEYS.values()]))
    return re.search(shape.replace("%s", key), text, re.MULTILINE) is not None
