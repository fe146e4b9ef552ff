"""What holds of any body whatever; no fuzzer is needed to check it.

Any input of the right type gives a `Response` or one of the library's errors. What gives a
`Response` can be written and read back equal in each format, or the writer says why not. It is the
same however it is read: detected or told, decoded or not, by a fast way or by the careful one.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from unittest import mock

from ckct_formats import (
    Call,
    CallV3,
    Format,
    ParseError,
    Response,
    SerializeError,
    detect,
    parse,
    serialize,
)
from ckct_formats._formats.modules import module_of

_PHONE = re.compile(r"[0-9]{5}")


@dataclass(slots=True)
class Part:
    """A record inside `Anything`."""

    a: str = ""
    b: int | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Anything:
    """A record of every type that a field may have. It refuses little, so that much can be read."""

    a: str | None = None
    b: int | None = None
    c: tuple[str, ...] = ()
    d: datetime | None = None
    e: float | None = None
    f: Decimal | None = None
    g: bool | None = None
    h: date | None = None
    i: tuple[int, ...] = ()
    j: Part = field(default_factory=Part)
    k: tuple[Part, ...] = ()
    l: str = ""  # noqa: E741 (one letter each)
    m: bool = False
    extra: dict[str, str] = field(default_factory=dict)


def record_types_of(data: bytes) -> list[type[Any]]:
    """What the rows of a body may be read as, by the keys that it holds."""
    kinds: list[type[Any]] = []
    if b"callId" in data:
        kinds.append(Call)
    if b"universalId" in data:
        kinds.append(CallV3)
    return [*(kinds or [Anything]), dict]


def check_body(data: bytes, fmt: Format) -> None:
    """All that holds of the bytes of a body in a format."""
    for record_type in record_types_of(data):
        with told(f"{fmt}, {record_type.__name__}"):
            collected = read(data, fmt, on_error="collect", record_type=record_type)
            check_raises_the_first(collected, data, fmt, record_type)
            check_is_read_the_same(data, fmt, record_type)
            if collected is not None:
                check_is_no_longer(collected, data)
                check_comes_back(collected, record_type)
    with told(f"{fmt}, detected or decoded"):
        check_detected(data)
        check_decoded(data, fmt)


@contextmanager
def told(note: str) -> Iterator[None]:
    """Say of what fails what was tried."""
    try:
        yield
    except Exception as error:
        error.add_note(note)
        raise


def check(data: bytes | str, fmt: Format | None, **options: Any) -> None:
    """A body is read or refused; what is read comes back."""
    response = read(data, fmt, **options)
    if response is not None:
        check_comes_back(response, options.get("record_type", Call))


def read(data: bytes | str, fmt: Format | None, **options: Any) -> Response[Any] | None:
    """The response, or None for a body that is refused as it should be."""
    try:
        response = parse(data, fmt, **options)
    except ParseError as error:
        check_error(error, data, fmt)
        return None
    for row_error in response.errors:
        check_error(row_error, data, fmt)
    return response


def check_error(error: ParseError, data: bytes | str, fmt: Format | None) -> None:
    assert error.__cause__ is None
    assert error.__context__ is None
    assert error.reason
    assert not str(error).endswith(".")
    assert len(str(error)) < 1000
    assert error.excerpt is None or len(error.excerpt) <= 32
    assert not _PHONE.search(f"{error.reason} {error.excerpt}")
    assert fmt is None or error.format is fmt
    assert error.line is None or error.line >= 1
    assert error.column is None or error.column >= 1
    if isinstance(data, str):
        assert error.offset is None
    else:
        assert error.offset is None or 0 <= error.offset <= len(data)


def check_comes_back(response: Response[Any], record_type: type[Any] = Call) -> None:
    """Written in each format, or refused for a reason; what is written is read back equal."""
    for fmt in Format:
        with told(f"by {fmt}"):
            try:
                data = serialize(response, fmt)
            except SerializeError as error:
                assert error.format is fmt
                assert error.__context__ is None
                continue
            back = parse(data, fmt, record_type=record_type)
            assert back == response
            assert serialize(back, fmt) == data


def check_is_no_longer(response: Response[Any], data: bytes) -> None:
    """The texts of rows are not much longer than the body: a number may be written shorter than in
    decimal, but not without end."""
    assert sum(map(_length, response.payload)) <= 100 * (len(data) + 100)


def _length(value: Any) -> int:
    """How many characters the texts of a value have, those of its keys left out."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_length, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(_length, value))
    if is_dataclass(value):
        return sum(_length(getattr(value, each.name)) for each in fields(value))
    return 0


def check_raises_the_first(
    response: Response[Any] | None, data: bytes, fmt: Format, record_type: type[Any]
) -> None:
    """Where rows are not collected, the first that cannot be read is raised.

    Args:
        response: What was read of the data with `on_error="collect"`.
    """
    try:
        found: object = parse(data, fmt, record_type=record_type)
    except ParseError as error:
        found = error
        check_error(error, data, fmt)
    if response is None:
        assert isinstance(found, ParseError)
    elif not response.errors:
        assert found == response
    elif response.payload:
        assert found == response.errors[0]


def check_detected(data: bytes) -> None:
    """The format that `detect` names is the one that is read where none is told."""
    response = read(data, None)
    try:
        fmt = detect(data)
    except ParseError as error:
        check_error(error, data, None)
        assert response is None
        return
    assert response == read(data, fmt)
    if response is not None:
        assert response.source is not None
        assert response.source.format is fmt


def check_decoded(data: bytes, fmt: Format) -> None:
    """A body in UTF-8 says the same in UTF-16, and decoded, whatever it declares then."""
    text = None
    with suppress(UnicodeDecodeError):
        text = data.decode()
    if text is None:
        check(data, fmt, encoding="windows-1251")
        return
    response = read(data, fmt)
    decoded = read(text, fmt)
    if response is not None and response.source is not None and response.source.encoding == "utf-8":
        assert decoded == response
    # In PHP's dumps lengths count bytes, and a declaration says what the bytes are.
    if fmt is not Format.PLAIN and "encoding" not in text:
        # The mark of UTF-16-LE in front of a NUL is that of UTF-32-LE.
        wide = codecs.BOM_UTF16_BE + text.removeprefix("\ufeff").encode("utf-16-be")
        assert read(wide, fmt) == decoded


# ---- the fast ways ----


@contextmanager
def carefully(fmt: Format) -> Iterator[None]:
    """The library without the fast ways of a format."""
    module = module_of(fmt)
    with mock.patch.object(module, "WAYS", module.WAYS[-1:]):
        yield


def outcome(body: bytes, fmt: Format, **options: Any) -> object:
    """What reading a body comes to: records and errors, with their places."""
    try:
        response = parse(body, fmt, on_error="collect", **options)
    except ParseError as error:
        return shown(error)
    return response, [shown(error) for error in response.errors], response.source


def shown(error: ParseError) -> object:
    return type(error), str(error), error.path, error.line, error.column, error.offset


def check_is_read_the_same(data: bytes, fmt: Format, record_type: type[Any] = Call) -> None:
    """A fast way reads what the careful one reads, and fails as that does."""
    fast = outcome(data, fmt, record_type=record_type)
    with carefully(fmt):
        assert outcome(data, fmt, record_type=record_type) == fast
