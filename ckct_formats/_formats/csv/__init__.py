"""CSV: comment lines `# path: value` for the envelope, then a header and one line per row.

Inferred: the provider names the format and shows nothing of it. The table is RFC 4180's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial

from ckct_formats._errors import Path
from ckct_formats._formats import envelope
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import ABSENT
from ckct_formats._formats.csv import layouts, records
from ckct_formats._formats.csv.layouts import Lines
from ckct_formats._formats.csv.sheet import Sheet
from ckct_formats._formats.csv.writer import CONSTRAINTS as CONSTRAINTS
from ckct_formats._formats.csv.writer import write as write
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.foreign import foreign
from ckct_formats._formats.table import KnownKeys, RawResponse
from ckct_formats._limits import DEFAULT_LIMITS, Limits

ReadRows = Callable[[str, int, str], Sequence[Sequence[str]]]


def _read(read_rows: ReadRows, body: Body, limits: Limits, known: KnownKeys) -> RawResponse:
    body.dialect = "csv"
    fault = foreign(body.text)
    if fault is not None:
        raise fault
    lines, sheet = _parts(body, limits, known)
    body.dialect = "csv-sections" if lines.is_section else "csv"
    tree = lines.tree
    inbound, info, payload = (tree.get(key, ABSENT) for key in envelope.KEYS)
    response = RawResponse(inbound, info)
    response.other_keys = [key for key in tree if key not in (*envelope.KEYS, "quoting")]
    if sheet is None:
        if not lines.is_section and payload != []:
            reason = 'the table is missing, and no line "# payload: []" stands for it'
            raise Fault(reason, at=lines.end)
    elif layouts.is_flat(sheet.header):
        body.dialect = "csv-flat"
        return layouts.read_flat(sheet.header, sheet.rows(read_rows), limits)
    else:
        if sheet.is_php:
            body.dialect = "csv-php"
        sheet.check_header()
        response.table = sheet.table(sheet.rows(read_rows))
    return response


WAYS = (partial(_read, records.read_fast), partial(_read, records.read_carefully))


def declared_encoding(head: bytes) -> str | None:
    """Tables declare none."""
    return None


def count_nodes(data: bytes) -> int:
    """Lines, cells, and the dots of paths."""
    lines = data.count(b"\n") + data.count(b"\r")
    return 2 * lines + sum(map(data.count, (b",", b";", b"\t", b"|", b".")))


def places(body: Body, known: KnownKeys, wanted: Set[Path]) -> Mapping[Path, int]:
    lines, sheet = _parts(body, DEFAULT_LIMITS, known)
    found = {path: at for path, at in lines.places.items() if path in wanted}
    if sheet is not None:
        is_flat = layouts.is_flat(sheet.header)
        cells = {path: _cell_of(path, is_flat=is_flat) for path in wanted if path}
        rows = sheet.places({row for row, _ in cells.values() if row is not None})
        for path, (row, name) in cells.items():
            if row in rows:
                found[path] = rows[row].get(name, rows[row][""])
    return found


def _cell_of(path: Path, *, is_flat: bool) -> tuple[int | None, str]:
    """The row and the name of the column that a path leads to."""
    if is_flat:
        return 0, ".".join(map(str, path))
    if path[:1] != ("payload",) or len(path) < 2:
        return None, ""
    return int(path[1]), str(path[2]) if len(path) > 2 else ""


def _parts(body: Body, limits: Limits, known: KnownKeys) -> tuple[Lines, Sheet | None]:
    """The lines of the envelope, and the table below them."""
    lines = layouts.read_sections(body.text, limits) or layouts.read_comments(body.text, limits)
    if lines.end >= len(body.text):
        if lines.tree.get("payload", ABSENT) not in (ABSENT, [], ""):
            raise _payload_before_table(lines)
        return lines, None
    if "payload" in lines.tree:
        raise _payload_before_table(lines)
    is_doubled = lines.tree.get("quoting") == "doubled"
    return lines, Sheet(body.text, lines.end, known, limits, is_doubled=is_doubled)


def _payload_before_table(lines: Lines) -> Fault:
    at = next(at for path, at in lines.places.items() if path[0] == "payload")
    return Fault("a payload before the table", at=at)
