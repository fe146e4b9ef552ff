"""What PHP code writes for a nested array, written without the library: one function per way.

Most of them stand in `ckct_formats.testing._writers`; here is what the tests alone need.
"""

from __future__ import annotations

import re
from html import escape

from ckct_formats.testing._writers import (
    Obj,
    Tree,
    Write,
    bracketed,
    broken,
    cdata,
    cells_of,
    csv_cell,
    dotted,
    envelope_of,
    escaped,
    flat,
    fputcsv,
    in_pre,
    is_enveloped,
    joined,
    markup,
    path_lines,
    print_r,
    print_r_in_turn,
    records,
    rfc_4180,
    rows_of,
    sections,
    serialize,
    table,
    text_of,
    to_json,
    var_dump,
    var_export,
    with_rows,
    xml_items,
)

__all__ = [
    "Tree",
    "Write",
    "all_objects",
    "bracketed",
    "broken",
    "cdata",
    "dotted",
    "escaped",
    "in_pre",
    "is_enveloped",
    "path_lines",
    "php_table",
    "print_r",
    "print_r_in_turn",
    "records",
    "row_objects",
    "rows_of",
    "sections",
    "serialize",
    "standard_table",
    "to_json",
    "var_dump",
    "var_export",
    "with_rows",
    "xml_attributes",
    "xml_items",
    "xml_repeated",
]


def row_objects(response: Tree) -> Tree:
    """The response with its rows as objects."""
    return with_rows(
        response, [Obj(row) if isinstance(row, dict) else row for row in rows_of(response)]
    )


def all_objects(tree: Tree) -> Tree:
    """The tree as json_decode gives it: all but lists are objects."""
    if isinstance(tree, dict):
        return Obj({key: all_objects(member) for key, member in tree.items()})
    return [all_objects(member) for member in tree] if isinstance(tree, list) else tree


def comments(response: Tree, end: str) -> str:
    """The envelope as comment lines in front of a table."""
    cells = flat(envelope_of(response), ())
    return "".join(f"# {path}: {csv_cell(cell)}{end}" for path, cell in cells)


def php_table(delimiter: str, escape_char: str) -> Write:
    """By fputcsv, under comment lines if there is an envelope."""

    def write(response: Tree) -> str:
        rows = table(response, lambda cells: fputcsv(cells, delimiter, escape_char), "\n")
        return comments(response, "\n") + rows

    return write


def standard_table(delimiter: str) -> Write:
    """By RFC 4180, under comment lines if there is an envelope."""

    def write(response: Tree) -> str:
        rows = table(response, lambda cells: rfc_4180(cells, delimiter), "\r\n")
        return comments(response, "\r\n") + rows

    return write


def raw_cdata(cell: Tree) -> str:
    """As the snippets write it that put texts together."""
    return f"<![CDATA[{text_of(cell)}]]>"


def xml_repeated(response: Tree) -> str:
    """A list is its element repeated; rows are payload siblings."""
    top = response if is_enveloped(response) else {"payload": rows_of(response)}
    inner = "".join(_repeated(key, part) for key, part in top.items())
    return f'<?xml version="1.0"?>\n<response>{inner}</response>\n'


def _repeated(name: str, tree: Tree) -> str:
    if isinstance(tree, list):
        return "".join(_repeated(name, member) for member in tree)
    if not isinstance(tree, dict):
        return f"<{name}>{markup(tree)}</{name}>"
    inner = "".join(_repeated(key, member) for key, member in tree.items())
    return f"<{name}>{inner}</{name}>"


def xml_attributes(response: Tree) -> str:
    """Each row as attributes, its lists joined with commas."""
    attributes = [
        "".join(f' {key}="{_attribute(joined(cell))}"' for key, cell in row.items())
        for row in map(cells_of, rows_of(response))
    ]
    rows = "".join(f"<item{each}/>" for each in attributes)
    parts = "".join(_repeated(key, part) for key, part in envelope_of(response).items())
    payload = f"<payload>{rows}</payload>" if isinstance(response, dict) else rows
    return f"<response>{parts}{payload}</response>"


def _attribute(text: str) -> str:
    text = escape(text, quote=False).replace('"', "&quot;")
    return re.sub(r"[\t\n\r]", lambda char: f"&#{ord(char[0])};", text)
