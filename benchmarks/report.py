"""The results as Markdown, whose columns are aligned so that a terminal can show it too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from benchmarks.bars import BARS, MEMORY_BAR, Bar, MemoryBar
from benchmarks.contenders import Direction
from benchmarks.environment import Environment
from benchmarks.measure import GROWTH_RUNS
from benchmarks.results import OURS, Figures, PageSize, Results
from ckct_formats import Format

NONE = "–"

INTRODUCTION = """\
# Results of the benchmarks

Made with the extra `bench` installed: by `python -m benchmarks --runs {runs}` under the first
Python, by `python -m benchmarks --bars` under the others.

- Times are CPU times, of all threads of a process. A figure is the median over the runs, each of
  them a process that imports one contender alone, warms it up and takes the median of its samples;
  "min–max" are the least and the greatest of the runs. The processes of all contenders at a page
  run in turn, and each run begins with another. What takes over a quarter of a second at a page is
  timed in one run.
- Before anything is timed, values are compared, with their types, with those that the page was made
  of: what a contender reads, and what `ckct_formats` reads from what a contender wrote.
- All peers do the same work: typed records of the 26 documented fields in snake_case; null, `""`
  and `-` as None; integers, `datetime`, tuples of tags. Only `ckct_formats` also reads or writes
  the envelope, checks limits, keeps unknown fields and refuses what is doubtful: the peers are
  spared that.
- A *floor* does a part of the work only. It is a bound, not a peer.
- "÷ ours" is a contender's time divided by that of `ckct_formats`: below 1 it is the faster one.
- "Peak" is what the first parsing adds to the most memory that the process has held. "Retained" is
  what Python allocated for the records and still holds; the memory of C libraries, such as lxml's
  trees, is not in it. "Import" is the wall-clock time to import what the contender needs.
- The hostile page has unique texts full of quotes, delimiters, backslashes, markup, line breaks and
  emoji, those of the utm fields up to thousands of characters long.
"""

BARS_NOTE = """\
All are bars for parsing a page of 1,000 calls; what other pages give stands beside it. *N* times
ahead of a peer: its time divided by ours is *N* or more. Within *N* times of a floor: our time
divided by its is *N* or less.
"""


def report(results: Sequence[Results]) -> str:
    """The bars of every Python; all other tables of the first."""
    first = results[0]
    parts = [INTRODUCTION.replace("{runs}", str(first.runs)), "## The bars", BARS_NOTE]
    for each in results:
        parts += [f"Python {each.environment.python}, {each.day}:", _bars(each)]
    parts += [f"All that follows is of Python {first.environment.python}."]
    parts += ["## Where a peer is faster", _faster(first)]
    if first.growth:
        parts += ["## Growth, of `parse`", _growth(first)]
    for fmt in Format:
        for direction in get_args(Direction):
            for page in first.pages:
                parts += _page_section(first, fmt, direction, page)
    parts += ["## Versions and machine", _versions(first.environment)]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _bars(results: Results) -> str:
    pages = [page.name for page in results.pages]
    rows = [
        [bar.text, *(_bar_cell(bar, results, page) for page in pages)]
        for bar in (*BARS, MEMORY_BAR)
        if any(bar.format in page.bytes for page in results.pages)
    ]
    return _table(["bar", *pages], rows)


def _bar_cell(bar: Bar | MemoryBar, results: Results, page: str) -> str:
    ratio = bar.ratio(results, page)
    return NONE if ratio is None else f"{ratio:.2f} {'yes' if bar.holds(ratio) else 'no'}"


def _faster(results: Results) -> str:
    rows = []
    for found in results.figures:
        ours = results.median(found.format, found.direction, found.page, OURS)
        if ours is not None and found.seconds and not found.floor and found.median < ours:
            ratio = f"{found.median / ours:.2f}"
            rows.append([found.format, found.direction, found.page, found.name, ratio])
    header = ["format", "verb", "page", "peer", "÷ ours"]
    return _table(header, sorted(rows)) if rows else "Nowhere."


def _growth(results: Results) -> str:
    header = ["format", "page", "µs per call", "after gc.freeze()", "peak", "retained"]
    rows = []
    for fmt in Format:
        lines = list(_growth_lines(results, fmt))
        rows += [[fmt, page.name, *map(_figure, values)] for page, values in lines]
        if lines:
            ratios = map(_ratio, lines[-1][1], lines[0][1])
            rows.append([fmt, "ratio", *ratios])
    note = f"Medians of {GROWTH_RUNS} runs in turn. Peak and retained are bytes per call."
    return f"{_table(header, rows)}\n\n{note}"


def _growth_lines(results: Results, fmt: Format) -> Iterator[tuple[PageSize, list[float | None]]]:
    for page in results.pages:
        times = {g.freeze: g for g in results.growth if (g.format, g.page) == (fmt, page.name)}
        ours = next((f for f in results.of(fmt, "parse", page.name) if f.module == OURS), None)
        if times and ours:
            micro = [times[freeze].median * 1e6 / page.calls for freeze in (False, True)]
            memory = [_per(held, page.calls) for held in (ours.peak, ours.retained)]
            yield page, [*micro, *memory]


def _page_section(results: Results, fmt: Format, direction: Direction, page: PageSize) -> list[str]:
    figures = results.of(fmt, direction, page.name)
    if not figures:
        return []
    title = f"## {fmt}: {direction} {page.name} ({page.bytes[fmt] / 1e6:.3g} MB)"
    header = ["contender", "µs/call", "min–max", "÷ ours", "MB/s", "import ms"]
    if direction == "parse":
        header += ["peak MB", "retained B/call"]
    ours = results.median(fmt, direction, page.name, OURS)
    timed = sorted((found for found in figures if found.seconds), key=_place)
    rows = [_row(results, found, page, ours) for found in timed]
    notes = [f"- {found.name}: not timed: {found.fault}." for found in figures if found.fault]
    return [title, _table(header, rows), *(["\n".join(notes)] if notes else [])]


def _place(figures: Figures) -> tuple[bool, float]:
    return figures.floor, figures.median


def _row(results: Results, found: Figures, page: PageSize, ours: float | None) -> list[str]:
    name = f"**{found.name}**" if found.module == OURS else found.name
    row = [
        f"{name} (floor)" if found.floor else name,
        _figure(found.median * 1e6 / page.calls),
        "–".join(_figure(end(found.seconds) * 1e6 / page.calls) for end in (min, max)),
        _ratio(found.median, ours),
        _figure(page.bytes[found.format] / 1e6 / found.median),
        _figure(results.import_seconds[found.imports] * 1e3),
    ]
    if found.direction == "parse":
        row += [_figure(_per(found.peak, 1e6)), _figure(_per(found.retained, page.calls))]
    return row


def _versions(found: Environment) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in found.packages.items())
    return (
        f"Python {found.python} on {found.system}, {found.processor}, "
        f"{found.cores} cores.\n\n{packages}."
    )


def _per(value: float | None, unit: float) -> float | None:
    return None if value is None else value / unit


def _ratio(value: float | None, base: float | None) -> str:
    return NONE if value is None or not base else f"{value / base:.2f}"


def _figure(value: float | None) -> str:
    """Three significant digits, without an exponent."""
    if value is None:
        return NONE
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{decimals}f}"


def _table(header: list[str], rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return "\n".join(
        [
            _line(header, widths),
            "|" + "|".join("-" * (width + 2) for width in widths) + "|",
            *(_line(row, widths) for row in rows),
        ]
    )


def _line(cells: list[str], widths: list[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
    return f"| {' | '.join(padded)} |"
