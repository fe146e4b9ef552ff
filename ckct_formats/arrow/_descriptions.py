"""What a dataclass says of its fields in the section "Attributes:" of its docstring."""

from __future__ import annotations

import re
from functools import lru_cache
from inspect import cleandoc
from typing import Any

_SECTION = re.compile(r"^Attributes:\n((?:(?: +.*)?(?:\n|\Z))+)", re.MULTILINE)
_NAMES = re.compile(r"\w+(?:, \w+)*")


@lru_cache(maxsize=256)
def descriptions(record_type: Any) -> dict[str, str]:
    """The descriptions of fields, by name. Fields that are described together have the same."""
    section = _SECTION.search(cleandoc(record_type.__doc__ or ""))
    if section is None:
        return {}
    # An entry begins where a line is indented no more than the first one.
    entries = re.split(r"\n(?=\S)", cleandoc(section[1]))
    described: dict[str, str] = {}
    for entry in entries:
        names, colon, text = entry.partition(":")
        if colon and _NAMES.fullmatch(names):
            described |= dict.fromkeys(names.split(", "), " ".join(text.split()))
    return described
