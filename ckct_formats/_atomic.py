"""Files that are there when they are whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path, drafts: Path | None = None) -> Iterator[IO[bytes]]:
    """A new file that takes a path at the end, or goes if something raises.

    Args:
        drafts: The folder where it stands until then, of the same file system; without it, the
            folder of the path.
    """
    draft = (drafts or path.parent) / f".{path.name}.{secrets.token_hex(8)}"
    try:
        with draft.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
