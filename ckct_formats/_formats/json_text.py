"""JSON text and cells, strictly, also for JSON inside csv cells.

Stricter than the standard library's reader on which it rests: duplicate keys, NaN, numbers that no
finite float holds, lone surrogates and NUL are faults.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from json.encoder import encode_basestring
from typing import Any

from ckct_formats._formats.cells import (
    Cell,
    Level,
    Pairs,
    as_list,
    as_object,
    first_repeated,
    is_numbered,
    keys_of,
    levels,
    walk,
)
from ckct_formats._formats.faults import KEY_TWICE, Fault, exceeded
from ckct_formats._limits import Limits

_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_BAD_CHAR = re.compile(r"[\0\ud800-\udfff]")
# The least float above zero is 5e-324.
_MAX_DECIMALS = 324
# A number is written out in full up to so many digits: `1e300` would become sixty times as long.
_MAX_DIGITS = 40

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Unheld:
    """A number of a well-formed text that no number of Python's holds."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    def fault(self, limits: Limits) -> Fault:
        """What is wrong with it."""
        digits = self._text.removeprefix("-")
        if digits.isdecimal() and len(digits) > limits.integer_digits:
            return exceeded("integer_digits", limits.integer_digits, len(digits))
        return Fault("a number too large, or too small, to hold", self._text)


def number(text: str) -> Decimal:
    """A number with a fraction or an exponent, exactly; ValueError if no finite float holds it, or
    if it is a zero of more decimals than such a float may have."""
    value = Decimal(text)
    nearest = float(value)
    if math.isinf(nearest) or (nearest == 0 and value != 0):
        raise ValueError(text)
    if value == 0 and -int(value.as_tuple().exponent) > _MAX_DECIMALS + len(text):
        raise ValueError(text)
    return value


def read(text: str, limits: Limits) -> Cell:
    """The cell of a JSON text; a `Fault` with its place if it is none. What is wrong with the
    values of a well-formed text is left in the tree, for `faults` to find."""
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
    raise Fault(f"not JSON: {reason[0].lower()}{reason[1:]}", at=at)


def faults(cell: Cell, limits: Limits) -> Iterator[Fault]:
    """What is wrong with the values of a tree that `read` made, in the order of the text."""
    if not any(map(_may_hold_faults, levels([cell]))):
        return
    for path, each in walk(cell):
        if isinstance(each, Pairs) and len(dict(each)) < len(each):
            yield Fault(KEY_TWICE, path=(*path, first_repeated(keys_of(each))))
        elif isinstance(each, Pairs | dict):
            for key in filter(_BAD_CHAR.search, dict(each)):
                yield Fault("NUL or a lone surrogate in a key", key, (*path, key))
        elif isinstance(each, Unheld):
            yield each.fault(limits).under(*path)
        elif isinstance(each, str) and _BAD_CHAR.search(each):
            yield Fault("NUL or a lone surrogate is no character", each, path)


def _may_hold_faults(level: Level) -> bool:
    objects: list[Mapping[str, Cell]] = [*level.objects]
    for each in level.lists:
        if isinstance(each, Pairs):
            objects.append(dict(each))
            if len(objects[-1]) < len(each):
                return True
    text = "".join(chain(level.texts, *objects))
    if Unheld in level.kinds or "\0" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def write(cell: Cell) -> str:
    """A tree of JSON's own types as compact text."""
    return _ENCODER.encode(cell)


def compact(cell: Cell) -> str:
    """Any cell as compact JSON with sorted keys, numbers in decimal."""
    pieces = list[str]()
    _spell(cell, pieces.append)
    return "".join(pieces)


def _spell(cell: Cell, add: Callable[[str], object]) -> None:
    if isinstance(cell, Pairs):
        cell = _list_or_object(cell)
    if isinstance(cell, str):
        add(encode_basestring(cell))
    elif isinstance(cell, dict):
        for at, key in enumerate(sorted(cell)):
            add(f"{',' if at else '{'}{encode_basestring(key)}:")
            _spell(cell[key], add)
        add("}" if cell else "{}")
    elif isinstance(cell, list):
        for at, item in enumerate(cell):
            add("," if at else "[")
            _spell(item, add)
        add("]" if cell else "[]")
    elif isinstance(cell, Decimal):
        is_short = -_MAX_DIGITS < cell.adjusted() < _MAX_DIGITS
        add(format(cell, "f") if is_short else str(cell))
    else:
        add(str(cell) if type(cell) in (int, Unheld) else write(cell))


def _list_or_object(pairs: Pairs) -> Cell:
    """PHP numbers the entries of a list; the canonical XML calls each of them `item`."""
    keys = keys_of(pairs)
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
                raise exceeded("depth", limits.depth, depth, at=token.start())
        elif token[0] in "]}":
            depth -= 1


def php_number(text: str) -> Cell:
    """A number as PHP writes it; `Unheld` if no number of Python's holds it."""
    return _integer(text) if text.removeprefix("-").isdecimal() else _number(text)
