"""What one process does: `python -m benchmarks.worker VERB TASK`, the task and the answer in JSON.

A process serves one contender, so that no other's modules and objects weigh on it.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.contenders import Contender, Direction, load
from benchmarks.records import digest
from ckct_formats import Format, parse

SAMPLE_SECONDS = 0.01
LONG_SECONDS = 1.0
SAMPLES = range(2, 31)


@dataclass(frozen=True)
class Task:
    """One contender at one page.

    Attributes:
        format: The format of the page.
        module: The contender's module.
        direction: Whether it parses or serializes the page.
        file: The page.
        freeze: Whether what the imports left is put out of the garbage collector's sight first.
        budget: CPU seconds to spend on samples; a few are taken anyway.
    """

    format: Format
    module: str
    direction: Direction
    file: str
    freeze: bool
    budget: float

    def contender(self) -> Contender:
        """The contender, imported."""
        return load(Format(self.format), self.module)

    def body(self) -> bytes:
        """The page's bytes."""
        return Path(self.file).read_bytes()

    def work(self) -> Callable[[], Any]:
        """What is timed."""
        contender = self.contender()
        if self.direction == "parse":
            return partial(_present(contender.read), self.body())
        page = parse(self.body(), self.format)
        return partial(_present(contender.write), _present(contender.prepare)(page))


def examine(task: Task) -> dict[str, Any]:
    """What the contender makes of the page, and the memory that this takes."""
    work = task.work()
    before = _peak_bytes()
    made = work()
    peak = _peak_bytes() - before
    if task.direction == "serialize":
        return {"digest": digest(parse(made, task.format).payload)}
    found = {"peak": peak, "digest": None if task.contender().floor else digest(made)}
    del made
    return found | {"retained": _retained_bytes(work)}


def seconds(task: Task) -> float:
    """CPU seconds of the contender: the median of as many samples as a short while allows."""
    work = task.work()
    work()  # the first run imports, compiles and fills caches
    if task.freeze:
        gc.collect()
        gc.freeze()
    estimate = _sample(work, 1)
    if estimate > LONG_SECONDS:
        return estimate
    runs = max(1, round(SAMPLE_SECONDS / estimate))
    count = int(task.budget / (estimate * runs))
    samples = min(max(count, SAMPLES.start), SAMPLES.stop - 1)
    return statistics.median(_sample(work, runs) for _ in range(samples))


def _sample(work: Callable[[], Any], runs: int) -> float:
    gc.collect()
    start = time.process_time()
    for _ in range(runs):
        made = work()
    taken = time.process_time() - start
    del made
    return taken / runs


def _retained_bytes(work: Callable[[], Any]) -> int:
    """What Python allocated for the records and still holds; not what C libraries did."""
    gc.collect()
    tracemalloc.start()
    kept = work()
    gc.collect()
    retained = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return retained


def _peak_bytes() -> int:
    """The most memory that this process has held.

    On Linux `ru_maxrss` begins with that of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _present(function: Callable[..., Any] | None) -> Callable[..., Any]:
    if function is None:
        raise TypeError("the contender cannot do this task")
    return function


VERBS: dict[str, Callable[[Task], Any]] = {"examine": examine, "seconds": seconds}


def main() -> None:
    """Answer one task."""
    verb, task = sys.argv[1:]
    print(json.dumps(VERBS[verb](Task(**json.loads(task)))))


if __name__ == "__main__":
    main()
