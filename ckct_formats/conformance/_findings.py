"""What a check finds: the codes, how grave each is, and the report.

Bodies hold phone numbers, so paths and messages are masked, as those of errors are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ckct_formats._errors import Path, format_path, mask, masked_path
from ckct_formats._model import Source


class Severity(StrEnum):
    """How grave a finding is.

    ERROR: data is lost or wrong. WARNING: it departs from the documented contract. NOTE: a dialect
    or a spelling that was tolerated.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    def reaches(self, threshold: Severity) -> bool:
        """Whether it is as grave as the threshold, or graver."""
        order = list(Severity)
        return order.index(self) <= order.index(threshold)


class Code(StrEnum):
    """The stable names of findings; `SEVERITIES` and `TITLES` say what each means."""

    UNREADABLE_BODY = "unreadable-body"
    UNSAFE_INPUT = "unsafe-input"
    LIMIT_EXCEEDED = "limit-exceeded"
    UNREADABLE_ROW = "unreadable-row"
    UNREADABLE_VALUE = "unreadable-value"
    DUPLICATE_KEY = "duplicate-key"
    REQUIRED_MISSING = "required-missing"
    DUPLICATE_CALL = "duplicate-call"
    WRONG_ROW_COUNT = "wrong-row-count"
    ENVELOPE_MISSING = "envelope-missing"
    MISSING_KEY = "missing-key"
    UNKNOWN_KEY = "unknown-key"
    NUMBER_AS_TEXT = "number-as-text"
    TEXT_AS_NUMBER = "text-as-number"
    LIST_AS_TEXT = "list-as-text"
    WRONG_TYPE = "wrong-type"
    WRONG_COUNT = "wrong-count"
    WRONG_PAGE_COUNT = "wrong-page-count"
    WRONG_PAGE = "wrong-page"
    WRONG_CONTENT_LENGTH = "wrong-content-length"
    OUTSIDE_PERIOD = "outside-period"
    BAD_STATE = "bad-state"
    BAD_PHONE = "bad-phone"
    REQUEST_FAILED = "request-failed"
    REORDERED_KEYS = "reordered-keys"
    BLANK_SPELLING = "blank-spelling"
    DIALECT = "dialect"
    ENCODING = "encoding"
    CANNOT_CARRY = "cannot-carry"


_ERRORS = {
    Code.UNREADABLE_BODY: "The body cannot be read for certain; nothing after this was checked",
    Code.UNSAFE_INPUT: "A DTD or an entity declaration, which is never read",
    Code.LIMIT_EXCEEDED: "The body asks for more than the limits allow",
    Code.UNREADABLE_ROW: "A row that is not one, or has too many or too few cells",
    Code.UNREADABLE_VALUE: "A value that its field cannot hold",
    Code.DUPLICATE_KEY: "A key that occurs twice in one object",
    Code.REQUIRED_MISSING: "A required field that is absent or blank",
    Code.DUPLICATE_CALL: "An identifier that two rows have",
    Code.WRONG_ROW_COUNT: "More or fewer rows than the envelope promises for this page",
}
_WARNINGS = {
    Code.ENVELOPE_MISSING: "The rows stand alone, without `inbound` and `info`",
    Code.MISSING_KEY: "A documented key that is absent",
    Code.UNKNOWN_KEY: "A key that is not documented",
    Code.NUMBER_AS_TEXT: "A number written as text, in a dialect that has numbers",
    Code.TEXT_AS_NUMBER: "A text written as a number",
    Code.LIST_AS_TEXT: "A list written as text, or as an object, in a dialect that has lists",
    Code.WRONG_TYPE: "`requestedType` names another format",
    Code.WRONG_COUNT: "A count that is negative, or a page length of 0",
    Code.WRONG_PAGE_COUNT: "`ofPages` does not follow from `totalLength` and `pageLength`",
    Code.WRONG_PAGE: "The requested page is not one of `ofPages`",
    Code.WRONG_CONTENT_LENGTH: "`contentLength` is not the length of this body or of its rows",
    Code.OUTSIDE_PERIOD: "A call outside the requested period, whatever its time zone",
    Code.BAD_STATE: "A state that is not a pair of codes",
    Code.BAD_PHONE: "A phone number that does not consist of digits alone",
}
_NOTES = {
    Code.REQUEST_FAILED: "The server says that the request failed",
    Code.REORDERED_KEYS: "Keys in an order other than the documented one",
    Code.BLANK_SPELLING: "A blank spelt otherwise than in the documented sample",
    Code.DIALECT: "A format that the provider does not document: the dialect was inferred",
    Code.ENCODING: "An encoding other than UTF-8",
    Code.CANNOT_CARRY: "What the format cannot tell apart",
}
TITLES = _ERRORS | _WARNINGS | _NOTES
SEVERITIES = (
    dict.fromkeys(_ERRORS, Severity.ERROR)
    | dict.fromkeys(_WARNINGS, Severity.WARNING)
    | dict.fromkeys(_NOTES, Severity.NOTE)
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    Attributes:
        code: Its stable name.
        message: A sentence, masked, without a full stop.
        path: The place, as wire keys and 0-based indices, masked; the first of several places.
        line, column: 1-based, where they are known; of the value at `path`.
        count: The number of places. Spellings and keys that many rows share are one finding; each
            wrong value is a finding of its own.
    """

    code: Code
    message: str
    path: Path = ()
    line: int | None = None
    column: int | None = None
    count: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", mask(self.message))
        object.__setattr__(self, "path", masked_path(self.path))

    @property
    def severity(self) -> Severity:
        return SEVERITIES[self.code]

    def __str__(self) -> str:
        place = f"{format_path(self.path)}: " if self.path else ""
        times = f" ({self.count:,} times)" if self.count > 1 else ""
        line = f" (line {self.line}, column {self.column})" if self.line is not None else ""
        return f"{self.severity}: {self.code}: {place}{self.message}{times}{line}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of one body found.

    Attributes:
        findings: Those of the whole body first, then in the order of the body.
        source: How the body is written; None where it could not be read.
        rows: How many rows it holds, including those that cannot be read.
    """

    findings: tuple[Finding, ...]
    source: Source | None = None
    rows: int = 0

    @property
    def ok(self) -> bool:
        """Whether the body is what the API promises: no finding is graver than a note."""
        return not self.reaching(Severity.WARNING)

    def reaching(self, threshold: Severity) -> tuple[Finding, ...]:
        """The findings that are as grave as a threshold, or graver."""
        return tuple(each for each in self.findings if each.severity.reaches(threshold))
