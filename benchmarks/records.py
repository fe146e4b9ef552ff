"""The record that every contender reads into: Call's documented fields, and what each is called."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from operator import attrgetter
from typing import Any, get_type_hints

from ckct_formats import Call, Response

_HINTS = get_type_hints(Call)
_FIELDS = [field for field in dataclasses.fields(Call) if field.name != "extra"]


def camel(name: str) -> str:
    """The key of a field on the wire."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _in_wire_order() -> list[dataclasses.Field[Any]]:
    placed = [field for field in _FIELDS if "position" not in field.metadata]
    for field in _FIELDS:
        if "position" in field.metadata:
            placed.insert(field.metadata["position"], field)
    return placed


NAMES = tuple(field.name for field in _FIELDS)
WIRE_NAMES = tuple(field.name for field in _in_wire_order())
WIRE_KEYS = tuple(map(camel, WIRE_NAMES))
TYPES: dict[str, Any] = {name: _HINTS[name] for name in NAMES}
TEXTS = tuple(name for name in NAMES if TYPES[name] == str | None)
OPTIONAL_INTEGERS = tuple(name for name in NAMES if TYPES[name] == int | None)
DEFAULTS: dict[str, Any] = {
    field.name: field.default for field in _FIELDS if field.default is not dataclasses.MISSING
}

values_of = attrgetter(*NAMES)
wire_values_of = attrgetter(*WIRE_NAMES)


def record_class(
    name: str,
    types: dict[str, Any] = TYPES,
    metadata: dict[str, dict[str, Any]] | None = None,
    *,
    slots: bool = True,
) -> type[Any]:
    """A dataclass of the documented fields, for a peer that wants types or metadata of its own."""
    fields = [
        (
            field,
            kind,
            dataclasses.field(
                default=DEFAULTS.get(field, dataclasses.MISSING),
                metadata=(metadata or {}).get(field, {}),
            ),
        )
        for field, kind in types.items()
    ]
    return dataclasses.make_dataclass(name, fields, slots=slots)


Record = record_class("Record")


def list_of(kind: Any) -> Any:
    """`list[kind]`, of a class that is made at run time: type checkers know none such."""
    return list.__class_getitem__(kind)


def digest(records: Iterable[Any]) -> str:
    """A digest of all values with their types: `1` is not `"1"`, a list no tuple."""
    values = hashlib.sha256()
    for record in records:
        values.update(repr(values_of(record)).encode())
    return values.hexdigest()


def copies(kind: Any, page: Response[Call]) -> list[Any]:
    """The calls of a page as records of another class with the same fields."""
    return [kind(*values_of(call)) for call in page.payload]
