"""What type checkers must see; checked by mypy and pyright, never run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_type

from ckct_formats import (
    Call,
    Format,
    Inbound,
    Info,
    ParseError,
    Response,
    Source,
    detect,
    parse,
    serialize,
)


@dataclass
class Campaign:
    campaign_id: int
    name: str | None = None


def calls(body: bytes) -> None:
    response = parse(body, "json")
    assert_type(response, Response[Call])
    assert_type(response.payload, list[Call])
    assert_type(response.payload[0].call_id, int)
    assert_type(response.payload[0].time_start, datetime | None)
    assert_type(response.payload[0].tags_id, tuple[int, ...])
    assert_type(response.payload[0].state_codes, tuple[int, int] | None)
    assert_type(response.inbound, Inbound)
    assert_type(response.inbound.requested_params.start_date, datetime | None)
    assert_type(response.info, Info)
    assert_type(response.info.entities, dict[str, tuple[str, ...]])
    assert_type(response.errors, tuple[ParseError, ...])
    assert_type(response.source, Source | None)
    assert_type(response.raise_for_error(), Response[Call])
    assert_type(response.next_page, int | None)
    assert_type(parse(body), Response[Call])
    assert_type(parse(body, Format.XML, on_error="collect"), Response[Call])
    assert_type(detect(memoryview(body)), Format)
    assert_type(serialize(response, "xml"), bytes)


def campaigns(body: str) -> None:
    response = parse(body, record_type=Campaign)
    assert_type(response, Response[Campaign])
    assert_type([campaign.name for campaign in response.payload], list[str | None])
    assert_type(serialize(response, Format.CSV), bytes)
