"""A whole dump: its records, its pages, what is wrong with it, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar, Unpack, overload

from ckct_formats._dict_rows import DictRow
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call, Inbound, Info, RequestedParams, Response
from ckct_formats._parse import Dicts, Fmt, OnError, Options
from ckct_formats.dumps._completeness import (
    Completeness,
    Findings,
    MissingPages,
    Page,
    RepeatedCall,
    RepeatedPage,
    WrongTotal,
)
from ckct_formats.dumps._errors import DumpError
from ckct_formats.dumps._locations import Locations, find
from ckct_formats.dumps._reading import read_records

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of a dump.

    Attributes:
        calls: How many records there are.
        pages: How many pages hold them.
        failed_pages: How many pages say that their request failed, by the server's message.
        days: Records by the day they began on, as their times have it: by the server's clock, or in
            UTC where the server wrote epoch seconds. None for those without a time.
        states, campaigns, sources: Records by `state`, `campaign_name` and `utm_source`, the most
            frequent first. None for those without one.
        missing_pages, repeated_pages, wrong_totals, duplicates, conflicts, errors: As in `Dump`.
    """

    calls: int
    pages: int
    failed_pages: dict[str, int]
    days: dict[date | None, int]
    states: dict[Any, int]
    campaigns: dict[Any, int]
    sources: dict[Any, int]
    missing_pages: tuple[MissingPages, ...]
    repeated_pages: tuple[RepeatedPage, ...]
    wrong_totals: tuple[WrongTotal, ...]
    duplicates: tuple[RepeatedCall, ...]
    conflicts: tuple[RepeatedCall, ...]
    errors: tuple[DumpError, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing, contradictory or found twice, and all could be read."""
        return not self.failed_pages and not any(getattr(self, name) for name in Findings._fields)


@dataclass(frozen=True, slots=True)
class Dump(Generic[R]):
    """Saved pages, read together.

    Attributes:
        calls: The records of all pages, in the order of reading. A record that is on two pages
            occurs twice.
        pages: The pages, one for each file or member of an archive.
        missing_pages: Pages that the envelopes count but that were not found.
        repeated_pages: Pages that were found more than once.
        wrong_totals: Requests whose totals do not add up.
        duplicates: Records that occur more than once and are equal everywhere.
        conflicts: Records that occur more than once and differ.
        errors: With `on_error="collect"`, what could not be read.
        response: All pages as one response, with what their envelopes have in common. Its counts
            are those of the whole.
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
        """Counts of the calls, and what is missing or occurs twice."""
        tally = _Tally()
        tally.add(self.calls)
        return tally.summary(self.pages, Findings(*(getattr(self, n) for n in Findings._fields)))


@overload
def read_dump(paths: Locations, fmt: Fmt = None, **options: Unpack[Options]) -> Dump[Call]: ...
@overload
def read_dump(
    paths: Locations, fmt: Fmt = None, *, record_type: Dicts, **options: Unpack[Options]
) -> Dump[DictRow]: ...
@overload
def read_dump(
    paths: Locations, fmt: Fmt = None, *, record_type: type[R], **options: Unpack[Options]
) -> Dump[R]: ...
def read_dump(
    paths: Locations,
    fmt: Fmt = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Dump[Any]:
    """Read saved dumps into memory, and check whether they are complete.

    Args:
        paths, fmt, record_type, encoding, limits: As in `iter_calls`.
        on_error: `"raise"` raises the first error; `"collect"` leaves out files and rows that
            cannot be read, and reports them in `Dump.errors`. What is missing or occurs twice is
            never an error.

    Raises:
        DumpError: A file cannot be read.
        UnknownFormatError, TypeError, ModuleNotFoundError: As in `iter_calls`.
    """
    found = read_records(find(paths), fmt, record_type, encoding, on_error, limits)
    completeness = Completeness(record_type, on_error)
    calls, infos = [], []
    for each in completeness.watch(found):
        calls += each.payload
        infos.append(each.info)
    pages = tuple(completeness.pages)
    response = _merged(calls, [page.inbound for page in pages], infos)
    return Dump(calls, pages, *completeness.findings(), response)


def summarize(
    paths: Locations,
    fmt: Fmt = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Summary:
    """What `read_dump(…).summary()` gives, but the records are not kept: only the identifier and a
    fingerprint of each.

    Arguments and errors are those of `read_dump`.
    """
    found = read_records(find(paths), fmt, record_type, encoding, on_error, limits)
    completeness, tally = Completeness(record_type, on_error), _Tally()
    for each in completeness.watch(found):
        tally.add(each.payload)
    return tally.summary(completeness.pages, completeness.findings())


def _merged(calls: list[R], inbounds: Sequence[Inbound], infos: Sequence[Info]) -> Response[R]:
    inbounds = [each for each in inbounds if each != Inbound()]
    inbound = Inbound()
    if inbounds:
        params = _common(RequestedParams, [each.requested_params for each in inbounds])
        inbound = replace(
            _common(Inbound, inbounds),
            requested_params=replace(params, require_page=0),
            page_length=len(calls),
            total_length=len(calls),
            of_pages=1,
            content_length=None,
        )
    return Response(inbound, _common(Info, [each for each in infos if each != Info()]), calls)


def _common(kind: type[T], parts: Sequence[T]) -> T:
    """What all parts say; where they differ, the default."""
    common = kind()
    for name in (field.name for field in fields(kind)):  # type: ignore[arg-type]
        values = [getattr(part, name) for part in parts]
        if values and all(value == values[0] for value in values):
            setattr(common, name, values[0])
    return common


class _Tally:
    """Counts records while they are read."""

    def __init__(self) -> None:
        self._calls = 0
        self._days = Counter[date | None]()
        self._states = Counter[Any]()
        self._campaigns = Counter[Any]()
        self._sources = Counter[Any]()

    def add(self, records: Sequence[Any]) -> None:
        """Count records of one type, by fields of v1 or, where it has none, of v3."""
        self._calls += len(records)
        self._days.update(map(_day, _values(records, "time_start", "call_time")))
        self._states.update(_countable(_values(records, "state", "status")))
        self._campaigns.update(_countable(_values(records, "campaign_name", "ct_campaign_name")))
        self._sources.update(_countable(_values(records, "utm_source", "source")))

    def summary(self, pages: Sequence[Page], findings: Findings) -> Summary:
        errors = Counter(page.inbound.error for page in pages)
        days = sorted(self._days.items(), key=lambda item: (item[0] is None, item[0] or date.min))
        return Summary(
            self._calls,
            len(pages),
            {message: count for message, count in errors.items() if message is not None},
            dict(days),
            dict(self._states.most_common()),
            dict(self._campaigns.most_common()),
            dict(self._sources.most_common()),
            *findings,
        )


def _values(records: Sequence[Any], *names: str) -> Iterable[Any]:
    """The values of the first of these fields that the records have; none if they have none."""
    name = next((name for name in names if records and hasattr(records[0], name)), None)
    return () if name is None else map(attrgetter(name), records)


def _countable(values: Iterable[Any]) -> Iterable[Any]:
    """The values, or their texts if a user's own type has values that cannot be hashed."""
    values = tuple(values)
    try:
        hash(values)
    except TypeError:
        return map(str, values)
    return values


def _day(moment: Any) -> date | None:
    """The day of a time; None if the record type holds it as a text or a number."""
    if isinstance(moment, datetime):
        return moment.date()
    return moment if isinstance(moment, date) else None
