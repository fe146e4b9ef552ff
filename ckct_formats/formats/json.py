"""The documented format.

A fast decoder reads the body: the documented rows into structures, all others into dicts. What it
reads counts only where it is proven that it passed nothing over; every other body is read again by
the strict reader, which knows places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from json import JSONDecoder
from types import NoneType
from typing import Any

import msgspec
from msgspec.structs import astuple

from ckct_formats import json_text
from ckct_formats.errors import Path
from ckct_formats.formats import Known, envelope
from ckct_formats.formats.body import Body
from ckct_formats.formats.cells import ABSENT, Absent, Cell, levels
from ckct_formats.formats.faults import Fault, Misplaced
from ckct_formats.formats.foreign import foreign
from ckct_formats.formats.raw import Carries, Column, RaggedTable, RawResponse, Table
from ckct_formats.limits import Limits

CARRIES = Carries()

_ESCAPES = (rb"\u0000", rb"\u003a", rb"\u003A")
_TEXTS: frozenset[type] = frozenset((str, NoneType))
_NO_BLANK = re.compile(r"[^ \t\r\n]|\Z")

_decode = msgspec.json.Decoder(float_hook=json_text.number).decode
_encode = msgspec.json.Encoder().encode


def declared_encoding(head: bytes) -> str | None:
    """JSON declares none."""
    return None


def count_nodes(data: bytes) -> int:
    """Commas and opening brackets."""
    return sum(map(data.count, (b",", b"[", b"{")))


def read(body: Body, limits: Limits, known: Known) -> RawResponse:
    body.dialect = "json"
    response = (
        _read_documented(body.utf8, limits, known)
        or _read_fast(body.utf8, limits)
        or _read_strictly(body, limits)
    )
    response.locate = _Places(body).locate
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


class _Documented(Table):
    """Rows that have the documented keys, each of them once, in any order."""

    def __init__(self, columns: dict[str, Column], length: int, data: bytes) -> None:
        super().__init__(columns, length)
        self._data = data

    def row_keys(self) -> list[Sequence[str]]:
        return [list(row) for row in _decode(self._data)["payload"]]


@lru_cache(maxsize=64)
def _page_decoder(known: tuple[tuple[str, bool], ...]) -> msgspec.json.Decoder[Any]:
    """A decoder of pages whose rows have these keys, and of no others."""
    names = {f"field{at}": key for at, (key, _) in enumerate(known)}
    kinds = [str | None if takes_any_text else Any for _, takes_any_text in known]
    fields = list(zip(names, kinds, strict=True))
    # No row outlives the reading, nor can it hold itself: the collector need not know it.
    row = msgspec.defstruct("Row", fields, rename=names, forbid_unknown_fields=True, gc=False)
    rows: Any = list[row]  # type: ignore[valid-type]
    parts: list[Any] = [("payload", rows), ("inbound", Any, ABSENT), ("info", Any, ABSENT)]
    page = msgspec.defstruct("Page", parts, forbid_unknown_fields=True)
    return msgspec.json.Decoder(page, float_hook=json_text.number)


def _read_documented(data: bytes, limits: Limits, known: Known) -> RawResponse | None:
    """The response; None unless its rows have the documented keys and types, as far as the fast
    decoder can tell."""
    if not known or not data.startswith(b"{"):
        return None
    try:
        page = _page_decoder(tuple(known.items())).decode(data)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    rows = page.payload
    if not rows or len(rows) > limits.records:
        return None
    columns = {
        key: Column(cells, _TEXTS) if takes_any_text else Column.of(cells)
        for (key, takes_any_text), *cells in zip(known.items(), *map(astuple, rows), strict=True)
    }
    table = _Documented(columns, len(rows), data)
    around = {"inbound": page.inbound, "info": page.info, "payload": None}
    around = {key: part for key, part in around.items() if part is not ABSENT}
    if not _is_proven(data, [around], table, limits):
        return None
    return RawResponse(page.inbound, page.info, table)


def _read_fast(data: bytes, limits: Limits) -> RawResponse | None:
    """The response, or None where the fast decoder's word is not enough."""
    try:
        top = _decode(data)
        response = envelope.raw_response(top, limits)
    except (ValueError, ArithmeticError, RecursionError, Fault):
        return None
    rows = top if isinstance(top, list) else top.get("payload")
    table: Table | None = response.table
    if not isinstance(rows, list) or response.row_faults or isinstance(table, RaggedTable):
        around, table = [top], None
    else:
        around = [] if isinstance(top, list) else [{**top, "payload": None}]
    return response if _is_proven(data, around, table, limits) else None


def _is_proven(data: bytes, around: Sequence[Cell], table: Table | None, limits: Limits) -> bool:
    """Whether no key stood twice, no text holds NUL and nothing nests too deep, in a table and in
    the trees around it.

    The decoder keeps the last of two equal keys in silence. But every key has its colon: if the
    body holds no more colons than the keys and texts of the result account for, no key was
    dropped. (Only an escaped colon is not seen in the body; then the strict reader decides.)
    """
    if b"\\u00" in data and any(escape in data for escape in _ESCAPES):
        return False
    columns = {} if table is None else table.columns
    nested = [cell for column in columns.values() for cell in _trees(column)]
    colons_around, depth_around = _measure(around)
    colons_nested, depth_nested = _measure(nested)
    colons = 0 if table is None else _colons_of_rows(table)
    if data.count(b":") != colons + colons_around + colons_nested:
        return False
    return max(depth_around, depth_nested + 3) <= limits.depth


def _trees(column: Column) -> Sequence[Cell]:
    if column.kinds.isdisjoint((list, dict)):
        return ()
    return [cell for cell in column.cells if isinstance(cell, list | dict)]


def _colons_of_rows(table: Table) -> int:
    """How many colons the keys and the texts of a table account for."""
    colons = 0
    for name, column in table.columns.items():
        colons += (1 + name.count(":")) * table.length
        if column.kinds <= _TEXTS:
            colons += "".join(filter(None, column.cells)).count(":")
        elif str in column.kinds:
            colons += "".join([cell for cell in column.cells if type(cell) is str]).count(":")
    return colons


def _measure(trees: Sequence[Cell]) -> tuple[int, int]:
    """How many colons the keys and texts of trees account for, and how deep they nest."""
    colons = depth = 0
    for objects, lists, texts in levels(trees):
        depth += bool(objects or lists)
        colons += sum(map(len, objects)) + "".join(chain(texts, *objects)).count(":")
    return colons, depth


def _read_strictly(body: Body, limits: Limits) -> RawResponse:
    """The response, or the fault, with its place, of a body that the fast decoder left open."""
    text = body.text
    try:
        top = json_text.read(text, limits)
        return envelope.checked_response(top, limits)
    except Misplaced as misplaced:
        failed: Fault = foreign(text, "{[") or misplaced
        at = failed.at
    except Fault as fault:
        failed, at = fault, _Places(body).locate(fault.path)
    raise body.error(failed, at)


def _after_blanks(text: str, at: int) -> int:
    found = _NO_BLANK.search(text, at)
    return found.start() if found else len(text)


class _Places:
    """Where the values of a body stand, found by skipping over those in front of them."""

    # Only places matter: an integer too long to convert must not stop the search.
    _skip = staticmethod(JSONDecoder(parse_int=len).raw_decode)

    def __init__(self, body: Body) -> None:
        self._body = body
        self._starts: dict[int, dict[str | int, int]] = {}

    def locate(self, path: Path) -> int | None:
        """The index of the value at a path, or of the innermost one around it that is there."""
        text = self._body.text
        at = _after_blanks(text, 0)
        if path[:1] == ("payload",) and "payload" not in self._members(at):
            path = path[1:]
        for step in path:
            members = self._members(at)
            if step not in members:
                break
            at = members[step]
        return at

    def _members(self, at: int) -> dict[str | int, int]:
        """Where each member of the object or list at an index begins; kept, as the rows of one
        payload are asked for again and again."""
        if at not in self._starts:
            self._starts[at] = dict(self._find_members(at))
        return self._starts[at]

    def _find_members(self, at: int) -> Iterator[tuple[str | int, int]]:
        text = self._body.text
        keyed = text.startswith("{", at)
        if not keyed and not text.startswith("[", at):
            return
        end, step = _after_blanks(text, at + 1), -1
        key: str | int
        while not text.startswith(("}", "]"), end):
            if keyed:
                key, end = self._skip(text, end)
                end = _after_blanks(text, _after_blanks(text, end) + 1)
            else:
                key = step = step + 1
            yield key, end
            end = _after_blanks(text, self._skip(text, end)[1])
            if text.startswith(",", end):
                end = _after_blanks(text, end + 1)
