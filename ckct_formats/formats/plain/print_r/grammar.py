"""The grammar of print_r, which is one of indentation.

An array of depth n has its brackets 8n spaces in and its entries 8n + 4; what begins there with a
bracket is an entry of that array and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ckct_formats.formats.cells import Cell, Pairs
from ckct_formats.formats.faults import Fault, Over
from ckct_formats.limits import Limits

KEY_END = "] => "
_KINDS = ("Array", "stdClass Object", "DateTime Object", "DateTimeImmutable Object")


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


def entries_of(cell: str, depth: int) -> list[str] | None:
    """The entries of an array, each from behind its opening bracket; None for a text."""
    if "\n" not in cell:
        return None
    level = level_of(depth)
    opening = next(filter(cell.startswith, level.openings), None)
    if opening is None:
        return None
    if not cell.endswith(level.closing):
        raise Fault("an array that is never closed")
    # The line break in front of an entry, or of the closing bracket, belongs to both sides.
    first, *entries = cell.split(level.before_entry)
    text = first[len(opening) - 1 :]
    if entries:
        entries[-1] = entries[-1][: -len(level.closing)]
    else:
        text = text[: -len(level.closing)]
    if text:
        raise Fault("a text where an entry should begin", text)
    return entries


def split_entries(entries: Sequence[str]) -> Pairs:
    """The keys and cells of entries."""
    parts = Pairs()
    for entry in entries:
        key, end, cell = entry.partition(KEY_END)
        if not end:
            raise Fault("an entry without a value", key)
        parts.append((key, cell))
    return parts


def read_cell(cell: str, depth: int, limits: Limits, names: dict[str, str] | None = None) -> Cell:
    """A text, or the entries of an array with their cells.

    Args:
        names: The keys that were found before; of equal ones the first is kept.
    """
    entries = entries_of(cell, depth)
    if entries is None:
        return cell
    if depth >= limits.depth:
        raise Fault("", over=Over("depth", limits.depth, depth + 1))
    return read_members(split_entries(entries), depth, limits, names)


def read_members(
    parts: Pairs, depth: int, limits: Limits, names: dict[str, str] | None = None
) -> Pairs:
    """Entries, of which the cells are texts still, with their cells."""
    names = {} if names is None else names
    members = Pairs()
    for key, cell in parts:
        try:
            member = read_cell(cell, depth + 1, limits, names)
            members.append((key if key.isdecimal() else names.setdefault(key, key), member))
        except Fault as fault:
            raise fault.under(int(key) if key.isdecimal() and len(key) < 19 else key) from None
    return members
