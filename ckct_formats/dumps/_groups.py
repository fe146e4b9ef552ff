"""Files in groups, each for one process at a time: of the command line or of a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ckct_formats.dumps._locations import File

# A group is files of so many bytes, as they are stored. Each counts for the second number at least,
# so that thousands of small pages are still shared out; Spark's own sources reckon likewise.
_GROUP_BYTES = 64 * 1024 * 1024
_FILE_BYTES = 1024 * 1024


def grouped(files: Iterable[File]) -> Iterator[list[File]]:
    """Files in their order, in groups; one whose size is not known is alone."""
    group: list[File] = []
    left = _GROUP_BYTES
    for file in files:
        size = _GROUP_BYTES if file.size is None else max(file.size, _FILE_BYTES)
        if group and size > left:
            yield group
            group, left = [], _GROUP_BYTES
        group.append(file)
        left -= size
    if group:
        yield group
