"""Records of every field type that each of a set of formats can carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from ckct_formats import Format
from ckct_formats.testing._strategies import ALL_FORMATS, extras, integers, moments, texts


@dataclass(slots=True)
class Hook:
    """A record inside a record."""

    address: str = ""
    status: int | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Everything:
    """A record with a field of every type that has a rule."""

    text: str
    number: float
    amount: Decimal
    flag: bool
    day: date
    moment: datetime
    identifier: int = 0
    maybe_number: float | None = None
    maybe_amount: Decimal | None = None
    maybe_flag: bool | None = None
    maybe_day: date | None = None
    names: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    hook: Hook = field(default_factory=Hook)
    hooks: tuple[Hook, ...] = ()


@cache
def hooks(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[Hook]:
    return st.builds(
        Hook,
        address=texts(formats),
        status=st.none() | integers(),
        extra=extras(formats, frozenset({"address", "status"})),
    )


@cache
def everythings(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[Everything]:
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    amounts = st.decimals(allow_nan=False, allow_infinity=False)
    return st.builds(
        Everything,
        text=texts(formats),
        number=numbers,
        amount=amounts,
        flag=st.booleans(),
        day=st.dates(),
        moment=moments(),
        identifier=integers(),
        maybe_number=st.none() | numbers,
        maybe_amount=st.none() | amounts,
        maybe_flag=st.none() | st.booleans(),
        maybe_day=st.none() | st.dates(),
        names=st.lists(texts(formats), max_size=3).map(tuple),
        ids=st.lists(integers(), max_size=3).map(tuple),
        hook=hooks(formats),
        hooks=st.lists(hooks(formats), max_size=2).map(tuple),
    )
