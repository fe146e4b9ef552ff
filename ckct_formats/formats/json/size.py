"""What the tree of a JSON body takes in memory, by the marks that its bytes hold."""

from __future__ import annotations

import re

from ckct_formats.formats.memory import Room

# In bytes: an object, a list, a value with its place in one of them, and what a member of an object
# and a number with a fraction take more.
_OBJECT, _LIST, _VALUE, _MEMBER, _FRACTION = 140, 72, 72, 60, 48
# A number with an exponent, which may become a text that is written out.
_WRITTEN = 700
# A key that is not the same object as the last one of that name: the decoder knows only some
# hundred short keys again.
_KEY, _FEW_KEYS, _SHORT = 90, 200, 30
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"(\s*+:)?', re.DOTALL)
_EXPONENT = re.compile(rb"[0-9][eE]")


def spend_tree(data: bytes, room: Room) -> None:
    """Take what the tree takes; `Fault` if it is not left."""
    room.spend_values()
    values, members = data.count(b",") + 1, data.count(b":")
    size = _OBJECT * data.count(b"{") + _LIST * data.count(b"[") + _VALUE * values
    size += _MEMBER * members + _WRITTEN * sum(1 for _ in _EXPONENT.finditer(data))
    most = size + _FRACTION * values + _KEY * members
    if 2 * most <= room.left:
        room.spend(most)
        return
    size += _FRACTION * min(data.count(b"."), values)
    room.spend(size if _has_few_keys(data) else size + _KEY * members)


def _has_few_keys(data: bytes) -> bool:
    """Whether the keys are short, and always the same."""
    keys = set[bytes]()
    for found in _TEXT.finditer(data):
        if found[1]:
            keys.add(found[0])
            if len(found[0]) > _SHORT or len(keys) > _FEW_KEYS:
                return False
    return True
