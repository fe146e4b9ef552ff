"""csv alone: rows of texts from the body, and back."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.records import WIRE_KEYS, wire_values_of
from ckct_formats import Call, Response


def _read(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode(), newline="")))


def _prepare(page: Response[Call]) -> list[list[str]]:
    rows = [[_text(value) for value in wire_values_of(call)] for call in page.payload]
    return [list(WIRE_KEYS), *rows]


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return json.dumps(value)
    return "" if value is None else str(value)


def _write(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


CONTENDER = Contender("csv.reader, csv.writer", ("csv",), _read, _prepare, _write, floor=True)
