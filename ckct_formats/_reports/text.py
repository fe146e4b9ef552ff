"""Reports as a person reads them in a terminal, or greps them in a pipe."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from ckct_formats._errors import format_path
from ckct_formats._reports import results
from ckct_formats._reports.results import Checked, Compared, Tally
from ckct_formats._reports.terminal import Terminal
from ckct_formats._reports.words import counted, name_of, source_of
from ckct_formats.conformance import Difference, Finding, Severity
from ckct_formats.conformance._findings import TITLES

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_GOOD, _BAD, _FAINT = "green", "bold red", "dim"
_VALUE_CHARS = 200


def print_check(terminal: Terminal, files: Iterable[Checked], tally: Tally) -> None:
    """For each file that can be read its verdict, then what was found, by code; a summary of
    several files."""
    for checked in files:
        if checked.failure is None:
            name = terminal.styled(terminal.text(name_of(checked.file)), "bold")
            verdict = terminal.styled(f": {checked.verdict}", _GOOD if checked.ok else "bold")
            terminal.print(name + verdict)
            _print_findings(terminal, checked.findings)
    if tally.files > 1:
        terminal.print(tally.verdict, _GOOD if tally.ok else _BAD)


def _print_findings(terminal: Terminal, findings: Iterable[Finding]) -> None:
    for code, group in groupby(results.by_code(findings), key=lambda finding: finding.code):
        same = list(group)
        severity = terminal.styled(same[0].severity, _STYLES[same[0].severity])
        terminal.print(f"  {severity}: {code}: {terminal.styled(TITLES[code], _FAINT)}")
        width = max(len(results.position_of(each)) for each in same)
        for each in same:
            position = f"{results.position_of(each):>{width}}  " if width else ""
            place = f"{format_path(each.path)}: " if each.path else ""
            text = terminal.text(place + each.message)
            times = f" ({results.times_of(each)})" if results.times_of(each) else ""
            start, end = terminal.styled(position, _FAINT), terminal.styled(times, _FAINT)
            terminal.print(f"    {start}{text}{end}")


def print_comparison(terminal: Terminal, compared: Compared) -> None:
    """The verdict, what cannot be read, what differs, and then what differs and does not count."""
    terminal.print(compared.verdict, _GOOD if compared.equal else _BAD)
    for file, source in compared.comparison.sources.items():
        about = terminal.styled(f"  {source_of(source) or 'cannot be read'}", _FAINT)
        terminal.print(f"  {terminal.text(name_of(file))}{about}")
        for fault in compared.faults_of(file):
            terminal.print(f"    {terminal.styled(terminal.text(fault), 'red')}")
    differences = compared.comparison.differences
    _print_differences(terminal, [each for each in differences if each.reason is None], "")
    if compared.harmless:
        terminal.print("\nHarmless:", _FAINT)
        _print_differences(terminal, [each for each in differences if each.reason], _FAINT)


def _print_differences(terminal: Terminal, differences: list[Difference], style: str) -> None:
    for each in differences:
        reason = f" ({each.reason})" if each.reason else ""
        heading = terminal.text(f"{format_path(each.path)}{reason}")
        terminal.print("\n" + terminal.styled(heading, style or "bold"))
        labels = {name: terminal.text(name_of(name)) for name in each.values}
        width = max(map(len, labels.values()))
        for name, value in each.values.items():
            text = terminal.text(results.shown(value))
            if len(text) > _VALUE_CHARS:
                rest = counted(len(text) - _VALUE_CHARS, "more character")
                text = f"{text[:_VALUE_CHARS]}... ({rest})"
            label = terminal.styled(f"  {labels[name]:<{width}}  ", _FAINT)
            terminal.print(label + terminal.styled(text, style))
