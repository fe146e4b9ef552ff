"""Tables: comment lines `# path: value` for the envelope, then a header and one line per row.

Inferred: the provider names the format and shows nothing of it. The table is RFC 4180's.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from io import StringIO

from ckct_formats import json_text
from ckct_formats.errors import Path
from ckct_formats.formats import Known, envelope
from ckct_formats.formats.body import Body
from ckct_formats.formats.cells import ABSENT, Cell
from ckct_formats.formats.faults import Fault, Misplaced, Over
from ckct_formats.formats.foreign import foreign
from ckct_formats.formats.raw import Carries, Column, RawResponse, Table, check_nul, table_of
from ckct_formats.limits import DEFAULT_LIMITS, Limits

CARRIES = Carries(
    no_key=re.compile(r"^(?:inbound|info|payload\.[0-9]+)\."),
    no_key_reason="a column of this name would be read as part of the envelope",
)

_DELIMITERS = ",;\t|"

_COMMENT = re.compile(r"#([^\r\n]*)(?:\r\n?|\n|\Z)")
_PATH_VALUE = re.compile(r" ?([\w-]+(?:\.[\w-]+)*):(?: (.*))?", re.DOTALL)
_SEP_LINE = re.compile(r"sep=([,;\t|])(?:\r\n?|\n)")
_LINE_ENDS = re.compile(r"[\r\n]*+")
_HEADER_PIECE = re.compile(r'"(?:[^"]|"")*+"|[,;\t|\r\n]|[^,;\t|\r\n]')

_WORD = re.compile(r"[\w-]+")
_NO_PLAIN_VALUE = re.compile(r'^[\s\[{"]|[\r\n]|\s$|^$')
_QUOTED_CELL = re.compile(r'[,"\r\n#]')
_QUOTED_NAME = re.compile(r'[,"\r\n#;\t|]|^$')


def declared_encoding(head: bytes) -> str | None:
    """Tables declare none."""
    return None


def count_nodes(data: bytes) -> int:
    """Delimiters and lines."""
    return sum(map(data.count, (b",", b";", b"\t", b"|", b"\n")))


def read(body: Body, limits: Limits, known: Known) -> RawResponse:
    body.dialect = "csv"
    text = body.text
    strange = foreign(text)
    if strange is not None:
        raise strange
    tree, places, start = _comments(text, limits)
    inbound, info, payload = (tree.get(key, ABSENT) for key in envelope.KEYS)
    sheet = _Sheet(text, start, known)
    response = RawResponse(inbound, info, table_of(()))
    if sheet.is_empty:
        if ("payload",) not in places or payload != []:
            raise Misplaced(
                start, 'the table is missing, and no line "# payload: []" stands for it'
            )
    elif payload is not ABSENT:
        at = next(at for path, at in places.items() if path[0] == "payload")
        raise Misplaced(at, "a payload in front of the table")
    else:
        sheet.fill(response, limits)
    response.locate = partial(_locate, places, sheet)
    if "\0" in text:
        check_nul(response)
    return response


def _locate(places: dict[Path, int], sheet: _Sheet, path: Path) -> int | None:
    if path[:1] == ("payload",) and len(path) > 1:
        return sheet.locate(path[1], path[2] if len(path) > 2 else None)
    fits = [place for place in places if place == path[: len(place)]]
    return places[max(fits, key=len)] if fits else None


def _comments(text: str, limits: Limits) -> tuple[dict[str, Cell], dict[Path, int], int]:
    """The tree of the comment lines, where each path stands, and where the table begins."""
    tree: dict[str, Cell] = {}
    places: dict[Path, int] = {}
    at = 0
    while line := _COMMENT.match(text, at):
        pair = _PATH_VALUE.fullmatch(line[1])
        if pair is None:
            raise Misplaced(at, "a comment line that is no path: value", line[0])
        path: Path = tuple(pair[1].split("."))
        places[path] = at + 1 + (pair.end(1) + 2 if pair[2] else 0)
        _put(tree, path, _comment_value(pair[2] or "", places[path], limits), places[path])
        at = line.end()
    return tree, places, _LINE_ENDS.match(text, at).end()  # type: ignore[union-attr]


def _comment_value(value: str, at: int, limits: Limits) -> Cell:
    if not value.startswith(("[", "{", '"')):
        return value
    try:
        cell = json_text.read(value, limits)
        for fault in json_text.faults(cell, limits):
            raise fault
        return cell
    except Fault as fault:
        failed = fault
    raise Misplaced(at + (failed.at or 0), failed.reason, failed.excerpt, failed.over)


def _put(tree: dict[str, Cell], path: Path, cell: Cell, at: int) -> None:
    """Set a cell in a tree; two objects at one path become one."""
    *parents, last = map(str, path)
    for step in parents:
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            raise Misplaced(at, f"{step} is a value, and so has nothing below it")
    members = cell if isinstance(cell, dict) else {last: cell}
    if isinstance(cell, dict):
        tree = tree.setdefault(last, {})
    if not isinstance(tree, dict) or not tree.keys().isdisjoint(members):
        raise Misplaced(at, "the path stands twice", ".".join(map(str, path)))
    tree.update(members)


class _Sheet:
    """The table of a body: found by its header, read fast, and read once more for places."""

    def __init__(self, text: str, start: int, known: Known) -> None:
        self._text = text
        marked = _SEP_LINE.match(text, start)
        self._start = marked.end() if marked else start
        self.is_empty = self._start >= len(text)
        self._known = known
        self._delimiter = marked[1] if marked else self._find_delimiter()

    def _find_delimiter(self) -> str:
        """The one delimiter that stands in the header outside of quotes. If there are several,
        the one that parts it into the most known names."""
        header = ""
        found = set()
        for piece in _HEADER_PIECE.finditer(self._text, self._start):
            if piece[0] in "\r\n":
                break
            header += piece[0]
            if piece[0] in _DELIMITERS:
                found.add(piece[0])
        if len(found) < 2:
            return found.pop() if found else ","
        counts = {mark: len(self._known.keys() & header.split(mark)) for mark in found}
        best = max(counts, key=lambda mark: counts[mark])
        if list(counts.values()).count(counts[best]) > 1:
            raise Misplaced(self._start, "the delimiter cannot be told from the header", header)
        return best

    def fill(self, response: RawResponse, limits: Limits) -> None:
        """Put the table into a response."""
        header, *rows = self._rows()
        while rows and not rows[-1]:
            rows.pop()
        self._check_header(header)
        envelope.check_records(len(rows), limits)
        width = len(header)
        if any(map(width.__ne__, map(len, rows))):
            for at, row in enumerate(rows):
                if len(row) != width:
                    response.row_faults[at] = _ragged(len(row), width)
            rows = [row if len(row) == width else [""] * width for row in rows]
        columns: Iterable[Sequence[str]] = zip(*rows, strict=True) if rows else [()] * width
        texts = frozenset((str,))
        table = {name: Column(cells, texts) for name, cells in zip(header, columns, strict=True)}
        response.table = Table(table, len(rows))

    def _check_header(self, header: list[str]) -> None:
        if self._known.keys().isdisjoint(header):
            names = ", ".join(sorted(self._known)[:3])
            reason = f"the header is missing: no column is called {names} or the like"
            raise Misplaced(self._start, reason, self._delimiter.join(header))
        if any("\0" in name for name in header):
            raise Misplaced(self._start, "NUL is no character", self._delimiter.join(header))
        if len(set(header)) < len(header):
            name = next(name for name, count in Counter(header).items() if count > 1)
            raise Misplaced(self._start, "two columns of one name", name)

    def _rows(self) -> list[list[str]]:
        lines = StringIO(self._text[self._start :], newline="")
        try:
            return list(csv.reader(lines, delimiter=self._delimiter, strict=True))
        except csv.Error:
            # A fault, or a cell longer than the limit of the whole process, which is not ours to
            # change: the careful reader tells.
            pass
        return [cells for cells, _ in self._careful_rows()]

    def _careful_rows(self) -> Iterator[tuple[list[str], list[int]]]:
        """The rows, and where each of their cells begins."""
        mark = re.escape(self._delimiter)
        cell = re.compile(rf'"((?:[^"]|"")*+)"|((?!")[^{mark}\r\n]*+)')
        end = re.compile(rf"({mark})|\r\n?|\n|\Z")
        at, cells, places = self._start, list[str](), list[int]()
        while at < len(self._text) or cells:
            found = cell.match(self._text, at)
            if found is None:
                raise Misplaced(at, "a quote that is never closed")
            ended = end.match(self._text, found.end())
            if ended is None:
                reason = "text behind a closing quote; a quote inside a cell is written twice"
                raise Misplaced(found.end(), reason, self._text[found.end() :][:40])
            cells.append(found[2] if found[1] is None else found[1].replace('""', '"'))
            places.append(at)
            at = ended.end()
            if not ended[1]:
                yield ([] if cells == [""] and not found[0] else cells), places
                cells, places = [], []

    @cached_property
    def _places(self) -> list[list[int]]:
        return [places for _, places in self._careful_rows()]

    @cached_property
    def _column_of(self) -> dict[str, int]:
        header, _ = next(self._careful_rows())
        return {name: at for at, name in enumerate(header)}

    def locate(self, row: str | int, name: str | int | None) -> int:
        places = self._places[int(row) + 1]
        column = self._column_of.get(str(name), 0)
        return places[column] if column < len(places) else places[-1]


def _ragged(width: int, expected: int) -> Fault:
    kind = "narrower" if width < expected else "wider"
    return Fault(f"a row {kind} than the header: {width} cells, not {expected}")


def write(response: RawResponse) -> bytes:
    lines = [*_comment_lines("inbound", response.inbound), *_comment_lines("info", response.info)]
    table = response.table
    if not table.length:
        lines.append("# payload: []")
    else:
        _check_names(table)
        lines.append(",".join(_quoted(name, _QUOTED_NAME) for name in table.columns))
        columns = [_cells(name, column) for name, column in table.columns.items()]
        if len(columns) == 1:  # an empty line would be no row
            columns = [[text or '""' for text in columns[0]]]
        lines += map(",".join, zip(*columns, strict=True))
    return "\r\n".join([*lines, ""]).encode()


def _comment_lines(path: str, tree: Cell) -> Iterator[str]:
    if tree is ABSENT:
        return
    for key, cell in tree.items():
        if not _WORD.fullmatch(key):
            yield f"# {path}: {json_text.write({key: cell})}"
        elif isinstance(cell, dict):
            yield from _comment_lines(f"{path}.{key}", cell)
        else:
            yield f"# {path}.{key}: {_comment_text(cell)}"


def _comment_text(cell: Cell) -> str:
    if isinstance(cell, str) and not _NO_PLAIN_VALUE.search(cell):
        return cell
    return json_text.write(cell)


def _check_names(table: Table) -> None:
    """Refuse unknown fields that look like an item of a list in a column of its own."""
    for name, column in table.columns.items():
        base, _, number = name.rpartition(".")
        if number.isdecimal() and base in table.columns and list in table.columns[base].kinds:
            row = next(at for at, cell in enumerate(column.cells) if cell is not ABSENT)
            reason = f"a column of this name would be read as an item of {base}"
            raise Fault(reason, path=("payload", row, "extra", name))


def _cells(name: str, column: Column) -> Sequence[str]:
    cells = column.cells
    if column.kinds != {str}:
        cells = list(map(_cell_text, cells))
        longest = max(cells, key=len)
        if len(longest) > DEFAULT_LIMITS.value_chars:
            over = Over("value_chars", DEFAULT_LIMITS.value_chars, len(longest))
            raise Fault("", longest, ("payload", cells.index(longest), name), over)
    if not _QUOTED_CELL.search("".join(cells)):
        return cells
    return [_quoted(cell, _QUOTED_CELL) for cell in cells]


def _cell_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if cell is None or cell is ABSENT:
        return ""
    if isinstance(cell, list | dict):
        return json_text.write(cell)
    return str(int(cell) if isinstance(cell, bool) else cell)


def _quoted(text: str, where: re.Pattern[str]) -> str:
    return '"' + text.replace('"', '""') + '"' if where.search(text) else text
