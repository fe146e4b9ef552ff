"""xmltodict, its dicts validated by pydantic dataclasses."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import xmltodict
from pydantic import BeforeValidator, TypeAdapter

from benchmarks.contenders import Contender
from benchmarks.contenders.pydantic_rows import IMPORTS, row_class
from benchmarks.records import copies, list_of


def _items(cell: Any) -> Any:
    return cell["item"] if isinstance(cell, dict) else cell or ()


_ROW = row_class(Annotated[tuple[int, ...], BeforeValidator(_items)])
_ROWS = TypeAdapter[Any](list_of(_ROW))


def _read(body: bytes) -> list[Any]:
    page = xmltodict.parse(body, strip_whitespace=False, force_list=("item",))
    return _ROWS.validate_python(page["response"]["payload"]["item"])


def _write(rows: list[Any]) -> bytes:
    items = _ROWS.dump_python(rows, mode="json", by_alias=True)
    for item in items:
        item["tagsId"] = {"item": item["tagsId"]}
    return xmltodict.unparse({"response": {"payload": {"item": items}}}).encode()


CONTENDER = Contender(
    "xmltodict + pydantic",
    ("xmltodict", *IMPORTS),
    _read,
    partial(copies, _ROW),
    _write,
    differs={"serialize": "a carriage return is written as it is, which XML reads as a line feed"},
)
