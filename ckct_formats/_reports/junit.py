"""Reports of a check as JUnit XML, which CI servers show as tests: a file is a suite."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from ckct_formats._reports.json import Write
from ckct_formats._reports.results import Checked, Tally, by_code, place_of, position_of, times_of
from ckct_formats.conformance._findings import TITLES, Code, Finding

# What XML 1.0 cannot hold.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JunitCheck:
    """A suite for each file; in it, a failed test for each code found, or one that passed."""

    def __init__(self, write: Write) -> None:
        self._write = write
        write(b'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="ckct-formats check">\n')

    def add(self, checked: Checked) -> None:
        """Write the suite of one file."""
        name = _attribute(checked.file)
        cases = list(_cases(checked))
        failures = len(cases) if checked.findings else 0
        errors = int(checked.failure is not None)
        counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'
        lines = [f"<testsuite name={name} {counts}>"]
        for case, inner in cases:
            lines.append(f"<testcase classname={name} name={_attribute(case)}>{inner}</testcase>")
        self._write("\n".join([*lines, "</testsuite>\n"]).encode())

    def end(self, tally: Tally) -> None:
        """Close the document."""
        self._write(b"</testsuites>\n")


def _cases(checked: Checked) -> Iterable[tuple[str, str]]:
    if checked.failure is not None:
        yield "can be read", f"<error message={_attribute(checked.failure)}/>"
    elif not checked.findings:
        yield "conforms", ""
    for code, findings in groupby(by_code(checked.findings), key=lambda finding: finding.code):
        yield code, _failure(code, list(findings))


def _failure(code: Code, findings: list[Finding]) -> str:
    lines = escape(_possible("\n".join(map(_line, findings))))
    message, severity = _attribute(TITLES[code]), findings[0].severity
    return f'<failure type="{severity}" message={message}>{lines}</failure>'


def _line(finding: Finding) -> str:
    parts = position_of(finding), place_of(finding.path), finding.message, times_of(finding)
    return ": ".join(filter(None, parts))


def _attribute(text: str) -> str:
    return quoteattr(_possible(text))


def _possible(text: str) -> str:
    return _IMPOSSIBLE.sub(lambda char: char[0].encode("unicode_escape").decode("ascii"), text)
