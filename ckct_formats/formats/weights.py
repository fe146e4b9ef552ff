"""What tables of cells take in memory once they are records, by what CPython's objects take.

Nothing is measured, and nothing is made.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Container, Iterable, Iterator
from types import NoneType
from typing import NamedTuple

from ckct_formats.formats import Known
from ckct_formats.formats.cells import ABSENT, Absent, levels
from ckct_formats.formats.raw import Column, RaggedTable, Table

# Where cells are not looked at one by one: a text takes up to 88 bytes beside its characters, one
# of ASCII 56, a time 48, a number with a fraction 104.
_TEXT, _ASCII_TEXT, _OTHER = 88, 64, 112
# What an object takes more than it says, as it is given 16 bytes at a time.
_ROUNDED = 12
# A record within a record, and a list.
_OBJECT, _LIST = 400, 72
# A dict of unknown fields, and each of them in it.
_EXTRA, _UNKNOWN = 130, 120
# The same of an object that stands in a text.
_MEMBER = 150


# What JSON writes as six characters.
_CONTROL = re.compile(r"[\0-\x1f]")


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
    return sizes.record * table.length + sum(map(_in_texts, _nested_texts(table, sizes.nested)))


def _nested_texts(table: Table, nested: Container[str]) -> Iterator[list[str]]:
    if isinstance(table, RaggedTable):
        for row in table.rows:
            yield [cell for key, cell in row.items() if key in nested and isinstance(cell, str)]
        return
    for name, column in table.columns.items():
        if name in nested and str in column.kinds:
            is_text = column.kinds == {str}
            yield [cell for cell in column.cells if is_text or isinstance(cell, str)]


def _in_texts(texts: Iterable[str]) -> int:
    joined = "".join(texts)
    objects = joined.count("{")
    member = _MEMBER if objects else _LIST
    return _OBJECT * objects + member * sum(map(joined.count, ",;|["))


def exactly(table: Table, sizes: Sizes) -> int:
    """What their values take beside that, each looked at."""
    if isinstance(table, RaggedTable) or sizes.keeps_blanks:
        return _values(table, sizes.known) + _extras(table, sizes)
    unknown = (column for key, column in table.columns.items() if key not in sizes.known)
    filled = sum(sum(map(bool, column.cells)) for column in unknown)
    return _values(table, sizes.known) + _dicts(filled, table.length)


def at_most(table: Table, sizes: Sizes, *, closely: bool = False) -> int:
    """The most that they can take, without the characters of their texts; of trees, what they do
    take.

    Args:
        closely: Whether to look which cells are blank, and which columns of ASCII alone.
    """
    if isinstance(table, RaggedTable):
        return _values(table, sizes.known) + _extras(table, sizes)
    size = _extras(table, sizes)
    for key, column in table.columns.items():
        if _has_trees(column):
            size += _size_of(column, is_known=key in sizes.known)
        elif closely and column.kinds == {str}:
            each = _ASCII_TEXT if "".join(column.cells).isascii() else _TEXT
            size += each * (table.length - column.cells.count(""))
        else:
            is_text = column.kinds <= {str, NoneType, Absent}
            size += (_TEXT if is_text else _OTHER) * table.length
    return size


def _values(table: Table, known: Known) -> int:
    if isinstance(table, RaggedTable):
        return sum(_size_of(Column.of(list(row.values())), is_known=False) for row in table.rows)
    return sum(_size_of(column, is_known=key in known) for key, column in table.columns.items())


def _extras(table: Table, sizes: Sizes) -> int:
    """What the dicts of unknown fields take, blank ones as well, without their texts."""
    if isinstance(table, RaggedTable):
        found = sum(key not in sizes.known for row in table.rows for key in row)
    else:
        found = table.length * sum(key not in sizes.known for key in table.columns)
    return _dicts(found, table.length)


def _dicts(members: int, rows: int) -> int:
    return _UNKNOWN * members + _EXTRA * min(members, rows)


def _has_trees(column: Column) -> bool:
    return any(issubclass(kind, list | dict) for kind in column.kinds)


def _size_of_texts(texts: Iterable[str]) -> int:
    filled = list(filter(None, texts))
    return sum(map(sys.getsizeof, filled)) + _ROUNDED * len(filled)


def _size_of(column: Column, *, is_known: bool) -> int:
    """What the values of a column take; trees under unknown keys become one text each."""
    if column.kinds == {str}:
        return _size_of_texts(column.cells)
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
        size += 0 if is_known else sum(map(_written, level.texts))
    return size


def _written(text: str) -> int:
    """What a text takes more once it is written as JSON, in a text as wide as itself."""
    longer = 6 if _CONTROL.search(text) else 2 if '"' in text or "\\" in text else 1
    return longer * sys.getsizeof(text)
