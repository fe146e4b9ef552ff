"""What PHP's var_dump prints on a command line: every text with its length in bytes, every array
with the number of its entries, so nothing can be imitated."""

from __future__ import annotations

import re

from ckct_formats._errors import Path
from ckct_formats._formats import json_text
from ckct_formats._formats.cells import Cell, Pairs
from ckct_formats._formats.plain.cursor import Cursor

_BLANKS = re.compile(rb"\s*+")
_STRING = re.compile(rb'string\(([0-9]{1,18})\) "')
_NUMBER = re.compile(rb"(?:int|float)\((-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\)")
_CONSTANT = re.compile(rb"NULL|bool\((?:true|false)\)")
_ARRAY = re.compile(rb"(?:array|object\([A-Za-z_\\]+\)#[0-9]+ )\(([0-9]{1,18})\) \{\s*+")
_KEY = re.compile(rb'\[(?:(-?[0-9]+)|"((?:(?!"\]=>\n).)*+)")\]=>\n\s*+', re.DOTALL)
_QUOTE = re.compile(rb'"')
_CLOSE = re.compile(rb"\s*\}")
_CONSTANTS = {b"NULL": None, b"bool(true)": True, b"bool(false)": False}


def read(cursor: Cursor[bytes], codec: str) -> Cell:
    """The tree of a dump."""
    cursor.take(_BLANKS)
    return _value(cursor, codec, ())


def _value(cursor: Cursor[bytes], codec: str, path: Path) -> Cell:
    cursor.begin(path)
    string = cursor.take(_STRING)
    if string:
        text = counted_text(cursor, int(string[1]), codec)
        cursor.need(_QUOTE, "a quote after the text: its length is wrong")
        return text
    number = cursor.take(_NUMBER)
    if number:
        return json_text.php_number(number[1].decode())
    constant = cursor.take(_CONSTANT)
    if constant:
        return _CONSTANTS[constant[0]]
    opening = cursor.need(_ARRAY, "a value of var_dump")
    pairs: Pairs = Pairs()
    for _ in range(int(opening[1])):
        cursor.take(_BLANKS)
        found = cursor.need(_KEY, "a key")
        key = cursor.name((found[1] or found[2]).decode(codec, "replace"))
        pairs.append((key, _value(cursor, codec, (*path, key))))
    cursor.need(_CLOSE, "a closing bracket: the number of entries is wrong")
    return pairs


def counted_text(cursor: Cursor[bytes], length: int, codec: str) -> str:
    """The text of the next so many bytes."""
    end = cursor.at + length
    try:
        text = cursor.dump[cursor.at : end].decode(codec)
    except UnicodeDecodeError:
        text = None
    if text is None or end > len(cursor.dump):
        raise cursor.unexpected(f"a text of {length:,} bytes")
    cursor.at = end
    return text
