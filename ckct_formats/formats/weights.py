"""What tables of cells take in memory once they are records, by what CPython's objects take.

Nothing is measured, and nothing is made.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable
from types import NoneType
from typing import NamedTuple

from ckct_formats.formats import Known
from ckct_formats.formats.cells import ABSENT, Absent, levels
from ckct_formats.formats.raw import Column, RaggedTable, Table

# Where cells are not looked at one by one: a text without its characters takes 56 bytes, a time 48,
# a number with a fraction 104.
_TEXT, _OTHER = 64, 112
# What an object takes more than it says, as it is given 16 bytes at a time.
_ROUNDED = 12
# A record within a record, and a list.
_OBJECT, _LIST = 400, 72
# A dict of unknown fields, and each of them in it.
_EXTRA, _UNKNOWN = 130, 120


class Sizes(NamedTuple):
    """What records take.

    Attributes:
        record: Bytes of one, without its values.
        known: The keys of the record type.
        nested: Those whose cells are lists or objects, also where a text stands for them.
        keeps_blanks: Whether a blank cell under an unknown key is kept.
    """

    record: int
    known: Known
    nested: Container[str]
    keeps_blanks: bool


def certain(table: Table, sizes: Sizes) -> int:
    """What the records of a table take however short their values are, and the lists and objects
    that stand in texts."""
    size = sizes.record * table.length
    for name, column in table.columns.items():
        if name in sizes.nested and str in column.kinds:
            texts = column.cells
            if column.kinds != {str}:
                texts = [cell for cell in texts if isinstance(cell, str)]
            joined = "".join(texts)
            size += _OBJECT * joined.count("{") + _LIST * sum(map(joined.count, ",;|["))
    return size


def exactly(table: Table, sizes: Sizes) -> int:
    """What their values take beside that, each looked at."""
    if isinstance(table, RaggedTable) or sizes.keeps_blanks:
        return _values(table) + _extras(table, sizes)
    unknown = (column for key, column in table.columns.items() if key not in sizes.known)
    filled = sum(sum(map(bool, column.cells)) for column in unknown)
    return _values(table) + _dicts(filled, table.length)


def at_most(table: Table, sizes: Sizes) -> int:
    """The most that they can take, without the characters of their texts; of trees, what they do
    take."""
    if isinstance(table, RaggedTable):
        return _values(table) + _extras(table, sizes)
    return sum(map(_most_of, table.columns.values())) + _extras(table, sizes)


def _values(table: Table) -> int:
    if isinstance(table, RaggedTable):
        return sum(_size_of(Column.of(list(row.values()))) for row in table.rows)
    return sum(map(_size_of, table.columns.values()))


def _extras(table: Table, sizes: Sizes) -> int:
    """What the dicts of unknown fields take, blank ones as well, without their texts."""
    if isinstance(table, RaggedTable):
        found = sum(key not in sizes.known for row in table.rows for key in row)
    else:
        found = table.length * sum(key not in sizes.known for key in table.columns)
    return _dicts(found, table.length)


def _dicts(members: int, rows: int) -> int:
    return _UNKNOWN * members + _EXTRA * min(members, rows)


def _most_of(column: Column) -> int:
    if _has_trees(column):
        return _size_of(column)
    return len(column.cells) * (_TEXT if column.kinds <= {str, NoneType, Absent} else _OTHER)


def _has_trees(column: Column) -> bool:
    return any(issubclass(kind, list | dict) for kind in column.kinds)


def _size_of_texts(texts: Iterable[str]) -> int:
    filled = list(filter(None, texts))
    return sum(map(sys.getsizeof, filled)) + _ROUNDED * len(filled)


def _size_of(column: Column) -> int:
    """What the values of a column take."""
    if not _has_trees(column):
        cells = [cell for cell in column.cells if cell is not None and cell is not ABSENT]
        if column.kinds <= {str, NoneType, Absent}:
            return _size_of_texts(cells)
        return _OTHER * len(cells) + sum(len(cell) for cell in cells if isinstance(cell, str))
    size = 0
    for level in levels(column.cells):
        size += _OBJECT * len(level.objects) + _LIST * len(level.lists)
        size += _size_of_texts(level.texts)
        size += _OTHER * sum(map(len, [*level.objects, *level.lists]))
    return size
