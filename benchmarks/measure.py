"""The measurement: which processes run, in which order, and what is made of their answers."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar, get_args

from benchmarks.contenders import MODULES, Direction, load
from benchmarks.environment import Environment
from benchmarks.pages import Page
from benchmarks.records import digest
from benchmarks.results import OURS, Figures, GrowthFigures, PageSize, Results
from benchmarks.worker import Task
from ckct_formats import Format

T = TypeVar("T")

# What takes longer at a page is timed by one process.
LONG_SECONDS = 0.25
# Growth is a bar of the medians of so many.
GROWTH_RUNS = 7
Wanted = Callable[[Page, Direction, str], bool]

IMPORT = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"
# Compiled modules are kept, as for a user.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {
    "PYTHONHASHSEED": "0"
}


class Measurement:
    """All figures of some pages in some formats; the pages are written to a folder.

    Each figure is taken by as many processes as there are runs, each spending a budget of seconds;
    what is wanted of a page is said by verb and module.
    """

    def __init__(
        self,
        environment: Environment,
        pages: Sequence[Page],
        formats: Sequence[Format],
        runs: int,
        budget: float,
        folder: Path,
        wanted: Wanted,
    ) -> None:
        self.results = Results(environment, runs)
        self._wanted = wanted
        self._budget = budget
        self._pages = pages
        self._formats = formats
        self._folder = folder
        self._contenders = {
            (fmt, name): load(fmt, name) for fmt in formats for name in MODULES[fmt]
        }
        self._files: dict[tuple[str, Format], Path] = {}

    def contenders(self) -> None:
        """Check and time all contenders, page by page."""
        for page in self._pages:
            self._write(page)
            entrants = list(self._entrants(page))
            _progress(f"{page.name}: values and memory")
            self._examine(page, entrants)
            timed = [(task, figures) for task, figures in entrants if not figures.fault]
            for run in range(self.results.runs):
                _progress(f"{page.name}: run {run + 1} of {self.results.runs}")
                for task, figures in _rotated(timed, run):
                    if run == 0 or figures.seconds[0] < LONG_SECONDS:
                        figures.seconds.append(_ask("seconds", task))

    def growth(self) -> None:
        """Time ours at the pages of calls as usual, with and without `gc.freeze()`."""
        entrants = [
            (
                self._task(fmt, OURS, "parse", page, freeze=freeze),
                GrowthFigures(fmt, page.name, freeze),
            )
            for fmt in self._formats
            for page in self._pages
            for freeze in (False, True)
            if page.calls > 1 and not page.hostile
        ]
        self.results.growth = [figures for _, figures in entrants]
        for run in range(GROWTH_RUNS):
            _progress(f"growth: run {run + 1} of {GROWTH_RUNS}")
            for task, figures in _rotated(entrants, run):
                figures.seconds.append(_ask("seconds", task))

    def imports(self) -> None:
        """Time the imports of each contender; the first run compiles and does not count."""
        _progress("imports")
        times: dict[str, list[float]] = {found.imports: [] for found in self.results.figures}
        for run in range(self.results.runs + 1):
            for imports, taken in _rotated(list(times.items()), run):
                taken.append(float(_run("-c", IMPORT.format(imports))))
        medians = {imports: statistics.median(taken[1:]) for imports, taken in times.items()}
        self.results.import_seconds = medians

    def _write(self, page: Page) -> None:
        files = page.write(self._folder)
        self._files |= {(page.name, fmt): files[fmt] for fmt in self._formats}
        sizes = {fmt: files[fmt].stat().st_size for fmt in self._formats}
        self.results.pages.append(PageSize(page.name, page.calls, sizes))

    def _entrants(self, page: Page) -> Iterator[tuple[Task, Figures]]:
        """Who is asked for what. Who cannot do it stands in the results with the reason."""
        for (fmt, module), contender in self._contenders.items():
            imports = ", ".join(contender.imports)
            for direction in get_args(Direction):
                does = contender.read if direction == "parse" else contender.write
                if not self._wanted(page, direction, module) or not (does or contender.lacks):
                    continue
                figures = Figures(
                    fmt, direction, page.name, module, contender.name, contender.floor, imports
                )
                self.results.figures.append(figures)
                if does is None:
                    figures.fault = contender.lacks
                else:
                    yield self._task(fmt, module, direction, page), figures

    def _task(
        self,
        fmt: Format,
        module: str,
        direction: Direction,
        page: Page,
        *,
        freeze: bool = False,
    ) -> Task:
        file = str(self._files[page.name, fmt])
        return Task(fmt, module, direction, file, freeze, self._budget)

    def _examine(self, page: Page, entrants: list[tuple[Task, Figures]]) -> None:
        expected = digest(page.response().payload)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = pool.map(_examined, [task for task, _ in entrants])
            for (task, figures), answer in zip(entrants, found, strict=True):
                figures.peak, figures.retained = answer.get("peak"), answer.get("retained")
                fault = answer.get("error", "")
                if not fault and answer["digest"] not in (None, expected):
                    fault = "values differ"
                self._judge(page, task, figures, fault)

    def _judge(self, page: Page, task: Task, figures: Figures, fault: str) -> None:
        differs = self._contenders[task.format, task.module].differs if page.hostile else {}
        known = differs.get(task.direction, "")
        if bool(fault) != bool(known):
            found = fault or "values are equal, though they are said to differ"
            where = f"{task.format}, {task.direction}, {page.name}"
            self.results.unforeseen.append(f"{where}: {figures.name}: {found}")
        figures.fault = known or fault


def _rotated(entrants: list[T], run: int) -> list[T]:
    """Each run begins with another one, so that none always follows the same."""
    first = run % max(len(entrants), 1)
    return entrants[first:] + entrants[:first]


def _examined(task: Task) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = _ask("examine", task)
    except WorkerError as error:
        return {"error": str(error)}
    return answer


def _ask(verb: str, task: Task) -> Any:
    return json.loads(_run("-m", "benchmarks.worker", verb, json.dumps(asdict(task))))


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, env=ENVIRONMENT
    )
    if done.returncode:
        raise WorkerError(done.stderr.strip().rpartition("\n")[2])
    return done.stdout


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class WorkerError(Exception):
    """A process failed; the message is the last line that it wrote."""
