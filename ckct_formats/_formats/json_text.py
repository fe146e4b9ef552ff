"""JSON text and cells, strictly and with places: for what a fast reader could not prove.

Stricter than the standard library's reader on which it rests: duplicate keys, NaN, numbers that no
finite float holds, lone surrogates and NUL are faults.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from ckct_formats._formats.cells import Cell, Pairs, as_list, as_object, is_numbered, twice, walk
from ckct_formats._formats.faults import KEY_TWICE, Fault, Misplaced, Over
from ckct_formats._limits import Limits

_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_BAD_CHAR = re.compile(r"[\0\ud800-\udfff]")
# The least float above zero is 5e-324.
_MOST_DECIMALS = 324

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Unheld:
    """A number of a well-formed text that no number of Python's holds."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    def fault(self, limits: Limits) -> Fault:
        """What is wrong with it."""
        digits = len(self._text.removeprefix("-"))
        if self._text.removeprefix("-").isdecimal() and digits > limits.integer_digits:
            return Fault("", over=Over("integer_digits", limits.integer_digits, digits))
        return Fault("a number too large, or too small, to hold", self._text)


def number(text: str) -> Decimal:
    """A number with a fraction or an exponent, exactly; ValueError if no finite float holds it, or
    if it is a zero of more decimals than such a float may have: it would be written out in full."""
    value = Decimal(text)
    nearest = float(value)
    if math.isinf(nearest) or (nearest == 0 and value != 0):
        raise ValueError(text)
    if value == 0 and -int(value.as_tuple().exponent) > _MOST_DECIMALS + len(text):
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
            parse_int=_integer,
            parse_float=_number,
            parse_constant=Unheld,
        )
    except json.JSONDecodeError as error:
        at, reason = error.pos, error.msg
    raise Misplaced(at, f"not JSON: {reason[0].lower()}{reason[1:]}")


def faults(cell: Cell, limits: Limits) -> Iterator[Fault]:
    """What is wrong with the values of a tree that `read` made, in the order of the text."""
    for path, each in walk(cell):
        if isinstance(each, Pairs) and len(dict(each)) < len(each):
            yield Fault(KEY_TWICE, path=(*path, twice(each)))
        elif isinstance(each, Pairs | dict):
            for key in filter(_BAD_CHAR.search, dict(each)):
                yield Fault("NUL or a lone surrogate in a key", key, (*path, key))
        elif isinstance(each, Unheld):
            yield each.fault(limits).under(*path)
        elif isinstance(each, str) and _BAD_CHAR.search(each):
            yield Fault("NUL or a lone surrogate is no character", each, path)


def write(cell: Cell) -> str:
    """A tree of JSON's own types as compact text."""
    return _ENCODER.encode(cell)


def compact(cell: Cell) -> str:
    """Any cell as compact JSON with sorted keys, numbers in decimal."""
    pieces = list[str]()
    _spell(cell, pieces.append)
    return "".join(pieces)


def _spell(cell: Cell, take: Callable[[str], object]) -> None:
    """Give the compact JSON of a cell piece by piece."""
    if isinstance(cell, Pairs):
        cell = _list_or_object(cell)
    if isinstance(cell, str):
        take(encode_basestring(cell))
    elif isinstance(cell, dict):
        for at, key in enumerate(sorted(cell)):
            take(f"{',' if at else '{'}{encode_basestring(key)}:")
            _spell(cell[key], take)
        take("}" if cell else "{}")
    elif isinstance(cell, list):
        for at, item in enumerate(cell):
            take("," if at else "[")
            _spell(item, take)
        take("]" if cell else "[]")
    elif isinstance(cell, Decimal):
        take(format(cell, "f"))
    else:
        take(str(cell) if type(cell) in (int, Unheld) else write(cell))


def _list_or_object(pairs: Pairs) -> Cell:
    """PHP numbers the entries of a list; the canonical XML calls each of them `item`."""
    keys = [key for key, _ in pairs]
    if is_numbered(keys) or set(keys) == {"item"}:
        return as_list(pairs)
    return as_object(pairs)


def _object(pairs: list[tuple[str, Cell]]) -> Cell:
    members = dict(pairs)
    return members if len(members) == len(pairs) else Pairs(pairs)


def _number(text: str) -> Any:
    try:
        return number(text)
    except (ValueError, ArithmeticError):
        return Unheld(text)


def _integer(text: str) -> Any:
    try:
        return int(text)
    except ValueError:  # more digits than the interpreter is set to convert, 4,300 by default
        return Unheld(text)


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


def php_number(text: str) -> Cell:
    """A number as PHP writes it; `Unheld` if no number of Python's holds it."""
    return _integer(text) if text.removeprefix("-").isdecimal() else _number(text)
