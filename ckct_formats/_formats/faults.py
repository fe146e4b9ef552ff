"""What is wrong with a body or a value, before it is an error with a place."""

from __future__ import annotations

from typing import NamedTuple, Self

from ckct_formats._errors import Path

KEY_TWICE = "the key stands twice in one object"


class Over(NamedTuple):
    """Which limit a fault is past: its name, its number, and what was found."""

    limit: str
    allowed: int
    found: int


class Fault(Exception):
    """One cell or value that breaks a rule; whoever knows its place makes an error of it."""

    # Each bad row of a body has one.
    __slots__ = ("excerpt", "over", "path", "reason")

    def __init__(
        self, reason: str, excerpt: str | None = None, path: Path = (), over: Over | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.excerpt = excerpt
        self.path = path
        self.over = over

    @property
    def at(self) -> int | None:
        """Its index into the body's text, where that is known."""
        return None

    @property
    def text(self) -> str:
        """The reason, also of a fault that is past a limit."""
        over = self.over
        return f"{over.limit} is limited to {over.allowed:,}" if over else self.reason

    def without_frames(self) -> Self:
        """The same fault, which no longer holds what the functions held that it, and those that it
        was made of, were raised in: a function that keeps it would keep itself, and all it read."""
        self.__context__ = None
        return self.with_traceback(None)

    def placed(self, at: int | None) -> Fault:
        """The same fault, at an index into the text if there is one."""
        if at is None:
            return self
        placed = Misplaced(at, self.reason, self.excerpt, self.over)
        placed.path = self.path
        return placed

    def under(self, *path: str | int) -> Fault:
        """The same fault, seen from further up."""
        return Fault(self.reason, self.excerpt, (*path, *self.path), self.over)


class Misplaced(Fault):
    """A fault at an index into the text."""

    def __init__(
        self, at: int, reason: str, excerpt: str | None = None, over: Over | None = None
    ) -> None:
        super().__init__(reason, excerpt, over=over)
        self._at = at

    @property
    def at(self) -> int:
        """Its index into the body's text."""
        return self._at
