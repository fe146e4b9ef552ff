"""Between columns of cells and dataclasses.

A schema is read off its dataclass: the field's name, type and metadata (see model.py). It is the
only place where a cell becomes a Python value and back, and it works on columns: a page of 1,000
calls is 26 columns, each converted by a few C loops.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import compress
from operator import attrgetter
from typing import Any, Generic, TypeVar

from ckct_formats._formats.cells import ABSENT, Cell, shown
from ckct_formats._formats.faults import Fault
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
    check_text,
    extra_text,
    is_blank,
)

R = TypeVar("R")

_EXTRA = "extra"
_MAX_BAD_ROWS = 20_000
# What the API numbers calls by, in v1 and in v3.
_IDENTIFIERS = ("callId", "universalId")


class Faults(dict[int, Fault]):
    """What is wrong with rows, by their number: the first fault of each."""

    def note(self, row: int, fault: Fault) -> None:
        """Keep the fault of a row, unless it has one. A body with too many bad rows is refused: its
        errors would take more memory than the body."""
        self.setdefault(row, fault)
        if len(self) > _MAX_BAD_ROWS:
            row = min(self)
            raise self[row].under("payload", row)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: its name, its key on the wire (and another one that is read as well),
    and how its values go in and out."""

    name: str
    wire: str
    alias: str | None
    rule: Rule
    default: Any
    default_factory: Callable[[], Any] | None

    @property
    def keys(self) -> list[str]:
        """The keys that it is read from."""
        return [key for key in (self.wire, self.alias) if key is not None]

    @property
    def is_required(self) -> bool:
        """Whether a record must have it."""
        return self.default is MISSING and self.default_factory is None

    def absent(self) -> Any:
        """The value where the key is absent."""
        if self.default_factory is not None:
            return self.default_factory()
        if self.default is MISSING:
            raise Fault("a required field is absent")
        return self.default

    def read(self, cell: Cell, limits: Limits) -> Any:
        return self.absent() if cell is ABSENT else self.rule.read(cell, limits)

    def read_column(self, column: Column, limits: Limits) -> Sequence[Any]:
        values = self.rule.read_column(column, limits)
        if values is not None:
            return values
        if self.rule.shareable:
            return column.map(lambda cell: self.read(cell, limits))
        return [self.read(cell, limits) for cell in column.cells]

    def write_column(self, values: Sequence[Any], constraints: Constraints) -> Sequence[Cell]:
        cells = self.rule.write_column(values, constraints)
        return [self.rule.write(v, constraints) for v in values] if cells is None else cells


# A way to read a column for another purpose than records; it may raise `Fault`.
ReadColumn = Callable[[Field, Column], Any]


class Schema(Generic[R]):
    """How records of one dataclass are read and written.

    Attributes:
        record_type: The dataclass.
        fields: Its fields but `extra`, in the dataclass's order.
        wire_order: The same in the order of their keys on the wire.
        known: Their keys in that order, and whether any text is a value of theirs.
        has_extra: Whether the dataclass keeps unknown fields.
    """

    def __init__(self, record_type: type[R], outer: tuple[type, ...] = ()) -> None:
        self.record_type = record_type
        within = (*outer, record_type)
        hints = _hints(record_type)
        declared = [f for f in dataclasses.fields(record_type) if f.init]  # type: ignore[arg-type]
        self.has_extra = any(_is_extra(f, hints) for f in declared)
        self.fields = [
            _field(f, hints[f.name], within) for f in declared if not _is_extra(f, hints)
        ]
        if not self.fields:
            raise TypeError(f"{record_type.__name__} has no field that could be read")
        self.wire_order = _wire_order(declared, self.fields)
        keys = [(key, field) for field in self.wire_order for key in field.keys]
        self.known = {key: field.rule.takes_any_text for key, field in keys}
        if len(self.known) < len(keys):
            raise TypeError(f"{record_type.__name__}: two fields have the same key on the wire")
        self._make = self._constructor(declared)

    @property
    def identifier(self) -> Field | None:
        """What tells records apart: the field that the API numbers calls by; else the one field
        that is required, if there is one and it is a number or a text."""
        plain = [field for field in self.fields if isinstance(field.rule, Integer | Text)]
        numbered = [field for field in plain if field.wire in _IDENTIFIERS]
        if numbered:
            return numbered[0]
        required = [field for field in self.fields if field.is_required]
        return required[0] if len(required) == 1 and required[0] in plain else None

    def _constructor(self, declared: list[dataclasses.Field[Any]]) -> Callable[..., R]:
        """A callable that takes the values of all fields, `extra` last, by position."""
        names = [field.name for field in self.fields] + [_EXTRA] * self.has_extra
        if names == [f.name for f in declared] and not any(f.kw_only for f in declared):
            return self.record_type
        return lambda *values: self.record_type(**dict(zip(names, values, strict=True)))

    def read_table(self, table: Table, limits: Limits) -> tuple[list[R], Faults]:
        """The records of a payload, and by row what is wrong with those that are left out."""
        if not table.length:
            return [], Faults()
        columns, faults = self.read_columns(table, limits)
        if self.has_extra and columns[-1] is None:
            columns[-1] = [{} for _ in range(table.length)]
        if faults:
            kept = [row not in faults for row in range(table.length)]
            columns = [list(compress(column, kept)) for column in columns]
        try:
            return list(map(self._make, *columns)), faults
        except ValueError:  # a dataclass of the user's that checks its values
            pass
        records = []
        rows = (row for row in range(table.length) if row not in faults)
        for row, values in zip(list(rows), zip(*columns, strict=True), strict=True):
            try:
                records.append(self._make(*values))
            except ValueError as error:
                faults.note(row, self._refused(error))
        return records, faults

    def read_columns(
        self, table: Table, limits: Limits, read: ReadColumn | None = None
    ) -> tuple[list[Any], Faults]:
        """The values of a payload by field, and by row what is wrong with those that are to be left
        out. The unknown fields come last; None if no row has any.

        Args:
            read: Reads a column in a way of its own, or gives None where it will not do.
        """
        faults = Faults(table.faults)
        columns: list[Any] = [
            self._read_field(field, table, faults, limits, read) for field in self.fields
        ]
        if self.has_extra:
            unknown = table.unknown(self.known)
            values = unknown and _one_by_one(unknown, lambda row: _extra(row, limits), faults)
            columns.append(values)
        return columns, faults

    def _refused(self, error: ValueError) -> Fault:
        return Fault(f"{self.record_type.__name__} refused the values", str(error))

    def _read_field(
        self,
        field: Field,
        table: Table,
        faults: Faults,
        limits: Limits,
        read: ReadColumn | None,
    ) -> Any:
        column = _column_of(field, table, faults)
        if not faults:
            try:
                values = read(field, column) if read is not None else None
                return field.read_column(column, limits) if values is None else values
            except Fault:
                pass
        return _one_by_one(column.cells, lambda cell: field.read(cell, limits), faults, field.wire)

    def read_one(self, members: dict[str, Cell], limits: Limits) -> R:
        """The record of one object; `Fault` with the path inside it."""
        values = []
        for field in self.fields:
            try:
                values.append(field.read(_member_of(field, members), limits))
            except Fault as fault:
                raise fault.under(field.wire) from None
        if self.has_extra:
            unknown = {key: cell for key, cell in members.items() if key not in self.known}
            values.append(_extra(unknown, limits))
        try:
            return self._make(*values)
        except ValueError as error:
            refused = self._refused(error)
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
            columns[field.wire] = Column.of(_written(field, values, constraints))
        return columns

    def _write_extra(self, records: Sequence[R], constraints: Constraints) -> dict[str, Column]:
        extras: list[dict[str, str]] = list(map(attrgetter(_EXTRA), records))
        if set(map(type, extras)) == {dict} and not any(extras):
            return {}
        for row, extra in enumerate(extras):
            try:
                self._check_extra(extra, constraints)
            except Fault as fault:
                raise fault.under(row, _EXTRA) from None
        names = dict.fromkeys(key for extra in extras for key in extra)
        check_cells(len(extras), len(names))
        return {name: Column.of([e.get(name, ABSENT) for e in extras]) for name in names}

    def _check_extra(self, extra: Any, constraints: Constraints) -> None:
        if type(extra) is not dict:
            raise Fault(f"expected a dict, not a value of type {type(extra).__name__}")
        for key, text in extra.items():
            check_key(key, constraints)
            if key in self.known:
                raise Fault("the key is that of a known field", path=(key,))
            if type(text) is not str:
                kind = type(text).__name__
                raise Fault(f"expected a text, not a value of type {kind}", path=(key,))
            if not text:
                raise Fault("an empty unknown field would be dropped", path=(key,))
            try:
                check_text(text, constraints)
            except Fault as fault:
                raise fault.under(key) from None

    def write_one(self, value: R, constraints: Constraints) -> dict[str, Cell]:
        """The object of one record; `Fault` with the path inside it."""
        members: dict[str, Cell] = {}
        for field in self.wire_order:
            try:
                members[field.wire] = field.rule.write(getattr(value, field.name), constraints)
            except Fault as fault:
                raise fault.under(field.wire) from None
        if self.has_extra:
            extra = getattr(value, _EXTRA)
            try:
                self._check_extra(extra, constraints)
            except Fault as fault:
                raise fault.under(_EXTRA) from None
            members |= extra
        return members


def schema_of(record_type: type[R]) -> Schema[R]:
    """The schema of a dataclass; TypeError if it is none, or has a field of another type than
    docs/wire-formats.md lists."""
    if not isinstance(record_type, type) or not dataclasses.is_dataclass(record_type):
        raise TypeError(f"record_type must be a dataclass, not {record_type!r}")
    return _cached_schema(record_type)


@lru_cache(maxsize=256)
def _cached_schema(record_type: Any) -> Schema[Any]:
    return Schema(record_type)


def _written(field: Field, values: Sequence[Any], constraints: Constraints) -> Sequence[Cell]:
    try:
        return field.write_column(values, constraints)
    except Fault:
        pass
    for row, value in enumerate(values):
        try:
            field.rule.write(value, constraints)
        except Fault as fault:
            raise fault.under(row, field.wire) from None
    raise AssertionError("a column failed of which no value does")


def _one_by_one(
    cells: Iterable[Cell], read: Callable[[Cell], Any], faults: Faults, *path: str
) -> list[Any]:
    """Read cells one by one; the first fault of each row is kept."""
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


def _column_of(field: Field, table: Table, faults: Faults) -> Column:
    """The cells of a field, under the one or the other of its keys."""
    column = table.column(field.wire)
    other = None if field.alias is None else table.column(field.alias)
    if other is None:
        return Column.of([ABSENT] * table.length) if column is None else column
    if column is None:
        return other
    cells = []
    for row, pair in enumerate(zip(column.cells, other.cells, strict=True)):
        cell = None
        try:
            cell = _one_of(field, *pair)
        except Fault as fault:
            faults.note(row, fault.under(field.wire))
        cells.append(cell)
    return Column.of(cells)


def _member_of(field: Field, members: dict[str, Cell]) -> Cell:
    cell = members.get(field.wire, ABSENT)
    return cell if field.alias is None else _one_of(field, cell, members.get(field.alias, ABSENT))


def _one_of(field: Field, cell: Cell, other: Cell) -> Cell:
    if cell is ABSENT or is_blank(cell):
        return cell if other is ABSENT else other
    if other is not ABSENT and not is_blank(other) and other != cell:
        raise Fault(f"{field.wire} and {field.alias} are the same field, and differ", shown(other))
    return cell


def _extra(unknown: dict[str, Cell], limits: Limits) -> dict[str, str]:
    texts = {}
    for key, cell in unknown.items():
        try:
            text = extra_text(cell, limits)
        except Fault as fault:
            raise fault.under(key) from None
        if text is not None:
            texts[key] = text
    return texts


def _hints(record_type: type) -> dict[str, Any]:
    try:
        return typing.get_type_hints(record_type)
    except NameError as error:
        name = error.name
    raise TypeError(f"{record_type.__name__}: the type {name!r} of a field cannot be found")


def _is_extra(f: dataclasses.Field[Any], hints: dict[str, Any]) -> bool:
    return f.name == _EXTRA and hints[f.name] == dict[str, str]


def _field(f: dataclasses.Field[Any], hint: Any, within: tuple[type, ...]) -> Field:
    wire = f.metadata.get("wire") or camel_case(f.name)
    factory = None if f.default_factory is MISSING else f.default_factory
    rule = _rule(f, hint, within)
    if rule is None:
        raise TypeError(f"{within[-1].__name__}.{f.name}: a field of type {hint} cannot be read")
    return Field(f.name, wire, f.metadata.get("alias"), rule, f.default, factory)


def camel_case(name: str) -> str:
    """The wire's spelling of a Python name: `client_phone` is `clientPhone`."""
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def _rule(f: dataclasses.Field[Any], hint: Any, within: tuple[type, ...]) -> Rule | None:
    """The rule of a field by its type; None if there is none."""
    blank = REQUIRED if f.default is MISSING else f.default
    blank_cell = f.metadata.get("blank")
    inner = _optional(hint)
    if inner is not None:
        return _scalar(inner, None, blank_cell)
    if hint == dict[str, tuple[str, ...]]:
        return Lists()
    if _is_record(hint, within):
        factory = REQUIRED if f.default_factory is MISSING else f.default_factory
        return Nested(Schema(hint, within), factory)
    if typing.get_origin(hint) is tuple:
        return _items(typing.get_args(hint), within)
    return _scalar(hint, blank, blank_cell)


def _optional(hint: Any) -> Any:
    """The type T of `T | None`; None for any other type."""
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return None
    others = [each for each in typing.get_args(hint) if each is not types.NoneType]
    return others[0] if len(others) == 1 else None


def _scalar(hint: Any, blank: Any, blank_cell: Cell) -> Rule | None:
    if hint in (float, Decimal):
        return Number(hint, blank, blank_cell)
    rules: dict[Any, type[Rule]] = {
        str: Text,
        int: Integer,
        bool: Boolean,
        datetime: Moment,
        date: Day,
    }
    return rules[hint](blank, blank_cell) if hint in rules else None


def _is_record(hint: Any, within: tuple[type, ...]) -> bool:
    """Whether a type is a dataclass, and none of those that it would stand in."""
    return isinstance(hint, type) and dataclasses.is_dataclass(hint) and hint not in within


def _items(args: tuple[Any, ...], within: tuple[type, ...]) -> Rule | None:
    if len(args) != 2 or args[1] is not Ellipsis:
        return None
    if args[0] in (int, str):
        rule = _scalar(args[0], REQUIRED, None)
        return None if rule is None else Items(rule)
    if _is_record(args[0], within):
        return Items(Nested(Schema(args[0], within)))
    return None


def _wire_order(declared: list[dataclasses.Field[Any]], fields: list[Field]) -> list[Field]:
    """The fields in the order of their keys: those with a position are moved there."""
    positions = {f.name: f.metadata["position"] for f in declared if "position" in f.metadata}
    ordered = [field for field in fields if field.name not in positions]
    for field in sorted(fields, key=lambda field: positions.get(field.name, 0)):
        if field.name in positions:
            ordered.insert(positions[field.name], field)
    return ordered
