"""Files become parts, in this process or in several; parts become the output."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing.connection import wait
from pathlib import Path
from typing import IO, Any

from ckct_formats._export import Job, Part, Target, columns, lines
from ckct_formats._export.xlsx import write_xlsx
from ckct_formats._extras import extra
from ckct_formats.dumps import DumpError
from ckct_formats.dumps._locations import File


def load_engines(target: Target) -> None:
    """What a target needs, before anything is read for it; ModuleNotFoundError names the extra."""
    if target is Target.XLSX:
        extra("xlsx", "xlsxwriter")
        extra("xlsx", "pyarrow")
    elif target is Target.PARQUET:
        extra("arrow", "pyarrow")


def file_and_reason(error: Any) -> tuple[str, str]:
    """The file that an error is about, if it knows that, and what is wrong."""
    if isinstance(error, DumpError):
        return error.file, error.reason
    if hasattr(error, "field"):  # a TableError, whose module needs an extra
        return error.file or "", f"{error.field}: {error.reason}"
    return "", str(error)


def make_parts(
    groups: Sequence[Sequence[File]],
    job: Job,
    folder: Path,
    processes: int,
    report: Callable[[Sequence[Part]], None],
) -> list[Part]:
    """Make a part of each group of files; whenever one is done, those that are done are reported.

    Raises:
        FormatsError: A file cannot be read, and is not to be left out.
        BrokenExecutor: A process was killed.
    """
    suffix = Target.PARQUET if job.target.is_columnar else job.target
    tasks = [(folder / f"part-{at:05}.{suffix}", files) for at, files in enumerate(groups)]
    done: list[Part] = []
    if processes == 1 or len(tasks) < 2:
        for task in tasks:
            done.append(_make_part(job, *task))
            report(done)
        return done
    # Not by fork: a process with threads (Arrow has some) must not be copied.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(tasks)), context, initializer=_begin) as pool:
        try:
            # The greatest first, lest one is left to be made alone at the end.
            tasks.sort(key=lambda task: sum(file.size or 0 for file in task[1]), reverse=True)
            for future in as_completed([pool.submit(_make_part, job, *task) for task in tasks]):
                done.append(future.result())
                report(done)
        except BaseException:
            # The folder is given up: none may go on writing into it.
            for process in multiprocessing.active_children():
                process.terminate()
            pool.shutdown(cancel_futures=True)
            raise
    return sorted(done, key=lambda part: part.path)


def _make_part(job: Job, path: Path, files: Sequence[File]) -> Part:
    make = columns.make_part if job.target.is_columnar else lines.make_part
    return make(job, [file.stream or file.name for file in files], path)


def _begin() -> None:
    """Begin a process of the pool. Ctrl-C is for the run to report, once."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process of a pool would wait for work for ever when the run is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def write_file(job: Job, parts: Sequence[Part], out: IO[bytes], folder: Path) -> None:
    """One file of all parts; a workbook needs a folder for what is not finished."""
    if not job.target.is_columnar:
        lines.write_lines(job, parts, out.write)
        return
    schema = columns.common_schema(parts)
    batches = columns.batches_of(parts, schema)
    if job.target is Target.PARQUET:
        columns.write_parquet(batches, schema, out)
    else:
        write_xlsx(batches, schema, out, folder, safe=job.spreadsheet_safe)


def publish_folder(parts: Sequence[Part], out: Path) -> None:
    """Give the folder of the parts the name of the output; OSError if something else has it by
    now, unless that is an empty folder."""
    columns.unify(parts)
    for part in parts:
        with part.path.open("rb") as stream:
            os.fsync(stream.fileno())
    os.rename(parts[0].path.parent, out)
