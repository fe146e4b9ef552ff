"""Reports as a person reads them in a terminal, or greps them in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from rich.text import Text

from ckct_formats._errors import format_path
from ckct_formats._reports.results import (
    Checked,
    Compared,
    Tally,
    by_code,
    position_of,
    shown,
    times_of,
)
from ckct_formats._reports.terminal import Terminal
from ckct_formats._reports.words import counted, name_of, source_of
from ckct_formats.conformance import Difference, Finding, Severity
from ckct_formats.conformance._findings import TITLES

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_GOOD, _BAD, _FAINT = "green", "bold red", "dim"
_VALUE_CHARS = 200
# Printed this many at a time: a page may hold a finding for each of its values.
_LINES = 200


def print_check(terminal: Terminal, results: Iterable[Checked], tally: Tally) -> None:
    """For each file that can be read its verdict, then what was found, by code; a summary of
    several files."""
    for checked in results:
        if checked.failure is None:
            name = Text(terminal.text(name_of(checked.file)), "bold")
            terminal.print(name.append(f": {checked.verdict}", _GOOD if checked.ok else "bold"))
            _print(terminal, _findings(terminal, checked.findings))
    if tally.files > 1:
        terminal.print(tally.verdict, _GOOD if tally.ok else _BAD)


def _findings(terminal: Terminal, findings: Iterable[Finding]) -> Iterator[Text]:
    for code, group in groupby(by_code(findings), key=lambda finding: finding.code):
        same = list(group)
        severity = same[0].severity
        heading = Text("  ").append(severity, _STYLES[severity])
        yield heading.append(f": {code}: ").append(TITLES[code], _FAINT)
        width = max(len(position_of(each)) for each in same)
        for each in same:
            line = Text("    ")
            if width:
                line.append(f"{position_of(each):>{width}}  ", _FAINT)
            place = terminal.text(format_path(each.path))
            line.append(f"{place}: " if place else "").append(terminal.text(each.message))
            times = times_of(each)
            yield line.append(f" ({times})" if times else "", _FAINT)


def print_comparison(terminal: Terminal, compared: Compared) -> None:
    """The verdict, what cannot be read, what differs, and then what differs and does not count."""
    terminal.print(compared.verdict, _GOOD if compared.equal else _BAD)
    _print(terminal, _sources(terminal, compared))
    differences = compared.comparison.differences
    _print(terminal, _differences(terminal, (d for d in differences if d.reason is None)))
    if compared.harmless:
        terminal.print("\nHarmless:", _FAINT)
        _print(terminal, _differences(terminal, (d for d in differences if d.reason), _FAINT))


def _sources(terminal: Terminal, compared: Compared) -> Iterator[Text]:
    for file, source in compared.comparison.sources.items():
        name = Text("  ").append(terminal.text(name_of(file)))
        yield name.append(f"  {source_of(source) or 'cannot be read'}", _FAINT)
        for fault in compared.faults_of(file):
            yield Text("    ").append(terminal.text(fault), "red")


def _differences(
    terminal: Terminal, differences: Iterable[Difference], style: str = ""
) -> Iterator[Text]:
    for each in differences:
        reason = f" ({each.reason})" if each.reason else ""
        yield Text("\n" + terminal.text(f"{format_path(each.path)}{reason}"), style or "bold")
        labels = {name: terminal.text(name_of(name)) for name in each.values}
        width = max(map(len, labels.values()))
        for name, value in each.values.items():
            text = terminal.text(shown(value))
            if len(text) > _VALUE_CHARS:
                rest = counted(len(text) - _VALUE_CHARS, "more character")
                text = f"{text[:_VALUE_CHARS]}... ({rest})"
            yield Text(f"  {labels[name]:<{width}}  ", _FAINT).append(text, style)


def _print(terminal: Terminal, lines: Iterator[Text]) -> None:
    while block := list(islice(lines, _LINES)):
        terminal.print(Text("\n").join(block))
