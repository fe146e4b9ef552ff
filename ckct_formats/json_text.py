"""JSON text and cells, strictly and with places: for what a fast reader could not prove.

Stricter than the standard library's reader on which it rests: duplicate keys, NaN, numbers that no
finite float holds, lone surrogates and NUL are faults.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ckct_formats.formats.raw import (
    Cell,
    Fault,
    Misplaced,
    Over,
    Pairs,
    as_list,
    as_object,
    is_numbered,
    twice,
    walk,
)
from ckct_formats.limits import Limits

_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_LONG_INTEGER = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[0-9]{641,}', re.DOTALL)
_BAD_CHAR = re.compile(r"[\0\ud800-\udfff]")


def number(text: str) -> Decimal:
    """A number with a fraction or an exponent, exactly; ValueError if no finite float holds it."""
    value = Decimal(text)
    nearest = float(value)
    if math.isinf(nearest) or (nearest == 0 and value != 0):
        raise ValueError(text)
    return value


def read(text: str, limits: Limits) -> Cell:
    """The cell of a JSON text; `Misplaced` if it is none. What is wrong with the values of a
    well-formed text is left in the tree, for `faults` to find."""
    _check_depth(text, limits)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_number_or_nan,
            parse_constant=float,
        )
    except json.JSONDecodeError as error:
        at, reason = error.pos, error.msg
    except ValueError:  # Python converts no integer of more than 4,300 digits, or as it is set
        at, reason = _long_integer(text), ""
    if not reason:
        raise Misplaced(at, "", over=Over("integer_digits", limits.integer_digits, 641))
    raise Misplaced(at, f"not JSON: {reason[0].lower()}{reason[1:]}")


def faults(cell: Cell) -> Iterator[Fault]:
    """What is wrong with the values of a tree that `read` made, in the order of the text."""
    for path, each in walk(cell):
        if isinstance(each, Pairs):
            yield Fault("the key stands twice in one object", path=(*path, twice(each)))
        elif isinstance(each, dict):
            bad = next(filter(_BAD_CHAR.search, each), None)
            if bad is not None:
                yield Fault("NUL or a lone surrogate in a key", bad, path)
        elif isinstance(each, float):
            yield Fault("a number that no finite float holds", path=path)
        elif isinstance(each, str) and _BAD_CHAR.search(each):
            yield Fault("NUL or a lone surrogate is no character", each, path)


def write(cell: Cell) -> str:
    """A tree of JSON's own types as compact text."""
    return json.dumps(cell, ensure_ascii=False, separators=(",", ":"))


def compact(cell: Cell) -> str:
    """Any cell as compact JSON with sorted keys, numbers in decimal."""
    if isinstance(cell, Pairs):
        cell = _list_or_object(cell)
    if isinstance(cell, dict):
        members = (f"{write(key)}:{compact(cell[key])}" for key in sorted(cell))
        return "{" + ",".join(members) + "}"
    if isinstance(cell, list):
        return "[" + ",".join(map(compact, cell)) + "]"
    return format(cell, "f") if isinstance(cell, Decimal) else write(cell)


def _list_or_object(pairs: Pairs) -> Cell:
    """PHP numbers the entries of a list; the canonical XML calls each of them `item`."""
    keys = [key for key, _ in pairs]
    if is_numbered(keys) or set(keys) == {"item"}:
        return as_list(pairs)
    return as_object(pairs)


def _object(pairs: list[tuple[str, Cell]]) -> Cell:
    members = dict(pairs)
    return members if len(members) == len(pairs) else Pairs(pairs)


def _number_or_nan(text: str) -> Any:
    try:
        return number(text)
    except (ValueError, ArithmeticError):
        return math.nan


def _check_depth(text: str, limits: Limits) -> None:
    """The standard library recurses, so depth is counted first."""
    depth = 0
    for token in _BRACKET.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth > limits.depth:
                raise Misplaced(token.start(), "", over=Over("depth", limits.depth, depth))
        elif token[0] in "]}":
            depth -= 1


def _long_integer(text: str) -> int:
    runs = (run for run in _LONG_INTEGER.finditer(text) if not run[0].startswith('"'))
    longest = max(runs, key=lambda run: len(run[0]))
    return longest.start()
