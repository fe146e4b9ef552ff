"""What the reports are written from, and the words that they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, is_dataclass
from datetime import datetime
from json import dumps
from typing import Any

from ckct_formats._reports.words import counted
from ckct_formats._schema import schema_of
from ckct_formats.conformance import Code, Comparison, Finding, Report, Severity

Write = Callable[[bytes], object]

_ORDER = {code: at for at, code in enumerate(Code)}


@dataclass(frozen=True, slots=True)
class Checked:
    """One file that was checked: its report and, of that, the findings as grave as asked for; or
    why it could not be read."""

    file: str
    report: Report | None
    failure: str | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the file was read and nothing is wrong with it."""
        return self.failure is None and not self.findings

    @property
    def counts(self) -> Counter[Severity]:
        return Counter(finding.severity for finding in self.findings)

    @property
    def verdict(self) -> str:
        if self.failure is not None:
            return "cannot be read"
        return _counted_severities(self.counts) or "conforms"


@dataclass(slots=True)
class Tally:
    """What all files of a check come to."""

    files: int = 0
    conforming: int = 0
    unreadable: int = 0
    severities: Counter[Severity] = field(default_factory=Counter)

    def add(self, checked: Checked) -> None:
        self.files += 1
        self.conforming += checked.ok
        self.unreadable += checked.failure is not None
        self.severities += checked.counts

    @property
    def ok(self) -> bool:
        return self.conforming == self.files

    @property
    def verdict(self) -> str:
        found = _counted_severities(self.severities)
        if self.files == 1:
            return "1 file: " + (found or ("conforms" if self.ok else "cannot be read"))
        if self.ok:
            return f"{self.files:,} files: all conform"
        parts = [f"{self.conforming:,} conform{'s' if self.conforming == 1 else ''}"]
        bad = self.files - self.conforming - self.unreadable
        if bad:
            parts.append(f"{bad:,} {'does' if bad == 1 else 'do'} not ({found})")
        if self.unreadable:
            parts.append(f"{self.unreadable:,} cannot be read")
        return f"{self.files:,} files: {', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Compared:
    """Files that were compared, in the order given, and why some of them could not be opened."""

    files: tuple[str, ...]
    comparison: Comparison
    failures: dict[str, str]

    @property
    def equal(self) -> bool:
        """Whether all files could be read, and no difference counts."""
        return self.comparison.equal and not self.failures

    @property
    def harmless(self) -> int:
        return sum(each.reason is not None for each in self.comparison.differences)

    @property
    def verdict(self) -> str:
        found = len(self.comparison.differences) - self.harmless
        bad = len(self.failures) + len(self.comparison.errors)
        parts = [counted(found, "difference")] if found else []
        parts += [f"{counted(bad, 'file')} cannot be read in full"] if bad else []
        parts = parts or ["equal"]
        parts += [f"{self.harmless:,} harmless"] if self.harmless else []
        return ", ".join(parts)

    def faults_of(self, file: str) -> tuple[str, ...]:
        """Why a file, or rows of it, could not be read."""
        if file in self.failures:
            return (self.failures[file],)
        return tuple(map(str, self.comparison.errors.get(file, ())))


def _counted_severities(counts: Counter[Severity]) -> str:
    return ", ".join(counted(counts[each], each.value) for each in Severity if counts[each])


def by_code(findings: Iterable[Finding]) -> list[Finding]:
    """Findings in the order of their codes, the gravest first."""
    return sorted(findings, key=lambda finding: _ORDER[finding.code])


def position_of(finding: Finding) -> str:
    """Line and column, as editors take them."""
    return "" if finding.line is None else f"{finding.line}:{finding.column}"


def times_of(finding: Finding) -> str:
    """How often it occurs, if more than once."""
    return f"{finding.count:,} times" if finding.count > 1 else ""


def plain(value: Any) -> Any:
    """A value of a difference as JSON has it: times in ISO 8601, records by their wire keys."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return _record(value) if is_dataclass(value) else value


def _record(record: Any) -> dict[str, Any]:
    schema = schema_of(type(record))
    tree = {each.wire: plain(getattr(record, each.name)) for each in schema.fields}
    return tree | ({"extra": record.extra} if schema.has_extra else {})


def shown(value: Any) -> str:
    """A value of a difference in one line; of a record, what it holds."""
    if value is None:
        return "none"
    tree = plain(value)
    if not is_dataclass(value):
        return dumps(tree, ensure_ascii=False)
    filled = {key: each for key, each in tree.items() if each not in (None, [], {})}
    return ", ".join(f"{key}: {dumps(each, ensure_ascii=False)}" for key, each in filled.items())
