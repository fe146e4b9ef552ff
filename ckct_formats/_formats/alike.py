"""Rows that are all written alike, read with one regular expression that the first of them gives.

A tree of a page costs its parser more memory, and so more time, than all that is done with it.
Where a pattern fits each row from its beginning to its end there is no need of one: what is read
is proven, and what does not fit is left to the dialect's careful reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import methodcaller
from typing import NamedTuple, TypeVar

# Past this a pattern costs more to make than it saves, and a body could ask for any number of them.
MOST_COLUMNS = 200
_MOST_NAME_CHARS = 10_000

# The API's page, in rows and at most in characters. The cells of so many rows stay in the
# processor's cache until they are records; those of fifty such pages would be fetched from memory
# again by each step.
BATCH = 1_000
_PIECE_CHARS = 1_500_000

_groups = methodcaller("groups", "")
T = TypeVar("T")


class NotAlike(Exception):
    """Some row is written otherwise: the careful reader is to read all of them."""


def check_names(names: Sequence[str]) -> None:
    """`NotAlike` unless a pattern can be made of the keys of a row."""
    if not 0 < len(set(names)) == len(names) <= MOST_COLUMNS:
        raise NotAlike
    if sum(map(len, names)) > _MOST_NAME_CHARS:
        raise NotAlike


class Payload(NamedTuple):
    """Where the content of a payload stands in a text, and the text with an empty one instead."""

    start: int
    end: int
    around: str


def batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Rows in batches that are read, and made records of, one at a time."""
    return (rows[at : at + BATCH] for at in range(0, len(rows), BATCH))


def pieces(text: str, start: int, end: int, mark: str) -> Iterator[list[str]]:
    """What stands between marks in a part of a text, a page of text at a time."""
    while end - start > _PIECE_CHARS:
        stop = text.rfind(mark, start, start + _PIECE_CHARS)
        if stop < 0:
            stop = text.find(mark, start + _PIECE_CHARS - len(mark), end)
        if stop < 0:
            break
        yield text[start:stop].split(mark)
        start = stop + len(mark)
    yield text[start:end].split(mark)


def columns_of(rows: Sequence[str], row: re.Pattern[str]) -> list[tuple[str, ...]]:
    """The columns that the groups of a pattern find in rows, groups that take no part as empty
    texts; `NotAlike` unless it fits all of each row."""
    try:
        return list(zip(*map(_groups, map(row.fullmatch, rows)), strict=True))
    except AttributeError:  # of None, which has no groups
        pass
    raise NotAlike
