"""From files to responses: each file read whole, or, if it is long, in pieces."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import IO, Any, Generic, TypeVar

from ckct_formats._errors import DumpError, LimitExceededError, ParseError
from ckct_formats._format import Format
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.table import KnownKeys as Known

Frame = Any
from ckct_formats._limits import Limits
from ckct_formats._model import Response
from ckct_formats._parse import detect
from ckct_formats.dumps._locations import File, format_of, reason_of
from ckct_formats.dumps._unpacking import BROKEN, Member, members

T = TypeVar("T")

# A file up to this long is read at once: some twenty pages. A longer one in pieces of a sixteenth.
_WHOLE_BYTES = 16 * 1024 * 1024
_READ_BYTES = 1024 * 1024
_ASCII = bytes(range(0x20, 0x7F))
# In UTF-16 and UTF-32 a letter may hold the byte of a line end, or of a quote.
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


@dataclass(frozen=True, slots=True)
class Reader(Generic[T]):
    """How the bytes of a dump become a response.

    Attributes:
        parse: Reads a body in a format.
        count: How many records a payload holds.
        drop: A payload without so many records at its beginning.
        known: The keys of a record.
        format, encoding: As they were given; None to find them out.
        limits: For each body, or each piece of a long one.
    """

    parse: Callable[[bytes, Format], Response[T]]
    count: Callable[[list[T]], int]
    drop: Callable[[list[T], int], list[T]]
    known: Known
    format: Format | None
    encoding: str | None
    limits: Limits


@dataclass(slots=True)
class Part(Generic[T]):
    """What was read of a file: all of it, or a piece.

    Attributes:
        file: Its name.
        response: The records, and the envelope as far as it was read.
        is_last: Whether it is the end of the file.
    """

    file: str
    response: Response[T]
    is_last: bool


def read_files(
    files: Iterable[File | DumpError], reader: Reader[T]
) -> Iterator[Part[T] | DumpError]:
    """The parts of all files, in order; what is wrong with a file, or with the rest of it, comes
    in its place."""
    for file in files:
        if isinstance(file, DumpError):
            yield file
        else:
            yield from read_file(file, reader)


def read_file(file: File, reader: Reader[T]) -> Iterator[Part[T] | DumpError]:
    """The parts of one file, and of all members if it is an archive."""
    for member in members(file):
        if isinstance(member, DumpError):
            yield member
        else:
            yield from _read_member(member, reader)


def _read_member(member: Member, reader: Reader[T]) -> Iterator[Part[T] | DumpError]:
    try:
        for response, is_last in _responses(member, reader):
            yield Part(member.name, response, is_last)
        return
    except ParseError as error:
        # A copy has no traceback, which would keep the body.
        failed = DumpError(member.name, error=copy(error))
    except (OSError, *BROKEN) as error:
        failed = DumpError(member.name, reason_of(error))
    yield failed


def _responses(member: Member, reader: Reader[T]) -> Iterator[tuple[Response[T], bool]]:
    whole = min(_WHOLE_BYTES, reader.limits.body_bytes)
    start = _read(member.stream, whole + 1)
    format = reader.format or _format(member.name, start)
    frame = _frame(start, format, reader) if len(start) > whole else None
    if frame is None:
        start += _read(member.stream, reader.limits.body_bytes + 1 - len(start))
        yield reader.parse(start, format), True
    else:
        chunks = _chunks(start[frame.begin :], member.stream, 1 + whole // 16)
        yield from _read_pieces(chunks, frame, format, reader)


def _chunks(start: bytes, stream: IO[bytes], length: int) -> Iterator[bytes]:
    """The bytes of a file, of which a part is read already; the last chunk is empty."""
    for at in range(0, len(start), length):
        yield start[at : at + length]
    while chunk := _read(stream, length):
        yield chunk
    yield b""


def _read(stream: IO[bytes], length: int) -> bytes:
    """So many bytes, or all that there are."""
    chunks, left = [], length
    while left > 0 and (chunk := stream.read(min(left, _READ_BYTES))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def _format(name: str, start: bytes) -> Format:
    """The format by content. Plain text may hold what another format looks like, so a name that
    says so is believed; and a name helps where the content begins as nothing known."""
    named = format_of(name)
    if named is Format.PLAIN:
        return named
    try:
        return detect(start)
    except ParseError:
        if named is None:
            raise
    return named


def _frame(start: bytes, format: Format, reader: Reader[Any]) -> Frame | None:
    """What stands around the rows of a long body, if it can be cut."""
    if start.startswith(_WIDE_MARKS) or not _is_ascii_kept(reader.encoding):
        return None
    return None


def _is_ascii_kept(encoding: str | None) -> bool:
    """Whether an encoding writes ASCII as it is, and one byte or several that are none of ASCII's
    for other characters: so the structure of a body can be told from its bytes."""
    if encoding is None:
        return True
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):  # what is wrong with it, the reader says
        return False
    if name == "utf-8":
        return True
    return name.startswith(("cp125", "iso8859-", "koi8-")) and _ASCII.decode(name).isascii()


def _read_pieces(
    chunks: Iterator[bytes], frame: Frame, format: Format, reader: Reader[T]
) -> Iterator[tuple[Response[T], bool]]:
    rows = bytearray()
    before = 0
    for chunk in chunks:
        rows += chunk
        end = frame.cut(rows) if chunk else len(rows)
        if end or not chunk:
            response = _piece(bytes(rows[:end]), frame, before, not chunk, format, reader)
            before += reader.count(response.payload) + len(response.errors)
            _check_count(before, frame, format)
            del rows[:end]
            yield response, not chunk
        elif len(rows) > reader.limits.body_bytes:
            raise LimitExceededError(
                "body_bytes", reader.limits.body_bytes, len(rows), format=format
            )


def _piece(
    rows: bytes, frame: Frame, before: int, is_last: bool, format: Format, reader: Reader[T]
) -> Response[T]:
    """What some rows of a long body are read as."""
    try:
        body, witnesses = frame.piece(rows, before, last=is_last)
    except Fault as fault:
        failed = ParseError(fault.text, format=format, path=("payload", before))
        raise failed from None
    shift = before - witnesses
    try:
        response = reader.parse(body, format)
    except ParseError as error:
        moved = _moved(error, shift) if before else error
    else:
        if witnesses:
            left_out = [error for error in response.errors if _row(error) < witnesses]
            response.errors = tuple(e for e in response.errors if e not in left_out)
            response.payload = reader.drop(response.payload, witnesses - len(left_out))
        if before:
            response.errors = tuple(_moved(error, shift) for error in response.errors)
        return response
    raise moved


def _row(error: ParseError) -> int:
    row = error.path[1] if len(error.path) > 1 else -1
    return row if isinstance(row, int) else -1


def _moved(error: ParseError, rows: int) -> ParseError:
    """The error of a piece as one of the whole body: its row is known there, but not its place."""
    state: dict[str, Any] = error._state() | {"line": None, "column": None, "offset": None}
    if error.path[:1] == ("payload",) and _row(error) >= 0:
        state["path"] = ("payload", _row(error) + rows, *error.path[2:])
    return type(error)(**state)


def _check_count(rows: int, frame: Frame, format: Format) -> None:
    if frame.most_rows is not None and rows > frame.most_rows:
        raise ParseError(
            f"{rows:,} rows, but the envelope counts {frame.most_rows:,}, so that a text may "
            "imitate rows",
            format=format,
            path=("payload",),
        )
