"""`on_error="collect"` leaves out the rows that cannot be read, says why, and is lenient about
nothing else."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest
from bodies import body
from hypothesis import given
from hypothesis import strategies as st

from ckct_formats import Call, Format, Inbound, ParseError, Response, parse, serialize
from ckct_formats._formats.faults import MAX_BAD_ROWS

each_format = pytest.mark.parametrize("fmt", list(Format))
with_and_without_envelope = pytest.mark.parametrize("inbound", [None, {"error": "x"}])


def collect(text: str | bytes, fmt: Format | str, **options: Any) -> Response[Call]:
    return parse(text, fmt, on_error="collect", **options)


def check_is_the_one_raised(text: str, fmt: Format | str, response: Response[Call]) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text, fmt)
    assert caught.value == response.errors[0]


@each_format
@with_and_without_envelope
def test_bad_rows_are_left_out_and_reported(inbound: dict[str, str] | None, fmt: Format) -> None:
    rows: list[dict[str, Any]] = [
        {"callId": "1", "city": "a", "timeStart": "", "tagsId": ["5"]},
        {"callId": "x", "city": "b", "timeStart": "", "tagsId": ["5"]},
        {"callId": "3", "city": "c", "timeStart": "", "tagsId": ["5"]},
        {"callId": "4", "city": "d", "timeStart": "now", "tagsId": ["5"]},
        {"callId": "5", "city": "e", "timeStart": "", "tagsId": ["5", "y"]},
        {"callId": "", "city": "f", "timeStart": "", "tagsId": ["5"]},
        {"callId": "7", "city": "g", "timeStart": "", "tagsId": ["5"]},
    ]
    text = body(fmt, rows, inbound)
    response = collect(text, fmt)
    assert response.payload == [
        Call(1, city="a", tags_id=(5,)),
        Call(3, city="c", tags_id=(5,)),
        Call(7, city="g", tags_id=(5,)),
    ]
    assert [error.path for error in response.errors] == [
        ("payload", 1, "callId"),
        ("payload", 3, "timeStart"),
        ("payload", 4, "tagsId", 1),
        ("payload", 5, "callId"),
    ]
    assert {error.format for error in response.errors} == {fmt}
    lines = [error.line for error in response.errors if error.line is not None]
    assert len(lines) == 4
    assert lines == sorted(lines)
    assert response.inbound == Inbound(error="x" if inbound else None)
    check_is_the_one_raised(text, fmt, response)


@each_format
def test_each_error_has_the_place_that_it_has_alone(fmt: Format) -> None:
    rows = [{"callId": str(at), "city": "Орёл"} for at in range(6)]
    rows[1]["callId"] = rows[4]["callId"] = "12a"
    text = body(fmt, rows)
    mark = '"12a"' if fmt is Format.JSON else "12a"
    starts = [text.index(mark), text.rindex(mark)]
    errors = collect(text.encode(), fmt).errors
    assert [error.offset for error in errors] == [len(text[:at].encode()) for at in starts]
    assert [error.column for error in errors] == [at - text.rfind("\n", 0, at) for at in starts]


@each_format
def test_the_first_bad_cell_of_a_row_stands_for_it(fmt: Format) -> None:
    rows = [{"callId": "x", "duration": "y", "campaignId": "z"}, {"callId": "2"}]
    response = collect(body(fmt, rows), fmt)
    assert [call.call_id for call in response.payload] == [2]
    (error,) = response.errors
    assert error.path[:2] == ("payload", 0)


@each_format
def test_all_rows_may_be_bad(fmt: Format) -> None:
    response = collect(body(fmt, [{"callId": "x"}, {"callId": "y"}], {"error": "e"}), fmt)
    assert response.payload == []
    assert [error.path for error in response.errors] == [
        ("payload", 0, "callId"),
        ("payload", 1, "callId"),
    ]
    assert response.inbound.error == "e"


@each_format
def test_no_row_may_be_bad(fmt: Format) -> None:
    text = body(fmt, [{"callId": "1"}, {"callId": "2"}])
    assert collect(text, fmt) == parse(text, fmt)
    assert collect(text, fmt).errors == ()
    assert parse(text, fmt).errors == ()


@each_format
@given(bad=st.lists(st.sampled_from(["", "x", "1.5", "+1", "9" * 19, "-", None]), max_size=12))
def test_what_is_left_is_what_would_be_without_the_bad_rows(
    bad: list[str | None], fmt: Format
) -> None:
    """A None stands for a good row. The first row keeps the columns of a table the same."""
    rows = [{"callId": "0", "city": "a", "new": "b"}]
    for at, cell in enumerate(bad, start=1):
        rows.append({"callId": str(at) if cell is None else cell, "city": f"c{at}", "new": "b"})
    good = [rows[0]] + [row for row, cell in zip(rows[1:], bad, strict=True) if cell is None]
    response = collect(body(fmt, rows), fmt)
    assert response.payload == parse(body(fmt, good), fmt).payload
    failed = [at for at, cell in enumerate(bad, start=1) if cell is not None]
    assert [error.path for error in response.errors] == [("payload", at, "callId") for at in failed]


@pytest.mark.parametrize("fmt", [Format.JSON, Format.PLAIN])
def test_rows_of_a_keyed_payload(fmt: Format) -> None:
    rows = {"a": {"callId": "x"}, "b": {"callId": "2"}, "c": {"city": "d"}}
    response = collect(body(fmt, rows, {"error": "e"}), fmt)
    assert response.payload == [Call(2)]
    paths = [error.path for error in response.errors]
    assert paths == [("payload", "a", "callId"), ("payload", "c", "callId")]


@pytest.mark.parametrize("fmt", [Format.JSON, Format.XML])
def test_rows_that_lack_the_required_key(fmt: Format) -> None:
    response = collect(body(fmt, [{"city": "a"}, {"callId": "2"}, {"new": "b"}]), fmt)
    assert response.payload == [Call(2)]
    paths = [error.path for error in response.errors]
    assert paths == [("payload", 0, "callId"), ("payload", 2, "callId")]


@pytest.mark.parametrize("fmt", [Format.JSON, Format.XML, Format.PLAIN])
def test_a_last_row_that_lacks_the_required_key(fmt: Format) -> None:
    response = collect(body(fmt, [{"callId": "2"}, {"callId": "3"}, {"city": "a"}]), fmt)
    assert response.payload == [Call(2), Call(3)]
    assert [error.path for error in response.errors] == [("payload", 2, "callId")]


# What is wrong with the row in the middle, and where.
BAD_ROWS: list[tuple[str, str, tuple[str | int, ...]]] = [
    ("json", '[{"callId":1},{"callId":2,"callId":2},{"callId":3}]', ("payload", 1, "callId")),
    (
        "json",
        '[{"callId":1},{"callId":2,"a":{"b":1,"b":1}},{"callId":3}]',
        ("payload", 1, "a", "b"),
    ),
    ("json", '[{"callId":1},5,{"callId":3}]', ("payload", 1)),
    ("json", '[{"callId":1},"x",{"callId":3}]', ("payload", 1)),
    ("json", '[{"callId":1},null,{"callId":3}]', ("payload", 1)),
    ("json", '[{"callId":1},true,{"callId":3}]', ("payload", 1)),
    ("json", '[{"callId":1},[5],{"callId":3}]', ("payload", 1)),
    ("json", '[{"callId":1},NaN,{"callId":3}]', ("payload", 1)),
    ("json", '[{"callId":1},"\\ud800",{"callId":3}]', ("payload", 1)),
    ("json", '[{"callId":1},{"callId":2,"a":NaN},{"callId":3}]', ("payload", 1, "a")),
    ("json", '[{"callId":1},{"callId":2,"a":[1e999]},{"callId":3}]', ("payload", 1, "a", 0)),
    ("json", '[{"callId":1},{"callId":2,"city":"\\u0000"},{"callId":3}]', ("payload", 1, "city")),
    ("json", '[{"callId":1},{"callId":2,"city":"\\udc00"},{"callId":3}]', ("payload", 1, "city")),
    ("json", '[{"callId":1},{"callId":2,"\\u0000":5},{"callId":3}]', ("payload", 1)),
    ("json", '[{"callId":1},{"callId":2,"\\ud800":5},{"callId":3}]', ("payload", 1)),
    (
        "json",
        f'[{{"callId":1}},{{"callId":{"9" * 5000}}},{{"callId":3}}]',
        ("payload", 1, "callId"),
    ),
    (
        "xml",
        "<r><item><callId>1</callId></item><item><callId>2</callId><callId>2</callId></item>"
        "<item><callId>3</callId></item></r>",
        ("payload", 1, "callId"),
    ),
    (
        "xml",
        "<r><item><callId>1</callId></item><item>x</item><item><callId>3</callId></item></r>",
        ("payload", 1),
    ),
    ("csv", "callId,city\r\n1,\r\n2\r\n3,\r\n", ("payload", 1)),
    ("csv", "callId,city\r\n1,\r\n2,a,b\r\n3,\r\n", ("payload", 1)),
    ("csv", "callId,city\r\n1,\r\n\r\n3,\r\n", ("payload", 1)),
    ("csv", "callId,city\r\n1,\r\n2,a\0b\r\n3,\r\n", ("payload", 1, "city")),
    (
        "plain",
        "Array\n(\n    [0] => Array\n        (\n            [callId] => 1\n        )\n\n"
        "    [1] => x\n"
        "    [2] => Array\n        (\n            [callId] => 3\n        )\n\n)\n",
        ("payload", 1),
    ),
    (
        "plain",
        "Array\n(\n    [0] => Array\n        (\n            [callId] => 1\n        )\n\n"
        "    [1] => Array\n        (\n            [callId] => 2\n            [callId] => 2\n"
        "        )\n\n"
        "    [2] => Array\n        (\n            [callId] => 3\n        )\n\n)\n",
        ("payload", 1, "callId"),
    ),
    (
        "plain",
        "Array\n(\n    [0] => Array\n        (\n            [callId] => 1\n        )\n\n"
        "    [1] => Array\n        (\n            [callId] => 2\n            [city] => \0\n"
        "        )\n\n"
        "    [2] => Array\n        (\n            [callId] => 3\n        )\n\n)\n",
        ("payload", 1, "city"),
    ),
]


@pytest.mark.parametrize(("fmt", "text", "path"), BAD_ROWS)
def test_whatever_is_wrong_with_a_row_is_collected(
    fmt: str, text: str, path: tuple[str | int, ...]
) -> None:
    response = collect(text, fmt)
    assert [call.call_id for call in response.payload] == [1, 3]
    (error,) = response.errors
    assert error.path[: len(path)] == path
    assert error.line is not None
    check_is_the_one_raised(text, fmt, response)


# What is wrong with more than a row.
BAD_BODIES: list[tuple[str, str | bytes]] = [
    ("json", '[{"callId":1},{"callId":2]'),
    ("json", '[{"callId":1},{"callId":}]'),
    ("json", '[{"callId":1}] x'),
    ("json", '[{"callId":1},{"city":"a\nb"}]'),
    ("json", '{"payload":[{"callId":1}],"payload":[]}'),
    ("json", '{"inbound":{"error":"a","error":"a"},"payload":[{"callId":1}]}'),
    ("json", '{"inbound":{"pageLength":"x"},"payload":[{"callId":1}]}'),
    ("json", '{"inbound":{"new":NaN},"payload":[{"callId":1}]}'),
    ("json", '{"info":{"types":[null]},"payload":[{"callId":1}]}'),
    ("json", '{"inbound":5,"payload":[{"callId":1}]}'),
    ("json", '{"payload":{"a":{"callId":1},"a":{"callId":2}}}'),
    ("json", '{"payload":5}'),
    ("json", '{"message":"x"}'),
    ("json", "null"),
    ("json", b'[{"callId":1,"city":"\xff"}]'),
    ("json", '[{"callId":1,"a":' + "[" * 100 + "]" * 100 + "}]"),
    ("json", "<html>"),
    ("json", ""),
    ("xml", "<r><item><callId>1</callId></item><item></r>"),
    ("xml", "<r><inbound>x</inbound><payload><item><callId>1</callId></item></payload></r>"),
    ("xml", "<r><item><callId>1</callId></item>text</r>"),
    ("xml", "<!DOCTYPE r><r><item><callId>1</callId></item></r>"),
    ("xml", "<error>Not found</error>"),
    ("csv", 'callId,city\r\n1,"a\r\n'),
    ("csv", 'callId,city\r\n1,"a"b\r\n'),
    ("csv", "callId,callId\r\n1,2\r\n"),
    ("csv", "# inbound.pageLength: x\r\ncallId\r\n1\r\n"),
    ("csv", "# inbound.error: x\r\n# inbound.error: x\r\ncallId\r\n1\r\n"),
    ("csv", "# nonsense\r\ncallId\r\n1\r\n"),
    ("csv", "# inbound.error: x\r\n"),
    ("plain", "Array\n(\n    [0] => Array\n        (\n            [callId] => 1\n"),
    ("plain", "Array\n(\n    [message] => x\n)\n"),
]


@pytest.mark.parametrize(("fmt", "text"), BAD_BODIES)
def test_what_is_wrong_with_the_body_is_always_raised(fmt: str, text: str | bytes) -> None:
    with pytest.raises(ParseError) as caught:
        collect(text, fmt)
    with pytest.raises(ParseError) as raised:
        parse(text, fmt)
    assert caught.value == raised.value


@pytest.mark.parametrize("mode", ["ignore", "", "RAISE", None, 1])
def test_another_mode_is_a_value_error(mode: Any) -> None:
    with pytest.raises(ValueError, match="on_error"):
        parse("[]", on_error=mode)


def test_errors_are_neither_compared_nor_shown() -> None:
    text = '[{"callId":1},{"callId":"x"}]'
    response = collect(text, "json")
    assert response.errors
    assert response == parse('[{"callId":1}]', "json")
    assert "error" not in repr(response).replace("error=None", "")


@each_format
def test_what_is_left_can_be_written(fmt: Format) -> None:
    response = collect(body(fmt, [{"callId": "x"}, {"callId": "2"}]), fmt)
    for other in Format:
        assert parse(serialize(response, other), other).payload == [Call(2)]


@each_format
def test_a_page_of_bad_rows_takes_no_square_of_time(fmt: Format) -> None:
    """Each error's place is counted on from the one before."""
    rows = [{"callId": "x", "city": "Нижний Новгород"} for _ in range(3000)]
    text = body(fmt, rows)
    start = time.process_time()
    response = collect(text.encode(), fmt)
    assert len(response.errors) == 3000
    assert time.process_time() - start < 3


@pytest.mark.slow
def test_so_many_bad_rows_are_no_page() -> None:
    rows = "callId,city\n" + "x,a\n" * MAX_BAD_ROWS
    response = collect(rows + "1,a\n", "csv")
    assert len(response.errors) == MAX_BAD_ROWS
    assert response.payload == [Call(1, city="a")]
    with pytest.raises(ParseError) as caught:
        collect(rows + "1,a\ny,a\n", "csv")
    assert caught.value == response.errors[0]


@dataclass
class Checked:
    """Refuses what no rule of a field does."""

    city: str
    number: int
    other: int = 0

    def __post_init__(self) -> None:
        if self.city == "bad":
            raise ValueError("a bad city")


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        (["a,1,1", "b,1,x", "a,x,1", "bad,1,1"], ("payload", 1, "other")),
        (["a,1,1", "a,x,x", "a,1,x"], ("payload", 1, "number")),
        (["a,1,1", "bad,1,1", "a,x,1"], ("payload", 1)),
        (["a,1,1", "a,1", "a,x,1"], ("payload", 1)),
        (["a,1,1", "a,x,1", "a,1"], ("payload", 1, "number")),
        (["a,1,1"] * 1500 + ["a,1,x", "a,x,1"], ("payload", 1500, "other")),
    ],
)
def test_the_first_bad_row_is_raised_whatever_is_wrong_with_later_ones(
    rows: list[str], path: tuple[str | int, ...]
) -> None:
    text = "\n".join(["city,number,other", *rows, ""])
    with pytest.raises(ParseError) as caught:
        parse(text, "csv", record_type=Checked)
    assert caught.value.path == path
    assert caught.value == parse(text, "csv", record_type=Checked, on_error="collect").errors[0]


@pytest.mark.parametrize(("row", "path"), [('{"callId":"x"}', ("callId",)), ("1", ())])
def test_a_refused_body_names_the_key_of_the_row(row: str, path: tuple[str, ...]) -> None:
    rows = ",".join(['"a":{"callId":1}', *(f'"b{at}":{row}' for at in range(MAX_BAD_ROWS + 1))])
    with pytest.raises(ParseError) as caught:
        collect(f"{{{rows}}}", Format.JSON)
    assert caught.value.path == ("payload", "b0", *path)
