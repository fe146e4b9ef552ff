"""msgspec's Structs of a call and of a page."""

from __future__ import annotations

from typing import Any

import msgspec

from benchmarks.records import DEFAULTS, TYPES, list_of


def page_decoder(types: dict[str, Any] = TYPES) -> tuple[Any, msgspec.json.Decoder[Any]]:
    """The Struct of a call with these types, and a decoder of pages of it."""
    fields = [
        (name, kind, DEFAULTS[name]) if name in DEFAULTS else (name, kind)
        for name, kind in types.items()
    ]
    row = msgspec.defstruct("Row", fields, rename="camel")
    page: Any = msgspec.defstruct("Page", [("payload", list_of(row))])
    return row, msgspec.json.Decoder(page)
