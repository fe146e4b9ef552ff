"""The envelope as comment lines `# path: value` in front of the table: our own way to write it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ckct_formats._errors import Path
from ckct_formats._formats import json_text
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import ABSENT, Cell
from ckct_formats._formats.faults import Fault, Misplaced, Over
from ckct_formats._limits import Limits

_COMMENT = re.compile(r"#([^\r\n]*)(?:\r\n?|\n|\Z)")
_PATH_VALUE = re.compile(r" ?([\w-]++(?:\.[\w-]++)*+):(?: (.*))?", re.DOTALL)
_LINE_ENDS = re.compile(r"[\r\n]*+")
_WORD = re.compile(r"[\w-]+")
_NO_PLAIN_VALUE = re.compile(r'^[\s\[{"]|[\r\n]|\s$|^$')


def read(body: Body, limits: Limits) -> tuple[dict[str, Cell], dict[Path, int], int]:
    """The tree of the comment lines, where each path stands, and where the table begins."""
    tree: dict[str, Cell] = {}
    places: dict[Path, int] = {}
    text, at = body.text, 0
    while line := _COMMENT.match(text, at):
        pair = _PATH_VALUE.fullmatch(line[1])
        if pair is None:
            raise Misplaced(at, "a comment line that is no path: value", line[0])
        path = path_of(pair[1], at, limits)
        places[path] = at + 1 + (pair.end(1) + 2 if pair[2] else 0)
        check_paths(places, at, limits)
        cell = text_or_json(pair[2] or "", places[path], limits)
        put(tree, path, cell, places[path])
        at = line.end()
    return tree, places, _LINE_ENDS.match(text, at).end()  # type: ignore[union-attr]


def path_of(name: str, at: int, limits: Limits) -> Path:
    """The steps of a dotted name."""
    if name.count(".") >= limits.depth:
        raise Misplaced(at, f"a path of more than {limits.depth} steps")
    return tuple(name.split("."))


def check_paths(places: dict[Path, int], at: int, limits: Limits) -> None:
    """Refuse more paths than a row may have keys, or paths of too many steps in all."""
    if len(places) > limits.columns:
        raise Misplaced(at, "", over=Over("columns", limits.columns, len(places)))


def text_or_json(value: str, at: int, limits: Limits) -> Cell:
    """A text as it stands, or the value that it is JSON of."""
    if not value.startswith(("[", "{", '"')):
        return value
    try:
        cell = json_text.read(value, limits)
        for fault in json_text.faults(cell, limits):
            raise fault
        return cell
    except Fault as fault:
        failed = fault.without_frames()
    raise Misplaced(at + (failed.at or 0), failed.reason, failed.excerpt, failed.over)


def put(tree: dict[str, Cell], path: Path, cell: Cell, at: int) -> None:
    """Set a cell in a tree; two objects at one path become one."""
    *parents, last = map(str, path)
    for step in parents:
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
