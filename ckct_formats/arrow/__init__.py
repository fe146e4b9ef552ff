"""Calls as tables of Apache Arrow, and as Parquet files; needs the extra `arrow`."""

from ckct_formats.arrow._batches import Batches, iter_batches, iter_file_batches
from ckct_formats.arrow._errors import TableError
from ckct_formats.arrow._layout import arrow_schema
from ckct_formats.arrow._tables import to_arrow, write_parquet

__all__ = [
    "Batches",
    "TableError",
    "arrow_schema",
    "iter_batches",
    "iter_file_batches",
    "to_arrow",
    "write_parquet",
]
