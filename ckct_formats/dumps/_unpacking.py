"""What files hold, unpacked by their first bytes, whatever they are called."""

from __future__ import annotations

import bz2
import io
import lzma
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import IO, Any, cast

from ckct_formats._extras import extra
from ckct_formats.dumps._errors import DumpError
from ckct_formats.dumps._locations import NO_DUMPS, File, folder_key, is_dump_name, reason_of
from ckct_formats.dumps._streams import UNPACKED_BYTES, FrameReader, Guarded, buffered, seekable

# What opening and reading a packed file may raise. ValueError: the file is closed, or a name cannot
# be read or holds NUL. RuntimeError: a member is encrypted, or packed in a way that Python does not
# know. OverflowError: it is said to begin after the end of any possible file.
_UNREADABLE = (
    OSError,
    ValueError,
    RuntimeError,
    OverflowError,
    EOFError,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
)

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# What zipfile unpacks in small steps. With other methods a few bytes may become gigabytes at once.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# A file that is packed once more is no dump.
_MAX_LAYERS = 3
# An archive in a packed file is copied first, since it is read from its end.
_MAX_COPIED_BYTES = 256 * 1024 * 1024
# The directory of an archive is read at once, and takes about ten times its length in memory: this
# length is some 100,000 members.
_MAX_DIRECTORY_BYTES = 8 * 1024 * 1024
# The highest preset, `xz -9`, asks for 65 MiB.
_XZ_MEMORY = 256 * 1024 * 1024

# Names of files, or of members of archives, with their bytes.
Contents = Iterator[tuple[str, bytes] | DumpError]


def contents(files: Iterable[File | DumpError], max_bytes: int) -> Contents:
    """What files hold, each cut off after `max_bytes`. For a file or a member that cannot be read
    there is an error instead, and the next one follows."""
    for file in files:
        if isinstance(file, DumpError):
            yield file
        else:
            yield from _or_error(file.name, _of_file(file, max_bytes))


def _or_error(name: str, found: Contents) -> Contents:
    try:
        yield from found
    except _UNREADABLE as error:
        yield DumpError(name, reason_of(error))


def _of_file(file: File, max_bytes: int) -> Contents:
    # A stream that was passed in stays open.
    with file.open() if file.stream is None else nullcontext(file.stream) as stream:
        yield from _unpacked(file.name, stream, max_bytes, _MAX_LAYERS)


def _unpacked(name: str, packed: IO[bytes] | FrameReader, max_bytes: int, layers: int) -> Contents:
    stream = buffered(packed)
    magic = stream.peek(8)[:8]
    unpack = next((each for start, each in _UNPACKERS.items() if magic.startswith(start)), None)
    if unpack is None and not magic.startswith(_ZIP):
        yield name, _read(stream, max_bytes)
    elif not layers:
        raise OSError(f"packed more than {_MAX_LAYERS} times")
    elif unpack is None:
        yield from _of_archive(name, stream, max_bytes, layers - 1)
    else:
        yield from _unpacked(name, unpack(stream), max_bytes, layers - 1)


def _read(stream: IO[bytes], max_bytes: int) -> bytes:
    data = io.BytesIO()
    while chunk := stream.read(min(UNPACKED_BYTES, max_bytes - data.tell())):
        data.write(chunk)
    return data.getvalue()


def _of_archive(name: str, stream: io.BufferedReader, max_bytes: int, layers: int) -> Contents:
    """The members that are named like dumps, in the order of a folder."""
    is_packed = layers < _MAX_LAYERS - 1
    with seekable(stream, _MAX_COPIED_BYTES if is_packed else None) as archive:
        guarded = Guarded(archive, _MAX_DIRECTORY_BYTES)
        with zipfile.ZipFile(cast(IO[bytes], guarded)) as zipped:
            guarded.max_bytes = sys.maxsize  # a member may be an archive with a long directory
            members = [each for each in zipped.infolist() if _is_dump(each.filename)]
            if not members:
                raise OSError(NO_DUMPS)
            for member in sorted(members, key=lambda each: folder_key(each.filename)):
                path = f"{name}/{member.filename}"
                yield from _or_error(path, _of_member(path, zipped, member, max_bytes, layers))


def _is_dump(path: str) -> bool:
    return is_dump_name(path) and "__MACOSX" not in path.split("/")


def _of_member(
    path: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, max_bytes: int, layers: int
) -> Contents:
    if member.compress_type not in _METHODS:
        raise OSError("a member that is packed in another way than zip's own, deflate")
    with archive.open(member) as stream:
        yield from _unpacked(path, stream, max_bytes, layers)


def _zstd(stream: IO[bytes]) -> FrameReader:
    library = extra("zstd", "zstandard")
    new_frame = library.ZstdDecompressor().decompressobj
    return FrameReader(stream, new_frame, failure=library.ZstdError)


def _unpacker(new_frame: Callable[[], Any]) -> Callable[[IO[bytes]], FrameReader]:
    return lambda stream: FrameReader(stream, new_frame, UNPACKED_BYTES)


_UNPACKERS: dict[bytes, Callable[[IO[bytes]], FrameReader]] = {
    b"\x1f\x8b": _unpacker(partial(zlib.decompressobj, 16 + zlib.MAX_WBITS)),  # gzip
    b"BZh": _unpacker(bz2.BZ2Decompressor),
    b"\xfd7zXZ\0": _unpacker(partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, _XZ_MEMORY)),
    b"\x28\xb5\x2f\xfd": _zstd,
}
