"""What a file holds, unpacked: by its first bytes, whatever it is called."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import IO, Any, NamedTuple, cast

from ckct_formats._errors import DumpError
from ckct_formats._extras import extra
from ckct_formats.dumps._locations import File, by_folder, is_named_as_dump, no_dumps, reason_of
from ckct_formats.dumps._streams import Forward, Frames, Guarded, peekable, seekable

# What reading a packed file may raise, beside OSError.
BROKEN = (EOFError, lzma.LZMAError, zipfile.BadZipFile, zlib.error)
# What opening one may raise: ValueError where a name cannot be read, or holds NUL; RuntimeError
# where a member is encrypted, or packed in a way that Python does not know; OverflowError where it
# is said to begin behind what any file in memory can hold.
_UNREADABLE = (OSError, ValueError, RuntimeError, OverflowError, *BROKEN)

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# What zipfile unpacks piece by piece. Of others a few bytes may become gigabytes at once.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# A file that is packed once more than this is no dump.
_MOST_LAYERS = 3
# An archive that is packed once more is copied to a file first, as one cannot go back in it.
_MOST_COPIED_BYTES = 256 * 1024 * 1024
# The directory of an archive is read at once, and takes about ten times its bytes in memory: so
# much is some 100,000 members.
_MOST_DIRECTORY_BYTES = 8 * 1024 * 1024
# The greatest preset, `xz -9`, asks for 65 MiB.
_XZ_MEMORY = 256 * 1024 * 1024


class Member(NamedTuple):
    """One dump: a file, or a member of an archive."""

    name: str
    stream: IO[bytes]


def members(file: File) -> Iterator[Member | DumpError]:
    """The dumps of a file, unpacked as they are read; each stands open until the next is asked for.
    What cannot be opened comes as an error in its place.

    While a member is read, it may raise OSError or one of `BROKEN`.
    """
    try:
        # What was given open stays open.
        with file.open() if file.stream is None else nullcontext(file.stream) as stream:
            yield from _unpacked(Member(file.name, stream), _MOST_LAYERS)
        return
    except _UNREADABLE as error:
        failed = DumpError(file.name, reason_of(error))
    yield failed


def _unpacked(member: Member, layers: int) -> Iterator[Member | DumpError]:
    stream = peekable(member.stream)
    magic = stream.peek(8)[:8]
    member = Member(member.name, cast(IO[bytes], stream))
    is_archive = magic.startswith(_ZIP)
    unpack = next((each for begin, each in _PACKED.items() if magic.startswith(begin)), None)
    if not is_archive and unpack is None:
        yield member
    elif not layers:
        raise OSError(f"packed more than {_MOST_LAYERS} times")
    elif unpack is None:
        yield from _of_archive(member, layers - 1)
    else:
        with unpack(member.stream) as inner:
            yield from _unpacked(Member(member.name, inner), layers - 1)


def _of_archive(archive: Member, layers: int) -> Iterator[Member | DumpError]:
    """The members of an archive that are named as dumps, in the order of a folder."""
    most_bytes = None if layers == _MOST_LAYERS - 1 else _MOST_COPIED_BYTES
    with seekable(archive.stream, most_bytes) as stream, _opened(stream) as zipped:
        found = [each for each in zipped.infolist() if _is_member(each.filename)]
        if not found:
            raise OSError(no_dumps())
        for each in sorted(found, key=lambda each: by_folder(each.filename)):
            name = f"{archive.name}/{each.filename}"
            try:
                if each.compress_type not in _METHODS:
                    raise OSError("a member that is packed in another way than zip's own, deflate")
                with zipped.open(each) as inner:
                    yield from _unpacked(Member(name, inner), layers)
                continue
            except _UNREADABLE as error:
                failed = DumpError(name, reason_of(error))
            yield failed


def _opened(stream: IO[bytes]) -> zipfile.ZipFile:
    """An archive whose directory is read.

    Raises:
        OSError: That would be longer than `_MOST_DIRECTORY_BYTES`, and is not read.
    """
    guarded = Guarded(
        stream,
        _MOST_DIRECTORY_BYTES,
        f"an archive with a directory of more than {_MOST_DIRECTORY_BYTES:,} bytes",
    )
    zipped = zipfile.ZipFile(cast(IO[bytes], guarded))
    # Of a member, which may be an archive itself, as much may be read at once as is asked for.
    guarded.release()
    return zipped


def _is_member(name: str) -> bool:
    return is_named_as_dump(name) and "__MACOSX" not in name.split("/")


def _gzip(stream: IO[bytes]) -> Forward:
    return Forward(cast(IO[bytes], gzip.GzipFile(fileobj=stream)))


def _zstd(stream: IO[bytes]) -> Frames:
    library = extra("zstd", "zstandard")
    new_frame = library.ZstdDecompressor().decompressobj
    return Frames(stream, new_frame, library.ZstdError, is_bounded=False)


_new_xz = partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, _XZ_MEMORY)

_PACKED: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": _gzip,
    b"BZh": lambda stream: Frames(stream, bz2.BZ2Decompressor, OSError, is_bounded=True),
    b"\xfd7zXZ\0": lambda stream: Frames(stream, _new_xz, lzma.LZMAError, is_bounded=True),
    b"\x28\xb5\x2f\xfd": _zstd,
}
