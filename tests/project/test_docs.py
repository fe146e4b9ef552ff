"""The examples of the documents on dumps run as they stand."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from ckct_formats import Limits, parse, serialize

ROOT = Path(__file__).parent.parent.parent


def test_the_example_of_dumps_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    response = parse((ROOT / "fixtures" / "sample.json").read_bytes())
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "page_0.xml").write_bytes(serialize(response, "xml"))
    (tmp_path / "dumps" / "page_1.csv").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "dumps.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    example = example.replace('iter_calls("dumps")', 'iter_calls("dumps/page_0.xml")')
    exec(compile(example, "dumps.md", "exec"), {})
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "1337486 None 0"
    assert shown[1].endswith("lacks pages (1, 2) of 3")
    assert shown[2].startswith("dumps/page_1.csv ")
    assert shown[3] == "{None: 1}"


SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_each_test_that_security_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", SECURITY)
    assert len(named) > 20
    for file, name in named:
        assert re.search(rf"^def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE), name
    assert set(re.findall(r"`(tests/[^`]*)`", SECURITY)) == {"::".join(each) for each in named}


def test_each_limit_stands_in_security_with_its_default() -> None:
    rows = [row.split("|") for row in SECURITY.splitlines() if row.startswith("| ")]
    told = {row[3].strip() for row in rows if row[3].strip().startswith("`")}
    for limit in fields(Limits):
        assert any(each.startswith(f"`{limit.name}`") for each in told), limit.name
    assert f"`depth`, {Limits().depth}" in told
    assert f"`integer_digits`, {Limits().integer_digits}" in told
    assert f"`body_bytes`, {Limits().body_bytes // 2**20} MiB" in told
