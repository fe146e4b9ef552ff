"""Calls as tables of Apache Arrow, and as Parquet files; needs the extra `arrow`."""

from ckct_formats.arrow.batches import Batches, iter_batches, iter_file_batches
from ckct_formats.arrow.parquet import write_parquet
from ckct_formats.arrow.schema import arrow_schema
from ckct_formats.arrow.tables import to_arrow
from ckct_formats.errors import TableError

__all__ = [
    "Batches",
    "TableError",
    "arrow_schema",
    "iter_batches",
    "iter_file_batches",
    "to_arrow",
    "write_parquet",
]
