"""Responses that a set of formats can hold: the arguments name what is left out, and why.

What no format holds (a blank in an optional text, NUL, lone surrogates) is never drawn.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ckct_formats import Call, Format, Inbound, Info, RequestedParams, Response

ALL_FORMATS = frozenset(Format)

# Pieces of the formats' own syntax, which strangers may write into a UTM tag.
_PIECES = st.sampled_from(
    ["[city] => ", "Array", "Array\n", "(", ")", "\n", "\r\n", "\r", " " * 8, "    [0] => Array\n"]
    + ['"', '""', ",", ";", "\t", "|", "#", "# payload: []", "\\", '\\"', "\\u0000", "\\u003a"]
    + ["<", ">", "&", "&amp;", "]]>", "<!--", "<item>", "</item>", "<!DOCTYPE", "<?xml", "%s", "{}"]
    + ["null", "true", "false", "0", "-", "[]", "{", "}", ":", '":', "=>", "= ", "sep=;", "payload"]
    + ["Казань", "☎️", "\u00a0", "\u2028", "\x85", "\x0b", "\ufeff", "e\u0301", "😀"]
)


def _comes_back(text: str, formats: frozenset[Format]) -> bool:
    if Format.XML in formats and re.search(r"[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text):
        return False
    return Format.PLAIN not in formats or not looks_like_print_r(text)


def looks_like_print_r(text: str) -> bool:
    """Whether a later line of a text could be print_r's own: an entry begins 4, 12, 20 … spaces
    in, a bracket stands alone 0, 8, 16 … spaces in."""
    for line in text.split("\n")[1:]:
        indent = len(line) - len(line.lstrip(" "))
        rest = line[indent:]
        if (indent % 8 == 4 and rest.startswith("[")) or (indent % 8 == 0 and rest in ("(", ")")):
            return True
    return False


@cache
def texts(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[str]:
    """Any text, the empty one included."""
    chars = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    pieced = st.lists(_PIECES | st.text(chars, max_size=3), max_size=6).map("".join)
    return (st.text(chars, max_size=12) | pieced).filter(lambda text: _comes_back(text, formats))


@cache
def optional_texts(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[str | None]:
    """None, or a text that is not blank."""
    return st.none() | texts(formats).filter(lambda text: text not in ("", "-"))


def _is_key(key: str, formats: frozenset[Format], taken: Collection[str]) -> bool:
    if key in taken:
        return False
    if Format.XML in formats and not re.fullmatch(r"[^\W\d][\w.-]*", key, re.ASCII):
        return False
    if Format.PLAIN in formats and "] => " in key:
        return False
    in_envelope = re.match(r"(inbound|info|payload\.[0-9]+)\.|.*\.[0-9]+\Z", key, re.DOTALL)
    return Format.CSV not in formats or not in_envelope


@cache
def extras(
    formats: frozenset[Format] = ALL_FORMATS, taken: frozenset[str] = frozenset()
) -> st.SearchStrategy[dict[str, str]]:
    """Unknown fields, by keys that no known field has."""
    names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True) | st.sampled_from(
        ["item", "key", "extra", "Call_id", "я"]
    )
    keys = names if Format.XML in formats else names | texts(formats)
    keys = keys.filter(lambda key: _is_key(key, formats, taken))
    return st.dictionaries(keys, texts(formats).filter(bool), max_size=3)


def integers() -> st.SearchStrategy[int]:
    bound = 10**18 - 1
    return st.integers(0, 1000) | st.integers(-bound, bound)


def moments() -> st.SearchStrategy[datetime]:
    """Naive times, and aware ones in fixed offsets: of a zone with a change to winter time, the
    repeated hour compares unequal to itself in another zone."""
    offsets = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59))
    seconds = offsets.map(lambda offset: timezone(timedelta(seconds=offset.total_seconds() // 1)))
    naive = st.datetimes()
    return (
        naive
        | st.datetimes(timezones=st.just(UTC))
        | st.datetimes(timezones=seconds)
        | (naive.map(lambda moment: moment.replace(microsecond=0, tzinfo=UTC)))
    )


CALL_KEYS = frozenset(
    [
        "city",
        "site",
        "state",
        "callId",
        "device",
        "record",
        "region",
        "tagsId",
        "utmTerm",
        "audition",
        "callType",
        "clientIp",
        "duration",
        "timeStart",
        "utmMedium",
        "utmSource",
        "campaignId",
        "officeName",
        "routePhone",
        "sourceType",
        "utmContent",
        "clientPhone",
        "officePhone",
        "utmCampaign",
        "campaignName",
        "stateDescription",
    ]
)
INBOUND_KEYS = frozenset(
    [
        "requestedType",
        "requestedEntity",
        "requestedMethod",
        "requestedVersion",
        "requestedParams",
        "pageLength",
        "totalLength",
        "ofPages",
        "contentLength",
        "error",
    ]
)


@cache
def calls(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[Call]:
    text = optional_texts(formats)
    by_type: dict[str, st.SearchStrategy[Any]] = {
        "str | None": text,
        "int": integers(),
        "int | None": st.none() | integers(),
        "datetime | None": st.none() | moments(),
        "tuple[int, ...]": st.lists(integers(), max_size=3).map(tuple),
        "dict[str, str]": extras(formats, CALL_KEYS),
    }
    annotations = Call.__annotations__
    return st.builds(Call, **{name: by_type[hint] for name, hint in annotations.items()})


@cache
def inbounds(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[Inbound]:
    text, count = optional_texts(formats), st.none() | integers()
    moment = st.none() | moments()
    return st.builds(
        Inbound,
        requested_type=text,
        requested_entity=text,
        requested_method=text,
        requested_version=text,
        requested_params=st.builds(
            RequestedParams, require_page=count, start_date=moment, end_date=moment
        ),
        page_length=count,
        total_length=count,
        of_pages=count,
        content_length=count,
        error=text,
        extra=extras(formats, INBOUND_KEYS),
    )


@cache
def infos(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[Info]:
    lists = st.lists(texts(formats), max_size=3).map(tuple)
    names = st.sampled_from(["call", "item", "phone", "x.1"])
    keys = names if Format.XML in formats else names | texts(formats)
    keys = keys.filter(lambda key: _is_key(key, formats - {Format.CSV}, ()))
    entities = st.dictionaries(keys, lists, max_size=3)
    return st.builds(Info, entities=entities, types=lists, versions=lists)


def responses(
    formats: frozenset[Format] = ALL_FORMATS,
    records: st.SearchStrategy[Any] | None = None,
) -> st.SearchStrategy[Response[Any]]:
    payload = st.lists(calls(formats) if records is None else records, max_size=4)
    return st.builds(
        Response,
        inbound=st.builds(Inbound) | inbounds(formats),
        info=st.builds(Info) | infos(formats),
        payload=payload,
    )


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
