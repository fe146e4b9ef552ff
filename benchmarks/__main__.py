"""Time reading and writing a page of 1,000 calls against the bare tokeniser of each format.

Rough: one page, one process, medians of interleaved runs in CPU time. The floor does none of the
library's work (no records, no checks), so it is a bound and no peer.
"""

from __future__ import annotations

import csv
import importlib.metadata
import io
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree

from ckct_formats import Call, Format, parse, serialize

PAGE = Path(__file__).parent.parent / "fixtures" / "page_1000"
SUFFIXES = {Format.PLAIN: "txt"}
RUNS = 15

Task = Callable[[], object]


def bodies() -> dict[Format, bytes]:
    """The page in each format."""
    return {fmt: PAGE.with_suffix(f".{SUFFIXES.get(fmt, fmt)}").read_bytes() for fmt in Format}


def floors(body: dict[Format, bytes]) -> dict[Format, tuple[str, Task]]:
    """The C tokeniser that each format rests on."""
    row: Any = _struct()
    page = msgspec.defstruct("Page", [("payload", list[row])])
    decode = msgspec.json.Decoder(page).decode
    return {
        Format.JSON: ("msgspec Structs", lambda: decode(body[Format.JSON])),
        Format.XML: ("lxml fromstring", lambda: etree.fromstring(body[Format.XML])),
        Format.CSV: ("csv.reader", lambda: _csv_rows(body[Format.CSV].decode())),
        Format.PLAIN: ("split, partition", lambda: _pairs(body[Format.PLAIN].decode())),
    }


def _struct() -> Any:
    fields: list[Any] = [(name, object, None) for name in Call.__slots__]
    return msgspec.defstruct("Row", fields, rename="camel")


def _csv_rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def _pairs(text: str) -> list[tuple[str, str, str]]:
    return [line.partition(" => ") for line in text.splitlines()]


def medians(tasks: list[Task]) -> list[float]:
    """CPU milliseconds of each task, run in turn."""
    times: list[list[float]] = [[] for _ in tasks]
    for _ in range(RUNS):
        for task, taken in zip(tasks, times, strict=True):
            start = time.process_time()
            result = task()
            taken.append((time.process_time() - start) * 1000)
            del result
    return [statistics.median(taken) for taken in times]


def import_times() -> dict[str, float]:
    """Milliseconds to import, each in a process of its own, in turn."""
    code = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
    # As for a user: modules are compiled once, by the first run, and not anew each time.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    times: dict[str, list[float]] = {"lxml.etree": [], "ckct_formats": []}
    for _ in range(RUNS + 1):
        for module, taken in times.items():
            command = [sys.executable, "-c", code.format(module)]
            printed = subprocess.run(command, capture_output=True, check=True, env=environment)
            taken.append(float(printed.stdout) * 1000)
    return {module: statistics.median(taken[1:]) for module, taken in times.items()}


def main() -> None:
    """Print the table."""
    body = bodies()
    pages = {fmt: parse(body[fmt], fmt) for fmt in Format}
    if any(page != pages[Format.JSON] for page in pages.values()):
        raise SystemExit("the formats differ: nothing to time")
    versions = {name: importlib.metadata.version(name) for name in ("lxml", "msgspec")}
    print(f"Python {platform.python_version()}, {versions}, {RUNS} runs, CPU ms per page")
    print(f"{'format':8}{'MB':>6}{'parse':>8}{'floor':>8}{'ratio':>7}{'serialize':>11}  floor is")
    for fmt, (name, floor) in floors(body).items():
        reading, writing = partial(parse, body[fmt], fmt), partial(serialize, pages[fmt], fmt)
        ours, bare, written = medians([reading, floor, writing])
        size = len(body[fmt]) / 1e6
        row = f"{fmt:8}{size:6.2f}{ours:8.2f}{bare:8.2f}{ours / bare:7.2f}{written:11.2f}"
        print(f"{row}  {name}")
    for module, taken in import_times().items():
        print(f"import {module}: {taken:.1f} ms")


if __name__ == "__main__":
    main()
