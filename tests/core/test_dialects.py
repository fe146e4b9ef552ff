"""Every dialect that real PHP wrote reads as the ledger of the fixtures says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dialect_table
import pytest
from expected import as_expected

from ckct_formats import Format, ParseError, detect

DIALECTS = Path(__file__).parent.parent.parent / "fixtures" / "dialects"
LEDGER: list[dict[str, Any]] = json.loads((DIALECTS / "ledger.json").read_bytes())
IDS = [entry["file"] for entry in LEDGER]


def test_the_ledger_names_every_file() -> None:
    files = {str(path.relative_to(DIALECTS)) for path in DIALECTS.glob("*/*.*.*")}
    assert set(IDS) == files
    assert len({(entry["file"], entry["encoding"]) for entry in LEDGER}) == len(LEDGER) > 600
    assert {entry["verdict"] for entry in LEDGER} == {"equal", "loss", "error"}
    assert {entry["format"] for entry in LEDGER} == set(Format)


def _expected(entry: dict[str, Any]) -> Any:
    path = DIALECTS / "expected" / f"{entry['response']}.json"
    expected = json.loads(path.read_bytes())
    for change in entry["loss"] or ():
        _put(expected, change["path"], change["value"])
    return expected


def _put(tree: Any, path: Sequence[str | int], value: Any) -> None:
    *parents, last = path
    for step in parents:
        tree = tree[step]
    tree[last] = value


@pytest.mark.parametrize("entry", LEDGER, ids=IDS)
def test_a_dialect_reads_as_the_ledger_says(entry: dict[str, Any]) -> None:
    if entry["verdict"] == "error":
        with pytest.raises(ParseError) as caught:
            dialect_table.read(entry)
        assert (entry["error"] or "").lower() in str(caught.value).lower()
        return
    response = dialect_table.read(entry)
    assert as_expected(response) == _expected(entry)
    assert response.source is not None
    assert response.source.dialect == entry["source_dialect"]


@pytest.mark.parametrize("entry", LEDGER, ids=IDS)
def test_a_dialect_is_detected_or_refused(entry: dict[str, Any]) -> None:
    """What two formats share belongs to json or csv."""
    body = (DIALECTS / entry["file"]).read_bytes()
    try:
        detected = detect(body)
    except ParseError:
        assert entry["verdict"] == "error" or entry["encoding"]
        return
    if entry["verdict"] == "error":
        return
    shared = {"json": Format.JSON, "csv": Format.CSV}
    assert detected in (entry["format"], shared.get(entry["source_dialect"]))


def test_the_table_in_the_docs_is_what_the_files_give() -> None:
    assert dialect_table.PAGE.read_text(encoding="utf-8") == dialect_table.table()
