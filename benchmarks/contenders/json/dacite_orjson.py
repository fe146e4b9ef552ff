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
        # looked up by the type of a field, so a union will do
        str | None: values.text,
        int | None: values.integer,
        datetime | None: values.time,
        tuple[int, ...]: tuple,
    },
    check_types=False,
    convert_key={name: camel(name) for name in NAMES}.__getitem__,
)


def _read(body: bytes) -> list[Any]:
    return [dacite.from_dict(Record, row, _CONFIG) for row in orjson.loads(body)["payload"]]


CONTENDER = Contender("dacite + orjson", ("dacite", "orjson"), _read, lacks="dacite only reads")
