"""The command `show`: responses as tables in a terminal."""

from __future__ import annotations

import click

from ckct_formats._reports.terminal import Terminal
from ckct_formats.cli._files import (
    EPILOG,
    Failure,
    check_stdin,
    load,
    name_of,
    reads,
    report_rows,
    stdout,
)


@click.command(epilog=EPILOG)
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
