"""Whether saved pages are all that was asked for: by the server's echo in their envelopes.

Pages belong to one request if they echo the same entity, method, version, period and page length.
The format is left out: a page may be saved in one and the next in another. What says that its
request failed is no page: that is still missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any

from ckct_formats._model import Inbound
from ckct_formats._rules import Boolean, Day, Integer, Moment, Number, Text
from ckct_formats._schema import Schema

# An envelope may count any number of pages.
_MOST_MISSING = 10_000
_FLAT = (Boolean, Day, Integer, Moment, Number, Text)
_MINUS_ONE = "\0-1"


@dataclass(frozen=True, slots=True)
class Page:
    """One page, as it was found.

    Attributes:
        file: The file, and behind it the member of an archive.
        inbound: The server's echo of the request; empty where the page has no envelope.
        calls: How many records were read from it.
    """

    file: str
    inbound: Inbound
    calls: int


@dataclass(frozen=True, slots=True)
class Request:
    """What pages of one request have in common; each part as in `Inbound`."""

    entity: str | None
    method: str | None
    version: str | None
    start_date: datetime | None
    end_date: datetime | None
    page_length: int | None

    def __str__(self) -> str:
        name = "/".join(part or "?" for part in (self.version, self.entity, self.method))
        start = f" from {self.start_date}" if self.start_date else ""
        end = f" to {self.end_date}" if self.end_date else ""
        return f"{name}{start}{end}"


@dataclass(frozen=True, slots=True)
class MissingPages:
    """Pages that were not found of a request of which others were.

    Attributes:
        request: The request.
        of_pages: How many pages it has, by the envelopes; the greatest number, if they differ.
        found: Numbers of pages, from 0.
        missing: Likewise, the first 10,000 of them.
    """

    request: Request
    of_pages: int
    found: tuple[int, ...]
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RepeatedPage:
    """A page that was found more than once.

    Attributes:
        request: The request.
        number: Of the page, from 0.
        files: Where it stands.
    """

    request: Request
    number: int
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrongTotal:
    """A total that does not add up: all pages of a request were found once, or they disagree.

    Attributes:
        request: The request.
        total_length: What its pages say: one number, or several.
        found: How many records were read from them.
    """

    request: Request
    total_length: tuple[int, ...]
    found: int


@dataclass(frozen=True, slots=True)
class RepeatedCall:
    """A record that stands more than once, by its identifier.

    Attributes:
        identifier: Its `call_id`, or `universal_id` (of a type without either, the one field that
            is required; records of a type without any, and those without a value, are not looked
            for).
        files: Where it stands, in the order of reading.
    """

    identifier: int | str
    files: tuple[str, ...]


class Completeness:
    """What is found of pages and of records as they are read, one page after the other.

    A record is kept as its identifier and a fingerprint, so that millions of them can be.

    Attributes:
        pages: The pages so far.
    """

    def __init__(self, schema: Schema[Any] | None) -> None:
        self.pages: list[Page] = []
        self._key: Callable[[Any], Any] | None = None
        if schema is not None and schema.identifier is not None:
            self._key = attrgetter(schema.identifier.name)
        self._fingerprint = _fingerprint(schema) if schema is not None else None
        self._first: dict[int | str, tuple[int, int]] = {}
        self._again: dict[int | str, list[tuple[int, int]]] = {}

    def add_calls(self, calls: Sequence[Any]) -> None:
        """Note records of the page that is added next."""
        if self._key is None or self._fingerprint is None:
            return
        page = len(self.pages)
        for identifier, mark in zip(
            map(self._key, calls), map(self._fingerprint, calls), strict=True
        ):
            if identifier is None:
                continue
            place = (page, mark)
            if self._first.setdefault(identifier, place) is not place:
                self._again.setdefault(identifier, []).append(place)

    def add_page(self, page: Page) -> None:
        """Note a page, behind its records."""
        self.pages.append(page)

    @property
    def duplicates(self) -> tuple[RepeatedCall, ...]:
        """Records that stand more than once, and are equal everywhere."""
        return tuple(self._repeated(equal=True))

    @property
    def conflicts(self) -> tuple[RepeatedCall, ...]:
        """Records that stand more than once, and differ."""
        return tuple(self._repeated(equal=False))

    def _repeated(self, *, equal: bool) -> Iterator[RepeatedCall]:
        for identifier, others in self._again.items():
            places = [self._first[identifier], *others]
            if (len({mark for _, mark in places}) == 1) is equal:
                files = tuple(self.pages[page].file for page, _ in places)
                yield RepeatedCall(identifier, files)

    @property
    def missing_pages(self) -> tuple[MissingPages, ...]:
        """Pages that envelopes count and that were not found."""
        return tuple(
            each for request, pages in self._requests().items() for each in _missing(request, pages)
        )

    @property
    def repeated_pages(self) -> tuple[RepeatedPage, ...]:
        """Pages that were found more than once."""
        return tuple(
            RepeatedPage(request, number, tuple(page.file for page in same))
            for request, pages in self._requests().items()
            for number, same in _by_number(pages).items()
            if len(same) > 1
        )

    @property
    def wrong_totals(self) -> tuple[WrongTotal, ...]:
        """Totals of requests that do not add up."""
        return tuple(
            each
            for request, pages in self._requests().items()
            for each in _wrong_total(request, pages)
        )

    def _requests(self) -> dict[Request, list[Page]]:
        """The pages of each request; those without an echo, or that failed, belong to none."""
        requests = defaultdict[Request, list[Page]](list)
        for page in self.pages:
            number = page.inbound.requested_params.require_page
            if number is not None and page.inbound.error is None:
                requests[_request(page.inbound)].append(page)
        return requests


def _request(inbound: Inbound) -> Request:
    params = inbound.requested_params
    return Request(
        inbound.requested_entity,
        inbound.requested_method,
        inbound.requested_version,
        params.start_date,
        params.end_date,
        inbound.page_length,
    )


def _by_number(pages: Sequence[Page]) -> dict[int, list[Page]]:
    numbers = defaultdict[int, list[Page]](list)
    for page in pages:
        number = page.inbound.requested_params.require_page
        if number is not None:
            numbers[number].append(page)
    return dict(sorted(numbers.items()))


def _missing(request: Request, pages: Sequence[Page]) -> Iterator[MissingPages]:
    found = _by_number(pages)
    of_pages = max((page.inbound.of_pages or 0 for page in pages), default=0)
    missing = tuple(islice((n for n in range(of_pages) if n not in found), _MOST_MISSING))
    if missing:
        yield MissingPages(request, of_pages, tuple(found), missing)


def _wrong_total(request: Request, pages: Sequence[Page]) -> Iterator[WrongTotal]:
    totals = {page.inbound.total_length for page in pages} - {None}
    numbers = _by_number(pages)
    found = sum(same[0].calls for same in numbers.values())
    is_whole = not any(_missing(request, pages)) and any(page.inbound.of_pages for page in pages)
    if len(totals) > 1 or (is_whole and totals and totals != {found}):
        yield WrongTotal(request, tuple(sorted(t for t in totals if t is not None)), found)


def _fingerprint(schema: Schema[Any]) -> Callable[[Any], int]:
    """What is equal for equal records, and else differs but by a chance of one in 2 to the 64."""
    flat = [field.name for field in schema.fields if isinstance(field.rule, _FLAT)]
    nested = [field.name for field in schema.fields if not isinstance(field.rule, _FLAT)]
    flat_of, nested_of = _getter(flat), _getter(nested)
    has_extra = schema.has_extra

    def fingerprint(record: Any) -> int:
        extra = record.extra if has_extra else {}
        values = (_flat(flat_of(record)), *map(_hashable, nested_of(record)))
        return hash((values, frozenset(extra.items())))

    return fingerprint


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


def _flat(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Values with another hash for each other value: Python gives -1 the hash of -2."""
    if -1 not in values:
        return values
    return tuple(_MINUS_ONE if each == -1 else each for each in values)


def _hashable(value: Any) -> Hashable:
    """What is equal for equal values, and has another hash for others."""
    if isinstance(value, tuple):
        is_flat = set(map(type, value)) <= {int, str}
        return _flat(value) if is_flat else tuple(map(_hashable, value))
    if isinstance(value, dict):
        return frozenset((key, _hashable(each)) for key, each in value.items())
    if is_dataclass(value):
        names = [each.name for each in fields(value) if each.compare]
        return tuple(_hashable(getattr(value, name)) for name in names)
    return _MINUS_ONE if value == -1 else value
