"""What PHP code writes for a nested array, written without the library: one function per way.

A response is a tree of dicts, lists, texts, integers and None, as PHP holds it. `Obj` is a dict
that PHP holds as a stdClass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import count
from typing import Any

Tree = Any
Write = Callable[[Tree], str]


class Obj(dict[str, Any]):
    """A stdClass."""


def is_enveloped(response: Tree) -> bool:
    return isinstance(response, dict) and "payload" in response


def rows_of(response: Tree) -> list[dict[str, Any]]:
    rows = response["payload"] if is_enveloped(response) else response
    return list(rows.values()) if isinstance(rows, dict) else rows


def envelope_of(response: Tree) -> dict[str, Any]:
    if not is_enveloped(response):
        return {}
    return {key: part for key, part in response.items() if key != "payload"}


def with_rows(response: Tree, rows: Sequence[Tree]) -> Tree:
    """The response with other rows, under the same keys if they have any."""
    if is_enveloped(response):
        return {**response, "payload": with_rows(response["payload"], rows)}
    if isinstance(response, dict):
        return dict(zip(response, rows, strict=True))
    return list(rows)


def cells_of(row: Tree) -> dict[Any, Any]:
    """The cells of a row, which may be a mere text."""
    return dict(members(row)) if isinstance(row, dict | list) else {"value": row}


def members(tree: Tree) -> list[tuple[Any, Tree]]:
    return list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree))


def text_of(cell: Tree) -> str:
    """A scalar as PHP casts it to a string."""
    if isinstance(cell, bool):
        return "1" if cell else ""
    return "" if cell is None else str(cell)


# print_r, and web pages around a dump


def print_r(tree: Tree, depth: int = 0) -> str:
    if not isinstance(tree, dict | list):
        return text_of(tree)
    indent = " " * 8 * depth
    kind = "stdClass Object" if isinstance(tree, Obj) else "Array"
    entries = "".join(
        f"{indent}    [{key}] => {print_r(member, depth + 1)}\n" for key, member in members(tree)
    )
    return f"{kind}\n{indent}(\n{entries}{indent})\n"


def print_r_in_turn(response: Tree) -> str:
    """Each row by a print_r of its own."""
    return "".join(map(print_r, rows_of(response)))


def in_pre(write: Write) -> Write:
    return lambda tree: f"<pre>{write(tree)}</pre>\n"


def escaped(write: Write) -> Write:
    """By htmlspecialchars."""
    return lambda tree: escape(write(tree)).replace("&#x27;", "&#039;")


def broken(write: Write) -> Write:
    """By nl2br."""
    return lambda tree: re.sub(r"\r\n|\n\r|\n|\r", r"<br />\g<0>", write(tree))


# var_export, var_dump, serialize


def var_export(tree: Tree, depth: int = 0) -> str:
    if isinstance(tree, str):
        return "'" + tree.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if not isinstance(tree, dict | list):
        return "NULL" if tree is None else str(tree).lower()
    opening, margin = ("(object) array(", 3) if isinstance(tree, Obj) else ("array (", 2)
    indent = "  " * depth
    entries = ""
    for key, member in members(tree):
        before = f"\n{indent}  " if isinstance(member, dict | list) else ""
        value = before + var_export(member, depth + 1)
        entries += f"{indent}{' ' * margin}{var_export(key)} => {value},\n"
    return f"{opening}\n{entries}{indent})"


def var_dump(tree: Tree) -> str:
    return _dumped(tree, "", count(1))


def _dumped(tree: Tree, indent: str, numbers: Iterator[int]) -> str:
    if not isinstance(tree, dict | list):
        return f"{indent}{_dumped_scalar(tree)}\n"
    kind = f"object(stdClass)#{next(numbers)} " if isinstance(tree, Obj) else "array"
    text = f"{indent}{kind}({len(tree)}) {{\n"
    for key, member in members(tree):
        name = f'"{key}"' if isinstance(key, str) else key
        text += f"{indent}  [{name}]=>\n{_dumped(member, indent + '  ', numbers)}"
    return f"{text}{indent}}}\n"


def _dumped_scalar(cell: Tree) -> str:
    if isinstance(cell, str):
        return f'string({len(cell.encode())}) "{cell}"'
    if cell is None:
        return "NULL"
    return f"bool({str(cell).lower()})" if isinstance(cell, bool) else f"int({cell})"


def serialize(tree: Tree) -> str:
    if isinstance(tree, dict | list):
        entries = "".join(f"{serialize(key)}{serialize(member)}" for key, member in members(tree))
        kind = 'O:8:"stdClass"' if isinstance(tree, Obj) else "a"
        return f"{kind}:{len(tree)}:{{{entries}}}"
    if isinstance(tree, str):
        return f's:{len(tree.encode())}:"{tree}";'
    if tree is None:
        return "N;"
    return f"b:{int(tree)};" if isinstance(tree, bool) else f"i:{tree};"


# Lines


def bracketed(path: Sequence[str]) -> str:
    first, *rest = path
    return (f"[{first}]" if first.isdecimal() else first) + "".join(f"[{step}]" for step in rest)


def leaves(tree: Tree, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Tree]]:
    for key, member in members(tree):
        if isinstance(member, dict | list):
            yield from leaves(member, (*path, str(key)))
        else:
            yield (*path, str(key)), member


def path_lines(tree: Tree, join: Callable[[Sequence[str]], str], separator: str) -> str:
    """A line for each scalar."""
    return "".join(f"{join(path)}{separator}{text_of(cell)}\n" for path, cell in leaves(tree))


def records(response: Tree, separator: str) -> str:
    """Each row as lines of a key and a value; a list is joined with commas."""
    envelope = envelope_of(response)
    blocks = [path_lines(envelope, ".".join, separator)] if envelope else []
    for row in map(cells_of, rows_of(response)):
        lines = [f"{key}{separator}{joined(cell)}\n" for key, cell in row.items()]
        blocks.append("".join(lines))
    return "\n".join(blocks)


def joined(cell: Tree) -> str:
    if isinstance(cell, dict | list):
        return ",".join(joined(member) for _, member in members(cell))
    return text_of(cell)


# Tables


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def rfc_4180(cells: Sequence[str], delimiter: str) -> str:
    return delimiter.join(
        quoted(cell) if re.search(rf'["\r\n{delimiter}]', cell) else cell for cell in cells
    )


def fputcsv(cells: Sequence[str], delimiter: str, escape_char: str = "") -> str:
    """As php_fputcsv of php-src (ext/standard/file.c): a quote right after the escape character is
    not doubled."""
    triggers = {*delimiter, *escape_char, *'"\n\r\t '}
    texts = [quoted(cell) if triggers.intersection(cell) else cell for cell in cells]
    if escape_char:
        texts = [text.replace(f'{escape_char}""', f'{escape_char}"') for text in texts]
    return delimiter.join(texts)


def table(response: Tree, line: Callable[[Sequence[str]], str], end: str) -> str:
    """A header and the rows; lists are JSON."""
    rows = list(map(cells_of, rows_of(response)))
    lines = [list(map(text_of, rows[0])), *(list(map(csv_cell, row.values())) for row in rows)]
    return "".join(line(cells) + end for cells in lines)


def csv_cell(cell: Tree) -> str:
    return to_json(cell) if isinstance(cell, dict | list) else text_of(cell)


def flat(tree: Tree, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """The cells of an envelope by their paths; lists are JSON."""
    if isinstance(tree, dict):
        for key, member in tree.items():
            yield from flat(member, (*path, str(key)))
    else:
        yield ".".join(path), csv_cell(tree)


def sections(delimiter: str) -> Write:
    """By fputcsv: the name of each part of the envelope on a line, then its keys and values."""

    def write(response: Tree) -> str:
        text = ""
        for name, part in envelope_of(response).items():
            lines = [fputcsv(pair, delimiter) for pair in flat(part)]
            text += "".join(f"{line}\n" for line in [name, *lines, ""])
        rows = table(response, lambda cells: fputcsv(cells, delimiter), "\n")
        return f"{text}payload\n{rows}" if text else rows

    return write


def flat_table(delimiter: str) -> Write:
    """A whole response as one record, under a header of its paths."""

    def write(response: Tree) -> str:
        tree = response if is_enveloped(response) else {"payload": response}
        paths, cells = zip(*leaves(tree), strict=True)
        lines = list(map(".".join, paths)), list(map(text_of, cells))
        return "".join(f"{fputcsv(line, delimiter)}\n" for line in lines)

    return write


# XML and JSON


def markup(cell: Tree) -> str:
    return escape(text_of(cell), quote=False).replace("\r", "&#13;")


def cdata(cell: Tree) -> str:
    """As DOMDocument writes it: `]]>` is divided between two sections."""
    return "<![CDATA[" + text_of(cell).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def xml_items(
    text: Callable[[Tree], str] = markup,
    item: str = "item",
    *,
    root: str = "response",
    indent: str = "",
) -> Write:
    """Entries of a list are elements of one name, in which `%d` stands for the index."""

    def element(name: str, tree: Tree, line: str) -> str:
        if not isinstance(tree, dict | list):
            return f"{line}<{name}>{text(tree)}</{name}>"
        deeper = line and line + indent
        inner = "".join(
            element(key if isinstance(key, str) else item.replace("%d", str(key)), member, deeper)
            for key, member in members(tree)
        )
        return f"{line}<{name}>{inner}{line}</{name}>" if inner else f"{line}<{name}/>"

    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    line = "\n" if indent else ""
    return lambda response: f"{declaration}{element(root, response, line).lstrip()}\n"


def to_json(tree: Tree) -> str:
    """json_encode without flags."""
    return json.dumps(tree, separators=(",", ":")).replace("/", "\\/")
