"""What a fast way reads is what the careful one reads, of bodies that are nearly right too.

Each format has a fast way for the rows that a server writes all alike. Here it is taken away, and
the outcome must not change: not the values, nor the error and its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import responses

from ckct_formats import Format, ParseError, parse, serialize
from ckct_formats.formats import json
from ckct_formats.formats import xml as xml_format
from ckct_formats.formats.alike import NotAlike
from ckct_formats.formats.csv import sheet
from ckct_formats.formats.plain import print_r

PAGE = Path(__file__).parent.parent / "fixtures" / "page_1000"
SUFFIXES = {Format.JSON: ".json", Format.XML: ".xml", Format.CSV: ".csv", Format.PLAIN: ".txt"}

# What may stand anywhere in a body of each format, and mostly should not.
PIECES = {
    Format.JSON: [
        '"city":"x",', ',"city":null', '"callId":1,', '"new":1,', '"new":[{"a":1}],', "\\u0000",
        "\\u003a", "\\u003A", ":", " ", '"', ",", "[]", "{}", "1", "1e9", "null", "[[[]]]", '\\"',
        '"inbound":{},', '"payload":[],', "99999999999999999999", '"тег":', "\\u0442", "-",
    ],
    Format.XML: [
        "<!-- a -->", "<![CDATA[x]]>", "<![CDATA[<city>]]>", "]]>", "<?x y?>", "&amp;", "&#13;",
        "&#x410;", "&#0;", "&#55296;", "&nbsp;", "&", "\r", "\r\n", "\n", " ", "\t", "\x01", "\x7f",
        "\ufffe", "\U0001f600", "\u00a0", "<item>", "</item>", "<item/>", "<item>1</item>",
        "<payload>", "</payload>", "<payload/>", "<payload >", "<payload><item><city>x</city>",
        "<city>", "</city>", "<city/>", "<city></city>", ' a="1"', "<x:city/>", "text", ">", "/",
        "<tagsId><item>1</item></tagsId>", "</response>", "<response>", "<!DOCTYPE a>",
    ],
    Format.CSV: [
        "\r", "\n", "\r\n", "\r\r\n", "\n\n", '"', '""', ",", ";", "\\", '\\"', "#", "# a: 1\r\n",
        "[1,2]", '"[1,2]"', "\0", "\u2028", "\x0b", " ", "x", "0",
    ],
    Format.PLAIN: [
        "\n", "\r\n", " ", "    ", "[", "]", "] => ", "(", ")", "\n)\n", "Array\n(\n)\n", "x",
        "\n            [0] => x", "\n                    [city] => x", "\n                )\n",
        "\n        )\n", "\n            )\n", "\n\n            [1] => Array\n                (\n",
        "                            [0] => 1\n", "\0", "-", "stdClass Object\n",
    ],
}  # fmt: skip

each_format = pytest.mark.parametrize("fmt", list(Format))


FAST_WAYS: dict[Format, tuple[Any, list[str]]] = {
    Format.JSON: (json.fast, ["read_documented", "read_any"]),
    Format.XML: (xml_format, ["_read_alike"]),
    Format.CSV: (sheet.Sheet, ["_fast_rows"]),
    Format.PLAIN: (print_r, ["_read_alike"]),
}


def _not_alike(*args: Any) -> None:
    raise NotAlike


@contextmanager
def carefully(fmt: Format) -> Iterator[None]:
    """The library without the fast way of a format."""
    with pytest.MonkeyPatch.context() as patch:
        module, names = FAST_WAYS[fmt]
        for name in names:
            patch.setattr(module, name, _not_alike)
        yield


def outcome(body: bytes, fmt: Format) -> object:
    """What reading a body comes to: records and errors, with their places."""
    try:
        response = parse(body, fmt, on_error="collect")
    except ParseError as error:
        return shown(error)
    return response, [shown(error) for error in response.errors], response.source


def shown(error: ParseError) -> object:
    return type(error), str(error), error.path, error.line, error.column, error.offset


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


@each_format
@given(data=st.data())
def test_nearly_right_bodies(fmt: Format, data: st.DataObject) -> None:
    body = data.draw(nearly_right(fmt))
    fast = outcome(body, fmt)
    with carefully(fmt):
        assert outcome(body, fmt) == fast


@each_format
def test_a_page(fmt: Format) -> None:
    body = PAGE.with_suffix(SUFFIXES[fmt]).read_bytes()
    fast = outcome(body, fmt)
    with carefully(fmt):
        assert outcome(body, fmt) == fast


@each_format
def test_the_fast_way_is_taken(fmt: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    module, [name, *_] = FAST_WAYS[fmt]
    way: Callable[..., Any] = getattr(module, name)
    given: list[Any] = []

    def watched(*args: Any) -> Any:
        given.append(way(*args))
        return given[-1]

    monkeypatch.setattr(module, name, watched)
    parse(PAGE.with_suffix(SUFFIXES[fmt]).read_bytes(), fmt)
    assert len(given) == 1
