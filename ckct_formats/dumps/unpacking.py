"""What a file holds, unpacked: by its first bytes, whatever it is called."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from shutil import copyfileobj
from typing import IO, Any, NamedTuple, cast

from ckct_formats.dumps.locations import File, is_named_as_dump, natural
from ckct_formats.extras import extra

# What reading a packed file may raise, beside OSError.
BROKEN = (EOFError, lzma.LZMAError, zipfile.BadZipFile, zlib.error)

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# A file that is packed once more than this is no dump.
_MOST_LAYERS = 3
_SPOOLED_BYTES = 16 * 1024 * 1024
_PACKED_BYTES = 64 * 1024


class Member(NamedTuple):
    """One dump: a file, or a member of an archive."""

    name: str
    stream: IO[bytes]


def members(file: File) -> Iterator[Member]:
    """The dumps of a file, unpacked as they are read; each stands open until the next is asked for.

    Raises:
        OSError, or one of `BROKEN`: It cannot be read.
    """
    # What was given open stays open.
    with file.open() if file.stream is None else nullcontext(file.stream) as stream:
        yield from _unpacked(Member(file.name, stream), _MOST_LAYERS)


def _unpacked(member: Member, layers: int) -> Iterator[Member]:
    stream = _peekable(member.stream)
    magic = stream.peek(8)[:8]
    if magic.startswith(_ZIP):
        unpack = None
    else:
        unpack = next((each for begin, each in _PACKED.items() if magic.startswith(begin)), None)
        if unpack is None:
            yield Member(member.name, cast(IO[bytes], stream))
            return
    if not layers:
        raise OSError(f"packed more than {_MOST_LAYERS} times")
    if unpack is None:
        yield from _of_archive(Member(member.name, cast(IO[bytes], stream)), layers - 1)
        return
    with unpack(cast(IO[bytes], stream)) as inner:
        yield from _unpacked(Member(member.name, inner), layers - 1)


def _peekable(stream: IO[bytes]) -> io.BufferedReader:
    """A file whose beginning can be looked at."""
    if isinstance(stream, io.BufferedReader):
        return stream
    return io.BufferedReader(_Raw(stream), 64 * 1024)


class _Raw(io.RawIOBase):
    """Any object with `read`, as a raw file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return hasattr(self._stream, "seekable") and self._stream.seekable()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        if not isinstance(data, bytes | bytearray):
            raise OSError("a dump is read from a binary file: open it with mode 'rb'")
        buffer[: len(data)] = data
        return len(data)


def _of_archive(archive: Member, layers: int) -> Iterator[Member]:
    """The members of an archive that are named as dumps, in the order of a folder."""
    with _seekable(archive.stream) as stream, zipfile.ZipFile(stream) as zipped:
        names = [name for name in zipped.namelist() if _is_member(name)]
        for name in sorted(names, key=_path_key):
            with _opened(zipped, name) as inner:
                yield from _unpacked(Member(f"{archive.name}/{name}", inner), layers)


def _opened(zipped: zipfile.ZipFile, name: str) -> IO[bytes]:
    try:
        return zipped.open(name)
    except RuntimeError as error:  # it is encrypted, or packed in a way that Python does not know
        reason = str(error)
    raise OSError(f"{name}: {reason}")


def _is_member(name: str) -> bool:
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
    return is_named_as_dump(name) and not hidden


def _path_key(name: str) -> list[tuple[bool, list[tuple[int, str]]]]:
    *folders, file = name.split("/")
    return [*((True, natural(folder)) for folder in folders), (False, natural(file))]


def _seekable(stream: IO[bytes]) -> IO[bytes]:
    """The file, or a copy of it if one cannot go back in it."""
    if stream.seekable():
        return stream
    copy = cast(IO[bytes], tempfile.SpooledTemporaryFile(_SPOOLED_BYTES))  # noqa: SIM115
    copyfileobj(stream, copy)
    copy.seek(0)
    return copy


class _Zstd(io.RawIOBase):
    """A zstd stream. (The library's own reader takes a file that is cut short for a whole one.)"""

    def __init__(self, stream: IO[bytes]) -> None:
        self._library = extra("zstd", "zstandard")
        self._stream = stream
        self._frame = self._new_frame()
        self._ready = memoryview(b"")

    def _new_frame(self) -> Any:
        return self._library.ZstdDecompressor().decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        while not self._ready and self._advance():
            pass
        taken = self._ready[: len(buffer)]
        self._ready = self._ready[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def _advance(self) -> bool:
        """Unpack some more; whether there may be more behind it."""
        packed = self._frame.unused_data if self._frame.eof else b""
        packed = packed or self._stream.read(_PACKED_BYTES)
        if not packed:
            if not self._frame.eof:
                raise EOFError("zstd data that ends too soon")
            return False
        if self._frame.eof:
            self._frame = self._new_frame()
        try:
            self._ready = memoryview(self._frame.decompress(packed))
        except self._library.ZstdError as error:
            reason = str(error)
        else:
            return True
        raise OSError(reason)


_PACKED: dict[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
    b"\x28\xb5\x2f\xfd": _Zstd,
}
