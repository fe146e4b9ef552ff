"""docs/conformance.md says what is so."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import codes_table
import pytest
from test_cli import FIXTURES, run
from test_cli_check import pair

from ckct_formats.conformance import Code

TEXT = codes_table.PAGE.read_text(encoding="utf-8")


def shape(value: Any) -> Any:
    """The keys of a document, and of what is in it."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items() if key != "values"}
    return [shape(value[0])] if isinstance(value, list) and value else None


def test_the_table_of_codes_is_in_step() -> None:
    assert codes_table.page() == TEXT
    assert len(re.findall(r"^\| (?:error|warning|note) \| `", TEXT, re.MULTILINE)) == len(Code)


def test_the_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(FIXTURES, tmp_path / "fixtures")
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    exec(compile(example, "conformance.md", "exec"), {})
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "False 1 json"
    assert shown[1].startswith("wrong-row-count ('payload',) 48 1 row")
    assert shown[2] == "True"


def test_the_json_shown_has_the_keys_that_are_written(folder: Path) -> None:
    checked, compared = re.findall(r"^```json\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    pair(folder)
    told = run("check", FIXTURES / "sample.json", "--format", "json").stdout
    assert shape(json.loads(checked)) == shape(json.loads(told))
    told = run("diff", "a.json", "b.xml", "--format", "json").stdout
    assert shape(json.loads(compared)) == shape(json.loads(told))


def test_the_picture_is_there() -> None:
    (picture,) = re.findall(r"^!\[.*\]\((.*)\)$", TEXT, re.MULTILINE)
    data = (codes_table.PAGE.parent / picture).read_bytes()
    assert data.startswith(b"\x89PNG") and len(data) < 200_000
