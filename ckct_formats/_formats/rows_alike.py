"""Rows that are all written alike, read with one regular expression that the first of them gives.

Where the pattern matches each row from its beginning to its end, what is read is proven; what it
does not match is left to the dialect's careful reader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import methodcaller

from ckct_formats._formats.faults import Unproven

# Beyond this a pattern costs more to make than it saves, and each body could ask for another.
MAX_KEYS = 200
_MAX_KEY_CHARS = 10_000

_groups = methodcaller("groups", "")


def check_keys(keys: Sequence[str]) -> None:
    """`Unproven` unless a pattern can be made of the keys of a row."""
    if not 0 < len(set(keys)) == len(keys) <= MAX_KEYS or sum(map(len, keys)) > _MAX_KEY_CHARS:
        raise Unproven


def columns_of(rows: Sequence[str], row: re.Pattern[str]) -> list[tuple[str, ...]]:
    """What the groups of a pattern match in rows, by group, with an empty text for a group that
    takes no part; `Unproven` unless it matches all of each row."""
    try:
        return list(zip(*map(_groups, map(row.fullmatch, rows)), strict=True))
    except AttributeError:  # of None, which has no groups
        pass
    raise Unproven
