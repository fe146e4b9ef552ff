"""Rows that are all written alike, read with one regular expression that the first of them gives.

A tree of a page costs its parser more memory, and so more time, than all that is done with it.
Where a pattern fits each row from its beginning to its end there is no need of one: what is read
is proven, and what does not fit is left to the dialect's careful reader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import methodcaller

# Past this a pattern costs more to make than it saves, and a body could ask for any number of them.
MOST_COLUMNS = 200

_groups = methodcaller("groups", "")


def columns_of(rows: Sequence[str], row: re.Pattern[str]) -> list[tuple[str, ...]] | None:
    """The columns that the groups of a pattern find in rows, groups that take no part as empty
    texts; None unless it fits all of each row."""
    try:
        return list(zip(*map(_groups, map(row.fullmatch, rows)), strict=True))
    except AttributeError:  # of None, which has no groups
        return None
