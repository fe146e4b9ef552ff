"""Which files there are to read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import IO

from ckct_formats.dumps import DumpError
from ckct_formats.dumps._locations import File, find, is_url, reason_of, walk


def files(paths: Iterable[str]) -> Iterator[File]:
    """The files of all paths. A folder may be empty.

    Raises:
        DumpError: There is nothing at a path.
    """
    for path in paths:
        for found in _find(path):
            if isinstance(found, DumpError):
                raise found
            if found.size is None:
                opened(found).close()
            yield found


def _find(path: str) -> Iterator[File | DumpError]:
    if is_url(path):
        return find(path)
    path = path.removeprefix("file:")  # as Spark writes local paths: file:/data
    path = os.path.abspath(path)  # executors have another working directory
    return walk(path) if os.path.isdir(path) else find(path)


def opened(file: File) -> IO[bytes]:
    """The stream of a file; `DumpError` if it cannot be opened."""
    try:
        return file.open()
    except OSError as error:
        reason = reason_of(error)
    raise DumpError(file.name, reason)
