"""Parquet files: whole, or not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ckct_formats._atomic import replacing
from ckct_formats._errors import TableError
from ckct_formats._extras import extra
from ckct_formats._format import Format
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call
from ckct_formats._parse import OnError
from ckct_formats.arrow._tables import Tabular, batches_of
from ckct_formats.dumps import DumpError

if TYPE_CHECKING:
    import pyarrow as pa

pq: Any = extra("arrow", "pyarrow.parquet")


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

    The file is written under another name beside `out` and takes its place when it is whole: if
    anything goes wrong, what stood there before stays.

    Args:
        source: As in `to_arrow`; so are the other arguments.
        out: The path of the file; one that is there is replaced.

    Returns:
        With `on_error="collect"`, what could not be read and is left out, as in `Batches.errors`.

    Raises:
        OSError: The file cannot be written.
        TableError, DumpError, and others: As in `to_arrow`.
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
    with (
        replacing(Path(os.path.realpath(out))) as stream,
        pq.ParquetWriter(stream, batches.schema, compression="zstd") as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
    return batches.errors
