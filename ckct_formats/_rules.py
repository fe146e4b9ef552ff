"""One value: from a cell to Python and back. The rules stand in docs/wire-formats.md, "Values".

Each rule has two speeds. `read` and `write` say what holds for one cell. `read_column` and
`write_column` do the same for a column in a few C loops, and give None where they cannot prove
that each cell is of the common kind; then the rule for one cell decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from itertools import chain, islice, repeat
from types import NoneType
from typing import Any, ClassVar, Final, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from ckct_formats._formats import json_text
from ckct_formats._formats.cells import ABSENT, Cell, Pairs, as_list, as_object, shown
from ckct_formats._formats.faults import Fault, exceeded
from ckct_formats._formats.table import Column, Constraints
from ckct_formats._limits import DEFAULT_LIMITS, Limits

T = TypeVar("T")

REQUIRED: Final = object()

_INTEGER = re.compile(r"-?[0-9]+")
_JSON_INTEGER = r"-?(?:0|[1-9][0-9]*+)"
_INTEGER_LISTS = re.compile(rf"(?:(?:\[(?:{_JSON_INTEGER}(?:,{_JSON_INTEGER})*+)?\]|-?)\n)*+")
_DIGITS = re.compile(r"[0-9-]*+")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}"
_WALL_CLOCKS = re.compile(rf"(?:{_DAY.pattern}[ T]{_CLOCK}\n)*+")
_MOMENT = re.compile(
    rf"{_DAY.pattern}(?:[ T]{_CLOCK}(?:\.[0-9]{{1,6}})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{6})?)?)?)?"
)
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
_BAD_CHAR = re.compile(r"[\0\ud800-\udfff]")

# How many cells tell whether a column repeats its texts.
_FIRST_FEW = 32

# MySQL's zero date, which it gives where a date is not set.
ZERO_DATE = "0000-00-00 00:00:00"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_blank(cell: Cell) -> bool:
    """Whether a cell says that there is no value."""
    return cell is None or cell is False or cell in ("", "-")


def check_text(text: str, constraints: Constraints) -> None:
    """Refuse a text that the format would not give back."""
    if _BAD_CHAR.search(text):
        raise Fault("NUL or a lone surrogate is no character", text)
    if len(text) > DEFAULT_LIMITS.value_chars:
        raise exceeded("value_chars", DEFAULT_LIMITS.value_chars, len(text))
    if constraints.bad_text is not None and constraints.bad_text.search(text):
        raise Fault(constraints.bad_text_reason, text)


def _all_come_back(texts: Sequence[str], constraints: Constraints) -> bool:
    """Whether `check_text` is certain to pass each of these texts."""
    if max(map(len, texts), default=0) > DEFAULT_LIMITS.value_chars:
        return False
    # What prints holds no control, no line break and no surrogate, which is all that formats lack.
    if "".join(texts).isprintable():
        return True
    lines = "\n".join(texts)
    lacks = constraints.bad_text is not None and constraints.bad_text.search(lines)
    return not lacks and not _BAD_CHAR.search(lines)


class Rule:
    """How the values of one field are read and written.

    Args:
        blank: The value of a blank cell; REQUIRED if there must be one.
        blank_cell: What is written for None.
    """

    expected = ""
    takes_any_text = False
    shareable = True  # whether equal cells may become one value, which nobody can change

    def __init__(self, blank: Any = REQUIRED, blank_cell: Cell = None) -> None:
        self.blank = blank
        self.blank_cell = blank_cell

    def read(self, cell: Cell, limits: Limits) -> Any:
        if not is_blank(cell):
            return self.value(cell, limits)
        if self.blank is REQUIRED:
            raise self.unexpected(cell)
        return self.blank

    def value(self, cell: Cell, limits: Limits) -> Any:
        """The value of a cell that is not blank."""
        raise NotImplementedError

    def read_column(self, column: Column, limits: Limits) -> Sequence[Any] | None:
        return None

    def write(self, value: Any, constraints: Constraints) -> Cell:
        if value is None and self.blank is None:
            return self.blank_cell
        return self.cell(value, constraints)

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        """The cell of a value that is not None."""
        raise NotImplementedError

    def write_column(
        self, values: Sequence[Any], constraints: Constraints
    ) -> Sequence[Cell] | None:
        return None

    def _are_all(self, kind: type, values: Sequence[Any]) -> bool:
        """Whether values are of one type, or None where that is written as a blank."""
        return set(map(type, values)) <= ({kind, NoneType} if self.blank is None else {kind})

    def _with_blank_cells(self, values: Sequence[Any]) -> Sequence[Cell]:
        """Values that are cells as they stand, but for those that are None."""
        if self.blank_cell is None or None not in values:
            return values
        return [self.blank_cell if value is None else value for value in values]

    def unexpected(self, cell: Cell) -> Fault:
        kind = _KIND_NAMES.get(type(cell), "")
        return Fault(f"expected {self.expected}{kind and f', not {kind}'}", shown(cell))

    def mistyped(self, value: Any) -> Fault:
        return Fault(f"expected {self.expected}, not a value of type {type(value).__name__}")


_KIND_NAMES = {
    NoneType: "null",
    bool: "a boolean",
    Decimal: "a number with a fraction or an exponent",
    list: "a list",
    dict: "an object",
    Pairs: "a structure",
}


class Text(Rule):
    """`str`: verbatim. `str | None`: blanks are None."""

    expected = "a text"
    takes_any_text = True

    def read(self, cell: Cell, limits: Limits) -> Any:
        if self.blank is None and is_blank(cell):
            return None
        return self.value(cell, limits)

    def value(self, cell: Cell, limits: Limits) -> str:
        if type(cell) is str:
            return cell
        if type(cell) is int:
            return str(integer_within(cell, limits))
        raise self.unexpected(cell)

    def read_column(self, column: Column, limits: Limits) -> Sequence[Any] | None:
        if self.blank is None and column.kinds <= {str, NoneType}:
            if _differ(column.cells) and "-" not in column.cells and "" not in column.cells:
                return column.cells
            return _shared(column.cells, {"": None, "-": None})
        return column.cells if column.kinds == {str} else None

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        if type(value) is not str:
            raise self.mistyped(value)
        if self.blank is None and value in ("", "-"):
            raise Fault("an optional text that is blank would come back as None", value)
        check_text(value, constraints)
        return value

    def write_column(
        self, values: Sequence[Any], constraints: Constraints
    ) -> Sequence[Cell] | None:
        if not self._are_all(str, values):
            return None
        texts = set(values)
        if self.blank is None and not texts.isdisjoint(("", "-")):
            return None
        if not _all_come_back([text for text in texts if text], constraints):
            return None
        return self._with_blank_cells(values)


class Integer(Rule):
    expected = "an integer"

    def value(self, cell: Cell, limits: Limits) -> int:
        return read_integer(cell, limits, self)

    def read(self, cell: Cell, limits: Limits) -> Any:
        if cell is False and self.blank is not None:
            raise self.unexpected(cell)
        return super().read(cell, limits)

    def read_column(self, column: Column, limits: Limits) -> Sequence[Any] | None:
        if column.kinds <= ({int, NoneType} if self.blank is None else {int}):
            if not _all_within(column.cells, limits):
                return None
            return column.cells if _differ(column.cells) else _shared(column.cells, {})
        return _read_texts(self, column, {"", "-", None}, lambda texts: _integers(texts, limits))

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        if type(value) is not int:
            raise self.mistyped(value)
        return integer_within(value, DEFAULT_LIMITS)

    def write_column(
        self, values: Sequence[Any], constraints: Constraints
    ) -> Sequence[Cell] | None:
        if not self._are_all(int, values) or not _all_within(values, DEFAULT_LIMITS):
            return None
        return self._with_blank_cells(values)


class Number(Rule):
    """`float` and `Decimal`."""

    expected = "a number"

    def __init__(self, kind: type[float] | type[Decimal], blank: Any, blank_cell: Cell) -> None:
        super().__init__(blank, blank_cell)
        self.kind = kind

    def value(self, cell: Cell, limits: Limits) -> float | Decimal:
        if type(cell) is str and not _NUMBER.fullmatch(cell):
            raise self.unexpected(cell)
        if type(cell) not in (int, Decimal, str):
            raise self.unexpected(cell)
        try:
            value = self.kind(cell)
        except (ArithmeticError, ValueError):
            value = self.kind("nan")
        if not _is_finite(value):
            raise Fault("a number too large to hold", shown(cell))
        return value

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        if type(value) is not self.kind:
            raise self.mistyped(value)
        if not _is_finite(value):
            raise Fault("expected a finite number", str(value))
        return str(value) if self.kind is Decimal else value


def _is_finite(value: float | Decimal) -> bool:
    return value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)


class Boolean(Rule):
    """PHP writes true as 1 and false as nothing where it writes text."""

    expected = "a boolean"
    _texts: ClassVar = {"1": True, "0": False, "true": True, "false": False, "": False}

    def read(self, cell: Cell, limits: Limits) -> Any:
        if cell is False or (cell == "" and self.blank is not None):
            return False
        return super().read(cell, limits)

    def value(self, cell: Cell, limits: Limits) -> bool:
        if type(cell) is bool:
            return cell
        if type(cell) is int and cell in (0, 1):
            return cell == 1
        if type(cell) is str and cell in self._texts:
            return self._texts[cell]
        raise self.unexpected(cell)

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        if type(value) is not bool:
            raise self.mistyped(value)
        # Where false is written as nothing, it would come back as None.
        if value is False and self.blank is None and constraints.false_is_blank:
            return 0
        return value


class Moment(Rule):
    """`datetime`: epoch seconds are aware, wall-clock times naive."""

    expected = "a time"

    def read(self, cell: Cell, limits: Limits) -> Any:
        return super().read(None if cell == ZERO_DATE else cell, limits)

    def value(self, cell: Cell, limits: Limits) -> datetime:
        if type(cell) is int or (type(cell) is str and _INTEGER.fullmatch(cell)):
            return self._from_epoch(read_integer(cell, limits, self), shown(cell))
        if type(cell) in (dict, Pairs):
            return self._from_php(as_object(cell))
        if type(cell) is not str:
            raise self.unexpected(cell)
        moment = parse_moment(cell)
        if moment is None:
            raise self.unexpected(cell)
        return moment

    def _from_epoch(self, seconds: int, excerpt: str | None) -> datetime:
        try:
            return _EPOCH + timedelta(seconds=seconds)
        except OverflowError:
            pass
        raise Fault("epoch seconds outside the years 1 to 9999 (milliseconds?)", excerpt)

    def _from_php(self, members: dict[str, Cell]) -> datetime:
        """A DateTime object, as PHP shows one when it is written whole."""
        if set(members) != {"date", "timezone_type", "timezone"}:
            raise Fault("expected a time, or PHP's DateTime with date, timezone_type and timezone")
        text, zone = members["date"], members["timezone"]
        moment = parse_moment(text) if type(text) is str else None
        if moment is None or moment.tzinfo is not None:
            raise Fault("expected a time", shown(text), ("date",))
        aware = moment.replace(tzinfo=_php_zone(zone))
        if aware.utcoffset() != aware.replace(fold=1).utcoffset():
            raise Fault("the hour occurs twice, or never, in this time zone", text, ("date",))
        return aware

    def read_column(self, column: Column, limits: Limits) -> Sequence[Any] | None:
        return _read_texts(self, column, {"", "-", None, ZERO_DATE}, _wall_clocks)

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        if type(value) is not datetime:
            raise self.mistyped(value)
        offset = value.utcoffset()
        if offset is None:
            return value.replace(tzinfo=None).isoformat(sep=" ")
        if not offset and not value.microsecond:
            return (value.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)
        return value.isoformat()

    def write_column(
        self, values: Sequence[Any], constraints: Constraints
    ) -> Sequence[Cell] | None:
        if not self._are_all(datetime, values):
            return None
        if any(value is not None and value.tzinfo is not None for value in values):
            return None
        return [self.blank_cell if value is None else str(value) for value in values]


class Day(Rule):
    """`date`."""

    expected = "a date"

    def value(self, cell: Cell, limits: Limits) -> date:
        if type(cell) is str and _DAY.fullmatch(cell):
            try:
                return date.fromisoformat(cell)
            except ValueError:
                pass
        raise self.unexpected(cell)

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        if type(value) is not date:
            raise self.mistyped(value)
        return value.isoformat()


class Record(Protocol):
    """What the schema of a nested dataclass offers."""

    record_type: type
    known: dict[str, bool]

    def read_one(self, members: dict[str, Cell], limits: Limits) -> Any: ...

    def write_one(self, value: Any, constraints: Constraints) -> dict[str, Cell]: ...


class Nested(Rule):
    """A dataclass inside another."""

    expected = "an object"
    shareable = False

    def __init__(self, record: Record, blank: Any = REQUIRED) -> None:
        super().__init__(blank)
        self.record = record

    def read(self, cell: Cell, limits: Limits) -> Any:
        if is_blank(cell) and self.blank is not REQUIRED:
            return self.blank()
        return self.value(cell, limits)

    def value(self, cell: Cell, limits: Limits) -> Any:
        if type(cell) is str:
            cell = read_json(cell, limits)
        return self.record.read_one(as_object(cell), limits)

    def is_one(self, cell: Cell) -> bool:
        """Whether a cell that may be a list or an object is one record, as its keys say: a list of
        one may be written as its element repeated once. Entries that are called like a field have
        fields of the record inside."""
        known = self.record.known
        if not isinstance(cell, Pairs) or not any(key in known for key, _ in cell):
            return False
        inside = (member for _, member in cell if isinstance(member, Pairs))
        return not any(key in known for member in inside for key, _ in member)

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        if type(value) is not self.record.record_type:
            raise self.mistyped(value)
        return self.record.write_one(value, constraints)


class Flat(NamedTuple):
    """The items of several lists, one list behind the other, and how long each of them is."""

    items: list[Cell]
    lengths: list[int]


class Items(Rule):
    """`tuple[int, ...]`, `tuple[str, ...]`, or a tuple of dataclasses; a blank is an empty one."""

    expected = "a list"

    def __init__(self, item: Rule, default: Any = ()) -> None:
        super().__init__(default)
        self.item = item
        self.shareable = item.shareable
        self.takes_any_text = item.takes_any_text

    def read(self, cell: Cell, limits: Limits) -> Any:
        return tuple(_each(self._listed(cell, limits), lambda item: self.item.read(item, limits)))

    def _is_white(self, cell: Cell) -> bool:
        """Whether a cell is what pretty printing leaves of an empty list."""
        return type(cell) is str and cell.isspace() and not isinstance(self.item, Text)

    def _cells(self, cell: Cell, limits: Limits) -> list[Cell]:
        """The items of a list that is not blank, as cells."""
        if isinstance(self.item, Nested) and self.item.is_one(cell):
            return [cell]
        return self._items(cell, limits) if type(cell) is str else as_list(cell)

    def _items(self, text: str, limits: Limits) -> list[Cell]:
        """The items of a list that stands in one text."""
        if text.startswith("[") or isinstance(self.item, Nested):
            try:
                return as_list(read_json(text, limits))
            except Fault:
                if not isinstance(self.item, Text):
                    raise
        if isinstance(self.item, Integer):
            separator = next((mark for mark in ",;|" if mark in text), ",")
            return [item.strip(" ") for item in text.split(separator)]
        if text == "Array":  # what PHP makes of a list that is used as a text
            raise Fault("expected a list, not the word for one: what was in it is lost", text)
        return [text]

    def flat(self, column: Column, limits: Limits) -> Flat | None:
        """The items of all lists of a column; None unless they are scalars, and stand in lists or
        in texts."""
        if not self.shareable or not column.kinds <= {str, NoneType, list, Pairs}:
            return None
        return self._flat(column.cells, limits)

    def _flat(self, cells: Sequence[Cell], limits: Limits) -> Flat:
        kinds = set(map(type, cells))
        if isinstance(self.item, Integer) and kinds == {str}:
            flat = _flat_integers(cells)
            if flat is not None:
                return flat
        lists = cells if kinds == {list} else [self._listed(cell, limits) for cell in cells]
        return Flat(list(chain.from_iterable(lists)), list(map(len, lists)))

    def read_column(self, column: Column, limits: Limits) -> Sequence[Any] | None:
        cells = column.cells
        if not self.shareable or not column.kinds <= {str, NoneType, list, Pairs}:
            return None
        if column.kinds == {list}:
            return self._tuples(cells, limits)
        keys = column.keys()
        cell_of = dict(zip(keys, cells, strict=True))
        tuples = self._tuples(list(cell_of.values()), limits)
        if tuples is None:
            return None
        return list(map(dict(zip(cell_of, tuples, strict=True)).__getitem__, keys))

    def _tuples(self, cells: Sequence[Cell], limits: Limits) -> list[tuple[Any, ...]] | None:
        """The values of lists, the items of all of them read as one column."""
        items, lengths = self._flat(cells, limits)
        values = self.item.read_column(Column.of(items), limits) if items else items
        return None if values is None else list(_cut(values, lengths))

    def _listed(self, cell: Cell, limits: Limits) -> Sequence[Cell]:
        if type(cell) is Pairs and not isinstance(self.item, Nested):
            return [item for _, item in cell]
        return () if is_blank(cell) or self._is_white(cell) else self._cells(cell, limits)

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        if type(value) is not tuple:
            raise self.mistyped(value)
        return _each(value, lambda item: self.item.write(item, constraints))

    def write_column(
        self, values: Sequence[Any], constraints: Constraints
    ) -> Sequence[Cell] | None:
        if set(map(type, values)) != {tuple}:
            return None
        items = list(chain.from_iterable(values))
        cells = self.item.write_column(items, constraints)
        if cells is None:
            return None
        lists = list(map(list, _cut(cells, map(len, values))))
        if not self.shareable:
            return lists
        # All items are of one type by now, so equal tuples are alike, and become one list.
        return list(map(dict(zip(values, lists, strict=True)).__getitem__, values))


class Lists(Rule):
    """`dict[str, tuple[str, ...]]`: lists of texts by name."""

    expected = "an object of lists"
    shareable = False

    def __init__(self) -> None:
        super().__init__()
        self.items = Items(Text())

    def read(self, cell: Cell, limits: Limits) -> Any:
        if is_blank(cell):
            return {}
        members = as_object(read_json(cell, limits) if type(cell) is str else cell)
        items = _each(members.values(), lambda each: self.items.read(each, limits), members)
        return dict(zip(members, items, strict=True))

    def cell(self, value: Any, constraints: Constraints) -> Cell:
        if type(value) is not dict:
            raise self.mistyped(value)
        for key in value:
            check_key(key, constraints)
        items = _each(value.values(), lambda each: self.items.write(each, constraints), value)
        return dict(zip(value, items, strict=True))


def check_cells(rows: int, names: int) -> None:
    """Refuse a table of more cells than may be read, before it is made."""
    if rows * names > DEFAULT_LIMITS.nodes:
        raise exceeded("nodes", DEFAULT_LIMITS.nodes, rows * names)


def check_key(key: Any, constraints: Constraints) -> None:
    """Refuse a key that the format would not give back."""
    if type(key) is not str:
        raise Fault(f"expected a text as key, not a value of type {type(key).__name__}")
    check_text(key, constraints)
    if constraints.bad_key is not None and constraints.bad_key.search(key):
        raise Fault(constraints.bad_key_reason, key)


def extra_text(cell: Cell, limits: Limits) -> str | None:
    """A field that the schema does not know, as text; None if there is nothing in it."""
    if cell is None or cell is ABSENT or cell == "":
        return None
    if type(cell) is str:
        return cell
    if type(cell) is int:
        integer_within(cell, limits)
    return json_text.compact(cell)


def read_integer(cell: Cell, limits: Limits, rule: Rule) -> int:
    """An integer, typed or as text."""
    if type(cell) is int:
        return integer_within(cell, limits)
    if type(cell) is not str or not _INTEGER.fullmatch(cell):
        raise rule.unexpected(cell)
    digits = len(cell.removeprefix("-"))
    if digits > limits.integer_digits:
        raise exceeded("integer_digits", limits.integer_digits, digits)
    try:
        return int(cell)
    except ValueError:  # the interpreter's own limit, where `Limits` allows more
        pass
    raise Fault(f"expected an integer that Python converts, found one of {digits:,} digits")


def integer_within(value: int, limits: Limits) -> int:
    if abs(value) < 10**limits.integer_digits:
        return value
    digits = Decimal(value).adjusted() + 1
    raise exceeded("integer_digits", limits.integer_digits, digits)


def _all_within(values: Sequence[int | None], limits: Limits) -> bool:
    bound = 10**limits.integer_digits
    numbers = list(filter(None, values))
    return not numbers or (-bound < min(numbers) and max(numbers) < bound)


def _integers(texts: Sequence[str], limits: Limits) -> list[int] | None:
    """Texts as integers; None where `read_integer` must say whether they are any."""
    longest = max(map(len, texts), default=0)
    if longest > limits.integer_digits or not _DIGITS.fullmatch("".join(texts)):
        return None
    try:
        return list(map(int, texts))
    except ValueError:
        return None


def _read_texts(
    rule: Rule,
    column: Column,
    blanks: Set[str | None],
    convert: Callable[[Sequence[str]], list[Any] | None],
) -> Sequence[Any] | None:
    """The values of a column of texts, of which equal ones become one object; None if `convert`
    gives none, or if there is a blank where there must be a value."""
    if not column.kinds <= {str, NoneType}:
        return None
    cells = column.cells
    if column.kinds == {str} and _differ(cells) and blanks.isdisjoint(cells):
        return convert(cells)
    distinct = set(cells)
    texts = list(distinct - blanks)
    values = convert(texts)
    if values is None or (len(texts) < len(distinct) and rule.blank is REQUIRED):
        return None
    value_of = dict(zip(texts, values, strict=True)) | dict.fromkeys(blanks, rule.blank)
    return list(map(value_of.__getitem__, cells))


def _shared(cells: Sequence[Cell], values: dict[Cell, Any]) -> list[Any]:
    """Cells, of which equal ones become one object, as pages repeat cities, campaigns, offices;
    where a value is given for a cell, that."""
    return list(map(values.setdefault, cells, cells))


def _differ(cells: Sequence[Cell]) -> bool:
    """Whether the first cells of a column are all different: then it does not pay to look for
    equal ones."""
    texts = list(filter(None, cells[:_FIRST_FEW]))
    return len(set(texts)) == len(texts)


def _flat_integers(cells: Sequence[str]) -> Flat | None:
    """The integers of JSON lists, as texts; None if not all cells are such lists, or blank."""
    lines = "\n".join([*cells, ""])
    if lines.count("\n") != len(cells) or not _INTEGER_LISTS.fullmatch(lines):
        return None
    lists = [cell for cell in cells if len(cell) > len("[]")]
    items = "".join(lists)[1:-1].replace("][", ",").split(",") if lists else []
    lengths = [cell.count(",") + 1 if len(cell) > len("[]") else 0 for cell in cells]
    return Flat(items, lengths)


def _cut(items: Sequence[T], lengths: Iterable[int]) -> Iterator[tuple[T, ...]]:
    """Items that stood in lists of these lengths, in such lists again."""
    return map(tuple, map(islice, repeat(iter(items)), lengths))


def _wall_clocks(texts: Sequence[str]) -> list[datetime] | None:
    """Texts as wall-clock times; None if not all of them are."""
    if not _WALL_CLOCKS.fullmatch("\n".join([*texts, ""])):
        return None
    try:
        return list(map(datetime.fromisoformat, texts))
    except ValueError:
        return None


def parse_moment(text: str) -> datetime | None:
    """A time as the provider and ISO 8601 write it; None if it is none."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _php_zone(name: Cell) -> tzinfo:
    """A time zone by offset, as UTC, or by its name in the time zone database."""
    if not isinstance(name, str):
        raise Fault("expected a time zone", shown(name), ("timezone",))
    if name in ("UTC", "Z", "GMT"):
        return UTC
    offset = _OFFSET.fullmatch(name)
    try:
        if offset:
            sign, hours, minutes, seconds = offset.groups("0")
            size = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
            return timezone(-size if sign == "-" else size)
        if _ZONE.fullmatch(name) and "/" in name:
            return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        pass
    raise Fault("a time zone that cannot be known for certain", name, ("timezone",))


def read_json(text: str, limits: Limits) -> Cell:
    """The tree of a JSON text that stands in one cell."""
    try:
        cell = json_text.read(text, limits)
    except Fault as failed:
        reason, excess = failed.reason, failed.excess
    else:
        for fault in json_text.faults(cell, limits):
            raise fault
        return cell
    raise Fault(reason, text, excess=excess)


def _each(items: Iterable[Any], convert: Any, names: Iterable[str] | None = None) -> list[Any]:
    """Convert items one by one; a fault says which one."""
    results = []
    for at, item in enumerate(items):
        try:
            results.append(convert(item))
        except Fault as fault:
            raise fault.under(at if names is None else list(names)[at]) from None
    return results
