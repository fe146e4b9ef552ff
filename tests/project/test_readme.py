"""The examples of the README run as they stand."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ckct_formats import ParseError, parse

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    pytest.importorskip("pyarrow", reason="one of the examples needs the extra `arrow`")
    (tmp_path / "fixtures").mkdir()
    shutil.copy(ROOT / "fixtures" / "sample.json", tmp_path / "fixtures")
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert len(examples) == 4
    module = ModuleType("readme")
    monkeypatch.setitem(sys.modules, "readme", module)
    for example in examples:
        exec(compile(example, "README.md", "exec"), module.__dict__)
    lines = [f"{page} 1337486 None 79999999999 0\n" for page in range(3)]
    lines.append("pages missing: (1, 2)\n")
    assert capsys.readouterr().out == "".join(lines)
    assert [call.call_id for call in module.dump.calls] == [1337486]
    assert module.table["call_id"].to_pylist() == [1337486]
    assert (tmp_path / "calls.parquet").exists()
    assert [campaign.campaign_id for campaign in module.campaigns] == [559]
    assert [row["campaignId"] for row in module.rows] == ["559"]


def test_the_error_shown_is_the_one_raised() -> None:

    rows = "<item><callId>1</callId></item>\n" * 3
    body = f"<response>\n{rows}<item>\n<callId>12a</callId></item></response>"
    with pytest.raises(ParseError) as caught:
        parse(body, "xml")
    shown = re.search(r"^ {4}(xml: payload.*)$", README, re.MULTILINE)
    assert shown is not None
    assert str(caught.value).partition(" (")[0] == shown[1].partition(" (")[0]
