"""The table itself: where its columns are, and how its cells are quoted."""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice, repeat
from typing import Any, NamedTuple

from ckct_formats._formats import Known, envelope
from ckct_formats._formats.alike import BATCH, NotAlike, pieces
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import Cell, Pairs
from ckct_formats._formats.csv.php_quotes import PhpTable, Rows
from ckct_formats._formats.faults import Fault, Misplaced, Over
from ckct_formats._formats.table import Column, Table, Take
from ckct_formats._limits import Limits

_DELIMITERS = ",;\t|"
_SEP_LINE = re.compile(r"sep=([,;\t|])(?:\r\n?|\n)")
# A column of a list's items, or of one field of an item that is an object.
_ITEM = re.compile(r"(.+?)\.([0-9]++)(?:\.(.+))?", re.DOTALL)
# What is read at a time, if rows are wide.
_BATCH_CELLS = 100_000
# An item of a list takes as much as so many cells.
_ITEM_CELLS = 5
# Of a whole response in one record; rows of calls have no more than `Limits.columns`.
MOST_NAMES = 100_000
_HEADER_PIECE = re.compile(r'"(?:[^"]|"")*+"|[,;\t|\r\n]|[^",;\t|\r\n]++|"')

# How wide rows are, and their cells.
_Batch = tuple[Sequence[int], Sequence[Sequence[str]]]


class Sheet:
    """The table of a body: found by its header, read fast, and read once more for places.

    Attributes:
        header: The names of the columns.
        is_php: Whether the cells are quoted as PHP's fputcsv does it.
    """

    def __init__(
        self, body: Body, start: int, known: Known, limits: Limits, *, doubled: bool
    ) -> None:
        text = whole = body.text
        if text.endswith(("\n\n", "\r\n\r\n", "\r\r")):  # empty lines at the end are no rows
            text = text.rstrip("\r\n")
        self._text = text
        marked = _SEP_LINE.match(text, start)
        self._start = marked.end() if marked else start
        self._known = known
        self._limits = limits
        self.header: list[str] = []
        self._php_rows: Rows = []
        self._placed, self._placing = 0, iter(list[Record]())
        self._delimiter = marked[1] if marked else self._find_delimiter()
        self.is_php = False
        if self._start >= len(text):
            raise Misplaced(start, "the header of the table is missing")
        self._below = len(text)
        if not doubled and "\\" in text and text.find('\\"', self._start) >= 0:
            with suppress(NotAlike):
                self.header, *self._php_rows = self._php_or_doubled()
                self.is_php = True
        if not self.is_php:
            first = next(records(text, self._start, self._delimiter, MOST_NAMES + 1))
            self._check_width(first.width, MOST_NAMES)
            self.header, self._below = first.cells, first.end
        is_text = known.get(self.header[0], True) if len(self.header) == 1 else False
        if is_text and text is not whole:
            reason = (
                "empty lines at the end: whether they are rows of the one column cannot be told"
            )
            raise Misplaced(len(text), reason)

    def _find_delimiter(self) -> str:
        """The one delimiter that stands in the header outside of quotes. If there are several,
        the one that parts it into the most known names."""
        found = set()
        end = len(self._text)
        for piece in _HEADER_PIECE.finditer(self._text, self._start):
            if piece[0] in "\r\n":
                end = piece.start()
                break
            if piece[0] in _DELIMITERS:
                found.add(piece[0])
        if len(found) < 2:
            return found.pop() if found else ","
        header = self._text[self._start : end]
        counts = {mark: len(self._known.keys() & header.split(mark)) for mark in found}
        best = max(counts, key=lambda mark: counts[mark])
        if list(counts.values()).count(counts[best]) > 1:
            raise Misplaced(self._start, "the delimiter cannot be told from the header", header)
        return best

    def _check_width(self, width: int, most: int) -> None:
        if width > most:
            raise Misplaced(self._start, "", over=Over("columns", most, width))

    def first_rows(self, count: int) -> list[Sequence[str]]:
        """The cells of the first rows below the header."""
        if self.is_php:
            return list(islice(self._php_rows, count))
        return [each.cells for each in islice(self._records(), count)]

    def take_tables(self, take: Take) -> list[Any]:
        """What is made of the rows, a table of them at a time."""
        self._check_header()
        with suppress(NotAlike):
            if not self.is_php:
                rows = self._fast_rows(self._below)
                return list(map(take, self._tables(self._batches(rows))))
        return list(map(take, self._tables(self._careful_batches())))

    @property
    def _batch(self) -> int:
        """How many rows are read at a time."""
        size = _ITEM_CELLS if self._lists else 1
        return min(BATCH, _BATCH_CELLS // (size * max(len(self.header), 1)) + 1)

    def _batches(self, rows: Iterator[list[str]]) -> Iterator[_Batch]:
        while batch := list(islice(rows, self._batch)):
            yield list(map(len, batch)), batch

    def _careful_batches(self) -> Iterator[_Batch]:
        if self.is_php:
            yield from self._batches(iter(self._php_rows))
            return
        rows = self._records()
        while batch := list(islice(rows, self._batch)):
            yield [row.width for row in batch], [row.cells for row in batch]

    def _records(self) -> Iterator[Record]:
        return records(self._text, self._below, self._delimiter, len(self.header) + 1)

    def _tables(self, batches: Iterator[_Batch]) -> Iterator[Table]:
        """Tables of the rows that have as many cells as the header has names, and what is wrong
        with the others; an empty one if there are no rows."""
        width, length = len(self.header), 0
        for widths, rows in batches:
            length += len(rows)
            envelope.check_records(length, self._limits)
            faults, kept = dict[int, Fault](), rows
            if set(widths) != {width}:
                faults = {at: _ragged(of, width) for at, of in enumerate(widths) if of != width}
                blank = [""] * width
                kept = [blank if at in faults else row for at, row in enumerate(rows)]
            table = self._table(kept)
            table.faults = faults
            if len(self._text) > self._limits.value_chars:
                table.most_chars = max(sum(map(len, row)) for row in kept)
            yield table
        if not length:
            yield self._table([])

    def _table(self, rows: Sequence[Sequence[str]]) -> Table:
        columns: Iterable[Sequence[str]] = (
            zip(*rows, strict=True) if rows else [()] * len(self.header)
        )
        texts = frozenset((str,))
        table = {
            name: Column(cells, texts) for name, cells in zip(self.header, columns, strict=True)
        }
        return Table(self._with_lists(table), len(rows))

    def _with_lists(self, columns: dict[str, Column]) -> dict[str, Column]:
        """Put columns like `tagsId.0` and `tagsId.1`, or `hooks.0.hookMethod`, together, if the
        name in front is a known field."""
        for base, items in self._lists.items():
            fields = [{key: columns[name].cells for key, name in each.items()} for each in items]
            rows = zip(*map(_item_cells, fields), strict=True)
            listed = Column.of([_listed(row) for row in rows])
            taken = {name for each in items for name in each.values()}
            columns = {name: column for name, column in columns.items() if name not in taken}
            columns[base] = listed
        return columns

    @cached_property
    def _lists(self) -> dict[str, list[dict[str | None, str]]]:
        """The columns of each list that has some of its own: those of each item, by its fields."""
        lists: dict[str, dict[str, dict[str | None, str]]] = {}
        names = set(self.header)
        for name in self.header:
            item = _ITEM.fullmatch(name)
            if item and item[1] in self._known and item[1] not in names:
                lists.setdefault(item[1], {}).setdefault(item[2], {})[item[3]] = name
        return {base: list(items.values()) for base, items in lists.items()}

    def _check_header(self) -> None:
        header = self.header
        self._check_width(len(header), self._limits.columns)
        names = set(map(_list_of, header))
        if self._known and self._known.keys().isdisjoint(names):
            some = ", ".join(sorted(self._known)[:3])
            reason = f"the header is missing: no column is called {some} or the like"
            raise Misplaced(self._start, reason, self._delimiter.join(header))
        if any("\0" in name for name in header):
            raise Misplaced(self._start, "NUL is no character", self._delimiter.join(header))
        if len(set(header)) < len(header):
            name = next(name for name, count in Counter(header).items() if count > 1)
            raise Misplaced(self._start, "two columns of one name", name)

    def _php_or_doubled(self) -> Rows:
        """The rows of a table with backslashes in front of quotes, as PHP's fputcsv writes it,
        which does not double such a quote; `NotAlike` if each quote is doubled, or nothing fits."""
        table = self._text[self._start :]
        readings = PhpTable(table, self._delimiter).readings()
        if len(readings) > 1:
            raise self._ambiguous()
        try:
            is_even, is_same = self._doubled_against(readings)
        except Misplaced:
            if not readings:
                raise
            return readings[0]
        if is_even and readings and not is_same:
            raise self._ambiguous()
        if is_even or not readings:
            raise NotAlike
        return readings[0]

    def _ambiguous(self) -> Misplaced:
        reason = "backslashes in front of quotes, which can be read in two ways that both fit"
        return Misplaced(self._text.index('\\"', self._start), reason)

    def _doubled_against(self, readings: Sequence[Rows]) -> tuple[bool, bool]:
        """Whether the rows are all as wide as the first if each quote in a quoted cell is doubled
        (RFC 4180), and whether they are then those of a reading."""
        with suppress(NotAlike):
            return _compared(self._fast_rows(self._start), readings)
        careful = records(self._text, self._start, self._delimiter)
        return _compared((each.cells for each in careful), readings)

    def _fast_rows(self, start: int) -> Iterator[list[str]]:
        """The rows from a place on, by the standard library's reader; `NotAlike` where the careful
        one must tell: at a fault, where lines end in a carriage return alone, or at a cell longer
        than the limit of the whole process, which is not ours to change."""
        lines = _lines(self._text, start)
        try:
            yield from csv.reader(lines, delimiter=self._delimiter, strict=True)
        except csv.Error:
            raise NotAlike from None

    def _places_of(self, number: int) -> list[int]:
        """Where the cells of a line begin. Rows are asked for in their order, so counting goes on
        from the one before."""
        if number < self._placed or not self._placed:
            most = len(self.header) + 1
            self._placing = records(self._text, self._start, self._delimiter, most)
            self._placed, self._at = 0, next(self._placing)
        while self._placed < number:
            self._placed, self._at = self._placed + 1, next(self._placing)
        return self._at.places

    @cached_property
    def _column_of(self) -> dict[str, int]:
        lists = {_list_of(name): at for at, name in reversed(list(enumerate(self.header)))}
        return lists | {name: at for at, name in enumerate(self.header)}

    def locate(self, row: str | int, name: str | int | None) -> int | None:
        """Where a cell begins, or its row."""
        if self.is_php:
            return None
        places = self._places_of(int(row) + 1)
        column = self._column_of.get(str(name), 0)
        return places[column] if column < len(places) else places[-1]


def _lines(text: str, start: int) -> Iterator[str]:
    """The lines of a table with their ends, as a file gives them that is open in binary mode;
    `NotAlike` at one that ends in two carriage returns, which the reader would take for one end."""
    if start == len(text):
        return
    end = len(text) - text.endswith("\n")
    for lines in pieces(text, start, end, "\n"):
        if any(map(str.endswith, lines, repeat("\r\r"))):
            raise NotAlike
        yield from map(str.__add__, lines, repeat("\n"))


class Record(NamedTuple):
    """The cells of one line, where each begins, where the next line does, and how many cells there
    are, also those that are not kept."""

    cells: list[str]
    places: list[int]
    end: int
    width: int


def records(text: str, at: int, delimiter: str, most: int = sys.maxsize) -> Iterator[Record]:
    """The records of a table by RFC 4180, with places; an empty line has no cells. Of each no more
    cells are kept than asked for."""
    mark = re.escape(delimiter)
    cell = re.compile(rf'"((?:[^"]|"")*+)"|((?!")[^{mark}\r\n]*+)')
    end = re.compile(rf"({mark})|\r\n?|\n|\Z")
    beyond = re.compile(rf'(?:(?!")[^{mark}\r\n]*+{mark})*+')
    cells, places, width = list[str](), list[int](), 0
    while at < len(text) or width:
        found = cell.match(text, at)
        if found is None:
            raise Misplaced(at, "a quote that is never closed")
        ended = end.match(text, found.end())
        if ended is None:
            reason = "text behind a closing quote; a quote inside a cell is written twice"
            raise Misplaced(found.end(), reason, text[found.end() :][:40])
        width += 1
        if width <= most:
            cells.append(found[2] if found[1] is None else found[1].replace('""', '"'))
            places.append(at)
        at = ended.end()
        if ended[1]:
            if width >= most and (passed := beyond.match(text, at)):
                width += text.count(delimiter, at, passed.end())
                at = passed.end()
            continue
        is_empty = cells == [""] and not found[0]
        yield Record([] if is_empty else cells, places, at, 0 if is_empty else width)
        cells, places, width = [], [], 0


def _compared(rows: Iterator[list[str]], readings: Sequence[Rows]) -> tuple[bool, bool]:
    expected = iter(readings[0] if readings else ())
    is_even = is_same = True
    width = None
    for row in rows:
        width = len(row) if width is None else width
        is_even = is_even and len(row) == width
        is_same = is_same and row == next(expected, None)
    return is_even, is_same and next(expected, None) is None


def _list_of(name: str) -> str:
    """The list that a column like `tagsId.0` holds an item of; any other name as it is."""
    item = _ITEM.fullmatch(name)
    return item[1] if item else name


def _item_cells(fields: dict[str | None, Sequence[Cell]]) -> Sequence[Cell]:
    """The cells of one item: its one column, or objects of them; empty where a row lacks it."""
    if list(fields) == [None]:
        return fields[None]
    names = [name or "" for name in fields]
    rows = zip(*fields.values(), strict=True)
    return [Pairs(zip(names, row, strict=True)) if any(row) else "" for row in rows]


def _listed(items: Sequence[Cell]) -> Pairs | str:
    """The items of a list in columns of their own; those that a row does not have are empty."""
    length = max((at for at, item in enumerate(items, start=1) if item), default=0)
    return Pairs((str(at), item) for at, item in enumerate(items[:length])) or ""


def _ragged(width: int, expected: int) -> Fault:
    kind = "narrower" if width < expected else "wider"
    return Fault(f"a row {kind} than the header: {width} cells, not {expected}")
