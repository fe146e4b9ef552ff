"""The command `show`: responses as tables in a terminal."""

from __future__ import annotations

import click

from ckct_formats._reports.response import show_response
from ckct_formats._reports.terminal import Terminal
from ckct_formats._reports.words import name_of
from ckct_formats.cli import _io


@click.command(epilog=_io.EPILOG)
@_io.reads
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
    _io.check_stdin(files)
    terminal = Terminal(_io.stdout())
    is_first = all_well = True
    for file in files:
        try:
            response = _io.load(file, fmt, encoding)
        except _io.Failure as failure:
            failure.show()
            all_well = False
            continue
        if not is_first:
            terminal.print()
        show_response(terminal, name_of(file), response, every_field=every_field)
        is_first = False
        all_well &= not _io.show_errors((file, error) for error in response.errors)
    context.exit(0 if all_well else 1)
