"""Binary files of any kind, in the shape that unpacking needs."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Any

_BUFFER_BYTES = 64 * 1024
_SPOOLED_BYTES = 16 * 1024 * 1024
# 4 bytes of zstd may become 128 KiB, without a bound: this much becomes 32 MiB at most.
_PACKED_BYTES = 1024
UNPACKED_BYTES = 1024 * 1024


def buffered(stream: Any, owner: object = None) -> io.BufferedReader:
    """A file that can be peeked into, made of any object with `read`.

    Args:
        stream: The object; it stays open when the file is closed, unless it has an owner.
        owner: What the stream needs while it is open: a file system that is an archive closes its
            files when it is garbage-collected.
    """
    # Streams that are buffered already are no exception: they may show only one byte.
    return io.BufferedReader(_Raw(stream, owner), _BUFFER_BYTES)


class _Raw(io.RawIOBase):
    def __init__(self, stream: Any, owner: object) -> None:
        self._stream = stream
        self._owner = owner

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return hasattr(self._stream, "seekable") and self._stream.seekable()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return int(self._stream.seek(offset, whence))

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Fill the buffer, unless the file ends: who peeks must not see less than there is."""
        filled = 0
        while filled < len(buffer) and (data := self._read(len(buffer) - filled)):
            buffer[filled : filled + len(data)] = data
            filled += len(data)
        return filled

    def _read(self, length: int) -> bytes | bytearray:
        # A text file is not even read: it may not be decodable.
        data = None if isinstance(self._stream, io.TextIOBase) else self._stream.read(length)
        if not isinstance(data, bytes | bytearray):
            raise OSError("a dump is read from a binary file: open it with mode 'rb'")
        return data

    def close(self) -> None:
        if self._owner is not None and not self.closed:
            self._stream.close()
        super().close()


def seekable(stream: io.BufferedReader, max_bytes: int | None) -> AbstractContextManager[IO[bytes]]:
    """The file, which stays open, or a copy if it is not seekable.

    Raises:
        OSError: The copy would be longer than `max_bytes`.
    """
    if stream.seekable():
        return nullcontext(stream)
    copy = tempfile.SpooledTemporaryFile(_SPOOLED_BYTES)  # noqa: SIM115
    while data := stream.read(UNPACKED_BYTES):
        copy.write(data)
        if max_bytes is not None and copy.tell() > max_bytes:
            copy.close()
            raise OSError(f"an archive of more than {max_bytes:,} bytes in a packed file")
    copy.seek(0)
    return copy


class Guarded:
    """A file for `zipfile`, which reads as much at once as the file itself asks for: here too much
    fails before it is read. (A check in advance is not safe: versions of `zipfile` differ in where
    they look for the end of an archive, so a hostile file could show them another one.)

    Attributes:
        max_bytes: How much may be read at once.
    """

    def __init__(self, stream: IO[bytes], max_bytes: int) -> None:
        self._stream = stream
        self.max_bytes = max_bytes
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, length: int = -1, /) -> bytes:
        if length > self.max_bytes:
            raise OSError(f"an archive with a directory of more than {self.max_bytes:,} bytes")
        return self._stream.read(length)


class FrameReader(io.RawIOBase):
    """The content of packed frames, one after the other, decompressed in small steps. (The readers
    that come with the libraries accept a file that is cut short, or that ends in something else.)

    Args:
        new_frame: Makes the decompressor of a frame.
        max_length: How much it decompresses at once, if it takes a bound.
        failure: What it raises.
    """

    def __init__(
        self,
        stream: IO[bytes],
        new_frame: Callable[[], Any],
        *max_length: int,
        failure: type[Exception] = OSError,
    ) -> None:
        self._stream = stream
        self._new_frame = new_frame
        self._max_length = max_length
        self._failure = failure
        self._frame = new_frame()
        self._packed = b""
        self._ready = memoryview(b"")

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
        """Decompress some more; False at the end of the file."""
        # Past `max_length`, bz2 and xz keep what is left of their input; gzip hands it back.
        needs_input = self._frame.eof or getattr(self._frame, "needs_input", True)
        packed = self._packed or (self._stream.read(_PACKED_BYTES) if needs_input else b"")
        self._packed = b""
        if needs_input and not packed:
            if not self._frame.eof:
                raise EOFError("packed data that ends too soon")
            return False
        if self._frame.eof:
            packed = packed.lstrip(b"\0")  # padding, of xz or of a tape
            if not packed:
                return True
            self._frame = self._new_frame()
        try:
            self._ready = memoryview(self._frame.decompress(packed, *self._max_length))
        except self._failure as error:
            raise OSError(str(error)) from None
        self._packed = self._frame.unused_data or getattr(self._frame, "unconsumed_tail", b"")
        return True
