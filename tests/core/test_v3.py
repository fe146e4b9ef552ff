"""The call of API v3: the same schema code as for v1, every field as documented."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_round_trip import check_round_trip

from ckct_formats import Call, CallV3, Format, Hook, ParseError, Response, parse, serialize
from ckct_formats._schema import schema_of
from ckct_formats.testing._strategies import extras, integers, moments, texts

FEW = settings(max_examples=settings().max_examples // 3)  # a call has many fields
each_format = pytest.mark.parametrize("fmt", list(Format))

# The document's order, with its types: s text, i integer, d time, b boolean, others as they are.
DOCUMENTED = """
    page:i universalId:s serviceType:s clientNumber:s managerNumber:s callerIdToManager:s
    callerIdToClient:s statusFirst:i statusSecond:i status:s callTime:d localDate:d
    timezoneOffset:s duration:i tariffTime:i site:s recordUrl:s unique:b target:b uniqueTarget:b
    visitSite:s referrer:s utm_source:s utm_medium:s utm_campaign:s utm_content:s utm_term:s
    yaClid:s gaClid:s roistatClid:s calltouchClid:s comagicClid:s city:s region:s country:s
    ipAddress:s pagesCount:i entryPoint:s entryPointQuery:s callPage:s counts:i userAgent:s device:s
    cbWidgetHash:s cbToolId:i cbCallId:i cbUid:i cbToolName:s cbSmatrisSession:i cbOfficeNumber:s
    cbOfficeName:s cbOrderDate:d cbAttempt:i cbAttemptsQueue:ints cbConnectType:s
    cbSmartCallCount:i cbIvrCount:i cbEventSource:s ctCallId:i ctCampaignId:i ctCampaignName:s
    ctIsListened:s tags:texts hooks:hooks
""".split()
KINDS = {
    "s": ("str", ""),
    "i": ("int", 0),
    "b": ("bool", False),
    "d": ("datetime | None", None),
    "ints": ("tuple[int, ...]", ()),
    "texts": ("tuple[str, ...]", ()),
    "hooks": ("tuple[Hook, ...]", ()),
}
KEYS = frozenset(each.partition(":")[0] for each in DOCUMENTED) | {"siteVisit"}


def hooks(formats: frozenset[Format]) -> st.SearchStrategy[Hook]:
    keys = frozenset({"hookEventName", "hookAddress", "hookMethod", "hookResponseStatus"})
    text = texts(formats)
    return st.builds(Hook, text, text, text, integers(), extras(formats, keys))


def calls(formats: frozenset[Format] = frozenset(Format)) -> st.SearchStrategy[CallV3]:
    by_type: dict[str, st.SearchStrategy[Any]] = {
        "str": texts(formats),
        "int": integers(),
        "bool": st.booleans(),
        "datetime | None": st.none() | moments(),
        "tuple[int, ...]": st.lists(integers(), max_size=3).map(tuple),
        "tuple[str, ...]": st.lists(texts(formats), max_size=3).map(tuple),
        "tuple[Hook, ...]": st.lists(hooks(formats), max_size=2).map(tuple),
        "dict[str, str]": extras(formats, KEYS),
    }
    fields = CallV3.__annotations__
    return st.builds(CallV3, **{name: by_type[hint] for name, hint in fields.items()})


def test_the_fields_are_the_documented_ones_in_order() -> None:
    fields = {field.name: field for field in dataclasses.fields(CallV3)}
    order = schema_of(CallV3).wire_order
    assert [field.wire for field in order] == [each.partition(":")[0] for each in DOCUMENTED]
    for field, documented in zip(order, DOCUMENTED, strict=True):
        hint, default = KINDS[documented.partition(":")[2]]
        assert fields[field.name].type == hint, documented
        if field.name != "universal_id":
            assert fields[field.name].default == default, documented


@pytest.mark.slow
@each_format
@FEW
@given(data=st.data())
def test_calls_come_back(fmt: Format, data: st.DataObject) -> None:
    drawn = st.lists(calls(frozenset({fmt})), max_size=3)
    check_round_trip(Response(payload=data.draw(drawn)), fmt, CallV3)


@FEW
@given(payload=st.lists(calls(), max_size=2))
def test_calls_are_equal_across_formats(payload: list[CallV3]) -> None:
    for fmt in Format:
        check_round_trip(Response(payload=payload), fmt, CallV3)


@each_format
def test_nested_hooks_survive(fmt: Format) -> None:
    call = CallV3(
        "u-1",
        tags=("a", "b, c", ""),
        cb_attempts_queue=(1, 2),
        hooks=(
            Hook("AFTER_CALL_FINISH", "https://a.example/?x=1&y=[2]", "POST", 200),
            Hook("BEFORE_CALL_START", 'say "hi"', "GET", 0, {"note": "x\ny"}),
        ),
    )
    check_round_trip(Response(payload=[call, CallV3("u-2")]), fmt, CallV3)


def test_blanks_are_written_as_the_provider_states() -> None:
    (row,) = json.loads(serialize(Response(payload=[CallV3("u")]), "json"))
    assert {key: cell for key, cell in row.items() if cell not in ("", 0, [])} == {
        "universalId": "u"
    }
    assert row["callTime"] == ""
    assert row["unique"] is False


def of(fmt: Format, row: dict[str, Any]) -> CallV3:
    """The record that a row gives, through dicts of texts in the other formats."""
    texts = {key: str(cell) for key, cell in row.items()}
    body = json.dumps([row]) if fmt is Format.JSON else serialize(Response(payload=[texts]), fmt)
    (call,) = parse(body, fmt, record_type=CallV3).payload
    return call


@each_format
def test_the_two_names_of_the_site_of_the_visit(fmt: Format) -> None:
    assert of(fmt, {"universalId": "u", "siteVisit": "a.example"}).visit_site == "a.example"
    both = {"universalId": "u", "visitSite": "a.example", "siteVisit": "a.example"}
    assert of(fmt, both) == CallV3("u", visit_site="a.example")
    with pytest.raises(ParseError, match="visitSite and siteVisit") as caught:
        of(fmt, both | {"siteVisit": "b.example"})
    assert caught.value.path == ("payload", 0, "visitSite")
    written = serialize(Response(payload=[CallV3("u", visit_site="a.example")]), fmt)
    assert b"visitSite" in written
    assert b"siteVisit" not in written


def test_the_two_names_in_rows_that_differ() -> None:
    rows = [
        {"universalId": "1", "visitSite": "a"},
        {"universalId": "2", "siteVisit": "b"},
        {"universalId": "3"},
        {"universalId": "4", "visitSite": "a", "siteVisit": "b"},
    ]
    read = parse(json.dumps(rows), record_type=CallV3, on_error="collect")
    assert [call.visit_site for call in read.payload] == ["a", "b", ""]
    assert [error.path for error in read.errors] == [("payload", 3, "visitSite")]


def test_null_is_no_text_and_the_identifier_is_required() -> None:
    with pytest.raises(ParseError, match="null"):
        parse('[{"universalId": "u", "city": null}]', record_type=CallV3)
    with pytest.raises(ParseError, match="required") as caught:
        parse('[{"page": 1}]', record_type=CallV3)
    assert caught.value.path == ("payload", 0, "universalId")


def test_the_sample_with_a_trailing_comma_is_no_json() -> None:
    with pytest.raises(ParseError, match="not JSON"):
        parse('[{"universalId": "u",}]', record_type=CallV3)


@each_format
@pytest.mark.parametrize("on_error", ["raise", "collect"])
def test_the_wrong_type_asks_for_the_right_one(fmt: Format, on_error: Any) -> None:
    v1 = serialize(Response(payload=[Call(1, city="a"), Call(2)]), fmt)
    v3 = serialize(Response(payload=[CallV3("u", city="a"), CallV3("v")]), fmt)
    with pytest.raises(ParseError) as caught:
        parse(v3, fmt, on_error=on_error)
    assert caught.value.reason == "this looks like API v3: pass record_type=CallV3"
    with pytest.raises(ParseError) as caught:
        parse(v1, fmt, record_type=CallV3, on_error=on_error)
    assert caught.value.reason == "this looks like API v1: pass record_type=Call"
    assert caught.value.format is fmt
    assert caught.value.path == ("payload",)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "windows-1251"])
def test_the_wrong_type_in_other_encodings(encoding: str) -> None:
    body = '[{"universalId": "u", "city": "Казань"}]'.encode(encoding)
    with pytest.raises(ParseError, match="API v3"):
        parse(body, "json", encoding=encoding)


def test_both_identifiers_or_none_say_what_is_wrong() -> None:
    for body in ('[{"universalId": "u", "callId": "x"}]', '[{"city": "a"}]'):
        with pytest.raises(ParseError) as caught:
            parse(body)
        assert caught.value.path == ("payload", 0, "callId")


@pytest.mark.parametrize(
    ("time", "local", "offset", "expected"),
    [
        (datetime(2019, 7, 16, 15), datetime(2019, 7, 16, 15), "+0300", 3 * 60),
        (datetime(2019, 7, 16, 15), datetime(2019, 7, 16, 15), "-03:30", -(3 * 60 + 30)),
        (datetime(2019, 7, 16, 15), datetime(2019, 7, 16, 15), "+1400", 14 * 60),
        (datetime(2019, 7, 16, 15), datetime(2019, 7, 16, 15), "+0020", None),
        (datetime(2019, 7, 16, 15), datetime(2019, 7, 16, 15), "+1500", None),
        (datetime(2019, 7, 16, 15), datetime(2019, 7, 16, 15), "+0275", None),
        (datetime(2019, 7, 16, 15), datetime(2019, 7, 16, 15), "Moscow", None),
        (datetime(2019, 7, 16, 15), datetime(2019, 7, 16, 17), "+0300", None),
        (datetime(2019, 7, 16, 15), None, "+0300", None),
        (None, None, "+0300", None),
    ],
)
def test_the_zone_of_a_call_is_given_where_it_is_certain(
    time: datetime | None, local: datetime | None, offset: str, expected: int | None
) -> None:
    zoned = CallV3("u", call_time=time, local_date=local, timezone_offset=offset).call_time_zoned
    if expected is None:
        assert zoned is None
    else:
        assert time is not None
        assert zoned == time.replace(tzinfo=timezone(timedelta(minutes=expected)))


def test_a_time_with_a_zone_of_its_own_is_certain() -> None:
    aware = datetime(2019, 7, 16, tzinfo=UTC)
    assert CallV3("u", call_time=aware).call_time_zoned is aware
    assert replace(CallV3("u"), call_time=aware).call_time_zoned == aware
