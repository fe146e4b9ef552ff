"""What the tree of a JSON body takes in memory, by the marks that its bytes hold."""

from __future__ import annotations

import re

from ckct_formats.formats.memory import Room, are_few

_OBJECT, _LIST = 200, 72
# A place in a list, or a member of an object, and a number with a fraction.
_VALUE, _MEMBER = 120, 60
# A key that is not the same object as the last one of that name.
_KEY = 90
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"(\s*+:)?', re.DOTALL)


def spend_tree(data: bytes, room: Room) -> None:
    """Take what the tree takes; `Fault` if it is not left."""
    members = data.count(b":")
    size = _OBJECT * data.count(b"{") + _LIST * data.count(b"[")
    size += _VALUE * data.count(b",") + _MEMBER * members
    with_keys = size + _KEY * members
    keys = (found[0] for found in _TEXT.finditer(data) if found[1])
    room.spend(with_keys if room.fits(2 * with_keys) or not are_few(keys) else size)
