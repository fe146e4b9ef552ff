"""The command line: `python -m benchmarks`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib.metadata import PackageNotFoundError
from pathlib import Path

from benchmarks import pages, report
from benchmarks.bars import needed
from benchmarks.environment import environment
from benchmarks.measure import Measurement
from benchmarks.results import saved
from ckct_formats import Format

HERE = Path(__file__).parent
BUDGET = 1.0
QUICK_BUDGET = 0.05


def arguments() -> argparse.Namespace:
    """What the command was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="What parsing and serializing a page costs."
    )
    parser.add_argument("--quick", action="store_true", help="one run at small pages, no files")
    parser.add_argument("--bars", action="store_true", help="only what the bars need")
    parser.add_argument("--runs", type=int, default=7, help="processes per figure (default: 7)")
    parser.add_argument("--only", type=Format, choices=list(Format), help="one format, no files")
    parser.add_argument(
        "--output", type=Path, default=HERE, help="folder of RESULTS.md (default: benchmarks)"
    )
    return parser.parse_args()


def main() -> int:
    """Measure, show, and write the results of a whole run down."""
    asked = arguments()
    formats = [asked.only] if asked.only else list(Format)
    try:
        found = environment()
    except PackageNotFoundError as error:
        sys.exit(f"the benchmarks need {error.name}: pip install -e '.[bench]'")
    with tempfile.TemporaryDirectory() as folder:
        measurement = Measurement(
            found,
            pages.QUICK if asked.quick else pages.OF_BARS if asked.bars else pages.FULL,
            formats,
            1 if asked.quick else asked.runs,
            QUICK_BUDGET if asked.quick else BUDGET,
            Path(folder),
            needed if asked.bars else lambda *_: True,
        )
        measurement.contenders()
        if not asked.quick:
            measurement.growth()
        measurement.imports()
    results = measurement.results
    print(report.report([results]))
    if not (asked.quick or asked.only):
        results.save(asked.output)
        (asked.output / "RESULTS.md").write_text(report.report(saved(asked.output)))
    for text in results.unforeseen:
        print(f"not as foreseen: {text}", file=sys.stderr)
    return 1 if results.unforeseen else 0


if __name__ == "__main__":
    sys.exit(main())
