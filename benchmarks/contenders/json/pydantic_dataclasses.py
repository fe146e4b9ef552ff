"""pydantic v2: dataclasses validated right from the JSON."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from benchmarks.contenders import Contender
from benchmarks.contenders.pydantic_rows import IMPORTS, row_class
from benchmarks.records import copies, list_of

_ROW = row_class()
_PAGE = dataclass(dataclasses.make_dataclass("Page", [("payload", list_of(_ROW))]))
_PAGES = TypeAdapter[Any](_PAGE)
_ROWS = TypeAdapter[Any](list_of(_ROW))


def _read(body: bytes) -> list[Any]:
    return _PAGES.validate_json(body).payload


def _write(rows: list[Any]) -> bytes:
    return _ROWS.dump_json(rows, by_alias=True)


CONTENDER = Contender("pydantic dataclasses", IMPORTS, _read, partial(copies, _ROW), _write)
