"""orjson alone: dicts from the JSON, and back."""

from __future__ import annotations

from typing import Any

import orjson

from benchmarks.contenders import Contender
from benchmarks.records import WIRE_KEYS, wire_values_of
from ckct_formats import Call, Response


def _prepare(page: Response[Call]) -> dict[str, Any]:
    rows = [dict(zip(WIRE_KEYS, wire_values_of(call), strict=True)) for call in page.payload]
    return {"payload": rows}


CONTENDER = Contender(
    "orjson to dicts", ("orjson",), orjson.loads, _prepare, orjson.dumps, floor=True
)
