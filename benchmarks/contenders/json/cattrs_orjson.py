"""cattrs: its converter for orjson."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.orjson import make_converter

from benchmarks.contenders import Contender
from benchmarks.contenders.json import values
from benchmarks.records import NAMES, OPTIONAL_INTEGERS, TEXTS, Record, camel, copies, list_of


def _overrides() -> dict[str, Any]:
    hooks: dict[str, Any] = dict.fromkeys(TEXTS, values.text)
    hooks |= dict.fromkeys(OPTIONAL_INTEGERS, values.integer)
    hooks |= {"time_start": values.time}
    return {name: override(rename=camel(name), struct_hook=hooks.get(name)) for name in NAMES}


_RECORDS = list_of(Record)
_converter = make_converter(detailed_validation=False)
_converter.register_structure_hook(
    Record, make_dict_structure_fn(Record, _converter, **_overrides())
)
_converter.register_unstructure_hook(
    Record, make_dict_unstructure_fn(Record, _converter, **_overrides())
)


def _read(body: bytes) -> list[Any]:
    return _converter.structure(orjson.loads(body)["payload"], _RECORDS)


def _write(rows: list[Any]) -> bytes:
    return _converter.dumps(rows, unstructure_as=_RECORDS)


CONTENDER = Contender(
    "cattrs + orjson", ("cattrs.preconf.orjson",), _read, partial(copies, Record), _write
)
