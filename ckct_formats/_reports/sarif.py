"""Reports of a check as SARIF 2.1.0, which code hosts show beside the files.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from ckct_formats._about import PROGRAM, version
from ckct_formats._errors import format_path
from ckct_formats._reports.json import encoded
from ckct_formats._reports.results import Checked, Tally, Write
from ckct_formats._reports.words import STDIN
from ckct_formats.conformance import Code, Finding
from ckct_formats.conformance._findings import SEVERITIES, TITLES

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def write_check(write: Write, results: Iterable[Checked], tally: Tally) -> None:
    """One run, a result a line; how the run went comes last."""
    write(b'{"$schema": %s, "version": "2.1.0", "runs": [{' % encoded(_SCHEMA))
    # Columns count characters, as Python does; SARIF's default is UTF-16 code units.
    write(b'"tool": %s, "columnKind": "unicodeCodePoints", "results": [' % encoded(_tool()))
    failures = []
    before = b"\n"
    for checked in results:
        place = {"physicalLocation": {"artifactLocation": {"uri": _uri_of(checked.file)}}}
        if checked.failure is not None:
            text = f"{checked.file}: {checked.failure}"
            failures.append({"level": "error", "message": {"text": text}, "locations": [place]})
        for finding in checked.findings:
            write(before + encoded(_result(finding, place)))
            before = b",\n"
    invocation = {
        "executionSuccessful": not failures,
        "exitCode": 0 if tally.ok else 1,
        "toolExecutionNotifications": failures,
    }
    write(b'\n], "invocations": [%s]}]}\n' % encoded(invocation))


def _tool() -> dict[str, Any]:
    rules = [
        {
            "id": code,
            "shortDescription": {"text": TITLES[code]},
            "defaultConfiguration": {"level": SEVERITIES[code]},
        }
        for code in Code
    ]
    return {"driver": {"name": PROGRAM, "version": version(), "rules": rules}}


def _result(finding: Finding, place: dict[str, Any]) -> dict[str, Any]:
    physical, logical = place["physicalLocation"], format_path(finding.path)
    if finding.line is not None:
        region = {"startLine": finding.line, "startColumn": finding.column}
        physical = physical | {"region": region}
    location = {"physicalLocation": physical}
    if logical:
        location["logicalLocations"] = [{"fullyQualifiedName": logical}]
    return {
        "ruleId": finding.code,
        "ruleIndex": list(Code).index(finding.code),
        "level": finding.severity,
        "message": {"text": f"{logical}: {finding.message}" if logical else finding.message},
        "locations": [location],
        "occurrenceCount": finding.count,
    }


def _uri_of(file: str) -> str:
    """A file as a URI: relative to where the program ran, unless its name is absolute."""
    if file == STDIN:
        return "stdin"
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
