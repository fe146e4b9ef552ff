"""Bodies with exactly one known defect, and the path at which reading must fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from ckct_formats._errors import Path, UnknownFormatError
from ckct_formats._format import Format
from ckct_formats._model import Call, Response
from ckct_formats.testing import _writers as php
from ckct_formats.testing._dialects import csv_body, tree_of
from ckct_formats.testing._strategies import simple_responses

Case = tuple[bytes, Path]
Break = Callable[[Format, Response[Call], int], Case]
Rows = list[dict[str, Any]]

# Stands for what writers do not write, until the body is made; no drawn text holds it.
_MARK = "~"


@dataclass(frozen=True, slots=True)
class Malformed:
    """A body that must be refused.

    Attributes:
        body: The body.
        format: The format it is to be read as.
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
    if fmt not in _DEFECTS:
        raise UnknownFormatError(fmt)
    return _drawn(Format(fmt))


@st.composite
def _drawn(draw: st.DrawFn, fmt: Format) -> Malformed:
    defects = list(_DEFECTS[fmt])
    # As in `bodies`, an integer, so that all of them are drawn.
    defect = defects[draw(st.integers(0, len(defects) - 1))]
    response = draw(simple_responses())
    row = draw(st.integers(0, len(response.payload) - 1))
    body, path = _DEFECTS[fmt][defect](fmt, response, row)
    return Malformed(body, fmt, defect, path)


def _rows(response: Response[Call]) -> Rows:
    return php.rows_of(tree_of(response))


def _table(rows: Rows) -> str:
    return php.table(rows, lambda cells: php.rfc_4180(cells, ","), "\r\n")


_WRITERS: dict[Format, php.Write] = {
    Format.JSON: php.to_json,
    Format.XML: php.xml_items(),
    Format.PLAIN: php.print_r,
}


def _body(fmt: Format, response: Response[Call], rows: Rows, mark: bytes = b"") -> bytes:
    """The body of a response with other rows, and with these bytes in place of the mark."""
    if fmt is Format.CSV:
        body = csv_body(lambda _: _table(rows))(response)
    else:
        body = _WRITERS[fmt](php.with_rows(tree_of(response), rows)).encode()
    return body.replace(_MARK.encode(), mark)


# Defects that every format can have


def _value(key: str, cell: php.Tree, *below: int, mark: bytes = b"") -> Break:
    """A cell that its field cannot hold."""

    def spoil(fmt: Format, response: Response[Call], row: int) -> Case:
        rows = _rows(response)
        rows[row][key] = cell
        return _body(fmt, response, rows, mark), ("payload", row, key, *below)

    return spoil


def _without_ids(fmt: Format, response: Response[Call], row: int) -> Case:
    """In none of the rows: rows with different keys would be another defect."""
    rows = _rows(response)
    for each in rows:
        del each["callId"]
    return _body(fmt, response, rows), ("payload", 0, "callId")


def _words_for_count(fmt: Format, response: Response[Call], row: int) -> Case:
    path = ("inbound", "pageLength")
    if fmt is Format.CSV:
        table = csv_body(_table)(Response(payload=response.payload))
        return b"# inbound.pageLength: thousand\r\n" + table, path
    tree = {"inbound": {"pageLength": "thousand"}, "payload": _rows(response)}
    return _WRITERS[fmt](tree).encode(), path


def _bad_byte(fmt: Format, response: Response[Call], row: int) -> Case:
    """A byte that UTF-8 never has."""
    body = _body(fmt, response, _rows(response))
    middle = len(body) // 2
    return body[:middle] + b"\xff" + body[middle:], ()


def _cut_off(fmt: Format, response: Response[Call], row: int) -> Case:
    body = _body(fmt, response, _rows(response))
    return body[: len(body) // 2], ()


def _instead(body: bytes) -> Break:
    """What a failing server sends in place of a body."""
    return lambda fmt, response, row: (body, ())


_COMMON: dict[str, Break] = {
    "letters-in-integer": _value("duration", "12a"),
    "fraction-for-integer": _value("campaignId", "1.5"),
    "integer-too-long": _value("callId", "1" * 19),
    "impossible-date": _value("timeStart", "2019-02-30 10:00:00"),
    "letters-in-list": _value("tagsId", [1, "x"], 1),
    "required-field-absent": _without_ids,
    "words-for-count": _words_for_count,
    "bad-byte": _bad_byte,
    "empty-body": _instead(b""),
    "error-page": _instead(b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"),
    "php-message": _instead(b"PHP Fatal error: Allowed memory size exhausted in x.php on line 3"),
}


# Defects of some formats


def _repeated_key(fmt: Format, response: Response[Call], row: int) -> Case:
    rows = _rows(response)
    rows[row] = {f"callId{_MARK}": 1, **rows[row]}
    path = ("payload", row, "callId")
    if fmt is not Format.PLAIN:
        return _body(fmt, response, rows), path
    # In print_r it would make the row unlike the others as well.
    text = php.var_export(php.with_rows(tree_of(response), rows))
    return text.replace(_MARK, "").encode(), path


def _repeated_column(fmt: Format, response: Response[Call], row: int) -> Case:
    rows = [{f"callId{_MARK}": 1, **each} for each in _rows(response)]
    return _body(fmt, response, rows), ()


def _ragged(changed: Callable[[dict[str, Any]], dict[str, Any]]) -> Break:
    """A row whose width is not that of the header."""

    def spoil(fmt: Format, response: Response[Call], row: int) -> Case:
        def write(rows: Rows) -> str:
            lines = _table(rows).split("\r\n")  # the texts that are drawn have no line breaks
            lines[row + 1] = _table([changed(rows[row])]).split("\r\n")[1]
            return "\r\n".join(lines)

        return csv_body(write)(response), ("payload", row)

    return spoil


def _wider(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, _MARK: "one cell too many"}


def _narrower(row: dict[str, Any]) -> dict[str, Any]:
    return dict(list(row.items())[:5])


def _document_type(fmt: Format, response: Response[Call], row: int) -> Case:
    body = _body(fmt, response, _rows(response))
    return body.replace(b"<response>", b"<!DOCTYPE response><response>", 1), ()


def _text(text: bytes) -> Break:
    """A text that is written as no text can be."""
    return _value("city", _MARK, mark=text)


def _ill_formed(text: bytes) -> Break:
    """Likewise, so that the rest of the body cannot be told from it."""
    return lambda fmt, response, row: (_text(text)(fmt, response, row)[0], ())


_DEFECTS: dict[Format, dict[str, Break]] = {
    Format.JSON: {
        **_COMMON,
        "cut-off": _cut_off,
        "repeated-key": _repeated_key,
        "nul": _text(rb"\u0000"),
        "lone-surrogate": _text(rb"\ud800"),
        "bad-escape": _ill_formed(rb"\x"),
    },
    Format.XML: {
        **_COMMON,
        "cut-off": _cut_off,
        "repeated-key": _repeated_key,
        "document-type": _document_type,
        "bare-ampersand": _ill_formed(b"a & b"),
        "control-character": _ill_formed(b"\1"),
    },
    Format.CSV: {
        **_COMMON,
        "wide-row": _ragged(_wider),
        "narrow-row": _ragged(_narrower),
        "repeated-column": _repeated_column,
        "nul": _text(b"\0"),
        "open-quote": _ill_formed(b'"'),
    },
    Format.PLAIN: {
        **_COMMON,
        "cut-off": _cut_off,
        "repeated-key": _repeated_key,
        "nul": _text(b"\0"),
    },
}
