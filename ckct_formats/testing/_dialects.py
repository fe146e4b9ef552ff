"""Bodies in the dialects that PHP code writes, with the response that each must read as.

A dialect draws the responses that it can carry. Left out are dialects that some texts make
ambiguous or lossy whatever their alphabet (csv in PHP's own quotes, XML with lists as repeated
elements).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from hypothesis import strategies as st

from ckct_formats._errors import UnknownFormatError
from ckct_formats._format import Format
from ckct_formats._model import Call, Response
from ckct_formats._parse import serialize
from ckct_formats.testing import _writers as php
from ckct_formats.testing._strategies import responses, simple_responses

Responses = st.SearchStrategy[Response[Call]]
WriteBody = Callable[[Response[Call]], bytes]

_BOM = b"\xef\xbb\xbf"


class Dialect(NamedTuple):
    """A way of writing, and the responses that it can carry."""

    write: WriteBody
    responses: Responses


def bodies(fmt: Format | str) -> st.SearchStrategy[tuple[bytes, Response[Call]]]:
    """Valid bodies of one format, in its canonical dialect and in others, each with the response
    that `parse(body, fmt)` must give.

    Raises:
        UnknownFormatError: `fmt` is none of the four.
    """
    if fmt not in DIALECTS:
        raise UnknownFormatError(fmt)
    return _drawn(DIALECTS[Format(fmt)])


@st.composite
def _drawn(draw: st.DrawFn, dialects: Sequence[Dialect]) -> tuple[bytes, Response[Call]]:
    # An integer and no sampled_from: hypothesis spreads it more evenly over many dialects.
    dialect = dialects[draw(st.integers(0, len(dialects) - 1))]
    response = draw(dialect.responses)
    return dialect.write(response), response


def tree_of(response: Response[Call]) -> php.Tree:
    """The nested array of a response, whose rows all have the same keys."""
    tree = json.loads(serialize(response, Format.JSON))
    rows = php.rows_of(tree)
    keys = dict.fromkeys(key for row in rows for key in row)
    return php.with_rows(tree, [{key: row.get(key) for key in keys} for row in rows])


def _canonical(fmt: Format) -> WriteBody:
    return lambda response: serialize(response, fmt)


def _marked(write: WriteBody) -> WriteBody:
    """Behind a byte order mark."""
    return lambda response: _BOM + write(response)


def _of_tree(write: php.Write) -> WriteBody:
    return lambda response: write(tree_of(response)).encode()


# json


def _pretty_json(tree: php.Tree) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=4)


def _texts_only(tree: php.Tree) -> php.Tree:
    """The tree with its numbers as texts."""
    if isinstance(tree, dict):
        return {key: _texts_only(member) for key, member in tree.items()}
    if isinstance(tree, list):
        return [_texts_only(member) for member in tree]
    return str(tree) if isinstance(tree, int) else tree


def _keyed_by_id(tree: php.Tree) -> php.Tree:
    rows = {str(row["callId"]): row for row in php.rows_of(tree)}
    return {**tree, "payload": rows} if php.is_enveloped(tree) else rows


def _with_ids_of_their_own(response: Response[Call]) -> Response[Call]:
    calls = {call.call_id: call for call in response.payload}
    return replace(response, payload=list(calls.values()))


_any_json = responses(frozenset({Format.JSON}))
_JSON = [
    Dialect(_canonical(Format.JSON), _any_json),
    Dialect(_marked(_canonical(Format.JSON)), _any_json),
    Dialect(_of_tree(php.to_json), _any_json),
    Dialect(_of_tree(_pretty_json), _any_json),
    Dialect(_of_tree(lambda tree: php.to_json(_texts_only(tree))), _any_json),
    Dialect(
        _of_tree(lambda tree: php.to_json(_keyed_by_id(tree))),
        _any_json.map(_with_ids_of_their_own),
    ),
]


# xml


def _cdata(cell: php.Tree) -> str:
    """CDATA sections cannot hold CR: XML makes an LF of it."""
    return php.markup(cell) if "\r" in php.text_of(cell) else php.cdata(cell)


def _windows_1251(response: Response[Call]) -> bytes:
    """With a declaration, and references to the characters that the encoding lacks."""
    text = php.xml_items()(tree_of(response)).replace("UTF-8", "windows-1251", 1)
    return text.encode("windows-1251", "xmlcharrefreplace")


def _looks_repaired(response: Response[Call]) -> bool:
    """Whether a key looks like the repaired name of an element that began with a digit."""
    extras = [response.inbound.extra, *(call.extra for call in response.payload)]
    return any(re.match("_[0-9]", key) for extra in extras for key in extra)


_any_xml = responses(frozenset({Format.XML}))
_XML = [
    Dialect(_canonical(Format.XML), _any_xml),
    Dialect(_marked(_canonical(Format.XML)), _any_xml),
    Dialect(_of_tree(php.xml_items(indent="  ")), _any_xml),
    Dialect(_of_tree(php.xml_items(item="item%d", root="root")), _any_xml),
    Dialect(_of_tree(php.xml_items(_cdata)), _any_xml),
    Dialect(_windows_1251, _any_xml),
    Dialect(
        _of_tree(php.xml_items(item="%d")),
        _any_xml.filter(lambda response: not _looks_repaired(response)),
    ),
]


# csv


def csv_body(write: php.Write, before: str = "") -> WriteBody:
    """A table under the canonical comment lines of the envelope."""

    def write_body(response: Response[Call]) -> bytes:
        envelope = serialize(replace(response, payload=[]), Format.CSV)
        comments = envelope.removesuffix(b"# payload: []\r\n")
        table = write(php.rows_of(tree_of(response)))
        # Without this line a reader could take such quotes for PHP's own.
        quoting = "# quoting: doubled\n" if '\\"' in table else ""
        return comments + f"{quoting}{before}{table}".encode()

    return write_body


def _standard(delimiter: str, end: str = "\r\n") -> php.Write:
    return lambda rows: php.table(rows, lambda cells: php.rfc_4180(cells, delimiter), end)


def _all_quoted(rows: php.Tree) -> str:
    return php.table(rows, lambda cells: ",".join(map(_quoted, cells)), "\r\n")


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _backwards(rows: php.Tree) -> php.Tree:
    """The rows with their documented columns in the reverse order."""
    known = [key for key in rows[0] if key in _CALL_KEYS]
    return [{**{key: row[key] for key in reversed(known)}, **row} for row in rows]


_CALL_KEYS = tree_of(Response(payload=[Call(1)]))[0].keys()


def _with_a_call(response: Response[Call]) -> Response[Call]:
    return response if response.payload else replace(response, payload=[Call(1)])


_any_csv = responses(frozenset({Format.CSV}))
_tables = _any_csv.map(_with_a_call)
_CSV = [
    Dialect(_canonical(Format.CSV), _any_csv),
    Dialect(_marked(_canonical(Format.CSV)), _any_csv),
    *(Dialect(csv_body(_standard(mark)), _tables) for mark in ",;\t|"),
    Dialect(csv_body(_standard(",", "\n")), _tables),
    Dialect(csv_body(_all_quoted), _tables),
    Dialect(csv_body(_standard(";"), "sep=;\r\n"), _tables),
    Dialect(csv_body(lambda rows: _standard(",")(_backwards(rows))), _tables),
    Dialect(_of_tree(php.sections(";")), simple_responses()),
    Dialect(_of_tree(php.flat_table(",")), simple_responses()),
]


# plain


def _lines(join: Callable[..., str], separator: str) -> WriteBody:
    return _of_tree(lambda tree: php.path_lines(tree, join, separator))


def _records(separator: str) -> WriteBody:
    return _of_tree(lambda tree: php.records(tree, separator))


def _rows_alone(response: Response[Call]) -> Response[Call]:
    return Response(payload=response.payload)


_any_plain = responses(frozenset({Format.PLAIN}))
# A page around a dump is known by tags and escapes, which a text may hold where a dump has none.
_without_tags = _any_plain.filter(lambda response: not re.search("<br|&gt;", repr(response)))
_PLAIN = [
    Dialect(_canonical(Format.PLAIN), _any_plain),
    Dialect(_marked(_canonical(Format.PLAIN)), _any_plain),
    Dialect(_of_tree(php.var_export), _any_json),
    Dialect(_of_tree(php.var_dump), _any_json),
    Dialect(_of_tree(php.serialize), _without_tags),
    Dialect(_of_tree(php.to_json), _any_json),
    Dialect(_of_tree(php.print_r), simple_responses()),
    Dialect(_of_tree(php.in_pre(php.print_r)), simple_responses()),
    Dialect(_of_tree(php.in_pre(php.escaped(php.print_r))), simple_responses()),
    Dialect(_of_tree(php.broken(php.print_r)), simple_responses()),
    Dialect(_of_tree(php.print_r_in_turn), simple_responses().map(_rows_alone)),
    Dialect(_lines(php.dotted, ": "), simple_responses()),
    Dialect(_lines(php.bracketed, " = "), simple_responses()),
    Dialect(_records(": "), simple_responses()),
    Dialect(_records(" = "), simple_responses()),
    Dialect(csv_body(_standard(",")), simple_responses()),
    Dialect(_of_tree(php.sections(",")), simple_responses()),
    Dialect(_of_tree(php.flat_table(";")), simple_responses()),
]

DIALECTS = {Format.JSON: _JSON, Format.XML: _XML, Format.CSV: _CSV, Format.PLAIN: _PLAIN}
