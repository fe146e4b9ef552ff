"""A body as given, decoded: its encoding settled, its places countable.

The encoding is the explicit argument, else the byte order mark, else the declaration inside the
body, else UTF-8. Two of the first three that contradict each other are an error, except that an
argument overrides a declaration. Nothing is ever guessed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from ckct_formats._errors import LimitExceededError, ParseError, UnsafeInputError
from ckct_formats._format import Format
from ckct_formats._formats.faults import Fault, UnsafeFault
from ckct_formats._limits import Limits

# Longest first: the mark of UTF-16-LE begins that of UTF-32-LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Character sets that a document may declare. Python knows more codecs, some of them no character
# sets at all and some with quadratic decoders (punycode).
_DECLARABLE = re.compile(
    r"utf-?(8|16|32)(-?[lb]e)?|us-ascii|ascii|iso-?8859-\d+|latin-?1|(windows-|cp)125\d|cp866|ibm866"
    r"|koi8-[ru]|mac-?cyrillic"
)

# In windows-1251 the Russian letters fill 0xC0 to 0xFF; in UTF-8 no two bytes that are both 0xC0
# or more are adjacent.
_LOOKS_LIKE_1251 = re.compile(rb"[\xC0-\xFF\xA8\xB8]{3}")

# An XML declaration, or the first line of a table, is shorter.
_HEAD_BYTES = 4096

Buffer = bytes | bytearray | memoryview | str


class Body:
    """The text of a body, and how to name a place in it.

    Attributes:
        format: The format it is read as; None while that is being detected.
        dialect: As in `Source.dialect`, set by the format module as soon as it knows.
        encoding: As in `Source.encoding`.
        codec: The codec that it names; of a `str`, the one in which bytes are counted.
        declared: The encoding that the body itself declares, in lower case.
    """

    def __init__(
        self,
        given: bytes | str,
        format: Format | None = None,
        encoding: str | None = None,
        declared_encoding: Callable[[bytes], str | None] = lambda head: None,
    ) -> None:
        self.given = given
        self.format = format
        self.dialect: str | None = None
        self.declared: str | None = None
        self._mark = b""
        if isinstance(given, str):
            self.encoding, self.codec = "str", "utf-8"
            return
        self._mark, marked = next(
            ((mark, name) for mark, name in _MARKS if given.startswith(mark)), (b"", None)
        )
        head = given[len(self._mark) :][:_HEAD_BYTES]
        name = declared_encoding(head.decode(marked, "ignore").encode() if marked else head)
        self.declared = None if name is None else name.lower()
        self.codec = self._settle(encoding, marked, is_wide=b"\0" in head[:4])
        # The name that charts and headers use: Python calls windows-1251 cp1251.
        self.encoding = self.codec.replace("cp125", "windows-125")

    def _settle(self, encoding: str | None, marked: str | None, *, is_wide: bool) -> str:
        """The codec to decode with, or the error of two sources that contradict each other."""
        explicit = None if encoding is None else self._codec_of(encoding)
        declared = None
        if explicit is None and self.declared is not None:
            declared = self._codec_of(self.declared)
            if not _DECLARABLE.fullmatch(self.declared.replace("_", "-")):
                raise self._refused("the declared encoding is none that a body may declare")
        codec = explicit or declared
        if marked is not None:
            if codec not in (None, marked, marked.removesuffix("-le").removesuffix("-be")):
                source = "the encoding asked for" if explicit else "the declared encoding"
                raise self._refused(
                    f"{source}, {codec}, contradicts the byte order mark ({marked})"
                )
            return marked
        if declared is not None and declared.startswith(("utf-16", "utf-32")) and not is_wide:
            # The declaration was read byte by byte, so the body is in no such encoding.
            raise self._refused(f"the declared encoding, {declared}, contradicts the bytes")
        if explicit in ("utf-16", "utf-32"):
            advice = f"pass {explicit}-le or {explicit}-be"
            raise self._refused(f"{explicit} without a byte order mark can be either way: {advice}")
        return codec or "utf-8"

    def _codec_of(self, encoding: str) -> str:
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
            return self.given[len(self._mark) :].decode(self.codec)
        except UnicodeError as error:
            offset = len(self._mark) + getattr(error, "start", 0)
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
            return self.text.encode()
        except UnicodeEncodeError as error:
            start = error.start
        raise self.error(Fault("a lone surrogate is no character", at=start))

    def error(self, fault: Fault) -> ParseError:
        """The error of a fault."""
        (error,) = self.errors([fault], [fault.at])
        return error

    def errors(
        self, faults: Sequence[Fault], indices: Sequence[int | None]
    ) -> tuple[ParseError, ...]:
        """The errors of faults at indices into the text; those without an index have no place."""
        places = self._positions({index for index in indices if index is not None})
        return tuple(
            self._error(fault, places.get(-1 if index is None else index))
            for fault, index in zip(faults, indices, strict=True)
        )

    def _error(self, fault: Fault, place: tuple[int, int, int | None] | None) -> ParseError:
        line, column, offset = place or (None, None, None)
        where: dict[str, Any] = {
            "format": self.format,
            "dialect": self.dialect,
            "path": fault.path,
            "line": line,
            "column": column,
            "offset": offset,
            "excerpt": fault.excerpt,
        }
        if fault.excess is not None:
            return LimitExceededError(*fault.excess, **where)
        kind = UnsafeInputError if isinstance(fault, UnsafeFault) else ParseError
        return kind(fault.reason, **where)

    def positions(self, indices: Sequence[int | None]) -> list[tuple[int | None, int | None]]:
        """Line and column of indices into the text."""
        places = self._positions({index for index in indices if index is not None})
        return [(None, None) if index is None else places[index][:2] for index in indices]

    def _positions(self, indices: set[int]) -> dict[int, tuple[int, int, int | None]]:
        """Line, column and offset of indices into the text, each counted on from the one before."""
        places: dict[int, tuple[int, int, int | None]] = {}
        text, line, start, at, offset = self.text if indices else "", 1, 0, 0, len(self._mark)
        is_text = isinstance(self.given, str)
        for index in sorted(indices):
            # A place between the two characters of a line end is at the end of the line.
            until = index - (text.startswith("\n", index) and text.endswith("\r", 0, index))
            line += text.count("\n", at, until) + text.count("\r", at, until)
            line -= text.count("\r\n", at, until)
            start = max(start, text.rfind("\n", at, until) + 1, text.rfind("\r", at, until) + 1)
            if not is_text:
                offset += len(text[at:until].encode(self.codec))
            at = until
            place = None if is_text else offset + len(text[until:index].encode(self.codec))
            places[index] = line, index - start + 1, place
        return places


def check_size(length: int, limits: Limits, format: Format | None) -> None:
    """Refuse a body that is too long, before it is copied or decoded."""
    if length > limits.body_bytes:
        raise LimitExceededError("body_bytes", limits.body_bytes, length, format=format)


def _undecodable(body: bytes, offset: int, encoding: str) -> str:
    byte = f"byte 0x{body[offset]:02X} " if offset < len(body) else "the end of the body "
    reason = f"{byte}at offset {offset:,} is not {encoding}"
    if encoding == "utf-8" and _LOOKS_LIKE_1251.search(body):
        reason += '; the body looks like windows-1251: pass encoding="windows-1251"'
    return reason
