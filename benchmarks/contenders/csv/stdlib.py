"""csv.reader and csv.writer, with a loop by hand."""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.contenders.columns import records, tags_of_json
from benchmarks.contenders.csv.table import table_of
from benchmarks.records import WIRE_KEYS, WIRE_NAMES, Record, copies, wire_values_of

_TAGS = WIRE_NAMES.index("tags_id")


def _read(body: bytes) -> list[Any]:
    reader = csv.reader(table_of(body))
    header = next(reader)
    columns = dict(zip(header, zip(*reader, strict=True), strict=True))
    return records(columns, map(tags_of_json, columns["tagsId"]))


def _cells(row: Any) -> list[Any]:
    cells = list(wire_values_of(row))
    cells[_TAGS] = str(list(cells[_TAGS]))
    return cells


def _write(rows: list[Any]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(WIRE_KEYS)
    writer.writerows(map(_cells, rows))
    return text.getvalue().encode()


CONTENDER = Contender(
    "csv.reader loop, csv.writer loop", ("csv",), _read, partial(copies, Record), _write
)
