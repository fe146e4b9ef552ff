"""Where dumps are: the files that paths, folders, globs and URLs stand for, in a fixed order.

What is given comes in the order in which it is given. Of a folder, its files come before the
folders within, and names in the order that people count in: `page_2` before `page_10`.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, cast

from ckct_formats.errors import DumpError
from ckct_formats.extras import extra
from ckct_formats.formats import Format

# What may stand for dumps: a path, a folder, a glob or a URL, a binary file, or several of these.
Location = str | os.PathLike[str] | IO[bytes]
Locations = Location | Iterable[Location]

_FORMAT_OF_SUFFIX = {
    ".json": Format.JSON,
    ".xml": Format.XML,
    ".csv": Format.CSV,
    ".txt": Format.PLAIN,
    ".plain": Format.PLAIN,
}
FORMAT_SUFFIXES = tuple(_FORMAT_OF_SUFFIX)
PACKED_SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
ARCHIVE_SUFFIX = ".zip"

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?:://|::)")
_NUMBER = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class File:
    """A file that may hold a dump.

    Attributes:
        name: What it is called in errors; for a path, the path.
        size: Its length in bytes, as it is stored; None if that is not known.
        stream: The open file, where that is what was given.
    """

    name: str
    size: int | None = None
    stream: IO[bytes] | None = field(default=None, compare=False)

    def open(self) -> IO[bytes]:
        """The file, open; OSError if it cannot be."""
        if self.stream is not None:
            return self.stream
        if is_url(self.name):
            filesystem, path = _filesystem(self.name)
            return cast(IO[bytes], filesystem.open(path, "rb"))
        return open(self.name, "rb")


def is_url(path: str) -> bool:
    """Whether a path is for fsspec: `s3://bucket/dumps`, `zip::file://…`."""
    return bool(_URL.match(path))


def natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts names as people count."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBER.split(name)]


def format_of(name: str) -> Format | None:
    """The format that a name tells, whatever it is packed in."""
    name = name.lower()
    for suffix in PACKED_SUFFIXES:
        name = name.removesuffix(suffix)
    return _FORMAT_OF_SUFFIX.get(os.path.splitext(name)[1])


def is_named_as_dump(name: str) -> bool:
    """Whether a file of a folder is to be read: it is named as one, and not hidden."""
    name = name.rpartition("/")[2]
    if name.startswith("."):
        return False
    return format_of(name) is not None or name.lower().endswith(ARCHIVE_SUFFIX)


def find(locations: Locations) -> Iterator[File | DumpError]:
    """The files that locations stand for; what is wrong with a location comes in its place."""
    if isinstance(locations, str | os.PathLike) or hasattr(locations, "read"):
        locations = [cast(Location, locations)]
    for location in locations:
        if isinstance(location, str | os.PathLike):
            yield from _find(os.fspath(location))
        elif hasattr(location, "read"):
            stream: Any = location
            yield File(str(getattr(stream, "name", "") or "(a file object)"), None, stream)
        else:
            raise TypeError(
                f"a dump is a path, a URL or a binary file, not {type(location).__name__}"
            )


def _find(path: str) -> Iterator[File | DumpError]:
    if is_url(path):
        yield from _find_remote(path)
    elif os.path.isdir(path):
        yield from _or_nothing(path, walk(path))
    elif glob.has_magic(path) and not os.path.lexists(path):
        found = sorted(glob.glob(path, recursive=True), key=natural)
        files = (each for name in found if not os.path.isdir(name) for each in _find(name))
        yield from _or_nothing(path, files)
    else:
        yield File(path, _size(path))


def _or_nothing(path: str, files: Iterable[File | DumpError]) -> Iterator[File | DumpError]:
    """The files, or, if there are none, that."""
    empty = True
    for each in files:
        empty = False
        yield each
    if empty:
        suffixes = ", ".join((*FORMAT_SUFFIXES, ARCHIVE_SUFFIX))
        yield DumpError(path, f"holds no file that ends in {suffixes}")


def walk(folder: str) -> Iterator[File | DumpError]:
    """The files of a folder and of those within that are named as dumps."""
    wrong: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=wrong.append):
        folders[:] = sorted((each for each in folders if not each.startswith(".")), key=natural)
        for name in sorted(names, key=natural):
            path = os.path.join(here, name)
            if is_named_as_dump(name) and _is_file(path):
                yield File(path, _size(path))
    for error in wrong:
        yield DumpError(str(error.filename), error.strerror or str(error))


def _is_file(path: str) -> bool:
    """Whether it is a file or a broken link, which is told; a pipe would be waited for."""
    return os.path.isfile(path) or not os.path.exists(path)


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except OSError:
        return None


def _find_remote(url: str) -> Iterator[File | DumpError]:
    try:
        filesystem, path = _filesystem(url)
        if filesystem.isdir(path):
            found = [each for each in filesystem.find(path) if is_named_as_dump(each)]
        elif glob.has_magic(path):
            found = filesystem.glob(path)
        else:
            found = [path]
        names = [filesystem.unstrip_protocol(each) for each in sorted(found, key=natural)]
        files = [File(each, filesystem.size(path)) for each, path in zip(names, found, strict=True)]
    except (OSError, ValueError) as error:
        yield DumpError(url, str(error) or type(error).__name__)
        return
    yield from _or_nothing(url, files)


def _filesystem(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    return cast(tuple[Any, str], extra("remote", "fsspec").core.url_to_fs(url))
