"""How far a long run is: shown to a person at a terminal, on standard error, and to nobody else."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Self

from rich.console import Console


class Progress:
    """A bar that is there while this is entered, and gone afterwards; it can be entered again.

    Args:
        files: How many there are; of a single one nothing is shown.
    """

    def __init__(self, files: int) -> None:
        self._bar: Any = None
        if files > 1 and sys.stderr is not None and sys.stderr.isatty():
            console = Console(stderr=True)
            if console.is_interactive:
                self._bar = _bar(console)
                self._task = self._bar.add_task("", total=files)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, files: int, text: str) -> None:
        """Show how many files are done, with a text."""
        if self._bar is not None:
            self._bar.update(self._task, completed=files, description=text)


def _bar(console: Console) -> Any:
    from rich import progress  # noqa: PLC0415 (slow)

    return progress.Progress(
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn("{task.description}", markup=False),
        progress.TimeRemainingColumn(),
        console=console,
        transient=True,
        # Both go past the bar: it is not there when anything is printed.
        redirect_stdout=False,
        redirect_stderr=False,
    )
