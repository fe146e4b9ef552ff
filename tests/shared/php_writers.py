"""Ways of writing that `ckct_formats.testing` does not draw: some texts make them ambiguous."""

from __future__ import annotations

import re
from html import escape

from ckct_formats.testing._writers import (
    Obj,
    Tree,
    Write,
    cells_of,
    envelope_of,
    flat,
    fputcsv,
    is_enveloped,
    joined,
    markup,
    rfc_4180,
    rows_of,
    table,
    with_rows,
)


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


def null_for_empty(tree: Tree) -> Tree:
    """The tree with null in place of empty lists."""
    if isinstance(tree, dict):
        return {key: null_for_empty(member) for key, member in tree.items()} or None
    if isinstance(tree, list):
        return [null_for_empty(member) for member in tree] or None
    return tree


def php_table(delimiter: str, escape_char: str) -> Write:
    """By fputcsv, under comment lines if there is an envelope."""

    def write(response: Tree) -> str:
        rows = table(response, lambda cells: fputcsv(cells, delimiter, escape_char), "\n")
        return _comments(response, "\n") + rows

    return write


def standard_table(delimiter: str) -> Write:
    """By RFC 4180, under comment lines if there is an envelope."""

    def write(response: Tree) -> str:
        rows = table(response, lambda cells: rfc_4180(cells, delimiter), "\r\n")
        return _comments(response, "\r\n") + rows

    return write


def _comments(response: Tree, end: str) -> str:
    return "".join(f"# {path}: {cell}{end}" for path, cell in flat(envelope_of(response)))


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
