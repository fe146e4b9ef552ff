"""What the provider documents, beyond the types of the fields: one function per group of rules.

Sources: the page of call/get and its sample. What is inferred says so.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from json import JSONDecoder
from typing import Any, NamedTuple

from ckct_formats._errors import Path
from ckct_formats._format import Format
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import ABSENT, Cell
from ckct_formats._formats.table import Column, RawResponse
from ckct_formats._model import Source
from ckct_formats._rules import Integer, Items, Text, is_blank
from ckct_formats._schema import Field, Schema
from ckct_formats.conformance._findings import Code, Finding

_TYPED = {"json", "var_export", "var_dump", "serialize"}
_CANNOT_CARRY = "this dialect cannot tell null from an empty text, nor a number from a text"

# The fields for which the sample shows null; the model marks those for which it shows `-`.
_SHOWN_AS_NULL = {"record", "timeStart"}
# `error` comes only with a failed request; some accounts get no `callPage` and `hooks`.
_OPTIONAL = {"error", "callPage", "hooks"}
_PHONES = ("routePhone", "clientPhone", "officePhone")
_STATE = re.compile(r"[0-9]+/[0-9]+")
_INTEGER = re.compile(r"-?[0-9]+")
_DIGITS = re.compile(r"[0-9]+")
_BETWEEN_TOKENS = re.compile(r'("(?:[^"\\]|\\.)*+")|[ \t\r\n]+')

# The time zones in use run from UTC-12 to UTC+14.
_WEST, _EAST = -12 * 3600, 14 * 3600


class Page(NamedTuple):
    """The values of one page, as far as they can be read.

    Attributes:
        inbound: Those of the envelope and of the request's parameters, by their keys.
        columns: Those of the rows, by their keys.
        rows: How many rows there are.
        format: The format of the page.
    """

    inbound: Mapping[str, Any]
    columns: Mapping[str, Sequence[Any]]
    rows: int
    format: Format


def is_typed(source: Source) -> bool:
    """Whether a dialect tells numbers, texts and null apart."""
    return source.dialect in _TYPED


def of_source(source: Source) -> Iterator[Finding]:
    """What the dialect and the encoding tell."""
    if source.format is not Format.JSON:
        reason = f"{source.format} is not documented; the dialect {source.dialect} was inferred"
        yield Finding(Code.DIALECT, reason)
    if not is_typed(source):
        yield Finding(Code.CANNOT_CARRY, _CANNOT_CARRY)
    if source.encoding not in ("utf-8", "str"):
        yield Finding(Code.ENCODING, f"the body is in {source.encoding}, not in UTF-8")


def of_keys(
    rows: Sequence[Sequence[str] | None], schema: Schema[Any], path: Path, *, missing: bool = True
) -> list[Finding]:
    """Missing, unknown and reordered keys: each once, at its first row, with the number of rows.

    Rows that are None are skipped. An object of the envelope is one row, whose path has no index.
    """

    @cache
    def departures(keys: tuple[str, ...]) -> list[tuple[Code, str]]:
        return list(_departures(keys, schema, missing=missing))

    found: dict[tuple[Code, str], list[int]] = {}
    for at, keys in enumerate(rows):
        for each in () if keys is None else departures(tuple(keys)):
            found.setdefault(each, []).append(at)
    messages = {
        Code.MISSING_KEY: "a documented key is absent",
        Code.UNKNOWN_KEY: "a key that is not documented",
        Code.REORDERED_KEYS: "the keys are not in the documented order",
    }
    findings = []
    for (code, key), places in found.items():
        here = (*path, places[0]) if path == ("payload",) else path
        here = (*here, key) if key else here
        findings.append(Finding(code, messages[code], here, count=len(places)))
    return findings


def _departures(
    keys: Sequence[str], schema: Schema[Any], *, missing: bool
) -> Iterator[tuple[Code, str]]:
    present = set(keys)
    order = {key: at for at, key in enumerate(schema.known)}
    for field in schema.wire_order if missing else ():
        present_as = present.intersection((field.wire, field.alias))
        if not present_as and field.wire not in _OPTIONAL and not field.is_required:
            yield Code.MISSING_KEY, field.wire
    for key in keys:
        if key not in order:
            yield Code.UNKNOWN_KEY, key
    places = [order[key] for key in keys if key in order]
    if any(after < before for before, after in pairwise(places)):
        yield Code.REORDERED_KEYS, ""


def of_spelling(field: Field, column: Column, path: Path, *, typed: bool) -> list[Finding]:
    """Values of a type, and blanks of a spelling, other than the documented ones."""
    found = []
    for code, message, matches in _spellings(field, column, typed=typed):
        places = [at for at, cell in enumerate(column.cells) if matches(cell)]
        if places:
            here = (*path, places[0], field.wire) if path == ("payload",) else path
            found.append(Finding(code, message, here, count=len(places)))
    return found


Matches = Callable[[Cell], bool]


def _spellings(field: Field, column: Column, *, typed: bool) -> Iterator[tuple[Code, str, Matches]]:
    rule, kinds = field.rule, column.kinds
    if typed and isinstance(rule, Integer) and str in kinds:
        yield Code.NUMBER_AS_TEXT, "a number written as text", _is_number
    if isinstance(rule, Text) and int in kinds:
        yield Code.TEXT_AS_NUMBER, "a text written as a number", _is_integer
    if typed and isinstance(rule, Items):
        if str in kinds:
            yield Code.LIST_AS_TEXT, "a list written as text", _is_text
        if dict in kinds:
            yield Code.LIST_AS_TEXT, "a list written as an object", _is_filled_object
    blank = _blank(field, typed=typed)
    if blank is None or (column.kinds == {str} and blank == ("-",) and "" not in column.cells):
        return
    shown = "null" if blank == (None,) else f'"{blank[0] or ""}"'
    message = f"a blank that is documented as {shown} is spelt otherwise"
    yield Code.BLANK_SPELLING, message, lambda cell: is_blank(cell) and cell not in (ABSENT, *blank)


def _blank(field: Field, *, typed: bool) -> tuple[Cell, ...] | None:
    """How the sample spells a blank in a field; None if it shows none."""
    if field.rule.blank_cell == "-":
        return ("-",)
    if field.wire not in _SHOWN_AS_NULL:
        return None
    return (None,) if typed else ("", None)


def _is_text(cell: Cell) -> bool:
    return isinstance(cell, str) and not is_blank(cell)


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, str) and bool(_INTEGER.fullmatch(cell))


def _is_integer(cell: Cell) -> bool:
    return type(cell) is int


def _is_filled_object(cell: Cell) -> bool:
    return isinstance(cell, dict) and bool(cell)


# Counts


def of_counts(page: Page, is_length: Callable[[int], bool]) -> Iterator[Finding]:
    """What the envelope says of itself and of the rows.

    Args:
        page: The page.
        is_length: Whether a figure can be the length of the content.
    """
    inbound = page.inbound
    if inbound.get("error") is not None:
        yield Finding(Code.REQUEST_FAILED, "the request failed", ("inbound", "error"))
    requested = inbound.get("requestedType")
    if requested is not None and requested != page.format:
        reason = f"the format is {page.format}, but {_short(requested)} was requested"
        yield Finding(Code.WRONG_TYPE, reason, ("inbound", "requestedType"))
    wrong = [key for key in _COUNTS if (inbound.get(key) or 0) < 0]
    wrong += ["pageLength"] if inbound.get("pageLength") == 0 else []
    for key in wrong:
        path = ("requestedParams", key) if key == "requirePage" else (key,)
        yield Finding(
            Code.WRONG_COUNT, f"{_number(inbound[key])} is not a possible count", ("inbound", *path)
        )
    if not wrong:
        yield from _of_pages(page)
    length = inbound.get("contentLength")
    if length is not None and not is_length(length):
        reason = f"{_number(length)} is neither the length of the body nor that of its rows"
        yield Finding(Code.WRONG_CONTENT_LENGTH, reason, ("inbound", "contentLength"))


_COUNTS = ("pageLength", "totalLength", "ofPages", "contentLength", "requirePage")


def _short(text: str) -> str:
    return text if len(text) <= 16 else text[:15] + "…"


def _of_pages(page: Page) -> Iterator[Finding]:
    length, total, pages, number = (
        page.inbound.get(key) for key in ("pageLength", "totalLength", "ofPages", "requirePage")
    )
    if length is not None and total is not None and pages is not None:
        expected = -(-total // length)
        # Without calls there may be no page, or an empty one.
        if pages != expected and not (total == 0 and pages == 1):
            reason = (
                f"{total:,} in pages of {length:,} make {_counted(expected, 'page')}, not {pages:,}"
            )
            yield Finding(Code.WRONG_PAGE_COUNT, reason, ("inbound", "ofPages"))
    if pages is not None and number is not None and number >= max(pages, 1):
        reason = f"page {_number(number)} of {_number(pages)}: pages count from 0"
        path = ("inbound", "requestedParams", "requirePage")
        yield Finding(Code.WRONG_PAGE, reason, path)
    promised = _promised_rows(length, total, number)
    if promised is not None and page.rows not in promised:
        least, most = promised[0], promised[-1]
        here = f"{_number(least)} to {_number(most)}" if least < most else _number(most)
        reason = f"{_counted(page.rows, 'row')}, where the envelope promises {here}"
        yield Finding(Code.WRONG_ROW_COUNT, reason, ("payload",))


def _counted(count: int, what: str) -> str:
    return f"{_number(count)} {what}{'' if count == 1 else 's'}"


def _number(count: int) -> str:
    """A count with its thousands separated; not a longer one, which may be a phone number: so it is
    masked."""
    return f"{count:,}" if abs(count) < 10**9 else str(count)


def _promised_rows(length: int | None, total: int | None, number: int | None) -> range | None:
    """How many rows a page may have; None if the envelope does not say."""
    if length is None and total is None:
        return None
    if length is None or total is None or number is None:
        return range(min(each for each in (length, total) if each is not None) + 1)
    rows = max(0, min(length, total - number * length))
    return range(rows, rows + 1)


def is_length(length: int, body: Body, raw: RawResponse, schema: Schema[Any], rows_at: int) -> bool:
    """Whether a `contentLength` can be the length of the rows or of the body.

    The provider says "the length of the content on the page" and gives no unit. The sample's figure
    is 722,709 for a page of 1,000 calls; its one call, nearly blank, is 598 bytes (520 characters)
    of JSON with Cyrillic letters as they are, and 910 with them escaped. So bytes or characters of
    unescaped JSON fit the figure, and escaped JSON does not (inferred). Rows of JSON are measured.
    Of rows in another format only the rough size as JSON is known, as blanks may have been spelt
    in several ways: a figure between half and twice that size will do.

    Args:
        length: The figure.
        body, raw, schema: What it is the length of.
        rows_at: Where the rows begin in the text of a body of JSON.
    """
    if length in (len(body.text), len(body.given)) or (length == 0 and not raw.table.length):
        return True
    if body.format is not Format.JSON:
        size = _size_as_json(raw, schema)
        return size // 2 <= length <= 2 * size
    _, end = JSONDecoder(parse_int=len).raw_decode(body.text, rows_at)
    text = body.text[rows_at:end]
    return any(length in (len(each), _bytes(each)) for each in _spellings_of_json(text))


def _spellings_of_json(text: str) -> Iterator[str]:
    """A JSON text as it is, without white space, and as json_encode writes it by default: it may
    have been measured before it was rewritten."""
    yield text
    compact = _BETWEEN_TOKENS.sub(r"\1", text)
    yield compact
    escaped = compact.replace("/", "\\/")
    yield re.sub(r"[^\x00-\x7f]", lambda char: json.dumps(char[0])[1:-1], escaped)


def _size_as_json(raw: RawResponse, schema: Schema[Any]) -> int:
    """Roughly the bytes that rows take as JSON: keys, texts, and four characters around each."""
    size = len("[]")
    for key in schema.known:
        column = raw.table.column(key)
        if column is not None:
            texts = "".join(cell for cell in column.cells if isinstance(cell, str))
            size += (len(key) + 4) * raw.table.length + _bytes(texts)
    return size


def _bytes(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))


# Values


def of_identifiers(page: Page, schema: Schema[Any]) -> Iterator[Finding]:
    """Rows that have the same identifier: the one field that is required."""
    if schema.identifier is None:
        return
    key = schema.identifier.wire
    first: dict[Any, int] = {}
    for row, value in enumerate(page.columns.get(key, ())):
        if value is not None and first.setdefault(value, row) != row:
            reason = f"row {first[value]} has the same identifier"
            yield Finding(Code.DUPLICATE_CALL, reason, ("payload", row, key))


def of_calls(page: Page) -> Iterator[Finding]:
    """What the document says of the values of a call of v1, and what follows from the request."""
    yield from _of_texts(page, ("state",), _STATE, Code.BAD_STATE, "not a pair of codes")
    yield from _of_texts(page, _PHONES, _DIGITS, Code.BAD_PHONE, "not only digits")
    yield from _of_times(page)


def _of_texts(
    page: Page, keys: Sequence[str], shape: re.Pattern[str], code: Code, message: str
) -> Iterator[Finding]:
    for key in keys:
        for row, value in enumerate(page.columns.get(key, ())):
            if value and not shape.fullmatch(value):
                yield Finding(code, message, ("payload", row, key))


def _of_times(page: Page) -> Iterator[Finding]:
    start, end = page.inbound.get("startDate"), page.inbound.get("endDate")
    earliest = -math.inf if start is None else _span(start)[0]
    latest = math.inf if end is None else _span(end)[1]
    if latest <= earliest:
        latest = math.inf  # the end is 0, say, where none was requested
    for row, time in enumerate(page.columns.get("timeStart", ())):
        first, last = (earliest, latest) if time is None else _span(time)
        if last < earliest or first > latest:
            reason = "the call is outside the requested period"
            yield Finding(Code.OUTSIDE_PERIOD, reason, ("payload", row, "timeStart"))


def _span(time: datetime) -> tuple[float, float]:
    """The first and the last moment that a time can mean, whatever its zone, in epoch seconds."""
    if time.tzinfo:
        return time.timestamp(), time.timestamp()
    seconds = time.replace(tzinfo=UTC).timestamp()
    return seconds - _EAST, seconds - _WEST
