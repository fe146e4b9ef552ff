"""What the tree of a JSON body takes in memory, by the marks that its bytes hold."""

from __future__ import annotations

import re

from ckct_formats.formats.memory import Room

# In bytes: an object, a list, a value with its place in one of them, and what a member of an object
# and a number with a fraction take more.
_OBJECT, _LIST, _VALUE, _MEMBER, _FRACTION = 140, 80, 80, 60, 48
# What a text takes more whose characters are not all of ASCII.
_WIDE = 24
# A number with an exponent, which may become a text that is written out: what the digits of that
# take, alone and, by how many bytes each has, twice in the text of what they are part of.
_DIGITS = 350
# A key that is not the same object as the last one of that name: the decoder knows only some
# hundred short keys again, and each other key may make it forget one of those.
_KEY, _FEW_KEYS, _SHORT = 90, 200, 30
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"(\s*+:)?', re.DOTALL)
# The first byte of a character beyond U+FFFF, in UTF-8.
_ASTRAL = re.compile(rb"[\xf0-\xf4]")
_EXPONENT = re.compile(rb"(?:\A|[\s:,\[])-?[0-9.]++[eE]")


def spend_tree(data: bytes, room: Room) -> None:
    """Take what the tree takes without the characters of its values; `Fault` if it is not left."""
    values, members = data.count(b",") + 1, data.count(b":")
    size = _OBJECT * data.count(b"{") + _LIST * data.count(b"[") + _VALUE * values
    size += _MEMBER * members
    size += 0 if data.isascii() else _WIDE * values
    exponents = sum(1 for _ in _EXPONENT.finditer(data))
    size += _DIGITS * (1 + 2 * _width(data)) * exponents if exponents else 0
    most = size + _FRACTION * values + _KEY * members
    if 2 * most <= room.left:
        room.spend(most)
        return
    size += _FRACTION * min(data.count(b"."), values)
    room.spend(size + _KEY * min(2 * _other_keys(data), members))


def _width(data: bytes) -> int:
    """How many bytes each character takes of a text that holds all characters of a body."""
    return 1 if data.isascii() else 4 if _ASTRAL.search(data) else 2


def _other_keys(data: bytes) -> int:
    """How many keys stand there beside the first few that are short and of ASCII."""
    few = set[bytes]()
    others = 0
    for found in _TEXT.finditer(data):
        key = found[0]
        if found[1] is None or key in few:
            continue
        if len(few) < _FEW_KEYS and len(key) <= _SHORT and key.isascii():
            few.add(key)
        else:
            others += 1
    return others
