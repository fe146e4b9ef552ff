"""From saved dumps to one table: `ckct-formats convert` for folders.

The files of a dump are divided into groups. Each becomes a part of the output, in whatever process;
then the parts become the output.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ckct_formats._errors import FormatsError


class Target(StrEnum):
    """The kinds of tables. (csv is also one of the API's formats.)"""

    PARQUET = "parquet"
    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"

    @property
    def is_columnar(self) -> bool:
        """Whether it is made of Arrow's batches."""
        return self in (Target.PARQUET, Target.XLSX)


@dataclass(frozen=True, slots=True)
class Job:
    """What a table is to be."""

    target: Target
    reading: dict[str, Any]  # fmt, record_type, encoding, on_error: as the readers of dumps take it
    timezone: str | None
    spreadsheet_safe: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What a group of files became, and what of them could not be read."""

    path: Path
    files: int
    calls: int
    errors: Sequence[FormatsError]
    # Of a part with columns, its Arrow schema and the names of the columns that hold any value.
    schema: Any = None
    filled: Collection[str] = ()
