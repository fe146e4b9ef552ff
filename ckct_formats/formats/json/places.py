"""Where the values of a JSON body stand, found by skipping over those in front of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecoder

from ckct_formats.errors import Path
from ckct_formats.formats.body import Body

_NO_BLANK = re.compile(r"[^ \t\r\n]|\Z")


def _after_blanks(text: str, at: int) -> int:
    found = _NO_BLANK.search(text, at)
    return found.start() if found else len(text)


class Places:
    """The places of one body."""

    # Only places matter: an integer too long to convert must not stop the search.
    _skip = staticmethod(JSONDecoder(parse_int=len).raw_decode)

    def __init__(self, body: Body) -> None:
        self._body = body
        self._starts: dict[int, dict[str | int, int]] = {}

    def locate(self, path: Path) -> int | None:
        """The index of the value at a path, or of the innermost one around it that is there."""
        text = self._body.text
        at = _after_blanks(text, 0)
        if path[:1] == ("payload",) and "payload" not in self._members(at):
            path = path[1:]
        for step in path:
            members = self._members(at)
            if step not in members:
                break
            at = members[step]
        return at

    def _members(self, at: int) -> dict[str | int, int]:
        """Where each member of the object or list at an index begins; kept, as the rows of one
        payload are asked for again and again."""
        if at not in self._starts:
            self._starts[at] = dict(self._find_members(at))
        return self._starts[at]

    def _find_members(self, at: int) -> Iterator[tuple[str | int, int]]:
        text = self._body.text
        keyed = text.startswith("{", at)
        if not keyed and not text.startswith("[", at):
            return
        end, step = _after_blanks(text, at + 1), -1
        key: str | int
        while not text.startswith(("}", "]"), end):
            if keyed:
                key, end = self._skip(text, end)
                end = _after_blanks(text, _after_blanks(text, end) + 1)
            else:
                key = step = step + 1
            yield key, end
            end = _after_blanks(text, self._skip(text, end)[1])
            if text.startswith(",", end):
                end = _after_blanks(text, end + 1)
