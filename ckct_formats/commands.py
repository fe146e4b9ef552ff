"""The table of commands, and `show` and `convert`: files in, files and a terminal out."""

from __future__ import annotations

import click

from ckct_formats import Call, Format, ParseError, Response, SerializeError, parse, serialize
from ckct_formats.check_commands import check, diff
from ckct_formats.cli import PROGRAM, version
from ckct_formats.files import (
    EPILOG,
    STDOUT,
    Draft,
    Failure,
    check_output,
    check_stdin,
    name_of,
    read,
    reads,
    stdout,
    write,
)
from ckct_formats.terminal import Terminal


def _print_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    click.echo(f"{PROGRAM} {version()}")
    context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=EPILOG)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def program() -> None:
    """Look at saved responses of the CKCT call-tracking API, check and convert them.

    The API answers in four formats: json, xml, csv and plain. All of them are read.
    """


program.add_command(check)
program.add_command(diff)


@program.command(epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@reads
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
    check_stdin(files)
    terminal = Terminal(stdout())
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
    terminal.show(name_of(file), response, every_field=every_field)
    return not _report_rows(file, response)


@program.command(epilog=EPILOG)
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
@reads
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
    if out == STDOUT:
        out = None
    if out is not None:
        check_output(out, force)
    response = _load(file, fmt, encoding)
    if _report_rows(file, response):
        context.exit(1)
    try:
        data = serialize(response, to)
    except SerializeError as error:
        raise Failure(file, str(error)) from None
    if out is None:
        write(data)
    else:
        with Draft(out, force) as draft:
            draft.write(data)


def _load(file: str, fmt: str | None, encoding: str | None) -> Response[Call]:
    try:
        return parse(read(file), fmt, encoding=encoding, on_error="collect")
    except ParseError as error:
        raise Failure(file, str(error)) from None


def _report_rows(file: str, response: Response[Call]) -> bool:
    """Report the rows that could not be read; whether there are any."""
    for error in response.errors:
        Failure(file, str(error)).show()
    return bool(response.errors)
