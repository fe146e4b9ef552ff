"""Where the values of a JSON body stand, found by skipping over those in front of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecoder

from ckct_formats._errors import Path
from ckct_formats._formats.body import Body

_NO_BLANK = re.compile(r"[^ \t\r\n]|\Z")
_TEXT = r'"(?:[^"\\]++|\\.)*+"'
_BRACKET = re.compile(rf"{_TEXT}|([\[{{])|[\]}}]", re.DOTALL)
_SCALAR = re.compile(rf"{_TEXT}|[^,\]}} \t\r\n]*+", re.DOTALL)

# Objects of which the places of all members are kept: what is around rows is asked for first, and
# each row once.
_MOST_KEPT = 10

_key = JSONDecoder().raw_decode


def _after_blanks(text: str, at: int) -> int:
    found = _NO_BLANK.search(text, at)
    return found.start() if found else len(text)


def _end(text: str, at: int) -> int:
    """The index behind the value at another one."""
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


class Places:
    """The places of one body."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._members: dict[int, dict[str, int]] = {}
        self._items: dict[int, tuple[int, int]] = {}

    def locate(self, path: Path) -> int | None:
        """The index of the value at a path, or of the innermost one around it that is there."""
        text = self._body.text
        at = _after_blanks(text, 0)
        if path[:1] == ("payload",) and self._find(at, "payload") is None:
            path = path[1:]
        for step in path:
            found = self._find(at, step)
            if found is None:
                break
            at = found
        return at

    def _find(self, at: int, step: str | int) -> int | None:
        """Where the member of the object or list at an index begins; None if it has no such."""
        text = self._body.text
        if text.startswith("[", at):
            return self._find_item(at, step) if isinstance(step, int) else None
        if not text.startswith("{", at) or not isinstance(step, str):
            return None
        if at not in self._members:
            if len(self._members) > _MOST_KEPT:
                self._members.popitem()
            self._members[at] = dict(_members(text, at))
        return self._members[at].get(step)

    def _find_item(self, at: int, item: int) -> int | None:
        """The same of a list; rows are asked for in their order, so counting goes on from the one
        before."""
        text = self._body.text
        number, start = self._items.get(at, (0, 0))
        if not start or number > item:
            number, start = 0, _after_blanks(text, at + 1)
        while number < item and not text.startswith("]", start):
            end = _after_blanks(text, _end(text, start))
            number, start = number + 1, _after_blanks(text, end + text.startswith(",", end))
        self._items[at] = number, start
        return None if text.startswith("]", start) else start


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    end = _after_blanks(text, at + 1)
    while not text.startswith("}", end):
        key, end = _key(text, end)
        end = _after_blanks(text, _after_blanks(text, end) + 1)
        yield key, end
        end = _after_blanks(text, _end(text, end))
        if text.startswith(",", end):
            end = _after_blanks(text, end + 1)
