"""The table itself: where its columns are, and how its cells are quoted."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice, repeat
from typing import Any, NamedTuple

from ckct_formats.formats import Known, envelope
from ckct_formats.formats.alike import BATCH, NotAlike, pieces
from ckct_formats.formats.cells import Cell, Pairs
from ckct_formats.formats.csv.php_quotes import PhpTable
from ckct_formats.formats.faults import Fault, Misplaced
from ckct_formats.formats.raw import Column, Table, Take
from ckct_formats.limits import Limits

_DELIMITERS = ",;\t|"
_SEP_LINE = re.compile(r"sep=([,;\t|])(?:\r\n?|\n)")
# A column of a list's items, or of one field of an item that is an object.
_ITEM = re.compile(r"(.+?)\.([0-9]++)(?:\.(.+))?", re.DOTALL)
_HEADER_PIECE = re.compile(r'"(?:[^"]|"")*+"|[,;\t|\r\n]|[^",;\t|\r\n]++|"')


class Sheet:
    """The table of a body: found by its header, read fast, and read once more for places.

    Attributes:
        header: The names of the columns.
        is_php: Whether the cells are quoted as PHP's fputcsv does it.
    """

    def __init__(self, text: str, start: int, known: Known, *, doubled: bool) -> None:
        whole = text
        if text.endswith(("\n\n", "\r\n\r\n", "\r\r")):  # empty lines at the end are no rows
            text = text.rstrip("\r\n")
        self._text = text
        marked = _SEP_LINE.match(text, start)
        self._start = marked.end() if marked else start
        self._known = known
        self._delimiter = marked[1] if marked else self._find_delimiter()
        self.is_php = False
        if self._start >= len(text):
            raise Misplaced(start, "the header of the table is missing")
        if doubled or "\\" not in text or text.find('\\"', self._start) < 0:
            first = next(records(text, self._start, self._delimiter))
            self.header, self._below = first.cells, first.end
        else:
            self._below = len(text)
            self.header, *self.rows = self._php_or_doubled()
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
        header = self._text[self._start : end]
        if len(found) < 2:
            return found.pop() if found else ","
        counts = {mark: len(self._known.keys() & header.split(mark)) for mark in found}
        best = max(counts, key=lambda mark: counts[mark])
        if list(counts.values()).count(counts[best]) > 1:
            raise Misplaced(self._start, "the delimiter cannot be told from the header", header)
        return best

    @cached_property
    def rows(self) -> list[list[str]]:
        """The cells of the rows below the header."""
        return self._doubled_rows(self._below)

    def take_tables(self, limits: Limits, take: Take) -> list[Any]:
        """What is made of each table of rows that all have as many cells as the header has names;
        `NotAlike` if some have not, or if there are none."""
        self._check_header()
        taken: list[Any] = []
        length = 0
        rows = self._fast_rows(self._below)
        while batch := list(islice(rows, BATCH)):
            length += len(batch)
            if length > limits.records or set(map(len, batch)) != {len(self.header)}:
                raise NotAlike
            table = self._table(batch)
            if len(self._text) > limits.value_chars:
                table.most_chars = max(map(len, map("".join, batch)))
            taken.append(take(table))
        if not taken:
            raise NotAlike
        return taken

    def table(self, limits: Limits) -> Table:
        """The table of all rows."""
        self._check_header()
        envelope.check_records(len(self.rows), limits)
        width = len(self.header)
        faults = {
            at: _ragged(len(row), width) for at, row in enumerate(self.rows) if len(row) != width
        }
        table = self._table(
            [[""] * width if at in faults else row for at, row in enumerate(self.rows)]
        )
        table.faults = faults
        return table

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
        lists: dict[str, dict[str, dict[str | None, Sequence[Cell]]]] = {}
        for name in list(columns):
            item = _ITEM.fullmatch(name)
            if item and item[1] in self._known and item[1] not in columns:
                fields = lists.setdefault(item[1], {}).setdefault(item[2], {})
                fields[item[3]] = columns[name].cells
        for base, items in lists.items():
            rows = zip(*map(_item_cells, items.values()), strict=True)
            listed = Column.of([_listed(row) for row in rows])
            columns = {name: column for name, column in columns.items() if _list_of(name) != base}
            columns[base] = listed
        return columns

    def _check_header(self) -> None:
        header = self.header
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

    def _php_or_doubled(self) -> list[list[str]]:
        """The rows of a table with backslashes in front of quotes: PHP's fputcsv does not double
        such a quote."""
        table = self._text[self._start :]
        readings = PhpTable(table, self._delimiter).readings()
        try:
            rows = self._doubled_rows(self._start)
            as_doubled = [rows] if len(set(map(len, rows))) == 1 else []
        except Misplaced:
            if not readings:
                raise
            rows, as_doubled = [], []
        different = [reading for reading in readings if reading != rows] + as_doubled
        if len(different) > 1:
            reason = "backslashes in front of quotes, which can be read in two ways that both fit"
            raise Misplaced(self._start + table.index('\\"'), reason)
        self.is_php = not as_doubled and bool(readings)
        return different[0] if different else rows

    def _doubled_rows(self, start: int) -> list[list[str]]:
        """The rows from a place on, if each quote in a quoted cell is doubled (RFC 4180)."""
        with suppress(NotAlike):
            return list(self._fast_rows(start))
        return [each.cells for each in records(self._text, start, self._delimiter)]

    def _fast_rows(self, start: int) -> Iterator[list[str]]:
        """The same, by the standard library's reader; `NotAlike` where the careful one must tell:
        at a fault, where lines end in a carriage return alone, or at a cell longer than the limit
        of the whole process, which is not ours to change."""
        try:
            yield from csv.reader(_lines(self._text, start), delimiter=self._delimiter, strict=True)
        except csv.Error:
            raise NotAlike from None

    @cached_property
    def _places(self) -> list[list[int]]:
        return [each.places for each in records(self._text, self._start, self._delimiter)]

    @cached_property
    def _column_of(self) -> dict[str, int]:
        lists = {_list_of(name): at for at, name in reversed(list(enumerate(self.header)))}
        return lists | {name: at for at, name in enumerate(self.header)}

    def locate(self, row: str | int, name: str | int | None) -> int | None:
        """Where a cell begins, or its row."""
        if self.is_php:
            return None
        places = self._places[int(row) + 1]
        column = self._column_of.get(str(name), 0)
        return places[column] if column < len(places) else places[-1]


def _lines(text: str, start: int) -> Iterator[str]:
    """The lines of a table with their ends, as a file gives them that is open in binary mode;
    `NotAlike` at one that ends in two carriage returns, which the reader would take for one end."""
    if start == len(text):
        return
    for lines in pieces(text, start, len(text) - text.endswith("\n"), "\n"):
        if any(map(str.endswith, lines, repeat("\r\r"))):
            raise NotAlike
        yield from map(str.__add__, lines, repeat("\n"))


class Record(NamedTuple):
    """The cells of one line, where each begins, and where the next line does."""

    cells: list[str]
    places: list[int]
    end: int


def records(text: str, at: int, delimiter: str) -> Iterator[Record]:
    """The records of a table by RFC 4180, with places; an empty line has no cells."""
    mark = re.escape(delimiter)
    cell = re.compile(rf'"((?:[^"]|"")*+)"|((?!")[^{mark}\r\n]*+)')
    end = re.compile(rf"({mark})|\r\n?|\n|\Z")
    cells, places = list[str](), list[int]()
    while at < len(text) or cells:
        found = cell.match(text, at)
        if found is None:
            raise Misplaced(at, "a quote that is never closed")
        ended = end.match(text, found.end())
        if ended is None:
            reason = "text behind a closing quote; a quote inside a cell is written twice"
            raise Misplaced(found.end(), reason, text[found.end() :][:40])
        cells.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        places.append(at)
        at = ended.end()
        if not ended[1]:
            yield Record([] if cells == [""] and not found[0] else cells, places, at)
            cells, places = [], []


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
