"""Each limit at its edge: what is exactly as large passes, what is one larger does not."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from dataclasses import FrozenInstanceError, dataclass, field, fields
from typing import Any

import pytest
from bodies import body

from benchmarks.pages import Page
from ckct_formats import (
    Call,
    CallV3,
    Format,
    Inbound,
    LimitExceededError,
    Limits,
    ParseError,
    Response,
    SerializeError,
    parse,
    serialize,
)
from ckct_formats._formats.modules import module_of
from ckct_formats.testing._dialects import DIALECTS

each_format = pytest.mark.parametrize("fmt", list(Format))


@dataclass(slots=True)
class Open:
    """A record of which nothing but the limits is asked."""

    id: int | None = None
    text: str | None = None
    ids: tuple[int, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)


def exceeded(text: str | bytes, fmt: Format | None, limits: Limits) -> LimitExceededError:
    with pytest.raises(LimitExceededError) as caught:
        parse(text, fmt, record_type=Open, limits=limits)
    error = caught.value
    assert error.limit in {each.name for each in fields(Limits)}
    assert error.allowed == getattr(limits, error.limit)
    assert error.found > error.allowed
    assert error.limit in error.reason
    if fmt is not None:
        assert error.format is fmt
    return error


def check_edge(text: str, fmt: Format, limit: str, size: int) -> LimitExceededError:
    """Passes at its size, is refused one below."""
    parse(text, fmt, record_type=Open, limits=Limits(**{limit: size}))
    error = exceeded(text, fmt, Limits(**{limit: size - 1}))
    assert error.limit == limit
    assert error.found == size
    return error


def test_a_limit_is_a_number() -> None:
    with pytest.raises(TypeError, match="nodes is a number, not None"):
        Limits(nodes=None)  # type: ignore[arg-type]


def test_the_limits_are_those_of_the_design() -> None:
    assert [(each.name, each.default) for each in fields(Limits)] == [
        ("body_bytes", 256 * 1024 * 1024),
        ("nodes", 10_000_000),
        ("depth", 64),
        ("records", 1_000_000),
        ("columns", 10_000),
        ("value_chars", 1_000_000),
        ("integer_digits", 18),
    ]
    limits = Limits()
    with pytest.raises(FrozenInstanceError):
        limits.depth = 1  # type: ignore[misc]


# ---- body_bytes ----


@each_format
def test_body_bytes(fmt: Format) -> None:
    text = body(fmt, [{"id": "1", "text": "Казань"}])
    data = text.encode()
    for buffer in (data, bytearray(data), memoryview(data), memoryview(data * 4)[: len(data)]):
        size = len(buffer)
        parse(buffer, fmt, record_type=Open, limits=Limits(body_bytes=size))
        with pytest.raises(LimitExceededError) as caught:
            parse(buffer, fmt, record_type=Open, limits=Limits(body_bytes=size - 1))
        error = caught.value
        assert (error.limit, error.allowed, error.found) == ("body_bytes", size - 1, size)


@each_format
def test_body_bytes_of_a_decoded_body_are_its_characters(fmt: Format) -> None:
    text = body(fmt, [{"id": "1", "text": "Казань"}])
    check_edge(text, fmt, "body_bytes", len(text))


def test_a_long_body_is_refused_before_anything_is_read() -> None:
    for data in (b"\xff" * 11, b"<!DOCTYPE x", b"[" * 11):
        assert exceeded(data, None, Limits(body_bytes=10)).found == 11


# ---- nodes ----


@each_format
@pytest.mark.parametrize("inbound", [None, {"error": "x", "pageLength": "5"}])
def test_nodes(inbound: dict[str, str] | None, fmt: Format) -> None:
    text = body(fmt, [{"id": "1", "text": "a", "ids": ["5"]}] * 3, inbound)
    found = exceeded(text, fmt, Limits(nodes=1)).found
    check_edge(text, fmt, "nodes", found)


def test_nodes_of_json_are_commas_and_brackets() -> None:
    check_edge('[{"id":1,"ids":[5,6]},{"id":2}]', Format.JSON, "nodes", 11)


def test_nodes_of_xml_are_tags_an_empty_element_has_two() -> None:
    check_edge(
        "<r><item><id>1</id><ids><i>5</i></ids></item><item><id/></item></r>",
        Format.XML,
        "nodes",
        14,
    )


@each_format
def test_nodes_grow_with_the_body(fmt: Format) -> None:
    def nodes(rows: int) -> int:
        return exceeded(body(fmt, [{"id": "1", "text": "a"}] * rows), fmt, Limits(nodes=1)).found

    assert nodes(20) - nodes(10) == nodes(30) - nodes(20) >= 10


@each_format
@pytest.mark.parametrize(
    "text", ["[" + "[]," * 1000, "<r>" + "<a/>" * 1000, "a,b\n" * 1000, "Array\n(\n" * 1000]
)
def test_nodes_are_counted_before_the_body_is_parsed(text: str, fmt: Format) -> None:
    """None of these is well-formed: whoever counts later would find that first."""
    try:
        parse(text, fmt, limits=Limits(nodes=10))
    except LimitExceededError as error:
        assert error.limit == "nodes"
        return
    except ParseError:
        pass
    own = {"[": Format.JSON, "<": Format.XML, "a": Format.CSV, "A": Format.PLAIN}
    assert own[text[0]] is not fmt


# ---- depth ----


def nested(depth: int) -> Any:
    """A cell of a row that is `depth` lists deep, with a text inside."""
    cell: Any = "x"
    for _ in range(depth):
        cell = [cell]
    return cell


@pytest.mark.parametrize("fmt", [Format.JSON, Format.PLAIN])
@pytest.mark.parametrize("inbound", [None, {"error": "x"}])
def test_depth_of_brackets(inbound: dict[str, str] | None, fmt: Format) -> None:
    above = 2 if inbound is None else 3
    text = body(fmt, [{"id": "1", "unknown": nested(5)}], inbound)
    check_edge(text, fmt, "depth", above + 5)


@pytest.mark.parametrize("inbound", [None, {"error": "x"}])
def test_depth_of_elements(inbound: dict[str, str] | None) -> None:
    """Root, payload, item, unknown, and the elements inside."""
    above = 3 if inbound is None else 4
    text = body(Format.XML, [{"id": "1", "unknown": nested(5)}], inbound)
    check_edge(text, Format.XML, "depth", above + 5)


def test_depth_of_a_cell_of_a_table() -> None:
    with pytest.raises(ParseError) as caught:
        parse('id,ids\n1,"[[[5]]]"\n', "csv", record_type=Open, limits=Limits(depth=3))
    assert not isinstance(caught.value, LimitExceededError)  # no list of integers, and no more
    error = exceeded('id,ids\n1,"[[[[5]]]]"\n', Format.CSV, Limits(depth=3))
    assert (error.limit, error.path) == ("depth", ("payload", 0, "ids"))


def test_depth_of_a_comment_of_a_table() -> None:
    text = "# inbound.new: [[[5]]]\n# payload: []\n"
    parse(text, "csv", limits=Limits(depth=3))
    assert exceeded(text, Format.CSV, Limits(depth=2)).limit == "depth"


@pytest.mark.parametrize(("fmt", "depth"), [(Format.JSON, 4), (Format.XML, 5), (Format.PLAIN, 4)])
def test_the_documented_response_is_shallow(fmt: Format, depth: int) -> None:
    info = {"entities": {"call": ["get"]}}
    data = body(fmt, {"info": info, "payload": [{"id": "1", "ids": ["5"]}]})  # type: ignore[dict-item]
    check_edge(data, fmt, "depth", depth)


@pytest.mark.parametrize("depth", [65, 300, 5000, 100_000])
@pytest.mark.parametrize(
    ("fmt", "opening", "closing"),
    [
        (Format.JSON, "[", "]"),
        (Format.JSON, '{"a":', "}"),
        (Format.XML, "<a>", "</a>"),
    ],
)
def test_deep_input_is_refused_at_any_depth(
    fmt: Format, opening: str, closing: str, depth: int
) -> None:
    deep = opening * depth
    for text in (deep, deep + "1" + closing * depth):
        assert exceeded(text, fmt, Limits()).limit == "depth"
        assert exceeded(text, fmt, Limits()).limit == "depth"


@pytest.mark.parametrize("depth", [65, 300, 5000])
def test_deep_comments_are_refused_at_any_depth(depth: int) -> None:
    for text in ("[" * depth, "[" * depth + "]" * depth):
        error = exceeded(f"# inbound.x: {text}\ncallId\n1\n", Format.CSV, Limits())
        assert error.limit == "depth"


def test_deep_print_r_is_refused() -> None:
    assert exceeded(body(Format.PLAIN, [{"unknown": nested(70)}]), Format.PLAIN, Limits())


def test_a_limit_of_depth_is_itself_limited() -> None:
    """Readers recurse."""
    with pytest.raises(ValueError, match="depth"):
        Limits(depth=10**6)


@each_format
@pytest.mark.parametrize("depth", [100, 200])
def test_the_greatest_depths_do_not_break_the_stack(depth: int, fmt: Format) -> None:
    cell = "[" * (depth + 5) if fmt is Format.CSV else nested(depth + 5)
    text = body(fmt, [{"id": "1", "unknown": cell, "ids": cell}])
    assert exceeded(text, fmt, Limits(depth=depth)).limit == "depth"
    cell = "5" if fmt is Format.CSV else nested(depth - 5)
    text = body(fmt, [{"id": "1", "unknown": cell}])
    (record,) = parse(text, fmt, record_type=Open, limits=Limits(depth=depth)).payload
    assert record.id == 1


# ---- records ----


@each_format
@pytest.mark.parametrize("inbound", [None, {"error": "x"}])
def test_records(inbound: dict[str, str] | None, fmt: Format) -> None:
    text = body(fmt, [{"id": "1"}, {"id": "2"}, {"id": "3"}], inbound)
    check_edge(text, fmt, "records", 3)


@pytest.mark.parametrize("fmt", [Format.JSON, Format.PLAIN])
def test_records_of_a_keyed_payload(fmt: Format) -> None:
    check_edge(body(fmt, {"a": {"id": "1"}, "b": {"text": "c"}}), fmt, "records", 2)


@each_format
def test_records_that_differ_in_keys(fmt: Format) -> None:
    text = body(fmt, [{"id": "1"}, {"ids": "2", "id": "3"}, {"text": "a"}])
    check_edge(text, fmt, "records", 3)


@each_format
def test_records_are_no_fault_of_a_row(fmt: Format) -> None:
    text = body(fmt, [{"id": "1"}, {"id": "2"}])
    with pytest.raises(LimitExceededError):
        parse(text, fmt, record_type=Open, on_error="collect", limits=Limits(records=1))


# ---- value_chars ----


@each_format
@pytest.mark.parametrize("key", ["text", "unknown"])
def test_value_chars(key: str, fmt: Format) -> None:
    """Characters, not bytes."""
    error = check_edge(
        body(fmt, [{"id": "1"}, {"id": "2", key: "ж" * 500}]), fmt, "value_chars", 500
    )
    assert error.path[:2] == ("payload", 1)
    assert error.excerpt is not None
    assert len(error.excerpt) <= 32


@each_format
def test_value_chars_of_the_envelope(fmt: Format) -> None:
    text = body(fmt, [{"id": "1"}], {"error": "ж" * 500})
    error = check_edge(text, fmt, "value_chars", 500)
    assert error.path == ("inbound", "error")


def test_value_chars_are_of_what_the_body_holds() -> None:
    """Its names of the envelope are longer than the limit, but it has none."""
    assert parse("callId\n1\n", "csv", limits=Limits(value_chars=6)).payload[0].call_id == 1


@pytest.mark.parametrize("fmt", [Format.JSON, Format.XML, Format.PLAIN])
def test_value_chars_of_nested_values(fmt: Format) -> None:
    text = body(fmt, [{"id": "1", "unknown": {"a": ["b", "ж" * 500]}}])
    check_edge(text, fmt, "value_chars", 500)


@pytest.mark.parametrize("text", ["a" * 499 + "\n", "\\" * 500, '"' * 500, "<&>" * 166 + "<&"])
@each_format
def test_value_chars_are_those_of_the_value_not_of_its_spelling(text: str, fmt: Format) -> None:
    check_edge(body(fmt, [{"id": "1", "text": text}]), fmt, "value_chars", 500)


@each_format
def test_a_value_that_is_too_long_is_a_fault_of_its_row(fmt: Format) -> None:
    rows = [{"id": "1", "text": "a"}, {"id": "2", "text": "a" * 9}, {"id": "3", "text": "a"}]
    limits = Limits(value_chars=8)
    text = body(fmt, rows)
    response = parse(text, fmt, record_type=Open, on_error="collect", limits=limits)
    assert [record.id for record in response.payload] == [1, 3]
    (error,) = response.errors
    assert isinstance(error, LimitExceededError)
    assert error.path == ("payload", 1, "text")


@pytest.mark.slow
@each_format
def test_the_default_limit_of_a_value_stands_in_every_format(fmt: Format) -> None:
    """Some parsers have limits of their own, at 131,072 characters or at 10 MB."""
    longest = body(fmt, [{"id": "1", "text": "a" * 1_000_000}])
    (record,) = parse(longest, fmt, record_type=Open).payload
    assert record.text == "a" * 1_000_000
    for size in (1_000_001, 11_000_000):
        error = exceeded(body(fmt, [{"id": "1", "text": "a" * size}]), fmt, Limits())
        assert error.limit == "value_chars"


# ---- integer_digits ----


@each_format
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("digits", [3, 18, 40, 5000])
def test_integer_digits(digits: int, sign: str, fmt: Format) -> None:
    """A sign is no digit. (Python itself converts no text of more than 4,300.)"""
    text = body(fmt, [{"id": sign + "9" * digits}])
    error = exceeded(text, fmt, Limits(integer_digits=digits - 1))
    assert (error.limit, error.path) == ("integer_digits", ("payload", 0, "id"))
    assert error.found == digits
    if digits < 4300:
        (record,) = parse(text, fmt, record_type=Open, limits=Limits(integer_digits=digits)).payload
        assert record.id == int(sign + "9" * digits)


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("digits", [3, 18, 19, 20, 40, 5000])
@pytest.mark.parametrize("key", ["id", "text", "unknown"])
def test_integer_digits_of_a_typed_integer(key: str, digits: int, sign: str) -> None:
    text = f'[{{"{key}":{sign}{"9" * digits}}}]'
    error = exceeded(text, Format.JSON, Limits(integer_digits=digits - 1))
    assert (error.limit, error.path) == ("integer_digits", ("payload", 0, key))
    assert digits - 1 < error.found <= digits
    if digits < 4300:
        parse(text, "json", record_type=Open, limits=Limits(integer_digits=digits))


@pytest.mark.parametrize("digits", [19, 300, 5000])
def test_a_typed_integer_that_is_too_long_is_a_fault_of_its_row(digits: int) -> None:
    text = f'[{{"id":1}},{{"id":{"9" * digits}}},{{"id":3}}]'
    response = parse(text, "json", record_type=Open, on_error="collect")
    assert [record.id for record in response.payload] == [1, 3]
    assert [error.path for error in response.errors] == [("payload", 1, "id")]


def test_integer_digits_beyond_what_python_converts() -> None:
    """A limit of one's own cannot make the interpreter convert more."""
    limits = Limits(integer_digits=10_000)
    for cell in ("9" * 5000, f'"{"9" * 5000}"'):
        with pytest.raises(ParseError) as caught:
            parse(f'[{{"id":{cell}}}]', "json", record_type=Open, limits=limits)
        error = caught.value
        assert not isinstance(error, LimitExceededError) or error.found > error.allowed


@each_format
def test_integer_digits_of_lists_and_times(fmt: Format) -> None:
    text = body(fmt, [{"id": "1", "ids": ["1", "9" * 19]}])
    error = exceeded(text, fmt, Limits())
    assert (error.limit, error.path) == ("integer_digits", ("payload", 0, "ids", 1))
    with pytest.raises(LimitExceededError) as caught:
        parse(body(fmt, [{"callId": "1", "timeStart": "9" * 19}]), fmt)
    assert caught.value.path == ("payload", 0, "timeStart")


# ---- serialize ----


@each_format
@pytest.mark.parametrize(
    ("response", "limit", "path"),
    [
        (Response(payload=[Call(10**18)]), "integer_digits", ("payload", 0, "callId")),
        (Response(payload=[Call(-(10**18))]), "integer_digits", ("payload", 0, "callId")),
        (Response(payload=[Call(1, city="a" * 1_000_001)]), "value_chars", ("payload", 0, "city")),
        (Response(payload=[Call(1)] * 1_000_001), "records", ("payload",)),
        (
            Response(inbound=Inbound(error="a" * 1_000_001)),
            "value_chars",
            ("inbound", "error"),
        ),
    ],
    ids=["digits", "negative", "chars", "records", "envelope"],
)
def test_serialize_writes_nothing_beyond_the_limits(
    response: Response[Any], limit: str, path: tuple[str | int, ...], fmt: Format
) -> None:
    with pytest.raises(SerializeError) as caught:
        serialize(response, fmt)
    assert limit in caught.value.reason
    assert caught.value.path == path
    assert caught.value.format is fmt


@each_format
@pytest.mark.parametrize("call", [Call(10**18 - 1), Call(1, city="a" * 1_000_000)])
def test_serialize_writes_up_to_the_limits(call: Call, fmt: Format) -> None:
    assert parse(serialize(Response(payload=[call]), fmt), fmt).payload == [call]


@each_format
def test_a_list_is_as_long_as_its_text_may_be(fmt: Format) -> None:
    """In csv a list is one text."""
    call = Call(1, tags_id=tuple(range(10**17, 10**17 + 60_000)))
    if fmt is not Format.CSV:
        assert parse(serialize(Response(payload=[call]), fmt), fmt).payload == [call]
        return
    with pytest.raises(SerializeError) as caught:
        serialize(Response(payload=[call]), fmt)
    assert caught.value.path == ("payload", 0, "tagsId")
    assert "value_chars" in caught.value.reason


# ---- columns, and memory ----


@each_format
def test_columns(fmt: Format) -> None:
    rows = [{"id": "1", "text": "a", "a": "b"}] * 2
    check_edge(body(fmt, rows), fmt, "columns", 3)


@pytest.mark.parametrize(
    "text",
    [
        "<r><item " + " ".join(f"a{i}='1'" for i in range(20)) + "/></r>",
        "<r" + " a='>'" * 20 + "/>",
    ],
)
def test_columns_of_an_element_are_counted_before_it_is_parsed(text: str) -> None:
    error = exceeded(text, Format.XML, Limits(columns=19))
    assert (error.limit, error.found) == ("columns", 20)


def test_columns_of_an_envelope_in_csv_are_its_paths() -> None:
    text = "".join(f"# inbound.a{i}: 1\n" for i in range(20)) + "# payload: []\n"
    parse(text, "csv", limits=Limits(columns=21))
    assert exceeded(text, Format.CSV, Limits(columns=20)).limit == "columns"


@pytest.mark.slow
@each_format
def test_serialize_writes_no_row_with_too_many_keys(fmt: Format) -> None:
    known = len(fields(Call)) - 1
    keys = {f"key{number}": "a" for number in range(10_000 - known)}
    response = Response(payload=[Call(1, extra=keys)])
    assert parse(serialize(response, fmt), fmt) == response
    with pytest.raises(SerializeError, match="columns"):
        serialize(Response(payload=[Call(1, extra={**keys, "last": "a"})]), fmt)


SMALL_THINGS = {
    "json rows": ("[" + "{}," * 15_000 + "{}]", Format.JSON),
    "json numbers": ('[{"callId":1,"x":[' + "1e300," * 15_000 + "1]}]", Format.JSON),
    "xml": ("<r>" + "<a/>" * 15_000 + "</r>", Format.XML),
    "csv": ("callId\n" + "1\n" * 15_000, Format.CSV),
    "csv below a wide header": (
        ",".join(map("a{}".format, range(9_000))) + "\n1" * 15_000,
        Format.CSV,
    ),
    "csv of PHP": ("callId,city\n" + '1,"a\\"b"\n' * 15_000, Format.CSV),
    "var_export": ("array (" + "0 => 1," * 15_000 + ")", Format.PLAIN),
    "serialize": ("a:15000:{" + "i:0;N;" * 15_000 + "}", Format.PLAIN),
    "key-value": ("".join(f"payload.{at}.callId: 1\n" for at in range(15_000)), Format.PLAIN),
    "empty elements": ("<r>" + '<i callId="1"/>' * 15_000 + "</r>", Format.XML),
    "json in plain": ("[" + ",".join(["[" * 60 + "]" * 60] * 1_000) + "]", Format.PLAIN),
    "tabs in plain": ("callId\tcity\n" + "\t".join(["xx"] * 50_000), Format.PLAIN),
    "paths of many steps": (
        "".join(f"payload.0.{'.'.join(f'{at:x}' * 50)}: 1\n" for at in range(500)),
        Format.PLAIN,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL_THINGS)
def test_nodes_bound_what_small_things_take(name: str) -> None:
    text, fmt = SMALL_THINGS[name]
    data = text.encode()
    tracemalloc.start()
    try:
        with suppress(ParseError):
            parse(data, fmt)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000 + 8 * len(data) + 200 * module_of(fmt).count_nodes(data)


@pytest.mark.slow
@each_format
@pytest.mark.parametrize("record_type", [Call, dict])
def test_serialize_makes_no_table_of_more_cells_than_are_read(
    fmt: Format, record_type: type[Any]
) -> None:
    rows = ",".join(f'{{"callId":{row},"x{row}":"v"}}' for row in range(4_500))
    response = parse(f"[{rows}]", "json", record_type=record_type)
    with pytest.raises(SerializeError, match="nodes is limited to 10,000,000"):
        serialize(response, fmt)


@pytest.mark.slow
@each_format
def test_three_pages_in_one_body_are_read_in_any_dialect_by_default(fmt: Format) -> None:
    response = Page("3,000 calls", 3_000).response()
    for dialect in DIALECTS[fmt]:
        assert len(parse(dialect.write(response), fmt).payload) == 3_000


@pytest.mark.slow
@each_format
def test_blank_pages_are_read_within_the_default_limits(fmt: Format) -> None:
    calls = Response(Inbound(requested_type="json"), payload=[Call(i) for i in range(6_000)])
    assert parse(serialize(calls, fmt), fmt) == calls
    v3 = Response(payload=[CallV3(str(i)) for i in range(2_000)])
    assert parse(serialize(v3, fmt), fmt, record_type=CallV3) == v3
