"""The fast way: the rows of a document by one regular expression that the first of them gives.

A tree of a page costs its parser more memory, and so more time, than all that is done with it. What
is left out of the tree must be what the parser would have found there, so it is proven to be
well-formed and to hold nothing else: each row is matched as a whole, against tags without
attributes around texts and lists of `item`. The document around the rows is for the parser.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from itertools import islice, repeat
from typing import NamedTuple

from ckct_formats._errors import ParseError
from ckct_formats._formats import rows_alike
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import Pairs
from ckct_formats._formats.faults import Fault, Unproven
from ckct_formats._formats.table import Column, KnownKeys, RawResponse, Table
from ckct_formats._formats.xml.document import DIGIT_NAMES, Element, parse_document
from ckct_formats._formats.xml.tree import response_of
from ckct_formats._formats.xml.writer import NO_CHARACTER
from ckct_formats._limits import Limits

# Elements inside of elements: the document, the payload, a row, a field, an item of a list.
_DEPTH = 5

_OPENING, _CLOSING, _EMPTY = "<payload>", "</payload>", "<payload/>"
_SPACE = r"[ \t\n]*+"
_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*+"
_LIST_ITEM = r"<item(?:/>|>[^<]*+</item>)"
_TEXT = r"[^<]*+"
_CONTENT = rf"{_TEXT}(?:{_LIST_ITEM}{_TEXT})*+"
_DECLARATION = re.compile(r"\A<\?xml[ \t\r\n][^<>]*+>")
_FIRST_ROW = re.compile(rf"{_SPACE}<({_NAME})>(?={_SPACE}<({_NAME})[>/])")
_FIELD = re.compile(rf"({_SPACE})<({_NAME})(?:/>|>{_CONTENT}</\2>)")
_LIST = re.compile(rf"{_SPACE}(?:{_LIST_ITEM}{_SPACE})++")
_ITEM_TEXT = re.compile(r"<item(?:/>|>([^<]*+)</item>)")
_REFERENCE = re.compile(r"&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});")
_NAMED = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
_MAX_REFERENCES = 100
# NUL occurs in no document.
_BETWEEN = "\0"

# What no text holds unescaped, or the parser would change (XML 1.0, 2.2, 2.4 and 2.11): controls
# but tab and line feed, which are single bytes in UTF-8, and the end of a CDATA section.
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n"))
_NO_CHARACTERS = "\ufffe\uffff"
_SECTION_END = "]]>"


def read_fast(body: Body, limits: Limits, known: KnownKeys) -> RawResponse:
    body.dialect = "xml"
    payload = _find_payload(body)
    around = Body(payload.around)
    try:
        root = parse_document(around, limits)
        response = response_of(root, limits, known)
    except (ParseError, Fault):
        raise Unproven from None
    if around.dialect == DIGIT_NAMES or not _has_one_payload(root):
        raise Unproven
    response.table = _table(body.text, payload, known, limits)
    return response


class _Payload(NamedTuple):
    """Where the content of a payload begins and ends, and the document with an empty one."""

    start: int
    end: int
    around: str


def _find_payload(body: Body) -> _Payload:
    """The payload of a document; `Unproven` where it cannot be known without a parser.

    What is around must still be parsed, and be found to have one payload: then it is this one, as
    there is no comment that could hold a tag.
    """
    text, utf8 = body.text, body.utf8
    start, end = text.find(_OPENING) + len(_OPENING), text.rfind(_CLOSING)
    if not len(_OPENING) <= start <= end:
        raise Unproven
    before, after = text[: start - len(_OPENING)], text[end + len(_CLOSING) :]
    around = _DECLARATION.sub("", before) + after
    if "<!" in around or "<?" in around:
        raise Unproven
    if len(utf8.translate(None, _CONTROLS)) < len(utf8) or any(
        each in text for each in _NO_CHARACTERS
    ):
        raise Unproven
    # A search for one character that is rare is many times faster than one for several.
    if _SECTION_END[0] in text and _SECTION_END in text:
        raise Unproven
    return _Payload(start, end, before + _EMPTY + after)


def _has_one_payload(root: Element) -> bool:
    payloads = root.findall(".//{*}payload")
    return len(payloads) == 1 and payloads[0].getparent() is root


def _table(text: str, payload: _Payload, known: KnownKeys, limits: Limits) -> Table:
    """The rows of a payload; `Unproven` unless all of them are written alike, and only so."""
    first = _FIRST_ROW.match(text, payload.start, payload.end)
    if first is None:
        raise Unproven
    row, name = first.groups()
    fields = list(islice(_fields(text, first.end(), payload.end), rows_alike.MAX_KEYS + 1))
    names = [name for _, name in fields]
    rows_alike.check_keys(names)
    opening, closing = f"{first[0]}{fields[0][0]}<{name}", f"</{row}>"
    end = text.rfind(closing, payload.start, payload.end)
    if end < 0 or text[end + len(closing) : payload.end].strip(" \t\n"):
        raise Unproven
    # Where the one row is called like a field, the payload may be a row itself.
    if row in known or limits.depth < _DEPTH:
        raise Unproven
    rows = text[payload.start + len(opening) : end].split(closing + opening)
    if len(rows) > limits.records:
        raise Unproven
    columns = map(_column, rows_alike.columns_of(rows, _pattern(fields, known)))
    return Table(dict(zip(names, columns, strict=True)), len(rows))


def _fields(text: str, at: int, end: int) -> Iterator[tuple[str, str]]:
    """The elements of the first row, each with the space before it and its name."""
    while field := _FIELD.match(text, at, end):
        yield field[1], field[2]
        at = field.end()


def _pattern(fields: Sequence[tuple[str, str]], known: KnownKeys) -> re.Pattern[str]:
    """What matches a row after the name of its first element, up to its end tag. Elements that are
    known as texts hold no others."""
    elements = ""
    for space, name in fields:
        content = _TEXT if known.get(name) else _CONTENT
        elements += rf"{space}<{re.escape(name)}(?:>({content})</{re.escape(name)}|/)>"
    first = fields[0][0] + "<" + re.escape(fields[0][1])
    return re.compile(elements[len(first) :] + _SPACE)


def _column(texts: Sequence[str]) -> Column:
    """The cells of a column; `Unproven` if some element holds both a text and elements, or a
    reference to no character."""
    joined = _BETWEEN.join(texts)
    column = Column(texts, frozenset((str,)))
    if "<" in joined:
        return Column.of(column.map(_list_or_text))
    if "&" in joined:
        return Column(_unescaped(joined).split(_BETWEEN), column.kinds)
    return column


def _list_or_text(content: str) -> Pairs | str:
    if "<" not in content:
        return _unescaped(content)
    if not _LIST.fullmatch(content):
        raise Unproven
    texts = _ITEM_TEXT.findall(content)
    return Pairs(zip(repeat("item"), map(_unescaped, texts) if "&" in content else texts))


def _unescaped(text: str) -> str:
    """A text with its references resolved; `Unproven` where one is none, or if there are too many
    to replace each of them all over the text."""
    references = set[str]()
    count = 0
    for found in _REFERENCE.finditer(text):
        references.add(found[0])
        count += 1
        if len(references) > _MAX_REFERENCES:
            raise Unproven
    if count < text.count("&"):
        raise Unproven
    for reference in references - {"&amp;"}:
        character = _NAMED.get(reference) or _character(reference)
        # The ampersand last: what it gives must not be taken for another reference.
        text = text.replace(reference, "&amp;" if character == "&" else character)
    return text.replace("&amp;", "&")


def _character(reference: str) -> str:
    """The character of `&#65;` or `&#x41;`."""
    digits = reference[2:-1]
    number = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    if number > sys.maxunicode or NO_CHARACTER.match(chr(number)):
        raise Unproven
    return chr(number)
