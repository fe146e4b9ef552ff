"""Tables: comment lines `# path: value` for the envelope, then a header and one line per row.

Inferred: the provider names the format and shows nothing of it. The table is RFC 4180's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from ckct_formats._errors import Path
from ckct_formats._formats import Known, envelope, json_text
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import ABSENT, Cell
from ckct_formats._formats.csv import comments, layouts
from ckct_formats._formats.csv.cutting import frame as frame
from ckct_formats._formats.csv.sheet import Sheet
from ckct_formats._formats.faults import Fault, Misplaced, Over
from ckct_formats._formats.foreign import foreign
from ckct_formats._formats.table import (
    Carries,
    Column,
    RawResponse,
    Table,
    Take,
    check_nul,
    check_nul_in_rows,
    table_of,
)
from ckct_formats._limits import DEFAULT_LIMITS, Limits

CARRIES = Carries(
    no_key=re.compile(r"^(?:inbound|info|payload\.[0-9]+)\."),
    no_key_reason="a column of this name would be read as part of the envelope",
    absent_is_blank=True,
    lists_are_text=True,
)

_QUOTED_CELL = re.compile(r'[,"\r\n#]')
_QUOTED_NAME = re.compile(r'[,"\r\n#;\t|\ufeff]|^\s*$')


def declared_encoding(head: bytes) -> str | None:
    """Tables declare none."""
    return None


def count_nodes(data: bytes) -> int:
    """Delimiters and lines."""
    return sum(map(data.count, (b",", b";", b"\t", b"|", b"\n")))


def read(body: Body, limits: Limits, known: Known, take: Take) -> RawResponse:
    body.dialect = "csv"
    text = body.text
    strange = foreign(text)
    if strange is not None:
        raise strange
    lines = layouts.read_lines(body, limits)
    if lines is not None:
        body.dialect = "csv-sections"
    tree, places, start = comments.read(body, limits) if lines is None else lines
    inbound, info, payload = (tree.get(key, ABSENT) for key in envelope.KEYS)
    beside = [key for key in tree if key not in (*envelope.KEYS, "quoting")]
    response = RawResponse(inbound, info, table_of(()), beside=beside)
    sheet = None
    if payload is not ABSENT and (start < len(text) or payload not in ([], "")):
        at = next(at for path, at in places.items() if path[0] == "payload")
        raise Misplaced(at, "a payload in front of the table")
    if start < len(text):
        sheet = Sheet(body, start, known, limits, doubled=tree.get("quoting") == "doubled")
        if layouts.is_flat(sheet):
            body.dialect = "csv-flat"
            return layouts.read_flat(sheet, limits)
        if sheet.is_php:
            body.dialect = "csv-php"
        holds_nul = b"\0" in body.utf8
        response.taken = sheet.take_tables(_checking_nul(take) if holds_nul else take)
        if holds_nul:
            check_nul(response)
    elif lines is None and payload != []:
        raise Misplaced(start, 'the table is missing, and no line "# payload: []" stands for it')
    response.locate = partial(_locate, places, sheet)
    return response


def _checking_nul(take: Take) -> Take:
    def take_checked(table: Table) -> Any:
        check_nul_in_rows(table)
        return take(table)

    return take_checked


def _locate(places: dict[Path, int], sheet: Sheet | None, path: Path) -> int | None:
    if sheet and path[:1] == ("payload",) and len(path) > 1:
        return sheet.locate(path[1], path[2] if len(path) > 2 else None)
    fits = [place for place in places if place == path[: len(place)]]
    return places[max(fits, key=len)] if fits else None


def write(response: RawResponse) -> bytes:
    table = response.table
    lines = [*comments.write("inbound", response.inbound), *comments.write("info", response.info)]
    for count, path in ((len(lines), ()), (len(table.columns), ("payload",))):
        if count > DEFAULT_LIMITS.columns:
            raise Fault("", path=path, over=Over("columns", DEFAULT_LIMITS.columns, count))
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
        raise Fault(CARRIES.no_key_reason, names[0], ("payload", 0, names[0]))
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
        over = Over("value_chars", DEFAULT_LIMITS.value_chars, len(longest))
        raise Fault("", longest, ("payload", texts.index(longest), name), over)
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
