"""How records of one dataclass stand in a table: from cells or records to record batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from inspect import getattr_static
from itertools import compress
from operator import attrgetter
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any

from ckct_formats._about import version
from ckct_formats._errors import TableError
from ckct_formats._extras import extra
from ckct_formats._formats.table import Column, Table
from ckct_formats._limits import Limits
from ckct_formats._schema import Faults, Field, Schema, schema_of
from ckct_formats.arrow._columns import fields_of, kinds_of, no_extras
from ckct_formats.arrow._times import Times

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = extra("arrow", "pyarrow")

# A raw batch, or why there is none.
Raw = Any


class Layout:
    """The columns of records of one dataclass.

    Args:
        dictionaries: Whether texts that are repeated stand once and are referred to.

    Attributes:
        schema: How records are read.
    """

    def __init__(self, record_type: type[Any], *, dictionaries: bool) -> None:
        if record_type is dict:
            raise TypeError("rows that are dicts have no columns to know of: pass a dataclass")
        self.schema: Schema[Any] = schema_of(record_type)
        self._kinds = kinds_of(self.schema, dictionaries=dictionaries)
        self._raw = pa.schema([(name, kind.raw) for name, kind in self._kinds.items()])
        self._is_plain = _is_plain(record_type)

    def arrow_schema(self, times: Times) -> pa.Schema:
        """The schema of final batches."""
        about = {"record_type": self.schema.record_type.__name__, "ckct_formats": version()}
        return pa.schema(fields_of(self.schema, self._kinds, times), metadata=about)

    def moments(self) -> list[str]:
        """The names of the fields of times; inside another field, both with a dot between."""
        return [name for kind in self._kinds.values() for name in kind.moments()]

    def read_rows(self, table: Table, limits: Limits) -> tuple[list[Raw], Faults]:
        """The raw batch of a table of cells. An error of Arrow's is given and not raised, for whoever
        knows the file."""
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
        """The raw batch of records; `TableError` if a table cannot hold a value of theirs."""
        return self._batch(self._values(records))

    def done(self, raw: pa.RecordBatch, times: Times, *, of_cells: bool) -> pa.RecordBatch:
        """The final batch.

        Args:
            of_cells: Whether it is of cells, and not of records.

        Raises:
            TableError: Times that do not go into one column.
        """
        kinds = self._kinds.values()
        columns: Sequence[pa.Array] = raw.columns
        if of_cells:
            columns = [kind.cleaned(each) for kind, each in zip(kinds, columns, strict=True)]
        columns = [kind.done(each, times) for kind, each in zip(kinds, columns, strict=True)]
        return pa.RecordBatch.from_arrays(columns, schema=self.arrow_schema(times))


def _kept(column: Any, kept: Sequence[bool]) -> Any:
    if isinstance(column, pa.Array):
        return column.filter(pa.array(kept))
    return list(compress(column, kept))


def _is_plain(record_type: type[Any]) -> bool:
    """Whether records hold what they are made of: none is made by a function of the user's, who
    may check values there, or change them."""
    if record_type.__module__.startswith("ckct_formats."):
        return True
    kind: Any = record_type
    is_checked = (
        kind.__new__ is not object.__new__
        or kind.__getattribute__ is not object.__getattribute__
        or hasattr(kind, "__post_init__")
        or type(record_type) is not type
        or any(_is_descriptor(kind, field.name) for field in fields(kind))
    )
    is_set = kind.__setattr__ is object.__setattr__ or _is_generated(kind.__setattr__)
    return _is_generated(kind.__init__) and is_set and not is_checked


def _is_generated(method: Any) -> bool:
    """Whether a method was made by `dataclass`."""
    code = getattr(method, "__code__", None)
    return code is not None and code.co_qualname.startswith("__create_fn__.")


def _is_descriptor(record_type: type[Any], name: str) -> bool:
    """Whether setting a field does more than that; a slot does not."""
    attribute = getattr_static(record_type, name, None)
    return hasattr(attribute, "__set__") and not isinstance(attribute, MemberDescriptorType)
