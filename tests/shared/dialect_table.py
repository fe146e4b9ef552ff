"""The table of docs/dialects.md: which dialect reads how, by reading every file.

`python tests/shared/dialect_table.py` writes it anew.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from expected import as_expected

from ckct_formats import Call, CallV3, ParseError, Response, parse

ROOT = Path(__file__).parent.parent.parent
DIALECTS = ROOT / "fixtures" / "dialects"
PAGE = ROOT / "docs" / "dialects.md"
LEDGER: list[dict[str, Any]] = json.loads((DIALECTS / "ledger.json").read_bytes())
RECORD_TYPES: dict[str, type[Any]] = {"Call": Call, "CallV3": CallV3}

HEAD = """# Dialects, as PHP wrote them and as they are read

Made by `python tests/shared/dialect_table.py` from the files under `fixtures/dialects/`, which
real PHP wrote, and checked by the tests. A cell says how one response reads: **equal** to the JSON
of the same response; **loss**, what the dialect does not carry is missing and nothing else differs;
**error**, it is refused with a reason. An asterisk: with `encoding="windows-1251"`. Where each way
of writing is found is said in `fixtures/dialects/README.md`, what the names in the column "read as"
mean in [wire-formats.md](wire-formats.md).
"""


def read(entry: dict[str, Any]) -> Response[Any]:
    """The response in a file, read as its line in the ledger says."""
    body = (DIALECTS / entry["file"]).read_bytes()
    record_type = RECORD_TYPES[entry["record_type"]]
    return parse(body, entry["format"], record_type=record_type, encoding=entry["encoding"])


def verdict(entry: dict[str, Any]) -> tuple[str, str]:
    """How a file reads, and the dialect that it is read as."""
    try:
        response = read(entry)
    except ParseError:
        return "error", ""
    expected = json.loads((DIALECTS / "expected" / f"{entry['response']}.json").read_bytes())
    assert response.source is not None
    equal = as_expected(response) == expected
    return "equal" if equal else "loss", response.source.dialect


def column_of(entry: dict[str, Any]) -> str:
    """The column of a response: the failed ones, which differ in their text alone, share one."""
    return re.sub(r"failed_.*", "failed_…", entry["response"])


def table() -> str:
    """The page."""
    cases = list(dict.fromkeys(map(column_of, LEDGER)))
    # The verdicts of a cell, each once and in order.
    rows: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    dialects: dict[tuple[str, str], set[str]] = {}
    for entry in LEDGER:
        writing = Path(entry["file"]).name.split(".")[0]
        key = (entry["format"], writing)
        found, dialect = verdict(entry)
        mark = "\\*" if entry["encoding"] else ""
        cell = rows.setdefault(key, {}).setdefault(column_of(entry), {})
        cell[f"{found}{mark}"] = None
        dialects.setdefault(key, set()).update({dialect} - {""})
    lines = [HEAD, f"| format | way of writing | read as | {' | '.join(cases)} |"]
    lines.append("|---|---|---|" + "---|" * len(cases))
    for (fmt, writing), cells in rows.items():
        names = ", ".join(sorted(dialects[fmt, writing]))
        verdicts = " | ".join(", ".join(cells.get(case, {})) for case in cases)
        lines.append(f"| {fmt} | {writing} | {names} | {verdicts} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(table(), encoding="utf-8")
