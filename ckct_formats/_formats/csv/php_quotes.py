"""What PHP's fputcsv writes with its own escape rule.

A quote is doubled, but not behind a backslash (php.net, fputcsv, `escape`). So a backslash and a
quote in front of a delimiter can be the end of a cell or go on with it: there may be several
readings of one table. All of them are looked for.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ckct_formats._formats.faults import Misplaced

Rows = list[list[str]]

# How many characters may be gone over, in lengths of the table: many readings need many passes.
_PASSES = 12

_QUOTED = re.compile(r'((?:[^"\\]++|""|\\++(?!"))*+)(\\++)?"')


class _Chain(NamedTuple):
    """A list that grows at one end and is shared by the readings that begin alike."""

    before: _Chain | None
    item: Any


class _Reading(NamedTuple):
    """A reading up to some place: in a quoted cell, if there are pieces of one."""

    at: int
    pieces: _Chain | None
    cells: _Chain | None
    width: int
    rows: _Chain | None
    expected: int | None


class PhpTable:
    """A table that fputcsv may have written."""

    def __init__(self, text: str, delimiter: str) -> None:
        self._text = text.rstrip("\r\n")
        mark = re.escape(delimiter)
        self._plain = re.compile(rf'([^"{mark}\r\n]*+)')
        self._end = re.compile(rf"({mark})|\r\n?|\n|\Z")
        self._budget = _PASSES * len(text) + 1000

    def readings(self) -> list[Rows]:
        """Up to two different readings in which all rows are as wide as the first."""
        found: list[Rows] = []
        pending = [_Reading(0, None, None, 0, None, None)]
        while pending and len(found) < 2:
            reading = pending.pop()
            if reading.rows and not reading.width and reading.at >= len(self._text):
                rows = _rows(reading.rows)
                if rows not in found:
                    found.append(rows)
                continue
            pending += self._step(reading)
        return found

    def _step(self, reading: _Reading) -> list[_Reading]:
        """What may follow: the next cell, or both ways to go on behind a backslash and a quote."""
        at, pieces = reading.at, reading.pieces
        if pieces is None and not self._text.startswith('"', at):
            found = self._plain.match(self._text, at)
            text, at = (found[1], found.end()) if found else ("", at)
            return self._closed(reading, _Chain(None, text), at)
        quoted = _QUOTED.match(self._text, at if pieces is not None else at + 1)
        if quoted is None:
            return []
        self._spend(quoted.end() - at)
        before = _Chain(pieces, quoted[1].replace('""', '"'))
        if not quoted[2]:
            return self._closed(reading, before, quoted.end())
        goes_on = reading._replace(at=quoted.end(), pieces=_Chain(before, quoted[2] + '"'))
        return [goes_on, *self._closed(reading, _Chain(before, quoted[2]), quoted.end())]

    def _closed(self, reading: _Reading, pieces: _Chain, at: int) -> list[_Reading]:
        """The reading behind a cell, if something that may stand there does."""
        end = self._end.match(self._text, at)
        if end is None:
            return []
        self._spend(end.end() - reading.at)
        cells = _Chain(reading.cells, pieces)
        width, expected = reading.width + 1, reading.expected
        if end[1]:
            return [_Reading(end.end(), None, cells, width, reading.rows, expected)]
        if width != (expected or width):
            return []
        row = ["".join(_items(cell)) for cell in _items(cells)]
        self._spend(sum(map(len, row)))
        return [_Reading(end.end(), None, None, 0, _Chain(reading.rows, row), width)]

    def _spend(self, chars: int) -> None:
        self._budget -= chars
        if self._budget < 0:
            raise Misplaced(0, "too many backslashes in front of quotes to tell how it is quoted")


def _items(chain: _Chain | None) -> list[Any]:
    items = []
    while chain is not None:
        items.append(chain.item)
        chain = chain.before
    return items[::-1]


def _rows(chain: _Chain | None) -> Rows:
    return _items(chain)
