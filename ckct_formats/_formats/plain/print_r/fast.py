"""The fast way: the rows of a dump by one regular expression that the first of them gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import repeat

from ckct_formats._formats import envelope, rows_alike
from ckct_formats._formats.cells import Pairs, keys_of
from ckct_formats._formats.faults import Fault, Unproven
from ckct_formats._formats.plain import evidence
from ckct_formats._formats.plain.print_r import grammar
from ckct_formats._formats.plain.print_r.grammar import (
    KEY_END,
    ended,
    entries_of,
    level_of,
    read_cell,
    read_members,
)
from ckct_formats._formats.table import Column, KnownKeys, RawResponse, Table
from ckct_formats._limits import Limits

# A dump, its payload, a row.
_ROW_DEPTH = 2
_CELL_DEPTH = _ROW_DEPTH + 1


def read_fast(dump: str, limits: Limits, known: KnownKeys) -> RawResponse:
    """The raw response of a dump with an envelope, whose rows are printed alike."""
    if limits.depth < _CELL_DEPTH:
        raise Unproven
    dump = ended(dump)
    try:
        start = _find_payload(dump)
        entries = entries_of(dump, 0, len(dump), 0, start) or ()
        around = read_members(dump, entries, 0, limits, {})
        inbound, info, _ = envelope.split(around)
        names = keys_of(around)
        evidence.check_parts(names)
        table = _table(dump, start, limits)
        keys = [list(table.columns)] * min(table.length, 2)
        evidence.check_rows(keys, table.length, known, evidence.counts_of(inbound, names))
    except Fault:
        raise Unproven from None
    return RawResponse(inbound, info, table)


def _find_payload(dump: str) -> int:
    """Where the content of the payload begins; `Unproven` unless it is the last part of an
    envelope."""
    top = level_of(0)
    opening = f"{top.before_entry}payload{KEY_END}"
    at = dump.find(opening)
    start = at + len(opening)
    if not dump.startswith(top.openings) or not dump.endswith(top.closing):
        raise Unproven
    if at < 0 or dump.find(top.before_entry, start) >= 0:
        raise Unproven
    return start


def _table(dump: str, start: int, limits: Limits) -> Table:
    """The rows of a payload; `Unproven` at one that is printed otherwise than the first."""
    above, end = level_of(_ROW_DEPTH - 1), len(dump) - len(level_of(0).closing)
    openings = (f"{opening[:-1]}{above.before_entry}" for opening in above.openings)
    opening = next((each for each in openings if dump.startswith(each, start)), None)
    if opening is None or not dump.endswith(above.closing, 0, end):
        raise Unproven
    rows = dump[start + len(opening) : end - len(above.closing)].split(above.before_entry)
    row = rows[0].partition(KEY_END)[2]
    keys = grammar.keys_of(row, 0, len(row), _ROW_DEPTH)
    rows_alike.check_keys(keys)
    numbers, *texts = rows_alike.columns_of(rows, _row_pattern(tuple(keys)))
    if len(rows) > limits.records or list(numbers) != list(map(str, range(len(rows)))):
        raise Unproven
    columns = [_column(each, limits) for each in texts]
    # Whether texts may occur among lists, the careful way asks.
    if any(Pairs in column.kinds and len(column.kinds) > 1 for column in columns):
        raise Unproven
    return Table(dict(zip(keys, columns, strict=True)), len(rows))


@lru_cache(maxsize=16)
def _row_pattern(keys: tuple[str, ...]) -> re.Pattern[str]:
    """What matches a row with these keys, from its number to its closing bracket."""
    of_row = level_of(_ROW_DEPTH)
    opening = "|".join(re.escape(opening[:-1]) for opening in of_row.openings)
    entry = re.escape(of_row.before_entry)
    closing = re.escape(of_row.closing)
    # Where a text ends is certain: a way back for each of its lines would take memory.
    text = rf"([^\n]*+(?:(?!{entry}|{closing}\Z)\n[^\n]*+)*+)"
    fields = "".join(rf"{entry}{re.escape(key + KEY_END)}{text}" for key in keys)
    return re.compile(rf"([0-9]++){re.escape(KEY_END)}(?:{opening}){fields}{closing}")


def _column(texts: Sequence[str], limits: Limits) -> Column:
    column = Column(texts, frozenset((str,)))
    openings = level_of(_CELL_DEPTH).openings
    if "\n" not in "".join(texts) or not any(map(str.startswith, texts, repeat(openings))):
        return column
    keys: dict[str, str] = {}
    return Column.of(
        column.map(lambda text: read_cell(text, 0, len(text), _CELL_DEPTH, limits, keys))
    )
