"""Texts that imitate the structure around them are read as texts, or refused.

UTM tags are written by strangers. Responses are written by PHP-like writers that know nothing of
the library, and read back: every field of every call, the number of calls and the envelope must be
the same, or reading must fail. A text that imitates is cut out of another body of the same
dialect, from the end of one of its texts to the beginning of another; so its syntax, indentation
and all, is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, make_dataclass
from enum import Enum, auto
from functools import cache, partial
from typing import Any, NamedTuple

import php_writers as php
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from ckct_formats import Format, ParseError, Response, parse

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
        lossy: What the dialect itself makes of a text.
    """

    name: str
    write: php.Write
    inner: php.Write
    piece: str
    format: Format = Format.PLAIN
    numbered: bool = True
    bare_only: bool = False
    lossy: Callable[[str], str] = str


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
    return lambda tree: write(php.row_objects(tree))


def _all_objects(write: php.Write) -> php.Write:
    return lambda tree: write(php.all_objects(tree))


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
LINES = [
    *(
        _dialect(name, partial(php.path_lines, join=join, separator=separator), LINE)
        for name, join, separator in (
            ("dotted", php.dotted, ": "),
            ("dotted-equals", php.dotted, " = "),
            ("dotted-tight", php.dotted, "="),
            ("bracketed", php.bracketed, " = "),
            ("bracketed-colon", php.bracketed, ": "),
        )
    ),
    *(
        _dialect(name, partial(php.records, separator=separator), LINE, numbered=False)
        for name, separator in (
            ("records", ": "),
            ("records-equals", " = "),
            ("records-tight", "="),
        )
    ),
]
_TABLES: dict[str, Callable[[str], php.Write]] = {
    "fputcsv": lambda mark: php.php_table(mark, "\\"),
    "fputcsv-no-escape": lambda mark: php.php_table(mark, ""),
    "rfc-4180": php.standard_table,
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
        ("xml-repeated", php.xml_repeated, {}),
        ("xml-attributes", php.xml_attributes, {}),
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
    body = dialect.write(original).encode()
    try:
        read = parse(body, dialect.format)
    except ParseError:
        return Verdict.REFUSED
    if read == expected(dialect, original):
        return Verdict.SAME
    other = honest_reading(dialect, body, original)
    if other is not None and dialect.write(other).encode() == body:
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
# Each cell as it stands in the body: blanks are not None here.
Cells = make_dataclass(
    "Cells",
    [
        (
            f"cell_{key}",
            tuple[int, ...] if key == "tagsId" else str,
            field(default=() if key == "tagsId" else _ABSENT, metadata={"wire": key}),
        )
        for key in KEYS
    ]
    + [("extra", dict[str, str], field(default_factory=dict))],
)


def honest_reading(dialect: Dialect, body: bytes, original: php.Tree) -> php.Tree | None:
    """The response that a body was read as, cell by cell; None if it is not honest."""
    try:
        read = parse(body, dialect.format, record_type=Cells)
    except ParseError:
        return None
    rows = []
    for record in read.payload:
        cells = {key: getattr(record, f"cell_{key}") for key in KEYS}
        rows.append({**cells, "tagsId": list(cells["tagsId"]), **record.extra})
    other = php.with_rows(original, rows)
    return other if is_honest(other) else None


def is_honest(tree: php.Tree) -> bool:
    """Whether a server would send it: all calls have the documented fields in order, and behind
    them the same unknown ones; the envelope counts them."""
    rows = php.rows_of(tree)
    keys = list(rows[0]) if rows else []
    if keys[: len(KEYS)] != KEYS or any(list(row) != keys for row in rows):
        return False
    if any(_ABSENT in row.values() for row in rows):
        return False
    return not php.is_enveloped(tree) or tree["inbound"]["totalLength"] == len(rows)


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
    for name, rest in (("", {}), ("rest, ", spot.after)):
        row = {spot.field: _FROM, **rest}
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
    error = {"inbound": {"error": "failed"}}
    yield "an error beside", {"inbound": {"error": _TO}}
    yield "an error and a key beside", {**error, "unknown": _TO}
    yield "an error and a row beside", {**error, spot.calls: {**spot.before, spot.field: _TO}}
    yield "an error and a payload beside", {**error, _TWIN: [{"callId": 5, spot.field: _TO}]}
    yield "params beside", {"inbound": {"requestedParams": {"z": _TO}}}
    yield "types beside", {"info": {"types": ["json", _TO]}}


def _with_payload(spot: Spot, rows: php.Tree, beside: dict[Any, Any] | None = None) -> php.Tree:
    if spot.bare:
        return {**rows, **(beside or {})}
    return {"payload": rows, **(beside or {})}


FIXED = (
    ["\n", "\n\n", "x\n", "x\n\n", "\nx", "x\n\ny", "\r", "x\r", "x\r\n", "\r\n\r\nx", "\n\rx", " x "]
    + ["Array", "Array\n(\n", ")", "\n)", "\n)\n", "\n)\n\nArray\n(\n    [callId] => 5"]
    + ["<br />", "<br />\n", "a<br />\nb", "<br>", "</pre>", "<pre>x</pre>", "</pre>\n<pre>"]
    + ["&lt;b&gt;", "=&gt;", "a =&gt; b", "&quot;", "a&quot;b", "&#039;", "&amp;quot;", "&nbsp;"]
    + ["'", "\\", "\\\\", "\\'", "'x", "x\\", "' . \"\\0\" . '", "NULL", '"', '";', '";s:1:"a'] 
    + [":1", '":1,"x":"', '\\",\\"x', "\\u0022,", "=> ", "= ", ": ", " x\ncallId= 5\nsite= y"]
    + ["]]>", "]]", "]", "a]]", "]]>\n", "]]>]]>", "<![CDATA[", "<!--", "-->", "<?php ?>", "<0>"]
    + ["</utmTerm><duration>9</duration><utmTerm>", "]]></utmTerm><z>9</z><utmTerm><![CDATA["]
    + ['" z="1', "<item/>", "</item><item>", "&#10;", "<!DOCTYPE a>", "#", "# inbound.error: x"]
    + ["\n# inbound.error: x", "\n# payload: []", "sep=;\n", "\n\npayload\ncallId\n5", "[1]", "{}"]
    + ["\ufeff", "\x85", "\u2028", "\u2028payload.0.z: 1", "\n    ", "\n        )", "\t", "-\n"]
)  # fmt: skip


def imitations(dialect: Dialect, spot: Spot) -> Iterator[tuple[str, str]]:
    for text in FIXED:
        yield repr(text), text
    for name, tree in trees(spot):
        between = cut(dialect, tree)
        yield name, f"x{between}y"
        if dialect in CSV:
            mark = '"' if spot.at % 2 else '\\"'
            yield f"{name}, quoted", f"x{mark}{between}{mark}y"
            yield f"{name}, half quoted", f'x{mark}{between}"'
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


# Bytes that no reader can tell from those of an honest response, and why.


def twin(dialect: Dialect, spot: Spot, name: str) -> php.Tree | None:
    """The honest response that has the very bytes of an imitation; None if there is none."""
    rows = [call(at) for at in range(spot.calls)]
    own = rows[spot.at]
    is_last = spot.field == KEYS[-1]
    if dialect.name.startswith(("print_r", "dotted", "bracketed", "records")):
        pass
    return None
