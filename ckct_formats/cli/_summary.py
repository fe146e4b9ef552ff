"""The command `summary`: what folders of saved responses hold, and what they lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import click

from ckct_formats._reports.terminal import Terminal
from ckct_formats.cli._files import (
    Failure,
    Refusal,
    check_stdin,
    locations,
    reads,
    stdout,
    takes_api,
)
from ckct_formats.dumps import Summary, summarize
from ckct_formats.dumps._completeness import RepeatedCall

_EPILOG = """
Exit status: 0 if the pages are complete; 1 if something is missing, stands twice, does not add up
or cannot be read; 2 if the command line is wrong; 130 if interrupted.
"""

# More days than this are shown by month.
_MOST_DAYS = 62
_MOST_BARS = 10
_MOST_FILES = 5
_MOST_FINDINGS = 20


@click.command(epilog=_EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@reads
@takes_api
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
    """Count the calls of saved responses, and tell what is missing.

    FILE - is standard input. Of a folder, all files are read that end in .json, .xml, .csv, .txt or
    .plain, packed ones (.gz, .bz2, .xz, .zst) and .zip archives too, also in folders within; hidden
    ones are passed over. Pages of one request are known by what the server echoes of it.
    """
    check_stdin(files)
    try:
        found = summarize(
            locations(files), fmt, record_type=record_type, encoding=encoding, on_error="collect"
        )
    except ModuleNotFoundError as error:
        raise Refusal(files[0], str(error)) from None
    _Printer(Terminal(stdout()), every).print(found)
    for failed in found.errors:
        Failure(failed.file, failed.reason).show()
    context.exit(0 if found.is_complete else 1)


class _Printer:
    """A summary as a person reads it."""

    def __init__(self, terminal: Terminal, every: bool) -> None:
        self._terminal = terminal
        self._every = every

    def print(self, found: Summary) -> None:
        """Print the counts, then what is wrong."""
        self._terminal.print(f"{found.calls:,} calls on {found.pages:,} pages", "bold")
        by_day, title = _days(found.days, self._every)
        self._chart(title, by_day, len(by_day))
        self._chart("states", found.states)
        self._chart("campaigns", found.campaigns)
        self._chart("sources", found.sources)
        self._findings("failed requests", map(_failed, found.failed_pages.items()))
        self._findings("missing pages", map(_missing, found.missing_pages))
        self._findings("pages found more than once", map(_repeated_page, found.repeated_pages))
        self._findings("totals that do not add up", map(_wrong_total, found.wrong_totals))
        self._findings("calls found more than once", map(_repeated_call, found.duplicates))
        self._findings(
            "calls found more than once, which differ", map(_repeated_call, found.conflicts)
        )

    def _chart(self, title: str, counts: Mapping[Any, int], most: int = _MOST_BARS) -> None:
        """Print counts as bars, the rest of many as one."""
        if not counts or set(counts) == {None}:
            return
        shown = list(counts.items())
        if not self._every and len(shown) > most:
            rest = shown[most - 1 :]
            others = f"({len(rest):,} others)"
            shown = [*shown[: most - 1], (others, sum(count for _, count in rest))]
        self._terminal.print(f"\n{title}", "bold")
        self._terminal.bars([("(none)" if key is None else key, n) for key, n in shown])

    def _findings(self, title: str, lines: Iterable[str]) -> None:
        lines = list(lines)
        if not lines:
            return
        self._terminal.print(f"\n{title}: {len(lines):,}", "bold red")
        shown = lines if self._every else lines[:_MOST_FINDINGS]
        for line in shown:
            self._terminal.print("  " + self._terminal.text(line))
        if len(shown) < len(lines):
            self._terminal.print(f"  and {len(lines) - len(shown):,} more; --all shows them", "dim")


def _days(days: Mapping[date | None, int], every: bool) -> tuple[dict[str | None, int], str]:
    """Counts by day, or by month if there are many."""
    if every or len(days) <= _MOST_DAYS:
        return {None if day is None else day.isoformat(): n for day, n in days.items()}, "days"
    months = Counter[str | None]()
    for day, count in days.items():
        months[None if day is None else f"{day:%Y-%m}"] += count
    return dict(months), f"months (of {len(days):,} days; --all shows them)"


def _failed(item: tuple[str, int]) -> str:
    words, count = item
    return f"{words}: {_pages(count)}"


def _missing(each: Any) -> str:
    untold = each.of_pages - len(each.found) - len(each.missing)
    more = f" and {untold:,} more" if untold > 0 else ""
    return f"{each.request}: {_ranges(each.missing)}{more} of {_pages(each.of_pages)}"


def _repeated_page(each: Any) -> str:
    return f"{each.request}: page {each.number} in {_files(each.files)}"


def _wrong_total(each: Any) -> str:
    said = " or ".join(f"{total:,}" for total in each.total_length)
    return f"{each.request}: {said} by the envelope, {each.found:,} found"


def _repeated_call(each: RepeatedCall) -> str:
    return f"{each.identifier} in {_files(each.files)}"


def _pages(count: int) -> str:
    return f"{count:,} page{'s' * (count != 1)}"


def _files(files: Sequence[str]) -> str:
    more = len(files) - _MOST_FILES
    return ", ".join(files[:_MOST_FILES]) + (f" and {more:,} more" if more > 0 else "")


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers that rise, those in a row as one range: `0, 3-7`."""
    return ", ".join(
        str(first) if first == last else f"{first}-{last}" for first, last in _runs(numbers)
    )


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last
