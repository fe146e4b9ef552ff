"""How records of one dataclass become a table: from cells or records to record batches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from inspect import getattr_static
from itertools import compress
from operator import attrgetter
from types import MemberDescriptorType
from typing import Any

from ckct_formats._about import version
from ckct_formats._formats.table import Column, Table
from ckct_formats._limits import Limits
from ckct_formats._model import Call
from ckct_formats._schema import Faults, Field, Schema, schema_of
from ckct_formats.arrow._columns import Texts, fields_of, kinds_of, no_extras, without_blanks
from ckct_formats.arrow._errors import TableError
from ckct_formats.arrow._libraries import pa
from ckct_formats.arrow._times import RAW, Times, leaves

# A raw batch, or why there is none.
Raw = Any


class Layout:
    """The columns of records of one dataclass.

    Args:
        record_type: The dataclass.
        dictionaries: Whether texts that are repeated are dictionary-encoded.
        of_cells: Whether raw batches are made of cells; otherwise they are made of records.

    Attributes:
        schema: How records are read.
        moments: The names of the columns of times; `outer.inner` for one inside another.
    """

    def __init__(
        self, record_type: type[Any], *, dictionaries: bool, of_cells: bool = True
    ) -> None:
        if record_type is dict:
            raise TypeError("rows that are dicts have no columns to know of: pass a dataclass")
        self.schema: Schema[Any] = schema_of(record_type)
        self._kinds = kinds_of(self.schema, dictionaries=dictionaries)
        about = {"record_type": record_type.__name__, "ckct_formats": version()}
        self._raw = pa.schema(fields_of(self.schema, self._kinds), metadata=about)
        self.moments = [name for name, kind in leaves(pa.struct(list(self._raw))) if kind == RAW]
        self._is_plain = _is_plain(record_type)
        self._of_cells = of_cells

    def arrow_schema(self, times: Times) -> pa.Schema:
        """The schema of final batches."""
        fields = [field.with_type(times.type(field.type, field.name)) for field in self._raw]
        return pa.schema(fields, metadata=self._raw.metadata)

    def read_rows(self, table: Table, limits: Limits) -> tuple[list[Raw], Faults]:
        """The raw batch of a table of cells. A `TableError` is returned, not raised: whoever knows
        the file raises it."""
        columns, faults = self._columns(table, limits) if table.length else ([], Faults())
        if len(faults) == table.length:
            return [], faults
        try:
            batch: Raw = self._batch(columns)
        except TableError as error:
            batch = error
        return [batch], faults

    def _columns(self, table: Table, limits: Limits) -> tuple[list[Any], Faults]:
        """What is read of fields, as raw arrays or as values, without the rows left out."""
        if not self._is_plain:
            records, faults = self.schema.read_table(table, limits)
            return self._values(records), faults

        def read(field: Field, column: Column) -> pa.Array | None:
            return self._kinds[field.name].cells(column, limits)

        columns, faults = self.schema.read_columns(table, limits, read)
        if self.schema.has_extra and columns[-1] is None:
            columns[-1] = no_extras(table.length)
        if faults:
            kept = [row not in faults for row in range(table.length)]
            columns = [_kept(column, kept) for column in columns]
        return columns, faults

    def _values(self, records: Sequence[Any]) -> list[list[Any]]:
        return [list(map(attrgetter(name), records)) for name in self._kinds]

    def _batch(self, columns: Sequence[Any]) -> pa.RecordBatch:
        arrays = [
            column if isinstance(column, pa.Array) else kind.values(column)
            for kind, column in zip(self._kinds.values(), columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self._raw)

    def of_records(self, records: Sequence[Any]) -> pa.RecordBatch:
        """The raw batch of records; `TableError` if a table cannot hold one of their values."""
        return self._batch(self._values(records))

    def final(self, raw: pa.RecordBatch, times: Times) -> pa.RecordBatch:
        """The final batch of a raw one; `TableError` for times that do not go into one column."""
        columns = []
        for (name, kind), column in zip(self._kinds.items(), raw.columns, strict=True):
            has_blanks = self._of_cells and isinstance(kind, Texts) and kind.is_optional
            columns.append(times.final(without_blanks(column) if has_blanks else column, name))
        return pa.RecordBatch.from_arrays(columns, schema=self.arrow_schema(times))


def _kept(column: Any, kept: Sequence[bool]) -> Any:
    if isinstance(column, pa.Array):
        return column.filter(pa.array(kept))
    return list(compress(column, kept))


def _is_plain(record_type: type[Any]) -> bool:
    """Whether records hold what they are made of: the user wrote no function that may check values
    when a record is made, or change them."""
    if record_type.__module__.startswith("ckct_formats."):
        return True
    kind: Any = record_type
    return (
        type(record_type) is type
        and kind.__new__ is object.__new__
        and kind.__getattribute__ is object.__getattribute__
        and (kind.__setattr__ is object.__setattr__ or _is_generated(kind.__setattr__))
        and _is_generated(kind.__init__)
        and not hasattr(kind, "__post_init__")
        and not any(_is_descriptor(kind, field.name) for field in fields(kind))
    )


def _is_generated(method: Any) -> bool:
    """Whether a method was made by `dataclass`."""
    code = getattr(method, "__code__", None)
    return code is not None and code.co_qualname.startswith("__create_fn__.")


def _is_descriptor(record_type: type[Any], name: str) -> bool:
    """Whether to set a field does more than that. A slot does not."""
    attribute = getattr_static(record_type, name, None)
    return hasattr(attribute, "__set__") and not isinstance(attribute, MemberDescriptorType)


def arrow_schema(
    record_type: type[Any] = Call,
    *,
    timezone: str | None = None,
    dictionaries: bool = True,
    aware: Collection[str] = (),
) -> pa.Schema:
    """The schema of tables of a dataclass.

    Columns are named as the fields of the dataclass; they are nullable where the field may be None.
    Their metadata hold `wire`, the key on the wire, and `description`; those of the schema hold
    `record_type` and the version of `ckct_formats`. docs/tables.md lists their types.

    Args:
        record_type: The dataclass of one row.
        timezone: Name of the zone of all times; without it they are wall-clock times.
        dictionaries: Whether texts that are repeated are dictionary-encoded.
        aware: Without a time zone, the fields whose times are aware (in UTC) all the same;
            `outer.inner` for one inside another.

    Raises:
        TypeError: `record_type` is no dataclass, or has a field of another type than
            docs/wire-formats.md lists.
        ValueError: `timezone` is no time zone, or `aware` names a field that holds no times.
    """
    layout = Layout(record_type, dictionaries=dictionaries)
    for name in aware:
        if name not in layout.moments:
            raise ValueError(f"{record_type.__name__} has no field of times called {name!r}")
    return layout.arrow_schema(Times(timezone, dict.fromkeys(aware, True)))


def times_of(layout: Layout, timezone: str | None, schema: pa.Schema | None) -> Times:
    """The kinds of times in a schema that batches must have; ValueError if they cannot have it."""
    if schema is None:
        return Times(timezone)
    kinds = dict(leaves(pa.struct(list(schema))))
    aware = {name: getattr(kinds.get(name), "tz", None) is not None for name in layout.moments}
    times = Times(timezone, aware)
    expected = layout.arrow_schema(times)
    if not expected.equals(schema):
        shown = expected.to_string(show_field_metadata=False, show_schema_metadata=False)
        name = layout.schema.record_type.__name__
        raise ValueError(f"schema is not that of {name} with these options: expected {shown}")
    return times
