"""pandas.read_csv, to rows, and back."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

import pandas as pd

from benchmarks.contenders import Contender
from benchmarks.contenders.columns import records, tags_of_json
from benchmarks.records import WIRE_KEYS, Record, copies, wire_values_of


def _read(body: bytes) -> list[Any]:
    frame = pd.read_csv(
        io.BytesIO(body), comment="#", dtype=object, keep_default_na=False, na_filter=False
    )
    columns = {key: frame[key].tolist() for key in WIRE_KEYS}
    return records(columns, map(tags_of_json, columns["tagsId"]))


def _write(rows: list[Any]) -> bytes:
    frame = pd.DataFrame(map(wire_values_of, rows), columns=list(WIRE_KEYS), dtype=object)
    frame["tagsId"] = [str(list(tags)) for tags in frame["tagsId"]]
    return frame.to_csv(index=False, lineterminator="\r\n").encode()


CONTENDER = Contender("pandas", ("pandas",), _read, partial(copies, Record), _write)
