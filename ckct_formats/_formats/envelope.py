"""Where a response's envelope ends and its rows begin, for every dialect that nests.

A body has an envelope if `inbound`, `info` or `payload` is at its top; otherwise it is the payload
alone. Other keys beside these three are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ckct_formats._formats import json_text
from ckct_formats._formats.cells import ABSENT, Cell, Pairs, as_object, is_numbered, keys_of, shown
from ckct_formats._formats.faults import MAX_BAD_ROWS, Fault, exceeded
from ckct_formats._formats.table import RawResponse, table_of
from ckct_formats._limits import Limits

KEYS = ("inbound", "info", "payload")


def raw_response(top: Cell, limits: Limits) -> RawResponse:
    """The raw response of a body's whole tree; `Fault` if it holds neither envelope nor rows."""
    inbound, info, payload = split(top)
    rows, keys = _rows(payload)
    check_records(len(rows), limits)
    objects, faults = _objects(rows, keys)
    check_columns(map(len, objects), limits)
    table = table_of(objects)
    table.faults = faults
    other_keys = [key for key in keys_of(top) if key not in KEYS] if is_enveloped(top) else ()
    return RawResponse(inbound, info, table, keys, other_keys=other_keys)


def checked_response(top: Cell, limits: Limits) -> RawResponse:
    """The same of a tree with values that may be wrong, as `json_text.read` makes them."""
    payload: Cell = top
    above: tuple[str, ...] = ("payload",)
    if is_enveloped(top):
        above, payload = (), dict(top).get("payload")
    keys = keys_of(payload)
    row_of = {key: row for row, key in enumerate(keys)}
    of_envelope: list[Fault] = []
    of_rows: dict[int, Fault] = {}
    for fault in json_text.faults(top, limits):
        path = (*above, *fault.path)
        part, key = (*path, None, None)[:2]
        is_row_twice = part == "payload" and len(path) == 2 and len(row_of) < len(keys)
        if key is None or part not in KEYS or is_row_twice:
            raise fault.under(*above)
        if part == "payload":
            row = key if isinstance(key, int) else row_of[key]
            relative = Fault(fault.reason, fault.excerpt, path[2:], excess=fault.excess)
            of_rows.setdefault(row, relative)
        else:
            of_envelope.append(fault)
    response = raw_response(top, limits)
    response.faults = of_envelope
    response.table.faults |= of_rows
    return response


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
        raise exceeded("records", limits.records, found, "payload")


def check_columns(widths: Iterable[int], limits: Limits) -> None:
    """Refuse rows with too many keys, before they become columns."""
    for row, width in enumerate(widths):
        if width > limits.columns:
            raise exceeded("columns", limits.columns, width, "payload", row)


def no_rows() -> Fault:
    """The fault of a body that holds something else than rows."""
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


def _objects(
    rows: Sequence[Cell], keys: Sequence[str] | None
) -> tuple[Sequence[dict[str, Cell]], dict[int, Fault]]:
    """The rows as objects, and by index what is wrong with those that are none."""
    faults: dict[int, Fault] = {}
    if set(map(type, rows)) <= {dict}:
        return rows, faults
    objects: list[dict[str, Cell]] = []
    nothing: dict[str, Cell] = {}
    for at, row in enumerate(rows):
        try:
            objects.append(as_object(row) if row != [] else nothing)
        except Fault as fault:
            faults[at] = fault.under()
            if len(faults) > MAX_BAD_ROWS:
                first = min(faults)
                row_key = first if keys is None else keys[first]
                raise faults[first].under("payload", row_key) from None
            objects.append(dict(row) if isinstance(row, Pairs) else nothing)
    return objects, faults
