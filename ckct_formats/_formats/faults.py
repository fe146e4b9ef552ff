"""What is wrong with a body or a value, before it becomes an error with a place."""

from __future__ import annotations

from typing import NamedTuple, Self

from ckct_formats._errors import Path

# A body with more bad rows is refused: their errors would take more memory than the body.
MAX_BAD_ROWS = 20_000

KEY_TWICE = "the key occurs twice in one object"


class Excess(NamedTuple):
    """The limit that was exceeded, its number, and what was found."""

    limit: str
    allowed: int
    found: int


class Fault(Exception):
    """A rule that a body or a value breaks. Whoever knows its place makes an error of it.

    Attributes:
        reason: What is wrong.
        excerpt: The offending text.
        path: Where, from the value that was being read.
        at: Where, as an index into the body's text; None if only the path is known.
        excess: The limit that was exceeded, if that is what is wrong.
    """

    __slots__ = ("at", "excerpt", "excess", "path", "reason")

    def __init__(
        self,
        reason: str,
        excerpt: str | None = None,
        path: Path = (),
        *,
        at: int | None = None,
        excess: Excess | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.excerpt = excerpt
        self.path = path
        self.at = at
        self.excess = excess

    @property
    def text(self) -> str:
        """The reason, also where a limit was exceeded."""
        excess = self.excess
        return f"{excess.limit} is limited to {excess.allowed:,}" if excess else self.reason

    def under(self, *path: str | int) -> Fault:
        """The same fault, with a path that begins further up."""
        return Fault(self.reason, self.excerpt, (*path, *self.path), at=self.at, excess=self.excess)

    def without_frames(self) -> Self:
        """The same fault, without the frames that it passed through: they hold the body."""
        self.__context__ = None
        return self.with_traceback(None)


class UnsafeFault(Fault):
    """A DTD or an entity declaration."""


def exceeded(
    limit: str,
    allowed: int,
    found: int,
    *path: str | int,
    at: int | None = None,
    excerpt: str | None = None,
) -> Fault:
    """The fault of a limit that was exceeded."""
    return Fault("", excerpt, path, at=at, excess=Excess(limit, allowed, found))


class Unproven(Exception):
    """This way of reading cannot prove what it would say of the body: the next one must read it."""
