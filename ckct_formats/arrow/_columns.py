"""Columns of cells, or of values, as arrays.

An array is made in two steps. Of each table of rows, as it is read, a raw one: what Arrow makes of
the cells in one loop. Of each batch the final one: what is the cheaper the more rows there are, and
what depends on all of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate, chain
from operator import attrgetter
from types import NoneType
from typing import TYPE_CHECKING, Any

from ckct_formats._errors import TableError
from ckct_formats._extras import extra
from ckct_formats._formats.table import Column
from ckct_formats._limits import Limits
from ckct_formats._rules import (
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
)
from ckct_formats._schema import Schema
from ckct_formats.arrow._descriptions import descriptions
from ckct_formats.arrow._times import RAW, Times, raw_of, raw_times, wall_clocks

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = extra("arrow", "pyarrow")
pc: Any = extra("arrow", "pyarrow.compute")

TEXT = pa.string()
REPEATED_TEXT = pa.dictionary(pa.int32(), TEXT)
INTEGER = pa.int64()
DECIMAL = pa.decimal128(38, 9)

_BLANKS = pa.array(["", "-"], TEXT)
_NO_TEXT = pa.scalar(None, TEXT)
_NOT_HELD = (pa.ArrowException, OverflowError, TypeError, ValueError)


class Kind:
    """How the values of a field become arrays.

    Args:
        name: Of the field; of one inside another both, with a dot between.
        rule: The rule of its values.
        raw: The type of raw arrays.
        of: The Python types of its values, but None.

    Attributes:
        is_optional: Whether a value may be None.
    """

    def __init__(self, name: str, rule: Rule | None, raw: pa.DataType, *of: type) -> None:
        self.name = name
        self.raw = raw
        self.is_optional = rule is not None and rule.blank is None
        self._of = {*of, NoneType} if self.is_optional else {*of}
        self._expected = "a mapping" if rule is None else rule.expected

    def cells(self, column: Column, limits: Limits) -> pa.Array | None:
        """The raw array of cells; None unless all of them are certain to be of the common kind."""
        return None

    def values(self, values: Sequence[Any]) -> pa.Array:
        """The raw array of values; `TableError` if a table cannot hold one."""
        for kind in set(map(type, values)) - self._of:
            raise self._refused(f"expected {self._expected}, not a value of type {kind.__name__}")
        try:
            return self._array(values)
        except TableError:  # of something inside
            raise
        except _NOT_HELD:
            pass
        raise self._refused(f"{self._expected} that the type {self.raw} does not hold")

    def _refused(self, reason: str) -> TableError:
        return TableError(reason, self.name)

    def _array(self, values: Sequence[Any]) -> pa.Array:
        return pa.array(values, self.raw)

    def type(self, times: Times) -> pa.DataType:
        """The type of final arrays."""
        return self.raw

    def cleaned(self, raw: pa.Array) -> pa.Array:
        """A raw array of cells, with what is done at once for many."""
        return raw

    def done(self, raw: pa.Array, times: Times) -> pa.Array:
        """The final array."""
        return raw

    def moments(self) -> Iterator[str]:
        """The names of the fields of times in it."""
        return iter(())


class Texts(Kind):
    """Blanks of optional texts become null in the final array."""

    def cells(self, column: Column, limits: Limits) -> pa.Array | None:
        allowed = {str, NoneType} if self.is_optional else {str}
        return pa.array(column.cells, self.raw) if column.kinds <= allowed else None

    def cleaned(self, raw: pa.Array) -> pa.Array:
        if not self.is_optional:
            return raw
        texts = raw.dictionary if self.raw == REPEATED_TEXT else raw
        if texts is raw:
            return _without_blanks(raw)
        blank = pc.is_in(texts, value_set=_BLANKS)
        if not pc.any(blank).as_py():
            return raw
        kept = texts.filter(pc.invert(blank))
        places = pc.index_in(texts, value_set=kept)
        return pa.DictionaryArray.from_arrays(places.take(raw.indices), kept)


def _without_blanks(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_in(texts, value_set=_BLANKS), _NO_TEXT, texts)


class Integers(Kind):
    def cells(self, column: Column, limits: Limits) -> pa.Array | None:
        if column.kinds == {str}:
            return self._of_texts(column.cells, limits)
        if not column.kinds <= ({int, NoneType} if self.is_optional else {int}):
            return None
        try:
            array = pa.array(column.cells, INTEGER)
        except _NOT_HELD:
            return None
        bounds = [each.as_py() or 0 for each in pc.min_max(array).values()]
        return array if max(map(abs, bounds)) < 10**limits.integer_digits else None

    def _of_texts(self, cells: Sequence[str], limits: Limits) -> pa.Array | None:
        digits = "".join(cells)
        if "-" in digits:
            if digits.count("-") != cells.count("-"):
                return None
            digits = digits.replace("-", "")
        if not digits.isascii() or not digits.isdigit():
            return None
        if max(map(len, cells)) > limits.integer_digits:
            return None
        texts = pa.array(cells, TEXT)
        try:
            return (_without_blanks(texts) if self.is_optional else texts).cast(INTEGER)
        except pa.ArrowInvalid:
            return None


class Moments(Kind):
    def cells(self, column: Column, limits: Limits) -> pa.Array | None:
        if not self.is_optional or not column.kinds <= {str, NoneType}:
            return None
        walls = wall_clocks(pa.array(column.cells, TEXT))
        return None if walls is None else raw_times(walls)

    def _array(self, values: Sequence[Any]) -> pa.Array:
        return raw_of(values)

    def type(self, times: Times) -> pa.DataType:
        return times.type(self.name)

    def done(self, raw: pa.Array, times: Times) -> pa.Array:
        return times.done(self.name, raw)

    def moments(self) -> Iterator[str]:
        yield self.name


class Structs(Kind):
    """Dataclasses inside of others."""

    def __init__(self, name: str, rule: Nested, schema: Schema[Any]) -> None:
        self._schema = schema
        self._kinds = kinds_of(schema, f"{name}.")
        raw = pa.struct([(field, kind.raw) for field, kind in self._kinds.items()])
        super().__init__(name, rule, raw, schema.record_type)

    def _array(self, values: Sequence[Any]) -> pa.Array:
        columns = [
            kind.values(list(map(attrgetter(name), values))) for name, kind in self._kinds.items()
        ]
        return pa.StructArray.from_arrays(columns, fields=list(self.raw))

    def type(self, times: Times) -> pa.DataType:
        return pa.struct(fields_of(self._schema, self._kinds, times))

    def done(self, raw: pa.Array, times: Times) -> pa.Array:
        kinds = zip(self._kinds.values(), raw.flatten(), strict=True)
        columns = [kind.done(column, times) for kind, column in kinds]
        return pa.StructArray.from_arrays(columns, fields=list(self.type(times)))

    def moments(self) -> Iterator[str]:
        return chain.from_iterable(kind.moments() for kind in self._kinds.values())


class Sequences(Kind):
    """Tuples."""

    def __init__(self, name: str, rule: Items, item: Kind) -> None:
        super().__init__(name, rule, pa.list_(item.raw), tuple)
        self._rule = rule
        self._item = item

    def cells(self, column: Column, limits: Limits) -> pa.Array | None:
        flat = self._rule.flat(column, limits)
        if flat is None:
            return None
        items = Column.of(flat.items)
        array = self._item.cells(items, limits)
        if array is None:
            values = self._rule.item.read_column(items, limits)
            array = None if values is None else self._item.values(values)
        return None if array is None else pa.ListArray.from_arrays(_offsets(flat.lengths), array)

    def _array(self, values: Sequence[Any]) -> pa.Array:
        items = self._item.values(list(chain.from_iterable(values)))
        return pa.ListArray.from_arrays(_offsets(map(len, values)), items)

    def type(self, times: Times) -> pa.DataType:
        return pa.list_(self._item.type(times))

    def done(self, raw: pa.Array, times: Times) -> pa.Array:
        # A slice still holds the items of all rows.
        offsets = pc.subtract(raw.offsets, raw.offsets[0])
        return pa.ListArray.from_arrays(offsets, self._item.done(raw.flatten(), times))

    def moments(self) -> Iterator[str]:
        return self._item.moments()


class Mappings(Kind):
    """Dicts by text."""

    def __init__(self, name: str, rule: Rule | None, item: Kind) -> None:
        super().__init__(name, rule, pa.map_(TEXT, item.raw), dict)
        self._item = item

    def _array(self, values: Sequence[Any]) -> pa.Array:
        keys = pa.array(list(chain.from_iterable(values)), TEXT)
        items = self._item.values(list(chain.from_iterable(map(dict.values, values))))
        return pa.MapArray.from_arrays(_offsets(map(len, values)), keys, items)


def no_extras(length: int) -> pa.Array:
    """The column of `extra` of so many records without unknown fields."""
    offsets = pa.repeat(pa.scalar(0, pa.int32()), length + 1)
    return pa.MapArray.from_arrays(offsets, pa.nulls(0, TEXT), pa.nulls(0, TEXT))


def _offsets(lengths: Iterable[int]) -> pa.Array:
    """Where lists of these lengths begin and end."""
    return pa.array(list(accumulate(lengths, initial=0)), pa.int32())


def kinds_of(
    schema: Schema[Any], outer: str = "", *, dictionaries: bool = False
) -> dict[str, Kind]:
    """The kinds of the fields of records, by name, `extra` last.

    Args:
        outer: What stands in front of the names of fields.
        dictionaries: Whether texts that are repeated stand once and are referred to.
    """
    distinct = {
        field.name
        for field in dataclasses.fields(schema.record_type)
        if field.metadata.get("distinct")
    }
    kinds = {
        field.name: _kind(
            outer + field.name,
            field.rule,
            REPEATED_TEXT if dictionaries and field.name not in distinct else TEXT,
        )
        for field in schema.fields
    }
    if schema.has_extra:
        kinds["extra"] = Mappings(f"{outer}extra", None, Texts("extra", Text(), TEXT, str))
    return kinds


def _kind(name: str, rule: Rule, text: pa.DataType = TEXT) -> Kind:
    match rule:
        case Text():
            return Texts(name, rule, text, str)
        case Integer():
            return Integers(name, rule, INTEGER, int)
        case Moment():
            return Moments(name, rule, RAW, datetime)
        case Nested(record=Schema() as schema):
            return Structs(name, rule, schema)
        case Items(item=item):
            return Sequences(name, rule, _kind(name, item))
        case _:
            return _other_kind(name, rule)


def _other_kind(name: str, rule: Rule) -> Kind:
    match rule:
        case Number(kind=kind):
            # A default is often an integer.
            return Kind(name, rule, DECIMAL if kind is Decimal else pa.float64(), kind, int)
        case Boolean():
            return Kind(name, rule, pa.bool_(), bool)
        case Day():
            return Kind(name, rule, pa.date32(), date)
        case Lists(items=items):
            return Mappings(name, rule, _kind(name, items))
    raise AssertionError(f"a rule without a column: {rule.expected}")


def fields_of(schema: Schema[Any], kinds: dict[str, Kind], times: Times) -> list[pa.Field]:
    """The final fields of records."""
    record_type: Any = schema.record_type
    texts = descriptions(record_type)
    wires = {field.name: field.wire for field in schema.fields}
    return [
        pa.field(
            name,
            kind.type(times),
            nullable=kind.is_optional,
            metadata=_metadata(wire=wires.get(name), description=texts.get(name)),
        )
        for name, kind in kinds.items()
    ]


def _metadata(**texts: str | None) -> dict[str, str] | None:
    return {key: text for key, text in texts.items() if text is not None} or None
