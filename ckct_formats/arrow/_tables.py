"""Whole tables: in memory, and as Parquet files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, cast

from ckct_formats._atomic import replacing
from ckct_formats._format import Format
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call, Response
from ckct_formats._parse import OnError
from ckct_formats.arrow._batches import BATCH_ROWS, Batches, Parts, iter_batches
from ckct_formats.arrow._errors import TableError
from ckct_formats.arrow._layout import Layout, times_of
from ckct_formats.arrow._libraries import pa, pq
from ckct_formats.dumps import Dump, DumpError
from ckct_formats.dumps._locations import Locations
from ckct_formats.dumps._reading import FileResponse

# What was read already, or where it is.
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
    batches = _batches(
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


def write_parquet(
    source: Tabular,
    out: str | os.PathLike[str],
    fmt: Format | str | None = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    timezone: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
    dictionaries: bool = True,
    schema: pa.Schema | None = None,
) -> list[DumpError | TableError]:
    """Write records to one Parquet file, compressed with zstd, in bounded memory.

    The file is written under another name beside `out`, which it replaces when it is whole: if
    anything goes wrong, an older file stays.

    Args:
        source: As in `to_arrow`; so are the other arguments.
        out: The path of the file; an older one is replaced.

    Returns:
        With `on_error="collect"`, what could not be read and is left out, as in `Batches.errors`.

    Raises:
        OSError: The file cannot be written.
        TableError, DumpError, and others: As in `to_arrow`.
    """
    batches = _batches(
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
    with (
        replacing(Path(os.path.realpath(out))) as stream,
        pq.ParquetWriter(stream, batches.schema, compression="zstd") as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
    return batches.errors


def _batches(
    source: Tabular,
    fmt: Format | str | None,
    *,
    record_type: type[Any],
    timezone: str | None,
    dictionaries: bool,
    schema: pa.Schema | None,
    **options: Any,
) -> Batches:
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
    record_type = _record_type(records, record_type)
    layout = Layout(record_type, dictionaries=dictionaries, of_cells=False)
    times = times_of(layout, timezone, schema)
    return Batches(layout, times, _parts(layout, records), BATCH_ROWS)


def _records(source: Any) -> Sequence[Any] | None:
    """Records that were read already; None if the source is of another kind."""
    if isinstance(source, Response):
        return source.payload
    if isinstance(source, Dump):
        return source.calls
    are_records = isinstance(source, list | tuple) and source and is_dataclass(source[0])
    return source if are_records else None


def _record_type(records: Sequence[Any], default: type[Any]) -> type[Any]:
    kinds = set(map(type, records))
    if len(kinds) > 1:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise TypeError(f"a table is of records of one dataclass, not of {names}")
    return kinds.pop() if kinds else default


def _parts(layout: Layout, records: Sequence[Any]) -> Parts:
    for at in range(0, len(records), BATCH_ROWS):
        raw = layout.of_records(records[at : at + BATCH_ROWS])
        yield FileResponse("", Response(payload=[raw]))
