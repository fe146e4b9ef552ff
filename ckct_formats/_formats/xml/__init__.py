"""XML: one element per key, null and an empty list as an empty element.

Inferred: the provider names the format and shows nothing of it. What is written is also what the
XML formatter of Yii2 writes. One engine reads it (lxml, hardened); a DTD is refused before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import cast

from lxml import etree

from ckct_formats._errors import ParseError
from ckct_formats._formats import Known, envelope
from ckct_formats._formats.alike import NotAlike
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import ABSENT, Cell, Pairs
from ckct_formats._formats.faults import Fault, Over
from ckct_formats._formats.foreign import foreign
from ckct_formats._formats.table import RawResponse, Table, Take, table_of
from ckct_formats._formats.xml import fast
from ckct_formats._formats.xml.cutting import frame as frame
from ckct_formats._formats.xml.document import Document, Element, children, local
from ckct_formats._formats.xml.places import ENCODING_DECLARATION, SPACE, Places
from ckct_formats._formats.xml.writer import CARRIES as CARRIES
from ckct_formats._formats.xml.writer import write as write
from ckct_formats._limits import Limits

_REPAIRED = re.compile(r"\A_(?=[0-9])")
# How "<?" begins without a byte order mark (XML 1.0, appendix F).
_ORDERS = {b"<\0?\0": "le", b"\0<\0?": "be"}
_NO_SPACE = re.compile(f"[^{SPACE}]")
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NOTED_ONLY = re.compile(r"\{http://www\.w3\.org/[^}]*\}|key\Z")

_attribute_values = cast("Callable[[Element], list[str]]", etree.XPath("@*", smart_strings=False))
_count_inside = cast("Callable[[Element], float]", etree.XPath("count(descendant::*)"))

# How many cells are made at a time of the rows of a tree.
_BATCH_CELLS = 10_000


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
        return _read_alike(body, limits, known, take)
    return _read_tree(body, limits, known, take)


def _read_alike(body: Body, limits: Limits, known: Known, take: Take) -> RawResponse:
    """The response, of which the envelope alone is read as a tree; `NotAlike` if that will not
    do."""
    payload = fast.find_payload(body.text, body.utf8)
    try:
        around = Body(payload.around)
        document = Document(around, limits)
        response = _response(document, limits, known, take)
    except (ParseError, Fault):
        raise NotAlike from None
    if document.is_repaired or not _has_one_payload(document):
        raise NotAlike
    tables = fast.tables(body.text, payload, known, limits)
    response.taken = [take(table) for table in tables]
    response.locate = Places(body).locate
    return response


def _has_one_payload(document: Document) -> bool:
    payloads = document.root.findall(".//{*}payload")
    return len(payloads) == 1 and payloads[0].getparent() is document.root


def _read_tree(body: Body, limits: Limits, known: Known, take: Take) -> RawResponse:
    document = Document(body, limits)
    try:
        response = _response(document, limits, known, take)
        response.locate = document.places.locate
        return response
    except Fault as fault:
        failed = foreign(body.text) or fault.without_frames()
    raise body.error(failed, document.places.locate(failed.path))


def _response(document: Document, limits: Limits, known: Known, take: Take) -> RawResponse:
    parts, beside = _parts(document)
    bare = not any(parts.values())
    payloads = parts.pop("payload")
    inbound, info = (_part(document, name, found, limits) for name, found in parts.items())
    rows: Sequence[Element] = payloads
    if bare:
        document.places.rows, rows = (1, None), document.root
        _check_holds_rows(rows, bare)
    elif len(payloads) == 1 and not _is_row(payloads[0], known):
        rows = payloads[0]
        _check_holds_rows(rows, bare)
    else:  # rows that are each called payload
        document.places.rows = (1, "payload")
    response = RawResponse(inbound, info, table_of(()), beside=() if bare else beside)
    tables = _tables(document, rows, 2 if bare else 3, limits)
    response.taken = list(map(take, tables)) or None
    return response


def _parts(document: Document) -> tuple[dict[str, list[Element]], list[str]]:
    """The parts of the envelope that stand in a document, and the names beside them."""
    parts: dict[str, list[Element]] = {key: [] for key in envelope.KEYS}
    beside: dict[str, None] = {}
    for child in children(document.root):
        name = local(child)
        if name in parts:
            parts[name].append(child)
        elif name not in beside:
            beside[name] = None
    return parts, list(beside)


def _is_row(payload: Element, known: Known) -> bool:
    """Whether the one element called payload is a row and no container of rows: its own fields say
    so, unless they have fields of a row inside, as rows have that are called like a field."""
    if known.keys().isdisjoint(_field_names(payload)):
        return False
    inside = (name for child in payload for name in _field_names(child))
    return known.keys().isdisjoint(inside)


def _field_names(element: Element) -> Iterator[str]:
    return chain(element.keys(), map(local, element))


def _check_holds_rows(container: Element, bare: bool) -> None:
    children(container)
    text = None if len(container) else container.text
    if text and _NO_SPACE.search(text):
        expected = "expected rows or an envelope" if bare else "expected rows"
        raise Fault(expected, text, ("payload",))


def _tables(
    document: Document, rows: Sequence[Element], depth: int, limits: Limits
) -> Iterator[Table]:
    """Tables of some rows each: so the cells of all of them need no room beside the tree."""
    envelope.check_records(len(rows), limits)
    envelope.check_columns(map(len, rows), limits)
    batch, first, cells, trees = list[Cell](), 0, 0, 0
    for at, row in enumerate(rows):
        cells += 1 + int(_count_inside(row)) if len(row) else 1
        try:
            cell = _cell(row, depth, limits)
        except Fault as fault:
            raise fault.under("payload", at) from None
        batch.append(_with_digits(cell) if document.is_repaired else cell)
        trees += isinstance(cell, Pairs)
        if cells > _BATCH_CELLS:
            yield envelope.table_from(batch, limits, first)
            batch, first, cells = [], at + 1, 0
    if batch:
        yield envelope.table_from(batch, limits, first)
    if len(rows) and not trees:
        raise envelope.no_rows()


def _part(document: Document, name: str, elements: Sequence[Element], limits: Limits) -> Cell:
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


def _members(element: Element, depth: int, limits: Limits) -> list[tuple[str, Cell]]:
    members = []
    for child in children(element):
        try:
            members.append((local(child), _cell(child, depth + 1, limits)))
        except Fault as fault:
            raise fault.under(local(child)) from None
    return members


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
