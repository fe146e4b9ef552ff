"""What is to be converted, and how: what processes are told, and what a second run goes by."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from ckct_formats._format import Format
from ckct_formats._parse import OnError
from ckct_formats.dumps._locations import File, is_url


class Target(StrEnum):
    """What dumps are made into, beside the four formats: tables."""

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
    """How files are converted.

    Attributes:
        target: What they become.
        record_type: Their rows.
        format, encoding, timezone: As they were given; None where they were not.
        on_error: Whether what cannot be read is left out.
        spreadsheet_safe: Whether texts that a spreadsheet would run are neutralised.
    """

    target: Target
    record_type: type[Any]
    format: Format | None
    encoding: str | None
    timezone: str | None
    on_error: OnError
    spreadsheet_safe: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """Files that become one part.

    Attributes:
        number: From 0.
        files: In their order.
    """

    number: int
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        """The bytes of its files, as far as they are known."""
        return sum(file.size or 0 for file in self.files)


def plan_of(units: Iterable[Unit], job: Job, version: str) -> dict[str, Any]:
    """What must be the same for a part of an earlier run to be a part of this one."""
    record_type = f"{job.record_type.__module__}.{job.record_type.__qualname__}"
    return {
        "version": version,
        "job": asdict(job) | {"record_type": record_type},
        "units": [[_identity(file) for file in unit.files] for unit in units],
    }


def _identity(file: File) -> list[Any]:
    """Name, length and last change of a file. What has no such change, as standard input and URLs,
    is never taken for the same again."""
    if file.stream is not None or is_url(file.name):
        return [file.name, file.size, secrets.token_hex(16)]
    changed: tuple[int, ...] = ()
    with suppress(OSError):
        status = os.stat(file.name)
        # The time of the last change can be set back, as by a copy that keeps it.
        changed = (status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
    return [os.path.abspath(file.name), file.size, *changed]
