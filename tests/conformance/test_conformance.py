"""What `check` finds in pages with known defects, and what it does not find in clean ones."""

from __future__ import annotations

import io
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from defects import DEFECTS, clean_page, defective, write
from hypothesis import given, settings
from hypothesis import strategies as st

from ckct_formats import (
    CallV3,
    Format,
    ParseError,
    Response,
    UnknownFormatError,
    parse,
    serialize,
)
from ckct_formats.conformance import Code, Finding, Severity, check
from ckct_formats.conformance._findings import SEVERITIES, TITLES

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
OF_FORMAT = {Code.DIALECT, Code.CANNOT_CARRY}
CASES = [(name, fmt) for name, defect in DEFECTS.items() for fmt in defect.formats]


def found(findings: tuple[Finding, ...]) -> list[tuple[Code, tuple[Any, ...]]]:
    return [(each.code, each.path) for each in findings]


@pytest.mark.parametrize("fmt", Format)
@given(random=st.randoms(use_true_random=False))
def test_a_clean_page_has_no_finding_above_a_note(fmt: Format, random: Random) -> None:
    report = check(write(clean_page(random, fmt), fmt), fmt)
    assert report.ok
    assert {each.code for each in report.findings} <= OF_FORMAT


@pytest.mark.slow
@pytest.mark.parametrize(("name", "fmt"), CASES)
@settings(max_examples=settings().max_examples // 4)  # there are many cases
@given(random=st.randoms(use_true_random=False))
def test_a_defect_is_found_at_its_path(name: str, fmt: Format, random: Random) -> None:
    body, path = defective(random, name, fmt)
    report = check(body, fmt)
    if DEFECTS[name].code in (Code.UNREADABLE_BODY, Code.UNSAFE_INPUT) and not path:
        assert [each.code for each in report.findings] == [DEFECTS[name].code]
    else:
        assert (DEFECTS[name].code, path) in found(report.findings)


def test_there_are_many_defects_and_every_code_has_one() -> None:
    assert len(DEFECTS) >= 30
    assert {defect.code for defect in DEFECTS.values()} | OF_FORMAT == set(Code)


# What must come with a defect: the rest of the page contradicts it as well.
COMPANIONS = {
    "a total that is too large": {Code.WRONG_ROW_COUNT},
    "a page behind the last": {Code.WRONG_ROW_COUNT},
    "a row that is a text": {Code.REQUIRED_MISSING},
    "no envelope": set[Code](),
}


@pytest.mark.parametrize(("name", "fmt"), CASES)
def test_a_defect_is_found_alone(name: str, fmt: Format) -> None:
    settle = DEFECTS[name].code is not Code.WRONG_CONTENT_LENGTH
    body, _ = defective(Random(1), name, fmt, settle=settle)
    codes = {each.code for each in check(body, fmt).findings} - OF_FORMAT
    assert codes - COMPANIONS.get(name, set()) == {DEFECTS[name].code}


def test_the_findings_of_the_provider_s_sample() -> None:
    """One row of a page of 1,000, and the content length of another page."""
    report = check((FIXTURES / "sample.json").read_bytes())
    assert found(report.findings) == [
        (Code.WRONG_ROW_COUNT, ("payload",)),
        (Code.WRONG_CONTENT_LENGTH, ("inbound", "contentLength")),
    ]
    assert [each.severity for each in report.findings] == [Severity.ERROR, Severity.WARNING]
    assert not report.ok
    assert report.rows == 1


def test_two_defects_are_two_findings() -> None:
    page = clean_page(Random(2), Format.JSON)
    page["payload"][0] |= {"duration": "x", "clientPhone": "y", "timeStart": "z"}
    page["payload"][1] |= {"duration": "x"}
    paths = {each.path for each in check(write(page, Format.JSON)).findings if each.path[1:]}
    assert {
        ("payload", 0, "duration"),
        ("payload", 0, "clientPhone"),
        ("payload", 0, "timeStart"),
        ("payload", 1, "duration"),
    } <= paths


def test_spellings_that_rows_share_are_one_finding() -> None:
    rows = [{"callId": str(at)} for at in range(5)]
    findings = check(json.dumps(rows)).findings
    (each,) = [each for each in findings if each.code is Code.NUMBER_AS_TEXT]
    assert (each.path, each.count, each.line, each.column) == (("payload", 0, "callId"), 5, 1, 13)
    assert str(each) == (
        "warning: number-as-text: payload[0].callId: a number written as text (5 times) "
        "(line 1, column 13)"
    )


def test_rows_under_keys_are_named_by_them() -> None:
    findings = check('{"a": {"callId": "x"}, "b": {"callId": "y"}}').findings
    paths = [each.path for each in findings if each.code is Code.UNREADABLE_VALUE]
    assert paths == [("payload", "a", "callId"), ("payload", "b", "callId")]


def test_long_keys_of_rows_have_places_though_they_are_masked() -> None:
    body = '{"1337486":{"callId":"x"},\n"1337487":{"callId":"y"},\n"1337488":{"callId":1}}'
    findings = check(body, "json").findings
    unreadable = [each for each in findings if each.code is Code.UNREADABLE_VALUE]
    assert [(each.line, each.column) for each in unreadable] == [(1, 22), (2, 21)]
    assert {each.path for each in unreadable} == {("payload", "*******", "callId")}


def test_too_many_bad_rows_are_one_finding() -> None:
    rows = ",".join(['"a0":{"callId":1}', *(f'"b{row}":{{"callId":"x"}}' for row in range(20_001))])
    (finding,) = check(f"{{{rows}}}", "json").findings
    assert (finding.code, finding.path) == (Code.UNREADABLE_BODY, ("payload", "b0", "callId"))
    assert (finding.line, finding.column) == (1, 35)


def test_a_wall_clock_time_is_outside_only_under_every_offset() -> None:
    params = {"requirePage": 0, "startDate": 1563235200, "endDate": 1563321600}  # 16 July, UTC
    for time, outside in {
        "2019-07-15 12:00:00": False,  # 16 July in UTC-12
        "2019-07-15 11:59:59": True,
        "2019-07-17 14:00:00": False,  # 17 July, 00:00 UTC, in UTC+14
        "2019-07-17 14:00:01": True,
        "2019-07-16T00:00:00+03:00": True,
        "1563235200": False,
        "1563235199": True,
    }.items():
        rows = [{"callId": 1, "timeStart": time}]
        body = json.dumps({"inbound": {"requestedParams": params}, "payload": rows})
        codes = [each.code for each in check(body).findings]
        assert (Code.OUTSIDE_PERIOD in codes) is outside, time


def test_findings_are_masked() -> None:
    body = '[{"callId": "79991234567x", "79991234567": "a"}]'
    shown = repr(check(body).findings)
    assert "79991234567" not in shown
    assert "***********" in shown


def test_the_contract_of_another_dataclass_is_its_fields() -> None:
    from dataclasses import dataclass  # noqa: PLC0415

    @dataclass
    class Tag:
        id: int
        name: str | None = None

    findings = check('[{"id": 1, "nam": "a"}]', record_type=Tag).findings
    assert found(findings) == [
        (Code.ENVELOPE_MISSING, ()),
        (Code.MISSING_KEY, ("payload", 0, "name")),
        (Code.UNKNOWN_KEY, ("payload", 0, "nam")),
    ]


@pytest.mark.parametrize("fmt", Format)
def test_a_page_of_another_version_is_one_finding(fmt: Format) -> None:
    body = serialize(Response(payload=[CallV3("u"), CallV3("v")]), fmt)
    (each,) = check(body, fmt).findings
    assert each.code is Code.UNREADABLE_BODY
    assert each.message == "this looks like API v3: pass record_type=CallV3"
    findings = check(body, fmt, record_type=CallV3).findings
    assert {each.code for each in findings} <= OF_FORMAT | {Code.ENVELOPE_MISSING}


@given(st.binary() | st.text())
def test_any_body_has_a_report(body: bytes | str) -> None:
    for fmt in (None, *Format):
        try:
            parse(body, fmt)
        except ParseError as error:
            report = check(body, fmt)
            assert not report.ok
            assert any(each.severity is Severity.ERROR for each in report.findings), error
        else:
            assert isinstance(check(body, fmt).ok, bool)


def test_arguments_of_the_wrong_type() -> None:
    with pytest.raises(UnknownFormatError):
        check(b"[]", "yaml")
    with pytest.raises(TypeError, match="opened in binary mode"):
        check(io.BytesIO())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be a dataclass"):
        check(b"[]", record_type=int)


def test_every_code_has_a_severity_and_a_title() -> None:
    assert set(SEVERITIES) == set(TITLES) == set(Code)
    assert Severity.ERROR.reaches(Severity.NOTE)
    assert not Severity.NOTE.reaches(Severity.WARNING)
