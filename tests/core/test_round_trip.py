"""What is written is read back equal, in every format, and nothing else is refused."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Everything, everythings

from ckct_formats import (
    Call,
    Format,
    Inbound,
    Info,
    RequestedParams,
    Response,
    SerializeError,
    detect,
    parse,
    serialize,
)
from ckct_formats.testing import calls, responses

each_format = pytest.mark.parametrize("fmt", list(Format))


def check_round_trip(response: Response[Any], fmt: Format, record_type: type = Call) -> bytes:
    """Write, read back, compare; twice, and without a change to what was passed."""
    before = copy.deepcopy(response)
    body = serialize(response, fmt)
    back: Response[Any] = parse(body, fmt, record_type=record_type)
    assert back == response
    assert response == before
    assert serialize(back, fmt) == body
    assert back.source is not None
    assert back.source.format is fmt
    return body


@each_format
@given(data=st.data())
def test_a_response_comes_back_from_its_format(fmt: Format, data: st.DataObject) -> None:
    check_round_trip(data.draw(responses(frozenset({fmt}))), fmt)


@given(response=responses())
def test_a_response_comes_back_from_all_formats_equal(response: Response[Call]) -> None:
    for fmt in Format:
        body = check_round_trip(response, fmt)
        assert detect(body) is fmt


@pytest.mark.slow
@each_format
@given(data=st.data())
def test_records_of_every_field_type_come_back(fmt: Format, data: st.DataObject) -> None:
    records = everythings(frozenset({fmt}))
    check_round_trip(data.draw(responses(frozenset({fmt}), records)), fmt, Everything)


@pytest.mark.slow
@given(records=st.lists(everythings(), min_size=1, max_size=3))
def test_records_of_every_field_type_are_equal_across_formats(records: list[Everything]) -> None:
    for fmt in Format:
        check_round_trip(Response(payload=records), fmt, Everything)


@dataclass
class Campaign:
    campaign_id: int
    name: str | None = None
    created: datetime | None = None


@dataclass
class Label:
    name: str | None = None


@each_format
def test_a_record_type_of_the_users_own(fmt: Format) -> None:
    campaigns = [
        Campaign(559, "Тест", datetime(2019, 7, 16, 15, 12, 44)),
        Campaign(560, None, datetime(2019, 7, 16, tzinfo=UTC)),
        Campaign(561),
    ]
    body = check_round_trip(Response(payload=campaigns), fmt, Campaign)
    assert detect(body) is fmt


@each_format
@given(names=st.lists(st.none() | st.sampled_from(["#", "a", "b\nc", '"'])))
def test_records_of_one_optional_text(fmt: Format, names: list[str | None]) -> None:
    check_round_trip(Response(payload=[Label(name) for name in names]), fmt, Label)


# What the formats cannot hold: docs/wire-formats.md, "What cannot be written".
_FULL = Call(1, extra={"a": "b"})
_NO_FORMAT_HOLDS: list[tuple[Response[Any], tuple[str | int, ...]]] = [
    (Response(payload=[Call(True)]), ("payload", 0, "callId")),
    (Response(payload=[Call("1")]), ("payload", 0, "callId")),  # type: ignore[arg-type]
    (Response(payload=[Call(1), Call(2, duration=1.5)]), ("payload", 1, "duration")),  # type: ignore[arg-type]
    (Response(payload=[Call(1), Call(2, city="")]), ("payload", 1, "city")),
    (Response(payload=[Call(1), Call(2, record="-")]), ("payload", 1, "record")),
    (Response(payload=[Call(1, city="a\0b")]), ("payload", 0, "city")),
    (Response(payload=[Call(1), Call(2, city="\ud800")]), ("payload", 1, "city")),
    (Response(payload=[Call(1, tags_id=(1, True))]), ("payload", 0, "tagsId", 1)),
    (Response(payload=[Call(1, tags_id=[1])]), ("payload", 0, "tagsId")),  # type: ignore[arg-type]
    (Response(payload=[Call(1, time_start="now")]), ("payload", 0, "timeStart")),  # type: ignore[arg-type]
    (Response(payload=[Call(1, extra={"a": ""})]), ("payload", 0, "extra", "a")),
    (Response(payload=[Call(1, extra={"city": "a"})]), ("payload", 0, "extra", "city")),
    (Response(payload=[Call(1, extra={"a": "\0"})]), ("payload", 0, "extra", "a")),
    (Response(payload=[Call(1, extra={"a": 1})]), ("payload", 0, "extra", "a")),  # type: ignore[dict-item]
    (Response(payload=[Call(10**18)]), ("payload", 0, "callId")),
    (Response(payload=[Call(1, city="x" * 1_000_001)]), ("payload", 0, "city")),
    (Response(payload=[Call(1), Campaign(1)]), ("payload", 1)),
    (Response(payload=["text"]), ("payload", 0)),
    (Response(payload=(Call(1),)), ("payload",)),  # type: ignore[arg-type]
    (Response(inbound=Inbound(page_length=1.0)), ("inbound", "pageLength")),  # type: ignore[arg-type]
    (Response(inbound=Inbound(error="-")), ("inbound", "error")),
    (Response(inbound=Inbound(extra={"error": "a"})), ("inbound", "extra", "error")),
    (Response(inbound=None), ("inbound",)),  # type: ignore[arg-type]
    (Response(info=Info(types=("a", "\0"))), ("info", "types", 1)),
    (Response(info=Info(entities={"call": ("get", 1)})), ("info", "entities", "call", 1)),  # type: ignore[dict-item]
    (
        Response(inbound=Inbound(requested_params=RequestedParams(require_page="0"))),  # type: ignore[arg-type]
        ("inbound", "requestedParams", "requirePage"),
    ),
]


@each_format
@pytest.mark.parametrize(("response", "path"), _NO_FORMAT_HOLDS)
def test_what_no_format_holds_is_refused(
    response: Response[Any], path: tuple[str | int, ...], fmt: Format
) -> None:
    with pytest.raises(SerializeError) as caught:
        serialize(response, fmt)
    assert caught.value.path == path
    assert caught.value.format is fmt
    assert caught.value.reason


def _entry(depth: int) -> str:
    return "x\n" + " " * (8 * depth + 4) + "[city] => y"


_ONE_FORMAT_LACKS: list[tuple[set[Format], Call, tuple[str | int, ...]]] = [
    ({Format.XML}, Call(1, city="a\x01b"), ("payload", 0, "city")),
    ({Format.XML}, Call(1, city="\x0c"), ("payload", 0, "city")),
    ({Format.XML}, Call(1, city="\ufffe"), ("payload", 0, "city")),
    ({Format.XML}, Call(1, city="\uffff"), ("payload", 0, "city")),
    ({Format.XML}, Call(1, extra={"no name": "a"}), ("payload", 0, "extra")),
    ({Format.XML}, Call(1, extra={"0": "a"}), ("payload", 0, "extra")),
    ({Format.XML}, Call(1, extra={"a:b": "a"}), ("payload", 0, "extra")),
    ({Format.XML}, Call(1, extra={"": "a"}), ("payload", 0, "extra")),
    ({Format.PLAIN}, Call(1, utm_term=_entry(0)), ("payload", 0, "utmTerm")),
    ({Format.PLAIN}, Call(1, utm_term=_entry(1)), ("payload", 0, "utmTerm")),
    ({Format.PLAIN}, Call(1, utm_term=_entry(2)), ("payload", 0, "utmTerm")),
    ({Format.PLAIN}, Call(1, utm_term="x\n        )\n"), ("payload", 0, "utmTerm")),
    ({Format.PLAIN}, Call(1, utm_term="Array\n        (\n"), ("payload", 0, "utmTerm")),
    ({Format.PLAIN}, Call(1, utm_term="Array\n("), ("payload", 0, "utmTerm")),
    ({Format.PLAIN, Format.XML}, Call(1, extra={"a] => b": "c"}), ("payload", 0, "extra")),
    ({Format.CSV}, Call(1, extra={"inbound.error": "a"}), ("payload", 0, "extra")),
    ({Format.CSV}, Call(1, extra={"info.types": "a"}), ("payload", 0, "extra")),
    ({Format.CSV}, Call(1, extra={"payload.0.city": "a"}), ("payload", 0, "extra")),
    ({Format.CSV}, Call(1, extra={"tagsId.0": "1"}), ("payload", 0, "extra", "tagsId.0")),
]


@pytest.mark.parametrize(("lacking", "call", "path"), _ONE_FORMAT_LACKS)
def test_what_one_format_lacks_is_refused_there_and_comes_back_elsewhere(
    lacking: set[Format], call: Call, path: tuple[str | int, ...]
) -> None:
    for fmt in Format:
        if fmt in lacking:
            with pytest.raises(SerializeError) as caught:
                serialize(Response(payload=[call]), fmt)
            assert caught.value.path == path
        else:
            check_round_trip(Response(payload=[call]), fmt)


_ORDINARY = [
    "Array",
    "Array\n",
    "stdClass Object",
    "several\nordinary\nlines",
    "ends with LF\n",
    "ends with CR\r",
    "\n",
    "\r\n",
    "\n[VIP] client",
    "\n  )",
    "[city] => y",
    "a] => b",
    "  spaces  ",
    "# comment",
    "=1+1",
    "]]>",
    "<!DOCTYPE x [<!ENTITY y 'z'>]>",
    "&lt;",
    "\\u0000",
    "\\",
    "a\u2028b\x85c",
    "\ufeff",
    "null",
    "false",
    "[]",
    "[1,2]",
    "{}",
    '"quoted"',
]


@each_format
@pytest.mark.parametrize("text", _ORDINARY)
def test_ordinary_text_comes_back(text: str, fmt: Format) -> None:
    calls = [Call(1, city=text), Call(2, state_description=text), Call(3, extra={"a": text})]
    inbound = Inbound(error=text, extra={"note": text})
    info = Info(entities={"call": (text,)}, types=(text, ""))
    check_round_trip(Response(inbound, info, calls), fmt)
    check_round_trip(Response(payload=[replace(calls[0], state_description=text)]), fmt)


@given(call=calls())
def test_an_empty_page_and_a_single_call_are_told_apart(call: Call) -> None:
    for fmt in Format:
        assert parse(serialize(Response(payload=[call]), fmt), fmt).payload == [call]
        assert parse(serialize(Response(), fmt), fmt) == Response()
