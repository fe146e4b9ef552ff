"""The records of a table by RFC 4180: fast, or with places."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import NamedTuple

from ckct_formats._formats.faults import Fault, Unproven


class Record(NamedTuple):
    """One line of a table.

    Attributes:
        cells: Its cells, as many as were asked for.
        places: Where each of them begins.
        end: Where the next line begins.
        width: How many cells it has.
    """

    cells: list[str]
    places: list[int]
    end: int
    width: int


def records(text: str, at: int, delimiter: str, max_cells: int = sys.maxsize) -> Iterator[Record]:
    """The records of a table, from one that begins at an index; an empty line has no cells."""
    mark = re.escape(delimiter)
    cell = re.compile(rf'"((?:[^"]|"")*+)"|((?!")[^{mark}\r\n]*+)')
    end = re.compile(rf"({mark})|\r\n?|\n|\Z")
    cells, places, width = list[str](), list[int](), 0
    while at < len(text) or width:
        found = cell.match(text, at)
        if found is None:
            raise Fault("a quote that is never closed", at=at)
        ended = end.match(text, found.end())
        if ended is None:
            reason = "text after a closing quote; a quote inside a cell is written twice"
            raise Fault(reason, text[found.end() :][:40], at=found.end())
        width += 1
        if width <= max_cells:
            cells.append(found[2] if found[1] is None else found[1].replace('""', '"'))
            places.append(at)
        at = ended.end()
        if not ended[1]:
            is_empty = cells == [""] and not found[0]
            yield Record([] if is_empty else cells, places, at, 0 if is_empty else width)
            cells, places, width = [], [], 0


def read_carefully(text: str, start: int, delimiter: str) -> list[list[str]]:
    """The cells of all records from an index on."""
    return [record.cells for record in records(text, start, delimiter)]


def read_fast(text: str, start: int, delimiter: str) -> list[list[str]]:
    """The same by the standard library's reader; `Unproven` where the careful one must tell: at a
    fault, where lines end in carriage returns alone, or at a cell that is longer than the limit of
    the whole process, which is not ours to change."""
    if start == len(text):
        return []
    lines = text[start : len(text) - text.endswith("\n")].split("\n")
    # The reader would take two carriage returns for one line end.
    if any(map(str.endswith, lines, repeat("\r\r"))):
        raise Unproven
    ended = map(str.__add__, lines, repeat("\n"))
    try:
        return list(csv.reader(ended, delimiter=delimiter, strict=True))
    except csv.Error:
        raise Unproven from None


def ragged(width: int, expected: int) -> Fault:
    """The fault of a row that is not as wide as the header."""
    kind = "narrower" if width < expected else "wider"
    return Fault(f"a row {kind} than the header: {width} cells, not {expected}")


def is_even(rows: Sequence[Sequence[str]]) -> bool:
    """Whether all rows are as wide as the first."""
    return len(set(map(len, rows))) == 1
