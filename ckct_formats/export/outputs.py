"""Parts become the output."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from ckct_formats.errors import TableError
from ckct_formats.extras import extra

_COPIED_BYTES = 1024 * 1024
_PART_NAME = "part-*.parquet"


def copy_lines(parts: Iterable[Path], head: bytes, write: Callable[[bytes], object]) -> None:
    """The lines of all parts, one after the other."""
    write(head)
    for part in parts:
        with part.open("rb") as stream:
            while data := stream.read(_COPIED_BYTES):
                write(data)


def schema_of_parts(parts: Sequence[Path]) -> Any:
    """The schema that all parts have; `TableError` where times are of two kinds."""
    parquet = extra("arrow", "pyarrow.parquet")
    first, *others = [parquet.read_schema(part) for part in parts]
    for other in others:
        for field in first:
            if other.field(field.name) != field:
                raise TableError(
                    "wall-clock times in some files and aware ones in others: pass --timezone to "
                    "localise the wall-clock ones",
                    field.name,
                )
    return first


def batches_of(parts: Iterable[Path], schema: Any) -> Iterator[Any]:
    """The batches of all parts."""
    parquet = extra("arrow", "pyarrow.parquet")
    for part in parts:
        with parquet.ParquetFile(part) as file:
            for batch in file.iter_batches():
                yield batch.cast(schema)


def write_parquet_file(parts: Sequence[Path], schema: Any, out: IO[bytes]) -> None:
    """One file of the rows of all parts."""
    parquet = extra("arrow", "pyarrow.parquet")
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in batches_of(parts, schema):
            writer.write_batch(batch)


def holds_parts_only(folder: str) -> bool:
    """Whether a folder is an output of an earlier run, and so may be overwritten."""
    names = set(os.listdir(folder))
    return {path.name for path in Path(folder).glob(_PART_NAME)} == names


def publish_folder(parts: Path, out: str) -> None:
    """The folder of parts under the name of the output, in place of an earlier one."""
    target = Path(os.path.realpath(out))
    old = parts.with_name("old")
    if target.exists():
        os.replace(target, old)
    os.replace(parts, target)
    shutil.rmtree(old, ignore_errors=True)
