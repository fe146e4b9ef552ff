"""Where the figures were taken: Python, packages, machine."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Environment:
    """What the figures depend on, and nothing that names the machine."""

    python: str
    packages: dict[str, str]
    system: str
    processor: str
    cores: int

    @property
    def minor(self) -> str:
        """The version of Python without its last part: `3.11`."""
        return self.python.rpartition(".")[0]


def environment() -> Environment:
    """The one that this process runs in; PackageNotFoundError if a package is missing."""
    return Environment(
        platform.python_version(), _packages(), platform.system(), processor(), os.cpu_count() or 1
    )


def _packages() -> dict[str, str]:
    """The versions of what the library requires, and of what the extra `bench` adds."""
    required = importlib.metadata.requires("ckct-formats") or []
    wanted = [line for line in required if "extra ==" not in line or "bench" in line]
    names = [re.split(r"[^\w.-]", line)[0] for line in wanted]
    return {name: importlib.metadata.version(name) for name in sorted(names)}


def processor() -> str:
    """The processor by the name that the system gives it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        model = re.search(r"^model name\s*: (.*)$", cpuinfo.read_text(), re.MULTILINE)
        if model:
            return model[1]
    return platform.processor() or platform.machine()
