"""The page as xsdata's dataclasses, and what its two handlers share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any

from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer

from benchmarks.contenders.columns import records
from benchmarks.records import NAMES, WIRE_NAMES, camel, list_of, values_of
from ckct_formats import Call, Response

IMPORTS = ("xsdata.formats.dataclass.parsers", "xsdata.formats.dataclass.serializers")

_CONTEXT = XmlContext()


def _row_class(types: dict[str, Any]) -> type[Any]:
    fields = [(name, types.get(name, str | None), _field(name)) for name in WIRE_NAMES]
    return dataclasses.make_dataclass("Row", fields)


def _field(name: str) -> Any:
    metadata = {"name": camel(name), "type": "Element"}
    if name == "tags_id":
        metadata |= {"wrapper": camel(name), "name": "item"}
        return dataclasses.field(default_factory=list, metadata=metadata)
    if name == "time_start":
        metadata |= {"format": "%Y-%m-%d %H:%M:%S"}
    return dataclasses.field(default=None, metadata=metadata)


def _page_class(row: type[Any]) -> Any:
    payload: Any = dataclasses.field(
        default_factory=list, metadata={"wrapper": "payload", "name": "item", "type": "Element"}
    )
    page: Any = dataclasses.make_dataclass("Page", [("payload", list_of(row), payload)])
    page.Meta = type("Meta", (), {"name": "response"})
    return page


# xsdata leaves an empty element a text, of whatever type it is to be: so all are read as texts.
_TAGS = {"tags_id": list[int]}
_PAGE_OF_TEXTS = _page_class(_row_class(_TAGS))
_TYPED_ROW = _row_class(
    _TAGS
    | dict.fromkeys(("call_id", "duration", "campaign_id"), int | None)
    | {"time_start": datetime | None}
)
_TYPED_PAGE = _page_class(_TYPED_ROW)


def reader(handler: Any) -> Callable[[bytes], list[Any]]:
    """Bodies to records, with one of xsdata's handlers."""
    config = ParserConfig(fail_on_unknown_properties=False)  # the envelope
    parser = XmlParser(config=config, context=_CONTEXT, handler=handler)

    def read(body: bytes) -> list[Any]:
        rows = parser.from_bytes(body, _PAGE_OF_TEXTS).payload
        columns = {camel(name): [getattr(row, name) for row in rows] for name in NAMES}
        return records(columns, map(tuple, columns["tagsId"]))

    return read


def prepare(page: Response[Call]) -> Any:
    """A page of typed rows."""
    rows = [_TYPED_ROW(**dict(zip(NAMES, values_of(call), strict=True))) for call in page.payload]
    return _TYPED_PAGE(rows)


def writer(kind: Any) -> Callable[[Any], bytes]:
    """Pages to bodies, with one of xsdata's writers."""
    serializer = XmlSerializer(context=_CONTEXT, writer=kind)

    def write(page: Any) -> bytes:
        return serializer.render(page).encode()

    return write
