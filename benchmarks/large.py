"""What a body of 100,000 calls costs: `python -m benchmarks.large`.

The API's page holds 1,000 calls; people join pages. Each body is read, checked, compared with
itself and converted to csv with the default limits, each by a process of its own. It writes
`benchmarks/LARGE.md`, and ends with status 1 if anything is refused or comes out otherwise.
`--calls` takes another number of calls, and then nothing is written.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.attack_cost import memory
from benchmarks.environment import processor
from benchmarks.pages import Page
from ckct_formats import Call, Format, Response, parse, serialize
from ckct_formats._formats.modules import module_of
from ckct_formats.conformance import check, compare
from ckct_formats.testing import _writers as php
from ckct_formats.testing._dialects import tree_of

CALLS = 100_000
MB = 1_000_000
RESULTS = Path(__file__).with_name("LARGE.md")
HEAD = """# What a body of {calls:,} calls costs

Made by `python -m benchmarks.large`, with the default limits, each figure by a process of its own:
seconds of CPU, and the most memory that it held, the body with it.

{environment}

| body | MB | nodes | parse | check | compare | convert |
|---|--:|--:|--:|--:|--:|--:|
"""

Write = Callable[[Response[Call]], bytes]


def _canonical(fmt: Format) -> Write:
    return lambda response: serialize(response, fmt)


def _php(write: Callable[[Any], str]) -> Write:
    return lambda response: write(tree_of(response)).encode()


DIALECTS: dict[str, tuple[Format, Write]] = {
    "json": (Format.JSON, _canonical(Format.JSON)),
    "xml": (Format.XML, _canonical(Format.XML)),
    "csv": (Format.CSV, _canonical(Format.CSV)),
    "print_r": (Format.PLAIN, _canonical(Format.PLAIN)),
    "var_export": (Format.PLAIN, _php(php.var_export)),
    "var_dump": (Format.PLAIN, _php(php.var_dump)),
    "serialize": (Format.PLAIN, _php(php.serialize)),
}


def _parse(body: bytes, fmt: Format) -> int:
    return len(parse(body, fmt).payload)


def _check(body: bytes, fmt: Format) -> int:
    report = check(body, fmt)
    assert not any(each.code == "limit-exceeded" for each in report.findings)
    return report.rows


def _compare(body: bytes, fmt: Format) -> int:
    comparison = compare({"one": body, "other": body}, formats={"one": fmt, "other": fmt})
    assert comparison.equal
    return CALLS


def _convert(body: bytes, fmt: Format) -> int:
    written = serialize(parse(body, fmt), Format.CSV)
    return written.count(b"\n") and len(parse(written, Format.CSV).payload)


VERBS = {"parse": _parse, "check": _check, "compare": _compare, "convert": _convert}


def _measure(verb: str, fmt: Format, file: str) -> dict[str, Any]:
    body = Path(file).read_bytes()
    start = time.process_time()
    calls = VERBS[verb](body, fmt)
    seconds = time.process_time() - start
    return {"calls": calls, "seconds": seconds, "peak": memory("VmHWM")}


def _cell(verb: str, fmt: Format, file: Path, calls: int, wrong: list[str]) -> str:
    command = [sys.executable, "-m", "benchmarks.large", "--measure", verb, fmt, str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        wrong.append(f"{file.name}, {verb}: {done.stderr.strip().rpartition(chr(10))[2]}")
        return "refused"
    found = json.loads(done.stdout)
    if found["calls"] not in (calls, CALLS):
        wrong.append(f"{file.name}, {verb}: {found['calls']:,} calls")
    return f"{found['seconds']:.1f} s, {found['peak'] / MB:,.0f} MB"


def _rows(calls: int, wrong: list[str]) -> list[str]:
    page = Page(f"{calls:,} calls", calls).response()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for envelope in (True, False):
            response = page if envelope else Response(payload=page.payload)
            for name, (fmt, write) in DIALECTS.items():
                label = f"{name}, {'with' if envelope else 'without'} an envelope"
                file = Path(folder) / label
                body = write(replace(response))
                file.write_bytes(body)
                nodes = module_of(fmt).count_nodes(body)
                cells = [_cell(verb, fmt, file, calls, wrong) for verb in VERBS]
                rows.append(f"| {label} | {len(body) / MB:.1f} | {nodes:,} | {' | '.join(cells)} |")
                print(rows[-1], flush=True)
                file.unlink()
    return rows


def main() -> None:
    """Measure all bodies."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--calls", type=int, default=CALLS)
    arguments.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.measure:
        verb, fmt, file = asked.measure
        print(json.dumps(_measure(verb, Format(fmt), file)))
        return
    wrong = list[str]()
    rows = _rows(asked.calls, wrong)
    if asked.calls == CALLS:
        environment = f"Python {platform.python_version()} on {processor()}."
        head = HEAD.format(calls=CALLS, environment=environment)
        RESULTS.write_text(head + "\n".join([*rows, ""]))
    print(*wrong, sep="\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
