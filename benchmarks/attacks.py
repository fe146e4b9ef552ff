"""What hostile input costs: `python -m benchmarks.attacks`.

Each attack is read at eight sizes, each twice the one before, by a process of its own. The slope of
the fitted line of log time against log size over the last five is 1 where time is linear. Memory is
what a process held at most above what it held before it read the body, which is part of it.

It writes `benchmarks/ATTACKS.md`, and ends with status 1 if anything is not as it must be. With
`--quick` one small size is read, to see that nothing but our errors leaves and memory is bounded.
"""

from __future__ import annotations

import argparse
import math
import platform
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.attack_bodies import ATTACKS, MB, Attack
from benchmarks.attack_cost import Cost, cost
from benchmarks.environment import processor

DOUBLINGS = 4
# At smaller sizes memory alone is of interest: they are not refused at once.
SMALLER = 3
STEEPEST = 1.15
RUNS = 3
# A few looks at each byte, whose speed is that of the cache: it falls where a body outgrows it.
_LEAST_SECONDS_A_BYTE = 10e-9
RESULTS = Path(__file__).with_name("ATTACKS.md")
HEAD = """# What hostile input costs

Made by `python -m benchmarks.attacks`; `benchmarks/attack_bodies.py` holds the bodies.

Each attack is read with the default limits at eight sizes, each twice the one before; the largest
is shown. The slope is that of log time against log size over the last four doublings, of CPU time:
1 is linear, {steepest} the most that is allowed. (Less than 10 ns a byte counts as 10: so fast are
a few looks at each byte, which slow down where a body outgrows the processor's cache.) Memory is
what the process held at most, the body with it. Promised are 50 MB, 8 bytes for each byte of the
body and 200 for each node: the last two columns are what a node took beyond the rest of that, and
what was taken of the whole, at most at any of the eight sizes.

{environment}

| attack | MB | nodes | raised | seconds | slope | peak, MB | bytes a node | of the promise |
|---|--:|--:|---|--:|--:|--:|--:|--:|
"""


def slope(costs: list[Cost]) -> float:
    """The slope of log time against log size."""
    times = [math.log(max(each.seconds, each.size * _LEAST_SECONDS_A_BYTE)) for each in costs]
    return statistics.linear_regression([math.log(each.size) for each in costs], times).slope


def row(attack: Attack, costs: list[Cost]) -> str:
    """A line of the table."""
    last = costs[-1]
    steep = f"{slope(costs[SMALLER:]):.2f}" if len(costs) > 1 else ""
    return (
        f"| {attack.name} | {last.size / MB:,.1f} | {last.nodes:,} "
        f"| {last.raised or 'nothing: it is read'} | {last.seconds:.3f} | {steep} "
        f"| {last.peak / MB:,.0f} | {max(each.bytes_per_node for each in costs):,.0f} "
        f"| {max(each.share for each in costs):.0%} |"
    )


def faults(attack: Attack, costs: list[Cost]) -> list[str]:
    """What is not as it must be."""
    found = [f"{each.size:,} bytes: {each.raised}" for each in costs if math.isnan(each.seconds)]
    found += [f"{each.size:,} bytes: {each.peak / MB:.0f} MB" for each in costs if each.share > 1]
    if len(costs) > 1:
        found += _faults_of_all(attack, costs)
    return [f"{attack.name}: {fault}" for fault in found]


def _faults_of_all(attack: Attack, costs: list[Cost]) -> list[str]:
    found = []
    if costs[-1].raised != attack.raises:
        found.append(f"{costs[-1].raised or 'read'}, not {attack.raises or 'read'}")
    steep = slope(costs[SMALLER:])
    if steep > STEEPEST:
        found.append(f"slope {steep:.2f}")
    return found


def measured(attack: Attack, folder: Path, *, quick: bool) -> list[Cost]:
    """What the bodies of an attack cost."""
    if quick:
        return [cost(attack, min(MB, attack.largest), folder, 1)]
    sizes = [attack.largest >> halved for halved in range(DOUBLINGS + SMALLER, -1, -1)]
    small = [cost(attack, size, folder, 1) for size in sizes[:SMALLER]]
    return [*small, *(cost(attack, size, folder, RUNS) for size in sizes[SMALLER:])]


def report(rows: list[str]) -> str:
    """The whole table."""
    environment = f"Python {platform.python_version()} on {processor()}."
    head = HEAD.format(steepest=STEEPEST, environment=environment)
    return head + "\n".join([*rows, ""])


def main() -> None:
    """Measure all attacks."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--only", default="", help="a part of the names of attacks")
    asked = arguments.parse_args()
    rows, wrong = list[str](), list[str]()
    with tempfile.TemporaryDirectory() as folder:
        for attack in ATTACKS:
            if asked.only not in attack.name:
                continue
            costs = measured(attack, Path(folder), quick=asked.quick)
            rows.append(row(attack, costs))
            print(rows[-1], flush=True)
            wrong += faults(attack, costs)
    if not asked.quick and not asked.only:
        RESULTS.write_text(report(rows))
    print(*wrong, sep="\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
