"""How far a long run is."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


def progress_bar(files: int) -> Progress:
    """A bar on standard error, gone when it stops: for a person at a terminal, and nobody else."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        # Nothing is printed while it is shown.
        redirect_stdout=False,
        redirect_stderr=False,
        disable=files < 2 or not (console.is_interactive and console.file.isatty()),
    )
    bar.add_task("", total=files)
    return bar
