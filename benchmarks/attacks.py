"""What hostile input costs: `python -m benchmarks.attacks`.

Each attack is read at five sizes, each twice the one before, by a process of its own. The slope of
the fitted line of log time against log size is 1 where time is linear. Memory is what a process held
at most above what it held before it read the body, which is part of it.

It writes `benchmarks/ATTACKS.md`, and ends with status 1 if anything is not as it must be. With
`--quick` two small sizes are read, to see that what is raised is ours and memory is bounded.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.attack_bodies import ATTACKS, MB, Attack
from benchmarks.environment import environment
from ckct_formats import FormatsError, parse
from ckct_formats.dumps import iter_calls

DOUBLINGS = 4
STEEPEST = 1.15
# Of a body of up to so many bytes.
BOUND_BYTES = 20 * MB
RUNS = 3
SECONDS_AT_MOST = 600
RESULTS = Path(__file__).with_name("ATTACKS.md")


@dataclass(frozen=True)
class Cost:
    """What one body cost.

    Attributes:
        size: Bytes, unpacked.
        seconds: Of CPU, the least of a few runs.
        peak: Bytes of memory.
        raised: The class of the error, "" if there was none.
    """

    size: int
    seconds: float
    peak: int
    raised: str

    @property
    def is_bounded(self) -> bool:
        """Whether it took no more memory than promised."""
        return self.size > BOUND_BYTES or self.peak <= 8 * self.size + 50 * MB


def cost(attack: Attack, size: int, folder: Path) -> Cost:
    """What a body of a size costs, in a process of its own."""
    body = attack.make(size)
    file = folder / ("body.zip" if attack.name.startswith("zip") else "body.gz")
    file.write_bytes(body.encode() if isinstance(body, str) else body)
    unpacked = size if attack.reader == "dump" else file.stat().st_size
    command = [sys.executable, "-m", "benchmarks.attacks", "--one", attack.name, str(file)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=SECONDS_AT_MOST
    )
    if done.returncode:
        return Cost(unpacked, math.nan, 0, done.stderr.strip().rpartition("\n")[2] or "killed")
    return Cost(unpacked, **json.loads(done.stdout))


def measure(name: str, file: str) -> dict[str, Any]:
    """Read a body; in a process of its own."""
    attack = next(each for each in ATTACKS if each.name == name)
    read_small(attack)
    before = _memory("VmRSS")
    with open("/proc/self/clear_refs", "w") as forget:
        forget.write("5")  # the peak is from now on
    raised = _read(attack, file)
    peak = _memory("VmHWM") - before
    times = [_seconds(attack, file) for _ in range(RUNS)]
    return {"seconds": min(times), "peak": peak, "raised": raised}


def read_small(attack: Attack) -> None:
    """Import and compile what is needed."""
    if attack.reader == "dump":
        list(iter_calls([]))
    for body in ("[]", "<r/>", "callId\n1\n", "Array\n(\n)\n"):
        parse(body)


def _read(attack: Attack, file: str) -> str:
    """Read a body; the class of the error."""
    try:
        if attack.reader == "dump":
            for _ in iter_calls(file):
                pass
        else:
            parse(Path(file).read_bytes(), attack.reader, on_error=attack.on_error)
    except FormatsError as error:
        limit = getattr(error, "limit", None) or getattr(getattr(error, "error", 0), "limit", None)
        return type(error).__name__ + (f": {limit}" if limit else "")
    return ""


def _seconds(attack: Attack, file: str) -> float:
    start = time.process_time()
    _read(attack, file)
    return time.process_time() - start


def _memory(field: str) -> int:
    """A figure of the kernel's on this process, in bytes (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) * 1024


def slope(costs: list[Cost]) -> float:
    """The slope of log time against log size."""
    sizes, times = zip(*((math.log(c.size), math.log(max(c.seconds, 1e-6))) for c in costs))
    return statistics.linear_regression(sizes, times).slope


def row(attack: Attack, costs: list[Cost]) -> str:
    """A line of the table."""
    last = costs[-1]
    return (
        f"| {attack.name} | {last.size / MB:,.1f} | {last.raised or 'read'} "
        f"| {last.seconds:.3f} | {slope(costs):.2f} | {last.peak / MB:,.0f} "
        f"| {last.peak / last.size:.1f} |"
    )


def faults(attack: Attack, costs: list[Cost], *, quick: bool) -> list[str]:
    """What is not as it must be."""
    found = [
        f"{cost.size:,} bytes: {cost.peak / MB:.0f} MB" for cost in costs if not cost.is_bounded
    ]
    found += [f"{cost.size:,} bytes: {cost.raised}" for cost in costs if math.isnan(cost.seconds)]
    if not quick and costs[-1].raised.partition(":")[0] != attack.raises:
        found.append(f"{costs[-1].raised or 'read'}, not {attack.raises or 'read'}")
    if not quick and slope(costs) > STEEPEST:
        found.append(f"slope {slope(costs):.2f}")
    return [f"{attack.name}: {fault}" for fault in found]


def main() -> None:
    """Measure all attacks, or one body."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--only", default="")
    arguments.add_argument("--one", nargs=2)
    asked = arguments.parse_args()
    if asked.one:
        print(json.dumps(measure(*asked.one)))
        return
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for attack in ATTACKS:
            if asked.only not in attack.name:
                continue
            largest = attack.largest if not asked.quick else MB
            doublings = 1 if asked.quick else DOUBLINGS
            sizes = [largest >> (doublings - doubling) for doubling in range(doublings + 1)]
            costs = [cost(attack, size, Path(folder)) for size in sizes]
            print(row(attack, costs), flush=True)
            wrong += faults(attack, costs, quick=asked.quick)
    print(*wrong, sep="\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
