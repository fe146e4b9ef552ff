"""The Arrow schema of a dataclass."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ckct_formats._extras import extra
from ckct_formats._model import Call
from ckct_formats.arrow._layout import Layout
from ckct_formats.arrow._times import Times

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = extra("arrow", "pyarrow")


def arrow_schema(
    record_type: type[Any] = Call,
    *,
    timezone: str | None = None,
    dictionaries: bool = True,
    aware: Collection[str] = (),
) -> pa.Schema:
    """The schema of tables of a dataclass.

    Fields are called as those of the dataclass; what may not be None is not null. Their metadata
    hold `wire`, the key on the wire, and `description`; those of the schema hold `record_type` and
    the version of `ckct_formats`. docs/tables.md says of what type each is.

    Args:
        record_type: The dataclass of one row.
        timezone: Name of the zone that all times are in; without it they are wall-clock times.
        dictionaries: Whether texts that are repeated are dictionary-encoded.
        aware: Without a time zone, the fields whose times are aware (in UTC) all the same; one
            inside another as `field.inner`.

    Raises:
        TypeError: `record_type` is no dataclass, or has a field of another type than
            docs/wire-formats.md lists.
        ValueError: `timezone` is none, or `aware` names a field that holds no times.
    """
    layout = Layout(record_type, dictionaries=dictionaries)
    for name in aware:
        if name not in layout.moments():
            raise ValueError(f"{record_type.__name__} has no field of times called {name!r}")
    return layout.arrow_schema(Times(timezone, dict.fromkeys(aware, True)))


def times_of(layout: Layout, timezone: str | None, schema: pa.Schema | None) -> Times:
    """Of what kind times are, by a schema that batches must have; ValueError if they cannot."""
    if schema is None:
        return Times(timezone)
    kinds = {name: _type_at(schema, name) for name in layout.moments()}
    times = Times(
        timezone, {name: getattr(kind, "tz", None) is not None for name, kind in kinds.items()}
    )
    wanted = layout.arrow_schema(times)
    if wanted.equals(schema):
        return times
    raise ValueError(
        f"schema is not that of {layout.schema.record_type.__name__} with these options: expected "
        f"{wanted.to_string(show_field_metadata=False, show_schema_metadata=False)}"
    )


def _type_at(schema: pa.Schema, name: str) -> pa.DataType | None:
    """The type of a field, maybe inside of others; None if there is none."""
    kind: Any = pa.struct(list(schema))
    for step in name.split("."):
        kind = kind.value_type if pa.types.is_list(kind) else kind
        if not pa.types.is_struct(kind) or kind.get_field_index(step) < 0:
            return None
        kind = kind.field(step).type
    return kind
