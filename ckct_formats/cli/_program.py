"""The table of commands. They need the extra `cli`."""

from __future__ import annotations

from importlib import import_module

import click

from ckct_formats._about import PROGRAM, version
from ckct_formats.cli._io import EPILOG

# A command's module is loaded when it is run: each needs modules that others do without.
_MODULES = {
    "check": "_check",
    "convert": "_convert",
    "diff": "_check",
    "show": "_show",
    "summary": "_summary",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _MODULES:
            return None
        module = import_module(f"ckct_formats.cli.{_MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


def _print_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"{PROGRAM} {version()}")
        context.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EPILOG)
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
