"""A well-formed document without a DTD, as a tree."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any
from xml.dom.expatbuilder import ParseEscape
from xml.parsers import expat

from defusedxml.common import DefusedXmlException
from defusedxml.expatbuilder import DefusedExpatBuilder
from lxml import etree

from ckct_formats._formats.body import Body
from ckct_formats._formats.faults import Fault, UnsafeFault, exceeded
from ckct_formats._formats.foreign import foreign
from ckct_formats._limits import Limits

SPACE = " \t\r\n"  # XML 1.0, 2.3: no other is white space
# As the standard has it (2.8), and no looser: it is blanked below, so that no parser sees it.
ENCODING_DECLARATION = re.compile(
    rb"""[S]*<\?xml[S]+version[S]*=[S]*(?:"[^"<>]*"|'[^'<>]*')"""
    rb"""(?P<declared>[S]+encoding[S]*=[S]*(?P<quote>["'])(?P<name>[A-Za-z0-9._-]+)(?P=quote))"""
    rb"""(?=[S]*\?>|[S]+standalone[S]*=)""".replace(b"S", SPACE.encode())
)
DIGIT_NAMES = "xml-digit-names"

_ILL_FORMED = "not well-formed XML"
_MAX_REASON_CHARS = 80  # it may quote a name
_LXML_PLACE = re.compile(r", line [0-9]+, column [0-9]+")
_ATTRIBUTE = rb"""\s++[^\s=<>]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')"""
_MAX_NAMESPACE_CHARS = 1_000
# This may match in a text as well.
_LONG_NAMESPACE = re.compile(
    rb"""[ \t\r\n]xmlns(?::[^\s=<>]++)?+\s*+=\s*+(?:"[^"<]{%d}|'[^'<]{%d})"""
    % (_MAX_NAMESPACE_CHARS + 1, _MAX_NAMESPACE_CHARS + 1)
)
# Comments, CDATA and processing instructions are passed over whole.
_DIGIT_NAME = re.compile(
    rb"<!--(?:.*?-->|.*)|<!\[CDATA\[(?:.*?\]\]>|.*)|<\?(?:.*?\?>|.*)"
    rb"|(</?)([0-9][A-Za-z0-9_.-]*)(?=[\s/>])",
    re.DOTALL,
)
_LIKE_REPAIRED = re.compile(rb"</?_[0-9]")

Element = Any  # lxml's types are no part of this project

# What is called with the name of an element, its attributes, its depth below the root, and the
# index of its first byte.
Begun = Callable[[str, dict[str, str], int, int], None]


class IllFormedError(Exception):
    """The document is not well-formed: why, and at which byte."""

    def __init__(self, reason: str, byte: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.byte = byte


class Source:
    """The bytes of a document as parsers take them, and how to name a place in them.

    Attributes:
        data: The document in UTF-8, without the encoding that it declares and without white space
            before it.
    """

    def __init__(self, body: Body) -> None:
        data = body.utf8
        declared = ENCODING_DECLARATION.match(data)
        if declared and declared["name"].lower() != b"utf-8":
            # It is in UTF-8 by now, whatever it says: that is overwritten with spaces.
            start, end = declared.span("declared")
            data = data[:start] + b" " * (end - start) + data[end:]
        self.data = data.lstrip(SPACE.encode()) if data[:1].isspace() else data
        self._before = len(data) - len(self.data)
        self._inserted = array("Q")

    def repair(self) -> bool:
        """Put an underscore before each element name that begins with a digit; whether there was
        one. If names that look repaired are there already, nothing is done.

        `<0>` is no XML, and yet what a much-copied PHP snippet writes for the entries of a list.
        """
        if _LIKE_REPAIRED.search(self.data):
            return False
        data, copied = bytearray(), 0
        for tag in _DIGIT_NAME.finditer(self.data):
            if tag[1]:
                data += self.data[copied : tag.end(1)]
                copied = tag.end(1)
                self._inserted.append(len(data))
                data += b"_"
        data += self.data[copied:]
        self.data = bytes(data)
        return bool(self._inserted)

    def indices(self, places: Iterable[int]) -> dict[int, int]:
        """The index into the body's text of each byte."""
        found, at, index = {}, 0, self._before
        for byte in sorted(set(places)):
            index += len(self.data[at:byte].decode("utf-8", "replace"))
            at = byte
            found[byte] = index - bisect_left(self._inserted, byte)
        return found

    def index(self, byte: int) -> int:
        return self.indices([byte])[byte]


def scan(data: bytes, begun: Begun) -> None:
    """Call a function for each element of a document, as it begins; `IllFormedError` if it is none.

    No tree is made of them.
    """
    parser = expat.ParserCreate("utf-8")
    level = -1

    def start_element(name: str, attributes: dict[str, str]) -> None:
        nonlocal level
        level += 1
        begun(name, attributes, level, parser.CurrentByteIndex)

    def end_element(name: str) -> None:
        nonlocal level
        level -= 1

    parser.StartElementHandler, parser.EndElementHandler = start_element, end_element
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason, byte = expat.ErrorString(error.code), parser.ErrorByteIndex
    else:
        return
    finally:
        # They hold the parser, which holds them, and so would never be freed with it.
        parser.StartElementHandler = parser.EndElementHandler = None
    raise IllFormedError(reason, byte)


def parse_document(body: Body, limits: Limits) -> Element:
    """The root of a body's document. A body with element names that begin with a digit is repaired,
    and its dialect says so."""
    source = Source(body)
    _check_attributes(source, limits)
    root, ill_formed = _parsed(source)
    if root is not None:
        return root
    repaired = Source(body)
    if repaired.repair():
        root, _ = _parsed(repaired)
        if root is not None:
            body.dialect = DIGIT_NAMES
            return root
    raise foreign(body.text) or _ill_formed(source, limits, *ill_formed)


def _parsed(source: Source) -> tuple[Element | None, tuple[str, int, int]]:
    """The root; or None, and why, in which line and column the document is not well-formed."""
    _check_namespaces(source)
    try:
        dtd = _place_of_dtd(source.data)
        if dtd is None:
            return etree.fromstring(source.data, _hardened_parser()), ("", 1, 1)
    except expat.ExpatError as error:
        return None, (expat.ErrorString(error.code), 1, 1)
    except etree.XMLSyntaxError as error:
        reason = _LXML_PLACE.sub("", error.msg or "no reason given")
        return None, (reason[:_MAX_REASON_CHARS], *error.position)
    head = source.data[: dtd + 300].decode("utf-8", "replace")
    reason = "a DTD or an entity declaration, which is never read"
    page = foreign(head)
    at = source.index(dtd)
    raise UnsafeFault(page.reason, page.excerpt, at=at) if page else UnsafeFault(reason, at=at)


def _check_attributes(source: Source, limits: Limits) -> None:
    """Refuse an element with too many attributes: the parser compares each with all the others."""
    max_count = limits.columns
    if source.data.count(b"=") <= max_count:
        return
    found = re.search(rb"<[^\s<>/]++(?:%b){%d,}+" % (_ATTRIBUTE, max_count + 1), source.data)
    if found:
        count = len(re.findall(_ATTRIBUTE, found[0]))
        raise exceeded("columns", max_count, count, at=source.index(found.start()))


def _check_namespaces(source: Source) -> None:
    """Refuse a long name of a namespace: the parser puts it before the name of each element."""
    reason = f"the name of a namespace is longer than {_MAX_NAMESPACE_CHARS:,} characters"

    def begun(name: str, attributes: dict[str, str], level: int, byte: int) -> None:
        for key, value in attributes.items():
            if len(value) > _MAX_NAMESPACE_CHARS and key.partition(":")[0] == "xmlns":
                raise Fault(reason, at=source.index(byte))

    if b"xmlns" in source.data and _LONG_NAMESPACE.search(source.data):
        with suppress(IllFormedError):  # which whoever parses it reports
            scan(source.data, begun)


def _ill_formed(source: Source, limits: Limits, reason: str, line: int, column: int) -> Fault:
    """The fault of a document that is not well-formed: where a parser that counts bytes finds it,
    or else where the parser that makes trees did."""

    def begun(name: str, attributes: dict[str, str], level: int, byte: int) -> None:
        if level >= limits.depth:
            raise exceeded("depth", limits.depth, level + 1, at=source.index(byte))

    try:
        scan(source.data, begun)
    except Fault as too_deep:
        return too_deep
    except IllFormedError as error:
        return Fault(f"{_ILL_FORMED}: {error.reason}", at=source.index(error.byte))
    place = 0
    for _ in range(line - 1):
        place = source.data.find(b"\n", place) + 1
    return Fault(f"{_ILL_FORMED}: {reason}", at=source.index(place + column - 1))


class _Prologue(DefusedExpatBuilder):
    """Reads as far as the root element's name."""

    def createParser(self) -> Any:  # noqa: N802 (the name is the builder's)
        # In UTF-8, whatever the bytes look like: else a declared encoding would be looked up.
        return expat.ParserCreate("utf-8")

    def first_element_handler(self, name: str, attributes: Sequence[str]) -> None:
        raise ParseEscape


def _place_of_dtd(data: bytes) -> int | None:
    """Where a DTD begins in the prologue, the one place where XML allows it and the declarations of
    entities; None if there is none. ExpatError if the prologue is ill-formed."""
    prologue = _Prologue(forbid_dtd=True)
    try:
        prologue.parseString(data)
    except DefusedXmlException:
        return max(data.rfind(b"<!DOCTYPE", 0, prologue.getParser().CurrentByteIndex), 0)
    return None


def _hardened_parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=True,  # `Limits` bounds size, depth and texts, and there is no entity to expand
        recover=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
