"""What a fast way reads is what the careful one reads, of bodies that are nearly right too.

Each format has a fast way for the rows that a server writes all alike. Here it is taken away, and
the outcome must not change: not the values, nor the error and its place.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from promise import check_is_read_the_same, outcome

from ckct_formats import Format, Inbound, Limits, Response, parse, serialize
from ckct_formats._formats import json
from ckct_formats._formats.cells import Pairs
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.modules import module_of
from ckct_formats._formats.table import Column
from ckct_formats._limits import DEFAULT_LIMITS
from ckct_formats._rules import Integer, Items, Moment, Rule, Text
from ckct_formats.conformance import check
from ckct_formats.testing import responses

PAGE = Path(__file__).parent.parent.parent / "fixtures" / "page_1000"
SUFFIXES = {Format.JSON: ".json", Format.XML: ".xml", Format.CSV: ".csv", Format.PLAIN: ".txt"}

# What may stand anywhere in a body of each format, and mostly should not.
PIECES = {
    Format.JSON: [
        '"city":"x",',
        ',"city":null',
        '"callId":1,',
        '"new":1,',
        '"new":[{"a":1}],',
        "\\u0000",
        "\\u003a",
        "\\u003A",
        ":",
        " ",
        '"',
        ",",
        "[]",
        "{}",
        "1",
        "1e9",
        "null",
        "[[[]]]",
        '\\"',
        '"inbound":{},',
        '"payload":[],',
        "99999999999999999999",
        '"тег":',
        "\\u0442",
        "-",
    ],
    Format.XML: [
        "<!-- a -->",
        "<![CDATA[x]]>",
        "<![CDATA[<city>]]>",
        "]]>",
        "<?x y?>",
        "&amp;",
        "&#13;",
        "&#x410;",
        "&#0;",
        "&#55296;",
        "&#1114112;",
        "&#xFFFFFF;",
        "<0>a</0>",
        "<_1x>q</_1x>",
        "&nbsp;",
        "&",
        "\r",
        "\r\n",
        "\n",
        " ",
        "\t",
        "\x01",
        "\x7f",
        "\ufffe",
        "\U0001f600",
        "\u00a0",
        "<item>",
        "</item>",
        "<item/>",
        "<item>1</item>",
        "<payload>",
        "</payload>",
        "<payload/>",
        "<payload >",
        "<payload><item><city>x</city>",
        "<city>",
        "</city>",
        "<city/>",
        "<city></city>",
        ' a="1"',
        "<x:city/>",
        "text",
        ">",
        "/",
        "<tagsId><item>1</item></tagsId>",
        "</response>",
        "<response>",
        "<!DOCTYPE a>",
    ],
    Format.CSV: [
        "\r",
        "\n",
        "\r\n",
        "\r\r\n",
        "\n\n",
        '"',
        '""',
        ",",
        ";",
        "\\",
        '\\"',
        "#",
        "# a: 1\r\n",
        "[1,2]",
        '"[1,2]"',
        "\0",
        "\u2028",
        "\x0b",
        " ",
        "x",
        "0",
    ],
    Format.PLAIN: [
        "\n",
        "\r\n",
        " ",
        "    ",
        "[",
        "]",
        "] => ",
        "(",
        ")",
        "\n)\n",
        "Array\n(\n)\n",
        "x",
        "\n            [0] => x",
        "\n                    [city] => x",
        "\n                )\n",
        "\n        )\n",
        "\n            )\n",
        "\n\n            [1] => Array\n                (\n",
        "                            [0] => 1\n",
        "\0",
        "-",
        "stdClass Object\n",
    ],
}

each_format = pytest.mark.parametrize("fmt", list(Format))


@st.composite
def nearly_right(draw: st.DrawFn, fmt: Format) -> bytes:
    """A body as this library writes it, in which a few pieces were put in or taken out."""
    response = draw(responses(frozenset((fmt,))))
    text = serialize(response, fmt).decode()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.sampled_from((0, 0, 0, 1, 5)))
        text = text[:at] + draw(st.sampled_from(PIECES[fmt])) + text[at + gone :]
    return text.encode()


@pytest.mark.slow
@each_format
@given(data=st.data())
def test_nearly_right_bodies(fmt: Format, data: st.DataObject) -> None:
    body = data.draw(nearly_right(fmt))
    check_is_read_the_same(body, fmt)


@each_format
def test_a_page(fmt: Format) -> None:
    body = PAGE.with_suffix(SUFFIXES[fmt]).read_bytes()
    check_is_read_the_same(body, fmt)


@each_format
def test_the_fast_way_is_taken(fmt: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    module = module_of(fmt)
    monkeypatch.setattr(module, "WAYS", module.WAYS[:1])
    page = PAGE.with_suffix(SUFFIXES[fmt]).read_bytes()
    assert len(parse(page, fmt).payload) == 1000


HOSTILE = [
    (
        Format.PLAIN,
        "Response Object\n(\n    [inbound] => Array\n        (\n"
        "            [pageLength] => 1\n"
        "        )\n\n    [payload] => Array\n        (\n"
        "            [0] => Array\n                (\n"
        "                    [callId] => 1\n                )\n\n        )\n\n)\n",
    ),
    (Format.XML, "<?x <payload><item><callId>1</callId></item></payload> ?><r><payload/></r>"),
    (Format.XML, "<?xml-x <payload><item><callId>1</callId></item></payload> ?><r><payload/></r>"),
    (
        Format.XML,
        "<?x <payload><item><callId>1</callId></item></payload> ?>"
        "<r><payload ><item><callId>2</callId></item></payload ></r>",
    ),
    (Format.XML, "<r><info><0>a</0></info><payload><item><callId>1</callId></item></payload></r>"),
    (
        Format.XML,
        "<r><x><0>a</0></x><payload><item><callId>1</callId><_1x>q</_1x></item></payload></r>",
    ),
    (Format.XML, "<r><payload><item><callId>1</callId><c>&#1114112;</c></item></payload></r>"),
    (Format.XML, "<r><payload><tagsId><item>1</item></tagsId></payload></r>"),
    (Format.XML, f"<r><payload><item><callId>1</callId><{'n' * 20_000}/></item></payload></r>"),
    (Format.CSV, "callId,city\r\r\n1,a\r\r\n"),
    (Format.CSV, "callId\r\n"),
    (
        Format.XML,
        "<r><payload><item><callId>1</callId><city>&#38;amp;&amp;lt;&#x26;&lt;&#59;&amp;#59;</city>"
        "</item></payload></r>",
    ),
    (Format.XML, "<r><payload><item><callId>1</callId><city>&amp&#59;</city></item></payload></r>"),
    (
        Format.XML,
        "<r><payload><item><callId>1</callId><city>"
        + "".join(f"&#{number};" for number in range(32, 232))
        + "</city></item></payload></r>",
    ),
]


@pytest.mark.parametrize(("fmt", "body"), HOSTILE)
def test_hostile_bodies(fmt: Format, body: str) -> None:
    check_is_read_the_same(body.encode(), fmt)


@pytest.mark.slow
@each_format
@pytest.mark.parametrize("bad", [0, 999, 1000, 2499])
def test_a_bad_row_of_many(fmt: Format, bad: int) -> None:
    page = parse(PAGE.with_suffix(".json").read_bytes(), Format.JSON)
    rows = [replace(page.payload[0], call_id=10**9 + at) for at in range(2500)]
    counts = replace(page.inbound, total_length=2500, page_length=2500, of_pages=1)
    text = serialize(replace(page, payload=rows, inbound=counts), fmt).decode()
    body = text.replace(str(10**9 + bad), "x" if fmt is not Format.JSON else '"x"').encode()
    fast = outcome(body, fmt)
    assert isinstance(fast, tuple)
    assert len(fast[0].payload) == 2499
    check_is_read_the_same(body, fmt)


def test_check_finds_the_bad_row_of_many() -> None:
    rows = [{"callId": at, "city": "x" * 1000} for at in range(2500)]
    rows[1500]["city"] = "x" * 1001
    body = msgspec.json.encode({"payload": rows})
    found = check(body, Format.JSON, record_type=Small, limits=Limits(value_chars=1000))
    assert ("payload", 1500, "city") in [finding.path for finding in found.findings]


@dataclass
class Small:
    call_id: int
    city: str | None = None
    tags_id: tuple[int, ...] = ()


@dataclass
class Odd:
    call_id: int
    quoted: str | None = field(default=None, metadata={"wire": 'a"b\\c'})
    keyword: str | None = field(default=None, metadata={"wire": "class"})
    ligature: str | None = field(default=None, metadata={"wire": "\ufb01"})
    letters: str | None = field(default=None, metadata={"wire": "fi"})


@pytest.mark.parametrize("fmt", [Format.JSON, Format.CSV, Format.PLAIN])
def test_odd_names(fmt: Format) -> None:
    page = Response(Inbound(page_length=2), payload=[Odd(1, "a", "b", "c", "d"), Odd(2)])
    assert parse(serialize(page, fmt), fmt, record_type=Odd) == page


def test_nothing_is_made_of_a_page_that_is_not_proven() -> None:
    made: list[str | None] = []

    @dataclass
    class Watched:
        call_id: int
        city: str | None = None

        def __post_init__(self) -> None:
            made.append(self.city)

    body = b'{"payload":[{"callId":1,"city":"x"},{"callId":2,"city":"ok","city":"bad"}]}'
    response = parse(body, Format.JSON, record_type=Watched, on_error="collect")
    assert made == ["x"]
    assert [error.path for error in response.errors] == [("payload", 1, "city")]


# A column of cells must be read as each of them is, whatever stands beside it.
RULES = [
    Integer(None),
    Integer(),
    Text(None),
    Text(),
    Moment(None),
    Moment(),
    Items(Integer()),
    Items(Text()),
]
CELLS = [
    "",
    "-",
    None,
    "1",
    "-1",
    "--1",
    "1-",
    "x",
    "\n[1]",
    "\n\n",
    "\n",
    "[]",
    "[1]",
    "[1,2]",
    "[1],[2]",
    "[1",
    "2]",
    "1;2",
    "[01]",
    "[99999999999999999999]",
    "2019-07-16 11:59:08",
    "0000-00-00 00:00:00",
    "2019-07-16 11:59:08\n2019-07-16 11:59:08",
    "2019-02-30 00:00:00",
    5,
    10**18,
    True,
    False,
    [1],
    [],
    ["1"],
    Pairs([("item", "1")]),
    Pairs(),
]


@pytest.mark.parametrize("rule", RULES)
@given(cells=st.lists(st.sampled_from(CELLS), min_size=1, max_size=4))
def test_columns_are_their_cells(rule: Rule, cells: list[Any]) -> None:
    values = None
    with suppress(Fault):  # then cells are read one by one as well
        values = rule.read_column(Column.of(cells), DEFAULT_LIMITS)
    if values is not None:
        alone = [rule.read(cell, DEFAULT_LIMITS) for cell in cells]
        assert [*map(repr, values)] == [*map(repr, alone)]


VALUES = [
    None,
    "",
    "-",
    "x",
    1,
    True,
    10**18,
    (1,),
    (True,),
    (1.0,),
    ("1",),
    ([1],),
    (),
    datetime(2019, 7, 16),
    datetime(2019, 7, 16, tzinfo=UTC),
]


@pytest.mark.parametrize("rule", RULES)
@given(values=st.lists(st.sampled_from(VALUES), min_size=1, max_size=4))
def test_written_columns_are_their_values(rule: Rule, values: list[Any]) -> None:
    cells = rule.write_column(values, json.CONSTRAINTS)
    if cells is not None:
        assert [*map(repr, cells)] == [
            repr(rule.write(value, json.CONSTRAINTS)) for value in values
        ]
