"""What PHP's print_r prints, and the canonical plain text.

Texts are not quoted, so a later line of one can imitate an entry: `evidence` says what is held
against that.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence

from ckct_formats.errors import Path
from ckct_formats.formats import Known, envelope, evidence
from ckct_formats.formats.alike import NotAlike
from ckct_formats.formats.cells import Cell, Pairs
from ckct_formats.formats.faults import Fault
from ckct_formats.formats.memory import Room
from ckct_formats.formats.plain.print_r import alike_rows
from ckct_formats.formats.plain.print_r.cutting import frame as frame
from ckct_formats.formats.plain.print_r.grammar import (
    KEY_END,
    entries_of,
    level_of,
    read_cell,
    read_members,
    split_entries,
)
from ckct_formats.formats.plain.print_r.writer import CARRIES as CARRIES
from ckct_formats.formats.plain.print_r.writer import write as write
from ckct_formats.formats.raw import RawResponse, Take, table_of
from ckct_formats.limits import Limits

# What a line takes, in bytes, and a text in it.
_LINE, _TEXT = 240, 64
# Arrays of which the places of all entries are kept: what is around rows is asked for first, and
# each row once.
_MOST_KEPT = 10
# Rows may be printed one after another, each as an array of its own.
_NEXT_DUMP = re.compile(r"\n\)\n+(?=(?:Array|stdClass Object)\n\(\n)")


def read(dump: str, room: Room, limits: Limits, known: Known, take: Take | None) -> RawResponse:
    """The raw response of a dump that ends with its closing bracket and a line break; its places
    are indices into the dump. Without `take` the rows are left in one table."""
    places = _Places(dump)
    try:
        response = _response(dump, room, limits, known, take)
    except Fault as fault:
        failed = fault.without_frames()
    else:
        response.locate = places.locate
        return response
    raise failed.placed(places.locate(failed.path))


def _response(
    dump: str, room: Room, limits: Limits, known: Known, take: Take | None
) -> RawResponse:
    with room.attempt():
        if take is not None:
            return _read_alike(dump, room, limits, known, take)
    room.spend_values()
    lines = dump.count("\n")
    # Each level of the dump is cut into pieces, and these into those of the next.
    filled = max(lines - dump.count("=> \n"), 0)
    room.spend(3 * sys.getsizeof(dump) + _LINE * lines + _TEXT * filled)
    keys = {key for key, _ in split_entries(entries_of(dump, 0) or [])}
    if not dump.startswith(level_of(0).openings):
        raise Fault('expected "Array" and a bracket below it, as print_r begins', dump[:80])
    bare = keys.isdisjoint(envelope.KEYS)
    if bare:
        dumps = _dumps(dump)
        if len(dumps) > 1 or not keys.isdisjoint(known):
            return _rows_in_turn(dumps, room, limits, known)
    tree = _tree(dump, limits, bare)
    evidence.check_tree(tree, known)
    return envelope.raw_response(tree, room, limits)


def _read_alike(dump: str, room: Room, limits: Limits, known: Known, take: Take) -> RawResponse:
    """The response of a dump whose rows are printed alike; `NotAlike` if they are not, or if
    anything is wrong: the careful way says where it is."""
    try:
        return _response_alike(dump, room, limits, known, take)
    except Fault:
        raise NotAlike from None


def _response_alike(dump: str, room: Room, limits: Limits, known: Known, take: Take) -> RawResponse:
    if limits.depth < alike_rows.DEPTH:
        raise NotAlike
    payload = alike_rows.find_payload(dump)
    room.spend(sys.getsizeof(payload.around) + _LINE * payload.around.count("\n"))
    around = read_members(split_entries(entries_of(payload.around, 0) or []), 0, limits)
    inbound, info, _ = envelope.split(around)
    names = envelope.keys_of(around)
    evidence.check_parts(names)
    rows = alike_rows.Rows(dump, payload, room)
    taken = [take(table) for table in rows.tables(limits)]
    keys = [rows.names] * min(rows.length, 2)
    evidence.check_rows(keys, rows.length, known, evidence.counts_of(inbound, names))
    return RawResponse(inbound, info, table_of(()), taken)


def _dumps(text: str) -> list[str]:
    """The dumps that stand one after another, each with its closing bracket."""
    *others, last = _NEXT_DUMP.split(text)
    return [*(f"{dump}\n)\n" for dump in others), last]


def _rows_in_turn(dumps: Sequence[str], room: Room, limits: Limits, known: Known) -> RawResponse:
    rows = read_members(Pairs((str(at), dump) for at, dump in enumerate(dumps)), -1, limits)
    if any(envelope.is_enveloped(row) for _, row in rows):
        raise Fault("several dumps, and yet one with an envelope")
    for at, (_, row) in enumerate(rows):
        evidence.check_no_rows(row, at, known)
    evidence.check_tree(rows, known)
    return envelope.raw_response(rows, room, limits)


def _tree(dump: str, limits: Limits, bare: bool) -> Cell:
    try:
        return read_cell(dump, 0, limits)
    except Fault as fault:
        raise fault.under("payload") if bare else fault from None


class _Places:
    """Where the cells of a dump stand."""

    def __init__(self, dump: str) -> None:
        self._dump = dump
        self._members: dict[int, dict[str, tuple[int, int]]] = {}

    def locate(self, path: Path) -> int:
        """The index of the cell at a path, or of the innermost one around it that is there."""
        at, cell = 0, self._dump
        if path[:1] == ("payload",) and "payload" not in self._entries_of(0, cell, 0):
            path = path[1:]
        for depth, step in enumerate(path):
            members = self._entries_of(at, cell, depth)
            if str(step) not in members:
                break
            at, end = members[str(step)]
            cell = self._dump[at:end]
        return at

    def _entries_of(self, at: int, cell: str, depth: int) -> dict[str, tuple[int, int]]:
        """Where the cells of an array begin and end."""
        if at not in self._members:
            if len(self._members) > _MOST_KEPT:
                self._members.popitem()
            self._members[at] = dict(self._find_entries(at, cell, depth))
        return self._members[at]

    def _find_entries(
        self, at: int, cell: str, depth: int
    ) -> Iterator[tuple[str, tuple[int, int]]]:
        try:
            entries = entries_of(cell, depth)
        except Fault:
            entries = None
        if entries is None:
            return
        at += cell.index("(\n") + 1
        for entry in entries:
            at += len(level_of(depth).before_entry)
            key, end, _ = entry.partition(KEY_END)
            yield key, (at + len(key + end), at + len(entry))
            at += len(entry)
