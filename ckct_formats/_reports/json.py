"""Reports as JSON; docs/conformance.md describes them, and what it says stays."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ckct_formats._errors import format_path
from ckct_formats._reports.results import Checked, Compared, Tally, Write, plain
from ckct_formats.conformance import Finding, Report, Severity

VERSION = 1


def encoded(value: Any) -> bytes:
    """A value as JSON in one line; a lone surrogate (of a file's name) becomes its JSON escape."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def write_check(write: Write, results: Iterable[Checked], tally: Tally) -> None:
    """One document, a file a line."""
    before = b'{"version": %d, "files": [\n' % VERSION
    for checked in results:
        write(before + encoded(_file(checked)))
        before = b",\n"
    summary = {
        "ok": tally.ok,
        "files": tally.files,
        "conforming": tally.conforming,
        "unreadable": tally.unreadable,
        **{f"{each}s": tally.severities[each] for each in Severity},
    }
    write(b'\n], "summary": %s}\n' % encoded(summary))


def _file(checked: Checked) -> dict[str, Any]:
    report = checked.report or Report(())
    return {
        "file": checked.file,
        "ok": checked.ok,
        "error": checked.failure,
        "source": report.source and asdict(report.source),
        "rows": report.rows,
        "findings": [_finding(each) for each in checked.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        **asdict(finding),  # code, message, path, line, column, count
        "location": format_path(finding.path),
    }


def write_comparison(write: Write, compared: Compared) -> None:
    """One document, a difference a line."""
    sources, differences = compared.comparison.sources, compared.comparison.differences
    files = [
        {
            "file": file,
            "source": (source := sources.get(file)) and asdict(source),
            "errors": compared.faults_of(file),
        }
        for file in compared.files
    ]
    write(b'{"version": %d, "equal": %s, ' % (VERSION, encoded(compared.equal)))
    write(b'"files": %s, "differences": [' % encoded(files))
    before = b"\n"
    for each in differences:
        entry = {
            "path": each.path,
            "location": format_path(each.path),
            "values": {name: plain(value) for name, value in each.values.items()},
            "reason": each.reason,
        }
        write(before + encoded(entry))
        before = b",\n"
    counts = {"differences": len(differences), "harmless": compared.harmless}
    write(b'\n], "summary": %s}\n' % encoded(counts))
