"""What proves that the fast decoder passed nothing over.

It keeps the last of two equal keys in silence. But every key has its colon: if a body holds no more
colons than the keys and texts of what was read account for, no key was dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from types import NoneType
from typing import NamedTuple

from ckct_formats._formats.cells import Cell, levels
from ckct_formats._formats.table import Column, Table
from ckct_formats._limits import Limits

TEXTS: frozenset[type] = frozenset((str, NoneType))

# A text must not hold the first; the others are colons that cannot be seen in the body. In front of
# them stands what is quicker to look for.
_ESCAPES = (rb"\u00", (rb"\u0000", rb"\u003a", rb"\u003A"))


class Measure(NamedTuple):
    """How many colons the keys and texts of something account for, and how deep it nests."""

    colons: int
    depth: int


def is_proven(data: bytes, measures: Iterable[Measure], limits: Limits) -> bool:
    """Whether what was read of a body, part by part, is all that it holds: no key stood twice, no
    text holds NUL and nothing nests too deep."""
    begin, escapes = _ESCAPES
    if begin in data and any(escape in data for escape in escapes):
        return False
    parts = list(measures)
    if max(part.depth for part in parts) > limits.depth:
        return False
    return data.count(b":") == sum(part.colons for part in parts)


def measure(trees: Sequence[Cell]) -> Measure:
    """The measure of trees."""
    colons = depth = 0
    for objects, lists, texts in levels(trees):
        depth += bool(objects or lists)
        colons += sum(map(len, objects)) + "".join(chain(texts, *objects)).count(":")
    return Measure(colons, depth)


def measure_table(table: Table) -> Measure:
    """The measure of rows that stand in a payload."""
    nested = measure([cell for column in table.columns.values() for cell in _trees(column)])
    colons = sum(_colons(name, column) for name, column in table.columns.items())
    return Measure(colons + nested.colons, nested.depth + 3)


def _trees(column: Column) -> Sequence[Cell]:
    if column.kinds.isdisjoint((list, dict)):
        return ()
    if column.kinds <= {list, dict}:
        return column.cells
    return [cell for cell in column.cells if isinstance(cell, list | dict)]


def _colons(name: str, column: Column) -> int:
    of_keys = (1 + name.count(":")) * len(column.cells)
    if column.kinds <= TEXTS:
        return of_keys + "".join(filter(None, column.cells)).count(":")
    if str in column.kinds:
        of_keys += "".join([cell for cell in column.cells if type(cell) is str]).count(":")
    return of_keys
