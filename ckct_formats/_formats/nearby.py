"""Places of values that are asked for one after the other, and mostly stand near each other."""

from __future__ import annotations

from collections.abc import Callable

from ckct_formats._errors import Path

# How many steps the paths have of which places are kept, so that they take little memory; those of
# all keys of a row have fewer, unless it is deep.
MOST_STEPS = 50_000


class Around:
    """The places on the way to a value, and of what stands beside it and beside what leads to it.

    Attributes:
        found: By their paths.
    """

    def __init__(self, wanted: Path) -> None:
        self.found: dict[Path, int] = {}
        self._wanted = wanted
        self._left = MOST_STEPS

    def note(self, path: Path, at: int) -> None:
        """A value at a path stands here; a later one of the same path counts."""
        above = path[:-1]
        if above == self._wanted[: len(above)] and (
            self._left > 0 or path == self._wanted[: len(path)]
        ):
            self.found[path] = at
            self._left -= len(path)


class Nearby:
    """Finds places from those that were found before.

    Args:
        read: Gives the places around a path, from a value on that leads to it: it takes the place
            of that, its path, and the path that is wanted.
    """

    def __init__(self, read: Callable[[int, Path, Path], dict[Path, int]]) -> None:
        self._read = read
        self._row: Path | None = None
        self._found: dict[Path, int] = {}
        # Those below which all was found that there is.
        self._done: set[Path] = set()

    def locate(self, row: Path, start: int, path: Path) -> int | None:
        """The place of a value, or of the innermost one that leads to it; None if none is found.

        Args:
            row: The path of the row in which it stands, or another that leads to it.
            start: Where that begins.
        """
        if row != self._row or len(self._found) > MOST_STEPS:
            self._row, self._found, self._done = row, {}, set()
        begun = self._innermost(path, row)
        if begun not in self._done and path not in self._found:
            read = self._read(self._found.get(begun, start), begun, path)
            self._found |= read
            if sum(map(len, read)) < MOST_STEPS:
                innermost = self._innermost(path, begun)
                self._done |= {path[:end] for end in range(len(begun), len(innermost) + 1)}
        return self._found.get(self._innermost(path, row))

    def _innermost(self, path: Path, row: Path) -> Path:
        """The innermost value found so far that leads to a path, else the row."""
        leading = (path[:end] for end in range(len(path), len(row), -1))
        return next((each for each in leading if each in self._found), row)
