"""Where dumps are: the files that paths, folders, globs and URLs stand for, in a fixed order.

Locations keep the order in which they are given. In a folder, files come before subfolders, and
names are in natural order: `page_2` before `page_10`.
"""

from __future__ import annotations

import errno
import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, cast

from ckct_formats._extras import extra
from ckct_formats._format import Format
from ckct_formats.dumps._errors import DumpError
from ckct_formats.dumps._streams import buffered

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
# What is wrong with a folder or an archive that holds no dump.
NO_DUMPS = f"holds no file that ends in {', '.join((*FORMAT_SUFFIXES, ARCHIVE_SUFFIX))}"

# A group of files, for one process, has at most this length. Each file counts as 1 MiB at least, so
# that thousands of small pages are spread out too; Spark does likewise with its own sources.
_GROUP_BYTES = 64 * 1024 * 1024
_MIN_FILE_BYTES = 1024 * 1024

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?:://|::)")
_NUMBER = re.compile(r"[0-9]+")
_ANY_FOLDERS = "**"


@dataclass(frozen=True, slots=True)
class File:
    """A file that may hold a dump.

    Attributes:
        name: What errors call it; for a path, the path.
        size: Its length in bytes, as it is stored; None if that is not known.
        stream: The open file, if that was given.
    """

    name: str
    size: int | None = None
    stream: IO[bytes] | None = field(default=None, compare=False)

    def open(self) -> IO[bytes]:
        """The file, opened by its name; or OSError."""
        if is_url(self.name):
            filesystem, path = _filesystem(self.name)
            return buffered(filesystem.open(path, "rb"), filesystem)
        return open(self.name, "rb")


def find(locations: Locations) -> Iterator[File | DumpError]:
    """The files that locations stand for. A location without any gives an error instead."""
    if isinstance(locations, str | bytes | os.PathLike) or hasattr(locations, "read"):
        locations = [cast(Location, locations)]
    for location in locations:
        if isinstance(location, str | os.PathLike):
            yield from _find(os.fsdecode(location))
        elif hasattr(location, "read"):
            stream: Any = location
            yield File(str(getattr(stream, "name", "") or "(a file object)"), stream=stream)
        else:
            raise TypeError(
                f"a dump is a path, a URL or a binary file, not {type(location).__name__}"
            )


def grouped(files: Iterable[File]) -> Iterator[list[File]]:
    """Files in their order, in groups; a file of unknown size is a group of its own."""
    group: list[File] = []
    left = _GROUP_BYTES
    for file in files:
        size = _GROUP_BYTES if file.size is None else max(file.size, _MIN_FILE_BYTES)
        if group and size > left:
            yield group
            group, left = [], _GROUP_BYTES
        group.append(file)
        left -= size
    if group:
        yield group


def is_url(path: str) -> bool:
    """Whether a path is for fsspec: `s3://bucket/dumps`, `zip::file://…`."""
    return bool(_URL.match(path))


def natural_key(name: str) -> str:
    """A key that sorts `page_2` before `page_10`. Numbers are compared by length, then by digits,
    since `int` does not read those of any length; NUL, which no name holds, comes before them."""

    def by_length(number: re.Match[str]) -> str:
        digits = number[0].lstrip("0")
        return f"\0{chr(1 + len(digits))}{digits}"

    return f"{_NUMBER.sub(by_length, name)}\0\0{name}"  # page_1 and page_01 are two names


def folder_key(path: str) -> str:
    """A key that sorts paths as a folder is read: files before subfolders."""
    *folders, file = path.split("/")
    return "".join([*(f"\2{natural_key(folder)}\0" for folder in folders), "\1", natural_key(file)])


def format_of(name: str) -> Format | None:
    """The format that a name tells, packed or not."""
    name = name.lower()
    for suffix in PACKED_SUFFIXES:
        name = name.removesuffix(suffix)
    return _FORMAT_OF_SUFFIX.get(os.path.splitext(name)[1])


def is_dump_name(path: str) -> bool:
    """Whether a file of a folder is read, by its path there: it is named like a dump, and neither
    it nor a folder on the way is hidden."""
    if any(part.startswith(".") for part in path.split("/")):
        return False
    return format_of(path) is not None or path.lower().endswith(ARCHIVE_SUFFIX)


def reason_of(error: Exception) -> str:
    """What is wrong, by an error of a file system or of a decompressor."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, FileNotFoundError):  # fsspec gives the path and nothing else
        return os.strerror(errno.ENOENT)
    return str(error) or type(error).__name__


def walk(
    folder: str, is_wanted: Callable[[str], bool] = is_dump_name
) -> Iterator[File | DumpError]:
    """The files of a folder and its subfolders whose names are wanted."""
    errors: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=errors.append):
        folders[:] = sorted((each for each in folders if not each.startswith(".")), key=natural_key)
        for name in sorted(filter(is_wanted, names), key=natural_key):
            path = os.path.join(here, name)
            if _is_file(path):
                yield File(path, _size(path))
    for error in errors:
        yield DumpError(str(error.filename), reason_of(error))


def _find(path: str) -> Iterator[File | DumpError]:
    if is_url(path):
        yield from _find_remote(path)
    elif os.path.isdir(path):
        yield from _or_none(path, walk(path))
    elif glob.has_magic(path) and not os.path.lexists(path):
        names = sorted(filter(_is_file, glob.iglob(path, recursive=True)), key=natural_key)
        files = (File(name, _size(name)) for name in names if not _is_below_link(name, path))
        yield from _or_none(path, files)
    else:
        yield File(path, _size(path))


def _or_none(location: str, files: Iterator[File | DumpError]) -> Iterator[File | DumpError]:
    """The files; if there are none, an error that says so."""
    yield next(files, DumpError(location, NO_DUMPS))
    yield from files


def _is_file(path: str) -> bool:
    """Whether to read it. A broken link is read, to be reported; a pipe is not, since it blocks."""
    return os.path.isfile(path) or not os.path.exists(path)


def _is_below_link(name: str, pattern: str) -> bool:
    """Whether what `**` matched is below a linked folder, which may lead back to one above it."""
    folders = pattern.split(os.sep)
    if _ANY_FOLDERS not in folders:
        return False
    parts = name.split(os.sep)
    ends = range(folders.index(_ANY_FOLDERS) + 1, len(parts))
    return any(os.path.islink(os.sep.join(parts[:end])) for end in ends)


def _size(path: str) -> int | None:
    try:
        return os.path.getsize(path)
    except (OSError, ValueError):  # ValueError: the path holds NUL
        return None


def _find_remote(url: str) -> Iterator[File | DumpError]:
    try:
        files = list(_remote_files(url))
    except (OSError, ValueError) as error:
        yield DumpError(url, reason_of(error))
    else:
        yield from _or_none(url, iter(files))


def _remote_files(url: str) -> Iterator[File]:
    filesystem, path = _filesystem(url)
    if filesystem.isdir(path):
        start = len(path.rstrip("/")) + 1 if path else 0
        found = filesystem.find(path, detail=True)
        paths = [each for each in found if is_dump_name(each[start:])]
        paths.sort(key=lambda each: folder_key(each[start:]))
    elif glob.has_magic(path) and not filesystem.exists(path):
        found = filesystem.glob(path, detail=True)
        paths = [each for each in found if found[each]["type"] == "file"]
        paths = sorted((each for each in paths if not _is_hidden(each, path)), key=natural_key)
    else:
        paths, found = [path], {path: filesystem.info(path)}
    _, chained, rest = url.partition("::")  # `zip://page.json::file:///dumps.zip`
    for each in paths:
        yield File(filesystem.unstrip_protocol(each) + chained + rest, found[each].get("size"))


def _is_hidden(path: str, pattern: str) -> bool:
    """Whether a match is hidden, or in a hidden folder, that the pattern does not name. A glob of
    local files does not match such paths; that of fsspec does."""
    named = pattern.split("/")
    return any(part.startswith(".") and part not in named for part in path.split("/"))


def _filesystem(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    try:
        return cast(tuple[Any, str], extra("remote", "fsspec").core.url_to_fs(url))
    except ModuleNotFoundError:
        raise
    except ImportError as error:  # fsspec names the package that the file system comes with
        raise ModuleNotFoundError(str(error)) from None
