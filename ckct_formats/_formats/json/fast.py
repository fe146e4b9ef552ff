"""The fast decoder: the documented rows into structures, all others into dicts.

What it reads counts only where it is proven that it passed nothing over (see proof.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from ckct_formats._formats import Known, envelope, json_text
from ckct_formats._formats.alike import NotAlike, batches
from ckct_formats._formats.cells import ABSENT, Absent, Cell
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.json.proof import TEXTS, is_proven, measure, measure_table
from ckct_formats._formats.table import Column, RaggedTable, RawResponse, Table, Take, table_of
from ckct_formats._limits import Limits

# A body longer than a page is cut into rows first, and these are decoded in batches.
_PAGE_BYTES = 1_400_000
_FAILURES = (ValueError, ArithmeticError, RecursionError)

_decode = msgspec.json.Decoder(float_hook=json_text.number).decode


class _Documented(Table):
    """Rows that have the documented keys, each of them once, in any order."""

    def __init__(self, columns: dict[str, Column], length: int, data: bytes) -> None:
        super().__init__(columns, length)
        self._data = data

    def row_keys(self) -> list[Sequence[str]]:
        top = _decode(self._data)
        return [list(row) for row in (top if isinstance(top, list) else top["payload"])]


class _Decoders(NamedTuple):
    """What decodes a page whose rows have certain keys and no others.

    Attributes:
        page: The page with its rows.
        cut: The page with its rows undecoded.
        rows, cut_rows: The same of rows without a page around them.
        row: One row.
    """

    page: msgspec.json.Decoder[Any]
    cut: msgspec.json.Decoder[Any]
    rows: msgspec.json.Decoder[Any]
    cut_rows: msgspec.json.Decoder[Any]
    row: msgspec.json.Decoder[Any]


@lru_cache(maxsize=64)
def _decoders(known: tuple[tuple[str, bool], ...]) -> _Decoders:
    names = {f"field{at}": key for at, (key, _) in enumerate(known)}
    kinds = [str | None if takes_any_text else Any for _, takes_any_text in known]
    fields = list(zip(names, kinds, strict=True))
    # No row outlives the reading, nor can it hold itself: the collector need not know it.
    row: Any = msgspec.defstruct("Row", fields, rename=names, forbid_unknown_fields=True, gc=False)
    types = (_page_of(row), _page_of(msgspec.Raw), list[row], list[msgspec.Raw], row)
    return _Decoders(*(msgspec.json.Decoder(each, float_hook=json_text.number) for each in types))


class _Rows(NamedTuple):
    """Rows without a page around them."""

    payload: list[Any]
    inbound: Cell = ABSENT
    info: Cell = ABSENT


def _page_of(row: Any) -> Any:
    raw = msgspec.Raw
    parts: list[Any] = [("payload", list[row]), ("inbound", raw, ABSENT), ("info", raw, ABSENT)]
    return msgspec.defstruct("Page", parts, forbid_unknown_fields=True)


def read_documented(data: bytes, limits: Limits, known: Known, take: Take) -> RawResponse:
    """The response, if its rows have the documented keys and types, as far as the decoder can tell;
    else `NotAlike`."""
    if not known or not data.startswith((b"{", b"[")):
        raise NotAlike
    page, tables = _decoded(data, limits, known)
    inbound, info = (_part(each) for each in (page.inbound, page.info))
    around = {"inbound": inbound, "info": info, "payload": None}
    measures = [measure([{key: part for key, part in around.items() if part is not ABSENT}])]
    if isinstance(page, _Rows):
        measures = []
    taken: list[Any] = []
    left = len(page.payload)
    for table in tables:
        measures.append(measure_table(table))
        left -= table.length
        # Before the last rows are taken: of one page, nothing is made that is not proven.
        if not left and not is_proven(data, measures, limits):
            raise NotAlike
        taken.append(take(table))
    return RawResponse(inbound, info, table_of(()), taken)


def _part(raw: msgspec.Raw | Absent) -> Cell:
    """A part of the envelope, which may be long."""
    if isinstance(raw, Absent):
        return raw
    try:
        return _decode(raw)
    except _FAILURES:
        raise NotAlike from None


def _decoded(data: bytes, limits: Limits, known: Known) -> tuple[Any, Iterator[Table]]:
    """The page, and its rows in batches that are decoded when they are asked for."""
    is_page = len(data) <= _PAGE_BYTES
    try:
        decoders = _decoders(tuple(known.items()))
        if data.startswith(b"["):
            decoder = decoders.rows if is_page else decoders.cut_rows
            page: Any = _Rows(decoder.decode(data))
        else:
            page = (decoders.page if is_page else decoders.cut).decode(data)
    except _FAILURES:
        raise NotAlike from None
    if not 0 < len(page.payload) <= limits.records:
        raise NotAlike
    if isinstance(page.payload[0], msgspec.Raw):
        cut = (_decoded_rows(batch, decoders, known, data) for batch in batches(page.payload))
        return page, cut
    return page, iter([_table(page.payload, known, data)])


def _decoded_rows(
    rows: Sequence[msgspec.Raw], decoders: _Decoders, known: Known, data: bytes
) -> Table:
    lengths = [len(memoryview(row)) for row in rows]
    if sum(lengths) > _PAGE_BYTES:  # what may be in them is to be weighed first
        raise NotAlike
    try:
        table = _table(list(map(decoders.row.decode, rows)), known, data)
    except _FAILURES:
        raise NotAlike from None
    table.most_chars = max(lengths)
    return table


def _table(rows: Sequence[Any], known: Known, data: bytes) -> Table:
    columns = {}
    for name, (key, takes_any_text) in zip(rows[0].__struct_fields__, known.items(), strict=True):
        cells = list(map(attrgetter(name), rows))
        columns[key] = Column(cells, TEXTS) if takes_any_text else Column.of(cells)
    return _Documented(columns, len(rows), data)


def read_any(data: bytes, limits: Limits) -> RawResponse:
    """The response, whatever keys its rows have; `NotAlike` where the decoder's word is not
    enough."""
    try:
        top = _decode(data)
        response = envelope.raw_response(top, limits)
    except Fault as fault:
        if fault.over and fault.over.limit == "columns":
            raise  # the strict reader takes more
        raise NotAlike from None
    except _FAILURES:
        raise NotAlike from None
    measures = [measure([top])]
    rows = top if isinstance(top, list) else top.get("payload")
    table = response.table
    if isinstance(rows, list) and not table.faults and not isinstance(table, RaggedTable):
        around = [] if isinstance(top, list) else [{**top, "payload": None}]
        measures = [measure(around), measure_table(table)]
    if not is_proven(data, measures, limits):
        raise NotAlike
    return response
