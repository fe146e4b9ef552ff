"""Where the envelope of a table is.

Before the table: as comment lines `# path: value`, which is our own way to write it, as lines of a
path and a value, or as sections of a key and a value, separated by empty lines. Or in the table,
flattened into one record with dotted columns, as Symfony's CsvEncoder writes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ckct_formats._errors import Path
from ckct_formats._formats import envelope, json_text
from ckct_formats._formats.cells import Cell, pairs_of
from ckct_formats._formats.csv.records import records
from ckct_formats._formats.faults import Fault, exceeded
from ckct_formats._formats.table import RawResponse
from ckct_formats._limits import Limits

_PATH = r"(?:inbound|info)(?:\.[\w-]++)++"
_PATH_LINE = re.compile(rf'"?{_PATH}"?([,;\t|])(?!"?(?:inbound|info|payload)\.)')
_SECTION = re.compile(r'"?(inbound|info|payload)"?(?:\r\n?|\n|\Z)')
_KEY_LINE = re.compile(r'"?[\w.-]+"?([,;\t|])')
_COMMENT = re.compile(r"#([^\r\n]*)(?:\r\n?|\n|\Z)")
_PATH_VALUE = re.compile(r" ?([\w-]++(?:\.[\w-]++)*+):(?: (.*))?", re.DOTALL)
_LINE_ENDS = re.compile(r"[\r\n]*+")
_FLAT_NAME = re.compile(r"(?:inbound|info)\..+|payload\.[0-9]+\..+", re.DOTALL)


class Lines(NamedTuple):
    """The envelope before a table.

    Attributes:
        tree: Its parts.
        places: Where the value of each path begins.
        end: Where the table begins.
        is_section: Whether it is lines of a path or key and a value.
    """

    tree: dict[str, Cell]
    places: dict[Path, int]
    end: int
    is_section: bool


def read_comments(text: str, limits: Limits) -> Lines:
    """The comment lines before a table."""
    lines, at = Lines({}, {}, 0, is_section=False), 0
    while line := _COMMENT.match(text, at):
        pair = _PATH_VALUE.fullmatch(line[1])
        if pair is None:
            raise Fault("a comment line that is no path: value", line[0], at=at)
        start = at + 1 + (pair.end(1) + 2 if pair[2] else 0)
        _add(lines, _path_of(pair[1], at, limits), pair[2] or "", start, limits)
        at = line.end()
    end = _LINE_ENDS.match(text, at)
    return lines._replace(end=end.end() if end else at)


def read_sections(text: str, limits: Limits) -> Lines | None:
    """The lines of an envelope before a table; None if there are none."""
    section = _SECTION.match(text)
    first = _KEY_LINE.match(text, section.end()) if section else _PATH_LINE.match(text)
    if first is None and not (section and section[1] == "payload"):
        return None
    lines = Lines({}, {}, len(text), is_section=True)
    prefix: tuple[str, ...] = ()
    is_separated = False
    for cells, places, end, width in records(text, 0, first[1] if first else ",", 3):
        if section and len(cells) == 1 and cells[0] in envelope.KEYS:
            prefix = (cells[0],)
            if prefix == ("payload",):
                return lines._replace(end=end)
        elif is_separated and cells:
            return lines._replace(end=places[0])
        elif width == 2:
            path = (*prefix, *_path_of(cells[0], places[0], limits))
            if path[0] not in envelope.KEYS:
                raise Fault("an empty line is missing before the table", at=places[0])
            _add(lines, path, cells[1], places[1], limits)
        elif cells:
            raise Fault("expected a key and a value before the table", at=places[0])
        is_separated = not cells and bool(lines.tree)
    return lines


def _add(lines: Lines, path: tuple[str, ...], value: str, at: int, limits: Limits) -> None:
    lines.places[path] = at
    if len(lines.places) > limits.columns:
        raise exceeded("columns", limits.columns, len(lines.places), at=at)
    _put(lines.tree, path, _text_or_json(value, at, limits), at)


def _path_of(name: str, at: int, limits: Limits) -> tuple[str, ...]:
    if name.count(".") >= limits.depth:
        raise Fault(f"a path of more than {limits.depth} steps", at=at)
    return tuple(name.split("."))


def _text_or_json(value: str, at: int, limits: Limits) -> Cell:
    """A text as it is written, or the value that it is JSON of."""
    if not value.startswith(("[", "{", '"')):
        return value
    try:
        cell = json_text.read(value, limits)
        for fault in json_text.faults(cell, limits):
            raise fault
        return cell
    except Fault as fault:
        place = at + (fault.at or 0)
        raise Fault(fault.reason, fault.excerpt, at=place, excess=fault.excess) from None


def _put(tree: dict[str, Cell], path: Sequence[str], cell: Cell, at: int) -> None:
    """Set a cell in a tree; two objects at one path become one."""
    *parents, last = path
    for step in parents:
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            raise Fault("a value, and so there is nothing below it", step, at=at)
    members = cell if isinstance(cell, dict) else {last: cell}
    if isinstance(cell, dict):
        tree = tree.setdefault(last, {})
    if not isinstance(tree, dict) or not tree.keys().isdisjoint(members):
        raise Fault("the path occurs twice", ".".join(path), at=at)
    tree.update(members)


def is_flat(header: Sequence[str]) -> bool:
    """Whether a table is one flattened record."""
    return any(map(_FLAT_NAME.fullmatch, header))


def read_flat(header: Sequence[str], rows: Sequence[Sequence[str]], limits: Limits) -> RawResponse:
    """The raw response of a table that is one flattened record."""
    if len(rows) != 1 or len(rows[0]) != len(header):
        raise Fault("dotted columns of a whole response, and not one record below them", at=0)
    tree: dict[str, Cell] = {}
    for name, cell in zip(header, rows[0], strict=True):
        if not _FLAT_NAME.fullmatch(name):
            raise Fault("a column that is none of a whole response", name, at=0)
        _put(tree, _path_of(name, 0, limits), cell, 0)
    return envelope.raw_response(pairs_of(tree), limits)
