"""csv.DictReader, its dicts validated by pydantic dataclasses; csv.DictWriter."""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter

from benchmarks.contenders import Contender
from benchmarks.contenders.columns import tags_of_json
from benchmarks.contenders.csv.table import table_of
from benchmarks.contenders.pydantic_rows import IMPORTS, row_class
from benchmarks.records import WIRE_KEYS, copies, list_of


def _tags(cell: Any) -> Any:
    return tags_of_json(cell) if isinstance(cell, str) else cell


_ROW = row_class(Annotated[tuple[int, ...], BeforeValidator(_tags)])
_ROWS = TypeAdapter[Any](list_of(_ROW))


def _read(body: bytes) -> list[Any]:
    return _ROWS.validate_python(list(csv.DictReader(table_of(body))))


def _write(rows: list[Any]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, WIRE_KEYS)
    writer.writeheader()
    writer.writerows(_ROWS.dump_python(rows, mode="json", by_alias=True))
    return text.getvalue().encode()


CONTENDER = Contender(
    "csv.DictReader + pydantic, csv.DictWriter",
    ("csv", *IMPORTS),
    _read,
    partial(copies, _ROW),
    _write,
)
