"""Lines: one `path: value` each, or records of `key: value` parted by blank lines.

Texts are not quoted, so a line of one can imitate a key: `evidence` says what is held against that.
A line that cannot be a key goes on with the text before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import NamedTuple

from ckct_formats.errors import Path
from ckct_formats.formats import Known, envelope, evidence
from ckct_formats.formats.cells import Cell, Pairs, pairs_of
from ckct_formats.formats.faults import Misplaced
from ckct_formats.formats.raw import RawResponse
from ckct_formats.limits import Limits

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


class _Line(NamedTuple):
    """A key, the text that belongs to it, and where that text begins."""

    key: str
    text: str
    at: int


def read_paths(dump: str, limits: Limits, known: Known) -> RawResponse:
    """The raw response of lines that each name the whole path of one value."""
    lines = dump.rstrip(_line_end(dump))
    tree, last = _read_paths(lines, limits)
    if dump[len(lines) :] not in ("", "\n", "\r\n") and last[0] not in envelope.KEYS[:2]:
        reason = "an empty line at the end: it cannot be told whether the last text ends in it"
        raise Misplaced(len(lines), reason)
    cells = pairs_of(tree)
    del tree  # which takes as much memory as what was made of it
    evidence.check_tree(cells, known, shows_empty_lists=False)
    response = envelope.raw_response(cells, limits)
    places = cache(lambda: _places_of_paths(lines, limits))
    response.locate = lambda path: _locate(places(), path)
    return response


def _places_of_paths(dump: str, limits: Limits) -> dict[Path, int]:
    """Where the text of each path begins."""
    places: dict[Path, int] = {}
    _read_paths(dump, limits, places)
    return places


def _read_paths(
    dump: str, limits: Limits, places: dict[Path, int] | None = None
) -> tuple[dict[str, Cell], Path]:
    """The tree of the lines, and the path of the last one; the places are filled in."""
    tree: dict[str, Cell] = {}
    steps: dict[str, str] = {}  # equal ones are one
    # In a dump with an envelope no path begins with a number, in one without all do.
    top = _TOP_NAMES if re.match(rf"\[?(?:{_TOP_NAMES})", dump) else _TOP_NUMBERS
    before: tuple[str, ...] = ()
    left: set[tuple[str, ...]] = set()
    spelt = _spelling(dump)
    for line in _lines(dump, FIRST_PATH, _path_under(top)):
        path = tuple(steps.setdefault(step, step) for step in _STEPS.findall(line.key))
        if len(path) > limits.depth:
            raise Misplaced(line.at, f"a path of more than {limits.depth} steps")
        if line.key != spelt(path):
            raise Misplaced(line.at, "a path that is spelt in another way than the first", line.key)
        if before[:1] == ("payload",) != path[:1]:
            raise Misplaced(line.at, "a line of the envelope behind the rows", line.key)
        ended = {before[:end] for end in range(1, len(before)) if before[:end] != path[:end]}
        left |= ended
        if any(path[:end] in left for end in range(1, len(path))):
            raise Misplaced(
                line.at, "a line that belongs further up may be part of a text", line.key
            )
        _put(tree, path, line)
        if places is not None:
            places[path] = line.at
        before = path
    return tree, before


def _spelling(dump: str) -> Callable[[Sequence[str]], str]:
    """How the first path of a dump spells its steps; a server spells all paths so."""
    if dump.startswith("["):
        return lambda path: "".join(f"[{step}]" for step in path)
    first = FIRST_PATH.match(dump)
    if first and "[" in first[1]:
        return lambda path: path[0] + "".join(f"[{step}]" for step in path[1:])
    return ".".join


def _locate(places: dict[Path, int], path: Path) -> int | None:
    steps = tuple(map(str, path))
    bare = not any(place[0] in envelope.KEYS for place in places)
    steps = steps[1:] if bare else steps
    while steps and steps not in places:
        steps = steps[:-1]
    return places.get(steps)


def read_records(dump: str, limits: Limits, known: Known) -> RawResponse:
    """The raw response of records, each of them lines that name one key; lines of paths in front
    of them are the envelope."""
    tree: dict[str, Cell] = {}
    places: dict[Path, int] = {}
    records, starts = Pairs(), list[int]()
    for at, block in _blocks(dump):
        if not records and FIRST_PATH.match(block):
            above_places: dict[Path, int] = {}
            tree |= _read_paths(block, limits, above_places)[0]
            places |= {path: at + place for path, place in above_places.items()}
            continue
        row = str(len(records))
        lines = list(_lines(block, FIRST_KEY, _STEP))
        records.append((row, Pairs((line.key, line.text) for line in lines)))
        places |= {("payload", row, line.key): at + line.at for line in lines}
        starts.append(at)
    top: Cell = Pairs([*pairs_of(tree), ("payload", records)]) if tree else records
    evidence.check_tree(top, known)
    response = envelope.raw_response(top, limits)
    places |= {("payload", str(row)): at for row, at in enumerate(starts)}
    places[("payload",)] = starts[0] if starts else len(dump)
    response.locate = partial(_locate, places)
    return response


def _blocks(dump: str) -> Iterator[tuple[int, str]]:
    at = 0
    end = _line_end(dump)
    for block in re.split(f"((?:{end}){{2,}})", dump.rstrip(end)):
        if block.strip():
            yield at, block
        elif block.strip("\r\n"):
            raise Misplaced(at, "a line of white space: it cannot be told what it belongs to")
        elif len(block) > 2 * len(end):
            raise Misplaced(at, "more than one empty line: a text may end in one of them")
        at += len(block)


def _line_end(dump: str) -> str:
    """The line end of the first line, which a server writes behind all of them."""
    first = dump.find("\n")
    if first < 1 or dump[first - 1] != "\r":
        return "\n"
    if dump.count("\n") != dump.count("\r\n"):
        reason = "line ends of two kinds: where texts end cannot be told"
        raise Misplaced(re.search(r"(?<!\r)\n", dump).start(), reason)  # type: ignore[union-attr]
    return "\r\n"


def _lines(dump: str, first: re.Pattern[str], key: str) -> Iterator[_Line]:
    """The lines of a dump; all of them part key and value as the first one does."""
    found = first.match(dump)
    if found is None:
        raise Misplaced(0, "expected a key and a value on the first line", dump[:80])
    separator = re.escape(found[2].rstrip(" "))
    spaced = found[2].endswith(" ") or not found[2].endswith("=")
    if spaced and re.search(rf"^(?:{key}){separator}(?! |\r?$)", dump, re.MULTILINE):
        reason = "lines with and without a space behind their key: where texts begin cannot be told"
        raise Misplaced(0, reason, dump[:80])
    end = _line_end(dump)
    start = re.compile(rf"({key}){separator}{'(?: |$)' if spaced else ''}")
    current: tuple[str, int, list[str]] | None = None
    at = 0
    for text in dump.removesuffix(end).split(end):
        begun = start.match(text)
        if begun:
            if current is not None:
                yield _Line(current[0], end.join(current[2]), current[1])
            current = (begun[1], at + begun.end(), [text[begun.end() :]])
        elif current is not None:
            current[2].append(text)
        at += len(text) + len(end)
    if current is not None:
        yield _Line(current[0], end.join(current[2]), current[1])


def _put(tree: dict[str, Cell], path: tuple[str, ...], line: _Line) -> None:
    *parents, last = path
    for step in parents:
        below = tree.setdefault(step, {})
        if not isinstance(below, dict):
            raise Misplaced(line.at, f"{step} is a value, and so has nothing below it", line.key)
        tree = below
    if last in tree:
        raise Misplaced(line.at, "the path stands twice", line.key)
    tree[last] = line.text
