"""Cells: texts, numbers and constants, or trees of them, as dialects give them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import chain
from operator import itemgetter
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


def members_of(cell: Cell) -> Iterable[tuple[str, Cell]]:
    """The members of a cell by their keys; of a list, none has one."""
    if isinstance(cell, Pairs):
        return cell
    return cell.items() if isinstance(cell, dict) else ()


def as_object(cell: Cell) -> dict[str, Cell]:
    """A cell as an object. PHP has one empty array, so `[]` may stand for an empty object."""
    if isinstance(cell, Pairs):
        members = dict(cell)
        if len(members) < len(cell):
            raise Fault(KEY_TWICE, path=(twice(cell),))
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


_VALUE = itemgetter(1)  # of a pair


class Level(NamedTuple):
    """What stands at one depth of trees."""

    objects: list[dict[str, Cell]]
    lists: list[list[Cell]]
    texts: list[str]


def levels(cells: Iterable[Cell]) -> Iterator[Level]:
    """The objects, lists and texts among cells, then among the members of those, and so on."""
    level = list(cells)
    while level:
        kinds = set(map(type, level))
        objects = _of_kind(level, kinds, dict)
        lists = _of_kind(level, kinds, list, Pairs)
        texts = _of_kind(level, kinds, str)
        yield Level(objects, lists, texts)
        members: Iterable[Cell] = chain.from_iterable(lists)
        if Pairs in kinds and list not in kinds:
            members = map(_VALUE, members)
        elif Pairs in kinds:
            members = (each[1] if isinstance(each, tuple) else each for each in members)
        level = [*chain.from_iterable(map(dict.values, objects)), *members]


def _of_kind(cells: list[Cell], kinds: set[type], kind: type[K], *subtypes: type[K]) -> list[K]:
    """The cells of a kind, of all the kinds that there are."""
    if kinds <= {kind, *subtypes}:
        return cells
    if kinds.isdisjoint((kind, *subtypes)):
        return []
    return [cell for cell in cells if isinstance(cell, kind)]


def pairs_of(cell: Cell) -> Cell:
    """A tree whose objects may be lists."""
    if not isinstance(cell, dict):
        return cell
    return Pairs((key, pairs_of(member)) for key, member in cell.items())


def is_numbered(keys: Sequence[str]) -> bool:
    """Whether keys count from 0, as PHP counts the entries of a list."""
    return all(key == str(at) for at, key in enumerate(keys))


def twice(pairs: Pairs) -> str:
    """The first key that stands a second time, in pairs in which one does."""
    keys = [key for key, _ in pairs]
    seen = set(keys)
    for key in keys:
        if key not in seen:
            return key
        seen.remove(key)
    raise ValueError("no key stands twice")


def shown(cell: Cell) -> str | None:
    """A cell as an error shows it; None for a tree."""
    if isinstance(cell, str | None):
        return cell
    if cell is ABSENT or isinstance(cell, list | dict):
        return None
    return str(cell).lower()
