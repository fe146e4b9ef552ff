"""dacite, on what orjson reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import dacite
import orjson

from benchmarks.contenders import Contender
from benchmarks.contenders.json import values
from benchmarks.records import NAMES, Record, camel

_CONFIG = dacite.Config(
    type_hooks={
        str | None: values.text,  # type: ignore[dict-item]  # looked up by the field's type
        int | None: values.integer,  # type: ignore[dict-item]
        datetime | None: values.time,  # type: ignore[dict-item]
        tuple[int, ...]: tuple,
    },
    check_types=False,
    convert_key={name: camel(name) for name in NAMES}.__getitem__,
)


def _read(body: bytes) -> list[Any]:
    return [dacite.from_dict(Record, row, _CONFIG) for row in orjson.loads(body)["payload"]]


CONTENDER = Contender("dacite + orjson", ("dacite", "orjson"), _read, lacks="dacite only reads")
