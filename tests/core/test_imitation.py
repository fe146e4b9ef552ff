"""Texts that imitate the structure around them are read as texts, or refused.

UTM tags are written by strangers. Responses are written by PHP-like writers that know nothing of
the library, and read back: every field of every call, the number of calls and the envelope must be
the same, or reading must fail. A text that imitates is cut out of another body of the same
dialect, from the end of one of its texts to the beginning of another; so its syntax, indentation
and all, is right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, make_dataclass
from enum import Enum, auto
from functools import cache, partial
from itertools import count, product, starmap
from random import Random
from typing import Any, NamedTuple

import php_writers
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from ckct_formats import Format, ParseError, Response, parse
from ckct_formats.testing import _writers as php

KEYS = (
    "city site state callId device record region tagsId utmTerm audition callType clientIp duration"
    " timeStart utmMedium utmSource campaignId officeName routePhone sourceType utmContent"
    " clientPhone officePhone utmCampaign campaignName stateDescription"
).split()
TEXTS = ["city", "region", "utmTerm", "utmMedium", "utmCampaign", "stateDescription"]


def call(at: int) -> dict[str, Any]:
    """A call with all documented fields in the document's order; the first has a tag."""
    return {
        **{key: f"{key} {at}" for key in KEYS},
        "site": "-",
        "state": "200/200",
        "callId": 1337486 + at,
        "device": "",
        "record": None,
        "tagsId": [] if at else [3],
        "duration": 10 + at,
        "timeStart": f"2019-07-16 15:12:4{at}",
        "campaignId": 559,
        "routePhone": "79999999999",
    }


MORE = 2490  # calls on several pages: then one may hold few, as in the provider's sample


def envelope(calls: int) -> dict[str, Any]:
    """A true envelope of so many calls."""
    params = {"requirePage": 0, "startDate": 0, "endDate": 1563279164}
    inbound = {
        "requestedType": "plain",
        "requestedEntity": "call",
        "requestedMethod": "get",
        "requestedVersion": "v1",
        "requestedParams": params,
        "pageLength": 1000,
        "totalLength": calls,
        "ofPages": 1,
        "contentLength": 722709,
    }
    entities = {"call": ["get"], "tag": ["get"]}
    return {"inbound": inbound, "info": {"entities": entities, "types": ["json", "plain"]}}


def response(rows: Sequence[dict[str, Any]], *, bare: bool) -> php.Tree:
    return list(rows) if bare else {**envelope(len(rows)), "payload": list(rows)}


class Dialect(NamedTuple):
    """A way of writing.

    Attributes:
        write: Writes a response.
        inner: The same without a page around it: what a text would imitate.
        piece: Finds the pieces that a body consists of.
        format: What it is read as.
        numbered: Whether rows have numbers.
        bare_only: Whether it writes rows alone.
        lossy: What the dialect itself makes of a text, or of all of them.
        alike: Another way of writing, whose bodies no reader can tell from those of this one.
    """

    name: str
    write: php.Write
    inner: php.Write
    piece: str
    format: Format = Format.PLAIN
    numbered: bool = True
    bare_only: bool = False
    lossy: Callable[[str], str] = str
    alike: php.Write | None = None


def _dialect(name: str, write: php.Write, piece: str, **others: Any) -> Dialect:
    return Dialect(name, write, others.pop("inner", write), piece, **others)


def _wrapped(dialect: Dialect) -> Iterator[Dialect]:
    """A dialect in the pages that PHP code puts around it."""
    yield dialect
    wraps: dict[str, Callable[[php.Write], php.Write]] = {
        "pre": php.in_pre,
        "escaped": php.escaped,
        "pre-escaped": lambda write: php.in_pre(php.escaped(write)),
        "br": php.broken,
        "escaped-br": lambda write: php.broken(php.escaped(write)),
    }
    for name, wrap in wraps.items():
        yield dialect._replace(name=f"{dialect.name}-{name}", write=wrap(dialect.write))


def _of_objects(write: php.Write) -> php.Write:
    return lambda tree: write(php_writers.row_objects(tree))


def _all_objects(write: php.Write) -> php.Write:
    return lambda tree: write(php_writers.all_objects(tree))


LINE = r"\n+[^\n]*"
PRINT_R = [
    *_wrapped(_dialect("print_r", php.print_r, LINE)),
    _dialect("print_r-objects", _of_objects(php.print_r), LINE),
    _dialect("print_r-all-objects", _all_objects(php.print_r), LINE),
    _dialect("print_r-in-turn", php.print_r_in_turn, LINE, bare_only=True, numbered=False),
    _dialect(
        "print_r-objects-in-turn",
        _of_objects(php.print_r_in_turn),
        LINE,
        bare_only=True,
        numbered=False,
    ),
]
TYPED = [
    *_wrapped(_dialect("var_export", php.var_export, r"\n *|'|[^'\n]+")),
    *_wrapped(_dialect("var_dump", php.var_dump, r'\n *|"|[^"\n]+')),
    *_wrapped(_dialect("serialize", php.serialize, r"[{};]|[^{};]+")),
    _dialect("var_export-objects", _of_objects(php.var_export), r"\n *|'|[^'\n]+"),
    _dialect("var_dump-objects", _of_objects(php.var_dump), r'\n *|"|[^"\n]+'),
    _dialect("serialize-objects", _of_objects(php.serialize), r"[{};]|[^{};]+"),
    _dialect("json", php.to_json, r'["{}\[\]]|[^"{}\[\]]+', format=Format.JSON),
    _dialect("json-plain", php.to_json, r'["{}\[\]]|[^"{}\[\]]+'),
]


def _lines(name: str, join: Callable[[Sequence[str]], str], separator: str) -> Dialect:
    write = partial(php.path_lines, join=join, separator=separator)
    return _dialect(
        name, write, LINE, alike=lambda tree: write(php_writers.null_for_empty(tree) or [])
    )


LINES = [
    *(
        _lines(name, join, separator)
        for name, join, separator in (
            ("dotted", ".".join, ": "),
            ("dotted-equals", ".".join, " = "),
            ("dotted-tight", ".".join, "="),
            ("bracketed", php.bracketed, " = "),
            ("bracketed-colon", php.bracketed, ": "),
        )
    ),
    *(
        _dialect(
            name,
            partial(php.records, separator=separator),
            LINE,
            numbered=False,
            # Line breaks at the end of a record are lost: docs/wire-formats.md says so.
            lossy=lambda text: text.rstrip("\n"),
        )
        for name, separator in (
            ("records", ": "),
            ("records-equals", " = "),
            ("records-tight", "="),
        )
    ),
]
_TABLES: dict[str, Callable[[str], php.Write]] = {
    "fputcsv": lambda mark: php_writers.php_table(mark, "\\"),
    "fputcsv-no-escape": lambda mark: php_writers.php_table(mark, ""),
    "rfc-4180": php_writers.standard_table,
    "sections": php.sections,
}
CSV = [
    _dialect(
        f"{kind}-{name}{suffix}",
        write(mark),
        rf'[\r\n"\\{mark}]|[^\r\n"\\{mark}]+',
        format=format,
        numbered=False,
    )
    for suffix, format in {"": Format.CSV, "-plain": Format.PLAIN}.items()
    for name, mark in {"comma": ",", "semicolon": ";", "tab": "\t"}.items()
    for kind, write in _TABLES.items()
]
MARKUP = r"<[^>]*>|[^<]+"
XML = [
    _dialect(name, write, MARKUP, format=Format.XML, numbered=False, **others)
    for name, write, others in (
        ("xml-item", php.xml_items(), {"inner": php.xml_items(str)}),
        ("xml-numbered", php.xml_items(item="item%d"), {}),
        ("xml-digits", php.xml_items(item="%d"), {}),
        (
            "xml-cdata",
            php.xml_items(php.cdata),
            {"lossy": lambda text: re.sub(r"\r\n?", "\n", text)},
        ),
        ("xml-repeated", php_writers.xml_repeated, {}),
        ("xml-attributes", php_writers.xml_attributes, {}),
    )
]
FAMILIES = {"print_r": PRINT_R, "typed": TYPED, "lines": LINES, "csv": CSV, "xml": XML}


# What reading gives


class Verdict(Enum):
    SAME = auto()
    REFUSED = auto()
    AMBIGUOUS = auto()  # the bytes are those of another, honest response
    MISREAD = auto()


def verdict(dialect: Dialect, original: php.Tree) -> Verdict:
    """How a response reads in a dialect."""
    text = dialect.write(original)
    body = text.encode()
    try:
        read = parse(body, dialect.format)
    except ParseError:
        return Verdict.REFUSED
    if read == expected(dialect, original):
        return Verdict.SAME
    others = honest_readings(dialect, body, original)
    writers = [write for write in (dialect.write, dialect.alike) if write]
    alike = (dialect.lossy(write(other)) for other in others for write in writers)
    if dialect.lossy(text) in alike:
        return Verdict.AMBIGUOUS
    return Verdict.MISREAD


def expected(dialect: Dialect, original: php.Tree) -> Response[Any]:
    """What the JSON of the same response gives, but for what the dialect cannot carry."""
    rows = [
        {key: dialect.lossy(cell) if isinstance(cell, str) else cell for key, cell in row.items()}
        for row in php.rows_of(original)
    ]
    return parse(php.to_json(php.with_rows(original, rows)), Format.JSON)


_ABSENT = "\x01"
_NO_TAGS = ("absent",)
# Each cell as it stands in the body: blanks are not None here.
Cells = make_dataclass(
    "Cells",
    [
        (
            f"cell_{key}",
            tuple[str, ...] if key == "tagsId" else str,
            field(default=_NO_TAGS if key == "tagsId" else _ABSENT, metadata={"wire": key}),
        )
        for key in KEYS
    ]
    + [("extra", dict[str, str], field(default_factory=dict))],
)


def _decoded(text: str) -> Any:
    return json.loads(text) if text.startswith(("[", "{")) else text


_DECODINGS: tuple[Callable[[str], Any], ...] = (str, _decoded)
Tags = tuple[str, ...]
_ABSENT_TAGS: Sequence[Any] = (_ABSENT, [])
_EMPTY_TAGS: Sequence[Any] = ([], "", "-")
_LISTS: tuple[Callable[[Tags], Any], ...] = (list, ",".join)


def _tags(absent: Any, empty: Any, listed: Callable[[Tags], Any]) -> Callable[[Tags], Any]:
    """How a server may have written what was read as tags."""
    return lambda tags: {_NO_TAGS: absent, (): empty}.get(tags, listed(tags))


_TAGS = list(starmap(_tags, product(_ABSENT_TAGS, _EMPTY_TAGS, _LISTS)))
_BLANKS: tuple[Sequence[str], ...] = ((), ["unknown"], ["z"], ["error"])


def honest_readings(dialect: Dialect, body: bytes, original: php.Tree) -> Iterator[php.Tree]:
    """The response that a body was read as, cell by cell, if it is honest. Unknown fields are read
    as texts, and may have been lists; blank ones are not read. Tags may have been a text, joined
    or blank; those that are absent may have been an empty list that was left out."""
    try:
        read: Response[Any] = parse(body, dialect.format, record_type=Cells)
    except ParseError:
        return
    ways = product(_DECODINGS, _BLANKS, _TAGS, range(len(KEYS) + 1))
    for decode, blank, tags, at in ways:
        rows = [_placed(record, at, decode, blank, tags) for record in read.payload]
        other = php.with_rows(original, rows)
        if is_honest(other):
            yield other


def _placed(
    record: Any,
    at: int,
    decode: Callable[[str], Any],
    blank: Sequence[str],
    tags: Callable[[Tags], Any],
) -> dict[str, Any]:
    """The cells of a record, the unknown ones from some place on, blank ones first."""
    cells = {key: getattr(record, f"cell_{key}") for key in KEYS}
    cells["tagsId"] = tags(cells["tagsId"])
    row = {
        **{key: cells[key] for key in KEYS[:at]},
        **dict.fromkeys(blank, ""),
        **{key: decode(text) for key, text in record.extra.items()},
        **{key: cells[key] for key in KEYS[at:]},
    }
    return {key: cell for key, cell in row.items() if cell != _ABSENT}


def is_honest(tree: php.Tree) -> bool:
    """Whether a server would send it: all calls have the same fields, the documented ones in
    order and at most one of them left out; the envelope counts the calls, or more than it shows."""
    rows = php.rows_of(tree)
    keys = list(rows[0]) if rows else []
    known = [key for key in KEYS if key in keys]
    if [key for key in keys if key in KEYS] != known or any(list(row) != keys for row in rows):
        return False
    if len(known) < len(KEYS) - 1:
        return False
    return not php.is_enveloped(tree) or tree["inbound"]["totalLength"] in (len(rows), MORE)


# Imitations

_FROM, _TO = "\x02", "\x03"
_AGAIN = "\x04"  # in front of a key that stands twice
_TWIN = f"{_AGAIN}payload"


def cut(dialect: Dialect, tree: php.Tree) -> str:
    """What stands between the two marks in the body of a response."""
    between: str = dialect.inner(tree).partition(_FROM)[2].partition(_TO)[0]
    return between.replace(_AGAIN, "")


class Spot(NamedTuple):
    """Where a text stands: in which field of which of so many calls."""

    bare: bool
    calls: int
    at: int
    field: str

    def original(self, text: str) -> php.Tree:
        rows = [call(at) for at in range(self.calls)]
        rows[self.at][self.field] = text
        return response(rows, bare=self.bare)

    @property
    def before(self) -> dict[str, Any]:
        """The cells of some call in front of the field."""
        keys = KEYS[: KEYS.index(self.field)]
        return {key: cell for key, cell in call(8).items() if key in keys}

    @property
    def after(self) -> dict[str, Any]:
        """The cells of some call behind the field."""
        keys = KEYS[KEYS.index(self.field) + 1 :]
        return {key: cell for key, cell in call(7).items() if key in keys}


def trees(spot: Spot) -> Iterator[tuple[str, php.Tree]]:
    """Responses with two marks, by what a text imitates that is cut out of them."""
    rest = spot.after
    last = dict(list(rest.items())[-1:])
    for name, behind in (("", {}), ("rest, ", rest), ("last, ", last)):
        row = {spot.field: _FROM, **behind}
        for what, tail in _row_tails(spot):
            yield f"{name}{what}", _with_payload(spot, {spot.at: {**row, **tail}})
        for number in (spot.at + 1, spot.calls, spot.calls + 7, "x", spot.at, 0):
            for what, following in _next_rows(spot):
                key = f"{_AGAIN}{number}" if number == spot.at else number
                yield (
                    f"{name}row {number}, {what}",
                    _with_payload(spot, {spot.at: row, key: following}),
                )
        for what, beside in _siblings(spot):
            yield f"{name}{what}", _with_payload(spot, {spot.at: row}, beside)


def _row_tails(spot: Spot) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in ("city", "callId", "tagsId", "utmTerm", "duration", "stateDescription", "unknown"):
        if key != spot.field:
            yield f"{key}", {key: _TO}
            yield f"{key} as a list", {key: [_TO]}
            yield f"{key} as an object", {key: {"z": _TO}}
    yield "an unknown key and a known one", {"unknown": "1", "callId": _TO}
    yield "an envelope in the row", {"inbound": {"error": "failed"}, "unknown": _TO}
    yield "a payload in the row", {"payload": [{"callId": 5}], "unknown": _TO}


def _next_rows(spot: Spot) -> Iterator[tuple[str, php.Tree]]:
    yield "callId", {"callId": 5, "unknown": _TO}
    yield "callId alone", {"callId": _TO}
    yield "callId and field", {"callId": 5, spot.field: _TO}
    yield "callId and city", {"callId": 5, "city": _TO}
    yield "complement", {**spot.before, "callId": 5, "unknown": _TO}
    yield "full", {**spot.before, spot.field: _TO}
    yield "full and unknown", {**spot.before, spot.field: "y", "unknown": _TO}
    yield "text", _TO


def _siblings(spot: Spot) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in ("unknown", "info", "inbound", _TWIN):
        yield f"{name} beside", {name: _TO}
        yield f"{name} with a member beside", {name: {"z": _TO}}
        yield f"{name} with a row beside", {name: [{**spot.before, "callId": 5, spot.field: _TO}]}
    error: dict[Any, Any] = {"inbound": {"error": "failed"}}
    yield "an error beside", {"inbound": {"error": _TO}}
    yield "an error and a key beside", {**error, "unknown": _TO}
    row = {**spot.before, spot.field: _TO}
    yield "an error and a row beside", error | {spot.calls: row}
    yield "an error and a payload beside", {**error, _TWIN: [{"callId": 5, spot.field: _TO}]}
    yield "params beside", {"inbound": {"requestedParams": {"z": _TO}}}
    yield "types beside", {"info": {"types": ["json", _TO]}}


def _with_payload(spot: Spot, rows: php.Tree, beside: dict[Any, Any] | None = None) -> php.Tree:
    parts: dict[Any, Any] = dict(rows) if spot.bare else {"payload": rows}
    return parts | (beside or {})


FIXED = (
    ["\n", "\n\n", "x\n", "x\n\n", "\nx", "x\n\ny", "\r", "x\r", "x\r\n", "\r\n\r\nx", "\n\rx"]
    + [" x ", "-\n", "\t", "\n    ", "\n        )", "\ufeff", "\x85", "\u2028", "\u2028[z] => 1"]
    + ["Array", "Array\n(\n", ")", "\n)", "\n)\n", "\n)\n\nArray\n(\n    [callId] => 5"]
    + ["<br />", "<br />\n", "a<br />\nb", "<br>", "</pre>", "<pre>x</pre>", "</pre>\n<pre>"]
    + ["&lt;b&gt;", "=&gt;", "a =&gt; b", "&quot;", "a&quot;b", "&#039;", "&amp;quot;", "&nbsp;"]
    + ["'", "\\", "\\\\", "\\'", "'x", "x\\", "' . \"\\0\" . '", "NULL", '"', '";', '";s:1:"a']
    + [":1", '":1,"x":"', '\\",\\"x', "\\u0022,", "=> ", "= ", ": ", " x\ncallId= 5\nsite= y"]
    + ["]]>", "]]", "]", "a]]", "]]>\n", "]]>]]>", "<![CDATA[", "<!--", "-->", "<?php ?>", "<0>"]
    + ["</utmTerm><duration>9</duration><utmTerm>", "]]></utmTerm><z>9</z><utmTerm><![CDATA["]
    + ['" z="1', "<item/>", "</item><item>", "&#10;", "<!DOCTYPE a>", "#", "# inbound.error: x"]
    + ["\n# inbound.error: x", "\n# payload: []", "sep=;\n", "\n\npayload\ncallId\n5", "[1]", "{}"]
)  # fmt: skip


def imitations(dialect: Dialect, spot: Spot) -> Iterator[tuple[str, str]]:
    for text in FIXED:
        yield repr(text), text
    for name, tree in trees(spot):
        between = cut(dialect, tree)
        yield name, f"x{between}y"
        if dialect in CSV:
            between = between.replace('"', "")  # inside of a quoted cell quotes are doubled
            for mark in ('"', '\\"'):
                yield f"{name}, {mark}", f"x{mark}{between}{mark}y"
                yield f"{name}, half {mark}", f'x{mark}{between}"'
    if dialect in CSV:
        for text in _quotes(dialect.piece[7]):
            yield repr(text), text


def _quotes(mark: str) -> Iterator[str]:
    for escape in ("", "\\", "\\\\", '"'):
        yield from (f'{escape}"', f'a{escape}"', f'{escape}"{mark}', f'{mark}{escape}"')
        for width in (0, 1, 2, 17, 25):
            cells = (mark + "x") * width
            yield from (f'a{escape}"{cells}{mark}{escape}"b', f'a{escape}"{cells}{mark}"b{escape}"')
            yield from (f'a{escape}"{cells}\n{cells}{mark}{escape}"', f'"{escape}"{cells}\r\n"')


# Bytes that no reader can tell from those of an honest response


class Impossible(NamedTuple):
    """Imitations that are the honest body of another response, to the letter.

    Attributes:
        reason: Why they cannot be told apart.
        name: Which imitations.
        applies: In which dialects, and where.
        twin: The other response.
    """

    reason: str
    name: re.Pattern[str]
    applies: Callable[[Dialect, Spot, re.Match[str]], bool]
    twin: Callable[[Spot, re.Match[str], str], php.Tree]


def _is_behind_only_call(dialect: Dialect, spot: Spot, name: re.Match[str]) -> bool:
    """Not for one array alone, which such a key makes an envelope, nor for an unclosed array."""
    if dialect in PRINT_R and (name[2] or (dialect.bare_only and name[1] != "unknown")):
        return False
    return spot.calls == 1 and spot.field == KEYS[-1]


def _with_unknown(spot: Spot, name: re.Match[str], text: str) -> php.Tree:
    tails: dict[str, dict[str, Any]] = {
        "unknown": {"unknown": "y"},
        "unknown as a list": {"unknown": ["y"]},
        "unknown as an object": {"unknown": {"z": "y"}},
        "an envelope in the row": {"inbound": {"error": "failed"}, "unknown": "y"},
        "a payload in the row": {"payload": [{"callId": 5}], "unknown": "y"},
    }
    row = {**call(spot.at), spot.field: "x", **tails[name[1]]}
    return response([row], bare=spot.bare)


def _is_next_row(dialect: Dialect, spot: Spot, name: re.Match[str]) -> bool:
    """Lines name their row, so that there only the last text of a row can go on as another."""
    goes_on = name[0].startswith("rest") and dialect.name.startswith(("print_r", "records"))
    if not spot.bare or not (goes_on or spot.field == KEYS[-1]):
        return False
    return not dialect.numbered or (name[1] == str(spot.calls) and spot.at == spot.calls - 1)


def _with_next_row(spot: Spot, name: re.Match[str], text: str, own: str = "x") -> php.Tree:
    rows = [call(at) for at in range(spot.calls)]
    behind = {key: rows[spot.at][key] for key in spot.after}
    first = {**rows[spot.at], spot.field: own, **spot.after}
    following = {**spot.before, spot.field: "y", **behind}
    return response([*rows[: spot.at], first, following, *rows[spot.at + 1 :]], bare=True)


def _is_next_row_of_lines(dialect: Dialect, spot: Spot, name: re.Match[str]) -> bool:
    is_last = spot.at == spot.calls - 1 and spot.field == KEYS[-1]
    return spot.bare and is_last and dialect in LINES and dialect.numbered


def _behind_a_line(spot: Spot, name: re.Match[str], text: str) -> php.Tree:
    return _with_next_row(spot, name, text, "\n".join(text.split("\n")[:2]))


IMPOSSIBLE = (
    Impossible(
        "an unknown field behind the documented ones, in a call that no other can be held against",
        re.compile(
            r"(?:rest, |last, )?"
            r"(unknown( as a list| as an object)?|(?:an envelope|a payload) in the row)"
        ),
        _is_behind_only_call,
        _with_unknown,
    ),
    Impossible(
        "one more whole call where nothing counts the calls, and numbers go on or there are none",
        re.compile(r"(?:rest, |last, )?row (.+), full"),
        _is_next_row,
        _with_next_row,
    ),
    Impossible(
        "likewise; a line of an envelope is text where there is none",
        re.compile(r"(?:rest, |last, )?an error and a row beside"),
        _is_next_row_of_lines,
        _behind_a_line,
    ),
)


def impossible(dialect: Dialect, spot: Spot, name: str, text: str) -> php.Tree | None:
    """The honest response that has the very bytes of an imitation; None if there is none."""
    if dialect not in PRINT_R and dialect not in LINES:
        return None
    for each in IMPOSSIBLE:
        found = each.name.fullmatch(name)
        if found and each.applies(dialect, spot, found):
            return each.twin(spot, found, text)
    return None


# The tests

# Those whose lines a text can imitate get all imitations, the others a share of them.
THOROUGH = {"print_r", "print_r-in-turn", "dotted", "records"}
SHARE = 61
SPOTS = [
    Spot(bare, calls, at, key)
    for bare in (False, True)
    for calls, at in ((1, 0), (3, 0), (3, 1), (3, 2))
    for key in ("city", "utmTerm", "stateDescription")
]
ALL = [dialect for family in FAMILIES.values() for dialect in family]


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ALL, ids=[dialect.name for dialect in ALL])
def test_what_no_text_imitates_is_read(dialect: Dialect) -> None:
    for spot in SPOTS:
        if spot.bare or not dialect.bare_only:
            assert verdict(dialect, spot.original("x y")) is Verdict.SAME


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ALL, ids=[dialect.name for dialect in ALL])
def test_an_imitation_is_text_or_refused(dialect: Dialect) -> None:
    turn = count()
    step = 1 if dialect.name in THOROUGH else SHARE
    for spot in SPOTS:
        if dialect.bare_only and not spot.bare:
            continue
        for name, text in imitations(dialect, spot):
            if next(turn) % step:
                continue
            original = spot.original(text)
            twin = impossible(dialect, spot, name, text)
            if twin is None:
                assert verdict(dialect, original) in (Verdict.SAME, Verdict.REFUSED), (spot, name)
            else:
                assert is_honest(twin), (spot, name)
                assert dialect.write(twin) == dialect.write(original), (spot, name)


def _rows(random: Random, spot: Spot) -> dict[Any, Any]:
    """A row that goes on behind a text, and rows that follow it; a mark in the last of them."""
    rest = list(spot.after)
    own = random.choice([rest, rest[:1], rest[-1:], [], []]) + _some_keys(random)
    rows: dict[Any, Any] = {spot.at: {spot.field: _FROM, **{key: f"{key} 7" for key in own}}}
    for _ in range(random.choice([0, 0, 1, 1, 2])):
        number = random.choice([spot.at + 1, spot.calls, spot.at, 0, 1, 2, 3, 9, "x"])
        keys = random.choice([KEYS, list(spot.before), [], ["callId"]])
        others = dict.fromkeys(_some_keys(random), "5")
        cells = {key: call(8)[key] for key in keys} | others
        rows[f"{_AGAIN}{number}" if number in rows else number] = cells or "text"
    last = rows[next(reversed(rows))]
    if isinstance(last, dict):
        last[random.choice([spot.field, spot.field, "unknown", "callId", "tagsId"])] = _TO
    return rows


def _some_keys(random: Random) -> list[str]:
    number = random.choice([0, 0, 0, 1, 2])
    return [random.choice([*KEYS, "unknown", "unknown"]) for _ in range(number)]


def _cut_by_chance(random: Random, dialect: Dialect, spot: Spot) -> str:
    """A text that imitates structure with the right syntax."""
    beside = random.choice(list(_siblings(spot)))[1] if random.randrange(4) == 0 else {}
    text = cut(dialect, _with_payload(spot, _rows(random, spot), beside))
    return text + random.choice(["y", "y", ""])


@cache
def _pieces(dialect: Dialect, bare: bool) -> list[str]:
    """What bodies of a dialect consist of."""
    tree = response([call(0), call(1)], bare=bare)
    body = dialect.inner(tree if bare else {**tree, "unknown": {"z": "y"}})
    return sorted(set(re.findall(dialect.piece, body)))


def _row_in_quotes(random: Random, dialect: Dialect, spot: Spot) -> str:
    """The rest of a row and the front of the next, between quotes that may end a cell."""
    rows = {spot.at: {spot.field: _FROM, **spot.after}, spot.at + 1: dict(spot.before)}
    for _ in range(random.choice([0, 0, 0, 1])):
        rows[spot.at + 1][random.choice(["callId", "unknown", "city"])] = random.choice(
            ["5", "", '"']
        )
    rows[spot.at + 1][spot.field] = _TO
    text = cut(dialect, _with_payload(spot, rows))
    if random.randrange(4):
        text = text.replace('"', "")  # inside of a quoted cell quotes are doubled
    return f"{random.choice(QUOTES)}{text}{random.choice(QUOTES)}"


QUOTES = ["", '"', '""', '\\"', '\\""', '"\\"', '\\\\"', '\\"\\"', "\\"]
WORDS = ["x", "5", "-", " ", "y\n", '"', "\\", '\\"']


LEFT_OUT = ["tagsId", "utmSource", "campaignName", "stateDescription"]


def hostile_text(random: Random, dialect: Dialect, spot: Spot) -> str:
    text = "x"
    for _ in range(random.choice([1, 1, 2, 4])):
        if dialect in CSV:
            quoted = _row_in_quotes(random, dialect, spot)
            text += random.choice([quoted, random.choice(QUOTES), ""])
        match random.randrange(5):
            case 0 | 1:
                text += _cut_by_chance(random, dialect, spot)
            case 2:
                text += random.choice(_pieces(dialect, spot.bare))
            case 3:
                text += random.choice(FIXED)
            case _:
                text += random.choice(WORDS)
    return text


def hostile_response(random: Random, family: Sequence[Dialect]) -> tuple[Dialect, php.Tree]:
    """Calls with the same fields, perhaps all but one of the documented ones; strangers' texts in
    some of them, perhaps one text in all calls; perhaps more calls counted than shown."""
    dialect = random.choice(family)
    bare = dialect.bare_only or random.randrange(2) == 0
    calls = random.choice([1, 2, 3])
    rows = [call(at) for at in range(calls)]
    for _ in range(random.choice([1, 1, 2, 3])):
        spot = Spot(bare, calls, random.randrange(calls), random.choice(TEXTS))
        text = hostile_text(random, dialect, spot)
        for row in rows if random.randrange(6) == 0 else [rows[spot.at]]:
            row[spot.field] = text
    missing = random.choice([None, None, None, *LEFT_OUT])
    rows = [{key: cell for key, cell in row.items() if key != missing} for row in rows]
    original = response(rows, bare=bare)
    if not bare and random.randrange(4) == 0:
        original["inbound"]["totalLength"] = MORE
    return dialect, original


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
@given(random=st.randoms(use_true_random=False))
def test_hostile_texts_are_text_or_refused(family: str, random: Random) -> None:
    dialect, original = hostile_response(random, FAMILIES[family])
    found = verdict(dialect, original)
    event(f"{family} {found.name}")
    assert found is not Verdict.MISREAD, (dialect.name, original)
