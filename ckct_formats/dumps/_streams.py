"""Binary files of any kind as those that the packages of the standard library take."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Any, cast

_BUFFER_BYTES = 64 * 1024
_SPOOLED_BYTES = 16 * 1024 * 1024
# A zstd block of 4 bytes may become 128 KiB: so many bytes become 32 MiB at most.
_PACKED_BYTES = 1024
_UNPACKED_BYTES = 1024 * 1024


def peekable(stream: IO[bytes]) -> io.BufferedReader:
    """A file of whose beginning 8 bytes can be looked at, unless it is shorter. The file stays open
    when this is closed."""
    # Also one that is buffered: it shows what it has, which may be a byte.
    return _buffered(_Raw(stream))


def owning(stream: IO[bytes], owner: object) -> io.BufferedReader:
    """A file with what must be there as long as it is open: a file system that is an archive
    closes its files when it goes away."""
    return _buffered(_Owning(stream, owner))


def _buffered(raw: io.RawIOBase) -> io.BufferedReader:
    return io.BufferedReader(raw, _BUFFER_BYTES)


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
        """Fill the buffer, or give all that there is: what is looked at must not end too soon."""
        filled = 0
        while filled < len(buffer) and (data := self._read(len(buffer) - filled)):
            buffer[filled : filled + len(data)] = data
            filled += len(data)
        return filled

    def _read(self, length: int) -> bytes:
        is_text = isinstance(self._stream, io.TextIOBase)
        data = "" if is_text else self._stream.read(length)
        if not isinstance(data, bytes | bytearray):
            raise OSError("a dump is read from a binary file: open it with mode 'rb'")
        return data


class _Owning(_Raw):
    def __init__(self, stream: IO[bytes], owner: object = None) -> None:
        super().__init__(stream)
        self._owner = owner

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


class Forward(_Owning):
    """A file that can go back only by beginning anew, so that it is said to be unable to."""

    def seekable(self) -> bool:
        return False


def seekable(stream: IO[bytes], most_bytes: int | None) -> AbstractContextManager[IO[bytes]]:
    """The file, which is left open, or a copy of it if one cannot go back in it.

    Raises:
        OSError: The copy would be longer than `most_bytes`.
    """
    if stream.seekable():
        return nullcontext(stream)
    copy = cast(IO[bytes], tempfile.SpooledTemporaryFile(_SPOOLED_BYTES))  # noqa: SIM115
    while data := stream.read(_UNPACKED_BYTES):
        copy.write(data)
        if most_bytes is not None and copy.tell() > most_bytes:
            copy.close()
            raise OSError(f"an archive of more than {most_bytes:,} bytes in a packed file")
    copy.seek(0)
    return copy


class Guarded:
    """A file for a reader that trusts what the file says of its own lengths: where more is asked
    for at once than is good, it fails before anything is read. (The length is not looked up in
    advance: versions of `zipfile` differ in where they look for an archive's end, so that a hostile
    file could show them another one.)

    Args:
        most_bytes: How much may be asked for at once, until the file is released.
        reason: What is wrong with a file where it is more.
    """

    def __init__(self, stream: IO[bytes], most_bytes: int, reason: str) -> None:
        self._stream = stream
        self._most_bytes: int | None = most_bytes
        self._reason = reason
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, length: int = -1, /) -> bytes:
        """So many bytes, or all that there are.

        Raises:
            OSError: They are too many.
        """
        if self._most_bytes is not None and length > self._most_bytes:
            raise OSError(self._reason)
        return self._stream.read(length)

    def release(self) -> None:
        """From now on any number of bytes may be asked for."""
        self._most_bytes = None


class Frames(io.RawIOBase):
    """Packed frames, one behind the other. (The libraries' own readers take a file for whole that
    is cut short, or that goes on with something else behind a frame.)

    Args:
        new_frame: What unpacks one frame.
        failure: What that raises.
        is_bounded: Whether it can be told how much to unpack at a time.
    """

    def __init__(
        self,
        stream: IO[bytes],
        new_frame: Callable[[], Any],
        failure: type[Exception],
        *,
        is_bounded: bool,
    ) -> None:
        self._stream = stream
        self._new_frame = new_frame
        self._failure = failure
        self._most = (_UNPACKED_BYTES,) if is_bounded else ()
        self._frame = new_frame()
        self._left = b""
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
        """Unpack some more; whether there may be more behind it."""
        # A frame that was stopped holds packed bytes of its own.
        is_stopped = not self._frame.eof and not getattr(self._frame, "needs_input", True)
        packed = b"" if is_stopped else self._left or self._stream.read(_PACKED_BYTES)
        self._left = b""
        if not packed and not is_stopped:
            if not self._frame.eof:
                raise EOFError("packed data that ends too soon")
            return False
        if self._frame.eof:
            packed = packed.lstrip(b"\0")  # xz fills up with these
            if not packed:
                return True
            self._frame = self._new_frame()
        try:
            self._ready = memoryview(self._frame.decompress(packed, *self._most))
        except self._failure as error:
            reason = str(error)
        else:
            self._left = self._frame.unused_data if self._frame.eof else b""
            return True
        raise OSError(reason)
