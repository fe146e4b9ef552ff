"""The rules of values of JSON, for peers that call a function for each value.

The second parameter is what cattrs passes: a function in between would cost it as much again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any


def text(value: str | None, _kind: Any = None) -> str | None:
    """A text; None if it is blank."""
    return None if value in ("", "-") else value


def integer(value: int | str | None, _kind: Any = None) -> int | None:
    """An integer; None for a blank."""
    return None if value is None or value in ("", "-") else int(value)


def time(value: str | None, _kind: Any = None) -> datetime | None:
    """A wall-clock time; None for a blank."""
    return None if value is None or value in ("", "-") else datetime.fromisoformat(value)
