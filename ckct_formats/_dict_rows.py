"""Rows as dicts of texts, for exploring entities that the provider does not document.

What a dataclass would say is not known here: so a cell is a text, a list of texts, or None where it
is blank, whatever the format could have told more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ckct_formats._formats.cells import ABSENT, Cell, Pairs, as_list, is_numbered
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.table import Column, Constraints, Table
from ckct_formats._limits import Limits
from ckct_formats._rules import check_cells, check_key, check_text, extra_text, is_blank
from ckct_formats._schema import Faults

DictRow = dict[str, str | list[str] | None]


class DictRows:
    """How rows that are dicts are read and written; it stands where a schema does."""

    known: dict[str, bool] = {}  # noqa: RUF012 (no key is known, of whatever row)

    def read_table(self, table: Table, limits: Limits) -> tuple[list[DictRow], Faults]:
        """The rows of a payload, and by row what is wrong with those that are left out."""
        faults = Faults(table.faults)
        rows = []
        for at, cells in enumerate(table.rows()):
            if at not in faults:
                try:
                    rows.append(_read(cells, limits))
                except Fault as fault:
                    faults.note(at, fault.under())
        return rows, faults

    def write_table(self, rows: Sequence[DictRow], constraints: Constraints) -> Table:
        """The columns of rows; `Fault` with the path inside the payload."""
        names = dict.fromkeys(key for row in rows for key in row)
        check_cells(len(rows), len(names))
        for at, row in enumerate(rows):
            try:
                _check(row, names, constraints)
            except Fault as fault:
                raise fault.under(at) from None
        columns = {name: Column.of([row.get(name, ABSENT) for row in rows]) for name in names}
        return Table(columns, len(rows))


def _read(cells: dict[str, Cell], limits: Limits) -> DictRow:
    row: DictRow = {}
    for key, cell in cells.items():
        try:
            row[key] = _value(cell, limits)
        except Fault as fault:
            raise fault.under(key) from None
    return row


def _value(cell: Cell, limits: Limits) -> str | list[str] | None:
    if is_blank(cell) or cell in ([], {}):
        return None
    if _is_list(cell):
        return [extra_text(item, limits) or "" for item in as_list(cell)]
    return extra_text(cell, limits)


def _is_list(cell: Cell) -> bool:
    """XML and PHP's dumps write lists and objects alike: entries are numbered, or called item."""
    if isinstance(cell, Pairs):
        keys = [key for key, _ in cell]
        return is_numbered(keys) or set(keys) == {"item"}
    return isinstance(cell, list)


def _check(row: DictRow, names: dict[str, Any], constraints: Constraints) -> None:
    """Refuse a row that would not come back equal."""
    if not row:
        raise Fault("a row without keys")
    if constraints.absent_is_blank and len(row) < len(names):
        missing = next(name for name in names if name not in row)
        raise Fault("an absent key would come back as None", path=(missing,))
    for key, value in row.items():
        check_key(key, constraints)
        try:
            _check_value(value, constraints)
        except Fault as fault:
            raise fault.under(key) from None


def _check_value(value: Any, constraints: Constraints) -> None:
    if value is None:
        return
    if type(value) is list:
        if constraints.lists_are_text:
            raise Fault("a list would come back as a text")
        if not value:
            raise Fault("an empty list would come back as None")
    elif value in ("", "-"):
        raise Fault("a text that is blank would come back as None", value)
    for text in value if type(value) is list else [value]:
        if type(text) is not str:
            raise Fault(f"expected a text, not a value of type {type(text).__name__}")
        check_text(text, constraints)


DICT_ROWS = DictRows()
