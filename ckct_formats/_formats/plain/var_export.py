"""What PHP's var_export prints: PHP source, with every text quoted, so nothing can be imitated."""

from __future__ import annotations

import re

from ckct_formats._errors import Path
from ckct_formats._formats import json_text
from ckct_formats._formats.cells import Cell, Pairs
from ckct_formats._formats.plain.cursor import Cursor

_BLANKS = re.compile(r"\s*+")
_STRING = re.compile(r"'((?:[^'\\]++|\\['\\])*+)'(?!\s*\.)")
_ESCAPE = re.compile(r"\\(['\\])")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_CONSTANT = re.compile(r"(?:NULL|true|false)\b", re.IGNORECASE)
# An object is an array that is cast (PHP 7.3 and later), or a call that sets its state.
_ARRAY = re.compile(r"(\(object\) ?)?array ?\(\s*+|\\?[A-Za-z_\\]+::__set_state\( ?array ?\(\s*+")
_ARROW = re.compile(r"\s*+=>\s*+")
_COMMA = re.compile(r",\s*+")
_CLOSE = re.compile(r"\s*\)")
_CONSTANTS = {"null": None, "true": True, "false": False}


def read(cursor: Cursor[str]) -> Cell:
    """The tree of a dump."""
    cursor.take(_BLANKS)
    return _value(cursor, ())


def _value(cursor: Cursor[str], path: Path) -> Cell:
    cursor.begin(path)
    string = cursor.take(_STRING)
    if string:
        return _unescaped(string[1])
    number = cursor.take(_NUMBER)
    if number:
        return json_text.php_number(number[0])
    constant = cursor.take(_CONSTANT)
    if constant:
        return _CONSTANTS[constant[0].lower()]
    opening = cursor.need(_ARRAY, "a value of var_export")
    return _members(cursor, path, in_call=opening[0].startswith(("\\", "s", "D")))


def _members(cursor: Cursor[str], path: Path, *, in_call: bool) -> Pairs:
    pairs: Pairs = Pairs()
    while not cursor.take(_CLOSE):
        key = _key(cursor)
        cursor.need(_ARROW, "=>")
        pairs.append((key, _value(cursor, (*path, key))))
        cursor.need(_COMMA, "a comma")
    if in_call:
        cursor.need(_CLOSE, "the end of __set_state")
    return pairs


def _key(cursor: Cursor[str]) -> str:
    string = cursor.take(_STRING)
    if string:
        return cursor.name(_unescaped(string[1]))
    return cursor.name(cursor.need(_NUMBER, "a key")[0])


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)
