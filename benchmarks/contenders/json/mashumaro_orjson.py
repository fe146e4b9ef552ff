"""mashumaro: its codecs for orjson."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

from mashumaro import field_options
from mashumaro.codecs.orjson import ORJSONDecoder, ORJSONEncoder
from mashumaro.config import BaseConfig

from benchmarks.contenders import Contender
from benchmarks.contenders.json import values
from benchmarks.records import NAMES, OPTIONAL_INTEGERS, TEXTS, camel, copies, list_of, record_class


class _Config(BaseConfig):
    serialize_by_alias = True


def _options() -> dict[str, dict[str, Any]]:
    rules: dict[str, Any] = dict.fromkeys(TEXTS, values.text)
    rules |= dict.fromkeys(OPTIONAL_INTEGERS, values.integer)
    rules |= {"time_start": values.time}
    return {name: field_options(alias=camel(name), deserialize=rules.get(name)) for name in NAMES}


_ROW: Any = record_class("Row", metadata=_options())
_ROW.Config = _Config
_PAGE: Any = dataclasses.make_dataclass("Page", [("payload", list_of(_ROW))])
_decode = ORJSONDecoder[Any](_PAGE).decode
_encode = ORJSONEncoder[Any](list_of(_ROW)).encode


def _read(body: bytes) -> list[Any]:
    page: Any = _decode(body)
    return page.payload


CONTENDER = Contender(
    "mashumaro + orjson", ("mashumaro.codecs.orjson",), _read, partial(copies, _ROW), _encode
)
