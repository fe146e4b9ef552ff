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
from functools import partial
from typing import NamedTuple

from hypothesis import strategies as st

from ckct_formats._format import Format
from ckct_formats._model import Call, Response
from ckct_formats._parse import format_of_name, serialize
from ckct_formats.testing import _writers as php
from ckct_formats.testing._strategies import responses, simple_responses

Responses = st.SearchStrategy[Response[Call]]
WriteBody = Callable[[Response[Call]], bytes]


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
    return _drawn(DIALECTS[format_of_name(fmt)])


@st.composite
def _drawn(draw: st.DrawFn, dialects: Sequence[Dialect]) -> tuple[bytes, Response[Call]]:
    # Not sampled_from: hypothesis spreads integers more evenly over many dialects.
    dialect = dialects[draw(st.integers(0, len(dialects) - 1))]
    response = draw(dialect.responses)
    return dialect.write(response), response


def tree_of(response: Response[Call]) -> php.Tree:
    """The nested array of a response, whose rows all have the same keys."""
    tree = json.loads(serialize(response, Format.JSON))
    rows = php.rows_of(tree)
    keys = dict.fromkeys(key for row in rows for key in row)
    return php.with_rows(tree, [{key: row.get(key) for key in keys} for row in rows])


def _canonical(fmt: Format, carried: Responses) -> list[Dialect]:
    """Without a byte order mark, and with one."""
    return [
        Dialect(lambda response: serialize(response, fmt), carried),
        Dialect(lambda response: b"\xef\xbb\xbf" + serialize(response, fmt), carried),
    ]


def _of_trees(carried: Responses, *writes: php.Write) -> list[Dialect]:
    return [Dialect(partial(_written, write), carried) for write in writes]


def _written(write: php.Write, response: Response[Call]) -> bytes:
    return write(tree_of(response)).encode()


# json


def _pretty_json(tree: php.Tree) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=4)


def _json_of_texts(tree: php.Tree) -> str:
    """Numbers are written as texts."""
    return php.to_json(json.loads(json.dumps(tree), parse_int=str))


def _json_by_id(tree: php.Tree) -> str:
    """Rows are keyed by their identifiers."""
    rows = {str(row["callId"]): row for row in php.rows_of(tree)}
    return php.to_json({**tree, "payload": rows} if php.is_enveloped(tree) else rows)


def _with_ids_of_their_own(response: Response[Call]) -> Response[Call]:
    calls = {call.call_id: call for call in response.payload}
    return replace(response, payload=list(calls.values()))


_any_json = responses(frozenset({Format.JSON}))
_JSON = [
    *_canonical(Format.JSON, _any_json),
    *_of_trees(_any_json, php.to_json, _pretty_json, _json_of_texts),
    *_of_trees(_any_json.map(_with_ids_of_their_own), _json_by_id),
]


# xml


def _cdata(cell: php.Tree) -> str:
    """Not of a text with CR, which XML reads as LF in a CDATA section."""
    return php.markup(cell) if "\r" in php.text_of(cell) else php.cdata(cell)


def _windows_1251(response: Response[Call]) -> bytes:
    """With a declaration, and references to the characters that the encoding lacks."""
    text = php.xml_items()(tree_of(response)).replace("UTF-8", "windows-1251", 1)
    return text.encode("windows-1251", "xmlcharrefreplace")


def _has_no_repaired_names(response: Response[Call]) -> bool:
    """Whether no key looks like the repaired name of an element that began with a digit."""
    extras = [response.inbound.extra, *(call.extra for call in response.payload)]
    return not any(re.match("_[0-9]", key) for extra in extras for key in extra)


_any_xml = responses(frozenset({Format.XML}))
_XML = [
    *_canonical(Format.XML, _any_xml),
    *_of_trees(
        _any_xml,
        php.xml_items(indent="  "),
        php.xml_items(item="item%d", root="root"),
        php.xml_items(_cdata),
    ),
    Dialect(_windows_1251, _any_xml),
    *_of_trees(_any_xml.filter(_has_no_repaired_names), php.xml_items(item="%d")),
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


def standard_table(rows: php.Tree, delimiter: str = ",", end: str = "\r\n") -> str:
    return php.table(rows, lambda cells: php.rfc_4180(cells, delimiter), end)


def _all_quoted(rows: php.Tree) -> str:
    return php.table(rows, lambda cells: ",".join(map(php.quoted, cells)), "\r\n")


def _backwards(rows: php.Tree) -> str:
    """The documented columns in the reverse order."""
    known = [key for key in rows[0] if key in _CALL_KEYS]
    return standard_table([{**{key: row[key] for key in reversed(known)}, **row} for row in rows])


_CALL_KEYS = tree_of(Response(payload=[Call(1)]))[0].keys()


def _with_a_call(response: Response[Call]) -> Response[Call]:
    return response if response.payload else replace(response, payload=[Call(1)])


_any_csv = responses(frozenset({Format.CSV}))
_tables = _any_csv.map(_with_a_call)
_simple = simple_responses()
_CSV = [
    *_canonical(Format.CSV, _any_csv),
    *(Dialect(csv_body(partial(standard_table, delimiter=mark)), _tables) for mark in ",;\t|"),
    Dialect(csv_body(partial(standard_table, end="\n")), _tables),
    Dialect(csv_body(_all_quoted), _tables),
    Dialect(csv_body(partial(standard_table, delimiter=";"), "sep=;\r\n"), _tables),
    Dialect(csv_body(_backwards), _tables),
    *_of_trees(_simple, php.sections(";"), php.flat_table(",")),
]


# plain


def _rows_alone(response: Response[Call]) -> Response[Call]:
    return Response(payload=response.payload)


_any_plain = responses(frozenset({Format.PLAIN}))
# A page around a dump is known by tags and escapes, which a text may hold where a dump has none.
_without_tags = _any_plain.filter(lambda response: not re.search("<br|&gt;", repr(response)))
_PLAIN = [
    *_canonical(Format.PLAIN, _any_plain),
    *_of_trees(_any_json, php.var_export, php.var_dump, php.to_json),
    *_of_trees(_without_tags, php.serialize),
    *_of_trees(
        _simple,
        php.print_r,
        php.in_pre(php.print_r),
        php.in_pre(php.escaped(php.print_r)),
        php.broken(php.print_r),
        partial(php.path_lines, join=".".join, separator=": "),
        partial(php.path_lines, join=php.bracketed, separator=" = "),
        partial(php.records, separator=": "),
        partial(php.records, separator=" = "),
        php.sections(","),
        php.flat_table(";"),
    ),
    *_of_trees(_simple.map(_rows_alone), php.print_r_in_turn),
    Dialect(csv_body(standard_table), _simple),
]

DIALECTS = {Format.JSON: _JSON, Format.XML: _XML, Format.CSV: _CSV, Format.PLAIN: _PLAIN}
