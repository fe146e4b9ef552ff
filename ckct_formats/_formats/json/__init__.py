"""The documented format.

A fast decoder reads the body, and its result counts only where it is proven that the decoder
passed nothing over; every other body is read again by the strict reader, which knows places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import msgspec

from ckct_formats._formats import Known, envelope, json_text
from ckct_formats._formats.alike import NotAlike
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import ABSENT, Absent
from ckct_formats._formats.faults import Fault, Misplaced
from ckct_formats._formats.foreign import foreign
from ckct_formats._formats.json import fast
from ckct_formats._formats.json.cutting import frame as frame
from ckct_formats._formats.json.places import Places
from ckct_formats._formats.table import Carries, RawResponse, Table, Take
from ckct_formats._limits import Limits

CARRIES = Carries()

_encode = msgspec.json.Encoder().encode


def declared_encoding(head: bytes) -> str | None:
    """JSON declares none."""
    return None


def count_nodes(data: bytes) -> int:
    """Commas and opening brackets."""
    return sum(map(data.count, (b",", b"[", b"{")))


def read(body: Body, limits: Limits, known: Known, take: Take) -> RawResponse:
    body.dialect = "json"
    response = _read_fast(body, limits, known, take) or _read_strictly(body, limits)
    response.locate = Places(body).locate
    return response


def write(response: RawResponse) -> bytes:
    table = response.table
    rows = _rows(table)
    parts = {"inbound": response.inbound, "info": response.info, "payload": rows}
    if response.inbound is ABSENT and response.info is ABSENT:
        return _encode(rows)
    return _encode({key: part for key, part in parts.items() if part is not ABSENT})


def _rows(table: Table) -> Sequence[Any]:
    """Rows as the encoder takes them fastest: structures, or dicts where keys differ."""
    if not table.length:
        return []
    names = tuple(table.columns)
    cells = [column.cells for column in table.columns.values()]
    if any(Absent in column.kinds for column in table.columns.values()):
        rows = [zip(names, row, strict=True) for row in zip(*cells, strict=True)]
        return [{key: cell for key, cell in row if cell is not ABSENT} for row in rows]
    if all(map(str.isidentifier, names)):
        return list(map(_row_type(names), *cells))
    return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]


@lru_cache(maxsize=64)
def _row_type(names: tuple[str, ...]) -> Callable[..., Any]:
    fields = [f"field{at}" for at in range(len(names))]
    return msgspec.defstruct("Row", fields, rename=dict(zip(fields, names, strict=True)), gc=False)


def _read_fast(body: Body, limits: Limits, known: Known, take: Take) -> RawResponse | None:
    data = body.utf8
    with suppress(NotAlike):
        return fast.read_documented(data, limits, known, take)
    with suppress(NotAlike):
        return fast.read_any(data, limits)
    return None


def _read_strictly(body: Body, limits: Limits) -> RawResponse:
    """The response, or the fault, with its place, of a body that the fast decoder left open."""
    text = body.text
    try:
        top = json_text.read(text, limits)
        return envelope.checked_response(top, limits)
    except Misplaced as misplaced:
        failed: Fault = foreign(text, "{[") or misplaced.without_frames()
        at = failed.at
    except Fault as fault:
        failed, at = fault.without_frames(), Places(body).locate(fault.path)
    raise body.error(failed, at)
