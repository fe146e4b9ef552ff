"""Outputs that take their name when they are whole.

They are made in a hidden folder beside it. A run that is killed leaves that folder behind; the
next run with the same output removes it.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_MARK = "ckct-partial"


@contextmanager
def workspace(target: Path) -> Iterator[Path]:
    """A new folder beside a target, to make it in; what is left of it at the end is removed."""
    folder = target.with_name(f".{target.name}.{_MARK}-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(target: Path) -> None:
    """Remove what killed runs left beside a target; OSError if its folder does not exist."""
    name = re.compile(rf"\.{re.escape(target.name)}\.{_MARK}-([0-9]{{1,9}})-[0-9a-f]{{8}}")
    with suppress(PermissionError):  # in some folders one may write, but not look
        for entry in os.listdir(target.parent):
            found = name.fullmatch(entry)
            if found and not _is_running(int(found[1])):
                shutil.rmtree(target.with_name(entry), ignore_errors=True)


def _is_running(process: int) -> bool:
    if sys.platform == "win32":  # where the call below would end the process
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return process != os.getpid()  # an earlier run may have had our number, as in containers


@contextmanager
def replacing(path: Path, *, overwrite: bool = True) -> Iterator[IO[bytes]]:
    """A new file that takes a path at the end, unless something raises; FileExistsError if the path
    is taken by then and not to be overwritten."""
    with workspace(path) as folder:
        draft = folder / "draft"
        with draft.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if overwrite:
            with suppress(FileNotFoundError):
                shutil.copymode(path, draft)
            os.replace(draft, path)
        else:
            _move_to_free_name(draft, path)


def _move_to_free_name(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)  # unlike a rename, it refuses a name that is taken
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        path.open("xb").close()
        os.replace(draft, path)
