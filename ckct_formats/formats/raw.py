"""The waist: what every format module reads a body into, and writes one from.

A raw response knows nothing of calls. Its envelope is small trees of cells, its payload a table of
columns of cells; the schema alone turns cells into Python values and back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import Any, Final, NamedTuple

from ckct_formats.errors import Path
from ckct_formats.limits import Limits


class Absent(Enum):
    """The cell of a row that lacks the key."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Pairs(list[tuple[str, "Cell"]]):
    """Children by name, in order, of a dialect that writes lists and objects alike.

    In XML and in PHP's print_r the same text can be either: the type of the field decides.
    """


# A cell is a text, a number or a constant, or a tree of them: str, int, Decimal (read), float
# (written), bool, None, ABSENT, list, dict, Pairs. Decimal keeps what a float would round.
Cell = Any


class Column(NamedTuple):
    """The cells of one key, and the types that they are of."""

    cells: Sequence[Cell]
    kinds: frozenset[type]

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Column:
        return cls(cells, frozenset(map(type, cells)))


class Table:
    """Rows that share one sequence of keys, as columns."""

    def __init__(self, columns: dict[str, Column], length: int) -> None:
        self.columns = columns
        self.length = length

    def column(self, name: str) -> Column | None:
        """The column of a key; None if no row has it."""
        return self.columns.get(name)

    def unknown(self, known: frozenset[str]) -> Iterator[dict[str, Cell]] | None:
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

    def column(self, name: str) -> Column | None:
        return Column.of([row.get(name, ABSENT) for row in self.rows])

    def unknown(self, known: frozenset[str]) -> Iterator[dict[str, Cell]]:
        return (
            {name: cell for name, cell in row.items() if name not in known} for row in self.rows
        )


def table_of(rows: Sequence[dict[str, Cell]]) -> Table:
    """The table of rows that are objects: columns, if all of them have one sequence of keys."""
    if not rows:
        return Table({}, 0)
    names = list(rows[0])
    if not names or not all(map(names.__eq__, map(list, rows))):
        return RaggedTable(rows)
    columns = map(Column.of, zip(*map(dict.values, rows), strict=True))
    return Table(dict(zip(names, columns, strict=True)), len(rows))


class Over(NamedTuple):
    """Which limit a fault is past: its name, its number, and what was found."""

    limit: str
    allowed: int
    found: int


class Fault(Exception):
    """One cell or value that breaks a rule; whoever knows its place makes an error of it."""

    def __init__(
        self, reason: str, excerpt: str | None = None, path: Path = (), over: Over | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.excerpt = excerpt
        self.path = path
        self.over = over

    @property
    def at(self) -> int | None:
        """Its index into the body's text, where that is known."""
        return None

    @property
    def text(self) -> str:
        """The reason, also of a fault that is past a limit."""
        over = self.over
        return f"{over.limit} is limited to {over.allowed:,}" if over else self.reason

    def under(self, *path: str | int) -> Fault:
        """The same fault, seen from further up."""
        return Fault(self.reason, self.excerpt, (*path, *self.path), self.over)


class Misplaced(Fault):
    """A fault at an index into the text."""

    def __init__(
        self, at: int, reason: str, excerpt: str | None = None, over: Over | None = None
    ) -> None:
        super().__init__(reason, excerpt, over=over)
        self._at = at

    @property
    def at(self) -> int:
        """Its index into the body's text."""
        return self._at


def as_object(cell: Cell) -> dict[str, Cell]:
    """A cell as an object. PHP has one empty array, so `[]` may stand for an empty object."""
    if isinstance(cell, Pairs):
        members = dict(cell)
        if len(members) < len(cell):
            raise Fault("the key stands twice in one object", path=(twice(cell),))
        return members
    if isinstance(cell, dict):
        return cell
    if cell == []:
        return {}
    raise Fault("expected an object", shown(cell))


def as_list(cell: Cell) -> list[Cell]:
    """A cell as a list. PHP writes a list with gaps as an object: its values, in order."""
    if isinstance(cell, Pairs):
        return [value for _, value in cell]
    if isinstance(cell, dict):
        return list(cell.values())
    if isinstance(cell, list):
        return cell
    raise Fault("expected a list", shown(cell))


def walk(cell: Cell) -> Iterator[tuple[Path, Cell]]:
    """A cell and all cells inside it, each with its path, in the order of the text."""
    pending: list[tuple[Path, Cell]] = [((), cell)]
    while pending:
        path, cell = pending.pop()
        yield path, cell
        members: Iterable[tuple[str | int, Cell]] = ()
        if isinstance(cell, Pairs):
            members = cell
        elif isinstance(cell, dict):
            members = cell.items()
        elif isinstance(cell, list):
            members = enumerate(cell)
        pending += [((*path, key), member) for key, member in reversed(list(members))]


class Level(NamedTuple):
    """What stands at one depth of trees."""

    objects: list[dict[str, Cell]]
    lists: list[list[Cell]]
    texts: list[str]


def levels(cells: Iterable[Cell]) -> Iterator[Level]:
    """The objects, lists and texts among cells, then among the members of those, and so on."""
    level = list(cells)
    while level:
        objects = [cell for cell in level if isinstance(cell, dict)]
        lists = [cell for cell in level if isinstance(cell, list)]
        yield Level(objects, lists, [cell for cell in level if isinstance(cell, str)])
        members = [each[1] if isinstance(each, tuple) else each for each in chain(*lists)]
        level = [*chain.from_iterable(map(dict.values, objects)), *members]


def is_numbered(keys: Sequence[str]) -> bool:
    """Whether keys count from 0, as PHP counts the entries of a list."""
    return list(keys) == [str(at) for at in range(len(keys))]


def twice(pairs: Pairs) -> str:
    """The first key that stands a second time, in pairs in which one does."""
    keys = [key for key, _ in pairs]
    seen = set(keys)
    for key in keys:
        if key not in seen:
            return key
        seen.remove(key)
    raise ValueError("no key stands twice")


def shown(cell: Cell) -> str | None:
    """A cell as an error shows it; None for a tree."""
    if isinstance(cell, str | None):
        return cell
    if cell is ABSENT or isinstance(cell, list | dict):
        return None
    return str(cell).lower()


def nothing_located(path: Path) -> int | None:
    """The place of any path, in a body whose places cannot be told."""
    return None


@dataclass(slots=True)
class RawResponse:
    """A response between bytes and dataclasses.

    Attributes:
        inbound, info: The trees of the envelope, ABSENT where the body has none.
        table: The payload.
        keys: The keys of the rows, where the payload is keyed; otherwise rows go by index.
        row_faults: By row, what the format module found wrong with it; it has no cells.
        locate: Where a path stands, as an index into the body's text; None if it cannot be told.
    """

    inbound: Cell
    info: Cell
    table: Table
    keys: Sequence[str] | None = None
    row_faults: dict[int, Fault] = field(default_factory=dict)
    locate: Callable[[Path], int | None] = nothing_located

    def row_key(self, row: int) -> str | int:
        return row if self.keys is None else self.keys[row]


def check_value_chars(response: RawResponse, limits: Limits) -> None:
    """Find texts that are too long: in the envelope they raise, in a row they are its fault."""

    def fault_of(text: str) -> Fault | None:
        over = Over("value_chars", limits.value_chars, len(text))
        return Fault("", text, over=over) if over.found > over.allowed else None

    def may_fail(column: Column) -> bool:
        texts = column.cells
        if not column.kinds <= {str, type(None)}:
            texts = [text for level in levels(column.cells) for text in level.texts]
        return max(map(len, filter(None, texts)), default=0) > limits.value_chars

    _check_texts(response, fault_of, may_fail)


def check_nul(response: RawResponse) -> None:
    """Find NUL, in a body that holds it: likewise."""
    for name in response.table.columns:
        if "\0" in name:
            raise Fault("NUL is no character", name)
    _check_texts(
        response, lambda text: Fault("NUL is no character", text) if "\0" in text else None
    )


def _check_texts(
    response: RawResponse,
    fault_of: Callable[[str], Fault | None],
    may_fail: Callable[[Column], bool] = lambda column: True,
) -> None:
    for name, part in (("inbound", response.inbound), ("info", response.info)):
        for fault in _faulty_texts(part, fault_of):
            raise fault.under(name)
    table = response.table
    suspects: list[tuple[int, Cell, Path]] = []
    if isinstance(table, RaggedTable):
        suspects = [(row, cells, ()) for row, cells in enumerate(table.rows)]
    for name, column in table.columns.items():
        if may_fail(column):
            suspects += [(row, cell, (name,)) for row, cell in enumerate(column.cells)]
    for row, cells, path in suspects:
        for fault in _faulty_texts(cells, fault_of):
            response.row_faults.setdefault(row, fault.under(*path))


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
    """

    no_text: re.Pattern[str] | None = None
    no_text_reason: str = ""
    no_key: re.Pattern[str] | None = None
    no_key_reason: str = ""
    false_is_blank: bool = False
