"""Paths, and the places that were found of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ckct_formats._errors import Path


def leading(paths: Iterable[Path]) -> set[Path]:
    """Paths and all that lead to them; in a body without an envelope the rows are at the top."""
    at_top = (path[1:] for path in paths if path[:1] == ("payload",))
    return {path[:end] for path in [*paths, *at_top] for end in range(len(path) + 1)}


def innermost(found: Mapping[Path, int], path: Path) -> int | None:
    """The place of a path, or of the last step on the way to it that was found."""
    if path[:1] == ("payload",) and ("payload",) not in found:
        path = path[1:]
    around = (path[:end] for end in range(len(path), -1, -1))
    return next((found[each] for each in around if each in found), None)
