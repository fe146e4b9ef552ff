"""Which files there are to read, and which of them one task reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import IO

from ckct_formats.dumps.locations import File, find, is_url, walk
from ckct_formats.errors import DumpError

# A partition is files of so many bytes, as they are stored. Each counts for the second number at
# least, so that thousands of small pages are still shared out; Spark's own sources reckon likewise.
_PARTITION_BYTES = 64 * 1024 * 1024
_FILE_BYTES = 1024 * 1024


def files(paths: Iterable[str]) -> Iterator[File]:
    """The files of all paths; of a folder none, if it has none.

    Raises:
        DumpError: There is nothing where a path points to.
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
    path = os.path.abspath(path)  # executors have another working directory
    return walk(path) if os.path.isdir(path) else find(path)


def opened(file: File) -> IO[bytes]:
    """A file, open; `DumpError` if it cannot be."""
    try:
        return file.open()
    except OSError as error:
        reason = error.strerror or str(error)
    raise DumpError(file.name, reason)


def grouped(files: Iterable[File]) -> Iterator[list[File]]:
    """Files in groups, one for each partition; one whose size is not known is alone."""
    group: list[File] = []
    left = _PARTITION_BYTES
    for file in files:
        size = _PARTITION_BYTES if file.size is None else max(file.size, _FILE_BYTES)
        if group and size > left:
            yield group
            group, left = [], _PARTITION_BYTES
        group.append(file)
        left -= size
    if group:
        yield group
