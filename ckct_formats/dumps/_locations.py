"""Where dumps are: the files that paths, folders, globs and URLs stand for, in a fixed order.

What is given comes in the order in which it is given. Of a folder, its files come before the
folders within, and names in the order that people count in: `page_2` before `page_10`.
"""

from __future__ import annotations

import errno
import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, cast

from ckct_formats._errors import DumpError
from ckct_formats._extras import extra
from ckct_formats._format import Format
from ckct_formats.dumps._streams import owning

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
_ANY_FOLDERS = "**"


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
            return owning(filesystem.open(path, "rb"), filesystem)
        return open(self.name, "rb")


def is_url(path: str) -> bool:
    """Whether a path is for fsspec: `s3://bucket/dumps`, `zip::file://…`."""
    return bool(_URL.match(path))


def natural(name: str) -> str:
    """A key that sorts names as people count. It is one text, as an archive may have many members.
    (Numbers may have more digits than `int` reads; NUL stands in no name.)"""
    parts = _NUMBER.split(name)
    for at, part in enumerate(parts):
        digits = part.lstrip("0")
        parts[at] = f"{chr(1 + len(digits))}{digits}" if at % 2 else f"{part}\0"
    return "".join([*parts, "\0", name])  # page_1 and page_01 are two names


def by_folder(path: str) -> str:
    """A key that sorts paths as a folder is read: its files before the folders within."""
    *folders, file = path.split("/")
    return "".join([*(f"\2{natural(folder)}\0" for folder in folders), "\1", natural(file)])


def format_of(name: str) -> Format | None:
    """The format that a name tells, whatever it is packed in."""
    name = name.lower()
    for suffix in PACKED_SUFFIXES:
        name = name.removesuffix(suffix)
    return _FORMAT_OF_SUFFIX.get(os.path.splitext(name)[1])


def is_named_as_dump(path: str) -> bool:
    """Whether a file of a folder is to be read, by its path in that: it is named as one, and
    neither it nor a folder on the way is hidden."""
    if any(part.startswith(".") for part in path.split("/")):
        return False
    return format_of(path) is not None or path.lower().endswith(ARCHIVE_SUFFIX)


def no_dumps() -> str:
    """What is wrong with a folder or an archive that holds no dump."""
    return f"holds no file that ends in {', '.join((*FORMAT_SUFFIXES, ARCHIVE_SUFFIX))}"


def reason_of(error: Exception) -> str:
    """What is wrong, by an error of a file system or of an unpacker."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, FileNotFoundError):  # of fsspec: it says the path and nothing else
        return os.strerror(errno.ENOENT)
    return str(error) or type(error).__name__


def find(locations: Locations) -> Iterator[File | DumpError]:
    """The files that locations stand for; what is wrong with a location comes in its place."""
    if isinstance(locations, str | bytes | os.PathLike) or hasattr(locations, "read"):
        locations = [cast(Location, locations)]
    for location in locations:
        if isinstance(location, str | os.PathLike):
            yield from _find(os.fsdecode(location))
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
        if _ANY_FOLDERS in path.split(os.sep):
            found = [name for name in found if not _is_behind_link(name, path)]
        files = (File(name, _size(name)) for name in found if _is_file(name))
        yield from _or_nothing(path, files)
    else:
        yield File(path, _size(path))


def _is_behind_link(name: str, pattern: str) -> bool:
    """Whether a match of `**` is in a folder that is linked there: it may be one that it is in."""
    parts = name.split(os.sep)
    first = pattern.split(os.sep).index(_ANY_FOLDERS)
    return any(os.path.islink(os.sep.join(parts[:end])) for end in range(first + 1, len(parts)))


def _or_nothing(path: str, files: Iterable[File | DumpError]) -> Iterator[File | DumpError]:
    """The files, or, if there are none, that."""
    empty = True
    for each in files:
        empty = False
        yield each
    if empty:
        yield DumpError(path, no_dumps())


def walk(
    folder: str, is_wanted: Callable[[str], bool] = is_named_as_dump
) -> Iterator[File | DumpError]:
    """The files of a folder and of those within that are wanted by their names."""
    wrong: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=wrong.append):
        folders[:] = sorted((each for each in folders if not each.startswith(".")), key=natural)
        for name in sorted(names, key=natural):
            path = os.path.join(here, name)
            if is_wanted(name) and _is_file(path):
                yield File(path, _size(path))
    for error in wrong:
        yield DumpError(str(error.filename), reason_of(error))


def _is_file(path: str) -> bool:
    """Whether it is a file or a broken link, which is told; a pipe would be waited for."""
    return os.path.isfile(path) or not os.path.exists(path)


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):  # ValueError: the path holds NUL
        return None


def _find_remote(url: str) -> Iterator[File | DumpError]:
    try:
        files = list(_remote_files(url))
    except (OSError, ValueError) as error:
        yield DumpError(url, reason_of(error))
    else:
        yield from _or_nothing(url, files)


def _remote_files(url: str) -> Iterator[File]:
    filesystem, path = _filesystem(url)
    if filesystem.isdir(path):
        start = len(path.rstrip("/")) + 1 if path else 0
        found = filesystem.find(path, detail=True)
        paths = [each for each in found if is_named_as_dump(each[start:])]
        paths.sort(key=lambda each: by_folder(each[start:]))
    elif glob.has_magic(path) and not filesystem.exists(path):
        found = filesystem.glob(path, detail=True)
        paths = [each for each in found if found[each]["type"] == "file"]
        paths = sorted((each for each in paths if not _is_hidden(each, path)), key=natural)
    else:
        paths, found = [path], {path: filesystem.info(path)}
    _, chained, behind = url.partition("::")  # `zip://page.json::file:///dumps.zip`
    for each in paths:
        yield File(filesystem.unstrip_protocol(each) + chained + behind, found[each].get("size"))


def _is_hidden(path: str, pattern: str) -> bool:
    """Whether a match is hidden, or in a hidden folder, that the pattern does not name: a pattern
    of local files does not match it."""
    named = pattern.split("/")
    return any(part.startswith(".") and part not in named for part in path.split("/"))


def _filesystem(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    try:
        return cast(tuple[Any, str], extra("remote", "fsspec").core.url_to_fs(url))
    except ModuleNotFoundError:
        raise
    except ImportError as error:  # what fsspec says of a file system that comes with a package
        reason = str(error)
    raise ModuleNotFoundError(reason)
