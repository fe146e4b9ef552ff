"""Between columns of cells and dataclasses.

A schema is read off its dataclass: the field's name, type and metadata (see _model.py). It is the
only place where a cell becomes a Python value and back, and it works on columns: a page of 1,000
calls is 26 columns, each converted by a few C loops.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import MISSING, dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, Generic, TypeVar

from ckct_formats._formats.cells import ABSENT, Cell, shown
from ckct_formats._formats.faults import MAX_BAD_ROWS, Fault
from ckct_formats._formats.table import Column, Constraints, Table
from ckct_formats._limits import Limits
from ckct_formats._rules import (
    REQUIRED,
    Boolean,
    Day,
    Integer,
    Items,
    Lists,
    Moment,
    Nested,
    Number,
    Rule,
    Text,
    check_cells,
    check_key,
    convert_each,
    extra_text,
    is_blank,
)

R = TypeVar("R")

_EXTRA = "extra"
# What the API numbers calls by, in v1 and in v3.
_IDENTIFIERS = ("callId", "universalId")
_TEXT = Text()
_SCALARS: dict[Any, Callable[[Any, Cell], Rule]] = {
    str: Text,
    int: Integer,
    float: partial(Number, float),
    Decimal: partial(Number, Decimal),
    bool: Boolean,
    datetime: Moment,
    date: Day,
}


class Faults(dict[int, Fault]):
    """The first fault of each bad row, by the row's number."""

    def note(self, row: int, fault: Fault) -> None:
        """Keep the fault of a row, unless it has one already. A body with too many bad rows is
        refused: its errors would take more memory than the body."""
        self.setdefault(row, fault)
        if len(self) > MAX_BAD_ROWS:
            row = min(self)
            raise self[row].under("payload", row)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: its name, its key on the wire, perhaps with an alias and a place among
    the keys, how its values are read and written, and what returns its default."""

    name: str
    wire: str
    alias: str | None
    position: int | None
    rule: Rule
    make_default: Callable[[], Any] | None

    @property
    def keys(self) -> list[str]:
        return [self.wire] if self.alias is None else [self.wire, self.alias]

    @property
    def is_required(self) -> bool:
        return self.make_default is None

    def pick(self, cell: Cell, other: Cell) -> Cell:
        """The one of two cells, under the key and under its alias, that holds the value."""
        if cell is ABSENT or is_blank(cell):
            return cell if other is ABSENT else other
        if other is not ABSENT and not is_blank(other) and other != cell:
            reason = f"{self.wire} and {self.alias} are the same field, and differ"
            raise Fault(reason, shown(other))
        return cell

    def read(self, cell: Cell, limits: Limits) -> Any:
        if cell is not ABSENT:
            return self.rule.read(cell, limits)
        if self.make_default is None:
            raise Fault("a required field is absent")
        return self.make_default()

    def read_column(self, column: Column, limits: Limits) -> Sequence[Any]:
        values = self.rule.read_column(column, limits)
        if values is not None:
            return values
        if self.rule.shareable:
            return column.map(lambda cell: self.read(cell, limits))
        return [self.read(cell, limits) for cell in column.cells]


# Reads a column into something else than a list of values, or returns None; may raise `Fault`.
ReadColumn = Callable[[Field, Column], Any]


class Schema(Generic[R]):
    """How records of one dataclass are read and written.

    Attributes:
        record_type: The dataclass.
        fields: Its fields except `extra`, in the dataclass's order.
        wire_order: The same in the order of their keys on the wire.
        known: Their keys in that order, each with whether any text is a value of the field.
        has_extra: Whether the dataclass keeps unknown fields.
    """

    def __init__(self, record_type: type[R], outer: tuple[type, ...] = ()) -> None:
        self.record_type = record_type
        try:
            hints = typing.get_type_hints(record_type)
        except NameError as error:
            reason = f"the type {error.name!r} of a field cannot be found"
            raise TypeError(f"{record_type.__name__}: {reason}") from None
        declared = [f for f in dataclasses.fields(record_type) if f.init]  # type: ignore[arg-type]
        known = [f for f in declared if f.name != _EXTRA or hints[_EXTRA] != dict[str, str]]
        self.has_extra = len(known) < len(declared)
        self.fields = [_field(f, hints[f.name], (*outer, record_type)) for f in known]
        if not self.fields:
            raise TypeError(f"{record_type.__name__} has no field that could be read")
        self.wire_order = [field for field in self.fields if field.position is None]
        moved = (field for field in self.fields if field.position is not None)
        for field in sorted(moved, key=lambda field: field.position or 0):
            self.wire_order.insert(field.position or 0, field)
        keys = [(key, field.rule) for field in self.wire_order for key in field.keys]
        self.known = {key: rule.takes_any_text for key, rule in keys}
        if len(self.known) < len(keys):
            raise TypeError(f"{record_type.__name__}: two fields have the same key on the wire")
        self._make = self._constructor(declared)

    def _constructor(self, declared: list[dataclasses.Field[Any]]) -> Callable[..., R]:
        """A callable that takes the values of all fields by position, `extra` last."""
        names = [field.name for field in self.fields] + [_EXTRA] * self.has_extra
        if names == [f.name for f in declared] and not any(f.kw_only for f in declared):
            return self.record_type
        return lambda *values: self.record_type(**dict(zip(names, values, strict=True)))

    @property
    def identifier(self) -> Field | None:
        """The field that identifies a record: the one that the API numbers calls by; else the only
        required one, if it is a number or a text."""
        plain = [field for field in self.fields if isinstance(field.rule, Integer | Text)]
        numbered = [field for field in plain if field.wire in _IDENTIFIERS]
        if numbered:
            return numbered[0]
        required = [field for field in self.fields if field.is_required]
        return required[0] if len(required) == 1 and required[0] in plain else None

    def read_table(self, table: Table, limits: Limits) -> tuple[list[R], Faults]:
        """The records of a payload, and by row what is wrong with those that are left out."""
        if not table.length:
            return [], Faults()
        columns, faults = self.read_columns(table, limits)
        if self.has_extra and columns[-1] is None:
            columns[-1] = [{} for _ in range(table.length)]
        if not faults:
            with suppress(ValueError):  # of a dataclass that checks its values
                return list(map(self._make, *columns)), faults
        records = _one_by_one(zip(*columns, strict=True), self._made, faults)
        return [record for row, record in enumerate(records) if row not in faults], faults

    def read_columns(
        self, table: Table, limits: Limits, read: ReadColumn | None = None
    ) -> tuple[list[Any], Faults]:
        """The values of a payload by field, and by row what is wrong with those to be left out. The
        unknown fields come last, as None if no row has any.

        Args:
            read: Another way to read a column, which returns None where it will not do.
        """
        faults = Faults(table.faults)
        columns: list[Any] = []
        absent: dict[Any, list[Any]] = {}  # by default: most fields may be absent, and share a list
        for field in self.fields:
            column = _column_of(field, table, faults)
            default = field.make_default() if column is None and field.make_default else MISSING
            if default is None or default == ():
                columns.append(absent.setdefault(default, [default] * table.length))
            else:
                column = column or Column.of([ABSENT] * table.length)
                columns.append(_read_column(field, column, faults, limits, read))
        if self.has_extra:
            rows = table.unknown(self.known)
            columns.append(rows and _one_by_one(rows, lambda row: _extra(row, limits), faults))
        return columns, faults

    def read_one(self, members: dict[str, Cell], limits: Limits) -> R:
        """The record of one object; `Fault` with the path inside it."""
        values = []
        for field in self.fields:
            cell = members.get(field.wire, ABSENT)
            try:
                if field.alias is not None:
                    cell = field.pick(cell, members.get(field.alias, ABSENT))
                values.append(field.read(cell, limits))
            except Fault as fault:
                raise fault.under(field.wire) from None
        if self.has_extra:
            unknown = {key: cell for key, cell in members.items() if key not in self.known}
            values.append(_extra(unknown, limits))
        return self._made(values)

    def _made(self, values: Iterable[Any]) -> R:
        try:
            return self._make(*values)
        except ValueError as error:
            refused = Fault(f"{self.record_type.__name__} refused the values", str(error))
        raise refused

    def write_table(self, records: Sequence[R], constraints: Constraints) -> Table:
        """The table of records; `Fault` with the path inside the payload."""
        columns = self.write_columns(records, constraints)
        if self.has_extra:
            columns |= self._write_extra(records, constraints)
        return Table(columns, len(records))

    def write_columns(self, records: Sequence[R], constraints: Constraints) -> dict[str, Column]:
        """The columns of the known fields; `Fault` with the path inside the payload."""
        columns: dict[str, Column] = {}
        for field in self.wire_order:
            values = list(map(attrgetter(field.name), records))
            cells = field.rule.write_column(values, constraints)
            if cells is None:
                write = partial(field.rule.write, constraints=constraints)
                cells = [*convert_each(enumerate(values), write, field.wire).values()]
            columns[field.wire] = Column.of(cells)
        return columns

    def _write_extra(self, records: Sequence[R], constraints: Constraints) -> dict[str, Column]:
        extras: list[dict[str, str]] = list(map(attrgetter(_EXTRA), records))
        if set(map(type, extras)) == {dict} and not any(extras):
            return {}
        convert_each(enumerate(extras), lambda extra: self._check_extra(extra, constraints))
        names = dict.fromkeys(key for extra in extras for key in extra)
        check_cells(len(extras), len(names))
        return {name: Column.of([e.get(name, ABSENT) for e in extras]) for name in names}

    def _check_extra(self, extra: Any, constraints: Constraints) -> None:
        """Refuse unknown fields that would not come back equal."""
        try:
            if type(extra) is not dict:
                raise Fault(f"expected a dict, not a value of type {type(extra).__name__}")
            for key, text in extra.items():
                check_key(key, constraints)
                if key in self.known:
                    raise Fault("the key is that of a known field", path=(key,))
                if text == "":
                    raise Fault("an empty unknown field would be dropped", path=(key,))
                convert_each([(key, text)], lambda text: _TEXT.write(text, constraints))
        except Fault as fault:
            raise fault.under(_EXTRA) from None

    def write_one(self, value: R, constraints: Constraints) -> dict[str, Cell]:
        """The object of one record; `Fault` with the path inside it."""
        cells: dict[str, Cell] = {}
        for field in self.wire_order:
            try:
                cells[field.wire] = field.rule.write(getattr(value, field.name), constraints)
            except Fault as fault:
                raise fault.under(field.wire) from None
        if self.has_extra:
            extra = getattr(value, _EXTRA)
            self._check_extra(extra, constraints)
            cells |= extra
        return cells


def schema_of(record_type: type[R]) -> Schema[R]:
    """The schema of a dataclass; TypeError if it is none, or has a field of another type than
    docs/wire-formats.md lists."""
    if not isinstance(record_type, type) or not dataclasses.is_dataclass(record_type):
        raise TypeError(f"record_type must be a dataclass, not {record_type!r}")
    return _cached_schema(record_type)


_cached_schema: Callable[[Any], Schema[Any]] = lru_cache(maxsize=256)(Schema)


def _read_column(
    field: Field, column: Column, faults: Faults, limits: Limits, read: ReadColumn | None
) -> Any:
    if not faults:
        try:
            values = read and read(field, column)
            return field.read_column(column, limits) if values is None else values
        except Fault:
            pass
    return _one_by_one(column.cells, lambda cell: field.read(cell, limits), faults, field.wire)


def _one_by_one(
    cells: Iterable[Cell], read: Callable[[Cell], Any], faults: Faults, *path: str
) -> list[Any]:
    """Read cells one by one, and keep the first fault of each row."""
    values = []
    for row, cell in enumerate(cells):
        value = None
        if row not in faults:
            try:
                value = read(cell)
            except Fault as fault:
                faults.note(row, fault.under(*path))
        values.append(value)
    return values


def _column_of(field: Field, table: Table, faults: Faults) -> Column | None:
    columns = [column for key in field.keys if (column := table.column(key)) is not None]
    if len(columns) < 2:
        return columns[0] if columns else None
    pairs = zip(*(column.cells for column in columns), strict=True)
    return Column.of(_one_by_one(pairs, lambda pair: field.pick(*pair), faults, field.wire))


def _extra(unknown: dict[str, Cell], limits: Limits) -> dict[str, str]:
    texts = convert_each(unknown.items(), lambda cell: extra_text(cell, limits))
    return {key: text for key, text in texts.items() if text is not None}


def camel_case(name: str) -> str:
    """The wire's spelling of a Python name: `clientPhone` for `client_phone`."""
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def _field(f: dataclasses.Field[Any], hint: Any, within: tuple[type, ...]) -> Field:
    rule = _rule(f, hint, within)
    if rule is None:
        raise TypeError(f"{within[-1].__name__}.{f.name}: a field of type {hint} cannot be read")
    default = None if f.default is MISSING else lambda: f.default
    if f.default_factory is not MISSING:
        default = f.default_factory
    wire = f.metadata.get("wire") or camel_case(f.name)
    return Field(f.name, wire, f.metadata.get("alias"), f.metadata.get("position"), rule, default)


def _rule(f: dataclasses.Field[Any], hint: Any, within: tuple[type, ...]) -> Rule | None:
    """The rule of a field by its type; None if there is none."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    blank_cell = f.metadata.get("blank")
    if origin in (typing.Union, types.UnionType):
        others = [each for each in args if each is not types.NoneType]
        return _scalar(others[0], None, blank_cell) if len(others) == 1 else None
    if origin is tuple and args[1:] == (Ellipsis,):
        is_scalar = args[0] in (int, str)
        item = _scalar(args[0]) if is_scalar else _nested(args[0], within, MISSING)
        return item and Items(item)
    if hint == dict[str, tuple[str, ...]]:
        return Lists()
    blank = REQUIRED if f.default is MISSING else f.default
    return _scalar(hint, blank, blank_cell) or _nested(hint, within, f.default_factory)


def _scalar(hint: Any, blank: Any = REQUIRED, blank_cell: Cell = None) -> Rule | None:
    rule = _SCALARS.get(hint)
    return rule and rule(blank, blank_cell)


def _nested(hint: Any, within: tuple[type, ...], default: Any) -> Rule | None:
    """The rule of a dataclass; None for one that is inside itself."""
    if not isinstance(hint, type) or not dataclasses.is_dataclass(hint) or hint in within:
        return None
    return Nested(Schema(hint, within), REQUIRED if default is MISSING else default)
