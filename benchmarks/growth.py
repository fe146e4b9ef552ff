"""How time grows with hostile input: `python -m benchmarks.growth`.

Each case is read at five sizes, each twice the one before. The slope of the fitted line of log time
against log size is 1 where time is linear.
"""

from __future__ import annotations

import contextlib
import math
import statistics
import time
from collections.abc import Callable

from ckct_formats import Format, FormatsError, parse

DOUBLINGS = 4
SMALLEST = 40_000
RUNS = 5

HEADER = "city,site,callId\n"
CASES: dict[str, tuple[Format, Callable[[int], str]]] = {
    "json, unclosed brackets": (Format.JSON, lambda n: "[" * n),
    "json, unclosed quotes": (Format.JSON, lambda n: '["' + '\\"' * (n // 2)),
    "json, rows without one key in common": (
        Format.JSON,
        lambda n: "[" + ",".join(f'{{"callId":{i},"k{i}":1}}' for i in range(n // 24)) + "]",
    ),
    "json, one key a million times": (
        Format.JSON,
        lambda n: "[{" + '"a":1,' * (n // 6) + '"a":1}]',
    ),
    "json, all rows bad": (Format.JSON, lambda n: "[" + '{"callId":"x"},' * (n // 15) + "1]"),
    "xml, unclosed elements": (Format.XML, lambda n: "<a>" * (n // 3)),
    "xml, unclosed comments": (Format.XML, lambda n: "<0>" + "<!--" * (n // 4)),
    "xml, unclosed CDATA": (Format.XML, lambda n: "<0>" + "<![CDATA[" * (n // 9)),
    "xml, names of digits": (Format.XML, lambda n: "<r>" + "<0>1</0>" * (n // 8) + "</r>"),
    "xml, repeated elements": (
        Format.XML,
        lambda n: "<r><item><callId>1</callId>" + "<a>1</a>" * (n // 8) + "</item></r>",
    ),
    "xml, attributes": (
        Format.XML,
        lambda n: "<r><item " + " ".join(f'a{i}="1"' for i in range(n // 10)) + "/></r>",
    ),
    "csv, unclosed quote": (Format.CSV, lambda n: HEADER + '"' + "a," * (n // 2)),
    "csv, quotes and backslashes": (Format.CSV, lambda n: HEADER + '"a\\",' * (n // 5)),
    "csv, pairs of quotes and backslashes": (
        Format.CSV,
        lambda n: HEADER + '"\\"",1,1\n' * (n // 9),
    ),
    "csv, rows that end in a backslash": (Format.CSV, lambda n: HEADER + '"a\\",1,1\n' * (n // 9)),
    "csv, delimiters": (Format.CSV, lambda n: HEADER + "," * n),
    "csv, columns": (Format.CSV, lambda n: "callId," + ",".join(map(str, range(n // 6))) + "\n1\n"),
    "csv, empty lines": (Format.CSV, lambda n: HEADER + "\n" * n),
    "csv, comments": (Format.CSV, lambda n: "".join(f"# a{i}: 1\n" for i in range(n // 9))),
    "csv, lines of paths": (
        Format.CSV,
        lambda n: "".join(f"inbound.a{i},1\n" for i in range(n // 16)),
    ),
    "print_r, unclosed brackets": (Format.PLAIN, lambda n: "Array\n(\n" * (n // 8)),
    "print_r, closing brackets": (Format.PLAIN, lambda n: "Array\n(\n" + ")\n" * (n // 2)),
    "print_r, entries": (Format.PLAIN, lambda n: "Array\n(\n" + "    [a\n" * (n // 7) + ")\n"),
    "print_r, keys of one row": (
        Format.PLAIN,
        lambda n: (
            "Array\n(\n    [0] => Array\n        (\n"
            + "".join(f"            [k{i}] => 1\n" for i in range(n // 24))
            + "            [callId] => 1\n            [city] => a\n        )\n\n)\n"
        ),
    ),
    "print_r, dumps in turn": (Format.PLAIN, lambda n: "Array\n(\n)\n" * (n // 10)),
    "print_r, line breaks": (Format.PLAIN, lambda n: "Array\n(\n    [a] => " + "\n" * n + ")\n"),
    "var_export, unclosed": (Format.PLAIN, lambda n: "array (0 => " * (n // 12)),
    "var_export, quotes": (Format.PLAIN, lambda n: "array ('" + "\\'" * (n // 2)),
    "var_export, entries": (Format.PLAIN, lambda n: "array (" + "0 => 1," * (n // 7) + ")"),
    "var_dump, unclosed": (Format.PLAIN, lambda n: "array(1) {\n[0]=>\n" * (n // 17)),
    "var_dump, keys": (Format.PLAIN, lambda n: f"array({n}) {{\n" + '["a"]=>\nNULL\n' * (n // 14)),
    "var_dump, an unclosed key": (Format.PLAIN, lambda n: 'array(9) {\n["' + '"' * n),
    "serialize, unclosed": (Format.PLAIN, lambda n: "a:1:{i:0;" * (n // 9)),
    "serialize, lying length": (Format.PLAIN, lambda n: f'a:1:{{s:{n * 9}:"' + "x" * n),
    "serialize, entries": (Format.PLAIN, lambda n: f"a:{n}:{{" + "i:0;N;" * (n // 6)),
    "key-value, rows": (
        Format.PLAIN,
        lambda n: "".join(f"payload.{i}.callId: 1\n" for i in range(n // 22)),
    ),
    "key-value, brackets": (Format.PLAIN, lambda n: "payload" + "[0]" * (n // 3)),
    "key-value, lines of text": (Format.PLAIN, lambda n: "payload.0.city: a\n" + "b\n" * (n // 2)),
    "records": (Format.PLAIN, lambda n: "callId: 1\ncity: a\n\n" * (n // 19)),
    "records, lines of text": (Format.PLAIN, lambda n: "callId: 1\n" + "b\n" * (n // 2)),
    "a page of escapes": (
        Format.PLAIN,
        lambda n: "<pre>Array\n(\n" + "=&gt;" * (n // 5) + "</pre>",
    ),
}


def seconds(body: str, fmt: Format) -> float:
    """CPU time of reading a body, all of its errors included: the least of a few runs."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        with contextlib.suppress(FormatsError):
            parse(body, fmt, on_error="collect")
        times.append(time.process_time() - start)
    return min(times)


def slope(sizes: list[int], times: list[float]) -> float:
    """The slope of log time against log size."""
    fit = statistics.linear_regression(list(map(math.log, sizes)), list(map(math.log, times)))
    return fit.slope


def main() -> None:
    """Print the table."""
    sizes = [SMALLEST << doubling for doubling in range(DOUBLINGS + 1)]
    print(
        f"{'case':42}" + "".join(f"{size:>11,}" for size in sizes) + f"{'slope':>7}   (ms of CPU)"
    )
    worst = 0.0
    for name, (fmt, make) in CASES.items():
        times = [max(seconds(make(size), fmt), 1e-6) for size in sizes]
        growth = slope(sizes, times)
        worst = max(worst, growth)
        row = "".join(f"{taken * 1000:11.2f}" for taken in times)
        print(f"{name:42}{row}{growth:7.2f}", flush=True)
    print(f"steepest: {worst:.2f}")


if __name__ == "__main__":
    main()
