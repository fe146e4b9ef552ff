"""Reports as JSON; docs/conformance.md describes them, and what it says stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ckct_formats._errors import format_path
from ckct_formats._model import Source
from ckct_formats._reports.results import Checked, Compared, Tally, place_of, plain
from ckct_formats.conformance import Difference, Finding, Severity

VERSION = 1

Write = Callable[[bytes], None]


def encoded(value: Any) -> bytes:
    """A value as JSON in one line; a lone surrogate (of a file's name) becomes its JSON escape."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


class JsonCheck:
    """One document, a file a line."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._before = b'{"version": %d, "files": [\n' % VERSION

    def add(self, checked: Checked) -> None:
        """Write one entry of `files`."""
        self._write(self._before + encoded(_file(checked)))
        self._before = b",\n"

    def end(self, tally: Tally) -> None:
        """Write the summary."""
        summary = {
            "ok": tally.ok,
            "files": tally.files,
            "conforming": tally.conforming,
            "unreadable": tally.unreadable,
            **{f"{each}s": tally.severities[each] for each in Severity},
        }
        start = b"" if tally.files else self._before
        self._write(start + b'\n], "summary": ' + encoded(summary) + b"}\n")


def _file(checked: Checked) -> dict[str, Any]:
    report = checked.report
    return {
        "file": checked.file,
        "ok": checked.ok,
        "error": checked.failure,
        "source": None if report is None else _source(report.source),
        "rows": 0 if report is None else report.rows,
        "findings": [_finding(each) for each in checked.findings],
    }


def _source(source: Source | None) -> dict[str, Any] | None:
    return None if source is None else asdict(source)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
        "path": finding.path,
        "location": place_of(finding.path),
        "line": finding.line,
        "column": finding.column,
        "count": finding.count,
    }


def write_comparison(write: Write, compared: Compared) -> None:
    """One document, a difference a line."""
    comparison = compared.comparison
    files = [_compared_file(compared, file) for file in compared.files]
    write(b'{"version": %d, "equal": %s, ' % (VERSION, encoded(compared.equal)))
    write(b'"files": %s, "differences": [' % encoded(files))
    before = b"\n"
    for each in comparison.differences:
        write(before + encoded(_difference(each)))
        before = b",\n"
    counts = {"differences": len(comparison.differences), "harmless": compared.harmless}
    write(b'\n], "summary": %s}\n' % encoded(counts))


def _compared_file(compared: Compared, file: str) -> dict[str, Any]:
    return {
        "file": file,
        "source": _source(compared.comparison.sources.get(file)),
        "errors": compared.faults_of(file),
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "path": difference.path,
        "location": format_path(difference.path),
        "values": {name: plain(value) for name, value in difference.values.items()},
        "reason": difference.reason,
    }
