"""Clean pages, and known defects put into them: each with the finding that must come of it.

Pages are written by writers that know nothing of the library.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

from php_writers import standard_table

from ckct_formats import Format
from ckct_formats.conformance import Code, check
from ckct_formats.testing import _writers as php

Tree = dict[str, Any]
Path = tuple[str | int, ...]

AGAIN = "\x04"  # in front of a key that stands twice
_TEXTS = ["Казань", "Москва", "реклама & co", "a, b", "", "утро"]
_WRITERS: dict[Format, php.Write] = {
    Format.JSON: lambda tree: json.dumps(tree, ensure_ascii=False, separators=(",", ":")),
    Format.XML: php.xml_items(),
    Format.CSV: standard_table(","),
    Format.PLAIN: php.print_r,
}


def write(tree: Any, fmt: Format) -> bytes:
    """A page as a server writes it."""
    text = _WRITERS[fmt](tree)
    return text.replace("\\u0004", "").replace(AGAIN, "").encode()


def clean_page(random: Random, fmt: Format) -> Tree:
    """A page of a server that keeps to the document, and counts right."""
    length = random.randrange(2, 6)
    pages = random.randrange(2, 5)
    page = random.randrange(pages)
    last = random.randrange(1, length + 1)
    total = length * (pages - 1) + last
    rows = [_call(random, at) for at in range(length if page < pages - 1 else last)]
    params = {"requirePage": page, "startDate": 1563000000, "endDate": 1563900000}
    inbound = {
        "requestedType": str(fmt),
        "requestedEntity": "call",
        "requestedMethod": "get",
        "requestedVersion": "v1",
        "requestedParams": params,
        "pageLength": length,
        "totalLength": total,
        "ofPages": pages,
        "contentLength": 0,
    }
    info = {
        "entities": {"call": ["get"], "tag": ["get"]},
        "types": ["json", "plain", "csv", "xml"],
        "versions": ["v1"],
    }
    return settled({"inbound": inbound, "info": info, "payload": rows})


def _call(random: Random, at: int) -> Tree:
    def text() -> str:
        return random.choice(_TEXTS) or "-"

    def phone() -> str:
        return str(random.randrange(79000000000, 79999999999))

    return {
        "city": text(),
        "site": "example.ru",
        "state": f"{random.choice([200, 487, 720])}/200",
        "callId": 1337486 + at,
        "device": text(),
        "record": random.choice([None, "https://example.ru/1.mp3"]),
        "region": text(),
        "tagsId": random.choice([[], [3], [3, 17]]),
        "utmTerm": text(),
        "audition": "Не прослушано",
        "callType": "Динамический коллтрекинг",
        "clientIp": random.choice(["-", "192.0.2.7"]),
        "duration": random.randrange(600),
        "timeStart": random.choice([None, f"2019-07-16 15:12:{random.randrange(10, 60)}"]),
        "utmMedium": text(),
        "utmSource": text(),
        "campaignId": random.randrange(1, 900),
        "officeName": "Тестовый",
        "routePhone": phone(),
        "sourceType": text(),
        "utmContent": text(),
        "clientPhone": phone(),
        "officePhone": phone(),
        "utmCampaign": text(),
        "campaignName": "Тест",
        "stateDescription": "Разговор состоялся",
    }


def settled(page: Tree) -> Tree:
    """The page with the length of its rows as they are now."""
    rows = json.dumps(page["payload"], ensure_ascii=False, separators=(",", ":"))
    page["inbound"]["contentLength"] = len(rows.replace("\\u0004", "").encode())
    return page


class Defect(NamedTuple):
    """One known defect.

    Attributes:
        code, path: The finding that must come of it; the path may depend on the row.
        put: Puts it into a page (a row of it), or gives what the page becomes.
        formats: Those that can hold it.
        cut: What is done to the bytes afterwards.
    """

    code: Code
    path: Callable[[int], Path]
    put: Callable[[Tree, int], Any]
    formats: Iterable[Format] = tuple(Format)
    cut: Callable[[bytes], bytes] | None = None


JSON, XML, CSV, PLAIN = Format.JSON, Format.XML, Format.CSV, Format.PLAIN
NESTING = (JSON, XML)


def _row(key: str, *more: str | int) -> Callable[[int], Path]:
    return lambda row: ("payload", row, key, *more)


def _at(*path: str | int) -> Callable[[int], Path]:
    return lambda row: path


def _cell(key: str, value: Any) -> Callable[[Tree, int], Any]:
    def put(page: Tree, row: int) -> None:
        page["payload"][row][key] = value

    return put


def _made(key: str, make: Callable[[Any], Any]) -> Callable[[Tree, int], Any]:
    def put(page: Tree, row: int) -> None:
        page["payload"][row][key] = make(page["payload"][row][key])

    return put


def _inbound(key: str, make: Callable[[Any], Any]) -> Callable[[Tree, int], Any]:
    def put(page: Tree, row: int) -> None:
        part = page["inbound"]
        part = part if key in part else part["requestedParams"]
        part[key] = make(part[key])

    return put


def _rows(change: Callable[[Tree], Tree], *, every: bool) -> Callable[[Tree, int], Any]:
    def put(page: Tree, row: int) -> None:
        rows = page["payload"]
        page["payload"] = [
            change(each) if every or at == row else each for at, each in enumerate(rows)
        ]

    return put


def _without(key: str) -> Callable[[Tree], Tree]:
    return lambda row: {name: cell for name, cell in row.items() if name != key}


def _swapped(row: Tree) -> Tree:
    """The first two keys behind each other."""
    (first, a), (second, b), *rest = row.items()
    return {second: b, first: a, **dict(rest)}


def _in_part(part: str, change: Callable[[Tree], Tree]) -> Callable[[Tree, int], Any]:
    def put(page: Tree, row: int) -> None:
        page[part] = change(page[part])

    return put


def _drop_row(page: Tree, row: int) -> None:
    del page["payload"][row]


def _add_row(page: Tree, row: int) -> None:
    page["payload"].append(deepcopy(page["payload"][0]) | {"callId": 99})


def _same_identifier(page: Tree, row: int) -> None:
    page["payload"][row]["callId"] = page["payload"][row - 1]["callId"]


def _row_as_text(page: Tree, row: int) -> None:
    page["payload"][row] = "a text"


def _nothing(page: Tree, row: int) -> None:
    pass


def _narrow(body: bytes) -> bytes:
    """The last row without its last cell."""
    return body.rstrip(b"\r\n").rpartition(b",")[0] + b"\r\n"


DEFECTS: dict[str, Defect] = {
    "an identifier that is no number": Defect(
        Code.UNREADABLE_VALUE, _row("callId"), _cell("callId", "12a")
    ),
    "a duration that is no number": Defect(
        Code.UNREADABLE_VALUE, _row("duration"), _cell("duration", "long")
    ),
    "a campaign that is no number": Defect(
        Code.UNREADABLE_VALUE, _row("campaignId"), _cell("campaignId", "5x")
    ),
    "a day that does not exist": Defect(
        Code.UNREADABLE_VALUE, _row("timeStart"), _cell("timeStart", "2019-02-30 10:00:00")
    ),
    "a time in words": Defect(
        Code.UNREADABLE_VALUE, _row("timeStart"), _cell("timeStart", "yesterday")
    ),
    "a time in milliseconds": Defect(
        Code.UNREADABLE_VALUE, _row("timeStart"), _cell("timeStart", 1563279164000000)
    ),
    "a tag that is no number": Defect(
        Code.UNREADABLE_VALUE, _row("tagsId", 0), _cell("tagsId", ["x"])
    ),
    "a fraction for an integer": Defect(
        Code.UNREADABLE_VALUE, _row("duration"), _cell("duration", 1.5)
    ),
    "an object for a text": Defect(
        Code.UNREADABLE_VALUE, _row("city"), _cell("city", {"a": "b"}), [JSON, XML]
    ),
    "an identifier that is null": Defect(
        Code.REQUIRED_MISSING, _row("callId"), _cell("callId", None)
    ),
    "an identifier of too many digits": Defect(
        Code.LIMIT_EXCEEDED, _row("callId"), _cell("callId", 10**19)
    ),
    "an identifier twice": Defect(Code.DUPLICATE_CALL, _row("callId"), _same_identifier),
    "a state in words": Defect(Code.BAD_STATE, _row("state"), _cell("state", "ok")),
    "a client's phone in brackets": Defect(
        Code.BAD_PHONE, _row("clientPhone"), _cell("clientPhone", "+7 (900) 1")
    ),
    "a route that is no phone": Defect(
        Code.BAD_PHONE, _row("routePhone"), _cell("routePhone", "sip:7")
    ),
    "an office that is no phone": Defect(
        Code.BAD_PHONE, _row("officePhone"), _cell("officePhone", "a")
    ),
    "a call before the period": Defect(
        Code.OUTSIDE_PERIOD, _row("timeStart"), _cell("timeStart", "2019-07-10 00:00:00")
    ),
    "a call behind the period": Defect(
        Code.OUTSIDE_PERIOD, _row("timeStart"), _cell("timeStart", 1564900000)
    ),
    "an identifier as text": Defect(
        Code.NUMBER_AS_TEXT, _row("callId"), _made("callId", str), [JSON]
    ),
    "a duration as text": Defect(
        Code.NUMBER_AS_TEXT, _row("duration"), _made("duration", str), [JSON]
    ),
    "a phone as a number": Defect(
        Code.TEXT_AS_NUMBER, _row("clientPhone"), _made("clientPhone", int), [JSON]
    ),
    "tags as text": Defect(Code.LIST_AS_TEXT, _row("tagsId"), _cell("tagsId", "3,17"), [JSON]),
    "tags as an object": Defect(
        Code.LIST_AS_TEXT, _row("tagsId"), _cell("tagsId", {"1": 3}), [JSON]
    ),
    "null for a dash": Defect(Code.BLANK_SPELLING, _row("utmTerm"), _cell("utmTerm", None)),
    "nothing for a dash": Defect(Code.BLANK_SPELLING, _row("city"), _cell("city", "")),
    "a dash for null": Defect(Code.BLANK_SPELLING, _row("record"), _cell("record", "-")),
    "false for null": Defect(Code.BLANK_SPELLING, _row("record"), _cell("record", False), [JSON]),
    "a total that is too large": Defect(
        Code.WRONG_PAGE_COUNT,
        _at("inbound", "ofPages"),
        _inbound("totalLength", lambda total: total + 1000),
    ),
    "a page too many": Defect(
        Code.WRONG_PAGE_COUNT, _at("inbound", "ofPages"), _inbound("ofPages", lambda n: n + 1)
    ),
    "a page behind the last": Defect(
        Code.WRONG_PAGE,
        _at("inbound", "requestedParams", "requirePage"),
        _inbound("requirePage", lambda page: page + 9),
        NESTING,
    ),
    "a page length of 0": Defect(
        Code.WRONG_COUNT, _at("inbound", "pageLength"), _inbound("pageLength", lambda n: 0)
    ),
    "a negative total": Defect(
        Code.WRONG_COUNT, _at("inbound", "totalLength"), _inbound("totalLength", lambda n: -n)
    ),
    "a length of something else": Defect(
        Code.WRONG_CONTENT_LENGTH,
        _at("inbound", "contentLength"),
        _inbound("contentLength", lambda n: n + 100_000),
    ),
    "another format asked for": Defect(
        Code.WRONG_TYPE,
        _at("inbound", "requestedType"),
        _inbound("requestedType", lambda fmt: "csv" if fmt != "csv" else "xml"),
    ),
    "a row too few": Defect(Code.WRONG_ROW_COUNT, _at("payload"), _drop_row, [JSON, XML, CSV]),
    "a row too many": Defect(Code.WRONG_ROW_COUNT, _at("payload"), _add_row, [JSON, XML, CSV]),
    "a row too many where texts are not quoted": Defect(
        Code.UNREADABLE_BODY, _at("payload"), _add_row, [PLAIN]
    ),
    "pages in words": Defect(
        Code.UNREADABLE_VALUE, _at("inbound", "ofPages"), _inbound("ofPages", lambda n: "many")
    ),
    "an end of the period in words": Defect(
        Code.UNREADABLE_VALUE,
        _at("inbound", "requestedParams", "endDate"),
        _inbound("endDate", lambda n: "soon"),
    ),
    "a count that is absent": Defect(
        Code.MISSING_KEY,
        _at("inbound", "pageLength"),
        _in_part("inbound", _without("pageLength")),
    ),
    "an echo that is not documented": Defect(
        Code.UNKNOWN_KEY,
        _at("inbound", "server"),
        _in_part("inbound", lambda part: {**part, "server": "a"}),
    ),
    "an echo in another order": Defect(
        Code.REORDERED_KEYS, _at("inbound"), _in_part("inbound", _swapped)
    ),
    "versions that are absent": Defect(
        Code.MISSING_KEY, _at("info", "versions"), _in_part("info", _without("versions"))
    ),
    "no info": Defect(Code.MISSING_KEY, _at("info"), lambda page, row: _without("info")(page)),
    "no envelope": Defect(Code.ENVELOPE_MISSING, _at(), lambda page, row: page["payload"]),
    "a key beside the envelope": Defect(
        Code.UNKNOWN_KEY, _at("debug"), lambda page, row: {"debug": "a", **page}, NESTING
    ),
    "a key that one row lacks": Defect(
        Code.MISSING_KEY,
        _row("audition"),
        _rows(_without("audition"), every=False),
        NESTING,
    ),
    "a key that all rows lack": Defect(
        Code.MISSING_KEY,
        lambda row: ("payload", 0, "audition"),
        _rows(_without("audition"), every=True),
    ),
    "a key that one row alone has": Defect(
        Code.UNKNOWN_KEY,
        _row("new"),
        _rows(lambda row: {**row, "new": "a"}, every=False),
        NESTING,
    ),
    "a key that is not documented": Defect(
        Code.UNKNOWN_KEY,
        lambda row: ("payload", 0, "new"),
        _rows(lambda row: {**row, "new": "a"}, every=True),
    ),
    "a row in another order": Defect(
        Code.REORDERED_KEYS,
        lambda row: ("payload", row),
        _rows(_swapped, every=False),
        NESTING,
    ),
    "rows in another order": Defect(
        Code.REORDERED_KEYS,
        lambda row: ("payload", 0),
        _rows(lambda row: dict(reversed(row.items())), every=True),
    ),
    "a key of a row twice": Defect(
        Code.DUPLICATE_KEY,
        _row("city"),
        _rows(lambda row: {**row, f"{AGAIN}city": "a"}, every=False),
        [JSON],
    ),
    "a key of the envelope twice": Defect(
        Code.DUPLICATE_KEY,
        _at("inbound", "requestedMethod"),
        _in_part("inbound", lambda part: {**part, f"{AGAIN}requestedMethod": "a"}),
        [JSON, PLAIN],
    ),
    "a row that is a text": Defect(
        Code.UNREADABLE_ROW, lambda row: ("payload", row), _row_as_text, NESTING
    ),
    "a row with a cell too few": Defect(
        Code.UNREADABLE_ROW, lambda row: ("payload", row), _nothing, [CSV], _narrow
    ),
    "a body that breaks off": Defect(
        Code.UNREADABLE_BODY, _at(), _nothing, NESTING, lambda body: body[: len(body) // 2]
    ),
    "a byte that is no UTF-8": Defect(
        Code.UNREADABLE_BODY, _at(), _nothing, tuple(Format), lambda body: body + b"\xff"
    ),
    "a DTD": Defect(
        Code.UNSAFE_INPUT,
        _at(),
        _nothing,
        [XML],
        lambda body: body.replace(b"<response>", b"<!DOCTYPE a><response>", 1),
    ),
    "another encoding": Defect(
        Code.ENCODING,
        _at(),
        _nothing,
        [XML],
        lambda body: body.decode().replace("UTF-8", "windows-1251", 1).encode("windows-1251"),
    ),
    "a failed request": Defect(
        Code.REQUEST_FAILED,
        _at("inbound", "error"),
        lambda page, row: {
            "inbound": {"error": "No rows found"},
            "info": page["info"],
            "payload": [],
        },
        [JSON, XML, PLAIN],
    ),
}


def defective(
    random: Random, name: str, fmt: Format, *, settle: bool = False
) -> tuple[bytes, Path]:
    """A clean page with a defect put into it, and the path where that must be found."""
    defect = DEFECTS[name]
    page = clean_page(random, fmt)
    while len(page["payload"]) < 2:
        page = clean_page(random, fmt)
    count = len(page["payload"])
    row = count - 1 if defect.cut is _narrow else random.randrange(1, count)
    changed = defect.put(page, row)
    page = page if changed is None else changed
    if settle and isinstance(page, dict) and "contentLength" in page.get("inbound", {}):
        page = settled(page)
    body = write(page, fmt)
    return (defect.cut(body) if defect.cut else body), defect.path(row)


def main() -> None:
    """Print the share of defects found, and of clean pages with a false alarm, over many pages."""
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    random = Random(0)
    cases = [(name, fmt) for name, defect in DEFECTS.items() for fmt in defect.formats]
    found = alarms = 0
    for _ in range(pages):
        name, fmt = random.choice(cases)
        body, path = defective(random, name, fmt)
        places = {(each.code, each.path) for each in check(body, fmt).findings}
        codes = {code for code, _ in places}
        found += (DEFECTS[name].code, path) in places or (
            not path and codes == {DEFECTS[name].code}
        )
        fmt = random.choice(list(Format))
        alarms += not check(write(clean_page(random, fmt), fmt), fmt).ok
    sys.stdout.write(
        f"{len(DEFECTS)} defects, {len(cases)} with their formats, {pages:,} pages: "
        f"{found / pages:.2%} found, {alarms / pages:.2%} of clean pages with a false alarm\n"
    )


if __name__ == "__main__":
    main()
