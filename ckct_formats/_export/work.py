"""Units become parts, in this process or in several."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import suppress
from functools import partial
from multiprocessing.connection import wait as wait_for
from queue import Empty
from typing import IO, Any

from ckct_formats._errors import DumpError, TableError
from ckct_formats._export.lines import encoder_of
from ckct_formats._export.parts import Done, Staging
from ckct_formats._export.units import Job, Target, Unit
from ckct_formats._extras import extra
from ckct_formats._limits import DEFAULT_LIMITS
from ckct_formats.dumps._locations import File
from ckct_formats.dumps._reading import read_files
from ckct_formats.dumps._records import errors_of, reader_of

# What is told of a run as it goes: files, calls and bytes that are done.
Report = Callable[[int, int, int], None]

# What is left out: the file, and why.
Left = tuple[str, str]

_SECONDS_BETWEEN_REPORTS = 0.2
_READ_ONCE = (
    "the first time of the column comes late and has a zone, and what is read once cannot be read "
    "anew: save it in a file, or pass timezone="
)


def load_engines(target: Target) -> None:
    """What a target needs, before anything is read for it; ModuleNotFoundError names the extra."""
    if target is Target.XLSX:
        extra("xlsx", "xlsxwriter")
    if target.is_columnar:
        extra("xlsx" if target is Target.XLSX else "arrow", "pyarrow")


def make_part(unit: Unit, job: Job, staging: Staging, report: Report) -> Done:
    """Make the part of a unit; `DumpError` if a file cannot be read, and is not to be left out."""
    make = _make_batches if job.target.is_columnar else _make_lines
    with staging.writing(staging.part(unit.number)) as out:
        calls, errors = make(unit, job, out, report)
    return staging.report(unit.number, calls, errors)


def _make_lines(unit: Unit, job: Job, out: IO[bytes], report: Report) -> tuple[int, list[Left]]:
    reader = reader_of(job.record_type, job.format, job.encoding, job.on_error, DEFAULT_LIMITS)
    encode = encoder_of(job)
    calls, errors = 0, list[DumpError]()
    for part in read_files(_reported(unit, report), reader):
        if isinstance(part, DumpError):
            if job.on_error == "raise":
                raise part
            errors.append(part)
            continue
        errors += errors_of(part)
        out.write(encode(part.response.payload))
        calls += len(part.response.payload)
        report(0, len(part.response.payload), 0)
    return calls, list(map(left_out, errors))


def _make_batches(unit: Unit, job: Job, out: IO[bytes], report: Report) -> tuple[int, list[Left]]:
    """A file has one schema: where a time with a zone comes late in a column, all is made anew."""
    from ckct_formats.arrow._times import LateZoneError  # noqa: PLC0415 (needs the extra)

    aware = set[str]()
    while True:
        told = _Told(report)
        try:
            return _write_batches(unit, job, out, told, aware)
        except LateZoneError as late:
            if any(file.stream is not None for file in unit.files):
                raise TableError(_READ_ONCE, late.field, late.file) from None
            aware.add(late.field)
            told.take_back()
            out.seek(0)
            out.truncate()


class _Told:
    """What was told of an attempt, which may come to nothing."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._sums = (0, 0, 0)

    def __call__(self, files: int, calls: int, size: int) -> None:
        before = self._sums
        self._sums = (before[0] + files, before[1] + calls, before[2] + size)
        self._report(files, calls, size)

    def take_back(self) -> None:
        files, calls, size = self._sums
        self._report(-files, -calls, -size)


def _write_batches(
    unit: Unit, job: Job, out: IO[bytes], report: Report, aware: Collection[str]
) -> tuple[int, list[Left]]:
    arrow, parquet = extra("arrow", "ckct_formats.arrow"), extra("arrow", "pyarrow.parquet")
    batches = arrow.iter_file_batches(
        _reported(unit, report),
        job.format,
        record_type=job.record_type,
        encoding=job.encoding,
        timezone=job.timezone,
        on_error=job.on_error,
        schema=arrow.arrow_schema(job.record_type, aware=aware) if aware else None,
    )
    with parquet.ParquetWriter(out, batches.schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            report(0, batch.num_rows, 0)
    return batches.given, list(map(left_out, batches.errors))


def left_out(error: DumpError | TableError) -> Left:
    """What an error says of its file, and the file."""
    reason = error.reason if isinstance(error, DumpError) else f"{error.field}: {error.reason}"
    return error.file or "", reason


def _reported(unit: Unit, report: Report) -> Iterator[File]:
    """The files of a unit, each told when it has been read."""
    for file in unit.files:
        yield file
        report(1, 0, file.size or 0)


def make_parts(
    units: Sequence[Unit], job: Job, staging: Staging, processes: int, report: Report
) -> Iterator[Done]:
    """Make the parts of units, each told when it is done."""
    if processes == 1 or len(units) < 2:
        for unit in units:
            yield make_part(unit, job, staging, report)
        return
    # Not by fork: a process with threads (Arrow has some) must not be copied.
    context = multiprocessing.get_context("spawn")
    # No lock: one that a killed process held would never be released.
    reports, stop = context.Queue(), context.Value("b", 0, lock=False)
    with ProcessPoolExecutor(
        min(processes, len(units)), context, initializer=_begin, initargs=(reports, stop)
    ) as pool:
        try:
            yield from _results(
                pool, units, partial(_make, job=job, staging=staging), reports, report
            )
        except BaseException:
            # None may go on writing when this is told: the folder of parts is given up.
            stop.value = 1
            pool.shutdown(cancel_futures=True)
            raise


def _results(
    pool: ProcessPoolExecutor,
    units: Sequence[Unit],
    make: Callable[[Unit], Done],
    reports: Any,
    report: Report,
) -> Iterator[Done]:
    # The greatest first, lest one is left to be made alone at the end.
    ordered = sorted(units, key=lambda unit: unit.size, reverse=True)
    running: set[Future[Done]] = {pool.submit(make, unit) for unit in ordered}
    while running:
        finished, running = wait(running, _SECONDS_BETWEEN_REPORTS, FIRST_COMPLETED)
        with suppress(Empty):
            while True:
                report(*reports.get_nowait())
        for future in finished:
            yield future.result()


# What a process of the pool reports to, and what tells it to stop; set when it begins.
_reports: Any = None
_stop: Any = None


class StoppedError(Exception):
    """The run has failed elsewhere."""


def _begin(reports: Any, stop: Any) -> None:
    global _reports, _stop  # a process of the pool has no other place
    _reports, _stop = reports, stop
    reports.cancel_join_thread()  # when a run has failed nobody reads them
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is for the run to tell of, once
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End when the run is killed: a process of a pool would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _make(unit: Unit, job: Job, staging: Staging) -> Done:
    return make_part(unit, job, staging, _tell)


def _tell(*steps: int) -> None:
    if _stop.value:
        raise StoppedError
    _reports.put(steps)
