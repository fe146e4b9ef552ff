"""The payload of a canonical document, and of any whose rows are written alike, without a tree.

What is left out of the tree must be what the parser would have found there, so it is proven to be
well-formed and to hold nothing else: each row is matched as a whole, against tags without
attributes around texts and lists of `item`. The document around the rows is for the parser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ckct_formats.formats import Known
from ckct_formats.formats.alike import MOST_COLUMNS, columns_of
from ckct_formats.formats.cells import Cell, Pairs
from ckct_formats.formats.raw import Column, Table

# Elements inside of elements: the document, the payload, a row, a field, an item of a list.
DEPTH = 5

_OPENING, _CLOSING, _EMPTY = "<payload>", "</payload>", "<payload/>"
_SPACE = r"[ \t\n]*+"
_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*+"
_LIST_ITEM = r"<item(?:/>|>[^<]*+</item>)"
_CONTENT = rf"[^<]*+(?:{_LIST_ITEM}[^<]*+)*+"
_FIRST_ROW = re.compile(rf"{_SPACE}<({_NAME})>(?={_SPACE}<({_NAME})[>/])")
_FIELD = re.compile(rf"({_SPACE})<({_NAME})(?:/>|>{_CONTENT}</\2>)")
_LIST = re.compile(rf"{_SPACE}(?:{_LIST_ITEM}{_SPACE})++")
_ITEM_TEXT = re.compile(r"<item(?:/>|>([^<]*+)</item>)")
_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

# What no text holds as it stands, or the parser would change (XML 1.0, 2.2, 2.4 and 2.11): controls
# but tab and line feed, which are single bytes in UTF-8, and the end of a CDATA section.
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n"))
_NO_CHARACTERS = "\ufffe\uffff"
_SECTION_END = "]]>"
_NO_CHAR = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Payload(NamedTuple):
    """Where the content of a payload stands, and the document with an empty one instead."""

    start: int
    end: int
    around: str


def find_payload(text: str, utf8: bytes) -> Payload | None:
    """The payload of a document; None unless its rows may be written alike.

    What is around must still be parsed, and be found to have one payload only: then that is this
    one, as a tag can stand in no comment where there is none.
    """
    start, end = text.find(_OPENING) + len(_OPENING), text.rfind(_CLOSING)
    if not len(_OPENING) <= start <= end:
        return None
    before, after = text[: start - len(_OPENING)], text[end + len(_CLOSING) :]
    if "<!" in before or "<?" in before[1:] or "<!" in after or "<?" in after:
        return None
    if len(utf8.translate(None, _CONTROLS)) < len(utf8) or any(map(text.count, _NO_CHARACTERS)):
        return None
    # A search for one character that is rare is many times faster than one for several.
    if _SECTION_END[0] in text and _SECTION_END in text:
        return None
    return Payload(start, end, before + _EMPTY + after)


def read(text: str, payload: Payload, known: Known) -> Table | None:
    """The rows of a payload; None unless all are written alike, and in no way but this."""
    first = _FIRST_ROW.match(text, payload.start, payload.end)
    if first is None:
        return None
    row, name = first.groups()
    if row in known:  # the payload may be a row itself
        return None
    fields = _fields(text, first.end(), payload.end)
    names = [name for _, name in fields]
    if not names or len(names) > MOST_COLUMNS or len(set(names)) < len(names):
        return None
    opening, closing = f"{first[0]}{fields[0][0]}<{name}", f"</{row}>"
    end = text.rfind(closing, payload.start, payload.end)
    if end < 0 or text[end + len(closing) : payload.end].strip(" \t\n"):
        return None
    rows = text[payload.start + len(opening) : end].split(closing + opening)
    columns = columns_of(rows, _pattern(fields))
    return None if columns is None else _table(names, columns, len(rows))


def _fields(text: str, at: int, end: int) -> list[tuple[str, str]]:
    """The elements of the first row, each by the space in front of it and its name."""
    fields = []
    while field := _FIELD.match(text, at, end):
        fields.append((field[1], field[2]))
        at = field.end()
    return fields


def _pattern(fields: Sequence[tuple[str, str]]) -> re.Pattern[str]:
    """What fits a row from behind the name of its first element to its end tag."""
    elements = [
        rf"{space}<{re.escape(name)}(?:/>|>({_CONTENT})</{re.escape(name)}>)"
        for space, name in fields
    ]
    first = fields[0][0] + "<" + re.escape(fields[0][1])
    return re.compile("".join(elements)[len(first) :] + _SPACE)


def _table(names: Sequence[str], columns: Sequence[Sequence[str]], length: int) -> Table | None:
    table = {}
    for name, texts in zip(names, columns, strict=True):
        column = _column(texts)
        if column is None:
            return None
        table[name] = column
    return Table(table, length)


def _column(texts: Sequence[str]) -> Column | None:
    """The cells of a column; None if some element holds both a text and elements, or a reference
    to no character."""
    joined = "".join(texts)
    if "<" not in joined and "&" not in joined:
        return Column(texts, frozenset((str,)))
    cells: dict[str, Cell] = {}
    try:
        for text in set(texts):
            cells[text] = _list(text) if "<" in text else _unescaped(text)
    except ValueError:
        return None
    return Column.of(list(map(cells.__getitem__, texts)))


def _list(text: str) -> Pairs:
    if not _LIST.fullmatch(text):
        raise ValueError("a text between elements")
    return Pairs(("item", _unescaped(item)) for item in _ITEM_TEXT.findall(text))


def _unescaped(text: str) -> str:
    """A text with its references resolved; ValueError where one is none."""
    if "&" not in text:
        return text
    unescaped, found = _REFERENCE.subn(_character, text)
    if found < text.count("&"):
        raise ValueError("an ampersand that begins no reference")
    return unescaped


def _character(reference: re.Match[str]) -> str:
    name, decimal, hexadecimal = reference.groups()
    if name:
        return _NAMED[name]
    character = chr(int(decimal) if decimal else int(hexadecimal, 16))
    if _NO_CHAR.match(character):
        raise ValueError("a reference to no character of XML 1.0")
    return character
