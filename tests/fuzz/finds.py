"""What was found: told apart by where it fails, saved, made short."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from hashlib import sha1

Check = Callable[[bytes], None]


def signature(error: BaseException) -> str:
    """A name for a failure, the same for bodies that fail alike."""
    facts: list[object] = [getattr(error, "__notes__", [])]
    cause: BaseException | None = error
    while cause is not None:
        frames = traceback.extract_tb(cause.__traceback__)[-3:]
        facts += [type(cause).__name__, [(frame.name, frame.lineno) for frame in frames]]
        cause = cause.__context__
    return f"{type(error).__name__}-{sha1(repr(facts).encode()).hexdigest()[:8]}"


def failure(check: Check, data: bytes) -> Exception | None:
    """What a check raises."""
    try:
        check(data)
    except Exception as error:
        return error
    return None


def told(error: BaseException) -> str:
    """A failure as text: where, and what was tried."""
    return "".join(traceback.format_exception(error, limit=-4))


def shortened(data: bytes, check: Check, seconds: float) -> bytes:
    """A shorter body that fails alike: pieces are taken out while it still does."""
    error = failure(check, data)
    if error is None:
        return data
    name, end = signature(error), time.monotonic() + seconds
    size = len(data) // 2
    while size and time.monotonic() < end:
        at, before = 0, len(data)
        while at < len(data) and time.monotonic() < end:
            less = data[:at] + data[at + size :]
            error = failure(check, less)
            if error is not None and signature(error) == name:
                data = less
            else:
                at += size
        if len(data) == before or size > 1:
            size //= 2
    return data
