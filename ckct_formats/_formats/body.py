"""A body as given, decoded: its encoding settled, its places countable.

The encoding is the explicit argument, else the byte order mark, else the declaration inside the
body, else UTF-8; two of the first three that contradict each other are an error, but that an
argument beats a declaration. Nothing is ever guessed.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect
from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from ckct_formats._errors import LimitExceededError, ParseError
from ckct_formats._format import Format
from ckct_formats._formats.faults import Fault
from ckct_formats._limits import DEFAULT_LIMITS, Limits

# Longest first: the mark of UTF-16-LE begins that of UTF-32-LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Character sets that a document may name by itself. Python knows more codecs, some of them no
# character sets at all and some with quadratic decoders (punycode).
_DECLARABLE = re.compile(
    r"utf-?(8|16|32)(-?[lb]e)?|us-ascii|ascii|iso-?8859-\d+|latin-?1|(windows-|cp)125\d|cp866|ibm866"
    r"|koi8-[ru]|mac-?cyrillic"
)

# In windows-1251 the Russian letters fill 0xC0 to 0xFF; in UTF-8 no two of these bytes that are
# both 0xC0 or more stand side by side.
_LOOKS_LIKE_1251 = re.compile(rb"[\xC0-\xFF\xA8\xB8]{3}")

# How far places are apart from which lines and bytes are counted.
_MARK_CHARS = 4096

# An XML declaration, or the first line of a table, is shorter.
_HEAD_BYTES = 4096

Buffer = bytes | bytearray | memoryview | str
Declared = Callable[[bytes], str | None]


class _Place(NamedTuple):
    """An index into the text, its line, where that begins, and the offset into the bytes."""

    at: int
    line: int
    start: int
    offset: int


class Body:
    """The text of a body, and how to name a place in it.

    Attributes:
        format: The format it is read as; None while that is being detected.
        dialect: As in `Source.dialect`, set by the format module as soon as it knows.
        encoding: As in `Source.encoding`.
        codec: The codec that it names; for a `str`, that in which bytes are counted.
        declared: The encoding that the body itself declares, in lower case.
    """

    def __init__(
        self,
        given: bytes | str,
        format: Format | None = None,
        encoding: str | None = None,
        declared: Declared = lambda head: None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.given = given
        self.format = format
        self.dialect: str | None = None
        self.declared: str | None = None
        self._mark = b""
        if isinstance(given, str):
            self.encoding, self.codec = "str", "utf-8"
            self._marks = [_Place(0, 1, 0, 0)]
            return
        self._mark, marked = next(
            ((mark, name) for mark, name in _MARKS if given.startswith(mark)), (b"", None)
        )
        head = given[len(self._mark) :][:_HEAD_BYTES]
        name = declared(head.decode(marked, "ignore").encode() if marked else head)
        self.declared = None if name is None else name.lower()
        self._is_wide = b"\0" in head[:4]
        self.codec = self._settle(encoding, marked)
        self.encoding = _public_name(self.codec)
        self._marks = [_Place(0, 1, 0, len(self._mark))]

    def _settle(self, encoding: str | None, marked: str | None) -> str:
        """The codec to decode with, or the error of two sources that contradict each other."""
        explicit = None if encoding is None else self._known(encoding)
        declared = None
        if explicit is None and self.declared is not None:
            declared = self._known(self.declared)
            if not _DECLARABLE.fullmatch(self.declared.replace("_", "-")):
                raise self._refused("the declared encoding is none that a body may declare")
        codec = explicit or declared
        if marked is not None:
            if codec is not None and not _agrees(codec, marked):
                source = "the encoding asked for" if explicit else "the declared encoding"
                raise self._refused(
                    f"{source}, {codec}, contradicts the byte order mark ({marked})"
                )
            return marked
        if declared is not None and declared.startswith(("utf-16", "utf-32")) and not self._is_wide:
            # The declaration was read byte by byte, so the body is in no such encoding.
            raise self._refused(f"the declared encoding, {declared}, contradicts the bytes")
        if explicit in ("utf-16", "utf-32"):
            advice = f"pass {explicit}-le or {explicit}-be"
            raise self._refused(f"{explicit} without a byte order mark can be either way: {advice}")
        return codec or "utf-8"

    def _known(self, encoding: str) -> str:
        try:
            codec = codecs.lookup(encoding)
            b"a".decode(codec.name, "replace")  # refuses codecs that are for no text
        except (LookupError, ValueError):
            codec = None
        if codec is None:
            raise self._refused("unknown encoding", encoding)
        return "utf-8" if codec.name == "utf-8-sig" else codec.name

    def _refused(self, reason: str, excerpt: str | None = None) -> ParseError:
        return ParseError(reason, format=self.format, excerpt=excerpt)

    @cached_property
    def text(self) -> str:
        """The body as text, without its byte order mark."""
        if isinstance(self.given, str):
            return self.given.removeprefix("\ufeff")
        try:
            text = self.given[len(self._mark) :].decode(self.codec)
        except UnicodeError as error:
            offset = len(self._mark) + getattr(error, "start", 0)
        else:
            return text
        reason = _undecodable(self.given, offset, self.encoding)
        raise ParseError(reason, format=self.format, offset=offset)

    @property
    def head(self) -> str:
        """The beginning of the text, whether or not the rest can be decoded."""
        if isinstance(self.given, str):
            return self.text[:_HEAD_BYTES]
        return self.given[len(self._mark) :][:_HEAD_BYTES].decode(self.codec, "replace")

    @cached_property
    def utf8(self) -> bytes:
        """The body in UTF-8, without its byte order mark; not proven to be valid UTF-8."""
        if isinstance(self.given, bytes) and self.codec == "utf-8":
            return self.given.removeprefix(self._mark)
        try:
            data = self.text.encode()
        except UnicodeEncodeError as error:
            start = error.start
        else:
            return data
        raise self.error(Fault("a lone surrogate is no character"), at=start)

    def error(
        self, fault: Fault, at: int | None = None, kind: type[ParseError] = ParseError
    ) -> ParseError:
        """The error of a fault that stands at an index into the text."""
        where: dict[str, Any] = {
            "format": self.format,
            "dialect": self.dialect,
            "path": fault.path,
            "excerpt": fault.excerpt,
        }
        if at is not None:
            where["line"], where["column"], where["offset"] = self.position(at)
        if fault.over is not None:
            return LimitExceededError(*fault.over, **where)
        return kind(fault.reason, **where)

    def position(self, index: int) -> tuple[int, int, int | None]:
        """Line, column and offset of an index into the text, as errors give them."""
        text = self.text
        # A place between the two characters of a line end is at the end of the line.
        until = index - (text.startswith("\n", index) and text.endswith("\r", 0, index))
        mark = self._mark_before(until)
        line, start = self._line_at(until, mark)
        if isinstance(self.given, str):
            return line, index - start + 1, None
        offset = mark.offset + len(text[mark.at : index].encode(self.codec))
        return line, index - start + 1, offset

    def _line_at(self, index: int, mark: _Place) -> tuple[int, int]:
        """The line of an index, and where it begins; counted from a mark on."""
        text, before = self.text, mark.at
        ends = text.count("\n", before, index) + text.count("\r", before, index)
        ends -= text.count("\r\n", before, index)
        start = max(text.rfind("\n", before, index), text.rfind("\r", before, index)) + 1
        return mark.line + ends, max(mark.start, start)

    def _mark_before(self, index: int) -> _Place:
        """The last mark in front of an index. Marks are set on the way to the first place that is
        asked for behind them, so that none is far from the next, in whatever order they come."""
        text, marks = self.text, self._marks
        while marks[-1].at + _MARK_CHARS <= index:
            last = marks[-1]
            at = last.at + _MARK_CHARS
            at -= text.startswith("\n", at) and text.endswith("\r", 0, at)
            offset = last.offset
            if not isinstance(self.given, str):
                offset += len(text[last.at : at].encode(self.codec))
            marks.append(_Place(at, *self._line_at(at, last), offset))
        return marks[bisect(marks, index, key=attrgetter("at")) - 1]


def check_size(length: int, limits: Limits, format: Format | None) -> None:
    """Refuse a body that is too long, before it is copied or decoded."""
    if length > limits.body_bytes:
        raise LimitExceededError("body_bytes", limits.body_bytes, length, format=format)


def check_nodes(
    data: bytes, count_nodes: Callable[[bytes], int], most: int, format: Format | None
) -> None:
    """Refuse a body with too many nodes, before anything is made of each of them; one that is too
    short for so many is not counted."""
    if len(data) > most and (found := count_nodes(data)) > most:
        raise LimitExceededError("nodes", most, found, format=format)


def _agrees(codec: str, marked: str) -> bool:
    return codec == marked or (codec in ("utf-16", "utf-32") and marked.startswith(codec))


def _public_name(codec: str) -> str:
    """The name that charts and headers use: Python calls windows-1251 cp1251."""
    return codec.replace("cp125", "windows-125")


def _undecodable(body: bytes, offset: int, encoding: str) -> str:
    byte = f"byte 0x{body[offset]:02X} " if offset < len(body) else "the end of the body "
    reason = f"{byte}at offset {offset:,} is not {encoding}"
    if encoding == "utf-8" and _LOOKS_LIKE_1251.search(body):
        reason += '; the body looks like windows-1251: pass encoding="windows-1251"'
    return reason
