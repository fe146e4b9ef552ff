"""The command `convert`: a response into another format, a folder of them into a table."""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from ckct_formats import Format, FormatsError, Response, SerializeError, serialize
from ckct_formats._about import version
from ckct_formats._errors import TableError
from ckct_formats._export import outputs
from ckct_formats._export.lines import head_of
from ckct_formats._export.parts import Done, InUseError, Staging
from ckct_formats._export.units import Job, Target, Unit, plan_of
from ckct_formats._export.work import left_out, load_engines, make_parts
from ckct_formats._export.xlsx import write_xlsx
from ckct_formats._parse import OnError
from ckct_formats.cli._files import (
    EPILOG,
    STDOUT,
    Draft,
    Failure,
    Refusal,
    check_not_read,
    check_output,
    check_stdin,
    load,
    locations,
    reads,
    report_rows,
    takes_api,
    write,
)
from ckct_formats.cli._progress import Progress
from ckct_formats.dumps import DumpError, read_dump
from ckct_formats.dumps._groups import grouped
from ckct_formats.dumps._locations import ARCHIVE_SUFFIX, PACKED_SUFFIXES, File, find, is_url

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


def _check_out(context: click.Context, parameter: click.Parameter, out: str | None) -> str | None:
    """Where to write, as it is from now on: None is standard output."""
    if out == "":
        raise click.BadParameter("the name is empty.")
    if out is None or out == STDOUT:
        return None
    return os.path.realpath(out) if os.pardir in out.split(os.sep) else out


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
    callback=_check_out,
    help="File or folder to write, whole or not at all.",
)
@click.option("--force", is_flag=True, help="Overwrite OUT if it exists.")
@reads
@takes_api
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

    OUT of parquet is one file if it ends in .parquet, else a folder of parts. A run that is broken
    off leaves no OUT, and the same command takes up what it had done.

    Nothing is written if any part of a FILE cannot be read, or cannot be carried by the other
    format, unless --on-error skip leaves it out.
    """
    check_stdin(files)
    input_ = _Input(files, fmt, encoding, record_type, "raise" if on_error == "fail" else "collect")
    output = _Output(out, force)
    if to not in list(Target) or not _is_table(files, to, safe):
        if jobs > 1 or timezone is not None or safe is not None:
            raise click.UsageError("--jobs, --timezone and --spreadsheet-safe are for tables.")
        context.exit(0 if _convert_response(input_, to, output) else 1)
    job = _job(input_, Target(to), timezone, safe)
    context.exit(0 if _Table(job, output, jobs).convert(input_) else 1)


@dataclass(frozen=True, slots=True)
class _Input:
    """What is read, and how, as it was asked for."""

    files: tuple[str, ...]
    fmt: str | None
    encoding: str | None
    record_type: type[Any]
    on_error: OnError


@dataclass(frozen=True, slots=True)
class _Output:
    """Where to write; standard output if there is no name."""

    name: str | None
    force: bool


def _job(input_: _Input, target: Target, timezone: str | None, safe: bool | None) -> Job:
    if timezone is not None and not target.is_columnar:
        raise click.UsageError("--timezone is for parquet and xlsx.")
    if safe is not None and target not in (Target.CSV, Target.XLSX):
        raise click.UsageError("--spreadsheet-safe is for csv and xlsx.")
    return Job(
        target=target,
        record_type=input_.record_type,
        format=Format(input_.fmt) if input_.fmt else None,
        encoding=input_.encoding,
        timezone=timezone,
        on_error=input_.on_error,
        spreadsheet_safe=target is Target.XLSX if safe is None else safe,
    )


def _is_table(files: Sequence[str], to: str, safe: bool | None) -> bool:
    """Whether a table is asked for: csv is one of the API's formats as well."""
    return to != Target.CSV or bool(safe) or len(files) > 1 or _is_dump(files[0])


def _is_dump(file: str) -> bool:
    """Whether a file is anything but one response."""
    packed = file.lower().endswith((*PACKED_SUFFIXES, ARCHIVE_SUFFIX))
    is_glob = glob.has_magic(file) and not os.path.lexists(file)
    return packed or is_glob or is_url(file) or os.path.isdir(file)


def _convert_response(input_: _Input, to: str, output: _Output) -> bool:
    """Write one response; whether all was well."""
    if output.name is not None:
        check_output(output.name, output.force)
    response, ok = _response(input_, output)
    if not ok and input_.on_error == "raise":
        return False
    try:
        data = serialize(response, to)
    except SerializeError as error:
        raise Failure(input_.files[0], str(error)) from None
    if output.name is None:
        write(data)
    else:
        with Draft(output.name, output.force) as draft:
            draft.write(data)
    return ok


def _response(input_: _Input, output: _Output) -> tuple[Response[Any], bool]:
    """The one response of all files, and whether nothing had to be left out, which is told."""
    first, *others = input_.files
    if not others and not _is_dump(first):
        response = load(first, input_.fmt, input_.encoding, input_.record_type)
        return response, not report_rows(first, response)
    try:
        found = _found(input_, output)
        dump = read_dump(
            [each.stream or each.name for each in found if isinstance(each, File)],
            input_.fmt,
            record_type=input_.record_type,
            encoding=input_.encoding,
            on_error=input_.on_error,
        )
    except DumpError as error:
        raise Failure(error.file, error.reason) from None
    except ModuleNotFoundError as error:
        raise Refusal(first, str(error)) from None
    errors = [*(each for each in found if isinstance(each, DumpError)), *dump.errors]
    _show((error.file, error.reason) for error in errors)
    return dump.response, not errors


def _found(input_: _Input, output: _Output) -> list[File | DumpError]:
    """The files there are; `DumpError` if one is missing and not to be left out, or if all are."""
    found = list(find(locations(input_.files)))
    missing = [each for each in found if isinstance(each, DumpError)]
    if missing and (input_.on_error == "raise" or missing == found):
        raise missing[0]
    if output.name is not None:
        check_not_read(
            output.name,
            [each.name for each in found if isinstance(each, File) and each.stream is None],
        )
    return found


def _show(errors: Iterable[tuple[str, str]]) -> None:
    for file, reason in errors:
        Failure(file, reason).show()


class _Table:
    """One run that makes a table."""

    def __init__(self, job: Job, output: _Output, jobs: int) -> None:
        self._job = job
        self._out = output.name
        self._output = output
        self._jobs = jobs
        self._is_folder = (
            job.target is Target.PARQUET
            and self._out is not None
            and not self._out.lower().endswith(_PARQUET_SUFFIX)
        )

    def convert(self, input_: _Input) -> bool:
        """Make the table; whether nothing had to be left out."""
        self._check_output()
        try:
            load_engines(self._job.target)
            found = _found(input_, self._output)
            groups = grouped(each for each in found if isinstance(each, File))
            units = [Unit(number, tuple(files)) for number, files in enumerate(groups)]
            errors = [(each.file, each.reason) for each in found if isinstance(each, DumpError)]
            errors += self._write(units)
        except DumpError as error:
            raise Failure(error.file, error.reason) from None
        except ModuleNotFoundError as error:
            raise Refusal(input_.files[0], str(error)) from None
        except InUseError as error:
            raise Refusal(self._out or STDOUT, str(error)) from None
        except TableError as error:
            file, reason = left_out(error)
            text = reason.replace("timezone=", "--timezone")
            raise Failure(file or self._out or STDOUT, text) from None
        except (FormatsError, BrokenProcessPool) as error:
            raise Failure(self._out or input_.files[0], str(error)) from None
        except OSError as error:
            if self._out is None:  # standard output, of which the program tells
                raise
            raise Failure(self._out, error.strerror or str(error)) from None
        _show(errors)
        return not errors

    def _check_output(self) -> None:
        if self._out is None:
            if self._job.target in _WHOLE_FILE:
                raise click.UsageError(f"{self._job.target} needs a file to write: -o OUT.")
        elif not self._is_folder:
            check_output(self._out, self._output.force)
        elif os.path.lexists(self._out):
            # A folder is never replaced: what is in it might not be ours to delete.
            raise Refusal(
                self._out, "exists; a folder of parts is not overwritten: remove it first"
            )

    def _write(self, units: Sequence[Unit]) -> list[tuple[str, str]]:
        """Make the parts, and of them the output; what had to be left out."""
        with self._staging() as staging:
            done = self._make(units, staging)
            self._publish(staging, [staging.part(unit.number) for unit in units])
        return [error for each in done for error in each.errors]

    @contextmanager
    def _staging(self) -> Iterator[Staging]:
        """The folder of parts. Whatever is wrong removes it; if the run or one of its processes is
        killed, or told to stop, it stays, and the next run goes on from there."""
        suffix = _PARQUET_SUFFIX if self._job.target.is_columnar else f".{self._job.target}"
        if self._out is None:
            with tempfile.TemporaryDirectory() as folder:
                yield Staging(Path(folder), suffix)
            return
        staging = Staging.beside(self._out, suffix)
        with staging.held():
            try:
                yield staging
            except (BrokenProcessPool, InUseError):
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
            jobs = 1 if streams else self._jobs
            for each in make_parts(left, self._job, staging, jobs, progress.advance):
                done[each.number] = each
        return [done[unit.number] for unit in units]

    def _publish(self, staging: Staging, parts: Sequence[Path]) -> None:
        schema = outputs.unify(staging, parts) if self._job.target.is_columnar else None
        if self._out is None:
            outputs.copy_lines(parts, head_of(self._job), write)
        elif self._is_folder:
            outputs.publish_folder(staging.parts, self._out)
        else:
            with Draft(self._out, self._output.force, staging.draft()) as draft:
                self._fill(draft, parts, schema, staging)

    def _fill(self, draft: Draft, parts: Sequence[Path], schema: Any, staging: Staging) -> None:
        if self._job.target is Target.PARQUET:
            outputs.write_parquet_file(parts, schema, draft.stream)
        elif self._job.target is Target.XLSX:
            batches, drafts = outputs.batches_of(parts), staging.draft()
            drafts.mkdir()
            safe = self._job.spreadsheet_safe
            write_xlsx(batches, schema, draft.stream, drafts, safe=safe)
        else:
            outputs.copy_lines(parts, head_of(self._job), draft.write)
