"""What tables of cells take in memory once they are records, by what CPython's objects take.

Nothing is measured, and nothing is made.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from types import NoneType
from typing import NamedTuple

from ckct_formats.formats import Known
from ckct_formats.formats.cells import Absent, levels
from ckct_formats.formats.raw import Column, RaggedTable, Table

# Objects are given 16 bytes at a time.
_ROUNDED = 12
# A text takes so much beside its characters, one of ASCII less.
_TEXT = sys.getsizeof("\U0001f600") - 4 + _ROUNDED
_ASCII_TEXT = sys.getsizeof("") + _ROUNDED
# Any other value: a time takes 48, a number with a fraction 104.
_OTHER = 112
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


class Weight(NamedTuple):
    """What values take in bytes, and how many characters they have in all."""

    size: int
    chars: int


def at_most(table: Table, sizes: Sizes) -> int:
    """The most that the records of a table can take, without the characters of texts; they are
    not looked at one by one."""
    size = _records(table, sizes) + _extras(table, sizes, closely=False)
    for key, column in table.columns.items():
        if _has_trees(column):
            size += _trees(column, is_known=key in sizes.known).size
        else:
            is_text = column.kinds <= {str, NoneType, Absent}
            size += (_TEXT if is_text else _OTHER) * table.length
    return size


def closely(table: Table, sizes: Sizes) -> Weight:
    """What the records of a table take, each cell looked at."""
    if isinstance(table, RaggedTable):
        values = [_values(Column.of(list(row.values())), is_known=False) for row in table.rows]
    else:
        values = [
            _values(column, is_known=key in sizes.known) for key, column in table.columns.items()
        ]
    size = _records(table, sizes) + _extras(table, sizes)
    return Weight(size + sum(each.size for each in values), sum(each.chars for each in values))


def _records(table: Table, sizes: Sizes) -> int:
    """What the records take without values, and the lists and objects that stand in texts."""
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


def _extras(table: Table, sizes: Sizes, *, closely: bool = True) -> int:
    """What the dicts of unknown fields take, without their texts."""
    if isinstance(table, RaggedTable):
        found = sum(key not in sizes.known for row in table.rows for key in row)
    else:
        unknown = [column for key, column in table.columns.items() if key not in sizes.known]
        found = table.length * len(unknown)
        if closely and not sizes.keeps_blanks:
            found -= sum(column.cells.count("") for column in unknown)
    return _UNKNOWN * found + _EXTRA * min(found, table.length)


def _has_trees(column: Column) -> bool:
    return any(issubclass(kind, list | dict) for kind in column.kinds)


def _values(column: Column, *, is_known: bool) -> Weight:
    """What the values of a column take, but those that are blank."""
    if _has_trees(column):
        return _trees(column, is_known=is_known)
    cells = column.cells
    if column.kinds == {str}:
        return _texts(cells)
    texts = [cell for cell in cells if isinstance(cell, str)]
    others = sum(not isinstance(cell, str | NoneType | Absent) for cell in cells)
    size, chars = _texts(texts)
    return Weight(size + _OTHER * others, chars)


def _texts(texts: Sequence[str]) -> Weight:
    joined = "".join(texts)
    filled = len(texts) - texts.count("")
    if joined.isascii():
        return Weight(_ASCII_TEXT * filled + len(joined), len(joined))
    size = sum(map(sys.getsizeof, filter(None, texts)))
    return Weight(size + _ROUNDED * filled, len(joined))


def _trees(column: Column, *, is_known: bool) -> Weight:
    """Those of a column of trees; under an unknown key each becomes one text."""
    size = chars = 0
    for level in levels(column.cells):
        size += _OBJECT * len(level.objects) + _LIST * len(level.lists)
        size += _OTHER * sum(map(len, [*level.objects, *level.lists]))
        size += 0 if is_known else sum(map(_written, level.texts))
        texts = _texts(level.texts)
        size, chars = size + texts.size, chars + texts.chars
    return Weight(size, chars)


def _written(text: str) -> int:
    """What a text takes more once it is written as JSON, in a text as wide as itself."""
    longer = 6 if _CONTROL.search(text) else 2 if '"' in text or "\\" in text else 1
    return longer * sys.getsizeof(text)
