"""What PHP's serialize writes: every text with its length in bytes, every array with the number of
its entries, so nothing can be imitated."""

from __future__ import annotations

import re

from ckct_formats._errors import Path
from ckct_formats._formats import json_text
from ckct_formats._formats.cells import Cell, Pairs
from ckct_formats._formats.plain.cursor import Cursor
from ckct_formats._formats.plain.var_dump import counted_text

_BLANKS = re.compile(rb"\s*+")
_STRING = re.compile(rb's:([0-9]{1,18}):"')
_END = re.compile(rb'";')
_NUMBER = re.compile(rb"(?:i|d):(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?);")
_CONSTANT = re.compile(rb"N;|b:[01];")
_ARRAY = re.compile(rb'(?:a|O:[0-9]{1,9}:"[A-Za-z_\\]+"):([0-9]{1,18}):\{')
_CLOSE = re.compile(rb"\}")
_CONSTANTS = {b"N;": None, b"b:1;": True, b"b:0;": False}


def read(cursor: Cursor[bytes], codec: str) -> Cell:
    """The tree of a dump."""
    cursor.take(_BLANKS)
    return _value(cursor, codec, ())


def _value(cursor: Cursor[bytes], codec: str, path: Path) -> Cell:
    cursor.begin(path)
    if cursor.dump.startswith(b"s:", cursor.at):
        return _string(cursor, codec)
    number = cursor.take(_NUMBER)
    if number:
        return json_text.php_number(number[1].decode())
    constant = cursor.take(_CONSTANT)
    if constant:
        return _CONSTANTS[constant[0]]
    opening = cursor.need(_ARRAY, "a value of serialize")
    pairs: Pairs = Pairs()
    for _ in range(int(opening[1])):
        key = _key(cursor, codec)
        pairs.append((key, _value(cursor, codec, (*path, key))))
    cursor.need(_CLOSE, "a closing bracket: the number of entries is wrong")
    return pairs


def _key(cursor: Cursor[bytes], codec: str) -> str:
    if cursor.dump.startswith(b"s:", cursor.at):
        return cursor.name(_string(cursor, codec))
    return cursor.name(cursor.need(_NUMBER, "a key")[1].decode())


def _string(cursor: Cursor[bytes], codec: str) -> str:
    length = int(cursor.need(_STRING, "a text")[1])
    text = counted_text(cursor, length, codec)
    cursor.need(_END, "a quote after the text: its length is wrong")
    return text
