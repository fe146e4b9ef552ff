"""The canonical CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ckct_formats._formats import envelope, json_text
from ckct_formats._formats.cells import ABSENT, Cell
from ckct_formats._formats.faults import Fault, exceeded
from ckct_formats._formats.table import Column, Constraints, RawResponse, Table
from ckct_formats._limits import DEFAULT_LIMITS

CONSTRAINTS = Constraints(
    bad_key=re.compile(r"^(?:inbound|info|payload\.[0-9]+)\."),
    bad_key_reason="a column of this name would be read as part of the envelope",
    absent_is_blank=True,
    lists_are_text=True,
)

_WORD = re.compile(r"[\w-]+")
_NO_PLAIN_VALUE = re.compile(r'^[\s\[{"]|[\r\n]|\s$|^$')
_QUOTED_CELL = re.compile(r'[,"\r\n#]')
_QUOTED_NAME = re.compile(r'[,"\r\n#;\t|\ufeff]|^\s*$')


def write(response: RawResponse) -> bytes:
    table = response.table
    lines = [*_comments("inbound", response.inbound), *_comments("info", response.info)]
    for count, path in ((len(lines), ()), (len(table.columns), ("payload",))):
        if count > DEFAULT_LIMITS.columns:
            raise exceeded("columns", DEFAULT_LIMITS.columns, count, *path)
    if not table.length:
        lines.append("# payload: []")
    else:
        _check_names(table)
        lines.append(",".join(_quoted(name, _QUOTED_NAME) for name in table.columns))
        lines += write_rows(table)
        if any('\\"' in line for line in lines[-table.length :]):
            # A reader could take these quotes for PHP's: fputcsv does not double such a quote.
            lines.insert(0, "# quoting: doubled")
    return "\r\n".join([*lines, ""]).encode()


def _comments(path: str, tree: Cell) -> Iterator[str]:
    if tree is ABSENT:
        return
    for key, cell in tree.items():
        if not _WORD.fullmatch(key):
            yield f"# {path}: {json_text.write({key: cell})}"
        elif isinstance(cell, dict):
            yield from _comments(f"{path}.{key}", cell)
        else:
            yield f"# {path}.{key}: {_comment_text(cell)}"


def _comment_text(cell: Cell) -> str:
    if isinstance(cell, str) and not _NO_PLAIN_VALUE.search(cell):
        return cell
    return json_text.write(cell)


def write_rows(table: Table) -> list[str]:
    """The lines of rows, without their ends; `Fault` at a text that is too long."""
    columns = [_cells(name, column) for name, column in table.columns.items()]
    if len(columns) == 1:  # an empty line would be no row
        columns = [[text or '""' for text in columns[0]]]
    return list(map(",".join, zip(*columns, strict=True)))


def _check_names(table: Table) -> None:
    """Refuse names that would be read as something else: as an item of a list in a column of its
    own, or as the name of a section."""
    names = list(table.columns)
    if len(names) == 1 and names[0] in envelope.KEYS:
        raise Fault(CONSTRAINTS.bad_key_reason, names[0], ("payload", 0, names[0]))
    for name, column in table.columns.items():
        base, _, number = name.rpartition(".")
        if number.isdecimal() and base in table.columns and list in table.columns[base].kinds:
            row = next(at for at, cell in enumerate(column.cells) if cell is not ABSENT)
            reason = f"a column of this name would be read as an item of {base}"
            raise Fault(reason, path=("payload", row, "extra", name))


def _cells(name: str, column: Column) -> Sequence[str]:
    texts = column.cells if column.kinds == {str} else column.map(_cell_text)
    longest = max(texts, key=len)
    if len(longest) > DEFAULT_LIMITS.value_chars:
        path = ("payload", texts.index(longest), name)
        limit = DEFAULT_LIMITS.value_chars
        raise exceeded("value_chars", limit, len(longest), *path, excerpt=longest)
    if not _QUOTED_CELL.search("".join(texts)):
        return texts
    return Column(texts, frozenset((str,))).map(lambda text: _quoted(text, _QUOTED_CELL))


def _cell_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if cell is None or cell is ABSENT:
        return ""
    if isinstance(cell, list | dict):
        return json_text.write(cell)
    return str(int(cell) if isinstance(cell, bool) else cell)


def _quoted(text: str, where: re.Pattern[str]) -> str:
    return '"' + text.replace('"', '""') + '"' if where.search(text) else text
