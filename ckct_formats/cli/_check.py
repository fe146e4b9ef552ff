"""The commands `check` and `diff`: files in, a verdict and reports out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

import click

from ckct_formats import Format, conformance
from ckct_formats._reports.html import HtmlCheck, write_html_comparison
from ckct_formats._reports.json import JsonCheck, write_comparison
from ckct_formats._reports.junit import JunitCheck
from ckct_formats._reports.results import Checked, CheckWriter, Compared, Tally
from ckct_formats._reports.sarif import SarifCheck
from ckct_formats._reports.terminal import Terminal, printable
from ckct_formats._reports.text import TextCheck, print_comparison
from ckct_formats.cli._files import (
    STDIN,
    STDOUT,
    Draft,
    Failure,
    check_not_read,
    check_output,
    check_stdin,
    name_of,
    read,
    reads,
    stdout,
    takes_api,
    takes_encoding,
    write,
)
from ckct_formats.cli._progress import watching_console
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

_WRITERS: dict[str, Callable[[], CheckWriter]] = {
    "text": lambda: TextCheck(Terminal(stdout())),
    "json": lambda: JsonCheck(write),
    "sarif": lambda: SarifCheck(write),
    "junit": lambda: JunitCheck(write),
}


_files = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
_html = click.option(
    "--html",
    "page",
    metavar="PAGE",
    type=click.Path(),
    help="Also write a page for the browser, whole or not at all.",
)
_force = click.option("--force", is_flag=True, help="Overwrite PAGE if it exists.")


@click.command(epilog=_CHECK_EPILOG)
@_files
@reads
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_WRITERS)),
    default="text",
    show_default=True,
    help="How to write what was found.",
)
@click.option(
    "--severity",
    type=click.Choice([each.value for each in Severity]),
    default=Severity.WARNING.value,
    show_default=True,
    help="The least grave findings that are shown, and that count for the exit status.",
)
@takes_api
@_html
@_force
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
    _check_page(page, force, files)
    threshold = Severity(severity)
    with ExitStack() as stack:
        writers: list[CheckWriter] = []
        if page is not None:
            draft = stack.enter_context(Draft(page, force))
            html = HtmlCheck(draft.write, threshold)
            stack.callback(html.close)
            writers.append(html)
        writers.append(_WRITERS[form]())
        tally = _check(
            files, lambda file: _checked(file, fmt, encoding, threshold, record_type), writers
        )
    context.exit(0 if tally.ok else 1)


def _check(
    files: Iterable[str], check_one: Callable[[str], Checked], writers: Iterable[CheckWriter]
) -> Tally:
    """Check and write one file after the other; nothing of a file is kept but what it counts."""
    tally = Tally()
    found = list(_found(files))
    progress = _progress(len(found))
    for file in found:
        if isinstance(file, Failure):
            checked = Checked(file.file, None, file.reason)
        else:
            with progress(name_of(file)):
                checked = check_one(file)
        tally.add(checked)
        for writer in writers:
            writer.add(checked)
        if checked.failure is not None:
            Failure(checked.file, checked.failure).show()
    for writer in writers:
        writer.end(tally)
    return tally


def _check_page(page: str | None, force: bool, files: Iterable[str]) -> None:
    if page == STDOUT:
        raise click.UsageError("Standard output is taken by the results; --html needs a file.")
    if page is None:
        return
    check_not_read(page, files)
    check_output(page, force)


def _found(files: Iterable[str]) -> Iterator[str | Failure]:
    """The files given, and those in the folders given; what is wrong with a folder in its place."""
    for file in files:
        if file == STDIN or not os.path.isdir(file):
            yield file
            continue
        empty = True
        for each in walk(file, _is_to_be_checked):
            empty = False
            yield each.name if isinstance(each, File) else Failure(each.file, each.reason)
        if empty:
            yield Failure(file, f"holds no file that ends in {', '.join(FORMAT_SUFFIXES)}")


def _is_to_be_checked(name: str) -> bool:
    """Whether a file of a folder is: packed ones are not, as `check` tells places in a file."""
    return not name.startswith(".") and name.lower().endswith(FORMAT_SUFFIXES)


def _checked(
    file: str,
    fmt: str | None,
    encoding: str | None,
    threshold: Severity,
    record_type: type[Any],
) -> Checked:
    try:
        body = read(file)
    except Failure as failure:
        return Checked(file, None, failure.reason)
    report = conformance.check(body, fmt or _hint(file), record_type=record_type, encoding=encoding)
    return Checked(file, report, findings=report.reaching(threshold))


def _hint(file: str) -> Format | None:
    """The format that a name tells; the content tells the others."""
    return Format.PLAIN if format_of(file) is Format.PLAIN else None


Progress = Callable[[str], AbstractContextManager[None]]


def _progress(files: int) -> Progress:
    """What shows, while a file is being checked, how far the run is: to a person, of several."""
    console = watching_console()
    if files < 2 or console is None:
        return lambda name: nullcontext()
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415 (slow)
    from rich.progress import Progress as Bar  # noqa: PLC0415

    # Standard output goes past it, so that it is erased before anything is printed there.
    bar = Bar(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    task = bar.add_task("", total=files)

    @contextmanager
    def shown(name: str) -> Iterator[None]:
        bar.update(task, description=printable(name))
        with bar:
            yield
        bar.advance(task)

    return shown


@click.command(epilog=_DIFF_EPILOG)
@_files
@takes_encoding
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to write what differs.",
)
@takes_api
@_html
@_force
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
    check_stdin(files)
    _check_files(files)
    _check_page(page, force, files)
    compared = _compared(files, encoding, record_type)
    for file, reason in compared.failures.items():
        Failure(file, reason).show()
    if page is not None:
        with Draft(page, force) as draft:
            write_html_comparison(draft.write, compared)
    if form == "json":
        write_comparison(write, compared)
    else:
        print_comparison(Terminal(stdout()), compared)
    context.exit(0 if compared.equal else 1)


def _check_files(files: tuple[str, ...]) -> None:
    if len(files) < 2:
        raise click.UsageError("A comparison takes two files or more.")
    for file in files:
        if files.count(file) > 1:
            raise click.UsageError(f"{printable(file)} stands more than once.")


def _compared(files: tuple[str, ...], encoding: str | None, record_type: type[Any]) -> Compared:
    bodies: dict[str, bytes] = {}
    failures: dict[str, str] = {}
    for file in files:
        try:
            bodies[file] = read(file)
        except Failure as failure:
            failures[file] = failure.reason
    if len(bodies) < 2:
        return Compared(files, Comparison(()), failures)
    formats = {file: hint for file in bodies if (hint := _hint(file))}
    comparison = conformance.compare(
        bodies, formats=formats, record_type=record_type, encoding=encoding
    )
    return Compared(files, comparison, failures)
