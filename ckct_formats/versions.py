"""Which version of the API a body is of, where the wrong record type was passed."""

from __future__ import annotations

import re

from ckct_formats.errors import ParseError
from ckct_formats.formats.body import Buffer
from ckct_formats.model import Call
from ckct_formats.model_v3 import CallV3

# The field that every call of a version has, and no call of another version.
_IDENTIFIERS: dict[type, tuple[str, bytes]] = {
    Call: ("v1", b"callId"),
    CallV3: ("v3", b"universalId"),
}


def advice(body: Buffer, record_type: type) -> str | None:
    """What to say of a body whose calls are of another version than `record_type` is; None if they
    are not, or if that cannot be told."""
    if record_type not in _IDENTIFIERS:
        return None
    data = body.encode(errors="replace") if isinstance(body, str) else bytes(body)
    data = data.replace(b"\0", b"")  # in UTF-16 these letters have zeros between them
    found = [kind for kind, (_, key) in _IDENTIFIERS.items() if re.search(rb"\b%b\b" % key, data)]
    if len(found) != 1 or found[0] is record_type:
        return None
    version, name = _IDENTIFIERS[found[0]][0], found[0].__name__
    return f"this looks like API {version}: pass record_type={name}"


def of_another_version(body: Buffer, record_type: type, failed: ParseError) -> ParseError | None:
    """The error of a body of another version, instead of the one that reading it gave."""
    if type(failed) is not ParseError:
        return None
    reason = advice(body, record_type)
    if reason is None:
        return None
    return ParseError(reason, format=failed.format, dialect=failed.dialect, path=("payload",))
