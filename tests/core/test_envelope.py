"""Where the envelope ends and the rows begin, what is empty, and what is no response at all."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bodies import body, element
from hypothesis import given
from hypothesis import strategies as st

from ckct_formats import (
    ApiError,
    Call,
    Format,
    Inbound,
    Info,
    ParseError,
    RequestedParams,
    Response,
    UnsafeInputError,
    parse,
    serialize,
)
from ckct_formats.testing._writers import print_r

each_format = pytest.mark.parametrize("fmt", list(Format))
any_format = pytest.mark.parametrize("fmt", [None, *Format])

INBOUND = {
    "requestedType": "xml",
    "requestedEntity": "call",
    "requestedParams": {"requirePage": "1", "startDate": "0", "endDate": "2019-07-16"},
    "pageLength": "1000",
    "totalLength": "",
    "ofPages": "-",
    "new": "kept",
    "newer": "",
}
INFO = {"entities": {"call": ["get"], "phone": []}, "types": ["json", "xml"], "versions": []}
ENVELOPE = Response(
    Inbound(
        requested_type="xml",
        requested_entity="call",
        requested_params=RequestedParams(
            1, datetime(1970, 1, 1, tzinfo=UTC), datetime(2019, 7, 16)
        ),
        page_length=1000,
        extra={"new": "kept"},
    ),
    Info({"call": ("get",), "phone": ()}, ("json", "xml"), ()),
    [Call(1), Call(2)],
)
CALLS = [{"callId": "1"}, {"callId": "2"}]
TABLE = """\
# inbound.requestedType: xml
# inbound.requestedEntity: call
# inbound.requestedParams.requirePage: 1
# inbound.requestedParams.startDate: 0
# inbound.requestedParams.endDate: 2019-07-16
# inbound.pageLength: 1000
# inbound.totalLength:
# inbound.ofPages: -
# inbound.new: kept
# info.entities.call: ["get"]
# info.entities.phone: []
# info.types: ["json","xml"]
callId
1
2
"""


def write(fmt: Format, top: Any) -> str:
    """A whole response of any shape, in a format that nests."""
    match fmt:
        case Format.JSON:
            return json.dumps(top)
        case Format.XML:
            return element("response", top)
        case _:
            return print_r(top)


NESTING = pytest.mark.parametrize("fmt", [Format.JSON, Format.XML, Format.PLAIN])


def refused(text: str | bytes, fmt: Format | str | None) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(text, fmt)
    return caught.value


# ---- envelope and rows ----


@NESTING
def test_an_envelope_is_read(fmt: Format) -> None:
    assert parse(write(fmt, {"inbound": INBOUND, "info": INFO, "payload": CALLS}), fmt) == ENVELOPE


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_envelope_of_comment_lines_is_read(ends: str) -> None:
    assert parse(TABLE.replace("\n", ends), "csv") == ENVELOPE


@NESTING
def test_the_order_of_its_parts_says_nothing(fmt: Format) -> None:
    top = {"payload": CALLS, "info": INFO, "inbound": INBOUND}
    if fmt is Format.PLAIN:  # what comes after the rows may be part of a text
        with pytest.raises(ParseError, match="after the rows"):
            parse(write(fmt, top), fmt)
        top = dict(reversed(top.items())) | {"payload": top.pop("payload")}
    assert parse(write(fmt, top), fmt) == ENVELOPE


@each_format
def test_a_bare_payload_has_an_empty_envelope(fmt: Format) -> None:
    assert parse(body(fmt, CALLS), fmt) == Response(payload=[Call(1), Call(2)])


@NESTING
def test_any_part_of_it_makes_an_envelope(fmt: Format) -> None:
    assert parse(write(fmt, {"payload": CALLS}), fmt) == Response(payload=[Call(1), Call(2)])
    failed = parse(write(fmt, {"inbound": {"error": "x"}}), fmt)
    assert failed == Response(Inbound(error="x"))
    assert parse(write(fmt, {"info": {"types": ["a"]}}), fmt) == Response(info=Info(types=("a",)))


@pytest.mark.parametrize("fmt", [Format.JSON, Format.PLAIN])
@pytest.mark.parametrize("keys", [("0", "1"), ("7", "3"), ("a", "b"), ("1337486", "x")])
def test_a_payload_may_be_keyed(keys: tuple[str, str], fmt: Format) -> None:
    rows = dict(zip(keys, CALLS, strict=True))
    assert parse(write(fmt, rows), fmt).payload == [Call(1), Call(2)]
    assert parse(write(fmt, {"payload": rows}), fmt).payload == [Call(1), Call(2)]


@each_format
def test_a_failed_request(fmt: Format) -> None:
    text = "# inbound.error: No rows found\r\n# payload: []\r\n"
    if fmt is not Format.CSV:
        text = write(fmt, {"inbound": {"error": "No rows found"}, "payload": []})
    response = parse(text, fmt)
    assert response == Response(Inbound(error="No rows found"))
    with pytest.raises(ApiError) as caught:
        response.raise_for_error()
    assert caught.value.message == "No rows found"


@each_format
@pytest.mark.parametrize("blank", ["", "-"])
def test_a_blank_error_is_none(blank: str, fmt: Format) -> None:
    response = parse(body(fmt, CALLS, {"error": blank}), fmt)
    assert response.inbound.error is None
    assert response.raise_for_error() is response


# ---- what is empty ----

NO_ROWS: list[tuple[str, str]] = [
    ("json", "[]"),
    ("json", "{}"),
    ("json", " [ ] \n"),
    ("json", '{"payload":[]}'),
    ("json", '{"payload":{}}'),
    ("json", '{"inbound":[],"info":[],"payload":[]}'),
    ("json", '{"inbound":{},"info":{},"payload":{}}'),
    ("json", '{"inbound":null,"info":null,"payload":[]}'),
    ("json", '{"inbound":"","info":"","payload":[]}'),
    ("json", '{"inbound":{"requestedParams":[]},"info":{"entities":[],"types":{}}}'),
    ("json", '{"inbound":{"requestedParams":null},"info":{"entities":null,"types":null}}'),
    ("json", '{"inbound":{"requestedParams":""},"info":{"entities":"","types":""}}'),
    ("xml", "<response/>"),
    ("xml", "<anything></anything>"),
    ("xml", "<r>\n</r>"),
    ("xml", "<r><!-- nothing --></r>"),
    ("xml", "<a:r xmlns:a='urn:x'/>"),
    ("xml", "<r><payload/></r>"),
    ("xml", "<r>\n  <payload>\n  </payload>\n</r>"),
    ("xml", "<r><inbound/><info/><payload/></r>"),
    ("xml", "<r><inbound>\n</inbound><info>\n</info><payload/></r>"),
    ("xml", "<r><inbound><requestedParams/></inbound><info><entities/><types/></info></r>"),
    ("csv", "# payload: []\r\n"),
    ("csv", "# payload: []"),
    ("csv", "callId,city\r\n"),
    ("csv", "callId"),
    ("csv", '"callId"\r\n\r\n'),
    ("plain", "Array\n(\n)\n"),
    ("plain", "\nArray\n(\n)\n\n\n"),
    ("plain", "stdClass Object\n(\n)\n"),
    ("plain", print_r({"payload": []})),
    ("plain", print_r({"inbound": [], "info": [], "payload": []})),
    ("plain", print_r({"inbound": {"requestedParams": []}, "info": {"entities": []}})),
]


@pytest.mark.parametrize(("fmt", "text"), NO_ROWS)
def test_what_is_empty_means_no_rows(fmt: str, text: str) -> None:
    assert parse(text, fmt) == Response()


@each_format
def test_what_is_empty_is_written_so_that_it_comes_back(fmt: Format) -> None:
    responses: list[Response[Call]] = [
        Response(),
        Response(Inbound(error="x")),
        Response(info=Info(types=("a",))),
    ]
    for response in responses:
        assert parse(serialize(response, fmt), fmt) == response


@each_format
def test_an_empty_envelope_is_not_written(fmt: Format) -> None:
    written = serialize(Response(payload=[Call(1)]), fmt).decode()
    assert not any(part in written for part in ("inbound", "info", "payload"))


NO_RESPONSE: list[tuple[str, str]] = [
    *[("json", text) for text in ("null", "true", "false", "5", "-1.5", '""', '"x"', "NaN")],
    ("json", '{"message":"x"}'),
    ("json", '{"error":"Not found","code":404}'),
    ("json", '{"callId":1}'),
    ("json", '{"payload":5}'),
    ("json", '{"payload":"x"}'),
    ("json", '{"payload":true}'),
    ("json", '{"payload":{"message":"x"}}'),
    ("json", '{"inbound":"x"}'),
    ("json", '{"inbound":5}'),
    ("json", '{"inbound":true}'),
    ("json", '{"inbound":[1]}'),
    ("json", '{"info":["x"],"payload":[]}'),
    ("json", '{"inbound":{"requestedParams":"x"}}'),
    ("json", '{"info":{"entities":["x"]}}'),
    ("json", '{"info":{"entities":"x"}}'),
    ("json", '["a"]'),
    ("json", "[1]"),
    ("json", "[null]"),
    ("xml", "<error>Not found</error>"),
    ("xml", "<r>x</r>"),
    ("xml", "<r><error>Not found</error></r>"),
    ("xml", "<r><message>x</message><code>404</code></r>"),
    ("xml", "<r><payload>x</payload></r>"),
    ("xml", "<r><inbound>x</inbound><payload/></r>"),
    ("xml", "<r><info>x</info><payload/></r>"),
    ("xml", "<r>x<item><callId>1</callId></item></r>"),
    ("xml", "<r><item><callId>1</callId></item>x</r>"),
    ("xml", "<r><payload>x<item><callId>1</callId></item></payload></r>"),
    ("xml", "<r><payload><item>x<callId>1</callId></item></payload></r>"),
    ("xml", "<r><payload><item><callId>1<b/></callId></item></payload></r>"),
    ("xml", "<r><inbound><error>x</error>y</inbound></r>"),
    ("csv", "# inbound.error: x\r\n"),
    ("csv", "Not found"),
    ("csv", "no,such,columns\r\n1,2,3\r\n"),
    ("csv", "# payload: []\r\ncallId\r\n1\r\n"),
    ("csv", "# payload: 5\r\n"),
    ("csv", "# payload: [1]\r\n"),
    ("csv", "# payload.0.callId: 1\r\ncallId\r\n2\r\n"),
    ("csv", "# inbound: x\r\n# payload: []\r\n"),
    ("plain", print_r({"message": "x"})),
    ("plain", print_r({"payload": "x"})),
    ("plain", print_r({"inbound": "x"})),
    ("plain", "Not found"),
]


@pytest.mark.parametrize(("fmt", "text"), NO_RESPONSE)
def test_what_is_no_response_is_refused(fmt: str, text: str) -> None:
    error = refused(text, fmt)
    assert error.format == fmt
    assert error.reason


# ---- keys that stand twice ----

SPACES = ["", " ", "\n", "\t", "\r", "  \r\n\t "]


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    "text",
    [
        '[{"callId"S:1,"callId"S:1}]',
        '[{"callId"S:1,"call\\u0049d"S:1}]',
        '[{"callId"S:1,"city":null,"city"S:"a"}]',
        '[{"callId"S:1,"new":1,"new"S:2}]',
        '[{"callId"S:1,"new":{"a":{"b":1,"b"S:1}}}]',
        '[{"callId"S:1,"tagsId":{"0":1,"0"S:2}}]',
        '[{"callId"S:1},{"callId":2,"callId"S:2}]',
        '{"a"S:{"callId":1},"a"S:{"callId":2}}',
        '{"inbound":{"new":1,"new"S:1}}',
        '{"inbound":{"error":"","error"S:"No rows found"},"payload":[]}',
        '{"inbound":{"requestedParams":{"requirePage":1,"requirePage"S:1}}}',
        '{"info":{"entities":{"call":[],"call"S:["get"]}}}',
        '{"info":{"unknown":{"a":1,"a"S:1}}}',
        '{"unknown":{"a":1,"a"S:1},"payload":[]}',
        '{"payload":[],"payload"S:[{"callId":1}]}',
        '{"payload":[],"unknown":1,"unknown"S:1}',
        '[{"callId"S:1,"callId"S:1,"city":"without colon"}]',
        '[{"callId"S:1,"callId"S:1,"city":"\\":"}]',
        '[{"callId"S:1,"callId"S:1,"\\":":"\\":\\":"}]',
        '[{"callId"S:1,"callId"S:1,"city":"\\u003a"}]',
        '[{"callId"S:1,"callId"S:1,"city":"\\u003A"}]',
        '[{"callId"S:1,"callId"S:1,"\\u003a":5}]',
    ],
)
def test_a_key_that_stands_twice_is_refused(text: str, space: str) -> None:
    text = text.replace("S:", space + ":")
    for each in (text, text.encode()):
        assert "twice" in refused(each, "json").reason


pairs = st.recursive(
    st.none() | st.integers(0, 9) | st.sampled_from(["", ":", '":', '"', "a", '\\":', " :"]),
    lambda tree: (
        st.lists(tree, max_size=3)
        | st.lists(
            st.tuples(st.sampled_from(["a", "b", '"', ":", '":', ""]), tree), max_size=3
        ).map(tuple)
    ),
    max_leaves=8,
)


def spell(tree: Any, space: str) -> tuple[str, bool]:
    """A tree whose objects are tuples of pairs, as JSON, and whether some key stands twice."""
    if isinstance(tree, tuple):
        members = [(key, *spell(member, space)) for key, member in tree]
        text = ",".join(f"{json.dumps(key)}{space}:{space}{each}" for key, each, _ in members)
        twice = len({key for key, *_ in members}) < len(members)
        return f"{{{text}}}", twice or any(inner for *_, inner in members)
    if isinstance(tree, list):
        items = [spell(item, space) for item in tree]
        return f"[{','.join(text for text, _ in items)}]", any(inner for _, inner in items)
    return json.dumps(tree), False


@given(cells=st.lists(pairs, min_size=1, max_size=3), space=st.sampled_from(SPACES))
def test_no_double_key_hides_behind_the_texts_around_it(cells: list[Any], space: str) -> None:
    rows = [(("callId", at), ("new", cell)) for at, cell in enumerate(cells)]
    text, twice = spell(rows, space)
    if twice:
        assert "twice" in refused(text, "json").reason
        return
    payload = parse(text, "json").payload
    assert [call.call_id for call in payload] == list(range(len(cells)))
    for call, row in zip(payload, json.loads(text), strict=True):
        cell = row["new"]
        if cell is None or cell == "":
            assert call.extra == {}
        else:
            compact = json.dumps(cell, sort_keys=True, separators=(",", ":"))
            assert call.extra == {"new": cell if isinstance(cell, str) else compact}


@pytest.mark.parametrize(
    ("fmt", "text"),
    [
        ("xml", "<r><item><callId>1</callId><callId>1</callId></item></r>"),
        ("xml", "<r><item><callId>1</callId><city/><city>a</city></item></r>"),
        ("xml", "<r><inbound><error>a</error><error>a</error></inbound></r>"),
        ("xml", "<r><inbound/><inbound/><payload/></r>"),
        ("xml", "<r xmlns:a='urn:a'><item><callId>1</callId><a:callId>2</a:callId></item></r>"),
        ("csv", "callId,callId\r\n1,1\r\n"),
        ("csv", "callId,new,new\r\n1,2,3\r\n"),
        ("csv", "# inbound.error: a\r\n# inbound.error: a\r\n# payload: []\r\n"),
        ("csv", "# inbound.new: a\r\n# inbound.new.b: a\r\n# payload: []\r\n"),
        ("csv", '# inbound: {"error":"a"}\r\n# inbound.error: a\r\n# payload: []\r\n'),
        ("csv", '# inbound: {"new":"a","new":"b"}\r\n# payload: []\r\n'),
        ("csv", "# payload: []\r\n# payload: []\r\n"),
        ("plain", "Array\n(\n    [inbound] => \n    [inbound] => \n)\n"),
        (
            "plain",
            print_r([{"callId": "1"}]).replace("] => 1\n", "] => 1\n            [callId] => 1\n"),
        ),
    ],
)
def test_a_key_that_stands_twice_is_refused_everywhere(fmt: str, text: str) -> None:
    assert refused(text, fmt).format == fmt


def test_many_columns_of_which_two_are_one() -> None:
    """Finding them takes no square of time."""
    names = [f"n{at}" for at in range(30_000)]
    header = ",".join(["callId", *names, names[-1]])
    start = time.process_time()
    assert refused(header + "\r\n", "csv").line == 1
    assert time.process_time() - start < 3


# ---- numbers and characters that are none ----


@pytest.mark.parametrize("cell", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e400"])
@pytest.mark.parametrize(
    "text",
    [
        '[{"callId":1,"new":CELL}]',
        '[{"callId":1,"new":[{"a":CELL}]}]',
        '[{"callId":1,"city":CELL}]',
        '[{"callId":CELL}]',
        '[{"callId":1},{"callId":2,"duration":CELL}]',
        '{"inbound":{"new":CELL}}',
        '{"inbound":{"pageLength":CELL}}',
        '{"info":{"new":CELL}}',
        '{"unknown":CELL,"payload":[]}',
        "[CELL]",
        "CELL",
    ],
)
def test_numbers_that_are_none_are_refused(text: str, cell: str) -> None:
    for each in (text.replace("CELL", cell), text.replace("CELL", cell).encode()):
        assert refused(each, "json").format is Format.JSON


@pytest.mark.parametrize(
    "cell", ["01", "+1", ".5", "5.", "1e", "0x1", "1_0", "-", "--1", "- 1", "١"]
)
def test_numbers_that_json_does_not_have_are_refused(cell: str) -> None:
    refused(f'[{{"callId":1,"new":{cell}}}]', "json")


@pytest.mark.parametrize(
    "bad", ["\\u0000", "\\ud800", "\\udfff", "\\ude00\\ud83d", "\\uD83D\\u0041"]
)
@pytest.mark.parametrize(
    "text",
    [
        '[{"callId":1,"city":"a CHAR b"}]',
        '[{"callId":1,"new":"CHAR"}]',
        '[{"callId":1,"new":["CHAR"]}]',
        '[{"callId":1,"CHAR":"a"}]',
        '[{"callId":1,"new":{"CHAR":"a"}}]',
        '{"inbound":{"error":"CHAR"}}',
        '{"inbound":{"CHAR":"a"}}',
        '{"info":{"types":["CHAR"]}}',
        '{"unknown":"CHAR","payload":[]}',
        '{"CHAR":{"callId":1}}',
    ],
)
def test_nul_and_lone_surrogates_are_refused(text: str, bad: str) -> None:
    for each in (text.replace("CHAR", bad), text.replace("CHAR", bad).encode()):
        assert refused(each, "json").format is Format.JSON


@each_format
def test_raw_nul_is_refused(fmt: Format) -> None:
    for row in ({"callId": "1", "city": "a\0b"}, {"callId": "1", "new": "\0"}):
        text = body(fmt, [row]).replace("\\u0000", "\0")
        assert refused(text, fmt).format is fmt
        assert refused(text.encode(), fmt).format is fmt
    text = body(fmt, [{"callId": "1"}], {"error": "\0"}).replace("\\u0000", "\0")
    refused(text, fmt)
    refused("\0" + body(fmt, [{"callId": "1"}]), fmt)


@each_format
@pytest.mark.parametrize("code", [0xD800, 0xDC00, 0xDCFF])
def test_a_decoded_body_with_lone_surrogates_is_refused(code: int, fmt: Format) -> None:
    bad = chr(code)
    error = refused(body(fmt, [{"callId": "1", "city": bad}]), fmt)
    assert error.line is not None
    refused(body(fmt, [{"callId": "1"}]) + bad, fmt)
    refused(bad, fmt)


@pytest.mark.parametrize(
    "reference", ["&#0;", "&#1;", "&#xD800;", "&#xFFFE;", "&#x110000;", "&nbsp;"]
)
def test_character_references_to_no_character_are_refused(reference: str) -> None:
    refused(f"<r><item><callId>1</callId><city>{reference}</city></item></r>", "xml")


@pytest.mark.parametrize(
    "cell", ['["a\\u0000"]', '["\\ud800"]', '[{"first":1,"first":2}]', "[NaN]", "[1e999]"]
)
def test_json_in_a_cell_of_a_table_is_read_as_strictly(cell: str) -> None:
    quoted = cell.replace('"', '""')
    refused(f'callId,tagsId\r\n1,"{quoted}"\r\n', "csv")
    refused(f"# info.types: {cell}\r\n# payload: []\r\n", "csv")


# ---- what PHP or a web server sends instead ----

PAGES = [
    "<!DOCTYPE html><html><head><title>502</title></head></html>",
    '<!doctype html>\n<html lang="ru">\n<body>Ошибка',
    "<html><body>Not found</body></html>",
    "<HTML><HEAD></HEAD></HTML>",
    "\r\n<html>\n<head><title>504 Gateway Time-out</title></head>",
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>',
]
NOTICES = [
    "\nNotice: Undefined index: page in /srv/index.php on line 3\n",
    "\nWarning: mysqli_connect(): (HY000/2002) in /srv/index.php on line 3\n",
    "PHP Fatal error:  Uncaught Exception in /srv/index.php:3\n",
    "\nFatal error: Uncaught Error: x in /srv/index.php:3\n",
    "\nParse error: syntax error in /srv/index.php on line 3\n",
    "\nDeprecated: x is deprecated in /srv/index.php on line 3\n",
    "<br />\n<b>Notice</b>:  Undefined index: x in <b>/srv/index.php</b> on line <b>3</b><br />\n",
    "<br />\n<b>Fatal error</b>:  Uncaught Error in <b>/srv/index.php</b> on line <b>3</b><br />\n",
    "<b>Warning</b>:  x in <b>/srv/index.php</b> on line <b>3</b><br />\n",
]


def check_quoted(error: ParseError, text: str) -> None:
    assert error.excerpt is not None
    assert len(error.excerpt) >= 10
    assert text.strip().startswith(error.excerpt.rstrip("…").strip())


@any_format
@pytest.mark.parametrize("page", PAGES)
def test_an_html_page_is_named_and_quoted(page: str, fmt: Format | None) -> None:
    for each in (page, page.encode()):
        error = refused(each, fmt)
        assert "HTML" in error.reason
        check_quoted(error, page)


def test_an_html_page_with_a_dtd_is_unsafe_as_well() -> None:
    assert isinstance(refused(PAGES[0], "xml"), UnsafeInputError)


@any_format
@pytest.mark.parametrize("notice", NOTICES)
def test_a_message_of_php_is_named_and_quoted(notice: str, fmt: Format | None) -> None:
    for text in (notice, notice + body(fmt or Format.JSON, CALLS)):
        error = refused(text, fmt)
        assert "PHP" in error.reason
        check_quoted(error, notice)


@each_format
@pytest.mark.parametrize("city", ["<html>", "Notice: x", "<!DOCTYPE html>", "Fatal error: x"])
def test_a_value_that_reads_like_one_is_a_value(city: str, fmt: Format) -> None:
    assert parse(body(fmt, [{"city": city, "callId": "1"}]), fmt).payload == [Call(1, city=city)]
    response = Response(payload=[replace(Call(1), city=city)])
    assert parse(serialize(response, fmt), fmt) == response


@any_format
@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff\0 "])
def test_an_empty_body_is_named(data: bytes, fmt: Format | None) -> None:
    assert "empty" in refused(data, fmt).reason
    assert fmt is None or refused(data, fmt).format is fmt


# ---- DTDs ----


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE r><r/>",
        '<!DOCTYPE r SYSTEM "http://dtd.example/x.dtd"><r/>',
        "<?xml version='1.0'?>\n<!-- c --><?pi?>\n<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>",
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r>&a;</r>',
        "<!DOCTYPE r [<!ENTITY % a 'b'>%a;]><r/>",
        "<!DOCTYPE r [<!ELEMENT r ANY>]><r/>",
        "<!DOCTYPE r [",
    ],
)
def test_a_dtd_is_unsafe_always(text: str) -> None:
    for each in (text, "\n " + text, text.encode(), text.encode("utf-16")):
        if text.endswith("["):
            refused(each, "xml")  # cut short, it is at least no response
            continue
        error = refused(each, "xml")
        assert isinstance(error, UnsafeInputError)
        assert error.line is not None
        with pytest.raises(UnsafeInputError):
            parse(each)


@pytest.mark.parametrize("text", ["<!DOCTYPE x>", "<!ENTITY a 'b'>", "<?xml?>"])
def test_a_dtd_in_a_text_is_text(text: str) -> None:
    for cell in (f"<![CDATA[{text}]]>", text.replace("<", "&lt;")):
        xml = f"<r><item><callId>1</callId><city>{cell}</city></item></r>"
        assert parse(xml, "xml").payload == [Call(1, city=text)]


@pytest.mark.parametrize(
    "text",
    [
        "inbound.totalLength,1\npayload.0.callId,5\npayload.0.city,x\n",
        'inbound.totalLength,1\npayload,"[{""callId"":5}]"\n',
        "inbound.totalLength;1\npayload.0.callId;5\n",
        'info.types,"[""json""]"\npayload.0.callId,5\n',
    ],
)
def test_lines_of_a_payload_without_a_table_are_not_passed_over(text: str) -> None:
    error = refused(text, "csv")
    assert error.reason == "a payload before the table"
    assert error.line == 2
    assert parse("inbound.totalLength,0\npayload,[]\n", "csv").payload == []
