"""msgspec: typed Structs from the JSON, blanks left as they are."""

from __future__ import annotations

from typing import Any

from benchmarks.contenders import Contender
from benchmarks.contenders.json.structs import page_decoder

_DECODER = page_decoder()[1]


def _read(body: bytes) -> list[Any]:
    return _DECODER.decode(body).payload


CONTENDER = Contender("msgspec Structs", ("msgspec",), _read, floor=True)
