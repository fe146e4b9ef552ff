"""Reports of a check as JUnit XML, which CI servers show as tests: a file is a suite."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from ckct_formats._errors import format_path
from ckct_formats._reports.results import Checked, Tally, Write, by_code, position_of, times_of
from ckct_formats.conformance import Finding
from ckct_formats.conformance._findings import SEVERITIES, TITLES

# What XML 1.0 cannot hold.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_check(write: Write, results: Iterable[Checked], tally: Tally) -> None:
    """A suite for each file; in it, a failed test for each code found, or one that passed."""
    write(b'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="ckct-formats check">\n')
    for checked in results:
        name = quoteattr(checked.file)
        cases = [
            f"<testcase classname={name} name={quoteattr(case)}>{inner}</testcase>\n"
            for case, inner in _cases(checked)
        ]
        failures = len(cases) if checked.findings else 0
        errors = int(checked.failure is not None)
        counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'
        suite = f"<testsuite name={name} {counts}>\n{''.join(cases)}</testsuite>\n"
        write(_IMPOSSIBLE.sub(lambda c: c[0].encode("unicode_escape").decode(), suite).encode())
    write(b"</testsuites>\n")


def _cases(checked: Checked) -> Iterator[tuple[str, str]]:
    if checked.failure is not None:
        yield "can be read", f"<error message={quoteattr(checked.failure)}/>"
    elif checked.ok:
        yield "conforms", ""
    for code, findings in groupby(by_code(checked.findings), key=lambda finding: finding.code):
        lines = escape("\n".join(map(_line, findings)))
        kind = f'type="{SEVERITIES[code]}" message={quoteattr(TITLES[code])}'
        yield code, f"<failure {kind}>{lines}</failure>"


def _line(finding: Finding) -> str:
    place = format_path(finding.path)
    parts = position_of(finding), place, finding.message, times_of(finding)
    return ": ".join(filter(None, parts))
