"""pydantic-xml, on lxml."""

from __future__ import annotations

from typing import Any

from pydantic_xml import create_model, element, wrapped
from pydantic_xml.element import SearchMode

from benchmarks.contenders import Contender
from benchmarks.contenders.pydantic_rows import ROW_TYPES
from benchmarks.records import DEFAULTS, NAMES, WIRE_NAMES, camel, list_of, values_of
from ckct_formats import Call, Response


def _field(name: str) -> Any:
    default = DEFAULTS.get(name, ...)
    if name == "tags_id":
        return wrapped(camel(name), element(tag="item", default=default), default=default)
    return element(tag=camel(name), default=default)


# Elements are looked for in the order of the fields, which is the fastest mode; the page skips
# its envelope.
_FIELDS: dict[str, Any] = {name: (ROW_TYPES[name], _field(name)) for name in WIRE_NAMES}
_ROW: Any = create_model("Row", __tag__="item", **_FIELDS)
_PAYLOAD: Any = (list_of(_ROW), wrapped("payload", element(tag="item")))
_PAGE: Any = create_model(
    "Page", __tag__="response", __search_mode__=SearchMode.ORDERED, payload=_PAYLOAD
)


def _read(body: bytes) -> list[Any]:
    return _PAGE.from_xml(body).payload


def _prepare(page: Response[Call]) -> Any:
    rows = [_ROW(**dict(zip(NAMES, values_of(call), strict=True))) for call in page.payload]
    return _PAGE(payload=rows)


def _write(page: Any) -> bytes:
    return page.to_xml(skip_empty=True)


CONTENDER = Contender("pydantic-xml", ("pydantic_xml",), _read, _prepare, _write)
