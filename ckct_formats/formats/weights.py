"""What tables of cells take in memory once they are records, by what CPython's objects take.

Nothing is measured, and nothing is made.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import NoneType
from typing import NamedTuple

from ckct_formats import json_text
from ckct_formats.formats import Known
from ckct_formats.formats.cells import Absent, Cell, as_list, as_object, levels, members_of
from ckct_formats.formats.faults import Fault
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
# The same of an object that stands in a text, and the digits of a number with an exponent: such a
# number may become a text that is written out.
_MEMBER, _DIGITS = 200, 350
_EXPONENT = re.compile(r"[\s:,\[]-?[0-9.]++[eE]")
# A character that takes four bytes, or an escape that may be half of one.
_ASTRAL = re.compile(r"[\U00010000-\U0010ffff]|\\u[dD]")
# Texts that are longer, or more in all, are not joined to look through them.
_LONG, _MUCH = 1_000, 1_000_000
# A piece of a text that is being made.
_PIECE = 72


class Sizes(NamedTuple):
    """What records take.

    Attributes:
        record: Bytes of one, without its values.
        known: The keys of the record type.
        nested: Those whose cells are lists or objects, also where a text stands for them.
        inner: Of those that are records, or lists of them, the keys that these know.
        keeps_blanks: Whether a blank cell under an unknown key is kept.
    """

    record: int
    known: Known
    nested: Container[str]
    inner: Mapping[str, Known]
    keeps_blanks: bool


class Weight(NamedTuple):
    """What values take in bytes, and how many characters they have in all."""

    size: int
    chars: int


def at_most(table: Table, sizes: Sizes) -> int:
    """The most that the records of a table can take, without the characters of texts; they are
    not looked at one by one."""
    size = _records(table, sizes) + _extras(table, sizes, closely=False)
    for column in table.columns.values():
        if _has_trees(column):
            size += _trees(column).size
        else:
            is_text = column.kinds <= {str, NoneType, Absent}
            size += (_TEXT if is_text else _OTHER) * table.length
    return size


def closely(table: Table, sizes: Sizes) -> Weight:
    """What the records of a table take, each cell looked at."""
    if isinstance(table, RaggedTable):
        values = [_values(Column.of(list(row.values()))) for row in table.rows]
    else:
        values = list(map(_values, table.columns.values()))
    size = _records(table, sizes) + _extras(table, sizes)
    return Weight(size + sum(each.size for each in values), sum(each.chars for each in values))


def of_part(tree: Cell) -> int:
    """What a part of the envelope takes more than its tree, at most."""
    if not isinstance(tree, list | dict):
        return 0
    members = as_object(tree).values()
    return _written([tree]) + _in_texts([cell for cell in members if isinstance(cell, str)])


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


def _in_texts(texts: Sequence[str]) -> int:
    """What lists and objects take that stand in texts, each of which may be a list of one."""
    size = _LIST * (len(texts) - texts.count(""))
    if max(map(len, texts), default=0) > _LONG:
        return size + sum(map(_in_text, texts))
    return size + _in_text("".join(texts))


def _in_text(joined: str) -> int:
    objects = joined.count("{")
    size = (_MEMBER if objects else _LIST) * sum(map(joined.count, ",;|["))
    if not objects and "[" not in joined:
        return size
    # They are JSON: each text in it is read, and what is unknown is written as JSON once more.
    width = 4 if _ASTRAL.search(joined) else 1 if joined.isascii() and r"\u" not in joined else 2
    exponents = sum(1 for _ in _EXPONENT.finditer(joined))
    size += _OBJECT * objects + _DIGITS * (1 + 2 * width) * exponents
    return size + 3 * width * len(joined)


def _extras(table: Table, sizes: Sizes, *, closely: bool = True) -> int:
    """What the dicts of unknown fields take, of their texts those alone that trees become."""
    if isinstance(table, RaggedTable):
        found = sum(key not in sizes.known for row in table.rows for key in row)
    else:
        unknown = [column for key, column in table.columns.items() if key not in sizes.known]
        found = table.length * len(unknown)
        if closely and not sizes.keeps_blanks:
            found -= sum(column.cells.count("") for column in unknown)
    dicts = _UNKNOWN * found + _EXTRA * min(found, table.length)
    return dicts + _written(_unknown_trees(table, sizes))


def _unknown_trees(table: Table, sizes: Sizes) -> Iterator[Cell]:
    """The trees under unknown keys, of rows and of the records in them."""
    for key, cell in _trees_by_key(table):
        if key not in sizes.known:
            yield cell
        elif key in sizes.inner:
            for record in _records_in(cell, sizes.inner[key]):
                yield from _unknown_members(record, sizes.inner[key])


def _trees_by_key(table: Table) -> Iterator[tuple[str, Cell]]:
    if isinstance(table, RaggedTable):
        cells = (each for row in table.rows for each in row.items())
    else:
        columns = (each for each in table.columns.items() if _has_trees(each[1]))
        cells = ((key, cell) for key, column in columns for cell in column.cells)
    return ((key, cell) for key, cell in cells if isinstance(cell, list | dict))


def _records_in(tree: Cell, known: Known) -> Iterable[Cell]:
    """The tree itself where it is a record, as its keys say, else its items."""
    return [tree] if any(key in known for key, _ in members_of(tree)) else as_list(tree)


def _unknown_members(record: Cell, known: Known) -> Iterator[Cell]:
    for key, cell in members_of(record):
        if key not in known and isinstance(cell, list | dict):
            yield cell


def _has_trees(column: Column) -> bool:
    return any(issubclass(kind, list | dict) for kind in column.kinds)


def _values(column: Column) -> Weight:
    """What the values of a column take, but those that are blank."""
    if _has_trees(column):
        return _trees(column)
    cells = column.cells
    if column.kinds == {str}:
        return _texts(cells)
    texts = [cell for cell in cells if isinstance(cell, str)]
    others = sum(not isinstance(cell, str | NoneType | Absent) for cell in cells)
    size, chars = _texts(texts)
    return Weight(size + _OTHER * others, chars)


def _texts(texts: Sequence[str]) -> Weight:
    filled = len(texts) - texts.count("")
    chars = sum(map(len, texts))
    if chars < min(_LONG * len(texts), _MUCH) and "".join(texts).isascii():
        return Weight(_ASCII_TEXT * filled + chars, chars)
    size = sum(map(sys.getsizeof, filter(None, texts)))
    return Weight(size + _ROUNDED * filled, chars)


def _trees(column: Column) -> Weight:
    size = chars = 0
    for level in levels(column.cells):
        size += _OBJECT * len(level.objects) + _LIST * len(level.lists)
        size += _OTHER * sum(map(len, [*level.objects, *level.lists]))
        texts = _texts(level.texts)
        size, chars = size + texts.size, chars + texts.chars
    return Weight(size, chars)


def _written(trees: Iterable[Cell]) -> int:
    """What trees take once they are written as JSON, and the longest of them while it is."""
    size = most = 0
    for tree in trees:
        with suppress(Fault):  # which says what is wrong with it once it is written
            chars, width, pieces = json_text.length_of(tree)
            size += _TEXT + width * chars
            most = max(most, width * chars + _PIECE * pieces)
    return size + most
