"""Parts become the output."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ckct_formats._errors import TableError
from ckct_formats._export.parts import Staging
from ckct_formats._extras import extra

_COPIED_BYTES = 1024 * 1024


def copy_lines(parts: Iterable[Path], head: bytes, write: Callable[[bytes], object]) -> None:
    """The lines of all parts, one after the other."""
    write(head)
    for part in parts:
        with part.open("rb") as stream:
            while data := stream.read(_COPIED_BYTES):
                write(data)


def unify(staging: Staging, parts: Sequence[Path]) -> Any:
    """The schema of all parts. One in which a column holds no time took it for a wall clock's: it
    is written anew if others know better.

    Raises:
        TableError: Times are of two kinds.
    """
    schemas = [_schema_of(part) for part in parts]
    schema = schemas[0]
    for at, field in enumerate(schema):
        if any(other.field(at) != field for other in schemas):
            schema = schema.set(at, _common_field(parts, schemas, at))
    for part, other in zip(parts, schemas, strict=True):
        if other != schema:
            with staging.writing(part) as stream:
                _write_batches(batches_of([part]), schema, stream)
    return schema


def _common_field(parts: Sequence[Path], schemas: Sequence[Any], at: int) -> Any:
    """The one field of those parts that hold values of it."""
    from ckct_formats.arrow._times import MIXED  # noqa: PLC0415 (needs the extra)

    pairs = zip(parts, schemas, strict=True)
    fields = [schema.field(at) for part, schema in pairs if _holds(part, schema.field(at).name)]
    if any(field != fields[0] for field in fields):
        raise TableError(MIXED, fields[0].name)
    return fields[0]


@contextmanager
def _opened(part: Path) -> Iterator[Any]:
    # Arrow takes the name of a file for UTF-8, which it need not be.
    parquet = extra("arrow", "pyarrow.parquet")
    with part.open("rb") as stream, parquet.ParquetFile(stream) as file:
        yield file


def _schema_of(part: Path) -> Any:
    with _opened(part) as file:
        return file.schema_arrow


def _holds(part: Path, name: str) -> bool:
    """Whether a part holds any value of a column."""
    with _opened(part) as file:
        table = file.read(columns=[name])
    return bool(table[name].null_count < len(table))


def batches_of(parts: Iterable[Path]) -> Iterator[Any]:
    """The batches of all parts."""
    for part in parts:
        with _opened(part) as file:
            yield from file.iter_batches()


def write_parquet_file(parts: Sequence[Path], schema: Any, out: IO[bytes]) -> None:
    """One file of the rows of all parts."""
    _write_batches(batches_of(parts), schema, out)


def _write_batches(batches: Iterable[Any], schema: Any, out: IO[bytes]) -> None:
    parquet = extra("arrow", "pyarrow.parquet")
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.cast(schema))


def publish_folder(parts: Path, out: str) -> None:
    """The folder of parts under the name of the output; OSError if there is something by now."""
    # Onto a folder that is not empty, or onto a file, a rename fails.
    os.rename(parts, os.path.realpath(out))
