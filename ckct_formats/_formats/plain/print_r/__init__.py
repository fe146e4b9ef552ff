"""What PHP's print_r prints, and the canonical plain text.

Texts are not quoted, so a later line of one can imitate an entry: `evidence` says what is held
against that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

from ckct_formats._errors import Path
from ckct_formats._formats import Known, envelope
from ckct_formats._formats.alike import NotAlike
from ckct_formats._formats.cells import Cell
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.plain import evidence
from ckct_formats._formats.plain.print_r import fast
from ckct_formats._formats.plain.print_r.cutting import frame as frame
from ckct_formats._formats.plain.print_r.grammar import (
    Entry,
    Keys,
    entries_of,
    keys_of,
    level_of,
    read_cell,
    read_members,
)
from ckct_formats._formats.plain.print_r.writer import CARRIES as CARRIES
from ckct_formats._formats.plain.print_r.writer import write as write
from ckct_formats._formats.table import RawResponse, Take, table_of
from ckct_formats._limits import Limits

# Arrays of which the places of all entries are kept: what is around rows is asked for first, and
# each row once.
_MOST_KEPT = 10
# Rows may be printed one after another, each as an array of its own.
_NEXT_DUMP = re.compile(r"\n\)\n+(?=(?:Array|stdClass Object)\n\(\n)")


def read(dump: str, limits: Limits, known: Known, take: Take | None) -> RawResponse:
    """The raw response of a dump that ends with its closing bracket and a line break; its places
    are indices into the dump. Without `take` the rows are left in one table."""
    places = _Places(dump)
    try:
        response = _response(dump, limits, known, take)
    except Fault as fault:
        failed = fault.without_frames()
    else:
        response.locate = places.locate
        return response
    raise failed.placed(places.locate(failed.path))


def _response(dump: str, limits: Limits, known: Known, take: Take | None) -> RawResponse:
    with suppress(NotAlike):
        if take is not None:
            return _read_alike(dump, limits, known, take)
    keys = set(keys_of(dump, 0, len(dump), 0))
    if not dump.startswith(level_of(0).openings):
        raise Fault('expected "Array" and a bracket below it, as print_r begins', dump[:80])
    bare = keys.isdisjoint(envelope.KEYS)
    if bare:
        dumps = _dumps(dump)
        if len(dumps) > 1 or not keys.isdisjoint(known):
            return _rows_in_turn(dump, dumps, limits, known)
    tree = _tree(dump, limits, bare)
    evidence.check_tree(tree, known)
    return envelope.raw_response(tree, limits)


def _read_alike(dump: str, limits: Limits, known: Known, take: Take) -> RawResponse:
    """The response of a dump whose rows are printed alike; `NotAlike` if they are not, or if
    anything is wrong: the careful way says where it is."""
    try:
        return _response_alike(dump, limits, known, take)
    except Fault:
        raise NotAlike from None


def _response_alike(dump: str, limits: Limits, known: Known, take: Take) -> RawResponse:
    if limits.depth < fast.DEPTH:
        raise NotAlike
    payload = fast.find_payload(dump)
    entries = entries_of(dump, 0, len(dump), 0, payload.start) or ()
    around = read_members(dump, entries, 0, limits, Keys())
    inbound, info, _ = envelope.split(around)
    names = envelope.keys_of(around)
    evidence.check_parts(names)
    rows = fast.Rows(dump, payload)
    taken = [take(table) for table in rows.tables(limits)]
    keys = [rows.names] * min(rows.length, 2)
    evidence.check_rows(keys, rows.length, known, evidence.counts_of(inbound, names))
    return RawResponse(inbound, info, table_of(()), taken)


def _dumps(text: str) -> list[Entry]:
    """The dumps that stand one after another, each with its closing bracket."""
    breaks = [(each.start() + len("\n)\n"), each.end()) for each in _NEXT_DUMP.finditer(text)]
    places = pairwise([(0, 0), *breaks, (len(text), 0)])
    return [Entry(str(at), start, end) for at, ((_, start), (end, _)) in enumerate(places)]


def _rows_in_turn(dump: str, dumps: Sequence[Entry], limits: Limits, known: Known) -> RawResponse:
    rows = read_members(dump, dumps, -1, limits, Keys())
    if any(envelope.is_enveloped(row) for _, row in rows):
        raise Fault("several dumps, and yet one with an envelope")
    for at, (_, row) in enumerate(rows):
        evidence.check_no_rows(row, at, known)
    evidence.check_tree(rows, known)
    return envelope.raw_response(rows, limits)


def _tree(dump: str, limits: Limits, bare: bool) -> Cell:
    try:
        return read_cell(dump, 0, len(dump), 0, limits, Keys())
    except Fault as fault:
        raise fault.under("payload") if bare else fault from None


class _Places:
    """Where the cells of a dump stand."""

    def __init__(self, dump: str) -> None:
        self._dump = dump
        self._members: dict[int, dict[str, tuple[int, int]]] = {}

    def locate(self, path: Path) -> int:
        """The index of the cell at a path, or of the innermost one around it that is there."""
        start, end = 0, len(self._dump)
        if path[:1] == ("payload",) and "payload" not in self._entries_of(start, end, 0):
            path = path[1:]
        for depth, step in enumerate(path):
            members = self._entries_of(start, end, depth)
            if str(step) not in members:
                break
            start, end = members[str(step)]
        return start

    def _entries_of(self, start: int, end: int, depth: int) -> dict[str, tuple[int, int]]:
        """Where the cells of an array begin and end."""
        if start not in self._members:
            if len(self._members) > _MOST_KEPT:
                self._members.popitem()
            self._members[start] = self._find_entries(start, end, depth)
        return self._members[start]

    def _find_entries(self, start: int, end: int, depth: int) -> dict[str, tuple[int, int]]:
        try:
            entries = entries_of(self._dump, start, end, depth) or ()
            return {entry.key: (entry.start, entry.end) for entry in entries}
        except Fault:
            return {}
