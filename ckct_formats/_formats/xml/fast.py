"""The payload of a canonical document, and of any whose rows are written alike, without a tree.

What is left out of the tree must be what the parser would have found there, so it is proven to be
well-formed and to hold nothing else: each row is matched as a whole, against tags without
attributes around texts and lists of `item`. The document around the rows is for the parser.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from itertools import islice, repeat

from ckct_formats._formats import Known
from ckct_formats._formats.alike import (
    MOST_COLUMNS,
    NotAlike,
    Payload,
    check_names,
    columns_of,
    pieces,
)
from ckct_formats._formats.cells import Pairs
from ckct_formats._formats.table import Column, Table
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
_MOST_REFERENCES = 100
# NUL stands in no document.
_BETWEEN = "\0"

# What no text holds as it stands, or the parser would change (XML 1.0, 2.2, 2.4 and 2.11): controls
# but tab and line feed, which are single bytes in UTF-8, and the end of a CDATA section.
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n"))
_NO_CHARACTERS = "\ufffe\uffff"
_SECTION_END = "]]>"


def find_payload(text: str, utf8: bytes) -> Payload:
    """The payload of a document; `NotAlike` where it cannot be known for certain without a parser.

    What is around must still be parsed, and be found to have one payload only: then that is this
    one, as a tag can stand in no comment where there is none.
    """
    start, end = text.find(_OPENING) + len(_OPENING), text.rfind(_CLOSING)
    if not len(_OPENING) <= start <= end:
        raise NotAlike
    # Three copies at most are there at a time of what is around, with that to be parsed.
    before, after = text[: start - len(_OPENING)], text[end + len(_CLOSING) :]
    around = _DECLARATION.sub("", before) + after
    if "<!" in around or "<?" in around:
        raise NotAlike
    if len(utf8.translate(None, _CONTROLS)) < len(utf8) or any(
        each in text for each in _NO_CHARACTERS
    ):
        raise NotAlike
    # A search for one character that is rare is many times faster than one for several.
    if _SECTION_END[0] in text and _SECTION_END in text:
        raise NotAlike
    return Payload(start, end, before + _EMPTY + after)


def tables(text: str, payload: Payload, known: Known, limits: Limits) -> Iterator[Table]:
    """The rows of a payload, a table for each batch; `NotAlike` unless all of them are written
    alike, and in no way but this."""
    first = _FIRST_ROW.match(text, payload.start, payload.end)
    if first is None:
        raise NotAlike
    row, name = first.groups()
    fields = list(islice(_fields(text, first.end(), payload.end), MOST_COLUMNS + 1))
    names = [name for _, name in fields]
    check_names(names)
    opening, closing = f"{first[0]}{fields[0][0]}<{name}", f"</{row}>"
    end = text.rfind(closing, payload.start, payload.end)
    if end < 0 or text[end + len(closing) : payload.end].strip(" \t\n"):
        raise NotAlike
    # Where the one row is called like a field, the payload may be a row itself.
    if row in known or limits.depth < _DEPTH:
        raise NotAlike
    pattern, length = _pattern(fields, known), 0
    start, mark = payload.start + len(opening), closing + opening
    for rows in pieces(text, start, end, mark):
        length += len(rows)
        if length > limits.records:
            raise NotAlike
        columns = map(_column, columns_of(rows, pattern))
        table = Table(dict(zip(names, columns, strict=True)), len(rows), max(map(len, rows)))
        yield from table.parts()


def _fields(text: str, at: int, end: int) -> Iterator[tuple[str, str]]:
    """The elements of the first row, each by the space in front of it and its name."""
    while field := _FIELD.match(text, at, end):
        yield field[1], field[2]
        at = field.end()


def _pattern(fields: Sequence[tuple[str, str]], known: Known) -> re.Pattern[str]:
    """What fits a row from behind the name of its first element to its end tag. Elements that are
    known as texts hold no others."""
    elements = ""
    for space, name in fields:
        content = _TEXT if known.get(name) else _CONTENT
        elements += rf"{space}<{re.escape(name)}(?:>({content})</{re.escape(name)}|/)>"
    first = fields[0][0] + "<" + re.escape(fields[0][1])
    return re.compile(elements[len(first) :] + _SPACE)


def _column(texts: Sequence[str]) -> Column:
    """The cells of a column; `NotAlike` if some element holds both a text and elements, or a
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
        raise NotAlike
    texts = _ITEM_TEXT.findall(content)
    return Pairs(zip(repeat("item"), map(_unescaped, texts) if "&" in content else texts))


def _unescaped(text: str) -> str:
    """A text with its references resolved; `NotAlike` where one is none, or if there are too many
    to resolve each of them all over the text."""
    references = set[str]()
    count = 0
    for found in _REFERENCE.finditer(text):
        references.add(found[0])
        count += 1
        if len(references) > _MOST_REFERENCES:
            raise NotAlike
    if count < text.count("&"):
        raise NotAlike
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
        raise NotAlike
    return chr(number)
