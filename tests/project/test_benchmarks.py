"""What the benchmarks rest on; `python -m benchmarks --quick` checks the contenders themselves."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from benchmarks import bars, report
from benchmarks.environment import Environment
from benchmarks.pages import QUICK, Page
from benchmarks.records import digest
from benchmarks.results import OURS, Figures, PageSize, Results, saved
from ckct_formats import Call, Format, parse


@pytest.mark.parametrize("page", QUICK, ids=lambda page: page.name)
def test_a_page_is_the_same_in_each_format_and_each_time(page: Page, tmp_path: Path) -> None:
    for fmt, file in page.write(tmp_path).items():
        assert parse(file.read_bytes(), fmt) == page.response()


def test_hostile_texts_are_unique() -> None:
    texts = [
        value
        for call in QUICK[1].response().payload
        for value in dataclasses.astuple(call)
        if isinstance(value, str)
    ]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("other", [Call(1, duration=None), Call(1, city="5"), Call(1)])
def test_a_digest_tells_values_and_types_apart(other: Call) -> None:
    assert digest([Call(1, duration=5)]) == digest([Call(1, duration=5)])
    assert digest([Call(1, duration=5)]) != digest([other])


def results(python: str, seconds: dict[str, float]) -> Results:
    return Results(
        Environment(python, {}, "Linux", "a processor", 2),
        1,
        [PageSize("a page", 10, {Format.JSON: 1000})],
        [
            Figures(Format.JSON, "parse", "a page", module, module, module != OURS, "", "", [taken])
            for module, taken in seconds.items()
        ],
        import_seconds={"": 0.0},
        day=date(2019, 7, 16),
    )


@pytest.mark.parametrize(("floor", "holds"), [(0.5, True), (0.3, False)])
def test_a_bar_is_a_bound_on_a_ratio(floor: float, holds: bool) -> None:
    found = results("3.11.0", {OURS: 1.0, "floor": floor})
    bar = bars.Bar(Format.JSON, ("floor", "not timed"), "a floor", 2, floor=True)
    ratio = bar.ratio(found, "a page")
    assert ratio == 1 / floor
    assert bar.holds(ratio) == holds


def test_a_report_has_the_bars_of_each_python(tmp_path: Path) -> None:
    for python in ("3.13.1", "3.9.2", "3.11.4"):
        results(python, {OURS: 1.0, "floor_msgspec": 0.5}).save(tmp_path)
    text = report.report(saved(tmp_path))
    places = [text.index(f"\nPython {python}, ") for python in ("3.9.2", "3.11.4", "3.13.1")]
    assert places == sorted(places)
    assert text.count("2.00 yes") == 3
