"""What the tree of a JSON body takes in memory, by the marks that its bytes hold."""

from __future__ import annotations

import re

from ckct_formats.formats import memory
from ckct_formats.formats.memory import Room

# In bytes: an object, a list, a value with its place in one of them, and what a member of an object
# and a number with a fraction or an exponent take more.
_OBJECT, _LIST, _VALUE, _MEMBER, _FRACTION = 140, 80, 80, 60, 48
# What a text takes more, beside its characters, if they are not all of ASCII.
_WIDE = 24
# A key that is not the same object as the last one of that name: the decoder knows only some
# hundred short keys again, and each other key may make it forget one of those.
_KEY, _FEW_KEYS, _SHORT = 90, 200, 30
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"(\s*+:)?|\\?\Z)', re.DOTALL)
_EXPONENT = re.compile(rb"[0-9][eE]")
# The bytes of a character in UTF-8 but its first.
_CONTINUATIONS = bytes(range(0x80, 0xC0))


def spend_tree(data: bytes, room: Room) -> None:
    """Take what the tree takes without the characters of its values; `Fault` if it is not left."""
    values, members = data.count(b",") + 1, data.count(b":")
    size = _OBJECT * data.count(b"{") + _LIST * data.count(b"[") + _VALUE * values
    size += _MEMBER * members
    width = width_of(data)
    wide = (width - 1) * len(data) + _WIDE * values if width > 1 else 0
    most = size + wide + _FRACTION * values + _KEY * members
    if 2 * most <= room.left:
        room.spend(most)
        return
    room.need(size + 2 * len(data))  # before each text is looked at, in copies
    exponents = sum(1 for _ in _EXPONENT.finditer(data))
    size += _FRACTION * min(data.count(b".") + exponents, values)
    size += _KEY * min(2 * _other_keys(data), members)
    room.spend(size + min(wide, _more_than_in_utf8(data) if wide else 0))


def width_of(data: bytes) -> int:
    """How many bytes each character takes of a text that holds all that JSON says."""
    width = memory.width_of(data)
    if b"\\u" not in data:
        return width
    return 4 if b"\\ud" in data or b"\\uD" in data else max(width, 2)


def _more_than_in_utf8(data: bytes) -> int:
    """What texts take more than their bytes in JSON, as one character widens all of its text."""
    more = 0
    for found in _TEXT.finditer(data):
        text = found[0]
        width = width_of(text)
        if width > 1:
            more += _WIDE + max(width * _chars(text) - len(text), 0)
    return more


def _chars(text: bytes) -> int:
    """How many characters a text has once its escapes are resolved."""
    text = text.replace(rb"\\", b"x")
    escapes = text.count(b"\\") + 4 * text.count(rb"\u")
    return len(text.translate(None, _CONTINUATIONS)) - escapes


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
