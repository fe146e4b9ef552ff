"""What PHP's fputcsv writes with its own escape rule.

A quote is doubled, except after a backslash (php.net, fputcsv, `escape`). So a backslash and a
quote before a delimiter can be the end of a cell or a part of it: there may be several readings of
one table. All of them are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ckct_formats._formats.faults import Fault

Rows = list[list[str]]

# How many characters may be gone over, in lengths of the table: many readings need many passes.
_MAX_PASSES = 12

_QUOTED = re.compile(r'((?:[^"\\]++|""|\\++(?!"))*+)(\\++)?"')


def readings(table: str, delimiter: str) -> list[Rows]:
    """Up to two different readings of a table in which all rows are as wide as the first."""
    php = _PhpTable(table.rstrip("\r\n"), delimiter)
    found: list[Rows] = []
    for end, header in php.records(0, None):
        found += php.readings_below(header, end)
        if len(found) > 1:
            break
    return found


class _Path:
    """A reading up to some place, from where it began to differ from others."""

    def __init__(self, at: int, rows: Rows) -> None:
        self.at = at
        self.rows = rows


class _PhpTable:
    def __init__(self, text: str, delimiter: str) -> None:
        mark = re.escape(delimiter)
        self._text = text
        self._plain = re.compile(rf'[^"{mark}\r\n]*+')
        self._end = re.compile(rf"({mark})|\r\n?|\n|\Z")
        self._budget = _MAX_PASSES * len(text) + 1000

    def readings_below(self, header: list[str], at: int) -> list[Rows]:
        """The readings of the rows below a header, each with it."""
        settled: Rows = [header]
        paths = [_Path(at, [])]
        while paths:
            if len(paths) == 1:
                settled += paths[0].rows
                paths[0].rows = []
            path = min(paths, key=lambda each: each.at)
            if path.at >= len(self._text):
                break
            paths.remove(path)
            following = list(self.records(path.at, len(header)))
            for end, cells in following[1:]:
                self._spend(len(path.rows))
                paths.append(_Path(end, [*path.rows, cells]))
            for end, cells in following[:1]:
                path.rows.append(cells)
                paths.append(_Path(end, path.rows))
        return [settled + path.rows for path in paths[:2]]

    def records(self, start: int, width: int | None) -> Iterator[tuple[int, list[str]]]:
        """The records of a width that may begin at a place, each with the place after it."""
        text = self._text
        # Where to go on, the cells before that, and the pieces of a quoted cell that is open.
        pending: list[tuple[int, list[str], list[str] | None]] = [(start, [], None)]
        while pending:
            at, cells, pieces = pending.pop()
            while width is None or len(cells) < width:
                begun = at
                if pieces is None and not text.startswith('"', at):
                    plain = self._plain.match(text, at)
                    cell, at = (plain[0], plain.end()) if plain else ("", at)
                else:
                    quoted = _QUOTED.match(text, at + (pieces is None))
                    if quoted is None:
                        break
                    at = quoted.end()
                    pieces = pieces or []
                    pieces.append(quoted[1].replace('""', '"'))
                    if quoted[2] and not self._end.match(text, at):
                        pieces.append(quoted[2] + '"')
                        self._spend(at - begun)
                        continue
                    if quoted[2]:
                        pending.append((at, [*cells], [*pieces, quoted[2] + '"']))
                        self._spend(len(cells) + len(pieces))
                        pieces.append(quoted[2])
                    cell, pieces = "".join(pieces), None
                end = self._end.match(text, at)
                self._spend(at - begun + len(cell))
                if end is None:
                    break
                at = end.end()
                cells.append(cell)
                if not end[1]:
                    if width in (None, len(cells)):
                        yield at, cells
                    break

    def _spend(self, chars: int) -> None:
        self._budget -= chars
        if self._budget < 0:
            raise Fault("too many backslashes before quotes to tell how it is quoted", at=0)
