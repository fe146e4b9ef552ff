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
from ckct_formats.cli import _io
from ckct_formats.cli._progress import progress_bar
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
    "text": lambda results, tally: text.print_check(Terminal(_io.stdout()), results, tally),
    "json": lambda results, tally: json.write_check(_io.write, results, tally),
    "sarif": lambda results, tally: sarif.write_check(_io.write, results, tally),
    "junit": lambda results, tally: junit.write_check(_io.write, results, tally),
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
    return click.option(
        "--format", "form", type=choice, default="text", show_default=True, help=help
    )


@click.command(epilog=_CHECK_EPILOG)
@_io.reads
@_takes_form(_WRITERS, "How to write what was found.")
@click.option(
    "--severity",
    type=click.Choice([each.value for each in Severity]),
    default=Severity.WARNING.value,
    show_default=True,
    help="The least serious findings that are shown, and that count for the exit status.",
)
@_io.takes_api
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
    _prepare(files, page, force)
    threshold, tally = Severity(severity), Tally()

    def check_one(file: str) -> Checked:
        body = _io.read(file)
        report = conformance.check(
            body, fmt or _hint(file), record_type=record_type, encoding=encoding
        )
        return Checked(file, report, findings=report.reaching(threshold))

    results = _results(files, check_one, tally)
    if page is None:
        _WRITERS[form](results, tally)
    else:
        with _io.failing_as(gettempdir()):
            sections = TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115
        with sections:
            html_page = html.CheckPage(sections, threshold)
            _WRITERS[form](_also_on(html_page, results), tally)
            with _io.writing(page, force) as stream:
                html_page.write(stream.write, tally)
    context.exit(0 if tally.ok else 1)


def _prepare(files: tuple[str, ...], page: str | None, force: bool) -> None:
    _io.check_stdin(files)
    if page == _io.STDOUT:
        raise click.UsageError("Standard output is taken by the results; --html needs a file.")
    if page is not None:
        _io.check_not_read(page, files)
        _io.prepare_output(page, force)


def _results(
    files: Iterable[str], check_one: Callable[[str], Checked], tally: Tally
) -> Iterator[Checked]:
    """Check one file after the other; of a file nothing is kept but what it counts."""
    found = list(_found(files))
    bar = progress_bar(len(found))
    for done, file in enumerate(found):
        try:
            if isinstance(file, _io.Failure):
                raise file
            description = printable(f"{done}/{len(found)} {name_of(file)}")
            bar.update(bar.task_ids[0], completed=done, description=description)
            with bar:
                checked = check_one(file)
        except _io.Failure as failure:
            checked = Checked(failure.file, None, failure.reason)
        tally.add(checked)
        yield checked
        if checked.failure is not None:
            _io.Failure(checked.file, checked.failure).show()


def _found(files: Iterable[str]) -> Iterator[str | _io.Failure]:
    """The files given, and those in the folders given; what is wrong with a folder in its place."""
    for file in files:
        if file == STDIN or not os.path.isdir(file):
            yield file
            continue
        found = list(walk(file, _is_to_be_checked))
        for each in found:
            yield each.name if isinstance(each, File) else _io.Failure(each.file, each.reason)
        if not found:
            suffixes = ", ".join(FORMAT_SUFFIXES)
            yield _io.Failure(file, f"holds no file that ends in {suffixes}")


def _is_to_be_checked(name: str) -> bool:
    """Packed files are not: `check` gives lines and columns, which they do not have."""
    return not name.startswith(".") and name.lower().endswith(FORMAT_SUFFIXES)


def _hint(file: str) -> Format | None:
    """The format that a name tells; the content tells the others."""
    return Format.PLAIN if format_of(file) is Format.PLAIN else None


def _also_on(page: html.CheckPage, results: Iterable[Checked]) -> Iterator[Checked]:
    for checked in results:
        with _io.failing_as(gettempdir()):
            page.add(checked)
        yield checked


@click.command(epilog=_DIFF_EPILOG)
@_io.takes_files
@_io.takes_encoding
@_takes_form(["text", "json"], "How to write what differs.")
@_io.takes_api
@_takes_page
@_takes_force
@click.pass_context
def diff(
    context: click.Context,
    files: tuple[str, ...],
    encoding: str | None,
    form: str,
    record_type: type[Any],
    page: str | None,
    force: bool,
) -> None:
    """Compare two or more files that hold the same page, in whatever formats.

    FILE - is standard input. Formats are detected; the suffixes .txt and .plain mean plain. What
    differs only because a format cannot carry it, or has to, is shown apart and does not count.

    What differs is shown as it is: phone numbers are not starred out.
    """
    _prepare(files, page, force)
    if len(files) < 2:
        raise click.UsageError("A comparison takes two files or more.")
    for file in files:
        if files.count(file) > 1:
            raise click.UsageError(f"{printable(file)} is given more than once.")
    bodies: dict[str, bytes] = {}
    failures: dict[str, str] = {}
    for file in files:
        try:
            bodies[file] = _io.read(file)
        except _io.Failure as failure:
            failures[file] = failure.reason
    comparison = Comparison(())
    if len(bodies) > 1:
        formats = {file: hint for file in bodies if (hint := _hint(file))}
        comparison = conformance.compare(
            bodies, formats=formats, record_type=record_type, encoding=encoding
        )
    compared = Compared(files, comparison, failures)
    _io.show_errors(compared.failures.items())
    if page is not None:
        with _io.writing(page, force) as stream:
            html.write_comparison(stream.write, compared)
    if form == "json":
        json.write_comparison(_io.write, compared)
    else:
        text.print_comparison(Terminal(_io.stdout()), compared)
    context.exit(0 if compared.equal else 1)
