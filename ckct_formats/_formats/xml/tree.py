"""The careful way: the elements of a document become cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import cast

from lxml import etree

from ckct_formats._formats import envelope
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import ABSENT, Cell, Pairs
from ckct_formats._formats.faults import Fault, exceeded
from ckct_formats._formats.foreign import foreign
from ckct_formats._formats.table import KnownKeys, RawResponse
from ckct_formats._formats.xml.document import DIGIT_NAMES, SPACE, Element, parse_document
from ckct_formats._limits import Limits

_REPAIRED = re.compile(r"\A_(?=[0-9])")
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_IGNORED_ATTRIBUTE = re.compile(r"\{http://www\.w3\.org/[^}]*\}|key\Z")

_attribute_values = cast("Callable[[Element], list[str]]", etree.XPath("@*", smart_strings=False))


def read_tree(body: Body, limits: Limits, known: KnownKeys) -> RawResponse:
    body.dialect = "xml"
    root = parse_document(body, limits)
    try:
        return response_of(root, limits, known, is_repaired=body.dialect == DIGIT_NAMES)
    except Fault as fault:
        raise foreign(body.text) or fault from None


def response_of(
    root: Element, limits: Limits, known: KnownKeys, *, is_repaired: bool = False
) -> RawResponse:
    """The raw response of a document."""
    parts: dict[str, list[Element]] = {key: [] for key in envelope.KEYS}
    other_keys: dict[str, None] = {}
    for child in _children(root):
        name = _local(child)
        if name in parts:
            parts[name].append(child)
        else:
            other_keys[name] = None
    bare = not any(parts.values())
    payloads = parts.pop("payload")
    inbound, info = (_part(name, found, limits) for name, found in parts.items())
    rows: Sequence[Element] = payloads  # rows that are each called payload
    if bare:
        rows = root
        _check_holds_rows(rows, bare)
    elif len(payloads) == 1 and not _is_row(payloads[0], known):
        rows = payloads[0]
        _check_holds_rows(rows, bare)
    envelope.check_records(len(rows), limits)
    envelope.check_columns(map(len, rows), limits)
    cells = _rows(rows, 2 if bare else 3, limits)
    if is_repaired:
        cells = [_with_digits(cell) for cell in cells]
    if cells and not any(isinstance(cell, Pairs) for cell in cells):
        raise envelope.no_rows()
    response = envelope.raw_response(cells, limits)
    response.inbound, response.info = inbound, info
    response.other_keys = () if bare else list(other_keys)
    return response


def is_row(names: Iterable[str], names_inside: Iterable[str], known: KnownKeys) -> bool:
    """Whether the one element called payload is a row and no container of rows: its own fields say
    so, unless they have fields of a row inside, as rows have that are called like a field."""
    return not known.keys().isdisjoint(names) and known.keys().isdisjoint(names_inside)


def _is_row(payload: Element, known: KnownKeys) -> bool:
    def names(element: Element) -> list[str]:
        return [*element.keys(), *map(_local, element)]

    return is_row(names(payload), (name for child in payload for name in names(child)), known)


def _check_holds_rows(container: Element, bare: bool) -> None:
    _children(container)
    text = None if len(container) else container.text
    if text and text.strip(SPACE):
        expected = "expected rows or an envelope" if bare else "expected rows"
        raise Fault(expected, text, ("payload",))


def _rows(rows: Sequence[Element], depth: int, limits: Limits) -> list[Cell]:
    cells = []
    for at, row in enumerate(rows):
        try:
            cells.append(_cell(row, depth, limits))
        except Fault as fault:
            raise fault.under("payload", at) from None
    return cells


def _part(name: str, elements: Sequence[Element], limits: Limits) -> Cell:
    """The tree of one part of the envelope; pretty printing leaves white space in an empty one."""
    if not elements:
        return ABSENT
    try:
        if len(elements) > 1:
            raise Fault("the element occurs twice")
        cell = _cell(elements[0], 2, limits)
    except Fault as fault:
        raise fault.under(name) from None
    return "" if isinstance(cell, str) and not cell.strip(SPACE) else cell


def _cell(element: Element, depth: int, limits: Limits) -> Cell:
    """The text of an element, or its children by name."""
    if depth > limits.depth:
        raise exceeded("depth", limits.depth, depth)
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
    return [(name, value) for name, value in pairs if not _IGNORED_ATTRIBUTE.match(name)]


def _members(element: Element, depth: int, limits: Limits) -> list[tuple[str, Cell]]:
    members = []
    for child in _children(element):
        try:
            members.append((_local(child), _cell(child, depth + 1, limits)))
        except Fault as fault:
            raise fault.under(_local(child)) from None
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
    """A tree with the names that were repaired as they were."""
    if not isinstance(cell, Pairs):
        return cell
    return Pairs((_REPAIRED.sub("", name), _with_digits(member)) for name, member in cell)


def _children(element: Element) -> Iterator[Element]:
    """The children of an element that holds nothing but elements and white space."""
    if len(element):
        for text in chain([element.text], (child.tail for child in element)):
            if text and text.strip(SPACE):
                raise Fault("a text between elements", text.strip(SPACE))
    return iter(element)


def _local(element: Element) -> str:
    """The name of an element, without its namespace."""
    name: str = element.tag
    return name.rpartition("}")[2]
