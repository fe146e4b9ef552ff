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
        """Print the line."""
        click.echo(f"{PROGRAM}: {self.message}", file, err=True)


class Refusal(Failure):
    """What the command line asks for is not done."""

    exit_code = 2


@contextmanager
def failing_as(file: str) -> Iterator[None]:
    """Turn errors of a file into lines that name it."""
    try:
        yield
    except FileExistsError:
        raise _exists(file) from None
    except OSError as error:
        raise Failure(file, error.strerror or str(error)) from None


def _exists(out: str) -> Refusal:
    return Refusal(out, "exists; --force overwrites it")


# What several commands take


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


# Files in


def check_stdin(files: Iterable[str]) -> None:
    """Refuse standard input twice."""
    if list(files).count(STDIN) > 1:
        raise click.UsageError("Standard input can be read once, and - stands more than once.")


def stdin() -> IO[bytes]:
    """Standard input, if there is one."""
    if sys.stdin is None:
        raise Failure(STDIN, "is closed")
    return sys.stdin.buffer


def locations(files: Iterable[str]) -> list[str | IO[bytes]]:
    """Files as the readers of dumps take them."""
    return [stdin() if file == STDIN else file for file in files]


def read(file: str) -> bytes:
    """The bytes of a file, or `Failure`; not much more than `parse` takes, as a pipe may have no
    end."""
    max_bytes = Limits().body_bytes + 1
    with failing_as(file):
        if file == STDIN:
            return stdin().read(max_bytes)
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


def report_rows(file: str, response: Response[Any]) -> bool:
    """Report the rows that could not be read; whether there are any."""
    for error in response.errors:
        Failure(file, str(error)).show()
    return bool(response.errors)


# Files out


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


def prepare_output(out: str, force: bool) -> None:
    """Refuse early what must not be overwritten, or cannot be written; remove what killed runs
    left of it."""
    if out.endswith(os.sep):
        raise Refusal(out, "is the name of a folder")
    if os.path.exists(out) and not os.path.isfile(out):
        raise Refusal(out, "is no regular file")
    if os.path.lexists(out) and not force:
        raise _exists(out)
    with failing_as(out):
        remove_leftovers(path_of(out, force))


def path_of(out: str, force: bool) -> Path:
    """What is replaced: with `force`, of a link what it leads to."""
    return Path(os.path.realpath(out) if force else out)


@contextmanager
def writing(out: str, force: bool) -> Iterator[IO[bytes]]:
    """A file that is OUT when it is whole."""
    with failing_as(out), replacing(path_of(out, force), overwrite=force) as stream:
        yield stream
