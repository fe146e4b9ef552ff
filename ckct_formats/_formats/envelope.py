"""Where a response's envelope ends and its rows begin, for every dialect that nests.

A body has an envelope if `inbound`, `info` or `payload` stands at its top; otherwise it is the
payload alone. Keys beside these three are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter

from ckct_formats._formats import json_text
from ckct_formats._formats.cells import ABSENT, Cell, Pairs, as_object, is_numbered, shown
from ckct_formats._formats.faults import Fault, Over
from ckct_formats._formats.table import RawResponse, Table, table_of
from ckct_formats._limits import Limits

KEYS = ("inbound", "info", "payload")


def raw_response(top: Cell, limits: Limits) -> RawResponse:
    """The raw response of a body's whole tree; `Fault` if it holds neither envelope nor rows."""
    inbound, info, payload = split(top)
    rows, keys = _rows(payload)
    check_records(len(rows), limits)
    table = table_from(rows, limits)
    beside = [key for key in keys_of(top) if key not in KEYS] if is_enveloped(top) else ()
    return RawResponse(inbound, info, table, keys=keys, beside=beside)


def table_from(rows: Sequence[Cell], limits: Limits, first: int = 0) -> Table:
    """The table of rows, the first of which has a number in the payload."""
    objects, faults = _objects(rows)
    check_columns(map(len, objects), limits, first)
    table = table_of(objects)
    table.faults = faults
    return table


def checked_response(top: Cell, limits: Limits) -> RawResponse:
    """The same of a tree whose values may be at fault."""
    payload: Cell = top
    above: tuple[str, ...] = ("payload",)
    if is_enveloped(top):
        above, payload = (), dict(top).get("payload")
    keys = keys_of(payload)
    row_of: dict[str, int] = {}
    parts: list[Fault] = []
    rows: dict[int, Fault] = {}  # of each the first: a body may have many
    for fault in json_text.faults(top, limits):
        path = (*above, *fault.path)
        part, key = (*path, None, None)[:2]
        row_of = row_of or {key: row for row, key in enumerate(keys)}
        is_twice = part == "payload" and len(path) == 2 and len(row_of) < len(keys)
        if key is None or part not in KEYS or is_twice:
            raise fault.under(*above)
        if part != "payload":
            parts.append(fault)
            continue
        row = key if isinstance(key, int) else row_of[key]
        if row not in rows:
            rows[row] = Fault(fault.reason, fault.excerpt, path[2:], fault.over)
    response = raw_response(top, limits)
    response.faults = parts
    response.table.faults |= rows
    return response


def keys_of(cell: Cell) -> list[str]:
    """The keys of a cell's members; of a list, none."""
    if isinstance(cell, Pairs):
        return [key for key, _ in cell]
    return list(cell) if isinstance(cell, dict) else []


def split(top: Cell) -> tuple[Cell, Cell, Cell]:
    """Inbound, info and payload of a tree; all of it is the payload if it has no envelope."""
    if not is_enveloped(top):
        if _is_nothing(top):
            raise Fault("expected rows or an envelope, found neither")
        return ABSENT, ABSENT, top
    top = as_object(top)
    inbound, info, payload = (top.get(key, ABSENT) for key in KEYS)
    return inbound, info, [] if _is_nothing(payload) else payload


def is_enveloped(top: Cell) -> bool:
    """Whether a tree has an envelope."""
    if isinstance(top, Pairs):
        return any(key in KEYS for key, _ in top)
    return isinstance(top, dict) and not top.keys().isdisjoint(KEYS)


def check_records(found: int, limits: Limits) -> None:
    """Refuse a payload of too many rows, before they become columns."""
    if found > limits.records:
        raise Fault("", path=("payload",), over=Over("records", limits.records, found))


def check_columns(widths: Iterable[int], limits: Limits, first: int = 0) -> None:
    """Refuse rows with too many keys, before they become columns; the first row is that of a
    number."""
    row, widest = max(enumerate(widths, first), key=itemgetter(1), default=(0, 0))
    if widest > limits.columns:
        over = Over("columns", limits.columns, widest)
        raise Fault("", path=("payload", row), over=over)


def no_rows() -> Fault:
    """What is wrong with a body that holds something else than rows."""
    return Fault("expected rows or an envelope, found neither", path=("payload",))


def _is_nothing(cell: Cell) -> bool:
    """Whether a cell is what PHP writes where it has nothing to give."""
    return cell is None or cell is False or cell is ABSENT or cell == ""


def _rows(payload: Cell) -> tuple[Sequence[Cell], Sequence[str] | None]:
    """The rows of a payload, and their keys if it is keyed by index or id."""
    if isinstance(payload, Pairs):
        keys, rows = [key for key, _ in payload], [cell for _, cell in payload]
        keyed = any(key != keys[0] for key in keys) and not is_numbered(keys)
    elif isinstance(payload, dict):
        keys, rows, keyed = list(payload), list(payload.values()), True
    elif isinstance(payload, list):
        return payload, None
    else:
        raise Fault("expected rows", shown(payload), ("payload",))
    if rows and not any(isinstance(row, dict | list) for row in rows):
        raise no_rows()
    return rows, keys if keyed else None


def _objects(rows: Sequence[Cell]) -> tuple[Sequence[dict[str, Cell]], dict[int, Fault]]:
    """The rows as objects, and by index what is wrong with those that are none."""
    faults: dict[int, Fault] = {}
    if set(map(type, rows)) <= {dict}:
        return rows, faults
    objects: list[dict[str, Cell]] = []
    nothing: dict[str, Cell] = {}
    alike: dict[str | None, Fault] = {}
    for at, row in enumerate(rows):
        try:
            objects.append(as_object(row) if row != [] else nothing)
        except Fault as fault:
            if isinstance(row, Pairs):
                faults[at] = fault.under()
                objects.append(dict(row))
            else:
                faults[at] = alike.setdefault(fault.excerpt, fault.under())
                objects.append(nothing)
    return objects, faults
