"""What PHP's print_r prints, and the canonical plain text.

Texts are not quoted, so a later line of one can imitate an entry: `evidence` says what is checked
against that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise

from ckct_formats._errors import Path
from ckct_formats._formats import envelope
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.plain import evidence
from ckct_formats._formats.plain.print_r.fast import read_fast as read_fast
from ckct_formats._formats.plain.print_r.grammar import (
    Entry,
    ended,
    entries_of,
    keys_of,
    level_of,
    read_cell,
    read_members,
)
from ckct_formats._formats.plain.print_r.writer import CONSTRAINTS as CONSTRAINTS
from ckct_formats._formats.plain.print_r.writer import write as write
from ckct_formats._formats.table import KnownKeys, RawResponse
from ckct_formats._limits import Limits

# Rows may be printed one after another, each as an array of its own.
_NEXT_DUMP = re.compile(r"\n\)\n+(?=(?:Array|stdClass Object)\n\(\n)")


def read_tree(dump: str, limits: Limits, known: KnownKeys) -> RawResponse:
    """The raw response of any dump."""
    dump = ended(dump)
    if not dump.startswith(level_of(0).openings):
        raise Fault('expected "Array" and a bracket below it, as print_r begins', dump[:80])
    keys = set(keys_of(dump, 0, len(dump), 0))
    bare = keys.isdisjoint(envelope.KEYS)
    if bare:
        dumps = _dumps(dump)
        if len(dumps) > 1 or not keys.isdisjoint(known):
            return _rows_in_turn(dump, dumps, limits, known)
    try:
        tree = read_cell(dump, 0, len(dump), 0, limits, {})
    except Fault as fault:
        raise fault.under("payload") if bare else fault from None
    evidence.check_tree(tree, known)
    return envelope.raw_response(tree, limits)


def _dumps(text: str) -> list[Entry]:
    """The dumps that are printed one after another, each with its closing bracket."""
    breaks = [(each.start() + len("\n)\n"), each.end()) for each in _NEXT_DUMP.finditer(text)]
    places = pairwise([(0, 0), *breaks, (len(text), 0)])
    return [Entry(str(at), start, end) for at, ((_, start), (end, _)) in enumerate(places)]


def _rows_in_turn(
    dump: str, dumps: Sequence[Entry], limits: Limits, known: KnownKeys
) -> RawResponse:
    rows = read_members(dump, dumps, -1, limits, {})
    if any(envelope.is_enveloped(row) for _, row in rows):
        raise Fault("several dumps, and yet one with an envelope")
    for at, (_, row) in enumerate(rows):
        evidence.check_no_rows(row, at, known)
    evidence.check_tree(rows, known)
    return envelope.raw_response(rows, limits)


def places(dump: str, wanted: Set[Path]) -> Mapping[Path, int]:
    """Where cells begin."""
    dump = ended(dump)
    return dict(_found(dump, Entry("", 0, len(dump)), (), wanted))


def _found(dump: str, cell: Entry, path: Path, wanted: Set[Path]) -> Iterator[tuple[Path, int]]:
    yield path, cell.start
    try:
        for entry in entries_of(dump, cell.start, cell.end, len(path)) or ():
            if (*path, entry.key) in wanted:
                yield from _found(dump, entry, (*path, entry.key), wanted)
    except Fault:  # an array that is cut off has no more entries
        return
