"""How a value is read from a cell and written to one: docs/wire-formats.md, "Values".

Each rule has two speeds. `read` and `write` say what holds for one cell. `read_column` and
`write_column` do the same for a column in a few C loops; they return None where they cannot prove
that every cell is of the common kind, and then the rule for one cell decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice, repeat
from types import NoneType
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from ckct_formats._formats import json_text
from ckct_formats._formats.cells import ABSENT, Cell, Pairs, as_list, as_object, shown
from ckct_formats._formats.faults import Fault, exceeded
from ckct_formats._formats.table import Column, Constraints
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._times import ZERO_DATE, from_epoch, from_php, parse_moment, wall_clocks

K = TypeVar("K", bound=str | int)
V = TypeVar("V")
T = TypeVar("T")

REQUIRED: Final = object()

# A column of values or cells; None where the rule for one cell decides.
Converted = Sequence[Any] | None

_INTEGER = re.compile(r"-?[0-9]+")
_JSON_INTEGER = r"-?(?:0|[1-9][0-9]*+)"
_INTEGER_LISTS = re.compile(rf"(?:(?:\[(?:{_JSON_INTEGER}(?:,{_JSON_INTEGER})*+)?\]|-?)\n)*+")
_DIGITS = re.compile(r"[0-9-]*+")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BAD_CHAR = re.compile(r"[\0\ud800-\udfff]")
# PHP writes true as 1 and false as nothing where it writes text.
_TRUE = (True, "1", "true")
_FALSE = (False, "0", "false", "")
_BLANKS: frozenset[str | None] = frozenset({None, "", "-"})
# How many cells show whether a column repeats its texts.
_FIRST_FEW = 32
_KIND_NAMES = {
    NoneType: "null",
    bool: "a boolean",
    Decimal: "a number with a fraction or an exponent",
    list: "a list",
    dict: "an object",
    Pairs: "a structure",
}


def is_blank(cell: Cell) -> bool:
    """Whether a cell says that there is no value."""
    return cell is None or cell is False or cell in ("", "-")


class Rule:
    """How the values of a field are read and written.

    Args:
        blank: The value of a blank cell; REQUIRED if there must be one.
        blank_cell: What is written for None.
    """

    kind: type[Any]  # of its values
    expected = ""
    takes_any_text = False
    shareable = True  # whether equal cells may become one value, because nobody can change it
    blanks: Set[str | None] = _BLANKS  # among texts and None

    def __init__(self, blank: Any = REQUIRED, blank_cell: Cell = None) -> None:
        self.blank = blank
        self.blank_cell = blank_cell

    def is_blank(self, cell: Cell) -> bool:
        return is_blank(cell)

    def read(self, cell: Cell, limits: Limits) -> Any:
        if not self.is_blank(cell):
            return self.value(cell, limits)
        if self.blank is REQUIRED:
            raise self.unexpected(cell)
        return self.blank

    def value(self, cell: Cell, limits: Limits) -> Any:
        """The value of a cell that is not blank."""
        raise NotImplementedError

    def read_column(self, column: Column, limits: Limits) -> Converted:
        return None

    def write(self, value: Any, constraints: Constraints) -> Cell:
        if value is None and self.blank is None:
            return self.blank_cell
        if type(value) is not self.kind:
            raise Fault(f"expected {self.expected}, not a value of type {type(value).__name__}")
        return self.cell(value, constraints)

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        """The cell of a value that is not None."""
        raise NotImplementedError

    def write_column(self, values: Sequence[Any], constraints: Constraints) -> Converted:
        cells = self.cells(values, constraints) if set(map(type, values)) <= self.kinds else None
        if cells is None or self.blank_cell is None or None not in cells:
            return cells
        return [self.blank_cell if cell is None else cell for cell in cells]

    def cells(self, values: Sequence[Any], constraints: Constraints) -> Converted:
        """The cells of values whose types are in `kinds`, with None for None; None if one of them
        may have to be refused."""
        return None

    @property
    def kinds(self) -> set[type]:
        return {self.kind, NoneType} if self.blank is None else {self.kind}

    def read_texts(
        self, column: Column, convert: Callable[[Sequence[str]], list[Any]]
    ) -> Converted:
        """The values of a column of texts, one object for equal ones; None if `convert` raises
        ValueError, or if a cell is blank that must not be."""
        cells = column.cells
        if not column.kinds <= {str, NoneType}:
            return None
        try:
            if column.kinds == {str} and _differ(cells) and self.blanks.isdisjoint(cells):
                return convert(cells)
            texts = list(set(cells) - self.blanks)
            value_of = dict(zip(texts, convert(texts), strict=True))
        except ValueError:
            return None
        if self.blank is not REQUIRED:
            value_of |= dict.fromkeys(self.blanks, self.blank)
        elif not self.blanks.isdisjoint(cells):
            return None
        return list(map(value_of.__getitem__, cells))

    def unexpected(self, cell: Cell) -> Fault:
        kind = _KIND_NAMES.get(type(cell), "")
        return Fault(f"expected {self.expected}{kind and f', not {kind}'}", shown(cell))


class Text(Rule):
    """`str`: verbatim. `str | None`: blanks are None."""

    kind = str
    expected = "a text"
    takes_any_text = True

    def read(self, cell: Cell, limits: Limits) -> Any:
        return None if self.blank is None and is_blank(cell) else self.value(cell, limits)

    def value(self, cell: Cell, limits: Limits) -> str:
        if type(cell) is str:
            return cell
        if type(cell) is int:
            return str(integer_within(cell, limits))
        raise self.unexpected(cell)

    def read_column(self, column: Column, limits: Limits) -> Converted:
        if not column.kinds <= self.kinds:
            return None
        return _shared(column.cells, "", "-") if self.blank is None else column.cells

    def cell(self, value: str, constraints: Constraints) -> Cell:
        if self.blank is None and value in _BLANKS:
            raise Fault("a blank text would come back as None", value)
        check_text(value, constraints)
        return value

    def cells(self, values: Sequence[Any], constraints: Constraints) -> Converted:
        texts = set(values) - {None}
        if self.blank is None and not texts.isdisjoint(_BLANKS):
            return None
        if max(map(len, texts), default=0) > DEFAULT_LIMITS.value_chars:
            return None
        # Printable text has no control, line break or surrogate, and formats lack nothing else.
        if "".join(texts).isprintable():
            return values
        lines = "\n".join(texts)
        lacks = constraints.bad_text is not None and constraints.bad_text.search(lines)
        return None if lacks or _BAD_CHAR.search(lines) else values


class Integer(Rule):
    kind = int
    expected = "an integer"

    def is_blank(self, cell: Cell) -> bool:
        return is_blank(cell) and (cell is not False or self.blank is None)

    def value(self, cell: Cell, limits: Limits) -> int:
        if type(cell) is int:
            return integer_within(cell, limits)
        if type(cell) is not str or not _INTEGER.fullmatch(cell):
            raise self.unexpected(cell)
        digits = len(cell.removeprefix("-"))
        if digits > limits.integer_digits:
            raise exceeded("integer_digits", limits.integer_digits, digits)
        with suppress(ValueError):  # the interpreter's own limit, where `Limits` allows more
            return int(cell)
        raise Fault(f"expected an integer that Python converts, found one of {digits:,} digits")

    def read_column(self, column: Column, limits: Limits) -> Converted:
        def convert(texts: Sequence[str]) -> list[int]:
            longest = max(map(len, texts), default=0)
            if longest > limits.integer_digits or not _DIGITS.fullmatch("".join(texts)):
                raise ValueError("not all are integers")
            return list(map(int, texts))

        if column.kinds <= self.kinds:
            return _shared(column.cells) if _all_within(column.cells, limits) else None
        return self.read_texts(column, convert)

    def cell(self, value: int, constraints: Constraints) -> Cell:
        return integer_within(value, DEFAULT_LIMITS)

    def cells(self, values: Sequence[Any], constraints: Constraints) -> Converted:
        return values if _all_within(values, DEFAULT_LIMITS) else None


_SECONDS = Integer()


class Number(Rule):
    """`float` and `Decimal`."""

    expected = "a number"

    def __init__(self, kind: type[float] | type[Decimal], blank: Any, blank_cell: Cell) -> None:
        super().__init__(blank, blank_cell)
        self.kind = kind

    def value(self, cell: Cell, limits: Limits) -> Any:
        if type(cell) not in (int, Decimal) and not (type(cell) is str and _NUMBER.fullmatch(cell)):
            raise self.unexpected(cell)
        with suppress(ArithmeticError, ValueError):
            value = self.kind(cell)
            if Decimal(value).is_finite():
                return value
        raise Fault("a number too large to hold", shown(cell))

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        if not Decimal(value).is_finite():
            raise Fault("expected a finite number", str(value))
        return str(value) if self.kind is Decimal else value


class Boolean(Rule):
    kind = bool
    expected = "a boolean"

    def is_blank(self, cell: Cell) -> bool:
        is_false = cell is False or (cell == "" and self.blank is not None)
        return is_blank(cell) and not is_false

    def value(self, cell: Cell, limits: Limits) -> bool:
        if type(cell) not in (bool, int, str) or cell not in _TRUE + _FALSE:
            raise self.unexpected(cell)
        return cell in _TRUE

    def cell(self, value: bool, constraints: Constraints) -> Cell:
        # Where false is written as nothing, it would come back as None.
        is_lost = value is False and self.blank is None and constraints.false_is_blank
        return 0 if is_lost else value

    def cells(self, values: Sequence[Any], constraints: Constraints) -> Converted:
        return None if self.blank is None and constraints.false_is_blank else values


class Moment(Rule):
    """`datetime`: epoch seconds are aware, wall-clock times naive."""

    kind = datetime
    expected = "a time"
    blanks = _BLANKS | {ZERO_DATE}

    def is_blank(self, cell: Cell) -> bool:
        return is_blank(cell) or cell == ZERO_DATE

    def value(self, cell: Cell, limits: Limits) -> datetime:
        if type(cell) is int or (type(cell) is str and _INTEGER.fullmatch(cell)):
            return from_epoch(_SECONDS.value(cell, limits))
        if type(cell) in (dict, Pairs):
            return from_php(as_object(cell))
        moment = parse_moment(cell) if type(cell) is str else None
        if moment is None:
            raise self.unexpected(cell)
        return moment

    def read_column(self, column: Column, limits: Limits) -> Converted:
        return self.read_texts(column, wall_clocks)

    def cell(self, value: datetime, constraints: Constraints) -> Cell:
        offset = value.utcoffset()
        if offset is None:
            return str(value)
        return value.isoformat() if offset or value.microsecond else int(value.timestamp())

    def cells(self, values: Sequence[Any], constraints: Constraints) -> Converted:
        if any(value is not None and value.tzinfo is not None for value in values):
            return None
        return [value and str(value) for value in values]


class Day(Rule):
    """`date`."""

    kind = date
    expected = "a date"

    def value(self, cell: Cell, limits: Limits) -> date:
        if type(cell) is str and _DAY.fullmatch(cell):
            with suppress(ValueError):
                return date.fromisoformat(cell)
        raise self.unexpected(cell)

    def cell(self, value: date, constraints: Constraints) -> Cell:
        return value.isoformat()


class Record(Protocol):
    """What a rule needs of the schema of a nested dataclass."""

    record_type: type
    known: dict[str, bool]

    def read_one(self, members: dict[str, Cell], limits: Limits) -> Any: ...

    def write_one(self, value: Any, constraints: Constraints) -> dict[str, Cell]: ...


class Nested(Rule):
    """A dataclass inside another; `blank` makes the value of a blank cell."""

    expected = "an object"
    shareable = False

    def __init__(self, record: Record, blank: Any = REQUIRED) -> None:
        super().__init__(blank)
        self.record = record
        self.kind = record.record_type

    def read(self, cell: Cell, limits: Limits) -> Any:
        if is_blank(cell) and self.blank is not REQUIRED:
            return self.blank()
        return self.record.read_one(as_object(_tree(cell, limits)), limits)

    def is_one(self, cell: Cell) -> bool:
        """Whether a cell that may be a list or an object is one record, by its keys: a list of one
        may be written as its element alone. If entries named like fields hold fields of the record
        themselves, it is a list."""
        known = self.record.known
        if not isinstance(cell, Pairs) or not any(key in known for key, _ in cell):
            return False
        inside = (member for _, member in cell if isinstance(member, Pairs))
        return not any(key in known for member in inside for key, _ in member)

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        return self.record.write_one(value, constraints)


class Flat(NamedTuple):
    """The items of several lists, one list after the other, and the length of each list."""

    items: list[Cell]
    lengths: list[int]


class Items(Rule):
    """`tuple[int, ...]`, `tuple[str, ...]`, or a tuple of dataclasses; a blank is an empty one."""

    kind = tuple
    expected = "a list"

    def __init__(self, item: Rule) -> None:
        super().__init__(())
        self.item = item
        self.shareable = item.shareable
        self.takes_any_text = item.takes_any_text

    def read(self, cell: Cell, limits: Limits) -> Any:
        cells = enumerate(self._items(cell, limits))
        return tuple(convert_each(cells, lambda item: self.item.read(item, limits)).values())

    def _items(self, cell: Cell, limits: Limits) -> Sequence[Cell]:
        """The items of one list, as cells."""
        if type(cell) is str:
            return self._items_of_text(cell, limits)
        if is_blank(cell):
            return ()
        if isinstance(self.item, Nested) and self.item.is_one(cell):
            return [cell]
        return as_list(cell)

    def _items_of_text(self, text: str, limits: Limits) -> Sequence[Cell]:
        is_of_texts = isinstance(self.item, Text)
        if is_blank(text) or (text.isspace() and not is_of_texts):  # empty, but pretty-printed
            return ()
        if text.startswith("[") or isinstance(self.item, Nested):
            try:
                return as_list(_tree(text, limits))
            except Fault:
                if not is_of_texts:
                    raise
        if isinstance(self.item, Integer):
            separator = next((mark for mark in ",;|" if mark in text), ",")
            return [item.strip(" ") for item in text.split(separator)]
        if text == "Array":  # what PHP makes of a list that is used as a text
            raise Fault("expected a list, not the word for one: what was in it is lost", text)
        return [text]

    def flat(self, column: Column, limits: Limits) -> Flat | None:
        """The items of all lists of a column; None unless they are scalars, in lists or texts."""
        cells, kinds = column
        if not (self.shareable and kinds <= {str, NoneType, list, Pairs}):
            return None
        flat = _flat_integers(cells) if isinstance(self.item, Integer) and kinds == {str} else None
        if flat is not None:
            return flat
        lists = cells if kinds == {list} else [self._items(cell, limits) for cell in cells]
        return Flat(list(chain.from_iterable(lists)), list(map(len, lists)))

    def read_column(self, column: Column, limits: Limits) -> Converted:
        if not self.shareable:
            return None
        is_of_lists = column.kinds == {list}  # no two cells are the same object
        keys = range(len(column.cells)) if is_of_lists else column.keys()
        cell_of = dict(zip(keys, column.cells, strict=True))
        flat = self.flat(column if is_of_lists else Column.of([*cell_of.values()]), limits)
        values = None if flat is None else self.item.read_column(Column.of(flat.items), limits)
        if flat is None or values is None:
            return None
        tuples = _cut(values, flat.lengths)
        if is_of_lists:
            return list(tuples)
        return list(map(dict(zip(cell_of, tuples, strict=True)).__getitem__, keys))

    def cell(self, value: tuple[Any, ...], constraints: Constraints) -> Cell:
        items = enumerate(value)
        return [*convert_each(items, lambda item: self.item.write(item, constraints)).values()]

    def cells(self, values: Sequence[Any], constraints: Constraints) -> Converted:
        items = self.item.write_column(list(chain.from_iterable(values)), constraints)
        if items is None:
            return None
        # All items are of one type by now, so equal tuples are alike, and become one list.
        lists = map(list, _cut(items, map(len, values)))
        return list(map(dict(zip(values, lists, strict=True)).__getitem__, values))


class Lists(Rule):
    """`dict[str, tuple[str, ...]]`: lists of texts by name."""

    kind = dict
    expected = "an object of lists"
    shareable = False

    def __init__(self) -> None:
        super().__init__()
        self.items = Items(Text())

    def read(self, cell: Cell, limits: Limits) -> Any:
        members = {} if is_blank(cell) else as_object(_tree(cell, limits))
        return convert_each(members.items(), lambda item: self.items.read(item, limits))

    def cell(self, value: dict[Any, Any], constraints: Constraints) -> Cell:
        for key in value:
            check_key(key, constraints)
        return convert_each(value.items(), lambda item: self.items.write(item, constraints))


def check_text(text: str, constraints: Constraints) -> None:
    """Refuse a text that the format would not give back."""
    if _BAD_CHAR.search(text):
        raise Fault("NUL or a lone surrogate is no character", text)
    if len(text) > DEFAULT_LIMITS.value_chars:
        raise exceeded("value_chars", DEFAULT_LIMITS.value_chars, len(text))
    if constraints.bad_text is not None and constraints.bad_text.search(text):
        raise Fault(constraints.bad_text_reason, text)


def check_key(key: Any, constraints: Constraints) -> None:
    """Refuse a key that the format would not give back."""
    if type(key) is not str:
        raise Fault(f"expected a text as key, not a value of type {type(key).__name__}")
    check_text(key, constraints)
    if constraints.bad_key is not None and constraints.bad_key.search(key):
        raise Fault(constraints.bad_key_reason, key)


def check_cells(rows: int, names: int) -> None:
    """Refuse a table of more cells than may be read, before it is made."""
    if rows * names > DEFAULT_LIMITS.nodes:
        raise exceeded("nodes", DEFAULT_LIMITS.nodes, rows * names)


def extra_text(cell: Cell, limits: Limits) -> str | None:
    """An unknown field as text; None if there is nothing in it."""
    if cell is None or cell is ABSENT or cell == "":
        return None
    if type(cell) is int:
        integer_within(cell, limits)
    return cell if type(cell) is str else json_text.compact(cell)


def convert_each(pairs: Iterable[tuple[K, V]], convert: Callable[[V], T], *path: str) -> dict[K, T]:
    """The converted values by their keys. The path of a fault begins with the key and `path`."""
    converted: dict[K, T] = {}
    for key, value in pairs:
        try:
            converted[key] = convert(value)
        except Fault as fault:
            raise fault.under(key, *path) from None
    return converted


def integer_within(value: int, limits: Limits) -> int:
    if abs(value) < 10**limits.integer_digits:
        return value
    raise exceeded("integer_digits", limits.integer_digits, Decimal(value).adjusted() + 1)


def _all_within(values: Sequence[int | None], limits: Limits) -> bool:
    bound = 10**limits.integer_digits
    numbers = list(filter(None, values))
    return not numbers or (-bound < min(numbers) and max(numbers) < bound)


def _shared(cells: Sequence[Cell], *blanks: str) -> Sequence[Any]:
    """The cells, one object for equal ones, as pages repeat cities, campaigns and offices; None for
    blanks."""
    if _differ(cells) and not any(blank in cells for blank in blanks):
        return cells
    values: dict[Cell, Any] = dict.fromkeys(blanks)
    return list(map(values.setdefault, cells, cells))


def _differ(cells: Sequence[Cell]) -> bool:
    """Whether the first cells are all different: then it does not pay to look for equal ones."""
    texts = list(filter(None, cells[:_FIRST_FEW]))
    return len(set(texts)) == len(texts)


def _flat_integers(cells: Sequence[str]) -> Flat | None:
    """The integers of JSON lists, as texts; None unless all cells are such lists or blank."""
    lines = "\n".join([*cells, ""])
    if lines.count("\n") != len(cells) or not _INTEGER_LISTS.fullmatch(lines):
        return None
    lists = [cell for cell in cells if len(cell) > len("[]")]
    items = "".join(lists)[1:-1].replace("][", ",").split(",") if lists else []
    lengths = [cell.count(",") + 1 if len(cell) > len("[]") else 0 for cell in cells]
    return Flat(items, lengths)


def _cut(items: Sequence[T], lengths: Iterable[int]) -> Iterator[tuple[T, ...]]:
    """Tuples of these lengths, cut from the items in order."""
    return map(tuple, map(islice, repeat(iter(items)), lengths))


def _tree(cell: Cell, limits: Limits) -> Cell:
    """A cell, or the tree of the JSON in it if it is a text."""
    if type(cell) is not str:
        return cell
    try:
        tree = json_text.read(cell, limits)
    except Fault as failed:  # without its index, which counts from the start of the cell
        raise Fault(failed.reason, cell, excess=failed.excess) from None
    for fault in json_text.faults(tree, limits):
        raise fault
    return tree
