"""The commands `check` and `diff`: files in, a verdict and reports out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from tempfile import TemporaryFile, gettempdir
from typing import Any

import click

from ckct_formats import Format, conformance
from ckct_formats._reports import html, json, junit, sarif, text
from ckct_formats._reports.results import Checked, Compared, Tally
from ckct_formats._reports.terminal import Terminal
from ckct_formats._reports.words import STDIN, name_of, printable
from ckct_formats.cli._files import (
    STDOUT,
    Failure,
    check_not_read,
    check_stdin,
    failing_as,
    prepare_output,
    read,
    reads,
    stdout,
    takes_api,
    takes_encoding,
    takes_files,
    write,
    writing,
)
from ckct_formats.cli._progress import Progress
from ckct_formats.conformance import Comparison, Severity
from ckct_formats.dumps._locations import FORMAT_SUFFIXES, File, format_of, walk

_CHECK_EPILOG = """
Exit status: 0 if all files conform; 1 if one does not or cannot be read, or the output cannot be
written; 2 if the command line is wrong, or the file for --html exists and --force is not given;
130 if interrupted.
"""
_DIFF_EPILOG = _CHECK_EPILOG.replace("all files conform", "the files are equal").replace(
    "one does not or cannot be read", "they are not, or one cannot be read"
)

_WRITERS: dict[str, Callable[[Iterable[Checked], Tally], None]] = {
    "text": lambda results, tally: text.print_check(Terminal(stdout()), results, tally),
    "json": lambda results, tally: json.write_check(write, results, tally),
    "sarif": lambda results, tally: sarif.write_check(write, results, tally),
    "junit": lambda results, tally: junit.write_check(write, results, tally),
}

_takes_page = click.option(
    "--html",
    "page",
    metavar="PAGE",
    type=click.Path(),
    help="Also write a page for the browser, whole or not at all.",
)
_takes_force = click.option("--force", is_flag=True, help="Overwrite PAGE if it exists.")


def _takes_form(forms: Iterable[str], help: str) -> Callable[..., Any]:
    choice = click.Choice(list(forms))
    return click.option("--format", "form", type=choice, default="text", show_default=True, help=help)


@click.command(epilog=_CHECK_EPILOG)
@reads
@_takes_form(_WRITERS, "How to write what was found.")
@click.option(
    "--severity",
    type=click.Choice([each.value for each in Severity]),
    default=Severity.WARNING.value,
    show_default=True,
    help="The least grave findings that are shown, and that count for the exit status.",
)
@takes_api
@_takes_page
@_takes_force
@click.pass_context
def check(
    context: click.Context,
    files: tuple[str, ...],
    fmt: str | None,
    encoding: str | None,
    form: str,
    severity: str,
    record_type: type[Any],
    page: str | None,
    force: bool,
) -> None:
    """Check whether responses are what the API promises.

    FILE - is standard input. Of a folder, all files are checked that end in .json, .xml, .csv,
    .txt or .plain, also in folders within; hidden ones are passed over. The suffixes .txt and
    .plain mean the format plain, unless --from is given.
    """
    check_stdin(files)
    _prepare_page(page, force, files)
    threshold, tally = Severity(severity), Tally()

    def check_one(file: str) -> Checked:
        try:
            body = read(file)
        except Failure as failure:
            return Checked(file, None, failure.reason)
        report = conformance.check(
            body, fmt or _hint(file), record_type=record_type, encoding=encoding
        )
        return Checked(file, report, findings=report.reaching(threshold))

    results = _counted(_checked(files, check_one), tally)
    if page is None:
        _WRITERS[form](results, tally)
    else:
        with failing_as(gettempdir()):
            sections = TemporaryFile("w+", encoding="utf-8", newline="")
        with sections:
            html_page = html.CheckPage(sections, threshold)
            _WRITERS[form](_with_page(results, html_page), tally)
            with writing(page, force) as stream:
                html_page.write(stream.write, tally)
    context.exit(0 if tally.ok else 1)
