"""polars.read_csv, to rows, and back."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from benchmarks.contenders import Contender
from benchmarks.records import NAMES, WIRE_KEYS, Record, camel, copies, wire_values_of

_TIME = "%Y-%m-%d %H:%M:%S"
_TYPED = [
    pl.col("callId", "duration", "campaignId").cast(pl.Int64),
    pl.col("timeStart").str.to_datetime(_TIME),
    pl.col("tagsId").str.json_decode(pl.List(pl.Int64)),
]
_KEYS = [camel(name) for name in NAMES]
_JSON = pl.format("[{}]", pl.col("tagsId").cast(pl.List(pl.String)).list.join(","))


def _read(body: bytes) -> list[Any]:
    frame = pl.read_csv(body, comment_prefix="#", infer_schema=False, null_values=["", "-"])
    columns = {key: frame[key] for key in frame.columns} | {
        column.name: column for column in frame.select(_TYPED)
    }
    values: dict[str, Any] = {key: column.to_list() for key, column in columns.items()}
    values["tagsId"] = [tuple(tags or ()) for tags in values["tagsId"]]
    return list(map(Record, *(values[key] for key in _KEYS)))


def _write(rows: list[Any]) -> bytes:
    columns = zip(*map(wire_values_of, rows), strict=True)
    frame = pl.DataFrame(dict(zip(WIRE_KEYS, columns, strict=True)))
    frame = frame.with_columns(_JSON.alias("tagsId"))
    return frame.write_csv(datetime_format=_TIME, line_terminator="\r\n").encode()


CONTENDER = Contender("polars", ("polars",), _read, partial(copies, Record), _write)
