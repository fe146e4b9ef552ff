"""Lines: one `path: value` each, or records of `key: value` separated by empty lines.

Texts are not quoted, so a line of one can imitate a key: `evidence` says what is checked against
that. A line that cannot be a key continues the text before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import takewhile
from operator import eq
from typing import NamedTuple

from ckct_formats._errors import Path
from ckct_formats._formats import envelope
from ckct_formats._formats.cells import Cell, Pairs
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.plain import evidence
from ckct_formats._formats.table import KnownKeys, RawResponse
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
    """What matches the key and the separator at the beginning of a line, and how lines end."""

    key: re.Pattern[str]
    end: str


class _Line(NamedTuple):
    """A key, its text, where that text begins, and where the line does."""

    key: str
    text: str
    at: int
    start: int

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(_STEPS.findall(self.key))


class _Container(NamedTuple):
    """An object that may still get members: by its keys, whether each holds others."""

    members: Pairs
    keys: dict[str, bool]


class _Tree:
    """The tree of lines that each name the whole path of one value."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open = [_Container(Pairs(), {})]
        self._names: dict[str, str] = {}
        self.last: tuple[str, ...] = ()

    @property
    def members(self) -> Pairs:
        return self._open[0].members

    def add(self, line: _Line) -> None:
        """Add a value; `Fault` if it belongs to an object that is complete."""
        path = tuple(self._names.setdefault(step, step) for step in line.path)
        if len(path) > self._limits.depth:
            raise Fault(f"a path of more than {self._limits.depth} steps", at=line.at)
        if self.last[:1] == ("payload",) != path[:1]:
            raise Fault("a line of the envelope after the rows", line.key, at=line.at)
        common = sum(1 for _ in takewhile(bool, map(eq, path[:-1], self.last[:-1])))
        del self._open[common + 1 :]
        for step in path[common:-1]:
            holds_others = self._open[-1].keys.get(step)
            if holds_others:
                reason = "a line that belongs further up may be part of a text"
                raise Fault(reason, line.key, at=line.at)
            if holds_others is False:
                raise Fault("a value, and so there is nothing below it", step, at=line.at)
            container = _Container(Pairs(), {})
            self._put(step, container.members, holds_others=True)
            self._open.append(container)
        if path[-1] in self._open[-1].keys:
            raise Fault("the path occurs twice", line.key, at=line.at)
        self._put(path[-1], line.text, holds_others=False)
        self.last = path

    def _put(self, key: str, cell: Cell, *, holds_others: bool) -> None:
        self._open[-1].members.append((key, cell))
        self._open[-1].keys[key] = holds_others


def read_paths(dump: str, limits: Limits, known: KnownKeys) -> RawResponse:
    """The raw response of lines that each name the whole path of one value."""
    lines = dump.rstrip(_line_end(dump))
    tree = _Tree(limits)
    _add_lines(tree, lines)
    if dump[len(lines) :] not in ("", "\n", "\r\n") and tree.last[0] not in envelope.KEYS[:2]:
        raise Fault("an empty line at the end: it may belong to the last text", at=len(lines))
    evidence.check_tree(tree.members, known, shows_empty_lists=False)
    return envelope.raw_response(tree.members, limits)


def _add_lines(tree: _Tree, lines: str) -> None:
    spelling = _spelling(lines)
    for line in _lines(lines, _form_of_paths(lines)):
        if line.key != spelling(line.path):
            raise Fault("a path that is not spelt as the first one is", line.key, at=line.at)
        tree.add(line)


def _form_of_paths(lines: str) -> _Form:
    return _form_of(lines, FIRST_PATH, _path_under(_top_of(lines)))


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


def places_of_paths(dump: str, wanted: Set[Path]) -> Mapping[Path, int]:
    """Where texts begin, and the first line of what is around them."""
    lines = dump.rstrip(_line_end(dump))
    found: dict[Path, int] = {(): 0}
    for line in _lines(lines, _form_of_paths(lines)):
        path = line.path
        if path[:2] in wanted or path[:1] in wanted:
            for end in range(1, len(path)):
                found.setdefault(path[:end], line.start)
            found[path] = line.at
    return found


def read_records(dump: str, limits: Limits, known: KnownKeys) -> RawResponse:
    """The raw response of records, each of them lines that name one key; lines of paths before them
    are the envelope."""
    tree = _Tree(limits)
    names: dict[str, str] = {}
    records = Pairs()
    for _, block in _blocks(dump):
        if not records and FIRST_PATH.match(block):
            _add_lines(tree, block)
        else:
            row = Pairs(
                (names.setdefault(line.key, line.key), line.text) for line in _record_lines(block)
            )
            records.append((str(len(records)), row))
    top: Cell = Pairs([*tree.members, ("payload", records)]) if tree.members else records
    evidence.check_tree(top, known)
    return envelope.raw_response(top, limits)


def places_of_records(dump: str, wanted: Set[Path]) -> Mapping[Path, int]:
    """Where texts and records begin."""
    found: dict[Path, int] = {}
    rows = 0
    for start, block in _blocks(dump):
        if not rows and FIRST_PATH.match(block):
            for line in _lines(block, _form_of_paths(block)):
                found[line.path] = start + line.at
            continue
        found.setdefault(("payload",), start)
        row = ("payload", str(rows))
        rows += 1
        if row in wanted:
            found[row] = start
            found |= {(*row, line.key): start + line.at for line in _record_lines(block)}
    return found


def _record_lines(block: str) -> Iterator[_Line]:
    return _lines(block, _form_of(block, FIRST_KEY, _STEP))


def _blocks(dump: str) -> Iterator[tuple[int, str]]:
    """The parts of a dump between empty lines: where each begins, and its text."""
    line_end = _line_end(dump)
    end = len(dump.rstrip(line_end))
    at = 0
    for gap in [*re.compile(f"(?:{line_end}){{2,}}").finditer(dump, 0, end), None]:
        block = dump[at : gap.start() if gap else end]
        if block.isspace():
            raise Fault("a line of white space, which may belong to a text", at=at)
        if block:
            yield at, block
        if gap and len(gap[0]) > 2 * len(line_end):
            reason = "more than one empty line: a text may end in one of them"
            raise Fault(reason, at=gap.start())
        at = gap.end() if gap else end


def _line_end(dump: str) -> str:
    """The line end of the first line, which a server writes after all of them."""
    first = dump.find("\n")
    if first < 1 or dump[first - 1] != "\r":
        return "\n"
    if dump.count("\n") != dump.count("\r\n"):
        other = re.search(r"(?<!\r)\n", dump)
        reason = "line ends of two kinds: where texts end is not certain"
        raise Fault(reason, at=other.start() if other else None)
    return "\r\n"


def _form_of(dump: str, first: re.Pattern[str], key: str) -> _Form:
    """How lines are written: all of them separate key and value as the first one does."""
    found = first.match(dump)
    if found is None:
        raise Fault("expected a key and a value on the first line", dump[:80], at=0)
    separator = re.escape(found[2].rstrip(" "))
    spaced = found[2].endswith(" ") or not found[2].endswith("=")
    if spaced and re.search(rf"^(?:{key}){separator}(?! |\r?$)", dump, re.MULTILINE):
        reason = "lines with and without a space after their key: where texts begin is not certain"
        raise Fault(reason, dump[:80], at=0)
    return _Form(re.compile(rf"({key}){separator}{'(?: |$)' if spaced else ''}"), _line_end(dump))


def _lines(dump: str, form: _Form) -> Iterator[_Line]:
    """The lines of a dump; those that name no key continue the text before them."""
    end = form.end
    length = len(dump) - len(end) * dump.endswith(end)
    key: re.Match[str] | None = None
    at = 0
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
