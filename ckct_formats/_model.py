"""The dataclasses that every format is read into.

Names are the documented ones in snake_case. Sources: the provider's page on `call/get` (v1) for
fields, order and sample values; its page on failed requests for `Inbound.error`. The provider
states no types and no nullability: those are inferred from the one sample.

Metadata of a field:
    wire: its key on the wire, where that is not the name in camelCase;
    alias: another key under which it is read;
    position: its place among the keys on the wire, where that is not its place in the class;
    blank: what is written for None, where that is not null;
    distinct: whether its texts hardly ever repeat, as addresses of recordings: a table then holds
        them as they are, not as a dictionary.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Self, TypeVar

from ckct_formats._codes import ApiError
from ckct_formats._errors import ParseError
from ckct_formats._format import Format

R = TypeVar("R")

_STATE = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")
_DASH = {"blank": "-"}  # as the document's sample shows it


@dataclass(slots=True)
class RequestedParams:
    """What the request asked for, as the server echoes it (documented).

    Attributes:
        require_page: The page, counted from 0.
        start_date: Start of the period. The sample shows epoch seconds, read as aware UTC.
        end_date: End of the period, likewise.
    """

    require_page: int | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None


@dataclass(slots=True)
class Inbound:
    """The server's echo of the request (documented).

    Attributes:
        requested_type: The format asked for.
        requested_entity: The entity, `call` for instance.
        requested_method: The method of the entity, `get` for instance.
        requested_version: The version of the API.
        requested_params: Page and period.
        page_length: How many calls a page holds at most.
        total_length: Calls in the requested period, over all pages.
        of_pages: Number of pages.
        content_length: "Length of the content on the page"; the provider states no unit.
        error: Why the request failed, in the server's words; None if it did not.
        extra: Undocumented keys, as text.
    """

    requested_type: str | None = None
    requested_entity: str | None = None
    requested_method: str | None = None
    requested_version: str | None = None
    requested_params: RequestedParams = field(default_factory=RequestedParams)
    page_length: int | None = None
    total_length: int | None = None
    of_pages: int | None = None
    content_length: int | None = None
    error: str | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Info:
    """What the API offers (documented).

    Attributes:
        entities: The methods of each entity, by its name.
        types: The formats on offer.
        versions: The versions of the API.
    """

    entities: dict[str, tuple[str, ...]] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()


@dataclass(slots=True)
class Call:
    """One phone call, as v1 of the API returns it: 26 documented fields.

    A text is None where the server wrote a blank: null, an empty text, `-`, or no key. None is
    written as the blank that the provider's sample shows for the field, or else as null.

    Attributes:
        call_id: Identifier of the call; the one field that a call must have.
        city: The client's city.
        site: The site.
        state: Status: two codes separated by a slash; `state_codes` reads them.
        device: The client's device.
        record: The recording (inferred: its address).
        region: The client's region.
        tags_id: Identifiers of the call's tags; empty if it has none.
        utm_term: utm_term of the visit, written by the link's author, as all utm fields are.
        audition: Whether the recording was listened to, in words.
        call_type: Kind of call, in words.
        client_ip: The client's IP address.
        duration: Seconds (inferred: the provider states no unit).
        time_start: Start of the call. Naive where the server wrote a wall-clock time, whose zone
            the provider does not state; aware, in UTC, where it wrote epoch seconds.
        utm_medium: utm_medium of the visit.
        utm_source: utm_source of the visit.
        campaign_id: Identifier of the campaign.
        office_name: Name of the office.
        route_phone: The tracked number that was called.
        source_type: Kind of source.
        utm_content: utm_content of the visit.
        client_phone: The client's number.
        office_phone: The office's number.
        utm_campaign: utm_campaign of the visit.
        campaign_name: Name of the campaign.
        state_description: The status in words.
        extra: Undocumented fields, as text; blank ones are dropped.
    """

    call_id: int = field(metadata={"position": 3})
    city: str | None = field(default=None, metadata=_DASH)
    site: str | None = field(default=None, metadata=_DASH)
    state: str | None = None
    device: str | None = field(default=None, metadata=_DASH)
    record: str | None = field(default=None, metadata={"distinct": True})
    region: str | None = field(default=None, metadata=_DASH)
    tags_id: tuple[int, ...] = ()
    utm_term: str | None = field(default=None, metadata=_DASH)
    audition: str | None = None
    call_type: str | None = None
    client_ip: str | None = field(default=None, metadata={**_DASH, "distinct": True})
    duration: int | None = None
    time_start: datetime | None = None
    utm_medium: str | None = field(default=None, metadata=_DASH)
    utm_source: str | None = field(default=None, metadata=_DASH)
    campaign_id: int | None = None
    office_name: str | None = None
    route_phone: str | None = None
    source_type: str | None = field(default=None, metadata=_DASH)
    utm_content: str | None = field(default=None, metadata=_DASH)
    client_phone: str | None = field(default=None, metadata={"distinct": True})
    office_phone: str | None = None
    utm_campaign: str | None = field(default=None, metadata=_DASH)
    campaign_name: str | None = None
    state_description: str | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def state_codes(self) -> tuple[int, int] | None:
        """The two codes of `state`: (200, 487) for `"200/487"`; None if it is no such pair."""
        pair = _STATE.fullmatch(self.state or "")
        return (int(pair[1]), int(pair[2])) if pair else None


@dataclass(slots=True)
class Source:
    """How a body was written, as far as the body shows it.

    Attributes:
        format: The format it was read as.
        dialect: The way of writing that format; docs/wire-formats.md lists the names.
        encoding: Name of the character encoding; `"str"` for a body that was passed decoded.
    """

    format: Format
    dialect: str
    encoding: str


@dataclass(slots=True)
class Response(Generic[R]):
    """One page of an answer; `Response()` is an empty one.

    Attributes:
        inbound: The echo of the request; empty where the body has no envelope.
        info: What the API offers; empty likewise.
        payload: The records, in the body's order.
        errors: With `on_error="collect"`, one error for each row that was left out.
        source: How the body was written; None for a response that was not parsed.

    `errors` and `source` are neither compared nor shown.
    """

    inbound: Inbound = field(default_factory=Inbound)
    info: Info = field(default_factory=Info)
    payload: list[R] = field(default_factory=list)
    errors: tuple[ParseError, ...] = field(default=(), compare=False, repr=False)
    source: Source | None = field(default=None, compare=False, repr=False)

    def raise_for_error(self) -> Self:
        """Return self, or raise `ApiError` if the server answered that the request failed."""
        if self.inbound.error is not None:
            raise ApiError(self.inbound.error)
        return self

    @property
    def next_page(self) -> int | None:
        """The number of the next page; None on the last one, and without an envelope."""
        page, pages = self.inbound.requested_params.require_page, self.inbound.of_pages
        return None if page is None or pages is None or page + 1 >= pages else page + 1
