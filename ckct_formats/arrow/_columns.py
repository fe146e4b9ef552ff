"""Raw arrays: what Arrow makes of a column of cells, or of values, in one loop.

They are made of each page. What is cheaper for many pages at once, and what depends on all of them,
is done with the batches that are made of raw arrays.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate, chain
from operator import attrgetter
from types import NoneType
from typing import Any

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
from ckct_formats.arrow._errors import TableError
from ckct_formats.arrow._libraries import pa, pc
from ckct_formats.arrow._times import RAW, raw_times, raw_walls, wall_clocks

TEXT = pa.string()
REPEATED_TEXT = pa.dictionary(pa.int32(), TEXT)
_INTEGER = pa.int64()
_NUMBERS = {float: pa.float64(), Decimal: pa.decimal128(38, 9)}

_BLANKS = pa.array(["", "-"], TEXT)
_NO_TEXT = pa.scalar(None, TEXT)
_NOT_HELD = (pa.ArrowException, OverflowError, TypeError, ValueError)


class Kind:
    """How the values of a field become a raw array.

    Args:
        name: The field's; `outer.inner` for one inside another.
        rule: The rule of its values; None for unknown fields.
        raw: The type of raw arrays.
        of: The Python types of its values, except None.

    Attributes:
        is_optional: Whether a value may be None.
    """

    def __init__(self, name: str, rule: Rule | None, raw: pa.DataType, *of: type) -> None:
        self.name = name
        self.raw = raw
        self.is_optional = rule is not None and rule.blank is None
        self._types = {*of, NoneType} if self.is_optional else {*of}
        self._expected = "a mapping" if rule is None else rule.expected

    def cells(self, column: Column, limits: Limits) -> pa.Array | None:
        """The raw array of cells; None unless all of them are certain to be of the common kind."""
        return None

    def values(self, values: Sequence[Any]) -> pa.Array:
        """The raw array of values; `TableError` if a table cannot hold one."""
        for kind in set(map(type, values)) - self._types:
            reason = f"expected {self._expected}, not a value of type {kind.__name__}"
            raise TableError(reason, self.name)
        try:
            return self._array(values)
        except TableError:  # of something inside
            raise
        except _NOT_HELD:
            pass
        raise TableError(f"{self._expected} that the type {self.raw} does not hold", self.name)

    def _array(self, values: Sequence[Any]) -> pa.Array:
        return pa.array(values, self.raw)


class Texts(Kind):
    """Blanks of optional texts are still in raw arrays of cells."""

    def cells(self, column: Column, limits: Limits) -> pa.Array | None:
        return pa.array(column.cells, self.raw) if column.kinds <= self._types else None


def without_blanks(texts: pa.Array) -> pa.Array:
    """Texts with null for blanks."""
    if texts.type != REPEATED_TEXT:
        return pc.if_else(pc.is_in(texts, value_set=_BLANKS), _NO_TEXT, texts)
    blank = pc.is_in(texts.dictionary, value_set=_BLANKS)
    if not pc.any(blank).as_py():
        return texts
    kept = texts.dictionary.filter(pc.invert(blank))
    indices = pc.index_in(texts.dictionary, value_set=kept).take(texts.indices)
    return pa.DictionaryArray.from_arrays(indices, kept)


class Integers(Kind):
    def cells(self, column: Column, limits: Limits) -> pa.Array | None:
        if column.kinds == {str}:
            return self._of_texts(column.cells, limits)
        if not column.kinds <= self._types:
            return None
        try:
            array = pa.array(column.cells, _INTEGER)
        except _NOT_HELD:
            return None
        bounds = [each.as_py() or 0 for each in pc.min_max(array).values()]
        return array if max(map(abs, bounds)) < 10**limits.integer_digits else None

    def _of_texts(self, cells: Sequence[str], limits: Limits) -> pa.Array | None:
        """Arrow reads `0x1F` and other texts that are no integers here: so only those of digits,
        and `-` where it stands alone."""
        text = "".join(cells)
        if text.count("-") != cells.count("-"):
            return None
        digits = text.replace("-", "")
        if not (digits.isascii() and digits.isdigit()):
            return None
        if max(map(len, cells)) > limits.integer_digits:
            return None
        texts = pa.array(cells, TEXT)
        try:
            return (without_blanks(texts) if self.is_optional else texts).cast(_INTEGER)
        except pa.ArrowInvalid:
            return None


class Moments(Kind):
    def cells(self, column: Column, limits: Limits) -> pa.Array | None:
        if not self.is_optional or not column.kinds <= {str, NoneType}:
            return None
        walls = wall_clocks(pa.array(column.cells, TEXT))
        return None if walls is None else raw_walls(walls)

    def _array(self, values: Sequence[Any]) -> pa.Array:
        return raw_times(values)


class Structs(Kind):
    """Dataclasses inside of others."""

    def __init__(self, name: str, rule: Nested, schema: Schema[Any]) -> None:
        self._kinds = kinds_of(schema, f"{name}.")
        super().__init__(name, rule, pa.struct(fields_of(schema, self._kinds)), schema.record_type)

    def _array(self, values: Sequence[Any]) -> pa.Array:
        columns = [
            kind.values(list(map(attrgetter(name), values))) for name, kind in self._kinds.items()
        ]
        return pa.StructArray.from_arrays(columns, fields=list(self.raw))


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
    """The column `extra` of so many records without unknown fields."""
    return pa.MapArray.from_arrays(_offsets([0] * length), pa.nulls(0, TEXT), pa.nulls(0, TEXT))


def _offsets(lengths: Iterable[int]) -> pa.Array:
    """Where lists of these lengths begin and end."""
    return pa.array(list(accumulate(lengths, initial=0)), pa.int32())


def kinds_of(
    schema: Schema[Any], outer: str = "", *, dictionaries: bool = False
) -> dict[str, Kind]:
    """The kinds of the fields of records, by name, `extra` last.

    Args:
        schema: How records are read.
        outer: What comes before the names of fields.
        dictionaries: Whether texts that are repeated are dictionary-encoded.
    """
    fields = dataclasses.fields(schema.record_type)
    distinct = {field.name for field in fields if field.metadata.get("distinct")}
    kinds = {}
    for field in schema.fields:
        text = REPEATED_TEXT if dictionaries and field.name not in distinct else TEXT
        kinds[field.name] = _kind(outer + field.name, field.rule, text)
    if schema.has_extra:
        name = f"{outer}extra"
        kinds["extra"] = Mappings(name, None, _kind(name, Text()))
    return kinds


def _kind(name: str, rule: Rule, text: pa.DataType = TEXT) -> Kind:
    kind: Kind
    match rule:
        case Text():
            kind = Texts(name, rule, text, str)
        case Integer():
            kind = Integers(name, rule, _INTEGER, int)
        case Moment():
            kind = Moments(name, rule, RAW, datetime)
        case Nested(record=Schema() as schema):
            kind = Structs(name, rule, schema)
        case Items(item=item):
            kind = Sequences(name, rule, _kind(name, item))
        case Lists(items=items):
            kind = Mappings(name, rule, _kind(name, items))
        case Number(kind=number):  # its default is often an integer
            kind = Kind(name, rule, _NUMBERS[number], number, int)
        case Boolean():
            kind = Kind(name, rule, pa.bool_(), bool)
        case Day():
            kind = Kind(name, rule, pa.date32(), date)
        case _:
            raise AssertionError(f"a rule without a column: {rule.expected}")
    return kind


def fields_of(schema: Schema[Any], kinds: dict[str, Kind]) -> list[pa.Field]:
    """The fields of raw records, with what their dataclass says of them."""
    record_type: Any = schema.record_type
    texts = descriptions(record_type)
    wires = {field.name: field.wire for field in schema.fields}
    fields = []
    for name, kind in kinds.items():
        about = {"wire": wires.get(name), "description": texts.get(name)}
        metadata = {key: text for key, text in about.items() if text is not None}
        fields.append(pa.field(name, kind.raw, kind.is_optional, metadata or None))
    return fields
