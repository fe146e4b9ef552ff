"""The recipes of docs/tables.md give the counts of a plain loop."""

from __future__ import annotations

import gzip
import re
import shutil
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ckct_formats import Call, parse

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
LIBRARIES = "duckdb pandas polars pyarrow".split()


@pytest.fixture
def dumps(folder: Path) -> list[Call]:
    """A folder of pages in all formats; the calls in them."""
    pages = [ROOT / "fixtures" / f"page_1000.{suffix}" for suffix in ("json", "xml", "csv", "txt")]
    pages.append(ROOT / "fixtures" / "all_blanks.json")
    (folder / "dumps").mkdir()
    for page in pages:
        shutil.copy(page, folder / "dumps")
    packed = folder / "dumps" / "2019" / "page.csv.gz"
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress(pages[2].read_bytes()))
    return [call for page in [*pages, pages[2]] for call in parse(page.read_bytes()).payload]


def items_of(counts: Any) -> Any:
    """Campaign, day and number, whatever the library calls a table of them."""
    if isinstance(counts, Counter):
        return [(*key, number) for key, number in counts.items()]
    if hasattr(counts, "rows"):
        return counts.rows()
    if hasattr(counts, "items"):
        return [(*key, number) for key, number in counts.items()]
    return counts


def plain(value: Any) -> Any:
    """A key without what libraries have for None and for days."""
    if value is None or isinstance(value, float):  # NaN
        return None
    return value.date() if isinstance(value, datetime) else value


@pytest.mark.slow
def test_each_recipe_counts_the_same(dumps: list[Call], capsys: pytest.CaptureFixture[str]) -> None:
    for library in LIBRARIES:
        pytest.importorskip(library, reason=f"the recipes need {library}")
    expected = Counter(
        (call.campaign_name, call.time_start and call.time_start.date()) for call in dumps
    )
    assert len(expected) > 50
    assert None in {day for _, day in expected}
    assert all(isinstance(day, date | None) for _, day in expected)
    assert len(EXAMPLES) == 7
    for example in EXAMPLES:
        names: dict[str, Any] = {}
        exec(compile(example, "tables.md", "exec"), names)
        found = {
            (plain(campaign), plain(day)): number
            for campaign, day, number in items_of(names["counts"])
        }
        assert found == expected, example
    assert capsys.readouterr().out == ""
