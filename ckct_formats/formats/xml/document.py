"""A well-formed document without a DTD, and where its elements stand."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any
from xml.dom.expatbuilder import ParseEscape
from xml.parsers import expat

from defusedxml.common import DefusedXmlException
from defusedxml.expatbuilder import DefusedExpatBuilder
from lxml import etree

from ckct_formats.errors import Path, UnsafeInputError
from ckct_formats.formats.body import Body
from ckct_formats.formats.faults import Fault, Misplaced, Over
from ckct_formats.formats.foreign import foreign
from ckct_formats.limits import Limits

SPACE = " \t\r\n"  # XML 1.0, 2.3: no other is white space
# As the standard has it (2.8), and no looser: it is blanked below, so that no parser sees it.
ENCODING_DECLARATION = re.compile(
    rb"""[S]*<\?xml[S]+version[S]*=[S]*(?:"[^"<>]*"|'[^'<>]*')"""
    rb"""(?P<declared>[S]+encoding[S]*=[S]*(?P<quote>["'])(?P<name>[A-Za-z0-9._-]+)(?P=quote))"""
    rb"""(?=[S]*\?>|[S]+standalone[S]*=)""".replace(b"S", SPACE.encode())
)
_TAG = re.compile(rb"<[^>]*>")
_LXML_PLACE = re.compile(r", line [0-9]+, column [0-9]+")
# Comments, CDATA and processing instructions are passed over whole.
_DIGIT_NAME = re.compile(
    rb"<!--(?:.*?-->|.*)|<!\[CDATA\[(?:.*?\]\]>|.*)|<\?(?:.*?\?>|.*)"
    rb"|(</?)([0-9][A-Za-z0-9_.-]*)(?=[\s/>])",
    re.DOTALL,
)
_ATTRIBUTE = rb"""\s++[^\s=<>]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')"""
_LIKE_REPAIRED = re.compile(rb"</?_[0-9]")
Element = Any  # lxml's stubs are no part of this project


class Document:
    """A well-formed document without a DTD, and where its elements stand."""

    def __init__(self, body: Body, limits: Limits) -> None:
        self._body = body
        self._limits = limits
        data = body.utf8
        declared = ENCODING_DECLARATION.match(data)
        if declared and declared["name"].lower() != b"utf-8":
            # It is in UTF-8 by now: what it says of itself gives way to spaces.
            start, end = declared.span("declared")
            data = data[:start] + b" " * (end - start) + data[end:]
        self._data = data.lstrip(SPACE.encode())
        self._before = len(data) - len(self._data)
        self._checkpoint = (0, self._before)
        self._inserted: list[int] = []
        self._children: dict[Element, dict[str | int, list[Element]]] = {}
        self.is_repaired = False
        self._check_attributes()
        self.root = self._parse()
        self.rows: list[Element] = []

    def _check_attributes(self) -> None:
        """Refuse an element with too many attributes: each costs the parser some 400 bytes, and a
        look at all the others."""
        most = self._limits.columns
        if self._data.count(b"=") <= most:
            return
        found = re.search(rb"<[^\s<>/]++(?:%b){%d,}+" % (_ATTRIBUTE, most + 1), self._data)
        if found:
            count = len(re.findall(_ATTRIBUTE, found[0]))
            raise Misplaced(self._index(found.start()), "", over=Over("columns", most, count))

    def _parse(self) -> Element:
        root, reason, place = self._attempt()
        if root is not None:
            return root
        given = self._data
        repaired = _with_names(given)
        if repaired is not None:
            self._data, self._inserted = repaired
            root, _, _ = self._attempt()
            if root is not None:
                self.is_repaired = True
                self._body.dialect = "xml-digit-names"
                return root
        self._data, self._inserted = given, []
        strange = foreign(self._body.text)  # raises if the text cannot be decoded
        raise strange or self._ill_formed(reason, *place)

    def _attempt(self) -> tuple[Element | None, str, tuple[int, int]]:
        """The root; or None, and why and where the document is not well-formed."""
        try:
            if not _holds_dtd(self._data):
                return etree.fromstring(self._data, _hardened_parser()), "", (1, 1)
        except expat.ExpatError as error:
            return None, expat.ErrorString(error.code), (1, 1)
        except etree.XMLSyntaxError as error:
            reason = _LXML_PLACE.sub("", error.msg or "no reason given")
            return None, reason, error.position
        fault = foreign(self._body.text) or Fault(
            "a DTD or an entity declaration, which is never read"
        )
        raise self._body.error(fault, self._before, UnsafeInputError)

    def _ill_formed(self, reason: str, line: int, column: int) -> Misplaced:
        """The fault of a document that is not well-formed, and its place: by a parser that counts
        in bytes from the start if it finds one, else as the reading parser gave it."""
        parser = expat.ParserCreate("utf-8")
        depth, limit = 0, self._limits.depth

        def start_element(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > limit:
                raise Misplaced(parser.CurrentByteIndex, "", over=Over("depth", limit, depth))

        def end_element(name: str) -> None:
            nonlocal depth
            depth -= 1

        parser.StartElementHandler, parser.EndElementHandler = start_element, end_element
        try:
            parser.Parse(self._data, True)
        except Misplaced as too_deep:
            return Misplaced(self._index(too_deep.at), "", over=too_deep.over)
        except expat.ExpatError as error:
            reason = f"not well-formed XML: {expat.ErrorString(error.code)}"
            return Misplaced(self._index(parser.ErrorByteIndex), reason)
        before = self._data.split(b"\n", line - 1)[: line - 1]
        place = sum(map(len, before)) + len(before) + column - 1
        return Misplaced(self._index(place), f"not well-formed XML: {reason}")

    def locate(self, path: Path) -> int | None:
        """Where the content of the element at a path begins, or of the innermost one around it."""
        element = self.root
        for step in path[:1]:
            element = self._children_of(element).get(step, [element])[0]
        if path[:1] == ("payload",) and len(path) > 1 and isinstance(path[1], int):
            element = self.rows[path[1]]
            path = path[1:]
        for step in path[1:]:
            found = self._children_of(element).get(step)
            if found is None:
                break
            element = found[-1]
        start = self._starts.get(element)
        tag = None if start is None else _TAG.match(self._data, start)
        return None if tag is None else self._index(tag.end())

    def _children_of(self, element: Element) -> dict[str | int, list[Element]]:
        """The children of an element by their names; kept, as they are asked for often."""
        if element not in self._children:
            named: dict[str | int, list[Element]] = {}
            for child in element:
                named.setdefault(local(child), []).append(child)
            self._children[element] = named
        return self._children[element]

    @cached_property
    def _starts(self) -> dict[Element, int]:
        """Where each element's tag begins, in bytes."""
        starts: list[int] = []
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = lambda name, attributes: starts.append(parser.CurrentByteIndex)
        try:
            parser.Parse(self._data, True)
        except expat.ExpatError:  # the two engines differ in which names they know
            return {}
        return dict(zip(self.root.iter(), starts, strict=True))

    def _index(self, byte: int) -> int:
        """The index into the text; counting goes on from the one asked for before."""
        start, index = self._checkpoint if self._checkpoint[0] <= byte else (0, self._before)
        index += len(self._data[start:byte].decode("utf-8", "replace"))
        self._checkpoint = (byte, index)
        return index - bisect_left(self._inserted, byte)


def _with_names(data: bytes) -> tuple[bytes, list[int]] | None:
    """A document in which an underscore stands before each element name that begins with a digit,
    and where; None if there is no such name, or if names like the repaired ones are there already.

    `<0>` is no XML, and yet what a much-copied PHP snippet writes for the entries of a list.
    """
    if _LIKE_REPAIRED.search(data):
        return None
    inserted: list[int] = []

    def named(tag: re.Match[bytes]) -> bytes:
        if not tag[1]:
            return tag[0]
        inserted.append(tag.end(1) + len(inserted))
        return tag[1] + b"_" + tag[2]

    repaired = _DIGIT_NAME.sub(named, data)
    return (repaired, inserted) if inserted else None


class _Prologue(DefusedExpatBuilder):
    """Reads as far as the root element's name."""

    def createParser(self) -> Any:  # noqa: N802 (the name is the builder's)
        # In UTF-8, whatever the bytes look like: else a declared encoding would be looked up.
        return expat.ParserCreate("utf-8")

    def first_element_handler(self, name: str, attributes: Sequence[str]) -> None:
        raise ParseEscape


def _holds_dtd(data: bytes) -> bool:
    """Whether there is a DTD or an entity declaration in the prologue, the one place where XML
    allows them. ExpatError if the prologue is ill-formed."""
    try:
        _Prologue(forbid_dtd=True).parseString(data)
    except DefusedXmlException:
        return True
    return False


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


def children(element: Element) -> Iterator[Element]:
    """The children of an element that holds nothing but elements and white space."""
    texts = [element.text, *(child.tail for child in element)] if len(element) else []
    for text in texts:
        if text and text.strip(SPACE):
            raise Fault("a text between elements", text.strip(SPACE))
    return iter(element)


def local(element: Element) -> str:
    """The name of an element, without its namespace."""
    name: str = element.tag
    return name.rpartition("}")[2]
