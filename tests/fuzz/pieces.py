"""A long file read in pieces is what it is when it is read at once, or an error.

A file is long from 16 MiB on; here that is made some hundred bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from promise import record_types_of, told

from ckct_formats import Call, Format, Inbound, Limits, ParseError, detect, parse
from ckct_formats.dumps import DumpError
from ckct_formats.dumps import _reading as reading
from ckct_formats.dumps._locations import File
from ckct_formats.dumps._records import reader_of


@contextmanager
def long_from(length: int) -> Iterator[None]:
    """The library, to which a file of more bytes is a long one."""
    with mock.patch.object(reading, "_WHOLE_BYTES", length):
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


def check_pieces(data: bytes) -> None:
    """A body in the format that it is detected as, in pieces of some lengths."""
    try:
        fmt = detect(data)
    except ParseError:
        return
    for record_type in record_types_of(data):
        for quarters in (1, 2, 3):
            with told(f"{fmt}, {record_type.__name__}, long from {quarters}/4 on"):
                check(data, fmt, max(4, len(data) * quarters // 4), record_type=record_type)
