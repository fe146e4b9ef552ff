"""Whether the saved pages are all that was asked for, by the server's echo in their envelopes.

Pages belong to one request if they echo the same entity, method, version, period and page length.
The format does not count: one page may be saved as json and the next as csv. A page that says that
its request failed is still missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import islice
from operator import attrgetter
from types import NoneType
from typing import Any, NamedTuple, TypeVar

from ckct_formats._model import Inbound, Response
from ckct_formats._parse import OnError
from ckct_formats._schema import schema_of
from ckct_formats.dumps._errors import DumpError
from ckct_formats.dumps._reading import FileResponse

R = TypeVar("R")

# The pages of a request by their numbers, in order; a page may have been saved more than once.
_Pages = dict[int, list["Page"]]

# An envelope may claim any number of pages.
_MAX_MISSING = 10_000
_SCALARS = {bool, date, datetime, Decimal, float, int, NoneType, str}


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the file, or the member of an archive, that it is in, the server's echo of the
    request (empty if the page has no envelope), and how many records were read from it."""

    file: str
    inbound: Inbound
    calls: int


@dataclass(frozen=True, slots=True)
class Request:
    """What the pages of one request have in common; each field as in `Inbound`."""

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
    """Pages that were not found, of a request of which others were.

    Attributes:
        request: The request.
        of_pages: How many pages it has by the envelopes; the largest number if they differ.
        found: Numbers of the pages that were found, from 0.
        missing: Numbers of the missing pages; of more than 10,000 only the first.
    """

    request: Request
    of_pages: int
    found: tuple[int, ...]
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RepeatedPage:
    """A page that was found more than once: its request, its number from 0, and where it is."""

    request: Request
    number: int
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrongTotal:
    """A total that does not add up although no page is missing, or on which the pages disagree.

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
    """A record that occurs more than once.

    Attributes:
        identifier: Its `call_id` or `universal_id`; in a type without either, its one required
            field. Records without an identifier are not compared.
        files: Where it occurs, in the order of reading.
    """

    identifier: int | str
    files: tuple[str, ...]


class Findings(NamedTuple):
    """What is wrong with a dump, as in `Dump` and `Summary`."""

    missing_pages: tuple[MissingPages, ...]
    repeated_pages: tuple[RepeatedPage, ...]
    wrong_totals: tuple[WrongTotal, ...]
    duplicates: tuple[RepeatedCall, ...]
    conflicts: tuple[RepeatedCall, ...]
    errors: tuple[DumpError, ...]


class Completeness:
    """Examines the pages of a dump while they are read.

    Of a record only its identifier and a fingerprint are kept, so there may be millions.

    Attributes:
        pages: The pages so far.
    """

    def __init__(self, record_type: type[Any], on_error: OnError) -> None:
        self.pages: list[Page] = []
        self._collect = on_error == "collect"
        self._errors: list[DumpError] = []
        field = None if record_type is dict else schema_of(record_type).identifier
        self._identifier = None if field is None else attrgetter(field.name)
        # For each identifier, the page and the fingerprint of its first record, and of the others.
        self._first: dict[int | str, tuple[int, int]] = {}
        self._others = defaultdict[int | str, list[tuple[int, int]]](list)

    def watch(self, found: Iterable[FileResponse[R] | DumpError]) -> Iterator[Response[R]]:
        """Note everything found, and pass the responses on.

        Raises:
            DumpError: The first error, unless errors are collected.
        """
        for each in found:
            if isinstance(each, DumpError):
                if not self._collect:
                    raise each
                self._errors.append(each)
                continue
            response = each.response
            self._errors += each.errors
            self._note_records(response.payload)
            self.pages.append(Page(each.file, response.inbound, len(response.payload)))
            yield response

    def _note_records(self, records: Sequence[Any]) -> None:
        page = len(self.pages)
        identifiers = () if self._identifier is None else map(self._identifier, records)
        for identifier, record in zip(identifiers, records, strict=False):
            if identifier is not None:
                place = (page, hash(_hashable(record)))
                if self._first.setdefault(identifier, place) is not place:
                    self._others[identifier].append(place)

    def findings(self) -> Findings:
        """What is wrong with the pages so far."""
        requests = self._requests()
        return Findings(
            _of_each(requests, _missing),
            _of_each(requests, _repeated),
            _of_each(requests, _wrong_total),
            tuple(self._repeated_calls(are_equal=True)),
            tuple(self._repeated_calls(are_equal=False)),
            tuple(self._errors),
        )

    def _requests(self) -> dict[Request, _Pages]:
        """The pages of each request. A page without an echo, or of a failed request, has none."""
        requests = defaultdict[Request, _Pages](lambda: defaultdict(list))
        for page in self.pages:
            inbound, params = page.inbound, page.inbound.requested_params
            if params.require_page is not None and inbound.error is None:
                request = Request(
                    inbound.requested_entity,
                    inbound.requested_method,
                    inbound.requested_version,
                    params.start_date,
                    params.end_date,
                    inbound.page_length,
                )
                requests[request][params.require_page].append(page)
        return {request: dict(sorted(pages.items())) for request, pages in requests.items()}

    def _repeated_calls(self, *, are_equal: bool) -> Iterator[RepeatedCall]:
        for identifier, others in self._others.items():
            places = [self._first[identifier], *others]
            if (len({fingerprint for _, fingerprint in places}) == 1) is are_equal:
                files = tuple(self.pages[page].file for page, _ in places)
                yield RepeatedCall(identifier, files)


def _of_each(
    requests: dict[Request, _Pages], find: Callable[[Request, _Pages], Iterator[R]]
) -> tuple[R, ...]:
    return tuple(each for request, pages in requests.items() for each in find(request, pages))


def _missing(request: Request, pages: _Pages) -> Iterator[MissingPages]:
    of_pages = max(page.inbound.of_pages or 0 for same in pages.values() for page in same)
    missing = tuple(islice((n for n in range(of_pages) if n not in pages), _MAX_MISSING))
    if missing:
        yield MissingPages(request, of_pages, tuple(pages), missing)


def _repeated(request: Request, pages: _Pages) -> Iterator[RepeatedPage]:
    for number, same in pages.items():
        if len(same) > 1:
            yield RepeatedPage(request, number, tuple(page.file for page in same))


def _wrong_total(request: Request, pages: _Pages) -> Iterator[WrongTotal]:
    inbounds = [page.inbound for same in pages.values() for page in same]
    totals = {each.total_length for each in inbounds if each.total_length is not None}
    found = sum(same[0].calls for same in pages.values())
    is_whole = any(each.of_pages for each in inbounds) and not any(_missing(request, pages))
    if len(totals) > 1 or (is_whole and totals and totals != {found}):
        yield WrongTotal(request, tuple(sorted(totals)), found)


def _hashable(value: Any) -> Hashable:
    """What is equal for equal records, tuples or dicts, and has another hash for different ones."""
    if isinstance(value, dict):
        return frozenset((key, _hashable((each,))) for key, each in value.items())
    if not isinstance(value, tuple):
        value = [getattr(value, name) for name in _compared(value.__class__)]
    if -1 in value:  # Python gives it the hash of -2
        value = ["\0-1" if each == -1 else each for each in value]
    return tuple([each if type(each) in _SCALARS else _hashable(each) for each in value])


@cache
def _compared(record_type: Any) -> list[str]:
    return [each.name for each in fields(record_type) if each.compare]
