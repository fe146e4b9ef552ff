"""Tables of columns: Parquet, and what a workbook is made of. They need the extra `arrow`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from ckct_formats._export import Job, Part
from ckct_formats._extras import extra

_READ_ONCE = (
    "the first time of the column comes late and has a zone, and what is read once cannot be read "
    "again: save it in a file, or pass timezone="
)


def make_part(job: Job, files: Sequence[str | IO[bytes]], path: Path) -> Part:
    """Write the rows of files. A part has one schema: where a time with a zone comes late in a
    column, all is written anew."""
    from ckct_formats import arrow  # noqa: PLC0415 (needs the extra)
    from ckct_formats.arrow._times import LateZoneError  # noqa: PLC0415

    aware = set[str]()
    while True:
        schema = arrow.arrow_schema(job.reading["record_type"], aware=aware) if aware else None
        batches = arrow.iter_batches(files, **job.reading, timezone=job.timezone, schema=schema)
        filled = set[str]()
        try:
            with path.open("wb") as out:
                write_parquet(_noting(batches, filled), batches.schema, out)
            return Part(path, len(files), batches.given, batches.errors, batches.schema, filled)
        except LateZoneError as late:
            if not all(isinstance(file, str) for file in files):
                raise arrow.TableError(_READ_ONCE, late.field, late.file) from None
            aware.add(late.field)


def _noting(batches: Iterable[Any], filled: set[str]) -> Iterator[Any]:
    """The batches; the names of columns that hold any value are noted."""
    for batch in batches:
        columns = zip(batch.schema.names, batch.columns, strict=True)
        filled |= {name for name, column in columns if column.null_count < len(column)}
        yield batch


def write_parquet(batches: Iterable[Any], schema: Any, out: IO[bytes]) -> None:
    """One Parquet file of batches that have this schema."""
    parquet = extra("arrow", "pyarrow.parquet")
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)


def batches_of(parts: Iterable[Part], schema: Any) -> Iterator[Any]:
    """The batches of all parts, in the schema that they have in common."""
    parquet = extra("arrow", "pyarrow.parquet")
    for part in parts:
        # Arrow takes the name of a file for UTF-8, which it need not be.
        with part.path.open("rb") as stream, parquet.ParquetFile(stream) as file:
            for batch in file.iter_batches():
                yield batch.cast(schema)


def common_schema(parts: Sequence[Part]) -> Any:
    """The schema of all parts. Where a column holds no time it was taken for one of wall-clock
    times; parts that hold some know better.

    Raises:
        TableError: Times are of two kinds.
    """
    from ckct_formats.arrow import TableError  # noqa: PLC0415 (needs the extra)
    from ckct_formats.arrow._times import MIXED  # noqa: PLC0415

    schema = parts[0].schema
    for at, name in enumerate(schema.names):
        fields = [part.schema.field(at) for part in parts if name in part.filled]
        if any(field != fields[0] for field in fields):
            raise TableError(MIXED, name)
        schema = schema.set(at, fields[0]) if fields else schema
    return schema


def unify(parts: Sequence[Part]) -> None:
    """Write the parts anew that have another schema than they have in common."""
    schema = common_schema(parts)
    for part in parts:
        if part.schema != schema:
            draft = part.path.with_suffix(".draft")
            with draft.open("xb") as out:
                write_parquet(batches_of([part], schema), schema, out)
            os.replace(draft, part.path)
