"""Where PHP code puts the envelope of a table, if it writes one at all.

In front of it, as lines of a path and a value or as sections of a key and a value, parted by empty
lines; or in the table, flattened into one record with dotted columns (Symfony's CsvEncoder).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ckct_formats._errors import Path
from ckct_formats._formats import envelope
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import Cell, pairs_of
from ckct_formats._formats.csv import comments
from ckct_formats._formats.csv.sheet import Sheet, records
from ckct_formats._formats.faults import Misplaced
from ckct_formats._formats.table import RawResponse
from ckct_formats._limits import Limits

_PATH = r"(?:inbound|info)(?:\.[\w-]++)++"
_PATH_LINE = re.compile(rf'"?{_PATH}"?([,;\t|])(?!"?(?:inbound|info|payload)\.)')
_SECTION = re.compile(r'"?(inbound|info|payload)"?(?:\r\n?|\n|\Z)')
_KEY_LINE = re.compile(r'"?[\w.-]+"?([,;\t|])')
_FLAT_NAME = re.compile(r"(?:inbound|info)\..+|payload\.[0-9]+\..+", re.DOTALL)


class Lines(NamedTuple):
    """The envelope in front of a table, where its paths stand, and where the table begins."""

    tree: dict[str, Cell]
    places: dict[Path, int]
    end: int


def read_lines(body: Body, limits: Limits) -> Lines | None:
    """The lines of an envelope in front of a table; None if there are none."""
    text = body.text
    section = _SECTION.match(text)
    first = _KEY_LINE.match(text, section.end()) if section else _PATH_LINE.match(text)
    if first is None and not (section and section[1] == "payload"):
        return None
    tree: dict[str, Cell] = {}
    places: dict[Path, int] = {}
    prefix: tuple[str, ...] = ()
    parted = False
    for record in records(text, 0, first[1] if first else ",", 3):
        cells, place = record.cells, record.places
        if section and len(cells) == 1 and cells[0] in envelope.KEYS:
            prefix = (cells[0],)
            if prefix == ("payload",):
                return Lines(tree, places, record.end)
        elif parted and cells:
            return Lines(tree, places, place[0])
        elif len(cells) == 2:
            path = (*prefix, *comments.path_of(cells[0], place[0], limits))
            if path[0] not in envelope.KEYS:
                raise Misplaced(place[0], "an empty line is missing in front of the table")
            places[path] = at = place[1]
            comments.check_paths(places, at, limits)
            cell = comments.text_or_json(cells[1], at, limits)
            comments.put(tree, path, cell, at)
        elif cells:
            raise Misplaced(place[0], "expected a key and a value in front of the table")
        parted = not cells and bool(tree)
    return Lines(tree, places, len(text))


def is_flat(sheet: Sheet) -> bool:
    """Whether a table is one flattened record."""
    return any(map(_FLAT_NAME.fullmatch, sheet.header))


def read_flat(sheet: Sheet, limits: Limits) -> RawResponse:
    """The raw response of a table that is one flattened record."""
    rows = sheet.first_rows(2)
    if len(rows) != 1 or len(rows[0]) != len(sheet.header):
        raise Misplaced(0, "dotted columns of a whole response, and not one record below them")
    tree: dict[str, Cell] = {}
    for name, cell in zip(sheet.header, rows[0], strict=True):
        if not _FLAT_NAME.fullmatch(name):
            raise Misplaced(0, "a column beside those of a whole response", name)
        path = comments.path_of(name, 0, limits)
        comments.put(tree, path, cell, 0)
    response = envelope.raw_response(pairs_of(tree), limits)
    response.locate = lambda path: sheet.locate(0, ".".join(map(str, path)))
    return response
