"""What a check or a comparison once got wrong, each as short as it can be."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ckct_formats import (
    Call,
    CallV3,
    Format,
    Inbound,
    ParseError,
    Response,
    UnknownFormatError,
    parse,
    serialize,
)
from ckct_formats.cli._program import program
from ckct_formats.conformance import Code, check, compare


@dataclass
class Inner:
    a: int = 0


@dataclass
class Own:
    id: int
    state: int | None = None
    time_start: int | None = None
    office_phone: float | None = None


@dataclass
class NestedIdentifier:
    call_id: Inner
    extra: dict[str, str] = field(default_factory=dict)


@dataclass
class Picky:
    id: int

    def __post_init__(self) -> None:
        if self.id < 5:
            raise ValueError("too small")


def codes(body: str, **options: Any) -> list[Code]:
    return [each.code for each in check(body, **options).findings]


def test_rules_of_calls_are_not_for_other_types() -> None:
    params = {"startDate": 1, "endDate": 2}
    row = {"id": 1, "state": 2, "timeStart": 7, "officePhone": 1.5}
    body = json.dumps({"inbound": {"requestedParams": params}, "payload": [row, row]})
    found = codes(body, record_type=Own)
    assert Code.DUPLICATE_CALL in found
    assert not {Code.BAD_STATE, Code.BAD_PHONE, Code.OUTSIDE_PERIOD} & set(found)
    codes('[{"callId": {"a": 1}}, {"callId": {"a": 1}}]', record_type=NestedIdentifier)


def test_what_parse_refuses_has_an_error() -> None:
    for body, record_type in (
        ('[{"id": 1}]', Picky),
        ('[{"universalId": "u", "visitSite": "a", "siteVisit": "b"}]', CallV3),
        ('[{"callId": 1, "x": 123456789012345678901234567890}]', Call),
        ('{"inbound": {"x": 123456789012345678901234567890}, "payload": []}', Call),
    ):
        with pytest.raises(ParseError):
            parse(body, record_type=record_type)
        assert any(
            each.severity == "error" for each in check(body, record_type=record_type).findings
        )


def test_a_page_of_v3_is_what_the_document_shows() -> None:
    body = serialize(Response(payload=[CallV3("u"), CallV3("v")]), "json").decode()
    assert check(body, record_type=CallV3).findings == ()
    assert check("[]", record_type=CallV3).ok
    twice = body.replace('"v"', '"u"')
    assert codes(twice, record_type=CallV3) == [Code.DUPLICATE_CALL]


def test_advice_is_by_keys_alone() -> None:
    with pytest.raises(ParseError, match="an HTML page"):
        parse("<html><body>universalId</body></html>")
    body = '{"payload": [{"city": "universalId"}, {"city": "b"}]}'
    assert len(parse(body, on_error="collect").errors) == 2
    failed = '{"inbound": {"error": "callId is wrong"}, "payload": [{}]}'
    with pytest.raises(ParseError) as caught:
        parse(failed, record_type=CallV3)
    assert caught.value.path == ("payload", 0, "universalId")


@pytest.mark.parametrize("key", ["requestedType", "pageLength", "totalLength", "contentLength"])
def test_no_phone_in_a_sentence(key: str) -> None:
    for value in ("+79991234567", 79991234567, -79991234567):
        body = json.dumps({"inbound": {key: value, "ofPages": 1}, "payload": []})
        shown = "".join(map(str, check(body).findings)).replace(",", "")
        assert "9991234567" not in shown


def test_an_empty_array_stands_for_an_empty_object() -> None:
    for body in (
        '{"inbound": {"error": "x"}, "info": [], "payload": []}',
        '{"inbound": {"error": "x"}}',
    ):
        assert codes(body) == [Code.REQUEST_FAILED]
    assert Code.UNREADABLE_VALUE not in codes('{"inbound": [], "payload": []}')


def test_a_length_may_have_been_measured_before_the_body_was_written_anew() -> None:
    rows = [{"callId": 1, "city": "Казань/x"}]
    escaped = json.dumps(rows, separators=(",", ":")).replace("/", "\\/")
    for length in (len(escaped), len(json.dumps(rows, ensure_ascii=False, separators=(",", ":")))):
        body = json.dumps({"inbound": {"contentLength": length}, "payload": rows}, indent=2)
        assert Code.WRONG_CONTENT_LENGTH not in codes(body.encode().decode("unicode_escape"))
        assert Code.WRONG_CONTENT_LENGTH in codes(body.replace(str(length), str(length + 500)))
    assert Code.WRONG_CONTENT_LENGTH not in codes('{"inbound":{"contentLength":0},"payload":[]}')


def test_a_period_without_an_end() -> None:
    params = {"startDate": 1563000000, "endDate": 0}
    rows = [{"callId": 1, "timeStart": "2019-07-16 15:12:44"}]
    body = json.dumps({"inbound": {"requestedParams": params}, "payload": rows})
    assert Code.OUTSIDE_PERIOD not in codes(body)


def test_a_blank_name_of_the_site_yields() -> None:
    body = '[{"universalId": "u", "visitSite": "", "siteVisit": "a"}]'
    assert parse(body, record_type=CallV3).payload == [CallV3("u", visit_site="a")]


UNEQUAL: list[dict[str, Any]] = [
    {"a": '[{"callId":1,"city":"true"}]', "b": "callId,city\n1,1\n"},
    {"a": '[{"callId":1,"utmTerm":"5.00"}]', "b": "callId,utmTerm\n1,5\n"},
    {
        "a": '[{"callId":1,"new":"true"}]',
        "b": '[{"callId":1,"new":"1"}]',
        "c": "callId,new\n1,1\n",
    },
    {
        "a": '{"inbound":{"contentLength":5},"payload":[]}',
        "b": '{"inbound":{"contentLength":6},"payload":[]}',
        "c": "# inbound.contentLength: 5\n# payload: []\n",
    },
    {"a": '[{"callId":1,"new":"x"}]', "b": "callId,new\n1,y\n", "c": "callId,new\n1,x\n"},
]


@pytest.mark.parametrize("bodies", UNEQUAL)
def test_what_counts_is_not_harmless(bodies: dict[str, Any]) -> None:
    comparison = compare(bodies)
    assert not comparison.errors
    assert not comparison.equal


def test_responses_say_their_record_type() -> None:
    a, b = Response(payload=[CallV3("u", city="a")]), Response(payload=[CallV3("u", city="b")])
    (difference,) = compare({"a": a, "b": b}).differences
    assert difference.path == ("payload", 0, "city")
    with pytest.raises(TypeError, match="different record types: Call, CallV3"):
        compare({"a": a, "b": Response(payload=[Call(1)])})
    with pytest.raises(TypeError, match="different record types"):
        compare({"a": a, "b": "[]"})
    nested: Response[Any] = Response(payload=[NestedIdentifier(Inner(1))])
    other: Response[Any] = Response(payload=[NestedIdentifier(Inner(2))])
    assert [each.path for each in compare({"a": nested, "b": other}).differences] == [
        ("payload", 0, "callId", "a")
    ]


def test_the_page_for_the_browser_is_none_of_the_files(tmp_path: Path) -> None:
    dump = tmp_path / "a.json"
    dump.write_text("[]")
    for command in (["check", str(dump)], ["diff", str(dump), "-"]):
        options = ["--html", str(dump), "--force"]
        result = CliRunner().invoke(program, [*command, *options], input="[]")
        assert result.exit_code == 2
        assert dump.read_text() == "[]"


def test_a_page_of_bad_rows_is_not_the_last() -> None:
    from datetime import date  # noqa: PLC0415

    from ckct_formats import CallsRequest  # noqa: PLC0415

    request = CallsRequest(api_key="0123456789abcdef", start=date(2019, 7, 1))
    page = parse('[{"callId": "x"}]', on_error="collect")
    following = request.next_page(page)
    assert following is not None
    assert following.page == 1
    with pytest.raises(UnknownFormatError):
        check(b"[]", "yaml")
    assert Inbound() == page.inbound
    assert page.source is not None
    assert page.source.format is Format.JSON
