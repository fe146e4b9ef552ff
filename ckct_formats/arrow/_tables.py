"""Whole tables in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any, cast

from ckct_formats._extras import extra
from ckct_formats._format import Format
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call, Response
from ckct_formats._parse import OnError
from ckct_formats.arrow._batches import BATCH_ROWS, Batches, Parts, iter_batches
from ckct_formats.arrow._layout import Layout
from ckct_formats.arrow._schema import times_of
from ckct_formats.dumps._dump import Dump
from ckct_formats.dumps._locations import Locations
from ckct_formats.dumps._reading import FileResponse

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = extra("arrow", "pyarrow")

# What a table can be made of: what was read already, or where it is.
Tabular = Response[Any] | Dump[Any] | Sequence[Any] | Batches | Locations


def to_arrow(
    source: Tabular,
    fmt: Format | str | None = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    timezone: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
    dictionaries: bool = True,
    schema: pa.Schema | None = None,
) -> pa.Table:
    """A table of records.

    Args:
        source: A `Response`, a `Dump`, a list of records; or where saved dumps are, as in
            `iter_batches`; or what that gives, whose `errors` say what was left out. The other
            arguments are as there; those that say how a dump is read do nothing for one that was.

    Raises:
        TableError, DumpError, and others: As in `iter_batches`.
        TypeError: Records that are not all of one dataclass.
    """
    batches = batches_of(
        source,
        fmt,
        record_type=record_type,
        encoding=encoding,
        timezone=timezone,
        on_error=on_error,
        limits=limits,
        dictionaries=dictionaries,
        schema=schema,
    )
    return pa.Table.from_batches(batches, schema=batches.schema).unify_dictionaries()


def batches_of(
    source: Tabular,
    fmt: Format | str | None,
    *,
    record_type: type[Any],
    timezone: str | None,
    dictionaries: bool,
    schema: pa.Schema | None,
    **options: Any,
) -> Batches:
    """The batches of whatever a table can be made of."""
    if isinstance(source, Batches):
        return source
    records = _records(source)
    if records is None:
        return iter_batches(
            cast(Locations, source),
            fmt,
            record_type=record_type,
            timezone=timezone,
            dictionaries=dictionaries,
            schema=schema,
            **options,
        )
    layout = Layout(_kind_of(records, record_type), dictionaries=dictionaries)
    times = times_of(layout, timezone, schema)
    return Batches(layout, times, _parts(layout, records), BATCH_ROWS, of_cells=False)


def _records(source: Any) -> Sequence[Any] | None:
    """The records of what was read already; None of anything else."""
    if isinstance(source, Response):
        return source.payload
    if isinstance(source, Dump):
        return source.calls
    are_records = isinstance(source, list | tuple) and source and is_dataclass(source[0])
    return source if are_records else None


def _kind_of(records: Sequence[Any], record_type: type[Any]) -> type[Any]:
    """The one type of records; `record_type` if there are none."""
    kinds = set(map(type, records))
    if len(kinds) > 1:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise TypeError(f"a table is of records of one dataclass, not of {names}")
    return kinds.pop() if kinds else record_type


def _parts(layout: Layout, records: Sequence[Any]) -> Parts:
    for at in range(0, len(records), BATCH_ROWS):
        raw = layout.of_records(records[at : at + BATCH_ROWS])
        yield FileResponse("", Response(payload=[raw]))
