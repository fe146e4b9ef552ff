"""A well-formed document without a DTD, and where its elements stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any
from xml.dom.expatbuilder import ParseEscape
from xml.parsers import expat

from defusedxml.common import DefusedXmlException
from defusedxml.expatbuilder import DefusedExpatBuilder
from lxml import etree

from ckct_formats._errors import UnsafeInputError
from ckct_formats._formats.body import Body
from ckct_formats._formats.faults import Fault, Misplaced, Over
from ckct_formats._formats.foreign import foreign
from ckct_formats._formats.xml.places import SPACE, Places
from ckct_formats._formats.xml.scan import IllFormedError, scan
from ckct_formats._limits import Limits

_ILL_FORMED = "not well-formed XML"
# It may name what it is about.
_MOST_REASON = 80
_LXML_PLACE = re.compile(r", line [0-9]+, column [0-9]+")
_ATTRIBUTE = rb"""\s++[^\s=<>]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')"""
_MOST_NAMESPACE = 1_000
# It may stand in a text as well.
_LONG_NAMESPACE = re.compile(
    rb"""[ \t\r\n]xmlns(?::[^\s=<>]++)?+\s*+=\s*+(?:"[^"<]{%d}|'[^'<]{%d})"""
    % (_MOST_NAMESPACE + 1, _MOST_NAMESPACE + 1)
)
Element = Any  # lxml's stubs are no part of this project


class Document:
    """A well-formed document without a DTD, and where its elements stand.

    Attributes:
        root: Its root element.
        is_repaired: Whether an underscore was put in front of names that begin with a digit.
        places: Where its elements stand.
    """

    def __init__(self, body: Body, limits: Limits) -> None:
        self._body = body
        self._limits = limits
        self.places = Places(body)
        self.is_repaired = False
        self._check_attributes()
        self.root = self._parse()

    @property
    def _data(self) -> bytes:
        return self.places.data

    def _check_attributes(self) -> None:
        """Refuse an element with too many attributes: each costs the parser some 400 bytes, and a
        look at all the others."""
        most = self._limits.columns
        if self._data.count(b"=") <= most:
            return
        found = re.search(rb"<[^\s<>/]++(?:%b){%d,}+" % (_ATTRIBUTE, most + 1), self._data)
        if found:
            count = len(re.findall(_ATTRIBUTE, found[0]))
            raise Misplaced(self.places.index(found.start()), "", over=Over("columns", most, count))

    def _check_namespaces(self) -> None:
        """Refuse a long name of a namespace: it stands in the name of each element that the parser
        gives."""

        def begun(name: str, attributes: dict[str, str], level: int, byte: int) -> None:
            for key, value in attributes.items():
                if len(value) > _MOST_NAMESPACE and key.partition(":")[0] == "xmlns":
                    reason = (
                        f"the name of a namespace is longer than {_MOST_NAMESPACE:,} characters"
                    )
                    raise Misplaced(self.places.index(byte), reason)

        if b"xmlns" in self._data and _LONG_NAMESPACE.search(self._data):
            with suppress(IllFormedError):  # which is told by who parses it
                scan(self._data, begun)

    def _parse(self) -> Element:
        root, reason, place = self._attempt()
        if root is not None:
            return root
        given = self.places
        self.places = given.repaired()
        if self.places is not given:
            root, _, _ = self._attempt()
            if root is not None:
                self.is_repaired = True
                self._body.dialect = "xml-digit-names"
                return root
        self.places = given
        strange = foreign(self._body.text)  # raises if the text cannot be decoded
        raise strange or self._ill_formed(reason, *place)

    def _attempt(self) -> tuple[Element | None, str, tuple[int, int]]:
        """The root; or None, and why and where the document is not well-formed."""
        self._check_namespaces()
        try:
            dtd = _place_of_dtd(self._data)
            if dtd is None:
                return etree.fromstring(self._data, _hardened_parser()), "", (1, 1)
        except expat.ExpatError as error:
            return None, expat.ErrorString(error.code), (1, 1)
        except etree.XMLSyntaxError as error:
            reason = _LXML_PLACE.sub("", error.msg or "no reason given")
            return None, reason[:_MOST_REASON], error.position
        fault = foreign(self._body.text) or Fault(
            "a DTD or an entity declaration, which is never read"
        )
        raise self._body.error(fault, self.places.index(dtd), UnsafeInputError)

    def _ill_formed(self, reason: str, line: int, column: int) -> Misplaced:
        """The fault of a document that is not well-formed, and its place: by a parser that counts
        in bytes from the start if it finds one, else as the reading parser gave it."""
        limit = self._limits.depth

        def begun(name: str, attributes: dict[str, str], level: int, byte: int) -> None:
            if level >= limit:
                raise Misplaced(byte, "", over=Over("depth", limit, level + 1))

        try:
            scan(self._data, begun)
        except Misplaced as too_deep:
            return Misplaced(self.places.index(too_deep.at), "", over=too_deep.over)
        except IllFormedError as error:
            return Misplaced(self.places.index(error.byte), f"{_ILL_FORMED}: {error.reason}")
        place = 0
        for _ in range(line - 1):
            place = self._data.find(b"\n", place) + 1
        place += column - 1
        return Misplaced(self.places.index(place), f"{_ILL_FORMED}: {reason}")


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


def children(element: Element) -> Iterator[Element]:
    """The children of an element that holds nothing but elements and white space."""
    if len(element):
        for text in chain([element.text], (child.tail for child in element)):
            if text and text.strip(SPACE):
                raise Fault("a text between elements", text.strip(SPACE))
    return iter(element)


def local(element: Element) -> str:
    """The name of an element, without its namespace."""
    name: str = element.tag
    return name.rpartition("}")[2]
