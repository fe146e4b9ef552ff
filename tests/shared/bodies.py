"""Bodies in the canonical dialects, written without the library, so that both can be compared."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from ckct_formats import Format
from ckct_formats.testing._writers import print_r

# A cell is text or None; a list or a mapping of cells. JSON alone tells other types apart.
Row = Mapping[str, Any]
Rows = Sequence[Row] | Mapping[str, Row]


def body(fmt: Format, rows: Rows, inbound: Row | None = None, *, pretty: bool = False) -> str:
    """Rows in a format: bare, or under an envelope if there is an `inbound`."""
    top = rows if inbound is None else {"inbound": inbound, "payload": rows}
    match fmt:
        case Format.JSON:
            return json.dumps(top, ensure_ascii=False, indent=2 if pretty else None)
        case Format.XML:
            return element("response", top, "\n" if pretty else "")
        case Format.CSV:
            return table(rows, inbound)
        case Format.PLAIN:
            return print_r(top)


def element(name: str, cell: Any, line: str = "") -> str:
    """One element; `line` is the line break and indent in front of it, if there are any."""
    if isinstance(cell, Mapping):
        members = list(cell.items())
    elif isinstance(cell, str) or not isinstance(cell, Sequence):
        text = "" if cell is None else escape(str(cell), {"\r": "&#13;"})
        return f"{line}<{name}>{text}</{name}>"
    else:
        members = [("item", member) for member in cell]
    deeper = line and line + "  "
    content = "".join(element(key, member, deeper) for key, member in members)
    return f"{line}<{name}>{content}{line}</{name}>"


def table(rows: Rows, inbound: Row | None = None) -> str:
    assert not isinstance(rows, Mapping), "rows of a table have no keys"
    file = io.StringIO(newline="")
    for key, cell in (inbound or {}).items():
        file.write(f"# inbound.{key}: {_csv_cell(cell)}\r\n")
    header = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_csv_cell(row.get(key)) for key in header] for row in rows)
    return file.getvalue()


def _csv_cell(cell: Any) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
