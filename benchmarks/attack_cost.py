"""What one attack costs: read in a process of its own, as `python -m benchmarks.attack_cost`."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.attack_bodies import ATTACKS, MB, Attack
from ckct_formats import FormatsError, parse
from ckct_formats._formats.modules import module_of
from ckct_formats.dumps import iter_calls

# The promise of SECURITY.md: 50 MB, 8 bytes for each of the body, and 200 for each of its nodes.
BASE_BYTES = 50 * MB
BYTES_PER_BYTE = 8
BYTES_PER_NODE = 200
_SECONDS_AT_MOST = 600


@dataclass(frozen=True)
class Cost:
    """What one body cost.

    Attributes:
        size: Bytes, unpacked.
        nodes: As `Limits.nodes` counts them.
        seconds: Of CPU, the least of a few runs.
        peak: Bytes of memory above what the process held before it read the body.
        raised: The class of the error and its limit, "" if there was none.
    """

    size: int
    nodes: int
    seconds: float
    peak: int
    raised: str

    @property
    def share(self) -> float:
        """The memory that it took, as a part of what is promised."""
        promised = BASE_BYTES + BYTES_PER_BYTE * self.size + BYTES_PER_NODE * self.nodes
        return self.peak / promised

    @property
    def bytes_per_node(self) -> float:
        """The memory for each node, beyond the base and what each byte of the body may take."""
        more = self.peak - BASE_BYTES - BYTES_PER_BYTE * self.size
        return max(more, 0) / max(self.nodes, 1)


def cost(attack: Attack, size: int, folder: Path, runs: int) -> Cost:
    """What a body of a size costs, in a process of its own."""
    body = attack.make(size)
    data = body.encode() if isinstance(body, str) else body
    nodes = 0 if attack.reader == "dump" else module_of(attack.reader).count_nodes(data)
    file = folder / ("body.zip" if attack.name.startswith("zip") else "body.gz")
    file.write_bytes(data)
    unpacked = size if attack.reader == "dump" else file.stat().st_size
    command = [sys.executable, "-m", "benchmarks.attack_cost", attack.name, str(file), str(runs)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=_SECONDS_AT_MOST
    )
    if done.returncode:
        return Cost(
            unpacked, nodes, math.nan, 0, done.stderr.strip().rpartition("\n")[2] or "killed"
        )
    return Cost(unpacked, nodes, **json.loads(done.stdout))


def _measure(attack: Attack, file: str, runs: int) -> dict[str, Any]:
    _read_small(attack)
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is from now on
    body = b"" if attack.reader == "dump" else Path(file).read_bytes()
    raised, seconds = _timed(attack, file, body)
    peak = memory("VmHWM") - before
    times = [seconds, *(_timed(attack, file, body)[1] for _ in range(runs - 1))]
    return {"seconds": min(times), "peak": peak, "raised": raised}


def _timed(attack: Attack, file: str, body: bytes) -> tuple[str, float]:
    start = time.process_time()
    raised = _read(attack, file, body)
    return raised, time.process_time() - start


def _read_small(attack: Attack) -> None:
    """Import and compile what is needed."""
    if attack.reader == "dump":
        list(iter_calls([]))
    for body in ("[]", "<r/>", "callId\n1\n", "Array\n(\n)\n"):
        parse(body)


def _read(attack: Attack, file: str, body: bytes) -> str:
    """Read a body; what was raised."""
    try:
        if attack.reader == "dump":
            for _ in iter_calls(file):
                pass
        else:
            parse(body, attack.reader, on_error=attack.on_error, record_type=attack.record_type)
    except FormatsError as error:
        limit = getattr(error, "limit", None) or getattr(getattr(error, "error", 0), "limit", None)
        return type(error).__name__ + (f": {limit}" if limit else "")
    return ""


def memory(field: str) -> int:
    """A figure of the kernel's on this process, in bytes (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) * 1024


if __name__ == "__main__":
    name, file, runs = sys.argv[1:]
    attack = next(each for each in ATTACKS if each.name == name)
    print(json.dumps(_measure(attack, file, int(runs))))
