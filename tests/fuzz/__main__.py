"""Fuzz one target: `python tests/fuzz json --seconds 1200`.

Needs the extra `fuzz`. Coverage is that of the library's own code. The last line says what was
reached; the exit code is 0 if nothing was found, 1 if something was, 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import seeds
import words
from finds import failure, shortened, told
from targets import TARGETS, Target

_WORKER = Path(__file__).with_name("worker.py")
_SECONDS_TO_SHORTEN = 20
_REACHED = re.compile(r"\bcov: (\d+) ft: (\d+)")
_RUNS = re.compile(r"^stat::number_of_executed_units: *(\d+)", re.MULTILINE)
_BYTES, _SLOW_SECONDS, _MEMORY = 8192, 30, 2048

# What libFuzzer names itself: the process ended, hung, or took too much memory.
_HARD = ("crash-", "timeout-", "oom-", "leak-")


def main() -> int:
    arguments = _arguments()
    if find_spec("atheris") is None:
        sys.stderr.write("fuzzing needs atheris: pip install 'ckct-formats[fuzz]'\n")
        return 2
    root = arguments.corpus or Path(tempfile.mkdtemp(prefix="ckct-fuzz-"))
    folder = root / arguments.target
    target = TARGETS[arguments.target]
    start = time.monotonic()
    log = _fuzz(arguments, folder, target)
    seconds = time.monotonic() - start
    finds = [find for find in sorted((folder / "finds").iterdir()) if _is_told(find, target)]
    runs = _RUNS.search(log)
    reached = _REACHED.findall(log)
    edges, features = map(int, reached[-1]) if reached else (0, 0)
    print(
        f"{arguments.target}: {int(runs[1]) if runs else 0:,} executions, {edges:,} edges, "
        f"{features:,} features, {seconds:.0f} s, {len(finds)} kinds of failures; {folder}"
    )
    if runs is None:
        sys.stderr.write(log[-3000:])
    return 1 if finds or runs is None else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, help="how long (60, if there is no --runs)")
    parser.add_argument("--runs", type=int, help="how many bodies, beside those to begin with")
    parser.add_argument("--seed", type=int, default=1, help="other bodies for another number")
    parser.add_argument(
        "--corpus", type=Path, help="a folder to keep bodies in, and to go on from; else a new one"
    )
    return parser.parse_args()


def _fuzz(arguments: argparse.Namespace, folder: Path, target: Target) -> str:
    """Run the fuzzer; what it wrote."""
    for name in ("corpus", "finds"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    begun = seeds.write(folder / "seeds", target.format) + len(list((folder / "corpus").iterdir()))
    (folder / "words").write_text(words.dictionary(target.format), encoding="ascii")
    command = [sys.executable, "-W", "error", str(_WORKER), arguments.target, str(folder / "finds")]
    command += [
        f"-dict={folder / 'words'}",
        f"-artifact_prefix={folder / 'finds'}/",
        f"-seed={arguments.seed}",
        f"-max_len={_BYTES}",
        f"-timeout={_SLOW_SECONDS}",
        f"-rss_limit_mb={_MEMORY}",
        "-print_final_stats=1",
    ]
    if arguments.runs is not None:
        command.append(f"-runs={begun + arguments.runs}")
    if arguments.seconds is not None or arguments.runs is None:
        command.append(f"-max_total_time={arguments.seconds or 60}")
    command += [str(folder / "corpus"), str(folder / "seeds")]
    log = folder / "log"
    with log.open("wb") as file:
        # Sets are in the same order in each run, so that a seed says all.
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        subprocess.run(command, stdout=file, stderr=file, env=environment, check=False)
    return log.read_text(encoding="utf-8", errors="replace")


def _is_told(find: Path, target: Target) -> bool:
    """Make a find short, and say what it is; one of an earlier run that is mended is removed."""
    if find.name.startswith(_HARD):
        print(f"{find}: ends the process, hangs or takes too much memory; see the log")
        return True
    data = shortened(find.read_bytes(), target.check, _SECONDS_TO_SHORTEN)
    error = failure(target.check, data)
    if error is None:
        find.unlink()
        return False
    find.write_bytes(data)
    print(f"{find}\n{data[:2000]!r}\n{told(error)}")
    return True


if __name__ == "__main__":
    sys.exit(main())
