"""The rules of values for pydantic v2, as dataclasses; for each format that is read with it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Optional

from pydantic import AfterValidator, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass

from benchmarks.records import OPTIONAL_INTEGERS, TEXTS, TYPES, record_class

IMPORTS = ("pydantic.dataclasses", "pydantic.type_adapter")


def none_if_blank(value: Any) -> Any:
    """None for a blank text, anything else as it is."""
    return None if value in ("", "-") else value


# Measured: the fastest of the ways that pydantic documents. Inside Optional, Python is not called
# for null; a validator behind `str` is cheaper than one in front, a union, or `__post_init__`; and
# dataclasses without slots are made faster than those with them.
_TEXT = Optional[Annotated[str, AfterValidator(none_if_blank)]]  # noqa: UP045


def _if_not_blank(kind: Any) -> Any:
    return Annotated[kind | None, BeforeValidator(none_if_blank)]


ROW_TYPES: dict[str, Any] = (
    TYPES
    | dict.fromkeys(TEXTS, _TEXT)
    | dict.fromkeys(OPTIONAL_INTEGERS, _if_not_blank(int))
    | {"time_start": _if_not_blank(datetime)}
)


def row_class(tags: Any = tuple[int, ...]) -> type[Any]:
    """A pydantic dataclass of one call; `tags` is the type of its tags, as the format has them."""
    row = record_class("Row", ROW_TYPES | {"tags_id": tags}, slots=False)
    return dataclass(row, config=ConfigDict(alias_generator=to_camel))
