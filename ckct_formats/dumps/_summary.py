"""What a dump amounts to: counts, and what is missing or stands twice."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Protocol

from ckct_formats._errors import DumpError
from ckct_formats.dumps._completeness import (
    MissingPages,
    Page,
    RepeatedCall,
    RepeatedPage,
    WrongTotal,
)

# The field that each count is of: the first that the dataclass has.
_DAY = ("time_start", "call_time")
_STATE = ("state", "status")
_CAMPAIGN = ("campaign_name", "ct_campaign_name")
_SOURCE = ("utm_source", "source")


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of a dump.

    Attributes:
        calls: How many records there are.
        pages: How many pages they stand on.
        failed_pages: How many of these say that their request failed, by the server's words.
        days: Records by the day that they began on, as their times have it: by the server's clock,
            or in UTC where the server wrote epoch seconds. None for those without a time.
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
        """Whether nothing is missing, stands twice or could not be read."""
        return not (
            self.failed_pages
            or self.missing_pages
            or self.repeated_pages
            or self.wrong_totals
            or self.duplicates
            or self.conflicts
            or self.errors
        )


class Findings(Protocol):
    """What is known of the completeness of a dump."""

    @property
    def pages(self) -> Sequence[Page]: ...
    @property
    def missing_pages(self) -> tuple[MissingPages, ...]: ...
    @property
    def repeated_pages(self) -> tuple[RepeatedPage, ...]: ...
    @property
    def wrong_totals(self) -> tuple[WrongTotal, ...]: ...
    @property
    def duplicates(self) -> tuple[RepeatedCall, ...]: ...
    @property
    def conflicts(self) -> tuple[RepeatedCall, ...]: ...


class Tally:
    """Counts of records as they are read."""

    def __init__(self) -> None:
        self._calls = 0
        self._days = Counter[date | None]()
        self._states = Counter[Any]()
        self._campaigns = Counter[Any]()
        self._sources = Counter[Any]()

    def add(self, records: Sequence[Any]) -> None:
        """Count records of one dataclass."""
        self._calls += len(records)
        if not records or not dataclasses.is_dataclass(records[0]):
            return
        self._days.update(map(_day, _values(records, _DAY)))
        self._states.update(_countable(_values(records, _STATE)))
        self._campaigns.update(_countable(_values(records, _CAMPAIGN)))
        self._sources.update(_countable(_values(records, _SOURCE)))

    def summary(self, found: Findings, errors: Iterable[DumpError]) -> Summary:
        """The counts, with what is known of pages."""
        failed = Counter(page.inbound.error for page in found.pages)
        return Summary(
            calls=self._calls,
            pages=len(found.pages),
            failed_pages={words: count for words, count in failed.items() if words is not None},
            days=dict(sorted(self._days.items(), key=_by_day)),
            states=dict(self._states.most_common()),
            campaigns=dict(self._campaigns.most_common()),
            sources=dict(self._sources.most_common()),
            missing_pages=found.missing_pages,
            repeated_pages=found.repeated_pages,
            wrong_totals=found.wrong_totals,
            duplicates=found.duplicates,
            conflicts=found.conflicts,
            errors=tuple(errors),
        )


def _values(records: Sequence[Any], names: Iterable[str]) -> Iterable[Any]:
    """The values of the first field of these names that records have; none if they have none."""
    name = next((name for name in names if hasattr(records[0], name)), None)
    read: Callable[[Any], Any] | None = None if name is None else attrgetter(name)
    return () if read is None else map(read, records)


def _countable(values: Iterable[Any]) -> Iterable[Any]:
    """Values, as texts if a record type has them as something that cannot be counted."""
    found = tuple(values)
    try:
        hash(found)
    except TypeError:
        return map(str, found)
    return found


def _day(moment: Any) -> date | None:
    """The day of a time; None of what a record type has as a text or a number."""
    if isinstance(moment, datetime):
        return moment.date()
    return moment if isinstance(moment, date) else None


def _by_day(item: tuple[date | None, int]) -> tuple[bool, date]:
    return item[0] is None, item[0] or date.min
