"""XML: one element per key, null and an empty list as an empty element.

Inferred: the provider names the format and shows nothing of it. What is written is also what the
XML formatter of Yii2 writes. One engine reads it (lxml, hardened); a DTD is refused before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any, cast
from xml.dom.expatbuilder import ParseEscape
from xml.parsers import expat

from defusedxml.common import DefusedXmlException
from defusedxml.expatbuilder import DefusedExpatBuilder
from lxml import etree

from ckct_formats.errors import Path, UnsafeInputError
from ckct_formats.formats import Known, envelope
from ckct_formats.formats.body import Body
from ckct_formats.formats.cells import ABSENT, Cell, Pairs, as_object
from ckct_formats.formats.faults import Fault, Misplaced, Over
from ckct_formats.formats.foreign import foreign
from ckct_formats.formats.raw import Carries, Column, RawResponse, Table
from ckct_formats.limits import Limits

# Names of XML 1.0, fifth edition, without the colon, which would make a prefix of what is before
# it. The parser takes names of up to 50,000 bytes.
_NAME_START = (
    r"A-Z_a-z\xC0-\xD6\xD8-\xF6\xF8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NAME = rf"[{_NAME_START}][{_NAME_START}.0-9\xB7\u0300-\u036F\u203F\u2040-]{{0,9999}}"

CARRIES = Carries(
    no_text=re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"),
    no_text_reason="a character that XML 1.0 does not have",
    no_key=re.compile(rf"\A(?!{_NAME}\Z)"),
    no_key_reason="a key that is no XML name",
)

_ENCODING = re.compile(rb"""(\s*<\?xml[^>]*?)(\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["'])""")
_TAG = re.compile(rb"<[^>]*>")
_LXML_PLACE = re.compile(r", line [0-9]+, column [0-9]+")
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NOTED_ONLY = re.compile(r"\{http://www\.w3\.org/[^}]*\}|key\Z")

_tag = attrgetter("tag")
_text = attrgetter("text")
_has_attributes = etree.XPath("boolean(.//@*)")
_has_stray_text = etree.XPath(
    "boolean(text()[normalize-space()]) or boolean(*/text()[normalize-space()])"
)
_count_below = etree.XPath("count(.//*)")

Element = Any  # lxml's stubs are no part of this project


def declared_encoding(head: bytes) -> str | None:
    found = _ENCODING.match(head)
    return found[3].decode() if found else None


def count_nodes(data: bytes) -> int:
    """Elements, by their opening tags, and whatever else a `<` begins."""
    return data.count(b"<") - data.count(b"</")


def read(body: Body, limits: Limits, known: Known) -> RawResponse:
    body.dialect = "xml"
    document = _Document(body, limits)
    try:
        response = _response(document.root, limits)
        response.locate = document.locate
        return response
    except Fault as fault:
        failed = foreign(body.text) or fault
    raise body.error(failed, document.locate(failed.path))


def _response(root: Element, limits: Limits) -> RawResponse:
    children = list(_children(root))
    names = [_local(child) for child in children]
    if set(names).isdisjoint(envelope.KEYS):
        table = _table(root, 1, limits)
        if table is None:
            return envelope.raw_response(_bare(root, limits), limits)
        parts: dict[str, Cell] = {}
    else:
        payload = children[names.index("payload")] if names.count("payload") == 1 else None
        table = None if payload is None else _table(payload, 2, limits)
        cells = [
            ABSENT if child is payload and table else _part(name, child, limits)
            for name, child in zip(names, children, strict=True)
        ]
        if table is None:
            return envelope.raw_response(Pairs(zip(names, cells, strict=True)), limits)
        parts = as_object(Pairs(zip(names, cells, strict=True)))
    envelope.check_records(table.length, limits)
    return RawResponse(parts.get("inbound", ABSENT), parts.get("info", ABSENT), table)


def _bare(root: Element, limits: Limits) -> Cell:
    """The rows of a document without an envelope; its root's name and attributes say nothing."""
    if not len(root) and root.text and root.text.strip():
        return root.text
    return Pairs(_members(root, 1, limits, ("payload",)))


def _part(name: str, element: Element, limits: Limits) -> Cell:
    """The tree of one part of the envelope; pretty printing leaves white space in an empty one."""
    if name == "payload" and len(element):
        return Pairs(_members(element, 2, limits, (name,)))
    try:
        cell = _cell(element, 2, limits)
    except Fault as fault:
        raise fault.under(name) from None
    return "" if isinstance(cell, str) and cell.isspace() else cell


def _members(
    element: Element, depth: int, limits: Limits, path: Path | None = None
) -> Iterator[tuple[str, Cell]]:
    """The children of an element by name. Faults name the child; where the element's own path is
    given it holds rows, which go by index."""
    for at, child in enumerate(_children(element)):
        name = _local(child)
        try:
            yield name, _cell(child, depth + 1, limits)
        except Fault as fault:
            raise fault.under(*((name,) if path is None else (*path, at))) from None


def _cell(element: Element, depth: int, limits: Limits) -> Cell:
    """The text of an element, or its children by name."""
    if depth > limits.depth:
        raise Fault("", over=Over("depth", limits.depth, depth))
    attributes = [(k, v) for k, v in element.attrib.items() if not _NOTED_ONLY.match(k)]
    text: str = element.text or ""
    is_nil = element.get(_NIL) in ("true", "1")
    if is_nil and (text or attributes or len(element)):
        raise Fault("an element that is nil and yet holds something", text)
    if len(element):
        return Pairs([*attributes, *_members(element, depth, limits)])
    if attributes and text.strip():
        raise Fault("an element with both a text and attributes", text)
    return Pairs(attributes) if attributes else None if is_nil else text


def _children(element: Element) -> Iterator[Element]:
    """The children of an element that holds nothing but elements and white space."""
    texts = [element.text, *(child.tail for child in element)] if len(element) else []
    for text in texts:
        if text and text.strip():
            raise Fault("a text between elements", text.strip())
    return iter(element)


def _local(element: Element) -> str:
    """The name of an element, without its namespace."""
    name: str = element.tag
    return name.rpartition("}")[2]


def _table(payload: Element, depth: int, limits: Limits) -> Table | None:
    """The rows of a payload as columns; None unless all of them have the same keys in one order
    and there is nothing beside them."""
    rows = list(payload)
    width = len(rows[0]) if rows else 0
    if not width or depth + 2 > limits.depth or set(map(len, rows)) != {width}:
        return None
    cells = list(chain.from_iterable(rows))
    tags = list(map(_tag, cells))
    names = [_local(cell) for cell in cells[:width]]
    if tags != tags[:width] * len(rows) or len(set(names)) < width:
        return None
    if _has_attributes(payload) or _has_stray_text(payload):
        return None
    nested = _count(payload) - len(rows) - len(cells)
    texts = list(map(_text, cells))
    columns = {}
    for at, name in enumerate(names):
        column: Sequence[Cell] = texts[at::width]
        if nested and (None in column or payload.text is not None):
            elements = cells[at::width]
            below = sum(_count(each) for each in elements if len(each))
            if below:
                column = [_cell(each, depth + 2, limits) for each in elements]
                nested -= below
        columns[name] = _column(column)
    return None if nested else Table(columns, len(rows))


def _count(element: Element) -> int:
    """The number of elements below one."""
    return int(cast(float, _count_below(element)))


def _column(cells: Sequence[Cell]) -> Column:
    return Column.of([cell or "" for cell in cells] if None in cells else cells)


class _Document:
    """A well-formed document without a DTD, and where its elements stand."""

    def __init__(self, body: Body, limits: Limits) -> None:
        self._body = body
        self._limits = limits
        data = body.utf8
        declared = _ENCODING.match(data)
        if declared and declared[3].lower() != b"utf-8":
            # It is in UTF-8 by now: what it says of itself gives way to spaces.
            start, end = declared.span(2)
            data = data[:start] + b" " * (end - start) + data[end:]
        self._data = data.lstrip()
        self._before = len(data) - len(self._data)
        self._checkpoint = (0, self._before)
        self.root = self._parse()

    def _parse(self) -> Element:
        unsafe, reason, place = False, "", (1, 1)
        try:
            unsafe = _holds_dtd(self._data)
            if not unsafe:
                return etree.fromstring(self._data, _hardened_parser())
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
        except etree.XMLSyntaxError as error:
            reason = _LXML_PLACE.sub("", error.msg or "no reason given")
            place = error.position
        strange = foreign(self._body.text)  # raises if the text cannot be decoded
        if unsafe:
            fault = strange or Fault("a DTD or an entity declaration, which is never read")
            raise self._body.error(fault, self._before, UnsafeInputError)
        raise strange or self._ill_formed(reason, *place)

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
        if path[:1] == ("payload",):
            element = self._payload
            path = path[1:]
        for step in path:
            if isinstance(step, int):
                rows = self._rows if element is self._payload else list(element)
                found = rows[step : step + 1]
            else:
                found = [child for child in element if _local(child) == step]
            if not found:
                break
            element = found[-1]
        start = self._starts.get(element)
        tag = None if start is None else _TAG.match(self._data, start)
        return None if tag is None else self._index(tag.end())

    @cached_property
    def _payload(self) -> Element:
        payloads = (child for child in self.root if _local(child) == "payload")
        return next(payloads, self.root)

    @cached_property
    def _rows(self) -> list[Element]:
        return list(self._payload)

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
        return index


class _Prologue(DefusedExpatBuilder):
    """Reads as far as the root element's name."""

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


def write(response: RawResponse) -> bytes:
    _check_names(response.table)
    rows = _rows(response.table)
    parts = {"inbound": response.inbound, "info": response.info}
    content = "".join(_element(key, part) for key, part in parts.items() if part is not ABSENT)
    if content:
        rows = _wrapped("payload", rows)
    document = '<?xml version="1.0" encoding="UTF-8"?>\n' + _wrapped("response", content + rows)
    return document.encode()


def _check_names(table: Table) -> None:
    for name in table.columns:
        if CARRIES.no_key.search(name):  # type: ignore[union-attr]
            raise Fault(CARRIES.no_key_reason, name, ("payload", 0, name))


def _rows(table: Table) -> str:
    columns = [_elements(name, column) for name, column in table.columns.items()]
    rows = map("".join, zip(*columns, strict=True)) if columns else [""] * table.length
    return "".join([f"<item>{row}</item>" for row in rows])


def _elements(name: str, column: Column) -> list[str]:
    cells = column.cells
    if not column.kinds <= {str, type(None)}:
        return ["" if cell is ABSENT else _element(name, cell) for cell in cells]
    if set("&<>\r").isdisjoint("".join(filter(None, cells))):
        return [f"<{name}>{cell}</{name}>" if cell else f"<{name}/>" for cell in cells]
    return [_wrapped(name, _escaped(cell or "")) for cell in cells]


def _element(name: str, cell: Cell) -> str:
    if isinstance(cell, dict):
        return _wrapped(name, "".join(_element(key, member) for key, member in cell.items()))
    if isinstance(cell, list):
        return _wrapped(name, "".join(_element("item", member) for member in cell))
    if cell is None:
        return _wrapped(name, "")
    return _wrapped(name, _escaped(str(cell).lower() if isinstance(cell, bool) else str(cell)))


def _wrapped(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>" if content else f"<{name}/>"


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")
