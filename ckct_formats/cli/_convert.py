"""The command `convert`: a response into another format, a folder of them into a table."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import click

from ckct_formats import Format, FormatsError, Limits, Response, SerializeError, serialize
from ckct_formats._atomic import workspace
from ckct_formats._export import Job, Part, Target, lines, work
from ckct_formats.cli import _io
from ckct_formats.cli._progress import progress_bar
from ckct_formats.dumps import DumpError, read_dump
from ckct_formats.dumps._locations import (
    ARCHIVE_SUFFIX,
    PACKED_SUFFIXES,
    File,
    find,
    grouped,
    is_url,
)

_TARGETS = list(dict.fromkeys([*Format, *Target]))
_PARQUET_SUFFIX = ".parquet"
_LIMITS = Limits()
# How many times the bytes of its tersest dialect a response may take in its wordiest one.
_MAX_RATIO = 8


def _check_timezone(
    context: click.Context, parameter: click.Parameter, name: str | None
) -> str | None:
    try:
        return None if name is None else ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise click.BadParameter(f"{name!r} is no time zone, as Europe/Moscow is.") from None


def _check_out(context: click.Context, parameter: click.Parameter, out: str | None) -> str | None:
    """Where to write, as it is from now on: None is standard output."""
    if out == "":
        raise click.BadParameter("the name is empty.")
    if out is None or out == _io.STDOUT:
        return None
    return os.path.realpath(out) if os.pardir in out.split(os.sep) else out


@click.command(epilog=_io.EPILOG)
@_io.reads
@click.option(
    "--to",
    type=click.Choice(_TARGETS, case_sensitive=False),
    required=True,
    help="Format to write.",
)
@click.option(
    "-o",
    "--output",
    "out",
    metavar="OUT",
    type=click.Path(),
    callback=_check_out,
    help="File or folder to write, whole or not at all.",
)
@click.option("--force", is_flag=True, help="Overwrite OUT if it exists.")
@_io.takes_api
@click.option(
    "--on-error",
    type=click.Choice(["fail", "skip"]),
    default="fail",
    show_default=True,
    help="What to do about files and calls that cannot be read: write nothing, or leave them out.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes that make a table.",
)
@click.option(
    "--timezone",
    metavar="NAME",
    callback=_check_timezone,
    help="For parquet and xlsx: zone of wall-clock times (Europe/Moscow, for instance).",
)
@click.option(
    "--spreadsheet-safe/--no-spreadsheet-safe",
    "safe",
    default=None,
    help="For csv and xlsx: put ' before texts that a spreadsheet would run as a formula. "
    "On for xlsx unless it is switched off.",
)
@click.pass_context
def convert(
    context: click.Context,
    files: tuple[str, ...],
    to: str,
    out: str | None,
    force: bool,
    fmt: str | None,
    encoding: str | None,
    record_type: type[Any],
    on_error: str,
    jobs: int,
    timezone: str | None,
    safe: bool | None,
) -> None:
    """Write a response in another format, or a whole folder of them as one table.

    FILE - is standard input. One response becomes json, xml, csv or plain with its envelope.
    Folders, several files, packed ones (.gz, .bz2, .xz, .zst, .zip) and URLs are read together: as
    json, xml and plain they become one response, as csv, ndjson, parquet and xlsx a table.

    OUT of parquet is one file if it ends in .parquet, else a folder of parts.

    Nothing is written if any part of a FILE cannot be read, or cannot be carried by the other
    format, unless --on-error skip leaves it out.
    """
    _io.check_stdin(files)
    reading = {
        "fmt": fmt,
        "record_type": record_type,
        "encoding": encoding,
        "on_error": "raise" if on_error == "fail" else "collect",
    }
    if to not in list(Target) or not _is_table(files, to, safe):
        if jobs > 1 or timezone is not None or safe is not None:
            raise click.UsageError("--jobs, --timezone and --spreadsheet-safe are for tables.")
        all_well = _convert_response(files, reading, to, out, force)
    else:
        job = _job(Target(to), reading, timezone, safe)
        all_well = _convert_table(files, job, out, force, jobs)
    context.exit(0 if all_well else 1)


def _is_table(files: Sequence[str], to: str, safe: bool | None) -> bool:
    """Whether a table is asked for: csv is one of the API's formats as well."""
    return to != Target.CSV or bool(safe) or len(files) > 1 or _is_dump(files[0])


def _is_dump(file: str) -> bool:
    """Whether a file is anything but one response."""
    packed = file.lower().endswith((*PACKED_SUFFIXES, ARCHIVE_SUFFIX))
    is_glob = glob.has_magic(file) and not os.path.lexists(file)
    return packed or is_glob or is_url(file) or os.path.isdir(file)


def _job(target: Target, reading: dict[str, Any], timezone: str | None, safe: bool | None) -> Job:
    if timezone is not None and not target.is_columnar:
        raise click.UsageError("--timezone is for parquet and xlsx.")
    if safe is not None and target not in (Target.CSV, Target.XLSX):
        raise click.UsageError("--spreadsheet-safe is for csv and xlsx.")
    return Job(target, reading, timezone, target is Target.XLSX if safe is None else safe)


def _convert_response(
    files: Sequence[str], reading: dict[str, Any], to: str, out: str | None, force: bool
) -> bool:
    """Write one response; whether all was well."""
    if out is not None:
        _io.prepare_output(out, force)
    with _reporting(files[0], None):
        response, all_well = _response(files, reading, out)
        if not all_well and reading["on_error"] == "raise":
            return False
        data = _body(files[0], response, to)
    if out is None:
        _io.write(data)
    else:
        with _io.writing(out, force) as stream:
            stream.write(data)
    return all_well


def _response(
    files: Sequence[str], reading: dict[str, Any], out: str | None
) -> tuple[Response[Any], bool]:
    """The response of all files, and whether nothing had to be left out, which is reported."""
    first = files[0]
    if len(files) == 1 and not _is_dump(first):
        response = _io.load(first, reading["fmt"], reading["encoding"], reading["record_type"])
        return response, not _io.show_errors((first, error) for error in response.errors)
    found, missing = _find(files, reading, out)
    stored = sum(file.size or 0 for file in found)
    if stored > _MAX_RATIO * _LIMITS.body_bytes:
        raise _too_much(first, f"{stored:,} bytes")
    dump = read_dump([file.stream or file.name for file in found], **reading)
    errors = map(work.file_and_reason, [*missing, *dump.errors])
    return dump.response, not _io.show_errors(errors)


def _body(first: str, response: Response[Any], to: str) -> bytes:
    calls = f"{len(response.payload):,} calls"
    if len(response.payload) > _LIMITS.records:
        raise _too_much(first, calls)
    try:
        return serialize(response, to)
    except SerializeError as error:
        if " is limited to " in error.reason and not error.path:
            raise _too_much(first, calls) from None
        raise


def _too_much(first: str, found: str) -> _io.Refusal:
    """Nobody could read the response with the limits that the library has by default."""
    advice = "write ndjson or Parquet instead (--to ndjson, --to parquet)"
    return _io.Refusal(first, f"{found} are too much for one response: {advice}")


def _convert_table(
    files: Sequence[str], job: Job, out: str | None, force: bool, processes: int
) -> bool:
    """Make a table; whether nothing had to be left out."""
    is_folder = False
    if out is not None:
        is_folder = job.target is Target.PARQUET and not out.lower().endswith(_PARQUET_SUFFIX)
        _io.prepare_output(out, force, is_folder=is_folder)
    elif job.target.is_columnar:
        raise click.UsageError(f"{job.target} needs a file to write: -o OUT.")
    with _reporting(files[0], out), ExitStack() as stack:
        work.load_engines(job.target)
        found, missing = _find(files, job.reading, out)
        if out is None:
            folder = Path(stack.enter_context(TemporaryDirectory()))
        else:
            folder = stack.enter_context(workspace(_io.path_of(out)))
        parts = _make_parts(found, job, folder, processes)
        if out is None:
            lines.write_lines(job, parts, _io.write)
        elif is_folder:
            work.publish_folder(parts, _io.path_of(out))
        else:
            stream = stack.enter_context(_io.writing(out, force))
            work.write_file(job, parts, stream, folder)
    errors = map(work.file_and_reason, chain(missing, *(part.errors for part in parts)))
    return not _io.show_errors(errors)


def _make_parts(found: Sequence[File], job: Job, folder: Path, processes: int) -> list[Part]:
    if any(file.stream is not None for file in found):
        processes = 1  # a stream cannot be handed on
    bar = progress_bar(len(found))

    def report(parts: Sequence[Part]) -> None:
        files, calls = sum(part.files for part in parts), sum(part.calls for part in parts)
        text = f"{files:,} of {len(found):,} files, {calls:,} calls"
        bar.update(bar.task_ids[0], completed=files, description=text)

    with bar:
        return work.make_parts(list(grouped(found)), job, folder, processes, report)


def _find(
    files: Sequence[str], reading: dict[str, Any], out: str | None
) -> tuple[list[File], list[DumpError]]:
    """The files there are, and what is wrong with others; that is raised if it is not to be left
    out, or if nothing else is there."""
    found = list(find(_io.locations(files)))
    missing = [each for each in found if isinstance(each, DumpError)]
    if missing and (reading["on_error"] == "raise" or missing == found):
        raise missing[0]
    present = [each for each in found if isinstance(each, File)]
    if out is not None:
        _io.check_not_read(out, [file.name for file in present if file.stream is None])
    return present, missing


@contextmanager
def _reporting(first: str, out: str | None) -> Iterator[None]:
    """Turn errors into lines that name the file, or else the output, or else the first input."""
    try:
        yield
    except FormatsError as error:
        file, reason = work.file_and_reason(error)
        text = reason.replace("timezone=", "--timezone")
        raise _io.Failure(file or out or first, text) from None
    except BrokenExecutor:
        reason = "one of the processes was killed; fewer --jobs take less memory"
        raise _io.Failure(out or first, reason) from None
    except ModuleNotFoundError as error:
        raise _io.Refusal(first, str(error)) from None
    except OSError as error:
        if out is None:  # standard output, which the program reports
            raise
        raise _io.Failure(out, error.strerror or str(error)) from None
