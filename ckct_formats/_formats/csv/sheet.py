"""The table itself: its header, its delimiter, how its cells are quoted, its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import repeat

from ckct_formats._formats import envelope
from ckct_formats._formats.cells import Cell, Pairs
from ckct_formats._formats.csv import php_quotes
from ckct_formats._formats.csv.records import (
    is_even,
    ragged,
    read_carefully,
    read_fast,
    records,
)
from ckct_formats._formats.faults import MAX_BAD_ROWS, Fault, Unproven, exceeded
from ckct_formats._formats.table import Column, KnownKeys, Table
from ckct_formats._limits import Limits

_DELIMITERS = ",;\t|"
_SEP_LINE = re.compile(r"sep=([,;\t|])(?:\r\n?|\n)")
# A column of a list's items, or of one field of an item that is an object.
_ITEM = re.compile(r"(.+?)\.([0-9]++)(?:\.(.+))?", re.DOTALL)
_HEADER_PIECE = re.compile(r'"(?:[^"]|"")*+"|[,;\t|\r\n]|[^",;\t|\r\n]++|"')

Rows = Sequence[Sequence[str]]


class Sheet:
    """The table of a body.

    Attributes:
        header: The names of the columns.
        is_php: Whether cells are quoted as PHP's fputcsv does it.
    """

    def __init__(
        self, body: str, start: int, known: KnownKeys, limits: Limits, *, is_doubled: bool
    ) -> None:
        # Empty lines at the end are no rows.
        has_empty_end = body.endswith(("\n\n", "\r\n\r\n", "\r\r"))
        self._text = body.rstrip("\r\n") if has_empty_end else body
        self._known = known
        self._limits = limits
        marked = _SEP_LINE.match(self._text, start)
        self._start = marked.end() if marked else start
        if self._start >= len(self._text):
            raise Fault("the header of the table is missing", at=start)
        self._delimiter = marked[1] if marked else self._find_delimiter()
        php_rows = None if is_doubled else self._php_rows()
        self.is_php = php_rows is not None
        self._rows = php_rows or []
        if php_rows is None:
            first = next(records(self._text, self._start, self._delimiter))
            self.header: Sequence[str] = first.cells
            self._below = first.end
        else:
            self.header, self._rows = php_rows[0], php_rows[1:]
        if has_empty_end and len(self.header) == 1 and known.get(self.header[0], True):
            reason = "empty lines at the end: they may be rows of the one column"
            raise Fault(reason, at=len(self._text))

    def _find_delimiter(self) -> str:
        """The one delimiter in the header, outside of quotes. If there are several, the one that
        separates the most known names."""
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
            raise Fault("the delimiter is not clear from the header", header, at=self._start)
        return best

    def _php_rows(self) -> Rows | None:
        """The rows of a table with backslashes before quotes, as PHP's fputcsv writes it, which
        does not double such a quote; None if each quote is doubled, or if nothing fits."""
        at = self._text.find('\\"', self._start)
        if at < 0:
            return None
        ambiguous = Fault("backslashes before quotes, which can be read in two ways", at=at)
        readings = php_quotes.readings(self._text[self._start :], self._delimiter)
        if len(readings) > 1:
            raise ambiguous
        doubled = self._doubled_rows(is_needed=not readings)
        if doubled is None or not is_even(doubled):
            return readings[0] if readings else None
        if readings and readings[0] != doubled:
            raise ambiguous
        return None

    def _doubled_rows(self, *, is_needed: bool) -> Rows | None:
        """The rows if each quote in a quoted cell is doubled (RFC 4180); None if some is not."""
        with suppress(Unproven):
            return read_fast(self._text, self._start, self._delimiter)
        try:
            return read_carefully(self._text, self._start, self._delimiter)
        except Fault:
            if is_needed:
                raise
            return None

    def rows(self, read_rows: Callable[[str, int, str], Rows]) -> Rows:
        """The cells of the rows below the header."""
        return self._rows if self.is_php else read_rows(self._text, self._below, self._delimiter)

    def table(self, rows: Rows) -> Table:
        """The table of rows, and what is wrong with those that are not as wide as the header."""
        width = len(self.header)
        envelope.check_records(len(rows), self._limits)
        if len(rows) * width > self._limits.nodes:
            raise exceeded("nodes", self._limits.nodes, len(rows) * width, "payload")
        faults: dict[int, Fault] = {}
        if any(map(width.__ne__, map(len, rows))):
            bad = [at for at, row in enumerate(rows) if len(row) != width]
            if len(bad) > MAX_BAD_ROWS:
                raise ragged(len(rows[bad[0]]), width).under("payload", bad[0])
            faults = {at: ragged(len(rows[at]), width) for at in bad}
            blank = [""] * width
            rows = [blank if at in faults else row for at, row in enumerate(rows)]
        cells: Iterable[Sequence[str]] = zip(*rows, strict=True) if rows else repeat((), width)
        kinds = frozenset((str,))
        columns = {name: Column(each, kinds) for name, each in zip(self.header, cells, strict=True)}
        table = Table(self._with_lists(columns), len(rows))
        table.faults = faults
        return table

    def _with_lists(self, columns: dict[str, Column]) -> dict[str, Column]:
        """Put columns like `tagsId.0` and `tagsId.1`, or `hooks.0.hookMethod`, together, if the
        name before the number is a known field."""
        lists: dict[str, dict[str, dict[str | None, str]]] = {}
        for name in self.header:
            item = _ITEM.fullmatch(name)
            if item and item[1] in self._known and item[1] not in columns:
                lists.setdefault(item[1], {}).setdefault(item[2], {})[item[3]] = name
        for base, items in lists.items():
            fields = [
                {key: columns.pop(name).cells for key, name in each.items()}
                for each in items.values()
            ]
            rows = zip(*map(_item_cells, fields), strict=True)
            numbers = list(map(str, range(len(fields))))
            columns[base] = Column.of([_listed(numbers, row) for row in rows])
        return columns

    def check_header(self) -> None:
        """Refuse a header that is none, before rows are read."""
        header, line = self.header, self._delimiter.join(self.header)
        if len(header) > self._limits.columns:
            raise exceeded("columns", self._limits.columns, len(header), at=self._start)
        if self._known and self._known.keys().isdisjoint(map(_list_of, header)):
            some = ", ".join(sorted(self._known)[:3])
            reason = f"the header is missing: no column is called {some} or the like"
            raise Fault(reason, line, at=self._start)
        if any("\0" in name for name in header):
            raise Fault("NUL is no character", line, at=self._start)
        if len(set(header)) < len(header):
            name = next(name for name, count in Counter(header).items() if count > 1)
            raise Fault("two columns of one name", name, at=self._start)

    @cached_property
    def _column_of(self) -> dict[str, int]:
        lists = {_list_of(name): at for at, name in reversed(list(enumerate(self.header)))}
        return lists | {name: at for at, name in enumerate(self.header)}

    def places(self, rows: Iterable[int]) -> dict[int, dict[str, int]]:
        """Where the cells of rows begin, by their columns; "" is the row itself."""
        found: dict[int, dict[str, int]] = {}
        wanted = set(rows)
        if self.is_php or not wanted:
            return found
        width = len(self.header) + 1
        below = records(self._text, self._below, self._delimiter, width)
        for row, record in zip(range(max(wanted) + 1), below, strict=False):
            if row in wanted:
                last = len(record.places) - 1
                names = {name: min(at, last) for name, at in self._column_of.items()}
                found[row] = {name: record.places[at] for name, at in names.items()}
                found[row][""] = record.places[0]
        return found


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


def _listed(numbers: Sequence[str], items: Sequence[Cell]) -> Pairs | str:
    """The items of a list in columns of their own; those that a row does not have are empty."""
    length = max((at for at, item in enumerate(items, start=1) if item), default=0)
    return Pairs(zip(numbers, items[:length], strict=False)) or ""
