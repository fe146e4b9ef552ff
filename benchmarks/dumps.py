"""Saved dumps on the command line: `python -m benchmarks.dumps`.

A folder of pages in mixed formats and packings becomes a Parquet data set, with one process and
with two in turn; and runs are killed at random moments.
Whatever is timed is checked first: every call is there once, and is what `parse` gives. What a
process held at most is what Linux says of it.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from benchmarks.dump_pages import CALLS, Pages
from benchmarks.pages import SEED
from ckct_formats import Call, Format, parse, serialize

MB = 1e6
CONVERT = [sys.executable, "-m", "ckct_formats", "convert"]
CHECKED_PAGES = 40
BETWEEN_LOOKS = 0.02


class Run(NamedTuple):
    """What a process took: seconds, the most bytes that it or one of its own processes held, and
    what it printed."""

    seconds: float
    peak: int
    output: str


def run(command: Sequence[str]) -> Run:
    """Run a command to its end."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output)
        peak = 0
        while process.poll() is None:
            peak = max(peak, *map(_peak, _family(process.pid)))
            time.sleep(BETWEEN_LOOKS)
        seconds = time.perf_counter() - start
        if process.returncode:
            sys.exit(f"{command} ended with {process.returncode}")
        output.seek(0)
        return Run(seconds, peak, output.read())


def _family(pid: int) -> list[int]:
    """A process and those that it began."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has ended
        return [pid]
    return [pid, *(each for child in children for each in _family(int(child)))]


def _peak(pid: int) -> int:
    """The most bytes that a process has held since it began to run its program."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s*([0-9]+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def convert(folder: Path, out: Path, jobs: int) -> list[str]:
    """The command that makes a data set of a folder."""
    return [*CONVERT, str(folder), "--to", "parquet", "-o", str(out), "--jobs", str(jobs)]


def check(out: Path, pages: Pages) -> None:
    """Every call is there once, and those of some pages are what `parse` gives for them."""
    ids = pq.read_table(out, columns=["call_id"])["call_id"].to_pylist()
    first = pages.response(0).payload[0].call_id
    assert sorted(ids) == list(range(first, first + pages.count * CALLS))
    rng = random.Random(SEED)
    for number in rng.sample(range(pages.count), min(pages.count, CHECKED_PAGES)):
        body = serialize(pages.response(number), rng.choice(list(Format)))
        expected = {call.call_id: call for call in parse(body).payload}
        bounds = (("call_id", ">=", min(expected)), ("call_id", "<=", max(expected)))
        rows = pq.read_table(out, filters=list(bounds)).to_pylist()
        assert {row["call_id"]: _call(row) for row in rows} == expected


def _call(row: dict[str, Any]) -> Call:
    row |= {"tags_id": tuple(row["tags_id"]), "extra": dict(row["extra"] or ())}
    return Call(**row)


def compare_jobs(pages: Pages, folder: Path, work: Path, runs: int) -> None:
    """One process and two, in turn."""
    size = sum(file.stat().st_size for file in folder.iterdir())
    body = sum(len(serialize(pages.response(0), fmt)) for fmt in Format) / len(Format)
    taken: dict[int, list[Run]] = {1: [], 2: []}
    for _ in range(runs):
        for jobs, each in taken.items():
            out = work / f"jobs-{jobs}"
            shutil.rmtree(out, ignore_errors=True)
            each.append(run(convert(folder, out, jobs)))
            if len(each) == 1:
                check(out, pages)
    for jobs, each in taken.items():
        seconds = statistics.median(one.seconds for one in each)
        print(
            f"{pages.count:,} pages, {jobs} jobs: {seconds:.1f} s, "
            f"{pages.count * CALLS / seconds:,.0f} calls a second, "
            f"{size / seconds / MB:.1f} MB/s packed, {body * pages.count / seconds / MB:.1f} MB/s "
            f"unpacked, at most {max(one.peak for one in each) / MB:.0f} MB in one process"
        )
    ratios = [one.seconds / two.seconds for one, two in zip(*taken.values(), strict=True)]
    print(f"two jobs against one: {statistics.median(ratios):.2f} (median of {runs})")


def kill(pages: Pages, folder: Path, work: Path, times: int) -> None:
    """Kill runs at random moments: the output is absent or whole, and a second run completes it."""
    out = work / "killed"
    seconds = run(convert(folder, out, 2)).seconds
    rng = random.Random(SEED)
    for at in sorted(rng.uniform(0, seconds) for _ in range(times)):
        shutil.rmtree(out, ignore_errors=True)
        process = subprocess.Popen(convert(folder, out, 2))
        time.sleep(at)
        process.send_signal(signal.SIGKILL)
        process.wait()
        state = "whole" if out.exists() else "absent"
        left = len(list(work.glob(".killed.ckct-partial/parts/*")))
        if not out.exists():
            run(convert(folder, out, 2))
        check(out, pages)
        rest = [each.name for each in work.iterdir() if each.name.startswith(".killed")]
        print(f"killed after {at:.2f} of {seconds:.2f} s: {state}, {left} parts; then whole {rest}")


def _saved(count: int, work: Path) -> tuple[Pages, Path]:
    pages, folder = Pages(count), work / f"pages-{count}"
    pages.save(folder)
    return pages, folder


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dumps", description=__doc__)
    parser.add_argument("--pages", type=int, default=2000, help="pages in the folder")
    parser.add_argument("--runs", type=int, default=3, help="runs with one and two processes")
    parser.add_argument("--kills", type=int, default=20, help="runs that are killed")
    parser.add_argument("--work", type=Path, help="folder to work in (default: a temporary one)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.work) as name:
        work = Path(name)
        small = _saved(max(asked.pages // 10, 1), work)
        compare_jobs(*small, work, 1)
        if asked.kills:
            kill(*small, work, asked.kills)
        if asked.runs:
            compare_jobs(*_saved(asked.pages, work), work, asked.runs)


if __name__ == "__main__":
    main()
