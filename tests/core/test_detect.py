"""Detection decides from the first bytes, by a written rule, without running a reader."""

from __future__ import annotations

import codecs
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckct_formats import Format, FormatsError, ParseError, detect, parse

TOLD: list[tuple[Format, str]] = [
    *[
        (Format.XML, text)
        for text in (
            *("<response/>", "<?xml version='1.0'?>", "<!-- c --><r/>", "<prefix/>", "<presets>"),
            *("<htmlish/>", "<headers/>", "<bodies/>", "<р/>", "<", "<r", "<!DOCTYPE r>", "<a:b/>"),
        )
    ],
    *[
        (Format.JSON, text)
        for text in ("{}", "[]", "{", "[", "[1", '{"a', "{x", "[Array\n(", "{a,b")
    ],
    *[
        (Format.PLAIN, text)
        for text in (
            *("Array\n(\n)\n", "Array\n(", "stdClass Object\n(\n", "<pre>Array\n(", "<PRE>\nArray"),
            *(
                "array (\n  'payload' =>",
                "array(1) {\n",
                'a:1:{s:7:"payload";',
                'O:8:"stdClass":1:{',
            ),
        )
    ],
    *[
        (Format.CSV, text)
        for text in (
            *("# inbound.error: x\n", "# payload: []", "callId,city\n1,a", "callId;city\n1;a"),
            *("callId\tcity\n1\ta", "callId|city\n1|a", '"callId","city"\n', '"a,b";c\n'),
            *(
                "callId\n1",
                "callId\r\n1",
                '"callId"\n"1"',
                "sep=;\ncallId;city\n",
                "a,b",
                "город,имя\n",
            ),
        )
    ],
]
MARKED = [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE]
CODEC = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


@pytest.mark.parametrize(("fmt", "text"), TOLD)
def test_a_beginning_tells_the_format(fmt: Format, text: str) -> None:
    assert detect(text) is fmt
    assert detect(text.encode()) is fmt
    assert detect(bytearray(text.encode())) is fmt
    assert detect(memoryview(text.encode())) is fmt


@pytest.mark.parametrize(("fmt", "text"), TOLD)
def test_a_mark_and_white_space_in_front_say_nothing(fmt: Format, text: str) -> None:
    for space in ("", " ", "\n", "\r\n\t  "):
        assert detect("\ufeff" + space + text) is fmt
        for mark in MARKED:
            assert detect(mark + (space + text).encode(CODEC[mark])) is fmt


@pytest.mark.parametrize(
    "text",
    [
        *("hello world", "5", "-1.5", "null", "true", "-", "Array", "()", "Not found", "%PDF-1.4"),
        *("\x1b[2J", "PK\x03\x04", "\0", "\0{", "error", "Доступ запрещён", "a b c\nd e f"),
    ],
)
def test_what_fits_none_is_an_error_that_lists_the_four(text: str) -> None:
    for body in (text, text.encode()):
        with pytest.raises(ParseError) as caught:
            detect(body)
        error = caught.value
        assert all(name in error.reason for name in ("json", "xml", "csv", "plain"))
        assert error.format is None
        assert error.excerpt is not None
        assert text.startswith(error.excerpt[:1])
        with pytest.raises(ParseError) as raised:
            parse(body)
        assert raised.value == error


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\ufeff", "\ufeff \n"])
def test_nothing_fits_none(text: str) -> None:
    with pytest.raises(ParseError, match="empty"):
        detect(text)
    with pytest.raises(ParseError, match="empty"):
        detect(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        *(
            "<!DOCTYPE html>",
            "<!doctype HTML><html>",
            "<html>",
            "<html lang='ru'>",
            "<HTML>",
            "<head>",
        ),
        *(" \n<html>", "<body class='x'>", "<!-- page --><html>", "\ufeff<!DOCTYPE html>"),
    ],
)
def test_an_html_page_fits_none(text: str) -> None:
    with pytest.raises(ParseError, match="HTML"):
        detect(text)


@pytest.mark.parametrize(
    "text",
    ["<br />\n<b>Warning</b>:  x, y", "Notice: a, b", "PHP Warning:  a", "\nFatal error: a;b"],
)
def test_a_message_of_php_fits_none(text: str) -> None:
    with pytest.raises(ParseError, match="PHP"):
        detect(text)


@pytest.mark.slow
@given(rest=st.text())
def test_what_follows_the_beginning_says_nothing(rest: str) -> None:
    assert detect("{" + rest) is Format.JSON
    assert detect("[" + rest) is Format.JSON
    assert detect("<response>" + rest) is Format.XML
    assert detect("Array\n(\n" + rest) is Format.PLAIN
    assert detect("# inbound.error: x\n" + rest) is Format.CSV
    assert detect("callId,city\n" + rest) is Format.CSV


@given(body=st.binary() | st.text())
def test_anything_gives_a_format_or_a_parse_error(body: bytes | str) -> None:
    try:
        assert detect(body) in Format
    except FormatsError as error:
        assert type(error) is ParseError
        assert error.__context__ is None


def test_parse_reads_what_detect_says() -> None:
    for text in ("[]", "<r/>", "# payload: []", "Array\n(\n)\n"):
        response = parse(text)
        assert response.source is not None
        assert response.source.format is detect(text)


def test_bytes_that_are_no_utf_8_do_not_matter_behind_the_beginning() -> None:
    assert detect(b'{"a": "\xff') is Format.JSON
    assert detect("callId,город\n1,Казань".encode("windows-1251")) is Format.CSV
    assert detect(b"<r>\xff") is Format.XML


@pytest.mark.parametrize(
    "start", ["[", "<a>", "a,", "Array\n(\n", '"', "a", "a:", "<!--", " ", "=", "# "]
)
def test_a_long_body_takes_no_longer(start: str) -> None:
    body = (start * 10_000_000)[:10_000_000].encode()
    begin = time.process_time()
    with suppress(ParseError):
        detect(body)
    assert time.process_time() - begin < 0.5
