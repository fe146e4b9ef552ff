"""Rows as dicts of texts, for exploring entities that the provider does not document.

Types are not known here as they are from a dataclass. So a cell is a text, a list of texts, or None
where it is blank, even if the format could tell more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ckct_formats._formats.cells import ABSENT, Cell, Pairs, as_list, is_numbered, keys_of
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.table import Column, Constraints, Table
from ckct_formats._limits import Limits
from ckct_formats._rules import Text, check_cells, check_key, convert_each, extra_text, is_blank
from ckct_formats._schema import Faults

DictRow = dict[str, str | list[str] | None]

_TEXT, _OPTIONAL_TEXT = Text(), Text(None)


class DictRows:
    """How rows that are dicts are read and written, in place of a schema."""

    known: dict[str, bool] = {}  # noqa: RUF012 (no key of any row is known)

    def read_table(self, table: Table, limits: Limits) -> tuple[list[DictRow], Faults]:
        """The rows of a payload, and by row what is wrong with those that are left out."""
        faults = Faults(table.faults)
        rows = []
        for at, cells in enumerate(table.rows()):
            if at not in faults:
                try:
                    rows.append(convert_each(cells.items(), lambda cell: _read(cell, limits)))
                except Fault as fault:
                    faults.note(at, fault.under())
        return rows, faults

    def write_table(self, rows: Sequence[DictRow], constraints: Constraints) -> Table:
        """The columns of rows; `Fault` with the path inside the payload."""
        names = dict.fromkeys(key for row in rows for key in row)
        check_cells(len(rows), len(names))
        convert_each(enumerate(rows), lambda row: _check(row, names, constraints))
        columns = {name: Column.of([row.get(name, ABSENT) for row in rows]) for name in names}
        return Table(columns, len(rows))


def _read(cell: Cell, limits: Limits) -> str | list[str] | None:
    if is_blank(cell) or cell in ([], {}):
        return None
    if _is_list(cell):
        return [extra_text(item, limits) or "" for item in as_list(cell)]
    return extra_text(cell, limits)


def _is_list(cell: Cell) -> bool:
    """XML and PHP's dumps write lists and objects alike: entries are numbered, or called item."""
    keys = keys_of(cell)
    is_like_one = isinstance(cell, Pairs) and (is_numbered(keys) or set(keys) == {"item"})
    return type(cell) is list or is_like_one


def _check(row: DictRow, names: dict[str, Any], constraints: Constraints) -> None:
    """Refuse a row that would not come back equal."""
    if not row:
        raise Fault("a row without keys")
    if constraints.absent_is_blank and len(row) < len(names):
        missing = next(name for name in names if name not in row)
        raise Fault("an absent key would come back as None", path=(missing,))
    for key in row:
        check_key(key, constraints)
    convert_each(row.items(), lambda value: _check_value(value, constraints))


def _check_value(value: Any, constraints: Constraints) -> None:
    if type(value) is not list:
        _OPTIONAL_TEXT.write(value, constraints)
        return
    if constraints.lists_are_text:
        raise Fault("a list would come back as a text")
    if not value:
        raise Fault("an empty list would come back as None")
    for text in value:
        _TEXT.write(text, constraints)


DICT_ROWS = DictRows()
