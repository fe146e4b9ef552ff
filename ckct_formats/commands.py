"""The commands `show` and `convert`: files in, files and a terminal out.

Standard error gets lines of one form, `ckct-formats: FILE: what is wrong`.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import metadata
from typing import IO, Any, TextIO, TypeVar

import click

from ckct_formats import (
    Call,
    Format,
    Limits,
    ParseError,
    Response,
    SerializeError,
    parse,
    serialize,
)
from ckct_formats.cli import PROGRAM
from ckct_formats.terminal import Terminal, printable

_STDIN = _STDOUT = "-"

_EPILOG = """
Exit status: 0 if all is well; 1 if an input is missing, unreadable or bad, or the output cannot
be written; 2 if the command line is wrong, or OUT exists and --force is not given; 130 if
interrupted.
"""

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _name(file: str) -> str:
    return "standard input" if file == _STDIN else file


class Failure(click.ClickException):
    """What is wrong with one file, in a line."""

    def __init__(self, file: str, text: str) -> None:
        super().__init__(f"{printable(_name(file))}: {text}")

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


def _reads(command: _Command) -> _Command:
    """Add the options on how a file is read."""
    formats = click.Choice([fmt.value for fmt in Format], case_sensitive=False)
    command = click.option(
        "--encoding",
        metavar="NAME",
        callback=_check_encoding,
        help="Encoding of the input (windows-1251, for instance), if it does not say so itself.",
    )(command)
    return click.option(
        "--from", "fmt", type=formats, help="Format of the input. Without it: detected."
    )(command)


def _print_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    try:
        version = metadata.version("ckct-formats")
    except metadata.PackageNotFoundError:
        version = "(not installed)"
    click.echo(f"{PROGRAM} {version}")
    context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EPILOG)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def program() -> None:
    """Look at saved responses of the CKCT call-tracking API, and convert them.

    The API answers in four formats: json, xml, csv and plain. All of them are read.
    """


@program.command(epilog=_EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@_reads
@click.option("--all", "every_field", is_flag=True, help="Show every field, nothing cut short.")
@click.pass_context
def show(
    context: click.Context,
    files: tuple[str, ...],
    fmt: str | None,
    encoding: str | None,
    every_field: bool,
) -> None:
    """Show responses as tables. FILE - is standard input.

    A table holds the columns that fit, and leaves out those that are blank in every call. It is
    as wide as the terminal, or as the variable COLUMNS says, or else 80.

    What cannot be read is reported, and the rest is shown. A response that says that the request
    failed is no bad input.
    """
    if files.count(_STDIN) > 1:
        raise click.UsageError("Standard input can be read once, and - stands more than once.")
    terminal = Terminal(_stdout())
    shown = [_show(file, fmt, encoding, terminal, every_field) for file in files]
    context.exit(0 if all(shown) else 1)


def _show(
    file: str, fmt: str | None, encoding: str | None, terminal: Terminal, every_field: bool
) -> bool:
    """Show one file; whether all of it could be read."""
    try:
        response = _load(file, fmt, encoding)
    except Failure as failure:
        failure.show()
        return False
    terminal.show(_name(file), response, every_field=every_field)
    return not _report_rows(file, response)


@program.command(epilog=_EPILOG)
@click.argument("file", metavar="FILE", type=click.Path())
@click.option(
    "--to",
    type=click.Choice([fmt.value for fmt in Format], case_sensitive=False),
    required=True,
    help="Format to write.",
)
@click.option(
    "-o",
    "--output",
    "out",
    metavar="OUT",
    type=click.Path(),
    help="File to write, whole or not at all.",
)
@click.option("--force", is_flag=True, help="Overwrite OUT if it exists.")
@_reads
@click.pass_context
def convert(
    context: click.Context,
    file: str,
    to: str,
    out: str | None,
    force: bool,
    fmt: str | None,
    encoding: str | None,
) -> None:
    """Write a response in another format, to OUT or to standard output.

    FILE - is standard input. Nothing is written if any part of FILE cannot be read, or cannot be
    carried by the other format.
    """
    if out == _STDOUT:
        out = None
    if out is not None:
        _check_output(out, force)
    response = _load(file, fmt, encoding)
    if _report_rows(file, response):
        context.exit(1)
    try:
        data = serialize(response, to)
    except SerializeError as error:
        raise Failure(file, str(error)) from None
    if out is None:
        _write(data)
    else:
        _save(data, out, force)


def _load(file: str, fmt: str | None, encoding: str | None) -> Response[Call]:
    try:
        return parse(_body(file), fmt, encoding=encoding, on_error="collect")
    except OSError as error:
        raise Failure(file, error.strerror or str(error)) from None
    except ParseError as error:
        raise Failure(file, str(error)) from None


def _body(file: str) -> bytes:
    """The bytes of a file, but not much more than `parse` takes: a pipe may have no end."""
    most = Limits().body_bytes + 1
    if file != _STDIN:
        with open(file, "rb") as stream:
            return stream.read(most)
    if sys.stdin is None:
        raise OSError(errno.EBADF, "is closed")
    return sys.stdin.buffer.read(most)


def _report_rows(file: str, response: Response[Call]) -> bool:
    """Report the rows that could not be read; whether there are any."""
    for error in response.errors:
        Failure(file, str(error)).show()
    return bool(response.errors)


def _stdout() -> TextIO:
    if sys.stdout is None:
        raise OSError(errno.EBADF, "is closed")
    return sys.stdout


def _write(data: bytes) -> None:
    output = _stdout().buffer
    rest = memoryview(data)
    while rest:
        rest = rest[output.write(rest) :]  # in an unbuffered Python it may take a part only
    output.flush()


def _check_output(out: str, force: bool) -> None:
    """Refuse early what `_save` must not overwrite."""
    if os.path.exists(out) and not os.path.isfile(out):
        raise Refusal(out, "is no regular file")
    if os.path.lexists(out) and not force:
        raise _exists(out)


def _exists(out: str) -> Refusal:
    return Refusal(out, "exists; --force overwrites it")


def _save(data: bytes, out: str, force: bool) -> None:
    """Write a file under another name first, so that OUT is the whole of it or is not there."""
    target = os.path.realpath(out) if force else out
    draft = os.path.join(os.path.dirname(target), f".{PROGRAM}-{secrets.token_hex(8)}")
    try:
        with open(draft, "xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if force and os.path.exists(target):
            shutil.copymode(target, draft)
        _publish(draft, target, force)
    except FileExistsError:
        raise _exists(out) from None
    except OSError as error:
        raise Failure(out, error.strerror or str(error)) from None
    finally:
        with suppress(OSError):
            os.unlink(draft)


def _publish(draft: str, target: str, force: bool) -> None:
    if not force:
        try:
            os.link(draft, target)  # unlike a rename, it refuses a name that exists
            return
        except FileExistsError:
            raise
        except OSError:
            # A file system without links: take the name first, then rename.
            with open(target, "xb"):
                pass
    os.replace(draft, target)
