"""Records of saved dumps, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar, overload

from ckct_formats._dict_rows import DICT_ROWS, DictRow
from ckct_formats._errors import DumpError
from ckct_formats._format import Format
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call
from ckct_formats._parse import OnError, check_on_error, format_of_name, parse
from ckct_formats._schema import schema_of
from ckct_formats.dumps._locations import Locations, find
from ckct_formats.dumps._reading import Part, Reader, read_files

R = TypeVar("R")


def reader_of(
    record_type: type[Any],
    fmt: Format | str | None,
    encoding: str | None,
    on_error: OnError,
    limits: Limits,
) -> Reader[Any]:
    """What reads the bodies of dumps into records."""

    def parse_body(body: bytes, format: Format) -> Any:
        return parse(
            body,
            format,
            record_type=record_type,
            encoding=encoding,
            on_error=on_error,
            limits=limits,
        )

    return Reader(
        parse=parse_body,
        count=len,
        drop=lambda payload, count: payload[count:],
        known=(DICT_ROWS if record_type is dict else schema_of(record_type)).known,
        format=None if fmt is None else format_of_name(fmt),
        encoding=encoding,
        limits=limits,
    )


def errors_of(part: Part[Any]) -> Iterator[DumpError]:
    """What is wrong with rows of a part, with their file."""
    for error in part.response.errors:
        yield DumpError(part.file, error=error)


class Calls(Iterator[R], Generic[R]):
    """Records as they are read; what `iter_calls` gives.

    Attributes:
        errors: With `on_error="collect"`, what could not be read so far.
        given: How many records were given so far.
    """

    def __init__(self, parts: Iterator[Part[R] | DumpError], *, collect: bool) -> None:
        self.errors: list[DumpError] = []
        self.given = 0
        self._parts = parts
        self._collect = collect
        self._records: Iterator[R] = iter(())

    def __next__(self) -> R:
        while True:
            for record in self._records:
                self.given += 1
                return record
            self._records = iter(self._next_records())

    def _next_records(self) -> list[R]:
        part = next(self._parts)
        if not isinstance(part, DumpError):
            self.errors += errors_of(part)
            return part.response.payload
        if not self._collect:
            self._parts = iter(())  # what has raised is at its end
            raise DumpError(part.file, part.reason, error=part.error, calls=self.given)
        self.errors.append(part)
        return []


@overload
def iter_calls(
    paths: Locations,
    fmt: Format | str | None = None,
    *,
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Calls[Call]: ...
@overload
def iter_calls(
    paths: Locations,
    fmt: Format | str | None = None,
    *,
    record_type: type[dict[Any, Any]],
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Calls[DictRow]: ...
@overload
def iter_calls(
    paths: Locations,
    fmt: Format | str | None = None,
    *,
    record_type: type[R],
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Calls[R]: ...
def iter_calls(
    paths: Locations,
    fmt: Format | str | None = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Calls[Any]:
    """Read the records of saved dumps one after the other, in bounded memory.

    A file of up to 16 MiB, unpacked, is read whole. A longer one is read in pieces if it is in the
    canonical dialect of its format, or written like it; then `limits` hold for each piece, and an
    error may come after records of the same file were given. Any other is read whole.

    Args:
        paths: A path, a folder, a glob, a URL (extra `remote`) or a binary file, or several of
            these. Of a folder, files that end in .json, .xml, .csv, .txt or .plain are read, also
            packed (.gz, .bz2, .xz, .zst with the extra `zstd`), and those in .zip archives;
            hidden ones are passed over.
        fmt: The format of all of them; None detects each by its content, where .txt and .plain
            mean plain.
        record_type, encoding, limits: As in `parse`.
        on_error: `"raise"` raises the first error; `"collect"` leaves out files and rows that
            cannot be read and puts them in `errors` of what is returned.

    Returns:
        An iterator. Order: paths as given; of a folder, its files before the folders within, names
        in natural order (page_2 before page_10); of an archive likewise; records as in the body.

    Raises:
        DumpError: A file that cannot be read (while it is iterated over).
        UnknownFormatError, TypeError: As in `parse`.
        ModuleNotFoundError: A file or URL that needs an extra, which it names.
    """
    check_on_error(on_error)
    reader = reader_of(record_type, fmt, encoding, on_error, limits)
    return Calls(read_files(find(paths), reader), collect=on_error == "collect")
