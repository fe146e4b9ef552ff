"""Bodies with exactly one known defect, and the path at which reading must fail."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from ckct_formats._errors import Path
from ckct_formats._format import Format
from ckct_formats._model import Call, Response
from ckct_formats._parse import format_of_name
from ckct_formats.testing import _writers as php
from ckct_formats.testing._dialects import csv_body, standard_table, tree_of
from ckct_formats.testing._strategies import ALL_FORMATS, simple_responses

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Malformed:
    """A body that must be refused.

    Attributes:
        body: The body.
        format: What it is to be read as.
        defect: The name of what is wrong with it.
        path: Where, as in `ParseError.path`.
    """

    body: bytes
    format: Format
    defect: str
    path: Path


def malformed_bodies(fmt: Format | str) -> st.SearchStrategy[Malformed]:
    """Bodies of one format that `parse(body, fmt)` must refuse with `ParseError` at that path.

    Raises:
        UnknownFormatError: `fmt` is none of the four.
    """
    return _drawn(format_of_name(fmt))


@st.composite
def _drawn(draw: st.DrawFn, fmt: Format) -> Malformed:
    defects = [(name, spoil) for name, formats, spoil in _DEFECTS if fmt in formats]
    # As in `bodies`, an integer, so that all of them are drawn.
    defect, spoil = defects[draw(st.integers(0, len(defects) - 1))]
    response = draw(simple_responses())
    row = draw(st.integers(0, len(response.payload) - 1))
    body, path = spoil(_Page(fmt, response, row))
    return Malformed(body, fmt, defect, path)


# Stands for bytes that no writer writes; no drawn text holds it.
_MARK = "~"

_WRITERS: dict[Format, php.Write] = {
    Format.JSON: php.to_json,
    Format.XML: php.xml_items(),
    Format.PLAIN: php.print_r,
}


@dataclass
class _Page:
    """A response whose rows, or one of them, get a defect."""

    fmt: Format
    response: Response[Call]
    row: int

    @cached_property
    def rows(self) -> list[Row]:
        return php.rows_of(tree_of(self.response))

    @property
    def tree(self) -> php.Tree:
        return php.with_rows(tree_of(self.response), self.rows)

    def body(self, mark: bytes = b"") -> bytes:
        """The body with the rows as they are now, and these bytes in place of the mark."""
        if self.fmt is Format.CSV:
            body = csv_body(lambda _: standard_table(self.rows))(self.response)
        else:
            body = _WRITERS[self.fmt](self.tree).encode()
        return body.replace(_MARK.encode(), mark)


Spoil = Callable[[_Page], tuple[bytes, Path]]


def _value(key: str, cell: php.Tree, *below: int, mark: bytes = b"") -> Spoil:
    """A cell that its field cannot hold."""

    def spoil(page: _Page) -> tuple[bytes, Path]:
        page.rows[page.row][key] = cell
        return page.body(mark), ("payload", page.row, key, *below)

    return spoil


def _without_ids(page: _Page) -> tuple[bytes, Path]:
    """In none of the rows: rows with different keys would be another defect."""
    for row in page.rows:
        del row["callId"]
    return page.body(), ("payload", 0, "callId")


def _words_for_count(page: _Page) -> tuple[bytes, Path]:
    path = ("inbound", "pageLength")
    if page.fmt is Format.CSV:
        page.response = Response(payload=page.response.payload)
        return b"# inbound.pageLength: thousand\r\n" + page.body(), path
    tree = {"inbound": {"pageLength": "thousand"}, "payload": page.rows}
    return _WRITERS[page.fmt](tree).encode(), path


def _bad_byte(page: _Page) -> tuple[bytes, Path]:
    """A byte that UTF-8 never has."""
    body = page.body()
    middle = len(body) // 2
    return body[:middle] + b"\xff" + body[middle:], ()


def _cut_off(page: _Page) -> tuple[bytes, Path]:
    body = page.body()
    return body[: len(body) // 2], ()


def _instead(body: bytes) -> Spoil:
    """What a failing server sends in place of a body."""
    return lambda page: (body, ())


def _repeated_key(page: _Page) -> tuple[bytes, Path]:
    page.rows[page.row] = {f"callId{_MARK}": 1, **page.rows[page.row]}
    if page.fmt is Format.PLAIN:  # in print_r it would make the row unlike the others as well
        body = php.var_export(page.tree).replace(_MARK, "").encode()
    else:
        body = page.body()
    return body, ("payload", page.row, "callId")


def _repeated_column(page: _Page) -> tuple[bytes, Path]:
    page.rows[:] = [{f"callId{_MARK}": 1, **row} for row in page.rows]
    return page.body(), ()


def _ragged(changed: Callable[[Row], Row]) -> Spoil:
    """A row whose width is not that of the header."""

    def spoil(page: _Page) -> tuple[bytes, Path]:
        def write(rows: list[Row]) -> str:
            lines = standard_table(rows).split("\r\n")  # no drawn text has line breaks
            lines[page.row + 1] = standard_table([changed(rows[page.row])]).split("\r\n")[1]
            return "\r\n".join(lines)

        return csv_body(write)(page.response), ("payload", page.row)

    return spoil


def _document_type(page: _Page) -> tuple[bytes, Path]:
    return page.body().replace(b"<response>", b"<!DOCTYPE response><response>", 1), ()


def _text(text: bytes) -> Spoil:
    """A text with bytes that no text can hold."""
    return _value("city", _MARK, mark=text)


def _ill_formed(text: bytes) -> Spoil:
    """A text after which the rest of the body cannot be read: so it has no path."""
    return lambda page: (_text(text)(page)[0], ())


_JSON, _XML, _CSV, _PLAIN = Format
_DEFECTS: list[tuple[str, Collection[Format], Spoil]] = [
    ("letters-in-integer", ALL_FORMATS, _value("duration", "12a")),
    ("fraction-for-integer", ALL_FORMATS, _value("campaignId", "1.5")),
    ("integer-too-long", ALL_FORMATS, _value("callId", "1" * 19)),
    ("impossible-date", ALL_FORMATS, _value("timeStart", "2019-02-30 10:00:00")),
    ("letters-in-list", ALL_FORMATS, _value("tagsId", [1, "x"], 1)),
    ("required-field-absent", ALL_FORMATS, _without_ids),
    ("words-for-count", ALL_FORMATS, _words_for_count),
    ("bad-byte", ALL_FORMATS, _bad_byte),
    ("empty-body", ALL_FORMATS, _instead(b"")),
    (
        "error-page",
        ALL_FORMATS,
        _instead(b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"),
    ),
    ("php-message", ALL_FORMATS, _instead(b"PHP Fatal error: Out of memory in x.php on line 3")),
    ("cut-off", (_JSON, _XML, _PLAIN), _cut_off),
    ("repeated-key", (_JSON, _XML, _PLAIN), _repeated_key),
    ("repeated-column", (_CSV,), _repeated_column),
    ("wide-row", (_CSV,), _ragged(lambda row: {**row, _MARK: "one cell too many"})),
    ("narrow-row", (_CSV,), _ragged(lambda row: dict(list(row.items())[:5]))),
    ("document-type", (_XML,), _document_type),
    ("nul", (_JSON,), _text(rb"\u0000")),
    ("nul", (_CSV, _PLAIN), _text(b"\0")),
    ("lone-surrogate", (_JSON,), _text(rb"\ud800")),
    ("bad-escape", (_JSON,), _ill_formed(rb"\x")),
    ("bare-ampersand", (_XML,), _ill_formed(b"a & b")),
    ("control-character", (_XML,), _ill_formed(b"\1")),
    ("open-quote", (_CSV,), _ill_formed(b'"')),
]
