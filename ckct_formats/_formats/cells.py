"""Cells: texts, numbers and constants, or trees of them, as dialects give them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import chain
from typing import Any, Final, NamedTuple, TypeVar

from ckct_formats._errors import Path
from ckct_formats._formats.faults import KEY_TWICE, Fault

K = TypeVar("K")


class Absent(Enum):
    """The cell of a row that lacks the key."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Pairs(list[tuple[str, "Cell"]]):
    """Children by name, in order, of a dialect that writes lists and objects alike.

    In XML and in PHP's print_r the same text can be either: the type of the field decides.
    """


# A cell is a text, a number or a constant, or a tree of them: str, int, Decimal (read), float
# (written), bool, None, ABSENT, list, dict, Pairs. Decimal keeps what a float would round.
Cell = Any


def as_object(cell: Cell) -> dict[str, Cell]:
    """A cell as an object. PHP has one empty array, so `[]` may be an empty object."""
    if isinstance(cell, Pairs):
        members = dict(cell)
        if len(members) < len(cell):
            raise Fault(KEY_TWICE, path=(first_repeated(keys_of(cell)),))
        return members
    if isinstance(cell, dict):
        return cell
    if cell == []:
        return {}
    raise Fault("expected an object", shown(cell))


def as_list(cell: Cell) -> list[Cell]:
    """A cell as a list. PHP writes a list with gaps as an object: its values, in order."""
    if isinstance(cell, Pairs):
        return [value for _, value in cell]
    if isinstance(cell, dict):
        return list(cell.values())
    if isinstance(cell, list):
        return cell
    raise Fault("expected a list", shown(cell))


def keys_of(cell: Cell) -> list[str]:
    """The keys of a cell's members; none of a list."""
    if isinstance(cell, Pairs):
        return [key for key, _ in cell]
    return list(cell) if isinstance(cell, dict) else []


def walk(cell: Cell) -> Iterator[tuple[Path, Cell]]:
    """A cell and all cells inside it, each with its path, in the order of the text."""
    pending: list[Iterator[tuple[Path, Cell]]] = [iter([((), cell)])]
    while pending:
        following = next(pending[-1], None)
        if following is None:
            pending.pop()
            continue
        yield following
        pending.append(_members(*following))


def _members(path: Path, cell: Cell) -> Iterator[tuple[Path, Cell]]:
    members: Iterable[tuple[str | int, Cell]] = ()
    if isinstance(cell, Pairs):
        members = cell
    elif isinstance(cell, dict):
        members = cell.items()
    elif isinstance(cell, list):
        members = enumerate(cell)
    return (((*path, key), member) for key, member in members)


class Level(NamedTuple):
    """What is at one depth of trees."""

    objects: list[dict[str, Cell]]
    lists: list[list[Cell]]
    texts: list[str]
    kinds: set[type]


def levels(cells: Iterable[Cell]) -> Iterator[Level]:
    """What cells are, then what their members are, and so on: a few C loops for each depth."""
    level = list(cells)
    while level:
        kinds = set(map(type, level))
        objects = _of_kind(level, kinds, dict)
        lists = _of_kind(level, kinds, list)
        pairs = _of_kind(level, kinds, Pairs)
        yield Level(objects, [*lists, *pairs], _of_kind(level, kinds, str), kinds)
        level = [
            *chain.from_iterable(map(dict.values, objects)),
            *chain.from_iterable(lists),
            *(member for each in pairs for _, member in each),
        ]


def _of_kind(cells: list[Cell], kinds: set[type], kind: type[K]) -> list[K]:
    if kind not in kinds:
        return []
    return cells if len(kinds) == 1 else [cell for cell in cells if type(cell) is kind]


def pairs_of(cell: Cell) -> Cell:
    """A tree in which each object may be a list."""
    if not isinstance(cell, dict):
        return cell
    return Pairs((key, pairs_of(member)) for key, member in cell.items())


def is_numbered(keys: Sequence[str]) -> bool:
    """Whether keys count from 0, as PHP counts the entries of a list."""
    return all(key == str(at) for at, key in enumerate(keys))


def first_repeated(keys: Iterable[str]) -> str:
    """The first key that occurs a second time."""
    seen = set[str]()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    raise ValueError("no key occurs twice")


def shown(cell: Cell) -> str | None:
    """A cell as an error shows it; None for a tree."""
    if isinstance(cell, str | None):
        return cell
    if cell is ABSENT or isinstance(cell, list | dict):
        return None
    return str(cell).lower()
