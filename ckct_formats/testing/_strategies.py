"""Responses that each of a set of formats can carry.

What no format carries (a blank in an optional text, NUL, lone surrogates) is never drawn.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any, TypeVar, overload

from hypothesis import strategies as st

from ckct_formats._format import Format
from ckct_formats._model import Call, Inbound, Info, RequestedParams, Response
from ckct_formats._schema import schema_of

R = TypeVar("R")

ALL_FORMATS = frozenset(Format)

# Pieces of the formats' own syntax, which strangers may write into a UTM tag.
_PIECES = (
    ["[city] => ", "Array", "Array\n", "(", ")", "\n", "\r\n", "\r", " " * 8, "    [0] => Array\n"]
    + ['"', '""', ",", ";", "\t", "|", "#", "# payload: []", "\\", '\\"', "\\u0000", "\\u003a"]
    + ["<", ">", "&", "&amp;", "]]>", "<!--", "<item>", "</item>", "<!DOCTYPE", "<?xml", "%s", "{}"]
    + ["null", "true", "false", "0", "-", "[]", "{", "}", ":", '":', "=>", "= ", "sep=;", "payload"]
    + ["Казань", "☎️", "\u00a0", "\u2028", "\x85", "\ufeff", "e\u0301", "😀"]
)
_NOT_IN_XML = "".join(map(chr, range(1, 32))).translate(dict.fromkeys(b"\t\n\r")) + "\ufffe\uffff"
_WORD_START = "abcdexyzABCDEXYZ_"


# A line that could be print_r's own: an entry begins 4, 12, 20 … spaces in, a bracket stands alone
# 0, 8, 16 … spaces in.
_LIKE_PRINT_R = re.compile(r"\n(?: {8})*(?: {4}\[|[()](?:\n|\Z))")

# Texts are mended where they would not come back, not filtered out: a call has so many of them
# that hypothesis would give up on nearly all calls.


def _mended_for_print_r(text: str) -> str:
    return text.replace("\n", " ") if _LIKE_PRINT_R.search(text) else text


@cache
def texts(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[str]:
    """Any text, the empty one included."""
    lacking = _NOT_IN_XML if Format.XML in formats else ""
    chars = st.characters(exclude_categories=["Cs"], exclude_characters="\0" + lacking)
    pieces = st.sampled_from(_PIECES if lacking else [*_PIECES, "\x0b", "\x1f", "\uffff"])
    pieced = st.lists(pieces | st.text(chars, max_size=3), max_size=6).map("".join)
    drawn = st.text(chars, max_size=12) | pieced
    return drawn.map(_mended_for_print_r) if Format.PLAIN in formats else drawn


@cache
def optional_texts(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[str | None]:
    """None, or a text that is not blank."""
    return st.none() | texts(formats).map(lambda text: None if text in ("", "-") else text)


def _is_key(key: str, formats: frozenset[Format], taken: Collection[str]) -> bool:
    if key in taken:
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
    words = st.text(f"{_WORD_START}0189-", max_size=8)
    names = st.builds(str.__add__, st.sampled_from(_WORD_START), words) | st.sampled_from(
        ["item", "key", "extra", "Call_id", "я"]
    )
    keys = names if Format.XML in formats else names | texts(formats)
    keys = keys.filter(lambda key: _is_key(key, formats, taken))
    return st.dictionaries(keys, texts(formats).map(lambda text: text or "x"), max_size=3)


def integers() -> st.SearchStrategy[int]:
    bound = 10**18 - 1
    return st.integers(0, 1000) | st.integers(-bound, bound)


def moments() -> st.SearchStrategy[datetime]:
    """Naive times, and aware ones at fixed offsets: in a zone with winter time, the hour that
    occurs twice is unequal to itself in another zone."""
    bound = (24 * 60 - 1) * 60
    seconds = st.integers(-bound, bound)
    zones = st.just(UTC) | seconds.map(lambda offset: timezone(timedelta(seconds=offset)))
    whole = st.datetimes().map(lambda moment: moment.replace(microsecond=0, tzinfo=UTC))
    return st.datetimes() | st.datetimes(timezones=zones) | whole


def calls(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[Call]:
    """Calls with any values that each of the formats can carry: blanks, hostile texts, times with
    and without a zone, unknown fields.

    Args:
        formats: All four by default.
    """
    return _calls(optional_texts(formats), extras(formats, _known(Call)))


def _known(record_type: type) -> frozenset[str]:
    return frozenset(schema_of(record_type).known)


@st.composite
def _calls(
    draw: st.DrawFn,
    text: st.SearchStrategy[str | None],
    extra: st.SearchStrategy[dict[str, str]],
) -> Call:
    """A call with a few texts in its many fields: each of its own would take long to draw."""
    by_type: dict[str, st.SearchStrategy[Any]] = {
        "str | None": st.sampled_from([None, *draw(st.lists(text, max_size=6))]),
        "int": integers(),
        "int | None": st.none() | integers(),
        "datetime | None": st.none() | moments(),
        "tuple[int, ...]": st.lists(integers(), max_size=3).map(tuple),
        "dict[str, str]": extra,
    }
    return Call(**{name: draw(by_type[hint]) for name, hint in Call.__annotations__.items()})


@cache
def inbounds(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[Inbound]:
    """Envelopes, whose counts need not fit the calls."""
    count, moment = st.none() | integers(), st.none() | moments()
    params = st.builds(RequestedParams, require_page=count, start_date=moment, end_date=moment)
    by_type: dict[str, st.SearchStrategy[Any]] = {
        "str | None": optional_texts(formats),
        "int | None": count,
        "RequestedParams": params,
        "dict[str, str]": extras(formats, _known(Inbound)),
    }
    hints = Inbound.__annotations__
    return st.builds(Inbound, **{name: by_type[hint] for name, hint in hints.items()})


@cache
def infos(formats: frozenset[Format] = ALL_FORMATS) -> st.SearchStrategy[Info]:
    lists = st.lists(texts(formats), max_size=3).map(tuple)
    names = st.sampled_from(["call", "item", "phone", "x.1"])
    keys = names if Format.XML in formats else names | texts(formats)
    keys = keys.filter(lambda key: _is_key(key, formats - {Format.CSV}, ()))
    entities = st.dictionaries(keys, lists, max_size=3)
    return st.builds(Info, entities=entities, types=lists, versions=lists)


@overload
def responses(
    formats: frozenset[Format] = ALL_FORMATS,
) -> st.SearchStrategy[Response[Call]]: ...
@overload
def responses(
    formats: frozenset[Format], records: st.SearchStrategy[R]
) -> st.SearchStrategy[Response[R]]: ...
def responses(
    formats: frozenset[Format] = ALL_FORMATS,
    records: st.SearchStrategy[Any] | None = None,
) -> st.SearchStrategy[Response[Any]]:
    """Responses of up to four calls that each of the formats can carry, with an envelope or
    without. The envelope is drawn field by field: its counts need not fit the calls, and there may
    be both calls and an `inbound.error`.

    Args:
        formats: All four by default.
        records: The records of the payload; calls by default.
    """
    payload = st.lists(calls(formats) if records is None else records, max_size=4)
    return st.builds(
        Response,
        inbound=st.builds(Inbound) | inbounds(formats),
        info=st.builds(Info) | infos(formats),
        payload=payload,
    )


# They begin with a letter and hold no line breaks and no delimiters of tables.
_simple_texts = st.builds(
    str.__add__,
    st.sampled_from("abcXYZжщЭЮЯé"),
    st.text("abz жЯё059-/.,&<>'\"%#()[]=\\☎", max_size=12),
).map(str.rstrip)
_simple_lists = st.lists(_simple_texts, min_size=1, max_size=3).map(tuple)


@st.composite
def simple_responses(draw: st.DrawFn) -> Response[Call]:
    """Responses that dialects without quotes can carry too: simple texts, true counts, at least
    one call, the same unknown fields in all of them, no empty lists in the envelope."""
    keys = draw(st.lists(st.sampled_from(["leadId", "note_2", "x-tag", "имя"]), unique=True))
    extra = st.fixed_dictionaries(dict.fromkeys(keys, _simple_texts))
    payload = draw(st.lists(_calls(st.none() | _simple_texts, extra), min_size=1, max_size=3))
    if draw(st.booleans()):
        return Response(payload=payload)
    return Response(draw(_simple_inbounds(len(payload))), draw(_simple_infos), payload)


@st.composite
def _simple_inbounds(draw: st.DrawFn, length: int) -> Inbound:
    page, more = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    params = RequestedParams(page, draw(st.none() | moments()), draw(st.none() | moments()))
    return Inbound(
        requested_type=draw(_simple_texts),
        requested_entity="call",
        requested_params=params,
        page_length=length,
        total_length=page * length + length + more,
        extra=draw(st.dictionaries(st.sampled_from(["server", "x_id"]), _simple_texts)),
    )


_simple_infos = st.builds(
    Info,
    entities=st.dictionaries(st.sampled_from(["call", "phone", "tag"]), _simple_lists, max_size=2),
    types=_simple_lists,
)
