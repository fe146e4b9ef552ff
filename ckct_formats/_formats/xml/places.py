"""Where the elements of a document stand, found without a tree."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from ckct_formats._errors import Path
from ckct_formats._formats.body import Body
from ckct_formats._formats.nearby import MOST_STEPS, Nearby
from ckct_formats._formats.xml.scan import IllFormedError, scan

SPACE = " \t\r\n"  # XML 1.0, 2.3: no other is white space
# As the standard has it (2.8), and no looser: it is blanked below, so that no parser sees it.
ENCODING_DECLARATION = re.compile(
    rb"""[S]*<\?xml[S]+version[S]*=[S]*(?:"[^"<>]*"|'[^'<>]*')"""
    rb"""(?P<declared>[S]+encoding[S]*=[S]*(?P<quote>["'])(?P<name>[A-Za-z0-9._-]+)(?P=quote))"""
    rb"""(?=[S]*\?>|[S]+standalone[S]*=)""".replace(b"S", SPACE.encode())
)
_TAG = re.compile(rb"<[^>]*>")
# Comments, CDATA and processing instructions are passed over whole.
_DIGIT_NAME = re.compile(
    rb"<!--(?:.*?-->|.*)|<!\[CDATA\[(?:.*?\]\]>|.*)|<\?(?:.*?\?>|.*)"
    rb"|(</?)([0-9][A-Za-z0-9_.-]*)(?=[\s/>])",
    re.DOTALL,
)
_LIKE_REPAIRED = re.compile(rb"</?_[0-9]")


class _Outline(NamedTuple):
    """Where the root begins, the first child of each name, and each row, in bytes."""

    root: int
    parts: dict[str, int]
    rows: array[int]


class Places:
    """The places of one document.

    Attributes:
        data: The document in UTF-8, without the encoding that it declares of itself.
        rows: How deep below the root rows stand, and in or as which child of it; None for any.
    """

    def __init__(self, body: Body) -> None:
        data = body.utf8
        declared = ENCODING_DECLARATION.match(data)
        if declared and declared["name"].lower() != b"utf-8":
            # It is in UTF-8 by now: what it says of itself gives way to spaces.
            start, end = declared.span("declared")
            data = data[:start] + b" " * (end - start) + data[end:]
        self._body = body
        self.data = data.lstrip(SPACE.encode())
        self._before = len(data) - len(self.data)
        self._checkpoint = (0, self._before)
        self._inserted = array("Q")
        self.rows: tuple[int, str | None] = (2, "payload")

    def index(self, byte: int) -> int:
        """The index into the text of a byte; counting goes on from the one asked for before."""
        start, index = self._checkpoint if self._checkpoint[0] <= byte else (0, self._before)
        index += len(self.data[start:byte].decode("utf-8", "replace"))
        self._checkpoint = (byte, index)
        return index - bisect_left(self._inserted, byte)

    def repaired(self) -> Places:
        """The document with an underscore before each element name that begins with a digit; the
        same if there is no such name, or if names like the repaired ones are there already.

        `<0>` is no XML, and yet what a much-copied PHP snippet writes for the entries of a list.
        """
        if _LIKE_REPAIRED.search(self.data):
            return self
        inserted = array("Q")
        data, copied = bytearray(), 0
        for tag in _DIGIT_NAME.finditer(self.data):
            if tag[1]:
                data += self.data[copied : tag.end(1)]
                copied = tag.end(1)
                inserted.append(len(data))
                data += b"_"
        if not inserted:
            return self
        data += self.data[copied:]
        places = Places(self._body)
        places.data, places._inserted = bytes(data), inserted
        return places

    def locate(self, path: Path) -> int | None:
        """Where the content of the element at a path begins, or of the innermost one around it;
        None if that cannot be told."""
        outline = self._outline
        if outline is None:
            return None
        row: Path = ()
        start = outline.root
        if path[:1] == ("payload",) and len(path) > 1 and isinstance(path[1], int):
            row, start = path[:2], outline.rows[path[1]]
        elif path and str(path[0]) in outline.parts:
            row, start = path[:1], outline.parts[str(path[0])]
        found = self._nearby.locate(row, start, path if row else ())
        tag = _TAG.match(self.data, start if found is None else found)
        return None if tag is None else self.index(tag.end())

    @cached_property
    def _nearby(self) -> Nearby:
        def read(start: int, begun: Path, path: Path) -> dict[Path, int]:
            walk = _Walk(path, len(begun))
            with suppress(IllFormedError):  # of what stands behind the element
                scan(memoryview(self.data)[start:], walk.begun)
            return {path: start + at for path, at in walk.found().items()}

        return Nearby(read)

    @cached_property
    def _outline(self) -> _Outline | None:
        parts, rows = dict[str, int](), array("Q")
        row_level, row_part = self.rows
        part, root = "", 0

        def begun(name: str, attributes: dict[str, str], level: int, byte: int) -> None:
            nonlocal part, root
            if level == 0:
                root = byte
            if level == 1:
                part = _local(name)
                parts.setdefault(part, byte)
            if level == row_level and row_part in (part, None):
                rows.append(byte)

        try:
            scan(self.data, begun)
        except IllFormedError:  # the two engines differ in which names they know
            return None
        return _Outline(root, parts, rows)


class _Walk:
    """Goes through an element, for the last of the children called as the next step of a path says,
    the last of its children called as the one after that does, and so on as far as there are such.

    Args:
        path: The path that is looked for.
        length: Of how many of its steps the element is.
    """

    def __init__(self, path: Path, length: int) -> None:
        self._path = path
        self._length = length
        # How many elements around this place are those of the path.
        self._followed = 0
        # The children of each of those, and how many steps their paths have.
        self._levels: list[dict[Path, int]] = []
        self._steps = 0

    def begun(self, name: str, attributes: dict[str, str], level: int, byte: int) -> None:
        """An element begins, as `scan` tells it."""
        if level < 1:
            return
        self._followed = min(self._followed, level - 1)
        if self._followed < level - 1:
            return
        end = self._length + level
        path = (*self._path[: end - 1], _local(name))
        is_followed = path == self._path[:end]
        if is_followed:
            self._followed = level
            del self._levels[level:]  # what was in one of the same name before it
        if is_followed or self._steps < MOST_STEPS:
            if level > len(self._levels):
                self._levels.append({})
            self._levels[level - 1][path] = byte
            self._steps += end

    def found(self) -> dict[Path, int]:
        """The places of the elements of the path, and of those beside them."""
        return {path: at for level in self._levels for path, at in level.items()}


def _local(name: str) -> str:
    return name.rpartition(":")[2]
