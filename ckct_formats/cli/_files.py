"""How the commands take files in and put them out, and how they say what is wrong.

Standard error gets lines of one form, `ckct-formats: FILE: what is wrong`.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TextIO, TypeVar

import click

from ckct_formats import Call, CallV3, Format, Limits, ParseError, Response, parse
from ckct_formats._about import PROGRAM
from ckct_formats._reports.terminal import printable

STDIN = STDOUT = "-"

EPILOG = """
Exit status: 0 if all is well; 1 if an input is missing, unreadable or bad, or the output cannot
be written; 2 if the command line is wrong, or OUT exists and --force is not given; 130 if
interrupted.
"""

_Command = TypeVar("_Command", bound=Callable[..., Any])


def name_of(file: str) -> str:
    """A file as it is called in what people read."""
    return "standard input" if file == STDIN else file


class Failure(click.ClickException):
    """What is wrong with one file, in a line."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.reason = file, text
        super().__init__(f"{printable(name_of(file))}: {text}")

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the line."""
        click.echo(f"{PROGRAM}: {self.message}", file, err=True)


class Refusal(Failure):
    """What the command line asks for is not done."""

    exit_code = 2


def _check_encoding(
    context: click.Context, parameter: click.Parameter, name: str | None
) -> str | None:
    try:
        b"a".decode(name or "utf-8", "replace")
    except (LookupError, ValueError):
        raise click.BadParameter(f"{name!r} is no encoding that Python knows.") from None
    return name


takes_encoding = click.option(
    "--encoding",
    metavar="NAME",
    callback=_check_encoding,
    help="Encoding of the input (windows-1251, for instance), if it does not say so itself.",
)


_VERSIONS: dict[str, type[Any]] = {"v1": Call, "v3": CallV3}

takes_api = click.option(
    "--api",
    "record_type",
    type=click.Choice(list(_VERSIONS)),
    default="v1",
    show_default=True,
    callback=lambda context, parameter, name: _VERSIONS[name],
    help="Version of the API that the calls are of.",
)


def reads(command: _Command) -> _Command:
    """Add the options on how a file is read."""
    formats = click.Choice([fmt.value for fmt in Format], case_sensitive=False)
    return click.option(
        "--from", "fmt", type=formats, help="Format of the input. Without it: detected."
    )(takes_encoding(command))


def check_stdin(files: Iterable[str]) -> None:
    """Refuse standard input twice."""
    if list(files).count(STDIN) > 1:
        raise click.UsageError("Standard input can be read once, and - stands more than once.")


def read(file: str) -> bytes:
    """The bytes of a file.

    Raises:
        Failure: It cannot be read.
    """
    try:
        return _body(file)
    except OSError as error:
        raise Failure(file, error.strerror or str(error)) from None


def _body(file: str) -> bytes:
    """Not much more than `parse` takes: a pipe may have no end."""
    most = Limits().body_bytes + 1
    if file != STDIN:
        with open(file, "rb") as stream:
            return stream.read(most)
    if sys.stdin is None:
        raise OSError(errno.EBADF, "is closed")
    return sys.stdin.buffer.read(most)


def locations(files: Iterable[str]) -> list[Any]:
    """Files as the readers of dumps take them."""
    return [_stdin() if file == STDIN else file for file in files]


def _stdin() -> IO[bytes]:
    if sys.stdin is None:
        raise Failure(STDIN, "is closed")
    return sys.stdin.buffer


def load(
    file: str, fmt: str | None, encoding: str | None, record_type: type[Any] = Call
) -> Response[Any]:
    """The response that a file holds, without the rows that cannot be read; or `Failure`."""
    try:
        return parse(
            read(file), fmt, record_type=record_type, encoding=encoding, on_error="collect"
        )
    except ParseError as error:
        raise Failure(file, str(error)) from None


def report_rows(file: str, response: Response[Any]) -> bool:
    """Report the rows that could not be read; whether there are any."""
    for error in response.errors:
        Failure(file, str(error)).show()
    return bool(response.errors)


def stdout() -> TextIO:
    """Standard output, if there is one."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "is closed")
    return sys.stdout


def write(data: bytes) -> None:
    """Write all of it to standard output, at once."""
    output = stdout().buffer
    rest = memoryview(data)
    while rest:
        rest = rest[output.write(rest) :]  # in an unbuffered Python it may take a part only
    output.flush()


def check_output(out: str, force: bool) -> None:
    """Refuse early what a draft must not overwrite, or cannot be called."""
    if out.endswith(os.sep):
        raise Refusal(out, "is the name of a folder")
    if os.path.exists(out) and not os.path.isfile(out):
        raise Refusal(out, "is no regular file")
    if os.path.lexists(out) and not force:
        raise _exists(out)


def check_not_read(out: str, files: Iterable[str]) -> None:
    """Refuse to write what is read."""
    if os.path.exists(out) and any(os.path.exists(n) and os.path.samefile(n, out) for n in files):
        raise Refusal(out, "is one of the files to be read")


def _exists(out: str) -> Refusal:
    return Refusal(out, "exists; --force overwrites it")


class Draft:
    """A file that is written under another name first: OUT is the whole of it or is not there.

    As a context manager it becomes OUT at the end, unless that raises.

    Args:
        draft: The other name, in the same file system; a hidden one beside OUT if there is none.
    """

    def __init__(self, out: str, force: bool, draft: Path | None = None) -> None:
        self._out = out
        self._force = force
        self._target = os.path.realpath(out) if force else out
        hidden = Path(self._target).with_name(f".{PROGRAM}-{secrets.token_hex(8)}")
        self._draft = hidden if draft is None else draft
        try:
            self._stream = open(self._draft, "xb")  # noqa: SIM115 (closed at the end)
        except OSError as error:
            raise self._failure(error) from None

    def _failure(self, error: OSError) -> Failure:
        if isinstance(error, FileExistsError):
            return _exists(self._out)
        return Failure(self._out, error.strerror or str(error))

    def __enter__(self) -> Self:
        return self

    @property
    def stream(self) -> IO[bytes]:
        """The file, for what writes to files; its errors are OSError."""
        return self._stream

    def write(self, data: bytes) -> None:
        """Add to the file."""
        try:
            self._stream.write(data)
        except OSError as error:
            raise self._failure(error) from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with self._stream as stream:
                if kind is None:
                    stream.flush()
                    os.fsync(stream.fileno())
            if kind is None:
                self._publish()
        except OSError as failed:
            if kind is None:
                raise self._failure(failed) from None
        finally:
            with suppress(OSError):
                os.unlink(self._draft)

    def _publish(self) -> None:
        if self._force and os.path.exists(self._target):
            shutil.copymode(self._target, self._draft)
        if not self._force:
            try:
                os.link(self._draft, self._target)  # unlike a rename, it refuses a name that exists
                return
            except FileExistsError:
                raise
            except OSError:
                # A file system without links: take the name first, then rename.
                with open(self._target, "xb"):
                    pass
        os.replace(self._draft, self._target)
