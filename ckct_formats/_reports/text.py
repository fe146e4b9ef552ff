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
    counted,
    place_of,
    position_of,
    shown,
    source_of,
    times_of,
)
from ckct_formats._reports.terminal import Terminal
from ckct_formats.cli._files import name_of
from ckct_formats.conformance import Difference, Finding, Severity
from ckct_formats.conformance._findings import TITLES

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_GOOD, _BAD, _FAINT = "green", "bold red", "dim"
_VALUE_CHARS = 200
# Printed this many at a time: a page may hold a finding for each of its values.
_LINES = 200


class TextCheck:
    """For each file its verdict, then what was found, by code; a summary of several files."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def add(self, checked: Checked) -> None:
        """Print one file; why one could not be read is said on standard error."""
        if checked.failure is not None:
            return
        name = self._terminal.text(name_of(checked.file))
        style = _GOOD if checked.ok else "bold"
        self._terminal.print(Text(name, "bold").append(f": {checked.verdict}", style))
        _print(self._terminal, self._lines(checked.findings))

    def end(self, tally: Tally) -> None:
        """Print the summary."""
        if tally.files > 1:
            self._terminal.print(tally.verdict, _GOOD if tally.ok else _BAD)

    def _lines(self, findings: Iterable[Finding]) -> Iterator[Text]:
        for code, group in groupby(by_code(findings), key=lambda finding: finding.code):
            same = list(group)
            severity = same[0].severity
            yield (
                Text("  ")
                .append(severity, _STYLES[severity])
                .append(f": {code}: ")
                .append(TITLES[code], _FAINT)
            )
            width = max(len(position_of(each)) for each in same)
            yield from (self._line(each, width) for each in same)

    def _line(self, finding: Finding, width: int) -> Text:
        line = Text("    ")
        if width:
            line.append(position_of(finding).rjust(width) + "  ", _FAINT)
        place = self._terminal.text(place_of(finding.path))
        line.append(f"{place}: " if place else "").append(self._terminal.text(finding.message))
        times = times_of(finding)
        return line.append(f" ({times})" if times else "", _FAINT)


def print_comparison(terminal: Terminal, compared: Compared) -> None:
    """The verdict, what cannot be read, what differs, and apart what differs and does not count."""
    terminal.print(compared.verdict, _GOOD if compared.equal else _BAD)
    _print(terminal, _sources(terminal, compared))
    differences = compared.comparison.differences
    _print(terminal, _differences(terminal, (d for d in differences if d.reason is None)))
    if compared.harmless:
        terminal.print("\nHarmless:", _FAINT)
        _print(terminal, _differences(terminal, (d for d in differences if d.reason), _FAINT))


def _sources(terminal: Terminal, compared: Compared) -> Iterator[Text]:
    for file in compared.files:
        if file not in compared.comparison.sources:
            continue
        source = source_of(compared.comparison.sources[file]) or "cannot be read"
        yield Text("  ").append(terminal.text(name_of(file))).append(f"  {source}", _FAINT)
        for fault in compared.faults_of(file):
            yield Text("    ").append(terminal.text(fault), "red")


def _differences(
    terminal: Terminal, differences: Iterable[Difference], style: str = ""
) -> Iterator[Text]:
    for each in differences:
        reason = f" ({each.reason})" if each.reason else ""
        place = format_path(each.path)
        yield Text("\n" + terminal.text(f"{place}{reason}"), style or "bold")
        width = max(len(terminal.text(name_of(name))) for name in each.values)
        for name, value in each.values.items():
            label = terminal.text(name_of(name)).ljust(width)
            yield Text(f"  {label}  ", _FAINT).append(_cut(terminal.text(shown(value))), style)


def _cut(text: str) -> str:
    if len(text) <= _VALUE_CHARS:
        return text
    return f"{text[:_VALUE_CHARS]}... ({counted(len(text) - _VALUE_CHARS, 'more character')})"


def _print(terminal: Terminal, lines: Iterator[Text]) -> None:
    while block := list(islice(lines, _LINES)):
        terminal.print(Text("\n").join(block))
