"""How the commands take files in and put them out, and how they say what is wrong.

Standard error gets lines of one form, `ckct-formats: FILE: what is wrong`.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TextIO, TypeVar

import click

from ckct_formats import Call, CallV3, Format, Limits, ParseError, Response, parse
from ckct_formats._about import PROGRAM
from ckct_formats._atomic import remove_leftovers, replacing
from ckct_formats._reports.words import STDIN, name_of, printable

STDOUT = STDIN

EPILOG = """
Exit status: 0 if all is well; 1 if an input is missing, unreadable or bad, or the output cannot
be written; 2 if the command line is wrong, or OUT exists and --force is not given; 130 if
interrupted.
"""

_Command = TypeVar("_Command", bound=Callable[..., Any])
_VERSIONS: dict[str, type[Any]] = {"v1": Call, "v3": CallV3}


class Failure(click.ClickException):
    """What is wrong with one file, in a line."""

    def __init__(self, file: str, reason: str) -> None:
        self.file, self.reason = file, reason
        super().__init__(f"{printable(name_of(file))}: {reason}")

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"{PROGRAM}: {self.message}", file, err=True)


class Refusal(Failure):
    """What the command line asks for is not done."""

    exit_code = 2


@contextmanager
def failing_as(file: str) -> Iterator[None]:
    """Turn the errors of a file into a line that names it."""
    try:
        yield
    except FileExistsError:
        raise Refusal(file, "exists; --force overwrites it") from None
    except OSError as error:
        raise Failure(file, error.strerror or str(error)) from None


def _check_encoding(
    context: click.Context, parameter: click.Parameter, name: str | None
) -> str | None:
    try:
        b"a".decode(name or "utf-8", "replace")
    except (LookupError, ValueError):
        raise click.BadParameter(f"{name!r} is no encoding that Python knows.") from None
    return name


takes_files = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())

takes_encoding = click.option(
    "--encoding",
    metavar="NAME",
    callback=_check_encoding,
    help="Encoding of the input (windows-1251, for instance), if it does not say so itself.",
)

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
    """Add the files, and the options on how each is read."""
    formats = click.Choice([fmt.value for fmt in Format], case_sensitive=False)
    takes_format = click.option(
        "--from", "fmt", type=formats, help="Format of the input. Without it: detected."
    )
    return takes_files(takes_format(takes_encoding(command)))


def check_stdin(files: Iterable[str]) -> None:
    """Refuse standard input twice."""
    if list(files).count(STDIN) > 1:
        raise click.UsageError("Standard input can be read once, and - is given more than once.")


def _stdin() -> IO[bytes]:
    if sys.stdin is None:
        raise Failure(STDIN, "is closed")
    return sys.stdin.buffer


def locations(files: Iterable[str]) -> list[str | IO[bytes]]:
    """Files as the readers of dumps take them."""
    return [_stdin() if file == STDIN else file for file in files]


def read(file: str) -> bytes:
    """The bytes of a file, or `Failure`; not much more than `parse` takes: a pipe may have no
    end."""
    max_bytes = Limits().body_bytes + 1
    with failing_as(file):
        if file == STDIN:
            return _stdin().read(max_bytes)
        with open(file, "rb") as stream:
            return stream.read(max_bytes)


def load(
    file: str, fmt: str | None, encoding: str | None, record_type: type[Any] = Call
) -> Response[Any]:
    """The response that a file holds, without the rows that cannot be read; or `Failure`."""
    body = read(file)
    try:
        return parse(body, fmt, record_type=record_type, encoding=encoding, on_error="collect")
    except ParseError as error:
        raise Failure(file, str(error)) from None


def show_errors(errors: Iterable[tuple[str, object]]) -> bool:
    """Report files with what is wrong in them; whether there are any."""
    found = False
    for file, error in errors:
        Failure(file, str(error)).show()
        found = True
    return found


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


def check_not_read(out: str, files: Iterable[str]) -> None:
    """Refuse to write what is read, even with --force."""
    if os.path.exists(out) and any(os.path.exists(n) and os.path.samefile(n, out) for n in files):
        raise Refusal(out, "is one of the files to be read")


def prepare_output(out: str, force: bool, *, is_folder: bool = False) -> None:
    """Refuse early what must not be overwritten, or cannot be written; remove what killed runs
    left of it."""
    exists = os.path.lexists(out)
    if is_folder and exists:
        # A folder is never replaced: what is in it might not be ours to delete.
        raise Refusal(out, "exists; a folder of parts is not overwritten: remove it first")
    if out.endswith(os.sep) and not is_folder:
        raise Refusal(out, "is the name of a folder")
    if os.path.exists(out) and not os.path.isfile(out):
        raise Refusal(out, "is no regular file")
    with failing_as(out):
        if exists and not force:
            raise FileExistsError
        remove_leftovers(path_of(out))


def path_of(out: str) -> Path:
    """What is written: of a link what it leads to."""
    return Path(os.path.realpath(out))


@contextmanager
def writing(out: str, force: bool) -> Iterator[IO[bytes]]:
    """A file that becomes OUT when it is whole."""
    with failing_as(out), replacing(path_of(out), overwrite=force) as stream:
        yield stream
