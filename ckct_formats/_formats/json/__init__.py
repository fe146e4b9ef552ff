"""JSON, the documented format.

A fast decoder reads a body, and its result counts only where it is proven that it passed nothing
over; every other body is read by the strict reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from ckct_formats._formats import envelope, json_text
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import ABSENT, Absent
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.foreign import foreign
from ckct_formats._formats.json.fast import read_fast
from ckct_formats._formats.json.places import places as places
from ckct_formats._formats.table import Constraints, KnownKeys, RawResponse, Table
from ckct_formats._limits import Limits

CONSTRAINTS = Constraints()

_encode = msgspec.json.Encoder().encode


def _read_strictly(body: Body, limits: Limits, known: KnownKeys) -> RawResponse:
    body.dialect = "json"
    try:
        top = json_text.read(body.text, limits)
    except Fault as fault:
        raise foreign(body.text) or fault from None
    return envelope.checked_response(top, limits)


WAYS = (read_fast, _read_strictly)


def declared_encoding(head: bytes) -> str | None:
    """JSON declares none."""
    return None


def count_nodes(data: bytes) -> int:
    """Commas and brackets."""
    return sum(map(data.count, (b",", b"[", b"]", b"{", b"}")))


def write(response: RawResponse) -> bytes:
    rows = _rows(response.table)
    if response.inbound is ABSENT and response.info is ABSENT:
        return _encode(rows)
    parts = {"inbound": response.inbound, "info": response.info, "payload": rows}
    return _encode({key: part for key, part in parts.items() if part is not ABSENT})


def _rows(table: Table) -> Sequence[Any]:
    """Rows as the encoder takes them fastest: structures, or dicts where keys differ."""
    if not table.length:
        return []
    if any(Absent in column.kinds for column in table.columns.values()):
        rows = table.rows()
        return [{key: cell for key, cell in row.items() if cell is not ABSENT} for row in rows]
    names = tuple(table.columns)
    if all(map(str.isidentifier, names)):
        cells = [column.cells for column in table.columns.values()]
        return list(map(_row_type(names), *cells))
    return list(table.rows())


@lru_cache(maxsize=64)
def _row_type(names: tuple[str, ...]) -> Callable[..., Any]:
    fields = [f"field{at}" for at in range(len(names))]
    return msgspec.defstruct("Row", fields, rename=dict(zip(fields, names, strict=True)), gc=False)
