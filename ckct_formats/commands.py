"""The table of commands, and `show`: files in, a terminal out."""

from __future__ import annotations

import click

from ckct_formats.check_commands import check, diff
from ckct_formats.cli import PROGRAM, version
from ckct_formats.convert_command import convert
from ckct_formats.files import (
    EPILOG,
    Failure,
    check_stdin,
    load,
    name_of,
    reads,
    report_rows,
    stdout,
)
from ckct_formats.summary_command import summary
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
program.add_command(convert)
program.add_command(diff)
program.add_command(summary)


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
        response = load(file, fmt, encoding)
    except Failure as failure:
        failure.show()
        return False
    terminal.show(name_of(file), response, every_field=every_field)
    return not report_rows(file, response)
