"""JSON and XML as readers of the standard library read them, against this library's rows.

What those readers refuse must be refused. What they read must be read alike, as far as it is plain
what the rows are: where a rule of this library's own decides, nothing is expected.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element
from xml.etree.ElementTree import ParseError as IllFormed

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from ckct_formats import Format, Limits, ParseError, Response, UnsafeInputError, parse

# The fifth edition of XML 1.0, which lxml follows, knows more characters of names than the fourth,
# which expat follows.
_NAME_START = re.compile(
    "[\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
)
_NAME_CHAR = re.compile("[\xb7\u0300-\u036f\u203f\u2040]")

# Expat takes any version, the empty one too.
_DECLARATION = re.compile(
    r"""<\?xml\s+version\s*=\s*(['"])1\.[0-9]+\1(\s+encoding\s*=\s*(['"])[\w.-]+\3)?"""
    r"""(\s+standalone\s*=\s*(['"])(yes|no)\5)?\s*\?>|(?!<\?xml\s)""",
    re.ASCII,
)

# Nor does it look at what a namespace is called: lxml asks for a URI.
_NO_NAMESPACE = re.compile(r"xmlns[^=<>]*=\s*([\"'])(?![\w:/.#?=-]*\1)", re.ASCII)
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']?([^\"'\s?>]*)")

ENVELOPE = ("inbound", "info", "payload")

Rows = list[dict[str, Any]]


class Refused(Exception):
    """What must not be read."""


class Unsure(Exception):
    """What rules decide that are not followed here."""


class Loose(Exception):
    """What expat reads although it is not well-formed."""


def check_json(data: bytes) -> None:
    """A body is read as the standard library reads it, or refused."""
    if _is_encoded(data):
        return
    ours = _ours(data, Format.JSON)
    try:
        expected = json_rows(_decoded(data))
    except Refused:
        assert isinstance(ours, ParseError)
    except Unsure:
        pass
    else:
        assert isinstance(ours, Response)
        assert ours.payload == expected


def check_xml(data: bytes) -> None:
    """A body is read as expat reads it, or refused; element names made of digits are repaired."""
    if _is_encoded(data):
        return
    ours = _ours(data, Format.XML)
    repaired = (
        isinstance(ours, Response)
        and ours.source is not None
        and ours.source.dialect == "xml-digit-names"
    )
    try:
        root = xml_root(_decoded(data))
        expected = xml_rows(root)
    except DefusedXmlException:
        assert isinstance(ours, ParseError)
    except Refused:
        assert isinstance(ours, ParseError) or repaired
    except Loose:
        assert not isinstance(ours, UnsafeInputError)
    except Unsure:
        assert not repaired
        assert not isinstance(ours, UnsafeInputError)
        assert not isinstance(ours, ParseError) or "not well-formed" not in ours.reason
    else:
        assert isinstance(ours, Response)
        assert ours.payload == expected


def _ours(data: bytes, fmt: Format) -> Response[Any] | ParseError:
    try:
        return parse(data, fmt, record_type=dict)
    except ParseError as error:
        return error


def _is_encoded(data: bytes) -> bool:
    """Whether a body may be in another encoding than UTF-8, and is not looked at."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]
    declared = _DECLARED.search(data)
    return marked or (declared is not None and declared[1].lower() != b"utf-8")


def _decoded(data: bytes) -> str:
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError:
        raise Refused from None


# ---- JSON ----


class Members(list[tuple[str, Any]]):
    """An object, before it is known whether a key stands twice."""


def json_rows(text: str) -> Rows:
    """The rows of a text without an envelope, and of one whose envelope is its payload alone."""
    try:
        top = json.loads(
            text,
            object_pairs_hook=Members,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError):
        raise Refused from None
    top = _plain(top, Limits().depth)
    if isinstance(top, dict):
        if any(part in top for part in ENVELOPE[:2]):
            raise Unsure
        top = top.get("payload", top)
    rows = list(top.values()) if isinstance(top, dict) else top
    if top in ([], {}):
        return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unsure
    return [{key: _value(cell) for key, cell in row.items()} for row in rows]


def _constant(name: str) -> Any:
    raise Refused


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
        nearest = float(value)
    except (InvalidOperation, OverflowError):
        raise Refused from None
    if math.isinf(nearest) or (not nearest and value):
        raise Refused
    if not value and "e" in text.lower():
        raise Unsure  # how many zeros are too many?
    return value


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > Limits().integer_digits:
        raise Unsure  # a field's value, or a part of one?
    return int(text)


def _plain(cell: Any, depth: int) -> Any:
    """A tree of dicts and lists, if all in it is allowed."""
    if isinstance(cell, str):
        _check_text(cell)
    if not isinstance(cell, list):
        return cell
    if not depth:
        raise Refused
    if not isinstance(cell, Members):
        return [_plain(item, depth - 1) for item in cell]
    members = dict(cell)
    if len(members) < len(cell):
        raise Refused
    for key in members:
        _check_text(key)
    return {key: _plain(member, depth - 1) for key, member in members.items()}


def _check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise Refused


def _value(cell: Any) -> Any:
    """A cell of a row that is a dict of texts."""
    if cell is None or cell is False or cell in ("", "-", [], {}):
        return None
    if isinstance(cell, list):
        return [_text(item) for item in cell]
    return _text(cell)


def _text(cell: Any) -> str:
    """A cell as text: compact JSON, but that a text is itself and null is nothing."""
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else _compact(cell)


def _compact(cell: Any) -> str:
    if isinstance(cell, dict):
        return (
            "{" + ",".join(f"{_compact(key)}:{_compact(cell[key])}" for key in sorted(cell)) + "}"
        )
    if isinstance(cell, list):
        return "[" + ",".join(map(_compact, cell)) + "]"
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return json.dumps(cell, ensure_ascii=False)


# ---- XML ----

_SPACE = " \t\r\n"


def xml_root(text: str, *, names_known: bool = True) -> Element:
    """The root of a document that expat finds well-formed."""
    text = text.lstrip(_SPACE)
    if "\0" in text:
        raise Refused
    try:
        root: Element = ElementTree.fromstring(text, forbid_dtd=True)
    except IllFormed:
        if names_known and _is_about_names(text):
            raise Loose from None
        raise Refused from None
    if not _DECLARATION.match(text) or _NO_NAMESPACE.search(text):
        raise Loose
    return root


def _is_about_names(text: str) -> bool:
    try:
        xml_root(_NAME_CHAR.sub("\u0300", _NAME_START.sub("\u0436", text)), names_known=False)
    except (Refused, DefusedXmlException):
        return False
    return True


def xml_rows(root: Element) -> Rows:
    """The rows right under the root, or under one payload that stands alone."""
    _check_depth(root, Limits().depth)
    if any(element.keys() for element in root.iter()):
        raise Unsure
    container = root
    names = [_local(child) for child in root]
    if names == ["payload"]:
        container = root[0]
        if not len(container):
            raise Unsure
    elif any(name in ENVELOPE for name in names):
        raise Unsure
    _check_elements_alone(root)
    _check_elements_alone(container)
    if not len(container) and _said(container):
        raise Refused
    if not all(len(row) for row in container):
        raise Unsure
    return [_row(row) for row in container]


def _check_depth(element: Element, depth: int) -> None:
    if not depth:
        raise Unsure
    for child in element:
        _check_depth(child, depth - 1)


def _row(row: Element) -> dict[str, Any]:
    _check_elements_alone(row)
    cells: dict[str, list[Element]] = {}
    for cell in row:
        cells.setdefault(_local(cell), []).append(cell)
    if any(len(same) > 1 for same in cells.values()):
        raise Unsure
    return {name: _cell(cell) for name, [cell] in cells.items()}


def _cell(element: Element) -> Any:
    if not len(element):
        text = element.text or ""
        return None if text in ("", "-") else text
    _check_elements_alone(element)
    if {_local(item) for item in element} != {"item"} or any(len(item) for item in element):
        raise Unsure
    return [item.text or "" for item in element]


def _check_elements_alone(element: Element) -> None:
    if len(element) and (
        _said(element) or any((child.tail or "").strip(_SPACE) for child in element)
    ):
        raise Refused


def _said(element: Element) -> str:
    return (element.text or "").strip(_SPACE)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
