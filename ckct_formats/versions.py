"""Which version of the API a body is of, where the wrong record type was passed."""

from __future__ import annotations

import re

from ckct_formats.errors import ParseError
from ckct_formats.model import Call
from ckct_formats.model_v3 import CallV3

# The field that every call of a version has, and no call of another version.
_IDENTIFIERS: dict[type, tuple[str, bytes]] = {
    Call: ("v1", b"callId"),
    CallV3: ("v3", b"universalId"),
}


def of_another_version(data: bytes, record_type: type, failed: ParseError) -> ParseError | None:
    """What to say of a body that could not be read as one version, if it is of another one.

    Args:
        data: The body, in whatever encoding: identifiers are ASCII.
        record_type: The type that it was read as.
        failed: What was wrong with that.
    """
    if record_type not in _IDENTIFIERS or type(failed) is not ParseError:
        return None
    data = data.replace(b"\0", b"")  # UTF-16
    found = [kind for kind, (_, key) in _IDENTIFIERS.items() if re.search(rb"\b%b\b" % key, data)]
    if len(found) != 1 or found[0] is record_type:
        return None
    version, name = _IDENTIFIERS[found[0]][0], found[0].__name__
    return ParseError(
        f"this looks like API {version}: pass record_type={name}",
        format=failed.format,
        dialect=failed.dialect,
        path=("payload",),
    )
