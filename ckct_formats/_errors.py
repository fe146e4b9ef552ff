"""Errors. Their attributes say what is wrong and where; the text is derived from them.

Bodies hold phone numbers, so `reason`, `path` and `excerpt` are masked when an error is made:
nothing that is logged, pickled or printed later can leak one.
"""

from __future__ import annotations

import re
from typing import Any

from ckct_formats._format import Format

Path = tuple[str | int, ...]

_EXCERPT_CHARS = 32
_KEY_CHARS = 64
_REASON_CHARS = 240
_PATH_HEAD, _PATH_TAIL = 200, 100
# Enough to see a run of digits that starts inside an excerpt and ends after it.
_MASKED_CHARS = 4 * _KEY_CHARS

_DIGIT_RUN = re.compile(r"\d(?:[\s()\[\]{}\u2010-\u2015\u2212-]*\d){4,}")
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:(?<=/v[0-9]/)|(?=[A-Za-z]*[0-9]))[A-Za-z0-9]{16}(?![A-Za-z0-9])"
)
_DIGIT = re.compile(r"\d")
_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*")


def mask(text: str) -> str:
    """Star out runs of five or more digits, even with spaces, brackets or dashes between them, and
    what may be an API key: 16 letters and digits, in an address or with a digit among them."""
    text = _KEY.sub(lambda key: "*" * len(key[0]), text)
    return _DIGIT_RUN.sub(lambda run: _DIGIT.sub("*", run[0]), text)


def _cut(text: str, length: int) -> str:
    masked = mask(text[:_MASKED_CHARS])
    return masked if len(masked) <= length else masked[: length - 1] + "…"


def printable(text: str) -> str:
    """Escape lone surrogates and control characters: a terminal obeys some of these."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def masked_path(path: Path) -> Path:
    return tuple(_cut(step, _KEY_CHARS) if isinstance(step, str) else step for step in path)


def format_path(path: Path) -> str:
    """A path as people write it: `payload[3].callId`. A long one is cut in the middle."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f'["{printable(step)}"]'
    if len(text) > _PATH_HEAD + _PATH_TAIL:
        return f"{text[:_PATH_HEAD]}…{text[-_PATH_TAIL:]}"
    return text


class FormatsError(Exception):
    """The root of all errors of this library."""

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is otherwise made anew by its __init__, which takes no text.
        return _remade, (type(self), *self.args), vars(self)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self.args, vars(self)) == (other.args, vars(other))

    def __hash__(self) -> int:
        return hash((type(self), self.args))


def _remade(kind: type[FormatsError], *args: Any) -> FormatsError:
    return kind.__new__(kind, *args)


class ParseError(FormatsError, ValueError):
    """A body that cannot be read for certain.

    Attributes:
        reason: What is wrong, masked.
        format: The format it was read as; None if that is not known yet.
        dialect: The dialect that was recognised, as in `Source.dialect`.
        path: Where, as wire keys and 0-based indices (keys where the payload is keyed), masked.
        line: 1-based; column: 1-based, in characters; offset: 0-based, in bytes of the body as
            given. Each is None where it has no meaning.
        excerpt: The offending text, masked, at most 32 characters.
    """

    def __init__(
        self,
        reason: str,
        *,
        format: Format | None = None,
        dialect: str | None = None,
        path: Path = (),
        line: int | None = None,
        column: int | None = None,
        offset: int | None = None,
        excerpt: str | None = None,
    ) -> None:
        self.reason = _cut(reason, _REASON_CHARS)
        self.format = format
        self.dialect = dialect
        self.path = masked_path(path)
        self.line = line
        self.column = column
        self.offset = offset
        self.excerpt = excerpt and _cut(excerpt, _EXCERPT_CHARS)
        where = "" if offset is None else f" (offset {offset})"
        if line is not None:
            where = f" (line {line})" if column is None else f" (line {line}, column {column})"
        super().__init__(_text(self) + where)


class UnsafeInputError(ParseError):
    """A DTD or an entity declaration, which XML attacks need; never read."""


class LimitExceededError(ParseError):
    """A body that asks for more than `Limits` allows.

    Attributes:
        limit: The name of the limit, as in `Limits`.
        allowed: Its value.
        found: What the body holds, at least.
    """

    def __init__(self, limit: str, allowed: int, found: int, **where: Any) -> None:
        self.limit = limit
        self.allowed = allowed
        self.found = found
        super().__init__(f"{limit} is limited to {allowed:,}, found {found:,}", **where)


class UnknownFormatError(FormatsError, ValueError):
    """A format that is none of the four.

    Attributes:
        found: What was passed, as text, masked, at most 32 characters.
    """

    def __init__(self, found: object) -> None:
        self.found = _cut(str(found), _EXCERPT_CHARS)
        names = ", ".join(Format)
        super().__init__(f'unknown format "{printable(self.found)}": pass one of {names}')


class SerializeError(FormatsError):
    """A value that the format cannot carry: it would not be read back equal.

    Attributes:
        reason, format, path, excerpt: As in `ParseError`.
    """

    def __init__(
        self,
        reason: str,
        *,
        format: Format | None = None,
        path: Path = (),
        excerpt: str | None = None,
    ) -> None:
        self.reason = _cut(reason, _REASON_CHARS)
        self.format = format
        self.path = masked_path(path)
        self.excerpt = excerpt and _cut(excerpt, _EXCERPT_CHARS)
        super().__init__(_text(self))


def _text(error: ParseError | SerializeError) -> str:
    parts = filter(None, (error.format, format_path(error.path), printable(error.reason)))
    found = "" if error.excerpt is None else f', found "{printable(error.excerpt)}"'
    return ": ".join(parts) + found
