"""A whole dump in memory: its records, its pages, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar, overload

from ckct_formats._dict_rows import DictRow
from ckct_formats._errors import DumpError
from ckct_formats._format import Format
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call, Inbound, Info, RequestedParams, Response
from ckct_formats._parse import OnError, check_on_error
from ckct_formats._schema import schema_of
from ckct_formats.dumps._completeness import (
    Completeness,
    MissingPages,
    Page,
    RepeatedCall,
    RepeatedPage,
    WrongTotal,
)
from ckct_formats.dumps._locations import Locations, find
from ckct_formats.dumps._reading import Part, read_files
from ckct_formats.dumps._records import errors_of, reader_of
from ckct_formats.dumps._summary import Summary, Tally

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dump(Generic[R]):
    """Saved pages, read together.

    Attributes:
        calls: The records of all pages, in the order of reading; one that stands on two pages
            stands here twice.
        pages: The pages, one for each file or member of an archive.
        missing_pages: Pages that envelopes count and that were not found.
        repeated_pages: Pages that were found more than once.
        wrong_totals: Requests whose totals do not add up.
        duplicates: Records that stand more than once, equal everywhere.
        conflicts: Records that stand more than once, and differ.
        errors: With `on_error="collect"`, what could not be read.
        response: All of it as one response: what the envelopes have in common, counts made anew.
    """

    calls: list[R]
    pages: tuple[Page, ...]
    missing_pages: tuple[MissingPages, ...]
    repeated_pages: tuple[RepeatedPage, ...]
    wrong_totals: tuple[WrongTotal, ...]
    duplicates: tuple[RepeatedCall, ...]
    conflicts: tuple[RepeatedCall, ...]
    errors: tuple[DumpError, ...]
    response: Response[R]

    def summary(self) -> Summary:
        """Counts of the calls, and what is missing or stands twice."""
        tally = Tally()
        tally.add(self.calls)
        return tally.summary(self, self.errors)


@overload
def read_dump(
    paths: Locations,
    fmt: Format | str | None = None,
    *,
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Dump[Call]: ...
@overload
def read_dump(
    paths: Locations,
    fmt: Format | str | None = None,
    *,
    record_type: type[dict[Any, Any]],
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Dump[DictRow]: ...
@overload
def read_dump(
    paths: Locations,
    fmt: Format | str | None = None,
    *,
    record_type: type[R],
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Dump[R]: ...
def read_dump(
    paths: Locations,
    fmt: Format | str | None = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Dump[Any]:
    """Read saved dumps, all of them, and see whether they are complete.

    Args:
        paths, fmt, record_type, encoding, limits: As in `iter_calls`.
        on_error: `"raise"` raises the first error; `"collect"` leaves out files and rows that
            cannot be read and reports them in `Dump.errors`. What is missing or stands twice is
            never an error.

    Raises:
        DumpError: A file that cannot be read.
        UnknownFormatError, TypeError, ModuleNotFoundError: As in `iter_calls`.
    """
    gathered = _Gathered(record_type, on_error)
    calls: list[Any] = []
    for part in read_files(find(paths), reader_of(record_type, fmt, encoding, on_error, limits)):
        calls += gathered.add(part)
    found = gathered.completeness
    return Dump(
        calls,
        tuple(found.pages),
        found.missing_pages,
        found.repeated_pages,
        found.wrong_totals,
        found.duplicates,
        found.conflicts,
        tuple(gathered.errors),
        _response(calls, [page.inbound for page in found.pages], gathered.infos),
    )


def summarize(
    paths: Locations,
    fmt: Format | str | None = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Summary:
    """What `read_dump(…).summary()` gives, without the records in memory: of each, only its
    identifier and a fingerprint is kept.

    Args, and what is raised: As in `read_dump`.
    """
    gathered, tally = _Gathered(record_type, on_error), Tally()
    for part in read_files(find(paths), reader_of(record_type, fmt, encoding, on_error, limits)):
        tally.add(gathered.add(part))
    return tally.summary(gathered.completeness, gathered.errors)


class _Gathered:
    """What is known of a dump while its parts are read.

    Attributes:
        completeness: Its pages, and which records stand twice.
        errors: What could not be read.
        infos: The `info` of each page.
    """

    def __init__(self, record_type: type[Any], on_error: OnError) -> None:
        check_on_error(on_error)
        self.completeness = Completeness(None if record_type is dict else schema_of(record_type))
        self.errors: list[DumpError] = []
        self.infos: list[Info] = []
        self._collect = on_error == "collect"
        self._inbound = Inbound()
        self._on_page = 0

    def add(self, part: Part[Any] | DumpError) -> list[Any]:
        """Note a part; its records."""
        if isinstance(part, DumpError):
            self._add_error(part)
            return []
        self.errors += errors_of(part)
        records = part.response.payload
        self.completeness.add_calls(records)
        self._inbound = part.response.inbound
        self._on_page += len(records)
        if part.is_last:
            self.infos.append(part.response.info)
            self._end_page(part.file)
        return records

    def _add_error(self, error: DumpError) -> None:
        if not self._collect:
            raise error
        self.errors.append(error)
        if self._on_page:  # of a long file, the rest cannot be read
            self._end_page(error.file)

    def _end_page(self, file: str) -> None:
        self.completeness.add_page(Page(file, self._inbound, self._on_page))
        self._inbound, self._on_page = Inbound(), 0


def _response(calls: list[R], inbounds: Sequence[Inbound], infos: Sequence[Info]) -> Response[R]:
    """One response of all records."""
    echoes = [each for each in inbounds if each != Inbound()]
    inbound, info = Inbound(), Info()
    if echoes:
        params = _common(RequestedParams(), [each.requested_params for each in echoes])
        inbound = replace(
            _common(Inbound(), echoes),
            requested_params=replace(params, require_page=0),
            page_length=len(calls),
            total_length=len(calls),
            of_pages=1,
            content_length=None,
        )
    if infos:
        info = _common(Info(), [each for each in infos if each != Info()])
    return Response(inbound, info, calls)


def _common(empty: T, parts: Iterable[T]) -> T:
    """What all parts say; where they differ, nothing."""
    parts = list(parts)
    for field in fields(empty):  # type: ignore[arg-type]
        values = [getattr(part, field.name) for part in parts]
        if values and all(value == values[0] for value in values):
            setattr(empty, field.name, values[0])
    return empty
