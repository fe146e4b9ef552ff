"""How far a long run is: shown to a person at a terminal, on standard error, and to nobody else."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console

from ckct_formats._export.units import Unit


def watching_console() -> Console | None:
    """Standard error, if a person looks at it."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    console = Console(stderr=True)
    return console if console.is_interactive else None


class Progress:
    """Files, calls, bytes, and the time that is left."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._calls = 0
        self._files = 0
        self._most_files = sum(len(unit.files) for unit in units)
        self._bar: Any = None
        console = watching_console()
        if console is not None:
            self._bar = _bar(console)
            self._task = self._bar.add_task("", total=sum(unit.size for unit in units))

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

    def skip(self, unit: Unit, calls: int) -> None:
        """Count what an earlier run has done."""
        self.advance(len(unit.files), calls, unit.size)

    def advance(self, files: int, calls: int, size: int) -> None:
        """Count what is done."""
        self._files += files
        self._calls += calls
        if self._bar is not None:
            text = f"{self._files:,} of {self._most_files:,} files, {self._calls:,} calls"
            self._bar.update(self._task, advance=size, description=text)


def _bar(console: Console) -> Any:
    from rich import progress  # noqa: PLC0415 (slow)

    return progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
