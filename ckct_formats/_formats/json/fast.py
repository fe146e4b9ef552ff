"""The fast decoder: rows that all have the keys of the first one, into structures.

It keeps the last of two equal keys in silence. But every key has its colon: if a body holds no more
colons than the keys and texts of what was read account for, no key was dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from json import JSONDecodeError, JSONDecoder
from operator import attrgetter
from types import NoneType
from typing import Any, NamedTuple

import msgspec

from ckct_formats._formats import json_text
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import ABSENT, Absent, Cell, levels
from ckct_formats._formats.faults import Unproven
from ckct_formats._formats.table import Column, KnownKeys, RawResponse, Table
from ckct_formats._limits import Limits

# Beyond this a structure costs more to make than it saves, and each body could ask for another.
_MAX_KEYS = 200
_MAX_ROW_BYTES = 20_000

_PAYLOAD = b'"payload"'
_FIRST_ROW = re.compile(rb"(?:\s*:)?\s*\[\s*(?=\{)")
# What the decoder takes for a key.
_KEY = re.compile(r"[^\"\\\0-\x1f\ud800-\udfff]*+")
_TEXTS: frozenset[type] = frozenset((str, NoneType))
_FAILURES = (ValueError, ArithmeticError, RecursionError)

# A text must not hold the first; the others are colons that cannot be seen in the body. All begin
# with what is quicker to look for.
_ESCAPE, _ESCAPES = rb"\u00", (rb"\u0000", rb"\u003a", rb"\u003A")

_decode = msgspec.json.Decoder(float_hook=json_text.number).decode
_decode_first = JSONDecoder().raw_decode


class _Rows(Table):
    """Rows that have the same keys, each of them once, in any order."""

    def __init__(self, columns: dict[str, Column], length: int, data: bytes) -> None:
        super().__init__(columns, length)
        self._data = data

    def row_keys(self) -> list[Sequence[str]]:
        top = _decode(self._data)
        return [list(row) for row in (top if isinstance(top, list) else top["payload"])]


class _Decoders(NamedTuple):
    """What decodes a body whose rows have certain keys: with an envelope, and without."""

    page: msgspec.json.Decoder[Any]
    rows: msgspec.json.Decoder[Any]


@lru_cache(maxsize=64)
def _decoders(keys: tuple[tuple[str, bool], ...]) -> _Decoders:
    names = {f"field{at}": key for at, (key, _) in enumerate(keys)}
    kinds = [str | None if is_text else Any for _, is_text in keys]
    # No row outlives the reading, nor can it hold itself: the collector need not know it.
    row: Any = msgspec.defstruct(
        "Row",
        list(zip(names, kinds, strict=True)),
        rename=names,
        forbid_unknown_fields=True,
        gc=False,
    )
    raw = msgspec.Raw
    parts: list[Any] = [("payload", list[row]), ("inbound", raw, ABSENT), ("info", raw, ABSENT)]
    page = msgspec.defstruct("Page", parts, forbid_unknown_fields=True)
    hook = json_text.number
    return _Decoders(
        msgspec.json.Decoder(page, float_hook=hook),
        msgspec.json.Decoder(list[row], float_hook=hook),
    )


def read_fast(body: Body, limits: Limits, known: KnownKeys) -> RawResponse:
    """The response of a body whose rows all have the keys of the first one."""
    body.dialect = "json"
    data = body.utf8
    if data[:1].isspace():
        data = data.lstrip()
    keys = _first_keys(data, min(_MAX_KEYS, limits.columns))
    decoders = _decoders(tuple((key, known.get(key, False)) for key in keys))
    inbound = info = ABSENT
    try:
        if data.startswith(b"["):
            rows = decoders.rows.decode(data)
            around: dict[str, Cell] = {}
        else:
            page = decoders.page.decode(data)
            rows = page.payload
            inbound, info = (_part(each) for each in (page.inbound, page.info))
            around = {"inbound": inbound, "info": info, "payload": None}
    except _FAILURES:
        raise Unproven from None
    if not 0 < len(rows) <= limits.records:
        raise Unproven
    columns = {}
    for name, key in zip(rows[0].__struct_fields__, keys, strict=True):
        cells = list(map(attrgetter(name), rows))
        columns[key] = Column(cells, _TEXTS) if known.get(key) else Column.of(cells)
    table = _Rows(columns, len(rows), data)
    around = {key: part for key, part in around.items() if part is not ABSENT}
    if not _is_whole(data, around, table, limits):
        raise Unproven
    return RawResponse(inbound, info, table)


def _first_keys(data: bytes, max_keys: int) -> tuple[str, ...]:
    """The keys of the first row; `Unproven` if there is none, or if it is not found at once."""
    at = data.find(_PAYLOAD) + len(_PAYLOAD) if data.startswith(b"{") else 0
    found = _FIRST_ROW.match(data, at)
    if found is None:
        raise Unproven
    start = data[found.end() : found.end() + _MAX_ROW_BYTES].decode("utf-8", "ignore")
    try:
        row, _ = _decode_first(start)
    except (JSONDecodeError, RecursionError, ValueError):
        raise Unproven from None
    if not 0 < len(row) <= max_keys or not all(map(_KEY.fullmatch, row)):
        raise Unproven
    return tuple(row)


def _part(raw: msgspec.Raw | Absent) -> Cell:
    return raw if isinstance(raw, Absent) else _decode(raw)


def _is_whole(data: bytes, around: dict[str, Cell], table: Table, limits: Limits) -> bool:
    """Whether what was read of a body is all that it holds: no key occurs twice, no text holds NUL
    and nothing nests too deep."""
    if _ESCAPE in data and any(escape in data for escape in _ESCAPES):
        return False
    colons, depth = _measure([around])
    depth = max(depth, 3)
    for key, column in table.columns.items():
        colons += (1 + key.count(":")) * table.length
        if column.kinds <= _TEXTS:
            colons += "".join(filter(None, column.cells)).count(":")
        elif not column.kinds <= {int, NoneType}:
            more, nested = _measure(column.cells)
            colons, depth = colons + more, max(depth, nested + 3)
    return depth <= limits.depth and data.count(b":") == colons


def _measure(cells: Iterable[Cell]) -> tuple[int, int]:
    """How many colons the keys and texts of trees account for, and how deep they nest."""
    colons = depth = 0
    for objects, lists, texts, _ in levels(cells):
        depth += bool(objects or lists)
        colons += sum(map(len, objects)) + "".join(chain(texts, *objects)).count(":")
    return colons, depth
