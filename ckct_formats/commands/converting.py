"""The command `convert`: a response into another format, a folder of them into a table."""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from ckct_formats import Call, CallV3, Format, FormatsError, SerializeError, serialize
from ckct_formats.cli import version
from ckct_formats.commands.files import (
    EPILOG,
    STDOUT,
    Draft,
    Failure,
    Refusal,
    check_output,
    check_stdin,
    load,
    locations,
    reads,
    report_rows,
    write,
)
from ckct_formats.commands.progress import Progress
from ckct_formats.dumps import DumpError, read_dump
from ckct_formats.dumps.locations import (
    ARCHIVE_SUFFIX,
    PACKED_SUFFIXES,
    File,
    find,
    is_url,
)
from ckct_formats.export import outputs
from ckct_formats.export.lines import head_of
from ckct_formats.export.parts import Done, Staging
from ckct_formats.export.units import Job, Target, Unit, plan_of, units_of
from ckct_formats.export.work import Report, load_engines, make_parts
from ckct_formats.export.xlsx import write_xlsx

_VERSIONS: dict[str, type[Any]] = {"v1": Call, "v3": CallV3}
_TARGETS = [*(fmt.value for fmt in Format), *(each.value for each in Target if each != "csv")]
_WHOLE_FILE = (Target.PARQUET, Target.XLSX)  # not for a pipe
_PARQUET_SUFFIX = ".parquet"


def _check_timezone(
    context: click.Context, parameter: click.Parameter, name: str | None
) -> str | None:
    try:
        return None if name is None else ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise click.BadParameter(f"{name!r} is no time zone, as Europe/Moscow is.") from None


@click.command(epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
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
    help="File or folder to write, whole or not at all.",
)
@click.option("--force", is_flag=True, help="Overwrite OUT if it exists.")
@reads
@click.option(
    "--api",
    type=click.Choice(list(_VERSIONS)),
    default="v1",
    show_default=True,
    help="Version of the API that the calls are of.",
)
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
    help="For csv and xlsx: put ' in front of texts that a spreadsheet would run as a formula. "
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
    api: str,
    on_error: str,
    jobs: int,
    timezone: str | None,
    safe: bool | None,
) -> None:
    """Write a response in another format, or a whole folder of them as one table.

    FILE - is standard input. One response becomes json, xml, csv or plain with its envelope.
    Folders, several files, packed ones (.gz, .bz2, .xz, .zst, .zip) and URLs are read together: as
    json, xml and plain they become one response, as csv, ndjson, parquet and xlsx a table.

    OUT of parquet is one file if it ends in .parquet, else a folder of parts. A run that is broken
    off leaves no OUT, and the same command takes up what it had done.

    Nothing is written if any part of a FILE cannot be read, or cannot be carried by the other
    format, unless --on-error skip leaves it out.
    """
    check_stdin(files)
    if out == STDOUT:
        out = None
    if out is not None:
        if not out:
            raise click.UsageError("-o needs a name: it is empty.")
        out = os.path.realpath(out) if ".." in out.split(os.sep) else out
    target = Target(to) if to in list(Target) and _is_table(files, to, safe) else None
    if target is None and (jobs > 1 or timezone is not None or safe is not None):
        raise click.UsageError("--jobs, --timezone and --spreadsheet-safe are for tables.")
    if target is None:
        ok = _convert_response(files, to, out, force, fmt, encoding, _VERSIONS[api], on_error)
        context.exit(0 if ok else 1)
    if timezone is not None and not target.is_columnar:
        raise click.UsageError("--timezone is for parquet and xlsx.")
    if safe is not None and target not in (Target.CSV, Target.XLSX):
        raise click.UsageError("--spreadsheet-safe is for csv and xlsx.")
    job = Job(
        target=target,
        record_type=_VERSIONS[api],
        format=Format(fmt) if fmt else None,
        encoding=encoding,
        timezone=timezone,
        on_error="raise" if on_error == "fail" else "collect",
        spreadsheet_safe=target is Target.XLSX if safe is None else safe,
    )
    context.exit(0 if _Table(job, out, force, jobs).convert(files) else 1)


def _is_table(files: Sequence[str], to: str, safe: bool | None) -> bool:
    """Whether a table is asked for: csv is one of the API's formats as well."""
    return to != Target.CSV or bool(safe) or len(files) > 1 or _is_dump(files[0])


def _is_dump(file: str) -> bool:
    """Whether a file is anything but one response."""
    packed = file.lower().endswith((*PACKED_SUFFIXES, ARCHIVE_SUFFIX))
    is_glob = glob.has_magic(file) and not os.path.lexists(file)
    return packed or is_glob or is_url(file) or os.path.isdir(file)


def _convert_response(
    files: Sequence[str],
    to: str,
    out: str | None,
    force: bool,
    fmt: str | None,
    encoding: str | None,
    record_type: type[Any],
    on_error: str,
) -> bool:
    """Write one response; whether all was well."""
    if out is not None:
        check_output(out, force)
    name = files[0]
    if len(files) == 1 and not _is_dump(name):
        response = load(name, fmt, encoding, record_type)
        ok = not report_rows(name, response)
    else:
        dump = _read_dump(files, fmt, encoding, record_type, on_error)
        response, ok = dump.response, not dump.errors
        _show((error.file, error.reason) for error in dump.errors)
    if not ok and on_error == "fail":
        return False
    try:
        data = serialize(response, to)
    except SerializeError as error:
        raise Failure(name, str(error)) from None
    if out is None:
        write(data)
    else:
        with Draft(out, force) as draft:
            draft.write(data)
    return ok


def _read_dump(
    files: Sequence[str],
    fmt: str | None,
    encoding: str | None,
    record_type: type[Any],
    on_error: str,
) -> Any:
    try:
        return read_dump(
            locations(files),
            fmt,
            record_type=record_type,
            encoding=encoding,
            on_error="raise" if on_error == "fail" else "collect",
        )
    except DumpError as error:
        raise Failure(error.file, error.reason) from None
    except ModuleNotFoundError as error:
        raise Refusal(files[0], str(error)) from None


def _show(errors: Iterable[tuple[str, str]]) -> None:
    for file, reason in errors:
        Failure(file, reason).show()


class _Table:
    """One run that makes a table."""

    def __init__(self, job: Job, out: str | None, force: bool, jobs: int) -> None:
        self._job = job
        self._out = out
        self._force = force
        self._jobs = jobs
        self._is_folder = (
            job.target is Target.PARQUET
            and out is not None
            and not out.lower().endswith(_PARQUET_SUFFIX)
        )

    def convert(self, files: Sequence[str]) -> bool:
        """Make the table; whether nothing had to be left out."""
        self._check_output()
        try:
            load_engines(self._job.target)
            found = list(find(locations(files)))
            missing = [each for each in found if isinstance(each, DumpError)]
            if missing and self._job.on_error == "raise":
                raise missing[0]
            self._check_input(found)
            units = list(units_of(each for each in found if isinstance(each, File)))
            errors = [(error.file, error.reason) for error in missing]
            errors += self._write(units) if units else []
        except DumpError as error:
            raise Failure(error.file, error.reason) from None
        except ModuleNotFoundError as error:
            raise Refusal(files[0], str(error)) from None
        except (FormatsError, BrokenProcessPool) as error:
            raise Failure(self._out or files[0], str(error)) from None
        except OSError as error:
            if self._out is None:  # standard output, of which the program tells
                raise
            raise Failure(self._out, error.strerror or str(error)) from None
        _show(errors)
        return not errors

    def _write(self, units: Sequence[Unit]) -> list[tuple[str, str]]:
        """Make the parts, and of them the output; what had to be left out."""
        with self._staging() as staging:
            done = self._make(units, staging)
            self._publish(staging, [each.number for each in done])
        return [error for each in done for error in each.errors]

    def _check_output(self) -> None:
        if self._out is None:
            if self._job.target in _WHOLE_FILE:
                raise click.UsageError(f"{self._job.target} needs a file to write: -o OUT.")
        elif not self._is_folder:
            check_output(self._out, self._force)
        elif os.path.lexists(self._out):
            # A folder is never replaced: what is in it might not be ours to delete.
            raise Refusal(
                self._out, "exists; a folder of parts is not overwritten: remove it first"
            )

    def _check_input(self, found: Sequence[File | DumpError]) -> None:
        names = [each.name for each in found if isinstance(each, File) and each.stream is None]
        if self._out is None or not os.path.exists(self._out):
            return
        if any(os.path.exists(name) and os.path.samefile(name, self._out) for name in names):
            raise Refusal(self._out, "is one of the files to be read")

    @contextmanager
    def _staging(self) -> Iterator[Staging]:
        """The folder of parts. Whatever is wrong removes it; if the run or one of its processes is
        killed, or told to stop, it stays, and the next run goes on from there."""
        suffix = _PARQUET_SUFFIX if self._job.target.is_columnar else f".{self._job.target}"
        if self._out is None:
            with tempfile.TemporaryDirectory() as folder:
                yield Staging(Path(folder) / "staging", suffix)
            return
        staging = Staging.beside(self._out, suffix)
        try:
            yield staging
        except BrokenProcessPool:
            raise
        except Exception:
            staging.remove()
            raise
        staging.remove()

    def _make(self, units: Sequence[Unit], staging: Staging) -> list[Done]:
        done = staging.begin(plan_of(units, self._job, version()))
        left = [unit for unit in units if unit.number not in done]
        streams = any(file.stream is not None for unit in units for file in unit.files)
        with Progress(units) as progress:
            for number in done:
                progress.skip(units[number], done[number].calls)
            report: Report = progress.advance
            jobs = 1 if streams else self._jobs
            for each in make_parts(left, self._job, staging, jobs, report):
                done[each.number] = each
        return [done[unit.number] for unit in units]

    def _publish(self, staging: Staging, numbers: Sequence[int]) -> None:
        parts = staging.in_order(numbers)
        schema = outputs.unify(parts) if self._job.target.is_columnar else None
        if self._is_folder and self._out is not None:
            outputs.publish_folder(staging.parts, self._out)
        elif self._out is None:
            outputs.copy_lines(parts, head_of(self._job), write)
        else:
            with Draft(self._out, self._force) as draft:
                self._fill(draft, parts, schema)

    def _fill(self, draft: Draft, parts: Sequence[Path], schema: Any) -> None:
        if self._job.target is Target.PARQUET:
            outputs.write_parquet_file(parts, schema, draft.stream)
        elif self._job.target is Target.XLSX:
            batches = outputs.batches_of(parts)
            write_xlsx(batches, schema, draft.stream, safe=self._job.spreadsheet_safe)
        else:
            outputs.copy_lines(parts, head_of(self._job), draft.write)
