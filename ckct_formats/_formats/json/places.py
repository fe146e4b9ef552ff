"""Where the values of a JSON body begin, found by skipping over the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from json import JSONDecoder

from ckct_formats._errors import Path
from ckct_formats._formats.body import Body
from ckct_formats._formats.table import KnownKeys

_NO_SPACE = re.compile(r"[^ \t\r\n]|\Z")
_TEXT = r'"(?:[^"\\]++|\\.)*+"'
_BRACKET = re.compile(rf"{_TEXT}|([\[{{])|[\]}}]", re.DOTALL)
_SCALAR = re.compile(rf"{_TEXT}|[^,\]}} \t\r\n]*+", re.DOTALL)

_key = JSONDecoder().raw_decode


def places(body: Body, known: KnownKeys, wanted: Set[Path]) -> Mapping[Path, int]:
    return dict(_found(body.text, _after_space(body.text, 0), (), wanted))


def _found(text: str, at: int, path: Path, wanted: Set[Path]) -> Iterator[tuple[Path, int]]:
    yield path, at
    if all(each[: len(path)] != path or each == path for each in wanted):
        return
    for step, start in _members(text, at):
        if (*path, step) in wanted:
            yield from _found(text, start, (*path, step), wanted)


def _members(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """The key or number of each member of the object or list at an index, and where it begins, as
    far as the text is JSON."""
    is_object = text.startswith("{", at)
    if not is_object and not text.startswith("[", at):
        return
    number = 0
    end = _after_space(text, at + 1)
    while end < len(text) and not text.startswith(("}", "]"), end):
        step: str | int = number
        if is_object:
            try:
                step, end = _key(text, end)
            except ValueError:
                return
            end = _after_space(text, _after_space(text, end) + 1)
        yield step, end
        end = _after_space(text, _end(text, end))
        end = _after_space(text, end + text.startswith(",", end))
        number += 1


def _after_space(text: str, at: int) -> int:
    found = _NO_SPACE.search(text, at)
    return found.start() if found else len(text)


def _end(text: str, at: int) -> int:
    """The index after the value at another one."""
    if not text.startswith(("{", "["), at):
        found = _SCALAR.match(text, at)
        return found.end() if found else at
    depth = 0
    for token in _BRACKET.finditer(text, at):
        if token[1]:
            depth += 1
        elif not token[0].startswith('"'):
            depth -= 1
            if not depth:
                return token.end()
    return len(text)
