"""The same page in several bodies: what differs, and what differs only by the format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from defects import clean_page, write
from hypothesis import given
from hypothesis import strategies as st

from ckct_formats import Call, Format, Response, parse, serialize
from ckct_formats.conformance import compare
from ckct_formats.testing import responses

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
SUFFIXES = {Format.JSON: "json", Format.XML: "xml", Format.CSV: "csv", Format.PLAIN: "txt"}
CASES = ["sample", "three_calls", "page_1000", "bare_payload", "failed_request", "no_calls"]


def of_case(case: str) -> dict[str, bytes]:
    return {fmt: (FIXTURES / f"{case}.{suffix}").read_bytes() for fmt, suffix in SUFFIXES.items()}


def differences(bodies: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    found = compare(bodies, **options).differences
    return [(each.path, each.values) for each in found]


@pytest.mark.parametrize("case", CASES)
def test_the_four_files_of_a_fixture_are_equal(case: str) -> None:
    comparison = compare(of_case(case), formats={fmt: fmt for fmt in Format})
    assert comparison.equal
    assert comparison.differences == ()
    assert {name: source.format for name, source in comparison.sources.items() if source} == {
        fmt: fmt for fmt in Format
    }


@given(responses())
def test_what_is_written_in_four_formats_is_equal(response: Response[Call]) -> None:
    bodies = {str(fmt): serialize(response, fmt) for fmt in Format}
    assert compare(bodies, formats={fmt: fmt for fmt in Format}).equal


@pytest.mark.slow
@pytest.mark.parametrize("fmt", Format)
@given(random=st.randoms(use_true_random=False))
def test_one_changed_cell_is_one_difference_at_its_path(fmt: Format, random: Random) -> None:
    page = clean_page(random, Format.JSON)
    bodies = {str(each): write(page, each) for each in Format}
    row = random.randrange(len(page["payload"]))
    key = random.choice([key for key in page["payload"][0] if key not in ("callId", "timeStart")])
    changed = {"tagsId": [99], "duration": 999, "campaignId": 999}.get(key, "changed")
    old = page["payload"][row][key]
    page["payload"][row][key] = changed
    comparison = compare(bodies | {fmt: write(page, fmt)}, formats={each: each for each in Format})
    (difference,) = comparison.differences
    assert difference.path == ("payload", row, key)
    assert difference.reason is None
    assert not comparison.equal
    others = [value for name, value in difference.values.items() if name != fmt]
    assert others == [others[0]] * 3
    assert difference.values[fmt] == (tuple(changed) if isinstance(changed, list) else changed)
    assert others[0] != difference.values[fmt], old


def test_a_missing_call_is_one_difference() -> None:
    response = Response(payload=[Call(at, city=f"c{at}") for at in range(100)])
    shorter = Response(payload=response.payload[:40] + response.payload[41:])
    found = compare({"a": serialize(response, "json"), "b": serialize(shorter, "csv")})
    (difference,) = found.differences
    assert difference.path == ("payload", 40)
    assert difference.values == {"a": response.payload[40], "b": None}


def test_calls_in_another_order_are_one_difference() -> None:
    calls = [Call(1), Call(2), Call(3)]
    found = differences({"a": Response(payload=calls), "b": Response(payload=calls[::-1])})
    assert found == [(("payload",), {"a": (1, 2, 3), "b": (3, 2, 1)})]


def test_calls_with_one_identifier_are_aligned_in_turn() -> None:
    a = Response(payload=[Call(1, city="a"), Call(1, city="b")])
    b = Response(payload=[Call(1, city="a"), Call(1, city="c")])
    assert differences({"a": a, "b": b}) == [(("payload", 1, "city"), {"a": "b", "b": "c"})]


def test_the_envelope_is_compared_by_its_keys() -> None:
    page = clean_page(Random(1), Format.JSON)
    before = write(page, Format.JSON)
    page["inbound"]["requestedParams"]["requirePage"] += 1
    page["inbound"]["server"] = "s"
    page["info"]["entities"]["tag"] = []
    page["info"]["versions"] = ["v1", "v3"]
    found = differences({"a": before, "b": write(page, Format.JSON)})
    assert [path for path, _ in found] == [
        ("inbound", "requestedParams", "requirePage"),
        ("inbound", "server"),
        ("info", "entities", "tag"),
        ("info", "versions"),
    ]
    assert found[1][1] == {"a": None, "b": "s"}


def test_what_differs_by_the_format_counts_for_nothing() -> None:
    page = clean_page(Random(3), Format.JSON)
    bodies: dict[str, bytes] = {}
    for fmt in Format:
        page["inbound"]["requestedType"] = str(fmt)
        page["inbound"]["contentLength"] += 1
        bodies[fmt] = write(page, fmt)
    comparison = compare(bodies, formats={fmt: fmt for fmt in Format})
    assert comparison.equal
    assert {each.path: each.reason for each in comparison.differences} == {
        ("inbound", "requestedType"): "each names its own format",
        ("inbound", "contentLength"): "the length depends on the format",
    }


def test_what_a_format_cannot_carry_counts_for_nothing() -> None:
    json = b'[{"callId": 1, "flag": true, "off": false, "rate": 2.0, "note": "true"}]'
    csv = b"callId,flag,off,rate,note\n1,1,,2,true\n"
    comparison = compare({"json": json, "csv": csv})
    assert comparison.equal
    assert [(each.path[2], each.values) for each in comparison.differences] == [
        ("flag", {"json": "true", "csv": "1"}),
        ("off", {"json": "false", "csv": None}),
        ("rate", {"json": "2.0", "csv": "2"}),
    ]
    assert all(each.reason for each in comparison.differences)
    assert not compare({"json": json, "csv": csv.replace(b"1,1,,", b"1,2,,")}).equal
    assert not compare({"a": json, "b": json.replace(b"true,", b"1,")}).equal


def test_line_breaks_that_records_lose() -> None:
    json = b'[{"callId": 1, "city": "a\\n"}]'
    assert compare({"json": json, "plain": b"callId: 1\ncity: a\n"}).equal
    assert not compare({"json": json, "csv": b"callId,city\n1,a\n"}).equal


def test_what_cannot_be_read_is_told() -> None:
    good = b'[{"callId": 1}, {"callId": 2}]'
    comparison = compare({"a": good, "b": b'[{"callId": 1}, {"callId": "x"}]', "c": b"<a"})
    assert not comparison.equal
    assert [error.path for error in comparison.errors["b"]] == [("payload", 1, "callId")]
    assert [error.format for error in comparison.errors["c"]] == [Format.XML]
    assert comparison.sources["c"] is None
    assert [each.path for each in comparison.differences] == [("payload", 1)]


def test_rows_without_an_identifier_are_aligned_by_their_index() -> None:
    @dataclass
    class Tag:
        name: str | None = None

    a, b = b'[{"name": "a"}, {"name": "b"}]', b"name\na\nc\n"
    (difference,) = compare({"a": a, "b": b}, record_type=Tag).differences
    assert str(difference) == "payload[1].name: a 'b', b 'c'"


def test_a_comparison_takes_two() -> None:
    with pytest.raises(ValueError, match="two bodies or more"):
        compare({"a": b"[]"})


def test_responses_will_do() -> None:
    response = parse((FIXTURES / "sample.json").read_bytes())
    assert compare({"a": response, "b": (FIXTURES / "sample.xml").read_bytes()}).equal
