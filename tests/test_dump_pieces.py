"""A long file read in pieces is what it is when it is read at once, or an error.

A file is long from 16 MiB on; here that is made some hundred bytes. Each body is read in both ways:
where reading it in pieces gives all records without an error, reading it at once must give the same
ones, and the same errors of rows. What is refused at once must not be read in pieces.
"""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import oracle
import pytest
from bodies import body, element, table
from hypothesis import given
from hypothesis import strategies as st
from strategies import Everything, calls, everythings

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
from ckct_formats.dumps import DumpError, iter_calls, read_dump, reading
from ckct_formats.dumps.locations import File
from ckct_formats.dumps.records import reader_of
from ckct_formats.testing.strategies import inbounds, infos

PAGE = Path(__file__).parent.parent / "fixtures" / "page_1000"
SUFFIXES = {Format.JSON: ".json", Format.XML: ".xml", Format.CSV: ".csv", Format.PLAIN: ".txt"}

each_format = pytest.mark.parametrize("fmt", list(Format))


@contextmanager
def long_from(length: int) -> Iterator[None]:
    """The library, to which a file of more bytes is a long one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_WHOLE_BYTES", length)
        yield


@dataclass
class Read:
    """What reading comes to."""

    records: list[Any] = field(default_factory=list)
    errors: list[ParseError] = field(default_factory=list)
    failure: ParseError | DumpError | None = None
    inbound: Inbound = field(default_factory=Inbound)
    pieces: int = 0

    def shown(self) -> object:
        errors = [(error.path, error.reason, error.excerpt) for error in self.errors]
        return self.records, errors, self.inbound


def at_once(data: bytes, fmt: Format, **options: Any) -> Read:
    try:
        response = parse(data, fmt, **options)
    except ParseError as error:
        return Read(failure=error)
    return Read(response.payload, list(response.errors), None, response.inbound, 1)


def in_pieces(data: bytes, fmt: Format, long: int, **options: Any) -> Read:
    given = {"record_type": Call, "encoding": None, "on_error": "raise", "limits": Limits()}
    reader = reader_of(fmt=fmt, **(given | options))
    read = Read()
    with long_from(long):
        for part in reading.read_file(File("dump", None, io.BytesIO(data)), reader):
            if isinstance(part, DumpError):
                read.failure = part
                continue
            read.records += part.response.payload
            read.errors += part.response.errors
            read.inbound = part.response.inbound
            read.pieces += 1
    return read


def check(data: bytes, fmt: Format, long: int, **options: Any) -> Read:
    """Read a body in both ways, and compare; what reading in pieces comes to."""
    for on_error in ("collect", "raise"):
        read = in_pieces(data, fmt, long, on_error=on_error, **options)
        if read.failure is None:
            whole = at_once(data, fmt, on_error=on_error, **options)
            assert whole.failure is None
            assert read.shown() == whole.shown()
        else:
            assert isinstance(read.failure, DumpError)
            assert read.failure.file == "dump"
    return read


def check_lengths(data: bytes, fmt: Format, *, step: int = 1, **options: Any) -> list[Read]:
    """The same, however short a long file is."""
    return [check(data, fmt, long, **options) for long in range(4, len(data), step)]


def assert_read(data: bytes, fmt: Format, **options: Any) -> None:
    """A body that can be read in pieces, is."""
    reads = check_lengths(data, fmt, **options)
    assert [read.failure for read in reads if read.failure] == []
    assert max(read.pieces for read in reads) > 2


def assert_refused_or_whole(data: bytes, fmt: Format, **options: Any) -> None:
    """A body that cannot be cut for certain is not read in pieces, or not to its end."""
    for read in check_lengths(data, fmt, **options):
        assert read.pieces == 1 or read.failure is not None


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
