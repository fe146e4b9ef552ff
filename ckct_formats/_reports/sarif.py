"""Reports of a check as SARIF 2.1.0, which code hosts show beside the files.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from ckct_formats._about import PROGRAM, version
from ckct_formats._reports.json import Write, encoded
from ckct_formats._reports.results import Checked, Tally, place_of
from ckct_formats.conformance._findings import SEVERITIES, TITLES, Code, Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class SarifCheck:
    """One run, a result a line; how the run went comes last."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._failures: list[dict[str, Any]] = []
        self._before = b"\n"
        write(b'{"$schema": %s, "version": "2.1.0", "runs": [{' % encoded(SCHEMA))
        # Columns count characters, as Python does; SARIF's default is UTF-16 code units.
        write(b'"tool": %s, "columnKind": "unicodeCodePoints", "results": [' % encoded(_tool()))

    def add(self, checked: Checked) -> None:
        """Write the results of one file."""
        if checked.failure is not None:
            text = f"{checked.file}: {checked.failure}"
            locations = [{"physicalLocation": {"artifactLocation": {"uri": uri_of(checked.file)}}}]
            self._failures.append(
                {"level": "error", "message": {"text": text}, "locations": locations}
            )
        for finding in checked.findings:
            self._write(self._before + encoded(_result(checked.file, finding)))
            self._before = b",\n"

    def end(self, tally: Tally) -> None:
        """Write how the run went."""
        invocation = {
            "executionSuccessful": not self._failures,
            "exitCode": 0 if tally.ok else 1,
            "toolExecutionNotifications": self._failures,
        }
        self._write(b'\n], "invocations": [%s]}]}\n' % encoded(invocation))


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


def _result(file: str, finding: Finding) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri_of(file)}}
    if finding.line is not None:
        physical["region"] = {"startLine": finding.line, "startColumn": finding.column}
    location: dict[str, Any] = {"physicalLocation": physical}
    place = place_of(finding.path)
    if place:
        location["logicalLocations"] = [{"fullyQualifiedName": place}]
    return {
        "ruleId": finding.code,
        "ruleIndex": list(Code).index(finding.code),
        "level": finding.severity,
        "message": {"text": f"{place}: {finding.message}" if place else finding.message},
        "locations": [location],
        "occurrenceCount": finding.count,
    }


def uri_of(file: str) -> str:
    """A file as a URI: relative to where the program ran, unless its name is absolute."""
    if file == "-":
        return "stdin"
    path = PurePath(file)
    if path.is_absolute():
        return path.as_uri()
    return quote(os.fsencode(path.as_posix()))
