"""The canonical plain text: a response as print_r prints it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import repeat

from ckct_formats._formats.cells import ABSENT, Cell
from ckct_formats._formats.plain import evidence
from ckct_formats._formats.plain.print_r.grammar import KEY_END, level_of
from ckct_formats._formats.table import Column, Constraints, RawResponse, Table

# A later line of a text that could be print_r's own: the beginning of an entry, or a bracket.
_STRUCTURE = r"\n(?: {8})*(?: {4}\[|[()](?:\n|\Z))"

CONSTRAINTS = Constraints(
    bad_text=re.compile(_STRUCTURE),
    bad_text_reason="a later line of the text could be structure of print_r",
    bad_key=re.compile(rf"\] => |{_STRUCTURE}"),
    bad_key_reason="the key could be structure of print_r",
    false_is_blank=True,
    absent_is_blank=True,
)


def write(response: RawResponse) -> str:
    """A response as print_r prints it. Where its counts contradict its rows `info` comes first,
    which no text can imitate: so a reader knows not to hold them against each other."""
    bare = response.inbound is ABSENT and response.info is ABSENT
    rows = _rows(response.table, 0 if bare else 1)
    if bare:
        return rows
    parts = {"inbound": response.inbound, "info": response.info}
    limit = evidence.max_rows(response.inbound)
    if limit is not None and response.table.length > limit:
        info = {} if response.info is ABSENT else response.info
        parts = {"info": info, "inbound": response.inbound}
    entries = [(key, _text(part, 1)) for key, part in parts.items() if part is not ABSENT]
    return _array([*entries, ("payload", rows)], 0)


def _array(entries: Sequence[tuple[str, str]], depth: int) -> str:
    """An array of entries whose cells are text already."""
    level = level_of(depth)
    lines = "".join([f"{level.before_entry[1:]}{key}{KEY_END}{cell}\n" for key, cell in entries])
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
    level = level_of(depth + 1)
    columns = [_lines(name, column, depth + 1) for name, column in table.columns.items()]
    rows = map("".join, zip(*columns, strict=True)) if columns else repeat("", table.length)
    opening, closing = level.openings[0], level.closing[1:]
    return _array([(str(at), f"{opening}{row}{closing}") for at, row in enumerate(rows)], depth)


def _lines(name: str, column: Column, depth: int) -> list[str]:
    """The line of one key in each row."""
    before = f"{level_of(depth).before_entry[1:]}{name}{KEY_END}"
    return column.map(lambda cell: f"{before}{_text(cell, depth + 1)}\n")
