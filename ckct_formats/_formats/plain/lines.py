"""Lines: one `path: value` each, or records of `key: value` parted by blank lines.

Texts are not quoted, so a line of one can imitate a key: `evidence` says what is held against that.
A line that cannot be a key goes on with the text before it.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, takewhile
from operator import eq
from typing import NamedTuple

from ckct_formats._errors import Path
from ckct_formats._formats import Known, envelope
from ckct_formats._formats.cells import Cell, Pairs, pairs_of
from ckct_formats._formats.faults import Misplaced
from ckct_formats._formats.nearby import MOST_STEPS, Nearby
from ckct_formats._formats.plain import evidence
from ckct_formats._formats.table import RawResponse
from ckct_formats._limits import Limits

_STEP = r"[^\W\d][\w-]*|[0-9]+"
_TOP_NAMES = r"inbound|info|payload"
_TOP_NUMBERS = r"[0-9]+"


def _path_under(top: str) -> str:
    return rf"(?:(?:{top})|\[(?:{top})\])(?:\.(?:{_STEP})|\[(?:{_STEP})\])++"


_PATH = _path_under(f"{_TOP_NAMES}|{_TOP_NUMBERS}")
_SEPARATOR = r" ?[:=](?: |$)"

FIRST_PATH = re.compile(rf"({_PATH})({_SEPARATOR}|=)", re.MULTILINE)
FIRST_KEY = re.compile(rf"({_STEP})({_SEPARATOR}|=)", re.MULTILINE)
# Lines of paths, an empty line, and a line that begins with a key that is no path.
ENVELOPED_RECORDS = re.compile(
    rf"(?:(?:inbound|info)[.\[][^\r\n]*\r?\n)++(?:\r?\n)+(?!{_PATH})(?:{_STEP})(?:{_SEPARATOR}|=)",
    re.MULTILINE,
)
_STEPS = re.compile(_STEP)


class _Form(NamedTuple):
    """The key and what parts it from its text, at the beginning of a line, and how lines end."""

    key: re.Pattern[str]
    end: str


class _Line(NamedTuple):
    """A key, the text that belongs to it, where that text begins, and where the line does."""

    key: str
    text: str
    at: int
    start: int


def read_paths(dump: str, limits: Limits, known: Known) -> RawResponse:
    """The raw response of lines that each name the whole path of one value."""
    lines = dump.rstrip(_line_end(dump))
    form = _form_of(lines, FIRST_PATH, _path_under(_top_of(lines)))
    rows: dict[tuple[str, ...], int] = {}
    tree, last = _read_paths(lines, form, limits, rows)
    if dump[len(lines) :] not in ("", "\n", "\r\n") and last[0] not in envelope.KEYS[:2]:
        reason = "an empty line at the end: it cannot be told whether the last text ends in it"
        raise Misplaced(len(lines), reason)
    cells = pairs_of(tree)
    del tree  # which takes as much memory as what was made of it
    evidence.check_tree(cells, known, shows_empty_lists=False)
    response = envelope.raw_response(cells, limits)

    def places(start: int, begun: Path, path: Path) -> dict[Path, int]:
        is_line = begun and begun not in rows  # and so there is nothing below it
        return {} if is_line else _places(lines, form, start, begun, path)

    nearby = Nearby(places)

    def locate(path: Path) -> int | None:
        steps = tuple(map(str, path if _top_of(lines) == _TOP_NAMES else path[1:]))
        row = next((steps[:end] for end in (2, 1) if steps[:end] in rows), ())
        return nearby.locate(row, rows.get(row, 0), steps)

    response.locate = locate
    return response


def _read_paths(
    lines: str, form: _Form, limits: Limits, rows: dict[tuple[str, ...], int]
) -> tuple[dict[str, Cell], Path]:
    """The tree of the lines, and the path of the last one; where rows begin is filled in."""
    tree: dict[str, Cell] = {}
    steps: dict[str, str] = {}  # equal ones are one
    before: tuple[str, ...] = ()
    left: set[tuple[str, ...]] = set()
    spelt = _spelling(lines)
    row_steps = 2 if _top_of(lines) == _TOP_NAMES else 1
    for line in _lines(lines, form):
        path = tuple(steps.setdefault(step, step) for step in _STEPS.findall(line.key))
        if len(path) > limits.depth:
            raise Misplaced(line.at, f"a path of more than {limits.depth} steps")
        if line.key != spelt(path):
            raise Misplaced(line.at, "a path that is spelt in another way than the first", line.key)
        if before[:1] == ("payload",) != path[:1]:
            raise Misplaced(line.at, "a line of the envelope behind the rows", line.key)
        common = sum(1 for _ in takewhile(bool, map(eq, path, before)))
        left |= {before[:end] for end in range(common + 1, len(before))}
        if any(path[:end] in left for end in range(1, len(path))):
            raise Misplaced(
                line.at, "a line that belongs further up may be part of a text", line.key
            )
        if common < row_steps <= len(path) and path[0] not in envelope.KEYS[:2]:
            rows[path[:row_steps]] = line.start
        _put(tree, path, line)
        before = path
    return tree, before


def _top_of(lines: str) -> str:
    """In a dump with an envelope no path begins with a number, in one without all do."""
    return _TOP_NAMES if re.match(rf"\[?(?:{_TOP_NAMES})", lines) else _TOP_NUMBERS


def _spelling(dump: str) -> Callable[[Sequence[str]], str]:
    """How the first path of a dump spells its steps; a server spells all paths so."""
    if dump.startswith("["):
        return lambda path: "".join(f"[{step}]" for step in path)
    first = FIRST_PATH.match(dump)
    if first and "[" in first[1]:
        return lambda path: path[0] + "".join(f"[{step}]" for step in path[1:])
    return ".".join


def _places(lines: str, form: _Form, start: int, row: Path, wanted: Path) -> dict[Path, int]:
    """Where the texts of a row begin, whose lines begin at a place; or those of the envelope, as
    far as a path leads, or all."""
    found: dict[Path, int] = {}
    left = MOST_STEPS
    for line in _lines(lines, form, start):
        path: Path = tuple(_STEPS.findall(line.key))
        if path[: len(row)] != row or (not row and path[0] == "payload"):
            break
        if left > 0 or path == wanted[: len(path)]:
            found[path] = line.at
            left -= len(path)
    return found


def read_records(dump: str, limits: Limits, known: Known) -> RawResponse:
    """The raw response of records, each of them lines that name one key; lines of paths in front
    of them are the envelope."""
    tree: dict[str, Cell] = {}
    above: list[tuple[int, str]] = []
    names: dict[str, str] = {}
    records, starts = Pairs(), array("Q")
    blocks = _Blocks(dump)
    for at, block in blocks.begin(0):
        if not records and FIRST_PATH.match(block):
            form = _form_of(block, FIRST_PATH, _path_under(_top_of(block)))
            tree |= _read_paths(block, form, limits, {})[0]
            above.append((at, block))
            continue
        row = Pairs()
        for line in _record_lines(block):
            row.append((names.setdefault(line.key, line.key), line.text))
        records.append((str(len(records)), row))
        starts.append(at)
    top: Cell = Pairs([*pairs_of(tree), ("payload", records)]) if tree else records
    evidence.check_tree(top, known)
    response = envelope.raw_response(top, limits)

    def places_above(start: int, begun: Path, path: Path) -> dict[Path, int]:
        found: dict[Path, int] = {}
        for at, block in [] if begun else above:  # there is nothing below a line
            form = _form_of(block, FIRST_PATH, _path_under(_top_of(block)))
            places = _places(block, form, 0, (), path)
            found |= {path: at + place for path, place in places.items()}
        return found

    def places_in(start: int, begun: Path, path: Path) -> dict[Path, int]:
        _, block = next(blocks.begin(start))
        return {(*begun, line.key): start + line.at for line in _record_lines(block)}

    nearby_above, nearby = Nearby(places_above), Nearby(places_in)

    def locate(path: Path) -> int | None:
        if path[:1] != ("payload",):
            return nearby_above.locate((), 0, tuple(map(str, path)))
        if len(path) < 2:
            return starts[0] if starts else len(dump)
        start = starts[int(path[1])]
        at = nearby.locate(path[:2], start, (*path[:2], *map(str, path[2:3])))
        return start if at is None else at

    response.locate = locate
    return response


def _record_lines(block: str) -> Iterator[_Line]:
    return _lines(block, _form_of(block, FIRST_KEY, _STEP))


class _Blocks:
    """The parts of a dump between empty lines."""

    def __init__(self, dump: str) -> None:
        self._dump = dump
        self._line_end = _line_end(dump)
        self._end = len(dump.rstrip(self._line_end))
        self._gap = re.compile(f"(?:{self._line_end}){{2,}}")

    def begin(self, at: int) -> Iterator[tuple[int, str]]:
        """Where each begins, and its text, from one on that begins at a place."""
        dump, gaps = self._dump, self._gap.finditer(self._dump, at, self._end)
        for gap in chain(gaps, [None]):
            end = gap.start() if gap else self._end
            block = dump[at:end]
            if block and not block.isspace():
                yield at, block
            elif block:
                raise Misplaced(at, "a line of white space: it cannot be told what it belongs to")
            if gap is None:
                return
            if len(gap[0]) > 2 * len(self._line_end):
                reason = "more than one empty line: a text may end in one of them"
                raise Misplaced(gap.start(), reason)
            at = gap.end()


def _line_end(dump: str) -> str:
    """The line end of the first line, which a server writes behind all of them."""
    first = dump.find("\n")
    if first < 1 or dump[first - 1] != "\r":
        return "\n"
    if dump.count("\n") != dump.count("\r\n"):
        reason = "line ends of two kinds: where texts end cannot be told"
        raise Misplaced(re.search(r"(?<!\r)\n", dump).start(), reason)  # type: ignore[union-attr]
    return "\r\n"


def _form_of(dump: str, first: re.Pattern[str], key: str) -> _Form:
    """How lines are written: all of them part key and value as the first one does."""
    found = first.match(dump)
    if found is None:
        raise Misplaced(0, "expected a key and a value on the first line", dump[:80])
    separator = re.escape(found[2].rstrip(" "))
    spaced = found[2].endswith(" ") or not found[2].endswith("=")
    if spaced and re.search(rf"^(?:{key}){separator}(?! |\r?$)", dump, re.MULTILINE):
        reason = "lines with and without a space behind their key: where texts begin cannot be told"
        raise Misplaced(0, reason, dump[:80])
    return _Form(re.compile(rf"({key}){separator}{'(?: |$)' if spaced else ''}"), _line_end(dump))


def _lines(dump: str, form: _Form, at: int = 0) -> Iterator[_Line]:
    """The lines of a dump, from one on that begins at a place; those that name no key go on with
    the text before them."""
    end = form.end
    length = len(dump) - len(end) * dump.endswith(end)
    key: re.Match[str] | None = None
    while at <= length:
        stop = dump.find(end, at, length)
        stop = length if stop < 0 else stop
        begun = form.key.match(dump, at, stop)
        if begun:
            if key is not None:
                yield _Line(key[1], dump[key.end() : at - len(end)], key.end(), key.start())
            key = begun
        at = stop + len(end)
    if key is not None:
        yield _Line(key[1], dump[key.end() : length], key.end(), key.start())


def _put(tree: dict[str, Cell], path: tuple[str, ...], line: _Line) -> None:
    *parents, last = path
    for step in parents:
        below = tree.setdefault(step, {})
        if not isinstance(below, dict):
            raise Misplaced(line.at, "a value, and so there is nothing below it", step)
        tree = below
    if last in tree:
        raise Misplaced(line.at, "the path stands twice", line.key)
    tree[last] = line.text
