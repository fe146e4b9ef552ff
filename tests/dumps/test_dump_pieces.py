"""A long file read in pieces is what it is when it is read at once, or an error.

Each body is read in both ways: where reading it in pieces gives all records without an error,
reading it at once must give the same ones, and the same errors of rows. What is refused at once
must not be read in pieces.
"""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import oracle
import pytest
from bodies import body
from hypothesis import given
from hypothesis import strategies as st
from pieces import Read, at_once, check, in_pieces, long_from
from strategies import Everything, calls, everythings
from test_fixtures import as_expected

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
from ckct_formats._formats import module_of
from ckct_formats.dumps import DumpError, iter_calls, read_dump
from ckct_formats.testing._strategies import inbounds, infos

PAGE = Path(__file__).parent.parent.parent / "fixtures" / "page_1000"
SUFFIXES = {Format.JSON: ".json", Format.XML: ".xml", Format.CSV: ".csv", Format.PLAIN: ".txt"}

each_format = pytest.mark.parametrize("fmt", list(Format))


def check_lengths(data: bytes, fmt: Format, *, times: int = 20, **options: Any) -> list[Read]:
    """The same with long files of some lengths."""
    step = max(1, len(data) * 3 // 4 // times)
    return [check(data, fmt, long, **options) for long in range(len(data) // 4, len(data), step)]


def assert_read(data: bytes, fmt: Format, **options: Any) -> None:
    """A body that can be read in pieces, is."""
    reads = check_lengths(data, fmt, times=7, **options)
    assert [read.failure for read in reads if read.failure] == []
    assert max(read.pieces for read in reads) > 2


# ---- what this library writes ----

# What a stranger may write into a text, to look like the border of two rows.
HOSTILE = [
    "},{",
    '},{"callId":',
    '}]},{"callId":1}',
    '"},{"city":"',
    '\\"},{\\"city\\":\\"',
    "</item><item>",
    "</item><item><city>",
    "]]></city></item><item><city><![CDATA[",
    "<!--",
    '"\r\n"1","2',
    '"\n',
    '\\"\n"',
    "\n\n",
    "\r\n\r\n",
    "\r",
    "\\",
    '""',
    "'",
    "# quoting: doubled\r\n",
    "# payload: []",
    ";,|\t",
    "sep=;\n",
    "Array\n(\n",
    "\n)\n",
    ")\n\n)\n",
    "[0] => Array",
    "[payload] => ",
]
SIMPLE_ROWS = [{"callId": str(at), "city": f"город {at}", "duration": "5"} for at in range(1, 10)]


@st.composite
def long_responses(draw: st.DrawFn, fmt: Format) -> Response[Call]:
    formats = frozenset((fmt,))
    payload = draw(st.lists(calls(formats), min_size=2, max_size=5))
    for call in payload:
        if draw(st.booleans()):
            call.utm_term = draw(st.lists(st.sampled_from(HOSTILE), min_size=1).map("".join))
    inbound, info = draw(st.builds(Inbound) | inbounds(formats)), draw(infos(formats))
    if fmt is Format.PLAIN or draw(st.booleans()):
        inbound.page_length = inbound.total_length = len(payload)
        inbound.requested_params.require_page = 0
    return Response(inbound, info, payload)


def written(response: Response[Any], fmt: Format) -> bytes:
    """A response in a format, without the hostile texts if it cannot carry one."""
    try:
        return serialize(response, fmt)
    except SerializeError:
        for call in response.payload:
            call.utm_term = None
        return serialize(response, fmt)


@each_format
@given(data=st.data())
def test_what_is_written_is_read(fmt: Format, data: st.DataObject) -> None:
    response = data.draw(long_responses(fmt))
    given = written(response, fmt)
    long = data.draw(st.integers(len(given) // 3, len(given) - 1))
    read = check(given, fmt, long)
    if fmt is not Format.PLAIN:  # there a piece of one row says less than all of them
        assert read.failure is None
        assert read.records == response.payload


@each_format
@given(data=st.data())
def test_bodies_that_were_changed(fmt: Format, data: st.DataObject) -> None:
    given = changed(data.draw, written(data.draw(long_responses(fmt)), fmt), fmt)
    if len(given) > 4:
        check(given, fmt, data.draw(st.integers(len(given) // 4, len(given) - 1)))


# What may stand anywhere, and mostly should not: of the format's own structure.
STRUCTURE: dict[Format, list[bytes]] = {
    Format.JSON: [
        b'},{"callId":',
        b'],"more":[',
        b'"payload":[',
        b'"payload"',
        b'{"city":"x"},',
        b"{},",
        b"1,",
        b'"a":1,',
        b'"callId":1,',
        b"\\u0000",
        b"\\ud800",
        b"\x0b",
        b"\\",
        b'"',
        b",",
        b"[",
        b"}",
        b"]}",
    ],
    Format.XML: [
        b"</item><item>",
        b"</item><item><city>",
        b"<item><callId>1</callId></item>",
        b"<item/>",
        b"</payload>",
        b"<payload>",
        b"</payload><payload>",
        b"</payload><more>",
        b"<0>a</0>",
        b"<_1>a</_1>",
        b"<city>x</city>",
        b"<!-- a -->",
        b"<![CDATA[</item><item><city>]]>",
        b"<?x y?>",
        b' a="1"',
        b"&amp;",
        b"&#0;",
        b"&",
        b"\x0b",
        b"text",
        b"</response>",
    ],
    Format.CSV: [
        b'"',
        b'""',
        b'\\"',
        b"\\",
        b"\n",
        b"\r\n",
        b"\r",
        b"\r\r\n",
        b"\n\n",
        b"\n\r\n",
        b",",
        b";",
        b'"\n"',
        b"# quoting: doubled\n",
        b"payload\n",
        b"\0",
        b"[1,2]",
        b"1",
    ],
    Format.PLAIN: [
        b"\n",
        b"\r\n",
        b"\n            [1] => Array\n                (\n",
        b"                )\n\n            [2] => Array\n                (\n",
        b"\n                    [city] => x",
        b"\n                    [callId] => 1",
        b"Array\n                        (\n                            [0] => 1\n"
        b"                        )\n",
        b"Array\n                        (\n                        )\n",
        b"\n        )\n\n)\n",
        b"\n    [payload] => Array\n        (\n",
        b"\n    [more] => 1",
        b"] => ",
        b"[0]",
        b"1",
        b"0",
        b"-",
        b"\0",
    ],
}


def changed(draw: Any, data: bytes, fmt: Format) -> bytes:
    """A body in which a few bytes are others, or slices are put in, gone, or there twice."""
    places = st.integers(0, len(data))
    for _ in range(draw(st.integers(1, 3))):
        start, end = sorted((draw(places), draw(places)))
        match draw(st.sampled_from(("flip", "put in", "put in", "put in", "cut", "gone", "twice"))):
            case "flip":
                data = data[:start] + bytes([draw(st.integers(0, 255))]) + data[start + 1 :]
            case "put in":
                data = data[:start] + draw(st.sampled_from(STRUCTURE[fmt])) + data[start:]
            case "cut":
                data = data[:start]
            case "gone":
                data = data[:start] + data[end:]
            case _:
                data = data[:end] + data[start:]
        places = st.integers(0, len(data))
    return data


@each_format
@given(data=st.data())
def test_records_of_other_types(fmt: Format, data: st.DataObject) -> None:
    records = data.draw(st.lists(everythings(frozenset((fmt,))), min_size=2, max_size=4))
    given = serialize(Response(Inbound(page_length=len(records)), payload=records), fmt)
    long = data.draw(st.integers(len(given) // 3, len(given) - 1))
    check(given, fmt, long, record_type=Everything)


@each_format
def test_a_body_cut_short(fmt: Format) -> None:
    whole = body(fmt, SIMPLE_ROWS[:5], {"pageLength": "5"}).encode()
    for end in range(5, len(whole), 2):
        for long in {end // 2, end - end // 4}:
            check(whole[:end], fmt, long)


@each_format
def test_bytes_changed_throughout(fmt: Format) -> None:
    whole = body(fmt, SIMPLE_ROWS[:5], {"pageLength": "5"}).encode()
    long = len(whole) * 3 // 4
    for at in range(0, len(whole), 3):
        for byte in b'"\n,':
            check(whole[:at] + bytes([byte]) + whole[at + 1 :], fmt, long)


# ---- against readers of the standard library ----


@each_format
@pytest.mark.parametrize("long", [40_000, 90_000, 200_000])
def test_a_page_against_the_naive_reader(fmt: Format, long: int) -> None:
    data = PAGE.with_suffix(SUFFIXES[fmt]).read_bytes()
    read = in_pieces(data, fmt, long)
    assert read.failure is None
    assert read.pieces > 2
    expected = oracle.read(data, fmt)
    assert as_expected(Response(read.inbound, payload=read.records)) == expected | {"info": EMPTY}


EMPTY: dict[str, Any] = {"entities": {}, "types": [], "versions": []}


@given(data=st.data())
@pytest.mark.parametrize("fmt", [Format.JSON, Format.XML, Format.CSV])
def test_texts_against_the_standard_library(fmt: Format, data: st.DataObject) -> None:
    texts = st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=3).map("".join)
    rows = data.draw(st.lists(st.fixed_dictionaries({"a": texts, "b": texts}), min_size=4))
    given = body(fmt, rows, pretty=data.draw(st.booleans())).encode()
    read = check(given, fmt, len(given) // 2, record_type=dict)
    assert rows_of(given, fmt) == rows
    if read.failure is None:
        assert [{**row} for row in read.records] == rows
    else:  # quotes that may be PHP's
        assert fmt is Format.CSV
        assert b'\\"' in given


def rows_of(data: bytes, fmt: Format) -> object:
    match fmt:
        case Format.JSON:
            return json.loads(data)
        case Format.XML:
            root = ElementTree.fromstring(data)
            return [{each.tag: each.text for each in row} for row in root]
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


# ---- dialects ----


def rows_after(data: str) -> str:
    """A JSON or XML body whose envelope stands behind its rows."""
    if data.startswith("{"):
        tree = json.loads(data)
        return json.dumps({"payload": tree["payload"], "inbound": tree["inbound"]})
    start, end = data.index("<inbound>"), data.index("</inbound>") + len("</inbound>")
    inbound = data[start:end]
    return data.replace(inbound, "").replace("</response>", f"{inbound}</response>")


INBOUND = {"requestedEntity": "call", "pageLength": "9", "totalLength": "9"}
DIALECTS = [
    (Format.JSON, body(Format.JSON, SIMPLE_ROWS)),
    (Format.JSON, body(Format.JSON, SIMPLE_ROWS, INBOUND, pretty=True)),
    (Format.JSON, rows_after(body(Format.JSON, SIMPLE_ROWS, INBOUND))),
    (Format.JSON, json.dumps(SIMPLE_ROWS, indent="\t").replace("\n", "\r\n")),
    (Format.JSON, body(Format.JSON, SIMPLE_ROWS, INBOUND).replace('[{"c', '[ {  "c')),
    (Format.JSON, json.dumps([{"new": [{"a": 1}, {"a": 2}], **row} for row in SIMPLE_ROWS])),
    (Format.JSON, json.dumps([{"": "x", **row} for row in SIMPLE_ROWS])),
    (Format.JSON, json.dumps([{'a"b\\': "x", **row} for row in SIMPLE_ROWS])),
    (Format.JSON, json.dumps([{"ё": "},{", **row} for row in SIMPLE_ROWS])),
    (Format.XML, body(Format.XML, SIMPLE_ROWS, INBOUND)),
    (Format.XML, body(Format.XML, SIMPLE_ROWS, INBOUND, pretty=True)),
    (Format.XML, rows_after(body(Format.XML, SIMPLE_ROWS, INBOUND))),
    (Format.XML, '<?xml version="1.0"?>\n' + body(Format.XML, SIMPLE_ROWS, INBOUND, pretty=True)),
    (Format.XML, body(Format.XML, SIMPLE_ROWS, {}).replace("item>", "call>")),
    (Format.XML, body(Format.XML, [{"city": "", **row} for row in SIMPLE_ROWS], {})),
    (Format.XML, body(Format.XML, [{"tagsId": ["1", "2"], **r} for r in SIMPLE_ROWS], {})),
    (Format.CSV, body(Format.CSV, SIMPLE_ROWS)),
    (Format.CSV, body(Format.CSV, SIMPLE_ROWS, INBOUND)),
    (Format.CSV, body(Format.CSV, SIMPLE_ROWS, INBOUND).replace("\r\n", "\n")),
    (Format.CSV, "sep=;\r\n" + body(Format.CSV, SIMPLE_ROWS).replace(",", ";")),
    (Format.CSV, body(Format.CSV, SIMPLE_ROWS).replace(",", "\t")),
    (Format.CSV, body(Format.CSV, SIMPLE_ROWS, INBOUND).replace("callId,", "\r\n\ncallId,")),
    (Format.CSV, body(Format.CSV, SIMPLE_ROWS) + "\r\n\r\n"),
    (Format.CSV, body(Format.CSV, SIMPLE_ROWS).rstrip()),
    (Format.CSV, "callId\n" + "".join(f"{at}\n" for at in range(20))),
    (Format.CSV, "callId\n" + "".join(f"{at}\n" for at in range(20)) + "\n\n"),
    (Format.CSV, 'callId,"city"\n' + "".join(f'{at},"a\r\n\n""b"\n' for at in range(20))),
    (Format.CSV, 'callId,"a,""b"\n' + "".join(f'{at},"a\r\n\n""b"\n' for at in range(20))),
    (Format.CSV, "callId,city\n" + "".join(f'{at},5" x\n' for at in range(20))),
    (
        Format.CSV,
        "# quoting: doubled\ncallId,city\n" + "".join(f'{at},"\\"""\n' for at in range(20)),
    ),
    (Format.CSV, "callId,tagsId.0,tagsId.1\n" + "".join(f"{at},{at},\n" for at in range(20))),
    (Format.PLAIN, body(Format.PLAIN, SIMPLE_ROWS, INBOUND)),
    (Format.PLAIN, body(Format.PLAIN, SIMPLE_ROWS, {"requestedType": "plain"})),
    (Format.PLAIN, body(Format.PLAIN, [{**r, "tagsId": ["1", "2"]} for r in SIMPLE_ROWS], INBOUND)),
    (Format.PLAIN, body(Format.PLAIN, [{**r, "tagsId": "-"} for r in SIMPLE_ROWS], INBOUND)),
    (Format.PLAIN, body(Format.PLAIN, [{**r, "city": "a\nb\n"} for r in SIMPLE_ROWS], INBOUND)),
]


@pytest.mark.parametrize(("fmt", "text"), DIALECTS)
def test_dialects_that_are_cut(fmt: Format, text: str) -> None:
    assert_read(text.encode(), fmt)


@pytest.mark.parametrize("fmt", [Format.JSON, Format.XML, Format.CSV])
def test_a_byte_order_mark(fmt: Format) -> None:
    assert_read(b"\xef\xbb\xbf" + body(fmt, SIMPLE_ROWS, INBOUND).encode(), fmt)


@each_format
def test_another_encoding_by_argument(fmt: Format) -> None:
    data = body(fmt, SIMPLE_ROWS, INBOUND).encode("windows-1251")
    assert_read(data, fmt, encoding="windows-1251")


def test_another_encoding_by_declaration() -> None:
    text = '<?xml version="1.0" encoding="windows-1251"?>' + body(Format.XML, SIMPLE_ROWS, INBOUND)
    assert_read(text.encode("windows-1251"), Format.XML)


@each_format
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "shift_jis", "cp037"])
def test_encodings_that_are_read_at_once(fmt: Format, encoding: str) -> None:
    rows = [{**row, "city": "x"} for row in SIMPLE_ROWS]
    data = body(fmt, rows, INBOUND).encode(encoding)
    for read in check_lengths(data, fmt, encoding=encoding):
        assert read.failure is None
        assert read.pieces == 1


@each_format
@pytest.mark.parametrize("encoding", ["no such encoding", "a\0b", "rot13", "base64"])
def test_no_encoding(fmt: Format, encoding: str) -> None:
    data = body(fmt, SIMPLE_ROWS, INBOUND).encode()
    for read in check_lengths(data, fmt, times=3, encoding=encoding):
        assert isinstance(read.failure, DumpError)
        assert isinstance(read.failure.error, ParseError)


# ---- what cannot be cut, or not there ----


def json_rows(*identifiers: int) -> str:
    return ",".join(f'{{"callId":{each},"city":"x"}}' for each in identifiers)


def lines(count: int, cell: str = "x") -> str:
    return "".join(f"{at},{cell}\n" for at in range(count))


MORE = [
    (Format.JSON, f'{{"a\\"payload":1,"payload":[{json_rows(1, 2, 3, 4, 5)}]}}'),
    (Format.JSON, f'{{"a\\"payload":[{json_rows(1, 2)}],"payload":[{json_rows(1, 2)}]}}'),
    (Format.XML, body(Format.XML, SIMPLE_ROWS, {"payload": ""})),
    (Format.XML, "<r><payload>{0}{0}{0}</payload><payload >{0}{0}</payload></r>"),
    (Format.XML, "<r><payload>{0}{0}{0}</payload><x:payload xmlns:x='u'>{0}{0}</x:payload></r>"),
    (Format.XML, "<r><payload>{0}{0}{0}</payload><payload/></r>"),
    # A list of another key, behind the payload, and what only looks like one.
    (Format.JSON, f'{{"payload":[{json_rows(1, 2, 3, 4)}],"more":[{json_rows(5, 6, 7)}]}}'),
    (Format.JSON, f'{{"payload":[{json_rows(1, 2, 3, 4)}],"payload":[{json_rows(5, 6)}]}}'),
    (Format.JSON, f'{{"payload":[{json_rows(1, 2)}],"info":{{"a":[{json_rows(5, 6, 7)}]}}}}'),
    (Format.JSON, f'{{"inbound":{{"payload":[{json_rows(1, 2)}]}},"payload":[{json_rows(3)}]}}'),
    (Format.JSON, f'{{"payload":[{json_rows(1, 2)}]],"a":[{json_rows(3, 4, 5)}]}}'),
    (Format.JSON, f"[{json_rows(1, 2)}],[{json_rows(3, 4, 5)}]"),
    (Format.JSON, f"[{json_rows(1, 2, 3, 4, 5)}]".replace("},{", "},\x0b{")),
    (Format.JSON, f"[{json_rows(1, 2, 3, 4, 5)}]".replace("},{", "},\xa0{")),
    (Format.JSON, f"[{json_rows(1, 2, 3, 4, 5)},]"),
    (Format.JSON, f"[{json_rows(1, 2, 3)},,{json_rows(4)}]"),
    (Format.JSON, f'[{json_rows(1, 2)},{{"callId":3,"x":[{json_rows(4, 5, 6, 7)}]}}]'),
    (Format.JSON, f'[{{}},[],1,{json_rows(1, 2, 3)},{{}},[],1,null,"x",{json_rows(1, 2, 3)}]'),
    (Format.JSON, '[{":":1,"x":"},{"},{":":2},{"},{":":":"},{":":3}]'),
    (Format.XML, "<r><payload>{0}{0}{0}</payload><payload>{0}{0}</payload></r>"),
    (Format.XML, "<r><payload>{0}{0}{0}</payload><more>{0}{0}</more></r>"),
    (Format.XML, "<r><inbound><payload>{0}{0}</payload></inbound><payload>{0}{0}</payload></r>"),
    (Format.XML, "<payload>{0}{0}{0}{0}{0}</payload>"),
    (Format.XML, "<payload><payload>{0}{0}{0}{0}{0}</payload></payload>"),
    (
        Format.XML,
        "<r><payload>{0}{0}<item><callId>2</callId><_1>a</_1></item>{0}{0}{0}{0}"
        "<item><callId>2</callId><1>a</1></item></payload></r>",
    ),
    (Format.XML, "<r><info><0>a</0></info><payload>{0}{0}<item><_1x>a</_1x></item></payload></r>"),
    (Format.XML, "<r><payload>{0}{0}<!-- {0}{0} -->{0}{0}</payload></r>"),
    (Format.XML, "<r><payload>{0}{0}{0}<item><a><![CDATA[{0}{0}]]></a></item></payload></r>"),
    (Format.XML, "<r><payload>{0}{0}\x0b{0}{0}</payload></r>"),
    (Format.XML, "<r><payload>{0}{0}text{0}{0}</payload></r>"),
    (Format.XML, "<r><payload>{0}{0}{0}</payload></r>{0}{0}"),
    (Format.XML, "<r><payload>{0}{0}{0}</payload></r><r><payload>{0}{0}{0}</payload></r>"),
    # A header of more lines than one, or of fewer.
    (Format.CSV, "callId,city\r1,a\n" + lines(9)),
    (Format.CSV, 'callId,a"b\n1,2\n3,4"x\n' + lines(9)),
    (Format.CSV, 'callId,a;"b\n1,2\n3,4"\n' + lines(9)),
    (Format.CSV, 'callId,"a\nb"\n' + lines(9)),
    (Format.CSV, "# inbound.pageLength: 5\rcallId,city\r1,x\ncallId,city\n" + lines(9)),
    (Format.CSV, 'city;"b,""",callId,duration\n' + '1,2",3,4\n' * 9),
    (Format.CSV, 'callId,"a\n# quoting: doubled\nb"\n' + lines(9, '"y\\"')),
    (Format.CSV, 'callId,"a\\",b"\n' + lines(9)),
    (Format.CSV, "inbound.error,callId\n\ncallId,city\n" + lines(9)),
    (Format.CSV, "inbound.error,callId\n" + lines(4) + "\ncallId,city\n" + lines(9)),
    (Format.CSV, "payload\ncallId,city\n" + lines(9)),
    (Format.CSV, "# payload: []\ncallId,city\n" + lines(9)),
    (Format.CSV, "inbound.error,payload.0.callId\nx,1\n" + lines(9)),
    # Empty lines: rows, but at the end.
    (Format.CSV, "callId,city\n" + lines(4) + "\n" + lines(4)),
    (Format.CSV, "callId,city\n" + lines(4) + "\r\n\n\r\n" + lines(4)),
    (Format.CSV, "callId\n1\n\n2\n3\n\n\n4\n\n"),
    (Format.CSV, "city\nab\n\nc\nd\n\n\ne\n\n"),
    (Format.CSV, "callId,city\r\n1,x\r\r\n2,x\r\n3,x\r\n\r\r\n4,x\r\n"),
    (Format.CSV, 'callId,city\n1,"a\n\n2,"b\n3,c\n4,d"\n5,e\n'),
    (Format.CSV, 'callId,city\n1,a"b\n2,"x\n3,y"\n4,c"\n5,"z\n6"\n'),
    (Format.CSV, "callId,city\n" + lines(4) + '9,"a\\","b"\n' + lines(4)),
    (Format.CSV, "callId,city\n" + lines(4) + "9\n9,8,7\n" + lines(4)),
]


@pytest.mark.parametrize(("fmt", "text"), MORE)
@pytest.mark.parametrize("record_type", [Call, dict])
def test_what_is_not_cut_there(fmt: Format, text: str, record_type: Any) -> None:
    row = "<item><callId>1</callId><city>x</city></item>"
    data = (text.format(row) if fmt is Format.XML else text).encode()
    check_lengths(data, fmt, record_type=record_type)


@dataclass
class Items:
    item: tuple[Call, ...] = ()


@dataclass
class Loose:
    call_id: int | None = None
    city: str | None = None
    when: str | None = None
    tags_id: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()


@dataclass
class Part:
    id: int
    name: str | None = None


@dataclass
class Nested:
    id: int
    items: tuple[Part, ...] = ()
    name: str | None = None


def nested(number: int, parts: int) -> Nested:
    return Nested(number, tuple(Part(at, "},{") for at in range(parts)), "x" * (1 + number % 7))


@pytest.mark.parametrize("fmt", [Format.JSON, Format.XML])
@pytest.mark.parametrize("record_type", [Nested, dict])
@pytest.mark.parametrize("inbound", [Inbound(page_length=30), Inbound()])
def test_rows_that_hold_rows_of_the_same_beginning(
    fmt: Format, record_type: Any, inbound: Inbound
) -> None:
    rows = [nested(number, number % 4) for number in range(30)]
    data = serialize(Response(inbound, payload=rows), fmt)
    reads = check_lengths(data, fmt, record_type=record_type)
    assert not any(read.failure for read in reads)
    if fmt is Format.JSON or inbound != Inbound():  # others are read at once
        assert max(read.pieces for read in reads) > 2
    if fmt is Format.JSON and inbound != Inbound():
        data = json.dumps(json.loads(data)["payload"]).encode()
        assert not any(read.failure for read in check_lengths(data, fmt, record_type=record_type))


@pytest.mark.parametrize(
    "odd",
    [
        '<item z="1"><callId>5</callId></item>',
        '<item z="/>" y=\'"\'><callId>5</callId></item >',
        "<item ><callId>5</callId><x><item/><item a='b'/></x></item>",
    ],
)
def test_a_row_that_is_written_otherwise(odd: str) -> None:
    rows = ["<item><callId>1</callId><city>x</city></item>"] * 9
    data = f"<r><inbound/><payload>{''.join([*rows, odd, *rows])}</payload></r>".encode()
    reads = check_lengths(data, Format.XML, record_type=dict)
    assert not any(read.failure for read in reads)
    assert max(read.pieces for read in reads) > 2


def test_a_long_row_that_holds_rows_is_waited_for() -> None:
    rows = [nested(1, 1), nested(2, 200), nested(3, 0)]
    data = serialize(Response(payload=rows), Format.JSON)
    reads = check_lengths(data, Format.JSON, record_type=Nested)
    assert not any(read.failure for read in reads)


def test_a_payload_that_is_a_row() -> None:
    rows = "<item><callId>1</callId></item>" * 9
    data = f"<r><payload>{rows}</payload></r>".encode()
    assert all(read.pieces <= 1 for read in check_lengths(data, Format.XML, record_type=Items))


def printed(rows: Any, inbound: Any = INBOUND) -> bytes:
    return body(Format.PLAIN, rows, inbound).encode()


def without_counts(rows: Any) -> bytes:
    return printed(rows, {"requestedType": "plain"})


def numbered(*numbers: str) -> bytes:
    return without_counts(dict(zip(numbers, SIMPLE_ROWS, strict=False)))


def tagged(*tags: Any) -> bytes:
    return without_counts(
        [{"callId": str(at), "city": "x", "tagsId": each} for at, each in enumerate(tags)]
    )


PRINTED = [
    without_counts({f"{row['callId']}00": row for row in SIMPLE_ROWS}),  # keyed
    without_counts({f"{row['callId']}00": {**row, "callId": "x"} for row in SIMPLE_ROWS}),
    numbered("0", "1", "2", "3", "4", "6", "7"),
    numbered("0", "1", "2", "3", "5", "4", "6"),
    numbered("0", "1", "2", "3", "04", "5", "6"),
    numbered("00", "1", "2", "3", "4", "5", "6"),
    numbered("0", "1", "2", "3", "4", "5", "5"),
    numbered("0", "1", "2", "3", "-4", "5", "5"),
    numbered("0", "1", "2", "3", "x", "5", "5"),
    numbered("0", "1", "2", "3", "9" * 30, "5", "5"),
    numbered("1", "2", "3", "4", "5", "6", "7"),
    # Rows with other keys than the first, which alone has no text.
    without_counts([{"callId": "1"}, {"callId": "2", "city": "x"}, *[{"callId": "3"}] * 5]),
    without_counts([*[{"callId": "3"}] * 4, *[{"callId": "2", "city": "x"}] * 4]),
    without_counts([{"callId": "3", "city": "x"}] * 4 + [{"callId": "2", "state": "x"}] * 4),
    # Texts where other rows have lists, whichever come first.
    tagged("[5]", "[5]", "", "", "[5]", ["5"], ["5"], ["5"]),
    tagged(["5"], "", ["5"], ["5"], "", "[5]", "[5]", "[5]"),
    tagged(*["-", ""] * 4, ["5"], *["-", ""] * 4, "[5]\n"),
    without_counts([{**row, "city": ["x"]} for row in SIMPLE_ROWS]),
    without_counts([*SIMPLE_ROWS, *[{**row, "city": ["x"]} for row in SIMPLE_ROWS]]),
    printed(SIMPLE_ROWS, {"pageLength": "3"}),
    printed(SIMPLE_ROWS, {"pageLength": "x"}),
    printed(SIMPLE_ROWS, {"totalLength": "3", "requestedType": "\n    [payload] => Array\n"}),
    printed(SIMPLE_ROWS) + b"\n\n",
    printed(SIMPLE_ROWS) * 2,
    printed(SIMPLE_ROWS).replace(b"Array", b"stdClass Object"),
    printed(SIMPLE_ROWS).replace(b"\n", b"\r\n"),
    b"\xef\xbb\xbf" + printed(SIMPLE_ROWS),
    b"\n" + printed(SIMPLE_ROWS),
    b"<pre>" + printed(SIMPLE_ROWS) + b"</pre>",
    printed(SIMPLE_ROWS).replace(b"\n)\n", b"\n    [more] => 1\n)\n"),
]


@pytest.mark.parametrize("data", PRINTED)
@pytest.mark.parametrize("record_type", [Call, Loose])
def test_what_is_printed_and_not_cut_there(data: bytes, record_type: Any) -> None:
    check_lengths(data, Format.PLAIN, record_type=record_type)


def test_more_rows_than_are_counted() -> None:
    imitation = (
        "x\n                )\n\n            [9] => Array\n                (\n"
        "                    [callId] => 666\n                    [city] => y"
    )
    rows = [{"callId": str(at), "city": "x" if at < 8 else imitation} for at in range(9)]
    for read in check_lengths(printed(rows), Format.PLAIN):
        assert read.failure is not None
        assert "the envelope counts 9" in str(read.failure)
    # Without a count, nobody can tell.
    (whole,) = {len(read.records) for read in check_lengths(without_counts(rows), Format.PLAIN)}
    assert whole == 10


# ---- errors and limits ----


def with_bad_rows(fmt: Format, *bad: int) -> bytes:
    rows = [{**row, "callId": "x"} if at in bad else row for at, row in enumerate(SIMPLE_ROWS)]
    return body(fmt, rows, INBOUND).encode()


@each_format
@pytest.mark.parametrize("bad", [(0,), (1,), (4,), (8,), (0, 1), (0, 4, 8), (7, 8)])
def test_rows_that_cannot_be_read(fmt: Format, bad: tuple[int, ...]) -> None:
    data = with_bad_rows(fmt, *bad)
    for long in (len(data) // 2, len(data) * 3 // 4):
        read = in_pieces(data, fmt, long, on_error="collect")
        assert read.pieces > 1
        assert read.failure is None
        assert [error.path for error in read.errors] == [("payload", at, "callId") for at in bad]
        assert [call.call_id for call in read.records] == [
            at + 1 for at in range(9) if at not in bad
        ]
        read = in_pieces(data, fmt, long)
        assert isinstance(read.failure, DumpError)
        assert read.failure.error is not None
        assert read.failure.error.path == ("payload", bad[0], "callId")
        assert len(read.records) <= bad[0]


@each_format
def test_places_are_known_in_the_first_piece_alone(fmt: Format) -> None:
    whole = at_once(with_bad_rows(fmt, 0, 8), fmt, on_error="collect").errors
    data = with_bad_rows(fmt, 0, 8)
    first, last = in_pieces(data, fmt, len(data) * 3 // 4, on_error="collect").errors
    assert first == whole[0]
    assert first.line is not None
    assert (last.line, last.column, last.offset) == (None, None, None)
    assert (last.path, last.reason, last.excerpt, last.dialect) == (
        whole[1].path,
        whole[1].reason,
        whole[1].excerpt,
        whole[1].dialect,
    )


@each_format
def test_all_rows_of_a_piece_cannot_be_read(fmt: Format) -> None:
    check_lengths(with_bad_rows(fmt, *range(9)), fmt)
    check_lengths(with_bad_rows(fmt, *range(3, 9)), fmt)


@pytest.mark.parametrize("text", ["\\ud800", "\\udc00\\ud800", "\\u0000", "\\\\\\ud800"])
def test_a_text_that_is_none(text: str) -> None:
    data = json.dumps({"payload": SIMPLE_ROWS}, ensure_ascii=False).replace("город 5", text)
    check_lengths(data.encode(), Format.JSON)
    for long in (len(data) // 2, len(data)):
        read = in_pieces(data.encode(), Format.JSON, long, on_error="collect")
        assert read.pieces > 1
        assert read.failure is None
        assert [error.path for error in read.errors] == [("payload", 4, "city")]


@each_format
def test_an_error_says_how_many_records_were_given(fmt: Format) -> None:
    data = with_bad_rows(fmt, 8)
    with long_from(len(data) // 2):
        found = iter_calls(io.BytesIO(data), fmt)
        with pytest.raises(DumpError) as caught:
            list(found)
    assert caught.value.calls == found.given > 1
    assert f"(after {found.given} records were given)" in str(caught.value)


@each_format
def test_an_error_keeps_no_body(fmt: Format) -> None:
    data = with_bad_rows(fmt, 8)
    for long in (len(data), len(data) // 2):
        failure = in_pieces(data, fmt, long).failure
        assert isinstance(failure, DumpError)
        for error in (failure, failure.error):
            assert error is not None
            assert [error.__traceback__, error.__context__, error.__cause__] == [None] * 3


@each_format
@pytest.mark.parametrize(
    ("limits", "limit"),
    [(Limits(value_chars=20), "value_chars"), (Limits(integer_digits=5), "integer_digits")],
)
def test_limits_of_values(fmt: Format, limits: Limits, limit: str) -> None:
    rows = [dict(row) for row in SIMPLE_ROWS]
    rows[7] |= {"city": "x" * 21, "callId": "123456"}
    data = body(fmt, rows, {}).encode()
    read = check(data, fmt, len(data) // 2, limits=limits)
    assert isinstance(read.failure, DumpError)
    assert isinstance(read.failure.error, LimitExceededError)
    assert read.failure.error.limit == limit
    assert read.failure.error.path[:2] == ("payload", 7)
    assert read.failure.error.line is None


@each_format
def test_limits_hold_for_each_piece(fmt: Format) -> None:
    data = body(fmt, SIMPLE_ROWS, INBOUND).encode()
    most = len(data) * 3 // 4
    assert in_pieces(data, fmt, most, limits=Limits(records=8)).failure is None
    # A file that is longer than a body may be is a long file.
    assert len(in_pieces(data, fmt, 10**9, limits=Limits(body_bytes=most)).records) == 9
    # One that cannot be cut is not.
    data = body(fmt, SIMPLE_ROWS[:1], INBOUND).encode()
    read = in_pieces(data, fmt, 10**9, limits=Limits(body_bytes=len(data) - 1, value_chars=10))
    if fmt is not Format.CSV:
        assert isinstance(read.failure, DumpError)
        assert isinstance(read.failure.error, LimitExceededError)


@each_format
def test_a_row_that_is_too_long_for_a_body(fmt: Format) -> None:
    rows = [*SIMPLE_ROWS, {"callId": "1", "city": "x" * 5_000, "duration": "5"}]
    data = body(fmt, rows, {}).encode()
    read = in_pieces(data, fmt, 10**9, limits=Limits(body_bytes=1_500))
    assert isinstance(read.failure, DumpError)
    assert isinstance(read.failure.error, LimitExceededError)
    assert read.failure.error.limit == "body_bytes"


def test_calls_of_another_version() -> None:
    rows = [{"universalId": f"a{at}", "status": "x" * 20} for at in range(20)]
    data = json.dumps({"payload": rows}).encode()
    assert_read(data, Format.JSON, record_type=CallV3)
    check_lengths(data, Format.JSON)


# ---- time ----


class Watched(bytearray):
    """Bytes that note how many of them a search goes over, with one more for each search."""

    gone_over = 0

    def rfind(self, part: Any, start: Any = 0, end: Any = None, /) -> int:
        end = len(self) if end is None else end
        found = super().rfind(part, start, end)
        self.gone_over += 1 + end - max(found, start)
        return found

    def count(self, part: Any, start: Any = 0, end: Any = None, /) -> int:
        end = len(self) if end is None else end
        self.gone_over += 1 + end - start
        return super().count(part, start, end)


ROW = "<item><callId>1</callId></item>"
CANNOT_BE_CUT = [
    (Format.CSV, "callId,city\n1,a\n", '1,"', "a\n"),
    (Format.CSV, "callId,city\n1,a\n", '1,"', '""\n'),
    (Format.CSV, "callId,city\n1,a\n", "", "1\n\n"),
    (Format.CSV, "callId,city\n1,a\n", "", '"\n"\n\n'),
    (Format.CSV, "callId,city\n1,a\n", "1,", "a"),
    (Format.JSON, '[{"callId":1},{"callId":2}', "", ","),
    (Format.XML, f"<r><payload>{ROW}{ROW}", "", "<item>"),
]


@pytest.mark.parametrize(("fmt", "start", "rows", "again"), CANNOT_BE_CUT)
def test_what_cannot_be_cut_is_gone_over_a_few_times(
    fmt: Format, start: str, rows: str, again: str
) -> None:
    frame = module_of(fmt).frame(start.encode(), {})
    assert frame is not None
    watched = Watched(rows.encode())
    for _ in range(100):
        watched += again.encode() * 200
        assert frame.cut(watched) == 0
    assert watched.gone_over < 8 * len(watched)


def test_a_mark_without_end_is_not_looked_for() -> None:
    name = "a" * 2_000
    row = f"<item><{name}>1</{name}><callId>1</callId></item>"
    data = f"<r><payload>{row * 9}</payload></r>".encode()
    frame = module_of(Format.XML).frame(data, {})
    assert frame is not None
    watched = Watched(data)
    assert frame.cut(watched) == watched.gone_over == 0
    for read in check_lengths(data, Format.XML):
        assert read.failure is None
        assert read.pieces == 1


# ---- memory ----


def test_a_page_of_pieces_is_a_page_of_the_dump() -> None:
    data = body(Format.XML, SIMPLE_ROWS, {**INBOUND, "requestedParams": {"requirePage": "0"}})
    with long_from(len(data) // 2):
        dump = read_dump(io.BytesIO(data.encode()))
    (page,) = dump.pages
    assert (page.calls, page.inbound.total_length) == (9, 9)
    assert not (dump.wrong_totals or dump.duplicates)


@each_format
def test_pieces_are_let_go(fmt: Format) -> None:
    call = replace(parse(PAGE.with_suffix(".json").read_bytes()).payload[0], extra={})
    rows = [replace(call, call_id=at) for at in range(1, 4_001)]
    data = serialize(Response(Inbound(page_length=4_000), payload=rows), fmt)
    stream = io.BytesIO(data)
    with long_from(100_000):
        tracemalloc.start()
        try:
            assert sum(1 for _ in iter_calls(stream, fmt)) == 4_000
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert len(data) > 1_000_000
    assert peak < 1_500_000
