"""The envelope as comment lines `# path: value` in front of the table: our own way to write it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from ckct_formats import json_text
from ckct_formats.errors import Path
from ckct_formats.formats.body import Body
from ckct_formats.formats.cells import ABSENT, Cell
from ckct_formats.formats.faults import Fault, Misplaced, Over
from ckct_formats.formats.json_weight import spend_tree
from ckct_formats.formats.memory import Room
from ckct_formats.limits import Limits

_COMMENT = re.compile(r"#([^\r\n]*)(?:\r\n?|\n|\Z)")
_PATH_VALUE = re.compile(r" ?([\w-]++(?:\.[\w-]++)*+):(?: (.*))?", re.DOTALL)
_LINE_ENDS = re.compile(r"[\r\n]*+")
_WORD = re.compile(r"[\w-]+")
# What an object takes that a step of a path leads to, and a member of one: both as dict and as
# pairs, and the text of the step. And what a path takes whose place is kept, for each step.
_OBJECT, _MEMBER, _STEP = 600, 300, 100
# A member of an object that the strict reader of JSON has not made yet.
_PAIR = 120
_NO_PLAIN_VALUE = re.compile(r'^[\s\[{"]|[\r\n]|\s$|^$')


def read(body: Body, limits: Limits) -> tuple[dict[str, Cell], dict[Path, int], int]:
    """The tree of the comment lines, where each path stands, and where the table begins."""
    tree: dict[str, Cell] = {}
    places: dict[Path, int] = {}
    text, room, at = body.text, body.room, 0
    while line := _COMMENT.match(text, at):
        room.need_copies(text, line.end() - at)
        pair = _PATH_VALUE.fullmatch(line[1])
        if pair is None:
            raise Misplaced(at, "a comment line that is no path: value", line[0])
        path = path_of(pair[1], at, limits)
        places[path] = at + 1 + (pair.end(1) + 2 if pair[2] else 0)
        check_paths(places, path, at, limits, room)
        cell = text_or_json(pair[2] or "", places[path], limits, room)
        put(tree, path, cell, places[path], room)
        at = line.end()
    return tree, places, _LINE_ENDS.match(text, at).end()  # type: ignore[union-attr]


def path_of(name: str, at: int, limits: Limits) -> Path:
    """The steps of a dotted name."""
    if name.count(".") >= limits.depth:
        raise Misplaced(at, f"a path of more than {limits.depth} steps")
    return tuple(name.split("."))


def check_paths(places: dict[Path, int], last: Path, at: int, limits: Limits, room: Room) -> None:
    """Refuse more paths than a row may have keys, or paths of too many steps in all."""
    if len(places) > limits.columns:
        raise Misplaced(at, "", over=Over("columns", limits.columns, len(places)))
    room.spend(_STEP * len(last))


def text_or_json(value: str, at: int, limits: Limits, room: Room) -> Cell:
    """A text as it stands, or the value that it is JSON of."""
    if not value.startswith(("[", "{", '"')):
        return value
    try:
        room.spend(sys.getsizeof(value))
        spend_tree(value.encode("utf-8", "surrogatepass"), room)
        room.need(_PAIR * value.count(":"))
        cell = json_text.read(value, limits)
        for fault in json_text.faults(cell, limits):
            raise fault
        return cell
    except Fault as fault:
        failed = fault.without_frames()
    raise Misplaced(at + (failed.at or 0), failed.reason, failed.excerpt, failed.over)


def put(tree: dict[str, Cell], path: Path, cell: Cell, at: int, room: Room) -> None:
    """Set a cell in a tree; two objects at one path become one."""
    *parents, last = map(str, path)
    room.spend(_MEMBER)
    for step in parents:
        room.spend(0 if step in tree else _OBJECT)
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            raise Misplaced(at, "a value, and so there is nothing below it", step)
    members = cell if isinstance(cell, dict) else {last: cell}
    if isinstance(cell, dict):
        tree = tree.setdefault(last, {})
    if not isinstance(tree, dict) or not tree.keys().isdisjoint(members):
        raise Misplaced(at, "the path stands twice", ".".join(map(str, path)))
    tree.update(members)


def write(path: str, tree: Cell) -> Iterator[str]:
    if tree is ABSENT:
        return
    for key, cell in tree.items():
        if not _WORD.fullmatch(key):
            yield f"# {path}: {json_text.write({key: cell})}"
        elif isinstance(cell, dict):
            yield from write(f"{path}.{key}", cell)
        else:
            yield f"# {path}.{key}: {_comment_text(cell)}"


def _comment_text(cell: Cell) -> str:
    if isinstance(cell, str) and not _NO_PLAIN_VALUE.search(cell):
        return cell
    return json_text.write(cell)
