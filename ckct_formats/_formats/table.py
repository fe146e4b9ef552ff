"""The waist: what every format module reads a body into, and writes one from.

A raw response knows nothing of calls. Its envelope is small trees of cells, its payload a table of
columns of cells; the schema alone turns cells into Python values and back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from types import NoneType
from typing import NamedTuple, TypeVar

from ckct_formats._errors import Path
from ckct_formats._formats.cells import ABSENT, Absent, Cell, levels, walk
from ckct_formats._formats.faults import Fault, exceeded

T = TypeVar("T")

# The keys on the wire that the record type knows, in the document's order, and whether any text is
# a value of theirs: evidence, where bytes alone do not decide.
KnownKeys = Mapping[str, bool]

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
        """A key for each cell: equal texts and numbers have the same, and of other cells only the
        same object."""
        is_told_apart = any(self.kinds <= kinds for kinds in _TOLD_APART)
        return self.cells if is_told_apart else [*map(id, self.cells)]

    def map(self, function: Callable[[Cell], T]) -> list[T]:
        """What a function gives for each cell; it is called once for cells with the same key."""
        keys = self.keys()
        cell_of = dict(zip(keys, self.cells, strict=True))
        values = {key: function(cell) for key, cell in cell_of.items()}
        return [*map(values.__getitem__, keys)]


class Table:
    """Rows that have the same keys in the same order, as columns.

    Attributes:
        columns: By key.
        length: How many rows there are.
        faults: By row, what the format module found wrong with it; the row is left out.
    """

    def __init__(self, columns: dict[str, Column], length: int) -> None:
        self.columns = columns
        self.length = length
        self.faults: dict[int, Fault] = {}

    def column(self, name: str) -> Column | None:
        """The column of a key; None if no row has it."""
        return self.columns.get(name)

    def rows(self) -> Iterator[dict[str, Cell]]:
        """Each row's cells by their keys."""
        return self._rows_of(self.columns)

    def row_keys(self) -> list[Sequence[str]]:
        """The keys of each row, in the order of the body."""
        return [list(self.columns)] * self.length

    def unknown(self, known: Container[str]) -> Iterator[dict[str, Cell]] | None:
        """Each row's cells under keys that are not known; None if there are no such keys."""
        names = [name for name in self.columns if name not in known]
        return self._rows_of(names) if names else None

    def _rows_of(self, names: Sequence[str] | dict[str, Column]) -> Iterator[dict[str, Cell]]:
        if not names:
            return ({} for _ in range(self.length))
        rows = zip(*(self.columns[name].cells for name in names), strict=True)
        return (dict(zip(names, row, strict=True)) for row in rows)


class RaggedTable(Table):
    """Rows whose keys differ, kept as rows: with a column for each key of any row, a small body
    could ask for rows times keys cells."""

    def __init__(self, rows: Sequence[dict[str, Cell]]) -> None:
        super().__init__({}, len(rows))
        self._rows = rows

    def rows(self) -> Iterator[dict[str, Cell]]:
        return iter(self._rows)

    def column(self, name: str) -> Column | None:
        return Column.of([row.get(name, ABSENT) for row in self._rows])

    def row_keys(self) -> list[Sequence[str]]:
        return [list(row) for row in self._rows]

    def unknown(self, known: Container[str]) -> Iterator[dict[str, Cell]]:
        return (
            {name: cell for name, cell in row.items() if name not in known} for row in self._rows
        )


def table_of(rows: Sequence[dict[str, Cell]]) -> Table:
    """The table of rows that are objects."""
    if not rows:
        return Table({}, 0)
    names = list(rows[0])
    if not names or not all(map(names.__eq__, map(list, rows))):
        return RaggedTable(rows)
    columns = map(Column.of, zip(*map(dict.values, rows), strict=True))
    return Table(dict(zip(names, columns, strict=True)), len(rows))


@dataclass(slots=True)
class RawResponse:
    """A response between bytes and dataclasses.

    Attributes:
        inbound, info: The trees of the envelope, ABSENT where the body has none.
        table: The payload.
        keys: The keys of the rows, where the payload is keyed; None where rows go by index.
        faults: What the format module found wrong with values of the envelope.
        other_keys: Keys at the top that are none of the envelope's.
    """

    inbound: Cell = ABSENT
    info: Cell = ABSENT
    table: Table = field(default_factory=lambda: Table({}, 0))
    keys: Sequence[str] | None = None
    faults: Sequence[Fault] = ()
    other_keys: Sequence[str] = ()

    def row_key(self, row: int) -> str | int:
        return row if self.keys is None else self.keys[row]

    def row_path(self, path: Path) -> Path:
        """A path with the key of its row in place of the index, where the payload is keyed."""
        if len(path) < 2 or path[0] != "payload":
            return path
        return ("payload", self.row_key(int(path[1])), *path[2:])


def check_texts(response: RawResponse, max_chars: int, *, holds_nul: bool) -> None:
    """Find texts that are too long, and NUL if the body holds any.

    In a row that is the row's fault; in the envelope and in the keys of a table it is raised.
    """

    def fault_of(text: str) -> Fault | None:
        if holds_nul and "\0" in text:
            return Fault("NUL is no character", text)
        if len(text) > max_chars:
            return exceeded("value_chars", max_chars, len(text), excerpt=text)
        return None

    table = response.table
    above: list[Path] = [("inbound",), ("info",), ()]
    parts = [response.inbound, response.info, dict.fromkeys(table.columns)]
    for (part, *steps), fault in _faulty(parts, fault_of):
        raise fault.under(*above[int(part)], *steps)
    columns: dict[Path, Column] = {(name,): column for name, column in table.columns.items()}
    if isinstance(table, RaggedTable):
        columns = {(): Column.of(list(table.rows()))}
    for name, column in columns.items():
        if holds_nul or max(map(len, _texts_of(column)), default=0) > max_chars:
            for (row, *steps), fault in _faulty(list(column.cells), fault_of):
                table.faults.setdefault(int(row), fault.under(*name, *steps))


def _texts_of(column: Column) -> Iterator[str]:
    if column.kinds <= {str, NoneType}:
        yield from filter(None, column.cells)
        return
    for level in levels(column.cells):
        yield from level.texts
        yield from chain.from_iterable(level.objects)


def _faulty(
    cells: list[Cell], fault_of: Callable[[str], Fault | None]
) -> Iterator[tuple[Path, Fault]]:
    for path, each in walk(cells):
        texts = [each] if isinstance(each, str) else each if isinstance(each, dict) else ()
        for fault in filter(None, map(fault_of, texts)):
            yield path, fault


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a format cannot write so that it is read back equal, besides NUL and lone surrogates.

    Attributes:
        bad_text: Finds a text that would not come back; None if all do.
        bad_text_reason: Why it would not.
        bad_key: Finds the key of an unknown field that would not come back; None if all do.
        bad_key_reason: Why it would not.
        false_is_blank: Whether false is written as nothing.
        absent_is_blank: Whether a key that one row lacks is written as nothing.
        lists_are_text: Whether a list is a text like any other.
    """

    bad_text: re.Pattern[str] | None = None
    bad_text_reason: str = ""
    bad_key: re.Pattern[str] | None = None
    bad_key_reason: str = ""
    false_is_blank: bool = False
    absent_is_blank: bool = False
    lists_are_text: bool = False
