"""The table of commands. They need the extra `cli`."""

from __future__ import annotations

import click

from ckct_formats._about import PROGRAM, version
from ckct_formats.cli._check import check, diff
from ckct_formats.cli._convert import convert
from ckct_formats.cli._files import EPILOG
from ckct_formats.cli._show import show
from ckct_formats.cli._summary import summary


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


for command in (check, convert, diff, show, summary):
    program.add_command(command)
