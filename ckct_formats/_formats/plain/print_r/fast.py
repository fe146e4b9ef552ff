"""The payload of a canonical dump, and of any whose rows are printed alike, without a tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from ckct_formats._formats.alike import NotAlike, check_names, columns_of, pieces
from ckct_formats._formats.cells import Pairs
from ckct_formats._formats.plain.print_r.grammar import KEY_END, Keys, keys_of, level_of, read_cell
from ckct_formats._formats.table import Column, Table
from ckct_formats._limits import Limits

# A dump, its payload, a row.
_ROW_DEPTH = 2
DEPTH = _ROW_DEPTH + 1


class Payload(NamedTuple):
    """Where the content of a payload stands in a dump."""

    start: int
    end: int


def find_payload(dump: str) -> Payload:
    """The payload of a dump; `NotAlike` unless it is the last part of an envelope."""
    top = level_of(0)
    opening = f"{top.before_entry}payload{KEY_END}"
    at = dump.find(opening)
    start, end = at + len(opening), len(dump) - len(top.closing)
    if not dump.startswith(top.openings) or not dump.endswith(top.closing):
        raise NotAlike
    if at < 0 or dump.find(top.before_entry, start) >= 0:
        raise NotAlike
    return Payload(start, end)


class Rows:
    """Rows that are printed alike.

    Attributes:
        names: Their keys.
        length: How many were read so far.
    """

    def __init__(self, dump: str, payload: Payload) -> None:
        above = level_of(_ROW_DEPTH - 1)
        openings = (f"{opening[:-1]}{above.before_entry}" for opening in above.openings)
        opening = next((each for each in openings if dump.startswith(each, payload.start)), None)
        if opening is None or not dump.endswith(above.closing, 0, payload.end):
            raise NotAlike
        self._dump = dump
        self._start = payload.start + len(opening)
        self._end = payload.end - len(above.closing)
        self.length = 0
        first = next(self._pieces())[0]
        row = first.partition(KEY_END)[2]
        self.names = keys_of(row, 0, len(row), _ROW_DEPTH)
        check_names(self.names)

    def _pieces(self) -> Iterator[list[str]]:
        mark = level_of(_ROW_DEPTH - 1).before_entry
        return pieces(self._dump, self._start, self._end, mark)

    def tables(self, limits: Limits) -> Iterator[Table]:
        """The rows, a table for each batch; `NotAlike` at one that is printed otherwise."""
        pattern = _row_pattern(tuple(self.names))
        nested: list[bool] = []
        for rows in self._pieces():
            numbers, *texts = columns_of(rows, pattern)
            first, self.length = self.length, self.length + len(rows)
            if self.length > limits.records:
                raise NotAlike
            if list(numbers) != [str(number) for number in range(first, self.length)]:
                raise NotAlike
            columns = [_column(each, limits) for each in texts]
            nested = nested or [Pairs in column.kinds for column in columns]
            # Whether texts may stand among lists, the careful way asks.
            if [column.kinds == {Pairs} for column in columns] != nested:
                raise NotAlike
            table = dict(zip(self.names, columns, strict=True))
            yield from Table(table, len(rows), max(map(len, rows))).parts()


@lru_cache(maxsize=16)
def _row_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """What fits a row with these keys, from its number to its closing bracket."""
    of_row = level_of(_ROW_DEPTH)
    opening = "|".join(re.escape(opening[:-1]) for opening in of_row.openings)
    entry = re.escape(of_row.before_entry)
    closing = re.escape(of_row.closing)
    # Where a text ends is certain: a way back for each of its lines would take memory.
    text = rf"([^\n]*+(?:(?!{entry}|{closing}\Z)\n[^\n]*+)*+)"
    fields = "".join(rf"{entry}{re.escape(name + KEY_END)}{text}" for name in names)
    return re.compile(rf"([0-9]++){re.escape(KEY_END)}(?:{opening}){fields}{closing}")


def _column(texts: Sequence[str], limits: Limits) -> Column:
    column = Column(texts, frozenset((str,)))
    openings = level_of(DEPTH).openings
    if "\n" in "".join(texts) and any(map(str.startswith, texts, repeat(openings))):
        keys = Keys()
        return Column.of(
            column.map(lambda text: read_cell(text, 0, len(text), DEPTH, limits, keys))
        )
    return column
