"""The grammar of print_r, which is one of indentation.

An array of depth n has its brackets 8n spaces in and its entries 8n + 4; what begins there with a
bracket is an entry of that array and nothing else.

Arrays are passed as places in the dump: a copy of each would be copied once more for every array
around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from ckct_formats._formats.cells import Cell, Pairs
from ckct_formats._formats.faults import Fault, exceeded
from ckct_formats._limits import Limits

KEY_END = "] => "
_MAX_SHOWN = 300  # characters of a text in an error
_KINDS = ("Array", "stdClass Object", "DateTime Object", "DateTimeImmutable Object")


class Entry(NamedTuple):
    """The key of an entry, and where its cell begins and ends in the dump."""

    key: str
    start: int
    end: int


class Level(NamedTuple):
    """What the structure of an array at one depth looks like."""

    openings: tuple[str, ...]
    closing: str
    before_entry: str


@lru_cache(maxsize=128)
def level_of(depth: int) -> Level:
    indent = " " * 8 * depth
    openings = tuple(f"{kind}\n{indent}(\n" for kind in _KINDS)
    return Level(openings, f"\n{indent})\n", f"\n{indent}    [")


def ended(dump: str) -> str:
    """A dump that ends with its closing bracket and a line break."""
    return dump if dump.endswith(")\n") else dump.rstrip() + "\n"


def entries_of(
    dump: str, start: int, end: int, depth: int, last: int | None = None
) -> Iterator[Entry] | None:
    """The entries of the array in a part of a dump, in order, with a `Fault` at one without a
    value; None if there is a text.

    Args:
        last: Where the last cell begins, if that is known: then it is taken for empty.
    """
    level = level_of(depth)
    if not dump.startswith(level.openings, start, end):
        return None
    if not dump.endswith(level.closing, start, end):
        raise Fault("an array that is never closed")
    # The line break before an entry, or of the closing bracket, belongs to both sides.
    start, end = dump.index("(\n", start) + 1, end - len(level.closing)
    first = dump.find(level.before_entry, start, end)
    begun = end if first < 0 else first
    if begun > start:
        raise Fault("a text where an entry should begin", _shown(dump, start, begun))
    return _entries(dump, level.before_entry, first, end if last is None else last)


def _entries(dump: str, mark: str, at: int, end: int) -> Iterator[Entry]:
    while at >= 0:
        key = at + len(mark)
        at = dump.find(mark, key, end)
        stop = end if at < 0 else at
        key_end = dump.find(KEY_END, key, stop)
        if key_end < 0:
            raise Fault("an entry without a value", _shown(dump, key, stop))
        yield Entry(dump[key:key_end], key_end + len(KEY_END), stop)


def _shown(dump: str, start: int, end: int) -> str:
    return dump[start : min(end, start + _MAX_SHOWN)]


def keys_of(dump: str, start: int, end: int, depth: int) -> list[str]:
    """The keys of an array; of a text, none."""
    return [entry.key for entry in entries_of(dump, start, end, depth) or ()]


def read_cell(
    dump: str, start: int, end: int, depth: int, limits: Limits, keys: dict[str, str]
) -> Cell:
    """A text, or the entries of an array with their cells."""
    entries = entries_of(dump, start, end, depth)
    if entries is None:
        return dump[start:end]
    if depth >= limits.depth:
        raise exceeded("depth", limits.depth, depth + 1)
    return read_members(dump, entries, depth, limits, keys)


def read_members(
    dump: str, entries: Iterable[Entry], depth: int, limits: Limits, keys: dict[str, str]
) -> Pairs:
    """Entries of an array with their cells."""
    members = Pairs()
    for key, start, end in entries:
        try:
            member = read_cell(dump, start, end, depth + 1, limits, keys)
            members.append((key if key.isdecimal() else keys.setdefault(key, key), member))
        except Fault as fault:
            raise fault.under(int(key) if key.isdecimal() and len(key) < 19 else key) from None
    return members
