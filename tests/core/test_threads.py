"""Threads that read and write different pages at once get what each would have got alone."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from ckct_formats import Call, Format, Response, parse, serialize

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
THREADS = 4


def pages() -> list[Response[Call]]:
    """Pages of one shape whose values are all different."""
    first = parse((FIXTURES / "page_1000.json").read_bytes(), Format.JSON)
    return [
        replace(
            first,
            payload=[
                replace(
                    call, call_id=call.call_id + number * 10_000_000, city=f"{call.city}{number}"
                )
                for call in first.payload[number * 100 : number * 100 + 300]
            ],
            inbound=replace(first.inbound, total_length=300, of_pages=1),
        )
        for number in range(THREADS)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("fmt", list(Format))
def test_threads_do_not_mix_pages(fmt: Format) -> None:
    expected = pages()
    bodies = [serialize(page, fmt) for page in expected]
    together = Barrier(THREADS)

    def work(number: int) -> list[tuple[Response[Call], bytes]]:
        together.wait()
        results = []
        for _ in range(10):
            page = parse(bodies[number], fmt)
            results.append((page, serialize(page, fmt)))
        return results

    with ThreadPoolExecutor(THREADS) as pool:
        for number, results in enumerate(pool.map(work, range(THREADS))):
            assert results == [(expected[number], bodies[number])] * 10


COLD = """
import sys
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import make_dataclass
from pathlib import Path
from threading import Barrier
from ckct_formats import Call, Limits, LimitExceededError, parse

sys.setswitchinterval(1e-6)
FIXTURES = Path(sys.argv[1])
KINDS = [Call, dict, *(make_dataclass(f"Own{at}", [("call_id", int)]) for at in range(6))]
WORK = [
    (fmt, kind, limits)
    for fmt in ("json", "xml", "csv", "txt")
    for kind in KINDS
    for limits in (Limits(), Limits(records=2))
]
together = Barrier(len(WORK))

def work(fmt, kind, limits):
    body = (FIXTURES / f"three_calls.{fmt}").read_bytes()
    fmt = fmt.replace("txt", "plain")
    together.wait()
    try:
        return len(parse(body, fmt, record_type=kind, limits=limits).payload)
    except LimitExceededError as error:
        return error.limit

with ThreadPoolExecutor(len(WORK)) as pool:
    found = list(pool.map(work, *zip(*WORK)))
assert found == [3, "records"] * (len(WORK) // 2), found
"""


@pytest.mark.slow
def test_threads_that_are_the_first_to_read() -> None:
    """What is made once, of a dataclass or a format, is made by several at the same time."""
    for _ in range(3):
        subprocess.run([sys.executable, "-c", COLD, str(FIXTURES)], check=True, timeout=120)
