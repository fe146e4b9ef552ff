"""What errors say, where they say it is, what they keep to themselves, and that they travel."""

from __future__ import annotations

import codecs
import copy
import io
import json
import pickle
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from bodies import body
from hypothesis import given
from hypothesis import strategies as st

from ckct_formats import (
    ApiError,
    Call,
    Format,
    FormatsError,
    LimitExceededError,
    Limits,
    ParseError,
    Response,
    SerializeError,
    UnknownFormatError,
    UnsafeInputError,
    detect,
    parse,
    serialize,
)
from ckct_formats.arrow import TableError, arrow_schema, to_arrow
from ckct_formats.arrow._times import ClockError, LateZoneError
from ckct_formats.dumps import DumpError, iter_calls

each_format = pytest.mark.parametrize("fmt", list(Format))


def raised(act: Callable[[], Any]) -> FormatsError:
    with pytest.raises(FormatsError) as caught:
        act()
    return caught.value


def parse_error(text: str | bytes, fmt: Format | str | None = None, **options: Any) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(text, fmt, **options)
    return caught.value


BAD_ROWS = [{"callId": "1"}, {"callId": "12a", "city": "Казань"}]


def bad_rows(fmt: Format) -> Callable[[], Any]:
    return lambda: parse(body(fmt, BAD_ROWS), fmt)


def blank_city(fmt: Format) -> Callable[[], Any]:
    return lambda: serialize(Response(payload=[Call(1, city="-")]), fmt)


START = datetime(2019, 7, 16)
SET_BACK = datetime(2010, 10, 31, 2, 30)


def table(*calls: Call, **options: Any) -> Any:
    return to_arrow(calls, **options)


# How each class of error comes about.
RAISED: dict[type[FormatsError], list[Callable[[], Any]]] = {
    ParseError: [
        *map(bad_rows, Format),
        lambda: parse(""),
        lambda: parse(b"[\xff]"),
        lambda: parse(b"[]", encoding="no such encoding"),
        lambda: detect("neither this nor that"),
    ],
    UnsafeInputError: [lambda: parse("<!DOCTYPE r><r/>", "xml")],
    LimitExceededError: [
        lambda: parse("[" * 100),
        lambda: parse("[]", limits=Limits(body_bytes=1)),
        lambda: parse('[{"callId":1234567890123456789}]'),
    ],
    SerializeError: [*map(blank_city, Format)],
    UnknownFormatError: [lambda: parse("[]", "yaml"), lambda: serialize(Response(), "JSON")],
    ApiError: [
        lambda: parse('{"inbound":{"error":"No rows found"}}').raise_for_error(),
        lambda: parse('{"inbound":{"error":"Something new"}}').raise_for_error(),
    ],
    DumpError: [
        lambda: list(iter_calls("no such file")),
        lambda: list(iter_calls(io.BytesIO(b"[{}]"))),
    ],
    TableError: [
        lambda: table(Call(1, city=5)),  # type: ignore[arg-type]
        lambda: table(Call(1, time_start=START), Call(2, time_start=START.astimezone())),
    ],
    ClockError: [lambda: table(Call(1, time_start=SET_BACK), timezone="Europe/Moscow")],
    LateZoneError: [
        lambda: table(Call(1, time_start=START.astimezone()), schema=arrow_schema()),
    ],
}
EACH = [pytest.param(kind, act, id=kind.__name__) for kind, acts in RAISED.items() for act in acts]
ATTRIBUTES: dict[type[FormatsError], tuple[str, ...]] = {
    ParseError: ("format", "dialect", "path", "line", "column", "offset", "reason", "excerpt"),
    LimitExceededError: ("limit", "allowed", "found"),
    SerializeError: ("format", "path", "reason", "excerpt"),
    ApiError: ("message", "code"),
    DumpError: ("file", "reason", "error", "calls"),
    TableError: ("reason", "field", "file"),
}


def kinds(root: type[FormatsError] = FormatsError) -> Iterator[type[FormatsError]]:
    for kind in root.__subclasses__():
        if kind.__module__.startswith("ckct_formats"):
            yield kind
            yield from kinds(kind)


def attributes(error: FormatsError) -> dict[str, Any]:
    return {
        name: getattr(error, name)
        for kind, names in ATTRIBUTES.items()
        if isinstance(error, kind)
        for name in names
    }


def test_every_class_of_error_is_tested_here() -> None:
    assert set(kinds()) == set(RAISED)


def test_the_family() -> None:
    assert issubclass(ParseError, ValueError)
    assert issubclass(UnknownFormatError, ValueError)
    assert issubclass(UnsafeInputError, ParseError)
    assert issubclass(LimitExceededError, ParseError)
    assert not issubclass(SerializeError, ParseError)
    assert issubclass(DumpError, ValueError)
    assert issubclass(TableError, ValueError)


@pytest.mark.parametrize(("kind", "act"), EACH)
def test_an_error_travels(kind: type[FormatsError], act: Callable[[], Any]) -> None:
    error = raised(act)
    assert type(error) is kind
    copies = [copy.copy(error), copy.deepcopy(error)]
    protocols = range(2, pickle.HIGHEST_PROTOCOL + 1)
    copies += [pickle.loads(pickle.dumps(error, protocol)) for protocol in protocols]
    for other in copies:
        assert type(other) is kind
        assert other == error
        assert hash(other) == hash(error)
        assert str(other) == str(error)
        assert repr(other) == repr(error)
        assert attributes(other) == attributes(error)


@pytest.mark.parametrize(("kind", "act"), EACH)
def test_an_error_equals_itself_alone(kind: type[FormatsError], act: Callable[[], Any]) -> None:
    error = raised(act)
    assert error == raised(act)
    assert [other for acts in RAISED.values() for other in map(raised, acts)].count(error) == 1
    assert error != str(error)
    assert error != ValueError(str(error))


@pytest.mark.parametrize(("kind", "act"), EACH)
def test_an_error_says_something_and_keeps_no_cause(
    kind: type[FormatsError], act: Callable[[], Any]
) -> None:
    error = raised(act)
    assert str(error)
    assert not str(error).endswith((".", "\n", " "))
    assert error.__cause__ is None
    assert error.__context__ is None


def test_parse_errors_differ_by_place() -> None:
    first = parse_error('[{"callId":"x"}]')
    assert first != parse_error('[{"callId":1},{"callId":"x"}]')
    assert first != parse_error('\n[{"callId":"x"}]')
    assert first != parse_error('[{"callId":"y"}]')
    assert first != parse_error("callId\nx\n")


# ---- the text ----


def test_the_text_reads_as_designed() -> None:
    rows = "".join(f"<call><callId>{at}</callId></call>" for at in range(3))
    lines = "\n" * 39
    text = f"<r><payload>{rows}{lines}<call>   <callId>12a</callId></call></payload></r>"
    error = parse_error(text, "xml")
    wanted = 'xml: payload[3].callId: expected an integer, found "12a" (line 40, column 18)'
    assert str(error) == wanted
    assert error.path == ("payload", 3, "callId")
    assert (error.line, error.column, error.excerpt) == (40, 18, "12a")
    assert error.format is Format.XML
    assert error.dialect is not None
    assert error.reason in str(error)


def test_a_key_that_is_no_name_is_quoted_in_the_text() -> None:
    error = parse_error('{"a b":{"callId":"x"}}')
    assert error.path == ("payload", "a b", "callId")
    assert '"a b"' in str(error)


def test_the_text_of_a_serialize_error() -> None:
    calls = [Call(1), Call(2, city="-")]
    with pytest.raises(SerializeError) as caught:
        serialize(Response(payload=calls), "csv")
    assert str(caught.value).startswith("csv: payload[1].city: ")
    assert caught.value.excerpt == "-"


def test_an_unknown_format_lists_the_four() -> None:
    for fmt in ("yaml", "JSON", "", 5, None):
        with pytest.raises(UnknownFormatError) as caught:
            serialize(Response(), fmt)  # type: ignore[arg-type]
        assert all(name in str(caught.value) for name in ("json", "xml", "csv", "plain"))


@pytest.mark.parametrize(
    "message",
    [
        "No rows found",
        "Type to return is not available",
        "It is wrong API version",
        "User is not recognized",
        "Entity does not exist",
        "Method does not exist",
        "Incorrect page is set",
        "Start date has wrong type. Possible format is 'Y-m-d' or timestamp",
    ],
)
def test_each_documented_failure_has_a_code_of_its_own(message: str) -> None:
    unknown = ApiError("nobody documents this").code
    assert ApiError(message).message == message
    assert ApiError(message).code != unknown
    assert ApiError(message).code == ApiError(message).code
    assert str(ApiError(message)) == message


def test_controls_do_not_reach_a_terminal() -> None:
    for cell in ("\x1b[2J", "a\rb", "a\nb", "\x07", "\u202e", "\x9b"):
        error = parse_error(body(Format.JSON, [{"callId": cell}]))
        assert str(error).isprintable()


# ---- what is masked ----

PHONES = [
    "79990001122",
    "+79990001122",
    "+7 999 000 11 22",
    "+7 (999) 000-11-22",
    "8-999-000-11-22",
    "(7999)(0001122)",
    "7999 [000] {1122}",
    "7 9 9 9 0",
    "79990",
    "7\t9\n9\r9 0",
    "7\xa0999\u2013000\u201411\u221222",
    "7 - 9 - 9 - 9 - 0",
    "٧٩٩٩٠٠٠١١٢٢",
    "７９９９０００１１２２",
]
_PARTS = str.maketrans("", "", "()[]{}-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")


def leaks(text: str) -> bool:
    return re.search(r"\d{5}", re.sub(r"\s", "", text.translate(_PARTS))) is not None


def shown(error: FormatsError) -> list[str]:
    """All that an error shows or keeps."""
    state = [attributes(error), error.args, error.__reduce__()[1:], *getattr(error, "path", ())]
    return [str(error), *(repr(part) for part in state), str(vars(error))]


def unprintable_too(text: str) -> str:
    """`repr` and `str` escape what does not print; the escapes hold digits of their own."""
    return re.sub(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}", " ", text)


def check_masked(error: FormatsError) -> None:
    for text in shown(error):
        assert not leaks(unprintable_too(text))
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps(error, protocol).decode("utf-8", "replace")
        assert not any(phone in data for phone in PHONES)


def test_the_check_itself_finds_leaks() -> None:
    assert all(leaks(phone) for phone in PHONES)
    assert not leaks("7999 a 000")


@each_format
@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_is_masked_in_an_excerpt(phone: str, fmt: Format) -> None:
    for cell in (phone + "x", "x" + phone, "x" * 28 + phone, phone + "x" * 100):
        error = parse_error(body(fmt, [{"callId": cell}]), fmt)
        assert error.path == ("payload", 0, "callId")
        check_masked(error)
        assert error.excerpt is not None
        assert not re.search(r"\d", error.excerpt)


@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_is_masked_in_a_path(phone: str) -> None:
    key = json.dumps(phone)[1:-1]
    for text in (
        f'{{"{key}":{{"callId":"x"}}}}',
        f'[{{"callId":1,"{key}":1,"{key}":2}}]',
        f'[{{"callId":1,"a":{{"{key}":{{"b":1,"b":2}}}}}}]',
    ):
        error = parse_error(text, "json")
        assert len(error.path) >= 3
        check_masked(error)
    records = [Call(1, extra={phone: ""})]
    error_out = raised(lambda: serialize(Response(payload=records), "json"))
    check_masked(error_out)


@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_is_masked_wherever_else_text_is_quoted(phone: str) -> None:
    check_masked(raised(lambda: parse(f"callId,{phone},{phone}\n1,2,3\n", "csv")))
    check_masked(raised(lambda: parse(f"# {phone}\ncallId\n1\n", "csv")))
    check_masked(raised(lambda: parse(f"<r><a{phone}></b{phone}></r>", "xml")))
    check_masked(raised(lambda: parse(f"<r><a{phone}:b/></r>", "xml")))
    check_masked(raised(lambda: parse(f"<error>{phone}</error>", "xml")))
    check_masked(raised(lambda: parse(f"<html>{phone}", "json")))
    check_masked(raised(lambda: parse(f"Notice: {phone} in x.php", "json")))
    check_masked(raised(lambda: parse(f'"{phone!r}"', "json")))
    check_masked(raised(lambda: detect(f"phone: {phone}")))
    check_masked(raised(lambda: parse(b"[]", "json", encoding=phone)))
    check_masked(raised(lambda: parse("[]", phone)))
    check_masked(raised(lambda: serialize(Response(payload=[Call(1, city=phone + "\0")]), "json")))


@dataclass
class Picky:
    """A record type that checks its values."""

    id: int
    note: str | None = None

    def __post_init__(self) -> None:
        if self.note is not None:
            raise ValueError(f"No such note: {self.note}.")


@dataclass
class PickyInside:
    id: int
    inside: Picky = field(default_factory=lambda: Picky(0))


@each_format
@pytest.mark.parametrize(
    ("record_type", "row"),
    [
        (Picky, {"id": "1", "note": "+7 999 000-11-22"}),
        (PickyInside, {"id": "1", "inside": {"id": "2", "note": "+7 999 000-11-22"}}),
    ],
)
def test_a_record_type_that_refuses_values(
    record_type: type[Any], row: dict[str, Any], fmt: Format
) -> None:
    error = parse_error(body(fmt, [{"id": "1"}, row]), fmt, record_type=record_type)
    assert error.path[:2] == ("payload", 1)
    assert error.line is not None
    assert error.__context__ is None
    assert not str(error).endswith(".")
    check_masked(error)


@each_format
@given(cell=st.text(min_size=1).filter(lambda text: not re.fullmatch(r"-?[0-9]*", text)))
def test_an_excerpt_is_short_and_masked_whatever_the_cell(cell: str, fmt: Format) -> None:
    """In xml and in plain some texts are no text at all: then the body is at fault."""
    error = raised(lambda: parse(body(fmt, [{"callId": cell + "x" * 40}]), fmt))
    assert isinstance(error, ParseError)
    assert error.excerpt is None or len(error.excerpt) <= 32
    assert not leaks(error.excerpt or "")
    assert not leaks(error.reason)
    assert len(str(error)) < 500


@each_format
def test_an_error_does_not_hold_the_body(fmt: Format) -> None:
    rows = [
        {"callId": "1", "city": "a secret city"},
        {"callId": "x" * 1000, "city": "a secret city"},
    ]
    error = parse_error(body(fmt, rows), fmt)
    assert len(pickle.dumps(error)) < 1000
    assert b"secret" not in pickle.dumps(error)
    assert "secret" not in repr(vars(error))


# ---- places ----


def place_of(text: str, at: int, codec: str | None, mark: bytes = b"") -> tuple[Any, ...]:
    """Line, column, offset of an index into a text, by the definitions alone."""
    before = re.split("\r\n|\r|\n", text[:at])
    offset = None if codec is None else len(mark) + len(text[:at].encode(codec))
    return len(before), len(before[-1]) + 1, offset


def calls_with_a_bad_one(row: int) -> list[dict[str, str]]:
    rows = [{"city": "Нижний Новгород", "callId": str(at), "site": "я"} for at in range(5)]
    rows[row]["callId"] = "12a"
    return rows


def start_of_bad_cell(text: str, fmt: Format) -> int:
    return text.index('"12a"' if fmt is Format.JSON else "12a")


# Encoding of the body, its byte order mark, and what is told to `parse`.
ENCODED: list[tuple[str, bytes, str | None]] = [
    ("utf-8", b"", None),
    ("utf-8", b"\xef\xbb\xbf", None),
    ("utf-8", b"\xef\xbb\xbf", "utf-8"),
    ("utf-16-le", b"\xff\xfe", None),
    ("utf-16-be", b"\xfe\xff", None),
    ("windows-1251", b"", "windows-1251"),
    ("utf-16-le", b"", "utf-16-le"),
    ("utf-16-be", b"", "utf-16-be"),
]


@each_format
@pytest.mark.parametrize("row", [0, 2, 4])
@pytest.mark.parametrize(("codec", "mark", "told"), ENCODED)
@pytest.mark.parametrize("inbound", [None, {"error": "Ошибка"}])
def test_a_bad_cell_is_placed_in_any_encoding(
    inbound: dict[str, str] | None,
    codec: str,
    mark: bytes,
    told: str | None,
    row: int,
    fmt: Format,
) -> None:
    text = body(fmt, calls_with_a_bad_one(row), inbound)
    error = parse_error(mark + text.encode(codec), fmt, encoding=told)
    assert error.path == ("payload", row, "callId")
    at = start_of_bad_cell(text, fmt)
    assert (error.line, error.column, error.offset) == place_of(text, at, codec, mark)


@each_format
@pytest.mark.parametrize("row", [0, 2, 4])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_decoded_body_has_no_offsets(mark: str, row: int, fmt: Format) -> None:
    text = body(fmt, calls_with_a_bad_one(row))
    error = parse_error(mark + text, fmt)
    assert error.path == ("payload", row, "callId")
    assert (error.line, error.column, error.offset) == place_of(
        text, start_of_bad_cell(text, fmt), None
    )


@pytest.mark.parametrize("declared", ["windows-1251", "UTF-8", "koi8-r"])
@pytest.mark.parametrize("row", [0, 4])
def test_a_bad_cell_is_placed_behind_a_declaration(row: int, declared: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>\n'
    text = declaration + body(Format.XML, calls_with_a_bad_one(row))
    error = parse_error(text.encode(declared), "xml")
    assert error.path == ("payload", row, "callId")
    at = start_of_bad_cell(text, Format.XML)
    assert (error.line, error.column, error.offset) == place_of(text, at, declared)


@pytest.mark.parametrize("fmt", [Format.JSON, Format.XML])
@pytest.mark.parametrize("row", [0, 2, 4])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_bad_cell_is_placed_on_its_line(ends: str, row: int, fmt: Format) -> None:
    pretty = body(fmt, calls_with_a_bad_one(row), {"error": "Ошибка"}, pretty=True)
    text = pretty.strip("\n").replace("\n", ends)
    assert text.count(ends) > 20
    error = parse_error(text.encode(), fmt)
    assert error.path == ("payload", row, "callId")
    at = start_of_bad_cell(text, fmt)
    assert (error.line, error.column, error.offset) == place_of(text, at, "utf-8")


@each_format
@pytest.mark.parametrize("space", ["\n", "\r\n\r\n"])
def test_white_space_in_front_is_counted(space: str, fmt: Format) -> None:
    text = space + body(fmt, calls_with_a_bad_one(2))
    error = parse_error(text.encode(), fmt)
    at = start_of_bad_cell(text, fmt)
    assert (error.line, error.column, error.offset) == place_of(text, at, "utf-8")


def nested_twice(key: str, levels: int) -> str:
    """A key that stands twice, below others."""
    opened = "".join(f'{{"{key}":' for _ in range(levels))
    return f'[{{"callId":1,"a":{opened}{{"x":1,"x":2}}{"}" * levels}}}]'


@pytest.mark.parametrize(
    ("text", "fmt"),
    [
        (f"<r><{'name_' * 2_000}:b/></r>", Format.XML),
        (nested_twice("ab c" * 16, 58), Format.JSON),
        (nested_twice("\U000e0001" * 63, 58), Format.JSON),
        (nested_twice("\x85" * 63, 58), Format.JSON),
        (f"callId,{'x' * 5_000}\n1\n", Format.CSV),
        (f"Array\n(\n    [{'x' * 5_000}] => Array\n        (\n)\n", Format.PLAIN),
    ],
)
def test_no_message_is_long(text: str, fmt: Format) -> None:
    error = parse_error(text, fmt)
    assert len(str(error)) < 1_000
    assert "x" * 300 not in str(error)
    assert "name_" * 20 not in str(error)


def test_a_payload_that_occurs_twice_is_placed_at_its_first() -> None:
    body = "<r>\n<inbound/>\n<payload>x</payload><payload>y</payload></r>"
    with pytest.raises(ParseError) as caught:
        parse(body, "xml")
    assert (caught.value.path, caught.value.line, caught.value.column) == (("payload",), 3, 10)


@pytest.mark.parametrize("before", ["", "\n ", "<?xml version='1.0'?>\n<!-- <!DOCTYPE Ы --> "])
@pytest.mark.parametrize(("codec", "mark"), [("utf-8", b""), ("utf-16-le", codecs.BOM_UTF16_LE)])
def test_a_dtd_is_placed(codec: str, mark: bytes, before: str) -> None:
    text = f"{before}<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>"
    error = parse_error(mark + text.encode(codec), "xml")
    place = place_of(text, len(before), codec, mark)
    assert (error.line, error.column, error.offset) == place


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
def test_a_bad_cell_of_a_table_is_placed_whatever_ends_the_lines(ends: str) -> None:
    text = body(Format.CSV, calls_with_a_bad_one(3), {"error": "x"}).replace("\r\n", ends)
    error = parse_error(text.encode(), "csv")
    at = start_of_bad_cell(text, Format.CSV)
    assert (error.line, error.column, error.offset) == place_of(text, at, "utf-8")


@pytest.mark.parametrize("fmt", [Format.XML, Format.CSV, Format.PLAIN])
def test_line_breaks_inside_texts_are_counted(fmt: Format) -> None:
    rows = [{"city": "a\nb\r\nc\n", "callId": "1"}, {"city": "Орёл 😀", "callId": "12a"}]
    text = body(fmt, rows)
    error = parse_error(text.encode(), fmt)
    at = start_of_bad_cell(text, fmt)
    assert (error.line, error.column, error.offset) == place_of(text, at, "utf-8")


@pytest.mark.parametrize("fmt", [Format.JSON, Format.PLAIN])
@pytest.mark.parametrize("inbound", [None, {"error": "x"}])
def test_rows_of_a_keyed_payload_go_by_their_keys(
    inbound: dict[str, str] | None, fmt: Format
) -> None:
    text = body(fmt, {"17": {"callId": "1"}, "x": {"callId": "12a"}}, inbound)
    error = parse_error(text.encode(), fmt)
    assert error.path == ("payload", "x", "callId")
    at = start_of_bad_cell(text, fmt)
    assert (error.line, error.column, error.offset) == place_of(text, at, "utf-8")


@each_format
def test_a_bad_value_of_the_envelope_is_placed(fmt: Format) -> None:
    text = body(fmt, [{"callId": "1"}], {"error": "Ошибка", "pageLength": "12a"})
    error = parse_error(text.encode(), fmt)
    assert error.path == ("inbound", "pageLength")
    at = start_of_bad_cell(text, fmt)
    assert (error.line, error.column, error.offset) == place_of(text, at, "utf-8")


@each_format
def test_a_bad_item_of_a_list_is_named(fmt: Format) -> None:
    rows: list[dict[str, Any]] = [{"callId": "1"}, {"callId": "2", "tagsId": ["5", "12a"]}]
    error = parse_error(body(fmt, rows), fmt)
    assert error.path == ("payload", 1, "tagsId", 1)
    assert error.line is not None
    assert error.excerpt == "12a"


@pytest.mark.parametrize("fmt", [Format.XML, Format.PLAIN, Format.JSON])
def test_an_absent_field_is_placed_at_its_row(fmt: Format) -> None:
    rows = [{"callId": "1"}, {"device": "here"}, {"callId": "3"}]
    pretty = fmt is not Format.PLAIN
    text = body(fmt, rows, pretty=pretty).lstrip("\n")
    error = parse_error(text, fmt)
    assert error.path == ("payload", 1, "callId")
    row_lines = range(
        place_of(text, text.index("1"), None)[0] + 1,
        place_of(text, text.index("here"), None)[0] + 1,
    )
    assert error.line in row_lines


def test_an_absent_column_is_placed_at_its_row() -> None:
    error = parse_error("city,site\r\na,b\r\n", "csv")
    assert error.path == ("payload", 0, "callId")
    assert error.line == 2


@pytest.mark.parametrize(
    ("text", "fmt", "line", "column"),
    [
        ('[{"callId":1},\n {"callId":}]', "json", 2, 12),
        ('[{"callId":1},\n }]', "json", 2, 2),
        ('[{"callId":1}\n{"callId":2}]', "json", 2, 1),
        ('{"payload":[]}\n\nx', "json", 3, 1),
        ('[{"callId":1,"city":"a\tb"}]', "json", 1, 23),
        ("<r>\n<item><callId>1</callId>\n</r>", "xml", 3, 3),
        ("<r>\n &nbsp;</r>", "xml", 2, 2),
        ("<r/>\n\nx", "xml", 3, 1),
        ('callId,city\n1,a\n2,"b\n', "csv", 3, 3),
        ('callId,city\n1,a\n2,"b"c\n', "csv", 3, 6),
        ("# inbound.error: x\n# nonsense\ncallId\n1\n", "csv", 2, 1),
        ('# info.types: ["a" 5]\ncallId\n1\n', "csv", 1, 20),
        ("callId,city\n1,a\n2\n", "csv", 3, 1),
        ("callId,city\n1,a\n2,b,c\n", "csv", 3, 1),
    ],
)
def test_a_fault_of_syntax_is_placed(text: str, fmt: str, line: int, column: int) -> None:
    error = parse_error(text, fmt)
    assert (error.line, error.column) == (line, column)
    assert error.format == fmt


@pytest.mark.parametrize(
    ("text", "fmt"),
    [
        ("<r>\n<payload>text</payload></r>", "xml"),
        ("<r>\n<item><callId>1</callId>junk</item></r>", "xml"),
        ("<r>\n<inbound/><inbound/></r>", "xml"),
        ("<r>\n<item><callId>1</callId><callId>1</callId></item></r>", "xml"),
        ('{\n"payload":5}', "json"),
        ('{\n"inbound":{"error":"a","error":"b"}}', "json"),
        ("Array\n(\n    [payload] => x\n)\n", "plain"),
        ("Array\n(\n    [inbound] => x\n)\n", "plain"),
    ],
)
def test_a_fault_of_structure_has_a_line(text: str, fmt: str) -> None:
    error = parse_error(text, fmt)
    assert error.line is not None
    assert error.line >= 2
    assert error.path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("<item><callId>1<b/></callId></item>", ("payload", 0, "callId")),
        ("<item><callId>1</callId><x><y>1<z/></y></x></item>", ("payload", 0, "x", "y")),
        (
            "<item><callId>1</callId></item><item><callId>2</callId><x>1<z/></x></item>",
            ("payload", 1, "x"),
        ),
    ],
)
def test_a_text_between_elements_is_placed(text: str, path: tuple[str | int, ...]) -> None:
    for whole in (f"<r>\n{text}</r>", f"<r><payload>\n{text}</payload></r>"):
        error = parse_error(whole, "xml")
        assert error.path == path
        assert error.line == 2


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"payload":[],"payload":[]}', ("payload",)),
        ('{"x":1,"x":2,"payload":[]}', ("x",)),
        ('{"inbound":{"error":"a","error":"b"}}', ("inbound", "error")),
        ('[{"callId":1,"callId":2}]', ("payload", 0, "callId")),
        ('{"payload":[{"callId":1},{"a":{"b":1,"b":2}}]}', ("payload", 1, "a", "b")),
        ('{"payload":{"a":{},"a":{}}}', ("payload", "a")),
    ],
)
def test_the_path_of_a_key_that_stands_twice(text: str, path: tuple[str | int, ...]) -> None:
    assert parse_error(text, "json").path == path


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@each_format
def test_a_byte_that_cannot_be_decoded_is_named_with_its_offset(mark: bytes, fmt: Format) -> None:
    good = body(fmt, [{"callId": "1", "city": "Казань"}]).encode()
    at = good.index("нь".encode())
    error = parse_error(mark + good[:at] + b"\xfe" + good[at:], fmt)
    assert error.offset == len(mark) + at
    assert "0xFE" in error.reason
    assert "utf-8" in error.reason.lower()
