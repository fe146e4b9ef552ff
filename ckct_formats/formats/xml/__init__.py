"""XML: one element per key, null and an empty list as an empty element.

Inferred: the provider names the format and shows nothing of it. What is written is also what the
XML formatter of Yii2 writes. One engine reads it (lxml, hardened); a DTD is refused before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import cast

from lxml import etree

from ckct_formats.errors import ParseError
from ckct_formats.formats import Known, envelope
from ckct_formats.formats.alike import NotAlike
from ckct_formats.formats.body import Body, check_nodes
from ckct_formats.formats.cells import ABSENT, Cell, Pairs
from ckct_formats.formats.faults import Fault, Over
from ckct_formats.formats.foreign import foreign
from ckct_formats.formats.raw import RawResponse, Take
from ckct_formats.formats.xml import alike_rows
from ckct_formats.formats.xml.cutting import frame as frame
from ckct_formats.formats.xml.document import (
    ENCODING_DECLARATION,
    SPACE,
    Document,
    Element,
    children,
    local,
)
from ckct_formats.formats.xml.writer import CARRIES as CARRIES
from ckct_formats.formats.xml.writer import write as write
from ckct_formats.limits import Limits

_REPAIRED = re.compile(r"\A_(?=[0-9])")
# How "<?" begins without a byte order mark (XML 1.0, appendix F).
_ORDERS = {b"<\0?\0": "le", b"\0<\0?": "be"}
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NOTED_ONLY = re.compile(r"\{http://www\.w3\.org/[^}]*\}|key\Z")

_attribute_values = cast("Callable[[Element], list[str]]", etree.XPath("@*", smart_strings=False))


# A page takes 34 bytes a node, one whose cells are all blank 16. In a tree an element with a text
# costs 250, which is more than is promised; but no blank page is to be refused.
_NODE_BYTES = 16
_FREE_NODES = 90_000


def declared_encoding(head: bytes) -> str | None:
    """The encoding in the XML declaration; where that is in UTF-16, in its order of bytes."""
    order = _ORDERS.get(head[:4])
    if order is not None:
        head = head.decode(f"utf-16-{order}", "ignore").encode()
    found = ENCODING_DECLARATION.match(head)
    if found is None:
        return None
    name = found["name"].decode()
    return f"utf-16-{order}" if order and name.lower() == "utf-16" else name


def count_nodes(data: bytes) -> int:
    """Elements, by their opening tags, whatever else a `<` begins, and attributes."""
    return data.count(b"<") - data.count(b"</") + data.count(b"=")


def read(body: Body, limits: Limits, known: Known, take: Take) -> RawResponse:
    body.dialect = "xml"
    with suppress(NotAlike):
        response = _read_alike(body, limits, known, take)
        tree = cache(lambda: _read_tree(body, limits, known))  # which alone knows places
        response.locate = lambda path: tree().locate(path)
        return response
    return _read_tree(body, limits, known)


def _read_alike(body: Body, limits: Limits, known: Known, take: Take) -> RawResponse:
    """The response, of which the envelope alone is read as a tree; `NotAlike` if that will not
    do."""
    payload = alike_rows.find_payload(body.text, body.utf8)
    try:
        document = _document(Body(payload.around), limits)
        response = _response(document, limits, known)
    except (ParseError, Fault):
        raise NotAlike from None
    if document.is_repaired or not _has_one_payload(document):
        raise NotAlike
    tables = alike_rows.tables(body.text, payload, known, limits)
    response.taken = [take(table) for table in tables]
    return response


def _document(body: Body, limits: Limits) -> Document:
    most = limits.nodes_of(len(body.utf8), _NODE_BYTES, _FREE_NODES)
    check_nodes(body.utf8, count_nodes, most, body.format)
    return Document(body, limits)


def _has_one_payload(document: Document) -> bool:
    payloads = document.root.findall(".//{*}payload")
    return len(payloads) == 1 and payloads[0].getparent() is document.root


def _read_tree(body: Body, limits: Limits, known: Known) -> RawResponse:
    document = _document(body, limits)
    try:
        response = _response(document, limits, known)
        response.locate = document.locate
        return response
    except Fault as fault:
        failed = foreign(body.text) or fault
    raise body.error(failed, document.locate(failed.path))


def _response(document: Document, limits: Limits, known: Known) -> RawResponse:
    named: dict[str, list[Element]] = {key: [] for key in envelope.KEYS}
    for child in children(document.root):
        named.setdefault(local(child), []).append(child)
    beside = list(named)[len(envelope.KEYS) :]
    named = {key: named[key] for key in envelope.KEYS}
    bare = not any(named.values())
    payloads = named.pop("payload")
    inbound, info = (_part(name, elements, limits) for name, elements in named.items())
    depth = 1 if bare else 2
    container = document.root if bare else None
    if len(payloads) == 1 and not _is_row(payloads[0], known):
        container = payloads[0]
    if container is None:  # rows that are each called payload
        document.rows = payloads
    else:
        document.rows = list(container)
        _check_holds_rows(container, bare)
    rows = Pairs(_row_cells(document, depth + 1, limits))
    top = rows if bare else Pairs([("inbound", inbound), ("info", info), ("payload", rows)])
    response = envelope.raw_response(top, limits).by_index()
    response.beside = () if bare else beside
    return response


def _is_row(payload: Element, known: Known) -> bool:
    """Whether the one element called payload is a row and no container of rows: its own fields say
    so, unless they have fields of a row inside, as rows have that are called like a field."""
    if known.keys().isdisjoint(_field_names(payload)):
        return False
    inside = (name for child in payload for name in _field_names(child))
    return known.keys().isdisjoint(inside)


def _field_names(element: Element) -> list[str]:
    return [*element.keys(), *map(local, element)]


def _check_holds_rows(container: Element, bare: bool) -> None:
    children(container)
    if not len(container) and container.text and container.text.strip(SPACE):
        expected = "expected rows or an envelope" if bare else "expected rows"
        raise Fault(expected, container.text, ("payload",))


def _row_cells(document: Document, depth: int, limits: Limits) -> Iterator[tuple[str, Cell]]:
    envelope.check_columns(list(map(len, document.rows)), limits)
    for at, row in enumerate(document.rows):
        try:
            cell = _cell(row, depth, limits)
        except Fault as fault:
            raise fault.under("payload", at) from None
        yield local(row), _with_digits(cell) if document.is_repaired else cell


def _part(name: str, elements: Sequence[Element], limits: Limits) -> Cell:
    """The tree of one part of the envelope; pretty printing leaves white space in an empty one."""
    if not elements:
        return ABSENT
    try:
        if len(elements) > 1:
            raise Fault("the element stands twice")
        cell = _cell(elements[0], 2, limits)
    except Fault as fault:
        raise fault.under(name) from None
    return "" if isinstance(cell, str) and not cell.strip(SPACE) else cell


def _cell(element: Element, depth: int, limits: Limits) -> Cell:
    """The text of an element, or its children by name."""
    if depth > limits.depth:
        raise Fault("", over=Over("depth", limits.depth, depth))
    attributes = _attributes(element)
    text: str = element.text or ""
    is_nil = element.get(_NIL) in ("true", "1")
    if is_nil and (text or attributes or len(element)):
        raise Fault("an element that is nil and yet holds something", text)
    if len(element):
        return _grouped([*attributes, *_members(element, depth, limits)])
    if attributes and text.strip(SPACE):
        raise Fault("an element with both a text and attributes", text)
    return Pairs(attributes) if attributes else None if is_nil else text


def _attributes(element: Element) -> list[tuple[str, str]]:
    """The attributes that count as children. (The parser's own list of names and values looks
    each value up anew, which takes quadratic time.)"""
    names = element.keys()
    if not names:
        return []
    pairs = zip(names, _attribute_values(element), strict=True)
    return [(name, value) for name, value in pairs if not _NOTED_ONLY.match(name)]


def _members(element: Element, depth: int, limits: Limits) -> Iterator[tuple[str, Cell]]:
    for child in children(element):
        try:
            yield local(child), _cell(child, depth + 1, limits)
        except Fault as fault:
            raise fault.under(local(child)) from None


def _grouped(members: Sequence[tuple[str, Cell]]) -> Pairs:
    """The members of an element, those of one name together: a list may be its name repeated."""
    by_name: dict[str, list[Cell]] = {}
    for name, cell in members:
        by_name.setdefault(name, []).append(cell)
    if len(by_name) in (1, len(members)):
        return Pairs(members)
    return Pairs(
        (name, cells[0] if len(cells) == 1 else Pairs((name, cell) for cell in cells))
        for name, cells in by_name.items()
    )


def _with_digits(cell: Cell) -> Cell:
    """A tree with the names that the repair took the digits from."""
    if not isinstance(cell, Pairs):
        return cell
    return Pairs((_REPAIRED.sub("", name), _with_digits(member)) for name, member in cell)
