"""From files to records: each file, and each member of an archive, is read whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar, Unpack, overload

from ckct_formats._dict_rows import DictRow
from ckct_formats._errors import ParseError
from ckct_formats._format import Format
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call, Response
from ckct_formats._parse import (
    Dicts,
    Fmt,
    OnError,
    Options,
    check_on_error,
    detect,
    format_of_name,
    parse,
)
from ckct_formats._schema import schema_of
from ckct_formats.dumps._errors import DumpError
from ckct_formats.dumps._locations import File, Locations, find, format_of
from ckct_formats.dumps._unpacking import contents

R = TypeVar("R")

# What reads a body; without a format it detects it.
Parse = Callable[[bytes, Format | None], Response[R]]

# `detect` needs no more, and would refuse a long body whatever `limits` say.
_HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class FileResponse(Generic[R]):
    """The response that a file, or a member of an archive, holds."""

    file: str
    response: Response[R]

    @property
    def errors(self) -> list[DumpError]:
        """What is wrong with rows."""
        return [DumpError(self.file, error=error) for error in self.response.errors]


def read_files(
    files: Iterable[File | DumpError], parse: Parse[R], fmt: Fmt, limits: Limits
) -> Iterator[FileResponse[R] | DumpError]:
    """Read files, in their order. One that cannot be read gives an error, and the next follows.

    Args:
        files: As `find` gives them.
        parse: Reads one body.
        fmt: The format of all files; None detects each.
        limits: Its `body_bytes` says how much is read of a file.
    """
    format = None if fmt is None else format_of_name(fmt)

    def read(found: tuple[str, bytes] | DumpError) -> FileResponse[R] | DumpError:
        if isinstance(found, DumpError):
            return found
        name, body = found
        try:
            return FileResponse(name, parse(body, format or _format(name, body)))
        except ParseError as error:
            # A copy has no traceback, which would keep the body.
            return DumpError(name, error=copy(error))

    return map(read, contents(files, limits.body_bytes + 1))


def _format(name: str, body: bytes) -> Format | None:
    """The format by content. Plain text may look like another format, so a name that says plain is
    believed; any other name helps only where the content does not tell."""
    named = format_of(name)
    if named is Format.PLAIN:
        return named
    try:
        return detect(body[:_HEAD_BYTES])
    except ParseError:
        return named


def read_records(
    files: Iterable[File | DumpError],
    fmt: Fmt,
    record_type: type[Any],
    encoding: str | None,
    on_error: OnError,
    limits: Limits,
) -> Iterator[FileResponse[Any] | DumpError]:
    """`read_files` with `parse`. Wrong arguments are refused before there is a file."""
    check_on_error(on_error)
    if record_type is not dict:
        schema_of(record_type)
    read: Parse[Any] = partial(
        parse, record_type=record_type, encoding=encoding, on_error=on_error, limits=limits
    )
    return read_files(files, read, fmt, limits)


class Calls(Iterator[R], Generic[R]):
    """Records as they are read; what `iter_calls` returns.

    Attributes:
        errors: With `on_error="collect"`, what could not be read so far.
        given: How many records were given so far.
    """

    def __init__(self, found: Iterator[FileResponse[R] | DumpError], *, collect: bool) -> None:
        self.errors: list[DumpError] = []
        self.given = 0
        self._found = found
        self._collect = collect
        self._records: Iterator[R] = iter(())

    def __next__(self) -> R:
        while True:
            for record in self._records:
                self.given += 1
                return record
            found = next(self._found)
            if not isinstance(found, DumpError):
                self.errors += found.errors
                self._records = iter(found.response.payload)
            elif self._collect:
                self.errors.append(found)
            else:
                self._found = iter(())  # an iterator that has raised is exhausted
                raise DumpError(found.file, found.reason, error=found.error, calls=self.given)


@overload
def iter_calls(paths: Locations, fmt: Fmt = None, **options: Unpack[Options]) -> Calls[Call]: ...
@overload
def iter_calls(
    paths: Locations, fmt: Fmt = None, *, record_type: Dicts, **options: Unpack[Options]
) -> Calls[DictRow]: ...
@overload
def iter_calls(
    paths: Locations, fmt: Fmt = None, *, record_type: type[R], **options: Unpack[Options]
) -> Calls[R]: ...
def iter_calls(
    paths: Locations,
    fmt: Fmt = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Calls[Any]:
    """Read the records of saved dumps one after the other. Only one file is in memory at a time.

    Args:
        paths: A path, a folder, a glob, a URL (extra `remote`) or a binary file, or several of
            these. In a folder, files that end in .json, .xml, .csv, .txt or .plain are read, also
            packed (.gz, .bz2, .xz, .zst with the extra `zstd`), and those in .zip archives;
            hidden ones are skipped.
        fmt: The format of all of them; None detects each by its content, except that .txt and
            .plain mean plain.
        record_type, encoding: As in `parse`.
        on_error: `"raise"` raises the first error; `"collect"` leaves out files and rows that
            cannot be read, and puts the errors into `errors` of the iterator.
        limits: As in `parse`, for each file. A file is read whole: one with more than `body_bytes`,
            unpacked, is refused.

    Returns:
        An iterator. Order: paths as given; in a folder, files before subfolders, and names in
        natural order (page_2 before page_10); in an archive likewise; records as in the body.

    Raises:
        DumpError: A file cannot be read (raised while iterating).
        UnknownFormatError, TypeError: As in `parse`.
        ModuleNotFoundError: A file or URL needs an extra; the error names it.
    """
    found = read_records(find(paths), fmt, record_type, encoding, on_error, limits)
    return Calls(found, collect=on_error == "collect")
