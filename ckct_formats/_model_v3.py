"""The call of API v3, as the provider documents it (its page on v3; JSON only).

By that page no field is ever null: an empty text is "", an empty number 0, an empty list [].
Fields that begin with `cb` belong to the callback service, those with `ct` to call tracking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

_OFFSET = re.compile(r"([+-])([01][0-9]):?(00|15|30|45)")
_BLANK_TIME = {"blank": ""}
_DISTINCT = {"distinct": True}


@dataclass(slots=True)
class Hook:
    """A notice that the service sent about a call.

    Attributes:
        hook_event_name: AFTER_CALL_FINISH or BEFORE_CALL_START.
        hook_address: Where it was sent.
        hook_method: GET, POST, PUT or DELETE.
        hook_response_status: The HTTP status of the answer.
        extra: Undocumented keys, as text.
    """

    hook_event_name: str = ""
    hook_address: str = ""
    hook_method: str = ""
    hook_response_status: int = 0
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class CallV3:
    """One call, as v3 of the API returns it: `parse(body, record_type=CallV3)`.

    Attributes:
        universal_id: Identifier across all services; the one field that a call must have.
        page: The page it is on.
        service_type: callback, calltracking or import.
        client_number: The client's number.
        manager_number: The manager's number.
        caller_id_to_manager: The number shown to the manager.
        caller_id_to_client: The number shown to the client.
        status_first, status_second: The two codes of the status.
        status: success or fail.
        call_time: Time of the call, in a zone that the provider does not state.
        local_date: The same, in the client's zone.
        timezone_offset: As the server wrote it; the sample shows `+0020`.
        duration: Seconds.
        tariff_time: Minutes.
        site: The site.
        record_url: Address of the recording.
        unique, target, unique_target: Whether the call counts as such.
        visit_site: Site of the visit; the document's table calls it siteVisit, which is read too.
        referrer: Where the visit came from.
        utm_source, utm_medium, utm_campaign, utm_content, utm_term: Written by the link's author.
        ya_clid, ga_clid, roistat_clid, calltouch_clid, comagic_clid: The client's identifiers in
            other services.
        city, region, country, ip_address: The client's.
        pages_count: Pages of the visit.
        entry_point, entry_point_query: First page of the visit, and its query.
        call_page: Page from which the client called; some accounts lack it.
        counts: Visits.
        user_agent, device: The client's.
        cb_widget_hash, cb_tool_id, cb_call_id, cb_uid, cb_tool_name: The callback widget.
        cb_smatris_session: So spelled on the wire.
        cb_office_number, cb_office_name: The office.
        cb_order_date: Time for which the callback was ordered.
        cb_attempt: Number of the attempt.
        cb_attempts_queue: Numbers of the attempts to come.
        cb_connect_type: auto, smartcall or dtmf.
        cb_smart_call_count, cb_ivr_count: Counts; the document says no more.
        cb_event_source: widget, mobile, api, lg, iform, form, ckapp, hand, fb, vk or ok.
        ct_call_id, ct_campaign_id, ct_campaign_name: The call and its campaign in call tracking.
        ct_is_listened: "", "0" or "1".
        tags: Names of tags.
        hooks: Notices that were sent; some accounts lack them.
        extra: Undocumented fields, as text; blank ones are dropped.
    """

    universal_id: str = field(metadata={"position": 1, "distinct": True})
    page: int = 0
    service_type: str = ""
    client_number: str = field(default="", metadata=_DISTINCT)
    manager_number: str = ""
    caller_id_to_manager: str = ""
    caller_id_to_client: str = ""
    status_first: int = 0
    status_second: int = 0
    status: str = ""
    call_time: datetime | None = field(default=None, metadata=_BLANK_TIME)
    local_date: datetime | None = field(default=None, metadata=_BLANK_TIME)
    timezone_offset: str = ""
    duration: int = 0
    tariff_time: int = 0
    site: str = ""
    record_url: str = field(default="", metadata=_DISTINCT)
    unique: bool = False
    target: bool = False
    unique_target: bool = False
    visit_site: str = field(default="", metadata={"alias": "siteVisit"})
    referrer: str = field(default="", metadata=_DISTINCT)
    utm_source: str = field(default="", metadata={"wire": "utm_source"})
    utm_medium: str = field(default="", metadata={"wire": "utm_medium"})
    utm_campaign: str = field(default="", metadata={"wire": "utm_campaign"})
    utm_content: str = field(default="", metadata={"wire": "utm_content"})
    utm_term: str = field(default="", metadata={"wire": "utm_term"})
    ya_clid: str = field(default="", metadata=_DISTINCT)
    ga_clid: str = field(default="", metadata=_DISTINCT)
    roistat_clid: str = field(default="", metadata=_DISTINCT)
    calltouch_clid: str = field(default="", metadata=_DISTINCT)
    comagic_clid: str = field(default="", metadata=_DISTINCT)
    city: str = ""
    region: str = ""
    country: str = ""
    ip_address: str = field(default="", metadata=_DISTINCT)
    pages_count: int = 0
    entry_point: str = ""
    entry_point_query: str = field(default="", metadata=_DISTINCT)
    call_page: str = ""
    counts: int = 0
    user_agent: str = ""
    device: str = ""
    cb_widget_hash: str = ""
    cb_tool_id: int = 0
    cb_call_id: int = 0
    cb_uid: int = 0
    cb_tool_name: str = ""
    cb_smatris_session: int = 0
    cb_office_number: str = ""
    cb_office_name: str = ""
    cb_order_date: datetime | None = field(default=None, metadata=_BLANK_TIME)
    cb_attempt: int = 0
    cb_attempts_queue: tuple[int, ...] = ()
    cb_connect_type: str = ""
    cb_smart_call_count: int = 0
    cb_ivr_count: int = 0
    cb_event_source: str = ""
    ct_call_id: int = 0
    ct_campaign_id: int = 0
    ct_campaign_name: str = ""
    ct_is_listened: str = ""
    tags: tuple[str, ...] = ()
    hooks: tuple[Hook, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def call_time_zoned(self) -> datetime | None:
        """`call_time` with its zone, where that is certain; otherwise None.

        It is certain where the server wrote epoch seconds or an offset, and where `call_time` and
        `local_date` agree: then both are in the client's zone, and `timezone_offset` is its offset,
        if a zone has such a one. Nothing else can be known: the provider states neither the zone of
        `call_time` nor the unit of the offset, and its sample, `+0020`, is no zone's in hours and
        minutes.
        """
        if self.call_time is None or self.call_time.tzinfo is not None:
            return self.call_time
        zone = _zone(self.timezone_offset) if self.local_date == self.call_time else None
        return zone and self.call_time.replace(tzinfo=zone)


def _zone(offset: str) -> timezone | None:
    """The zone of an offset, if one has it: quarters of an hour from -12 to +14 hours."""
    found = _OFFSET.fullmatch(offset)
    if found is None:
        return None
    minutes = int(f"{found[1]}1") * (60 * int(found[2]) + int(found[3]))
    return timezone(timedelta(minutes=minutes)) if -12 * 60 <= minutes <= 14 * 60 else None
