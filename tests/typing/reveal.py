"""What type checkers must see; checked by mypy and pyright, never run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, assert_type

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
from ckct_formats.dumps import (
    Calls,
    Dump,
    DumpError,
    MissingPages,
    Page,
    RepeatedCall,
    Summary,
    iter_calls,
    read_dump,
    summarize,
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


def dumps(path: Path, file: IO[bytes]) -> None:
    assert_type(iter_calls(path), Calls[Call])
    assert_type(iter_calls("dumps", "json", on_error="collect"), Calls[Call])
    assert_type(iter_calls([path, "dumps", file], record_type=Campaign), Calls[Campaign])
    assert_type([call.city for call in iter_calls(file)], list[str | None])
    assert_type(iter_calls(path).errors, list[DumpError])
    assert_type(iter_calls(path).given, int)
    for row in iter_calls(path, record_type=dict):
        assert_type(row, dict[str, str | list[str] | None])
    dump = read_dump(path)
    assert_type(dump, Dump[Call])
    assert_type(dump.calls, list[Call])
    assert_type(dump.pages, tuple[Page, ...])
    assert_type(dump.missing_pages, tuple[MissingPages, ...])
    assert_type(dump.conflicts, tuple[RepeatedCall, ...])
    assert_type(dump.errors, tuple[DumpError, ...])
    assert_type(dump.response, Response[Call])
    assert_type(dump.summary(), Summary)
    assert_type(dump.summary().days, dict[date | None, int])
    assert_type(read_dump([path], record_type=Campaign), Dump[Campaign])
    assert_type(read_dump(file, record_type=dict), Dump[dict[str, str | list[str] | None]])
    assert_type(summarize("dumps", record_type=Campaign), Summary)
