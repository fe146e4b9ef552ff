"""From a folder of pages to an Arrow table: `python -m benchmarks.tables`.

Each way makes the same table, which is asserted first. They take turns, each run in a process of
its own, behind one that does not count. What is shown is the median of their CPU times (user and
system, all threads), and how many times ours it is.
"""

from __future__ import annotations

import multiprocessing
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from operator import attrgetter
from pathlib import Path

import pyarrow as pa

from benchmarks.pages import SEED, Page
from ckct_formats import Call, Format, parse, serialize
from ckct_formats.arrow import arrow_schema, to_arrow
from ckct_formats.dumps import iter_calls

PAGES = 50
RUNS = 5

SCHEMA = arrow_schema()


def ours(folder: Path) -> pa.Table:
    """The library's own way."""
    return to_arrow(folder)


def dicts(folder: Path) -> pa.Table:
    """What one would write: each call as a dict."""
    rows = [asdict(call) for call in iter_calls(folder)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def columns(folder: Path) -> pa.Table:
    """The same with care: no dicts, and each page's calls into columns while they are in the
    processor's cache."""
    pages = sorted(folder.iterdir())
    return pa.Table.from_batches(
        [_batch(parse(page.read_bytes(), page.suffix[1:]).payload) for page in pages]
    )


def _batch(calls: Sequence[Call]) -> pa.RecordBatch:
    arrays = [
        pa.array(list(map(attrgetter(field.name), calls)), field.type)
        for field in SCHEMA
        if field.name != "extra"
    ]
    extras = pa.array([list(call.extra.items()) for call in calls], SCHEMA.field("extra").type)
    return pa.RecordBatch.from_arrays([*arrays, extras], schema=SCHEMA)


CONTENDERS: dict[str, Callable[[Path], pa.Table]] = {
    "ours": ours,
    "Call objects, asdict, from_pylist": dicts,
    "Call objects, columns by attrgetter": columns,
}


def write(folder: Path, fmt: Format, pages: int) -> None:
    """Different pages of 1,000 calls."""
    for number in range(pages):
        page = Page("", 1_000, seed=SEED + number)
        (folder / f"page_{number:03}.{fmt}").write_bytes(serialize(page.response(), fmt))


def plain(table: pa.Table) -> pa.Table:
    """A table whose texts are not dictionary-encoded."""
    return table.cast(arrow_schema(dictionaries=False)).combine_chunks()


def check(folder: Path) -> None:
    """AssertionError unless all contenders make the same table."""
    expected = plain(ours(folder))
    for name, make in CONTENDERS.items():
        if plain(make(folder)) != expected:
            raise AssertionError(f"{name} makes another table")


def seconds(name: str, folder: Path) -> float:
    """CPU time of the second run of a contender in this process."""
    make = CONTENDERS[name]
    make(folder)
    start = time.process_time()
    make(folder)
    return time.process_time() - start


def measure(folder: Path, runs: int) -> dict[str, float]:
    """The median CPU time of each contender in seconds."""
    check(folder)
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(runs):
        for name, each in times.items():
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
                each.append(process.submit(seconds, name, folder).result())
    return {name: statistics.median(each) for name, each in times.items()}


def main() -> None:
    """Print what each contender takes for a call, and its ratio to ours."""
    print(f"Python {platform.python_version()}, pyarrow {pa.__version__}")
    print(f"{PAGES} pages of 1,000 calls; median of {RUNS} runs; µs a call (times ours)")
    for fmt in Format:
        with tempfile.TemporaryDirectory() as name:
            write(Path(name), fmt, PAGES)
            times = measure(Path(name), RUNS)
        shown = [
            f"{contender} {1e6 * seconds / PAGES / 1_000:.1f} ({seconds / times['ours']:.2f})"
            for contender, seconds in times.items()
        ]
        print(f"{fmt}: {'; '.join(shown)}")


if __name__ == "__main__":
    main()
