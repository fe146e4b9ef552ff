"""How far a long run is."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import Any


def progress_bar(files: int) -> Any:
    """A bar on standard error, there while it is entered: for a person at a terminal, and nobody
    else."""
    if files < 2 or sys.stderr is None or not sys.stderr.isatty():
        return _NoBar()
    from rich import progress  # noqa: PLC0415 (slow)
    from rich.console import Console  # noqa: PLC0415

    console = Console(stderr=True)
    bar = progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.TimeRemainingColumn(),
        console=console,
        disable=not console.is_interactive,
        transient=True,
        redirect_stdout=False,  # nothing is printed while it is shown
        redirect_stderr=False,
    )
    bar.add_task("", total=files)
    return bar


class _NoBar(nullcontext[None]):
    task_ids = (0,)

    def update(self, *args: object, **fields: object) -> None:
        pass
