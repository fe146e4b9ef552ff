"""What PHP's print_r prints, and the canonical plain text.

The grammar is one of indentation. An array of depth n has its brackets 8n spaces in and its entries
8n + 4; what begins there with a bracket is an entry of that array and nothing else. Texts are not
quoted, so a later line of one can imitate an entry: `evidence` says what is held against that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

from ckct_formats.errors import Path
from ckct_formats.formats import Known, envelope, evidence
from ckct_formats.formats.alike import BATCH, MOST_COLUMNS, NotAlike, batches, columns_of
from ckct_formats.formats.cells import ABSENT, Cell, Pairs
from ckct_formats.formats.faults import Fault, Over
from ckct_formats.formats.raw import Carries, Column, RawResponse, Table, Take, table_of
from ckct_formats.limits import Limits

# A later line of a text that could be print_r's own: the beginning of an entry, or a bracket.
_STRUCTURE = r"\n(?: {8})*(?: {4}\[|[()](?:\n|\Z))"

CARRIES = Carries(
    no_text=re.compile(_STRUCTURE),
    no_text_reason="a later line of the text could be structure of print_r",
    no_key=re.compile(rf"\] => |{_STRUCTURE}"),
    no_key_reason="the key could be structure of print_r",
    false_is_blank=True,
    absent_is_blank=True,
)

_KEY_END = "] => "
_KINDS = ("Array", "stdClass Object", "DateTime Object", "DateTimeImmutable Object")


# Rows may be printed one after another, each as an array of its own.
_NEXT_DUMP = re.compile(r"\n\)\n+(?=(?:Array|stdClass Object)\n\(\n)")


def read(dump: str, limits: Limits, known: Known, take: Take | None) -> RawResponse:
    """The raw response of a dump that ends with its closing bracket and a line break; its places
    are indices into the dump. Without `take` the rows are left in one table."""
    places = _Places(dump)
    try:
        response = _response(dump, limits, known, take)
    except Fault as fault:
        failed = fault
    else:
        response.locate = places.locate
        return response
    raise failed.placed(places.locate(failed.path))


def _response(dump: str, limits: Limits, known: Known, take: Take | None) -> RawResponse:
    entries = _entries(dump, 0)
    if entries is None:
        raise Fault('expected "Array" and a bracket below it, as print_r begins', dump[:80])
    parts = _split(entries)
    bare = not envelope.is_enveloped(parts)
    if bare:
        dumps = _dumps(dump)
        if len(dumps) > 1 or any(key in known for key, _ in parts):
            return _rows_in_turn(dumps, limits, known)
    payload = dump if bare else next((cell for key, cell in parts if key == "payload"), "")
    with suppress(NotAlike):
        return _read_alike(parts, payload, bare, limits, known, take)
    tree = _tree(dump, limits, bare)
    evidence.check_tree(tree, known)
    return envelope.raw_response(tree, limits)


def _read_alike(
    parts: Pairs, payload: str, bare: bool, limits: Limits, known: Known, take: Take | None
) -> RawResponse:
    """The response of a dump whose rows are printed alike; `NotAlike` if they are not."""
    depth = 1 if bare else 2
    rows = _entries(payload, depth - 1)
    if take is None or not rows or depth + 1 > limits.depth or len(rows) > limits.records:
        raise NotAlike
    names = _names_of(rows[0], depth)
    taken = _take_tables(rows, names, depth, limits, take)
    keys = [names] * min(len(rows), 2)
    if bare:
        evidence.check_rows(keys, len(rows), known)
        return RawResponse(ABSENT, ABSENT, table_of(()), taken)
    above = envelope.keys_of(parts)
    evidence.check_parts(above)
    around = Pairs((key, "" if key == "payload" else cell) for key, cell in parts)
    inbound, info, _ = envelope.split(_members(around, 0, limits))
    evidence.check_rows(keys, len(rows), known, evidence.counts_of(inbound, above))
    return RawResponse(inbound, info, table_of(()), taken)


def _dumps(text: str) -> list[str]:
    """The dumps that stand one after another, each with its closing bracket."""
    *others, last = _NEXT_DUMP.split(text)
    return [*(f"{dump}\n)\n" for dump in others), last]


def _rows_in_turn(dumps: Sequence[str], limits: Limits, known: Known) -> RawResponse:
    rows = _members(Pairs((str(at), dump) for at, dump in enumerate(dumps)), -1, limits)
    if any(envelope.is_enveloped(row) for _, row in rows):
        raise Fault("several dumps, and yet one with an envelope")
    for at, (_, row) in enumerate(rows):
        evidence.check_no_rows(row, at, known)
    evidence.check_tree(rows, known)
    return envelope.raw_response(rows, limits)


class _Level(NamedTuple):
    """What the structure of an array at one depth looks like."""

    openings: tuple[str, ...]
    closing: str
    before_entry: str


@lru_cache(maxsize=128)
def _level(depth: int) -> _Level:
    indent = " " * 8 * depth
    openings = tuple(f"{kind}\n{indent}(\n" for kind in _KINDS)
    return _Level(openings, f"\n{indent})\n", f"\n{indent}    [")


def _entries(cell: str, depth: int) -> list[str] | None:
    """The entries of an array, each from behind its opening bracket; None for a text."""
    if "\n" not in cell:
        return None
    level = _level(depth)
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


def _split(entries: Sequence[str]) -> Pairs:
    """The keys and cells of entries."""
    parts = [entry.partition(_KEY_END) for entry in entries]
    for key, end, _ in parts:
        if not end:
            raise Fault("an entry without a value", key)
    return Pairs((key, cell) for key, _, cell in parts)


def _cell(cell: str, depth: int, limits: Limits) -> Cell:
    """A text, or the entries of an array with their cells."""
    entries = _entries(cell, depth)
    if entries is None:
        return cell
    if depth >= limits.depth:
        raise Fault("", over=Over("depth", limits.depth, depth + 1))
    return _members(_split(entries), depth, limits)


def _tree(dump: str, limits: Limits, bare: bool) -> Cell:
    try:
        return _cell(dump, 0, limits)
    except Fault as fault:
        raise fault.under("payload") if bare else fault from None


def _members(parts: Pairs, depth: int, limits: Limits) -> Pairs:
    members = Pairs()
    for key, cell in parts:
        try:
            members.append((key, _cell(cell, depth + 1, limits)))
        except Fault as fault:
            raise fault.under(int(key) if key.isdecimal() else key) from None
    return members


def _take_tables(
    rows: Sequence[str], names: Sequence[str], depth: int, limits: Limits, take: Take
) -> list[Any]:
    pattern = _row_pattern(tuple(names), depth)
    nested: list[bool] = []
    taken = []
    for at, batch in enumerate(batches(rows)):
        numbers, *columns = columns_of(batch, pattern)
        first = at * BATCH
        if list(numbers) != [str(number) for number in range(first, first + len(batch))]:
            raise NotAlike
        try:
            cells = [_column(texts, depth + 1, limits) for texts in columns]
        except Fault:
            raise NotAlike from None  # the careful way finds which row it is
        if any(len(column.kinds) > 1 for column in cells):
            raise NotAlike  # the careful way asks whether texts may stand among lists
        nested = nested or [Pairs in column.kinds for column in cells]
        if nested != [Pairs in column.kinds for column in cells]:
            raise NotAlike
        taken.append(take(Table(dict(zip(names, cells, strict=True)), len(batch))))
    return taken


def _names_of(row: str, depth: int) -> list[str]:
    """The keys of a row."""
    try:
        names = [key for key, _ in _split(_entries(row.partition(_KEY_END)[2], depth) or [])]
    except Fault:  # the careful way says where it is
        names = []
    if not names or len(names) > MOST_COLUMNS or len(set(names)) < len(names):
        raise NotAlike
    return names


@lru_cache(maxsize=16)
def _row_pattern(names: tuple[str, ...], depth: int) -> re.Pattern[str]:
    """What fits a row with these keys, from its number to its closing bracket."""
    level = _level(depth)
    opening = "|".join(re.escape(opening[:-1]) for opening in level.openings)
    entry = re.escape(level.before_entry)
    cell = rf"([^\n]*+(?:(?!{entry})\n[^\n]*+)*)"
    entries = "".join(rf"{entry}{re.escape(name + _KEY_END)}{cell}" for name in names)
    return re.compile(
        rf"([0-9]++){re.escape(_KEY_END)}(?:{opening}){entries}{re.escape(level.closing)}"
    )


def _column(cells: Sequence[str], depth: int, limits: Limits) -> Column:
    openings = _level(depth).openings
    if "\n" in "".join(cells) and any(map(str.startswith, cells, repeat(openings))):
        read = {cell: _cell(cell, depth, limits) for cell in set(cells)}
        return Column.of(list(map(read.__getitem__, cells)))
    return Column(cells, frozenset((str,)))


class _Places:
    """Where the cells of a dump stand."""

    def __init__(self, dump: str) -> None:
        self._dump = dump
        self._members: dict[int, dict[str, tuple[int, str]]] = {}

    def locate(self, path: Path) -> int:
        """The index of the cell at a path, or of the innermost one around it that is there."""
        at, cell = 0, self._dump
        if path[:1] == ("payload",) and "payload" not in self._entries_of(0, cell, 0):
            path = path[1:]
        for depth, step in enumerate(path):
            members = self._entries_of(at, cell, depth)
            if str(step) not in members:
                break
            at, cell = members[str(step)]
        return at

    def _entries_of(self, at: int, cell: str, depth: int) -> dict[str, tuple[int, str]]:
        if at not in self._members:
            self._members[at] = dict(self._find_entries(at, cell, depth))
        return self._members[at]

    def _find_entries(self, at: int, cell: str, depth: int) -> list[tuple[str, tuple[int, str]]]:
        try:
            entries = _entries(cell, depth)
        except Fault:
            entries = None
        if entries is None:
            return []
        found = []
        at += cell.index("(\n") + 1
        for entry in entries:
            at += len(_level(depth).before_entry)
            key, end, member = entry.partition(_KEY_END)
            found.append((key, (at + len(key + end), member)))
            at += len(entry)
        return found


def write(response: RawResponse) -> str:
    """A response as print_r prints it. Where its counts contradict its rows `info` comes first,
    which no text can imitate: so a reader knows not to hold them against each other."""
    bare = response.inbound is ABSENT and response.info is ABSENT
    rows = _rows(response.table, 0 if bare else 1)
    if bare:
        return rows
    parts = {"inbound": response.inbound, "info": response.info}
    most = evidence.most_rows(response.inbound)
    if most is not None and response.table.length > most:
        info = {} if response.info is ABSENT else response.info
        parts = {"info": info, "inbound": response.inbound}
    entries = [(key, _text(part, 1)) for key, part in parts.items() if part is not ABSENT]
    return _array([*entries, ("payload", rows)], 0)


def _array(entries: Sequence[tuple[str, str]], depth: int) -> str:
    """An array of entries whose cells are text already."""
    level = _level(depth)
    lines = "".join([f"{level.before_entry[1:]}{key}{_KEY_END}{cell}\n" for key, cell in entries])
    return f"{level.openings[0]}{lines}{level.closing[1:]}"


def _text(cell: Cell, depth: int) -> str:
    """A cell as print_r prints it: null and false as nothing, true as 1."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, dict):
        return _array([(key, _text(member, depth + 1)) for key, member in cell.items()], depth)
    if isinstance(cell, list):
        return _array([(str(at), _text(each, depth + 1)) for at, each in enumerate(cell)], depth)
    if cell is None or cell is ABSENT or cell is False:
        return ""
    return "1" if cell is True else str(cell)


def _rows(table: Table, depth: int) -> str:
    level = _level(depth + 1)
    columns = [_lines(name, column, depth + 1) for name, column in table.columns.items()]
    rows = map("".join, zip(*columns, strict=True)) if columns else repeat("", table.length)
    opening, closing = level.openings[0], level.closing[1:]
    return _array([(str(at), f"{opening}{row}{closing}") for at, row in enumerate(rows)], depth)


def _lines(name: str, column: Column, depth: int) -> list[str]:
    """The line of one key in each row."""
    before = f"{_level(depth).before_entry[1:]}{name}{_KEY_END}"
    return column.map(lambda cell: f"{before}{_text(cell, depth + 1)}\n")
