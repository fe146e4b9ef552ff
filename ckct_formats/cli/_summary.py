"""The command `summary`: what folders of saved responses hold, and what they lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import click

from ckct_formats._reports.terminal import Terminal
from ckct_formats._reports.words import counted
from ckct_formats.cli import _io
from ckct_formats.dumps import MissingPages, RepeatedCall, Summary, WrongTotal, summarize

_EPILOG = """
Exit status: 0 if the pages are complete; 1 if something is missing, occurs twice, does not add up
or cannot be read; 2 if the command line is wrong; 130 if interrupted.
"""

# More days than this are shown by month.
_MAX_DAYS = 62
_MAX_BARS = 10
_MAX_FILES = 5
_MAX_FINDINGS = 20


@click.command(epilog=_EPILOG)
@_io.reads
@_io.takes_api
@click.option("--all", "every", is_flag=True, help="Show all there is of each list.")
@click.pass_context
def summary(
    context: click.Context,
    files: tuple[str, ...],
    fmt: str | None,
    encoding: str | None,
    record_type: type[Any],
    every: bool,
) -> None:
    """Count the calls of saved responses, and report what is missing.

    FILE - is standard input. Of a folder, all files are read that end in .json, .xml, .csv, .txt or
    .plain, packed ones (.gz, .bz2, .xz, .zst) and .zip archives too, also in folders within; hidden
    ones are passed over. Pages of one request are known by what the server echoes of it.
    """
    _io.check_stdin(files)
    try:
        found = summarize(
            _io.locations(files),
            fmt,
            record_type=record_type,
            encoding=encoding,
            on_error="collect",
        )
    except ModuleNotFoundError as error:
        raise _io.Refusal(files[0], str(error)) from None
    _print(Terminal(_io.stdout()), found, every)
    _io.show_errors((failed.file, failed.reason) for failed in found.errors)
    context.exit(0 if found.is_complete else 1)


def _print(terminal: Terminal, found: Summary, every: bool) -> None:
    terminal.print(f"{found.calls:,} calls on {found.pages:,} pages", "bold")
    if every or len(found.days) <= _MAX_DAYS:
        days = {day and day.isoformat(): count for day, count in found.days.items()}
        _print_bars(terminal, "days", days, None)
    else:
        months = Counter[str | None]()
        for day, count in found.days.items():
            months[f"{day:%Y-%m}" if day else None] += count
        title = f"months (of {len(found.days):,} days; --all shows them)"
        _print_bars(terminal, title, months, None)
    max_bars = None if every else _MAX_BARS
    _print_bars(terminal, "states", found.states, max_bars)
    _print_bars(terminal, "campaigns", found.campaigns, max_bars)
    _print_bars(terminal, "sources", found.sources, max_bars)
    findings = {
        "failed requests": [
            f"{words}: {counted(count, 'page')}" for words, count in found.failed_pages.items()
        ],
        "missing pages": map(_missing, found.missing_pages),
        "pages found more than once": [
            f"{each.request}: page {each.number} in {_files(each.files)}"
            for each in found.repeated_pages
        ],
        "totals that do not add up": map(_wrong_total, found.wrong_totals),
        "calls found more than once": map(_repeated_call, found.duplicates),
        "calls found more than once, which differ": map(_repeated_call, found.conflicts),
    }
    for title, lines in findings.items():
        _print_findings(terminal, title, list(lines), every)


def _print_bars(
    terminal: Terminal, title: str, counts: Mapping[Any, int], max_bars: int | None
) -> None:
    """Print counts as bars, the rest of many as one."""
    if not counts or set(counts) == {None}:
        return
    bars = [("(none)" if key is None else key, count) for key, count in counts.items()]
    if max_bars is not None and len(bars) > max_bars:
        rest = bars[max_bars - 1 :]
        bars[max_bars - 1 :] = [(f"({len(rest):,} others)", sum(count for _, count in rest))]
    terminal.print(f"\n{title}", "bold")
    terminal.bars(bars)


def _print_findings(terminal: Terminal, title: str, lines: Sequence[str], every: bool) -> None:
    if not lines:
        return
    terminal.print(f"\n{title}: {len(lines):,}", "bold red")
    shown = lines if every else lines[:_MAX_FINDINGS]
    for line in shown:
        terminal.print("  " + terminal.text(line))
    if len(shown) < len(lines):
        terminal.print(f"  and {len(lines) - len(shown):,} more; --all shows them", "dim")


def _missing(each: MissingPages) -> str:
    unlisted = each.of_pages - len(each.found) - len(each.missing)
    more = f" and {unlisted:,} more" if unlisted > 0 else ""
    return f"{each.request}: {_ranges(each.missing)}{more} of {counted(each.of_pages, 'page')}"


def _wrong_total(each: WrongTotal) -> str:
    said = " or ".join(f"{total:,}" for total in each.total_length)
    return f"{each.request}: {said} by the envelope, {each.found:,} found"


def _repeated_call(each: RepeatedCall) -> str:
    return f"{each.identifier} in {_files(each.files)}"


def _files(files: Sequence[str]) -> str:
    more = len(files) - _MAX_FILES
    return ", ".join(files[:_MAX_FILES]) + (f" and {more:,} more" if more > 0 else "")


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers that rise, those in a row as one range: `0, 3-7`."""
    ranges = []
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        first, *rest = (number for _, number in run)
        ranges.append(f"{first}-{rest[-1]}" if rest else f"{first}")
    return ", ".join(ranges)
