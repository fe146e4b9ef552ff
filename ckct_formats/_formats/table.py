"""The waist: what every format module reads a body into, and writes one from.

A raw response knows nothing of calls. Its envelope is small trees of cells, its payload a table of
columns of cells; the schema alone turns cells into Python values and back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import chain
from types import NoneType
from typing import Any, NamedTuple, TypeVar

from ckct_formats._errors import Path
from ckct_formats._formats.alike import BATCH
from ckct_formats._formats.cells import ABSENT, Absent, Cell, levels, walk
from ckct_formats._formats.faults import Fault, Over
from ckct_formats._limits import Limits

T = TypeVar("T")

# What is made of a table, as soon as it is read.
Take = Callable[["Table"], Any]

# Among cells of these types no two are equal that differ.
_TOLD_APART = ({str, NoneType, Absent}, {int, NoneType, Absent})


class Column(NamedTuple):
    """The cells of one key, and the types that they may be of."""

    cells: Sequence[Cell]
    kinds: frozenset[type]

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Column:
        return cls(cells, frozenset(map(type, cells)))

    def keys(self) -> Sequence[Hashable]:
        """A key for each cell, by which equal texts and numbers are one, and other cells if they
        are the same object."""
        return (
            self.cells
            if any(self.kinds <= kinds for kinds in _TOLD_APART)
            else [*map(id, self.cells)]
        )

    def map(self, function: Callable[[Cell], T]) -> list[T]:
        """What a function gives for each cell; it is called once for cells of one key."""
        keys = self.keys()
        values = {
            key: function(cell) for key, cell in dict(zip(keys, self.cells, strict=True)).items()
        }
        return [*map(values.__getitem__, keys)]


class Table:
    """Rows that share one sequence of keys, as columns.

    Attributes:
        columns: By key.
        length: How many rows there are.
        most_chars: The length of the longest row as it was written, and so of any text in it; None
            if it is not known.
        faults: By row, what the format module found wrong with it; the row is left out.
    """

    def __init__(
        self, columns: dict[str, Column], length: int, most_chars: int | None = None
    ) -> None:
        self.columns = columns
        self.length = length
        self.most_chars = most_chars
        self.faults: dict[int, Fault] = {}

    def column(self, name: str) -> Column | None:
        """The column of a key; None if no row has it."""
        return self.columns.get(name)

    def parts(self) -> Iterator[Table]:
        """Tables of a page of rows each; the table itself if it is no longer than one."""
        if self.length <= BATCH:
            yield self
            return
        for at in range(0, self.length, BATCH):
            part = self._rows_of(slice(at, min(at + BATCH, self.length)))
            faults = {row: self.faults[row] for row in range(at, at + BATCH) if row in self.faults}
            part.faults = {row - at: fault for row, fault in faults.items()}
            yield part

    def _rows_of(self, part: slice) -> Table:
        columns = {
            name: Column(cells[part], kinds) for name, (cells, kinds) in self.columns.items()
        }
        return Table(columns, part.stop - part.start, self.most_chars)

    def dicts(self) -> list[dict[str, Cell]]:
        """Each row's cells by their keys."""
        if not self.columns:
            return [{} for _ in range(self.length)]
        cells = zip(*(column.cells for column in self.columns.values()), strict=True)
        return [dict(zip(self.columns, row, strict=True)) for row in cells]

    def row_keys(self) -> list[Sequence[str]]:
        """The keys of each row, in the order of the body."""
        return [list(self.columns)] * self.length

    def unknown(self, known: Container[str]) -> Iterator[dict[str, Cell]] | None:
        """Each row's cells under keys that are not known; None if there are no such keys."""
        names = [name for name in self.columns if name not in known]
        if not names:
            return None
        rows = zip(*(self.columns[name].cells for name in names), strict=True)
        return (dict(zip(names, row, strict=True)) for row in rows)


class RaggedTable(Table):
    """Rows whose keys differ, kept as rows: a column for each key of any row would let a small
    body ask for rows times keys cells."""

    def __init__(self, rows: Sequence[dict[str, Cell]]) -> None:
        super().__init__({}, len(rows))
        self.rows = rows

    def _rows_of(self, part: slice) -> RaggedTable:
        return RaggedTable(self.rows[part])

    def dicts(self) -> list[dict[str, Cell]]:
        return list(self.rows)

    def column(self, name: str) -> Column | None:
        return Column.of([row.get(name, ABSENT) for row in self.rows])

    def row_keys(self) -> list[Sequence[str]]:
        return [list(row) for row in self.rows]

    def unknown(self, known: Container[str]) -> Iterator[dict[str, Cell]]:
        return (
            {name: cell for name, cell in row.items() if name not in known} for row in self.rows
        )


def joined(tables: Sequence[Table]) -> Table:
    """One table of the rows of several."""
    if len(tables) == 1:
        return tables[0]
    length, faults = 0, dict[int, Fault]()
    for table in tables:
        faults |= {length + row: fault for row, fault in table.faults.items()}
        length += table.length
    keys = [None if isinstance(table, RaggedTable) else list(table.columns) for table in tables]
    if keys[0] is None or any(each != keys[0] for each in keys):
        ragged = table_of([row for table in tables for row in table.dicts()])
        ragged.faults = faults
        return ragged
    whole = copy(tables[0])
    whole.length, whole.most_chars, whole.columns, whole.faults = length, None, {}, faults
    for name in tables[0].columns:
        columns = [table.columns[name] for table in tables]
        cells = list(chain.from_iterable(column.cells for column in columns))
        whole.columns[name] = Column(
            cells, frozenset().union(*(column.kinds for column in columns))
        )
    return whole


def table_of(rows: Sequence[dict[str, Cell]]) -> Table:
    """The table of rows that are objects: columns, if all of them have one sequence of keys."""
    if not rows:
        return Table({}, 0)
    names = list(rows[0])
    if not names or not all(map(names.__eq__, map(list, rows))):
        return RaggedTable(rows)
    columns = map(Column.of, zip(*map(dict.values, rows), strict=True))
    return Table(dict(zip(names, columns, strict=True)), len(rows))


def nothing_located(path: Path) -> int | None:
    """The place of any path, in a body whose places cannot be told."""
    return None


@dataclass(slots=True)
class RawResponse:
    """A response between bytes and dataclasses.

    Attributes:
        inbound, info: The trees of the envelope, ABSENT where the body has none.
        table: The payload; with `taken`, none of it.
        taken: What was made of the payload's tables, one after another, where they were taken as
            soon as each was read; None where `table` is still to be taken.
        keys: The keys of the rows, where the payload is keyed; otherwise rows go by index.
        faults: What the format module found wrong with the values of the envelope.
        beside: Keys that stand beside the parts of the envelope.
        locate: Where a path stands, as an index into the body's text; None if it cannot be told.
    """

    inbound: Cell
    info: Cell
    table: Table
    taken: Sequence[Any] | None = None
    keys: Sequence[str] | None = None
    faults: Sequence[Fault] = ()
    beside: Sequence[str] = ()
    locate: Callable[[Path], int | None] = nothing_located

    def by_index(self) -> RawResponse:
        """The same, in a dialect in which the keys of rows say nothing."""
        self.keys = None
        return self

    def row_key(self, row: int) -> str | int:
        return row if self.keys is None else self.keys[row]


def check_value_chars(table: Table, limits: Limits) -> None:
    """Find texts of rows that are too long, as their faults."""
    if table.most_chars is not None and table.most_chars <= limits.value_chars:
        return

    def may_fail(column: Column) -> bool:
        texts: Iterable[str] = filter(None, column.cells)
        if not column.kinds <= {str, NoneType}:
            texts = (text for level in levels(column.cells) for text in level.texts)
        return max(map(len, texts), default=0) > limits.value_chars

    _check_texts(table, lambda text: _too_long(text, limits), may_fail)


def check_envelope_chars(response: RawResponse, limits: Limits) -> None:
    """`Fault` if a text of the envelope is too long."""
    _check_envelope(response, lambda text: _too_long(text, limits))


def _too_long(text: str, limits: Limits) -> Fault | None:
    over = Over("value_chars", limits.value_chars, len(text))
    return Fault("", text, over=over) if over.found > over.allowed else None


def check_nul(response: RawResponse) -> None:
    """Find NUL, in a body that holds it: in the envelope it raises, in a row it is its fault."""
    for name in response.table.columns:
        if "\0" in name:
            raise Fault("NUL is no character", name)
    _check_envelope(response, _nul)
    check_nul_in_rows(response.table)


def check_nul_in_rows(table: Table) -> None:
    """Find NUL in the texts of rows, as their faults."""
    _check_texts(table, _nul)


def _nul(text: str) -> Fault | None:
    return Fault("NUL is no character", text) if "\0" in text else None


def _check_envelope(response: RawResponse, fault_of: Callable[[str], Fault | None]) -> None:
    for name, part in (("inbound", response.inbound), ("info", response.info)):
        for fault in _faulty_texts(part, fault_of):
            raise fault.under(name)


def _check_texts(
    table: Table,
    fault_of: Callable[[str], Fault | None],
    may_fail: Callable[[Column], bool] = lambda column: True,
) -> None:
    if isinstance(table, RaggedTable):
        _note_faulty(table, table.rows, fault_of, ())
    for name, column in table.columns.items():
        if may_fail(column):
            _note_faulty(table, column.cells, fault_of, (name,))


def _note_faulty(
    table: Table, cells: Sequence[Cell], fault_of: Callable[[str], Fault | None], path: Path
) -> None:
    for row, cell in enumerate(cells):
        for fault in _faulty_texts(cell, fault_of):
            table.faults.setdefault(row, fault.under(*path))


def _faulty_texts(cell: Cell, fault_of: Callable[[str], Fault | None]) -> Iterator[Fault]:
    for path, each in walk(cell):
        fault = fault_of(each) if isinstance(each, str) else None
        if fault is not None:
            yield fault.under(*path)


@dataclass(frozen=True, slots=True)
class Carries:
    """What a format cannot carry, beyond NUL and lone surrogates, which none does.

    Attributes:
        no_text: Finds a text that would not come back; None if all do.
        no_text_reason: Why it would not.
        no_key: Finds an unknown field's key that would not come back; None if all do.
        no_key_reason: Why it would not.
        false_is_blank: Whether a false is written as nothing.
        absent_is_blank: Whether a key that one row lacks is written as nothing.
        lists_are_text: Whether a list is a text like any other.
    """

    no_text: re.Pattern[str] | None = None
    no_text_reason: str = ""
    no_key: re.Pattern[str] | None = None
    no_key_reason: str = ""
    false_is_blank: bool = False
    absent_is_blank: bool = False
    lists_are_text: bool = False
