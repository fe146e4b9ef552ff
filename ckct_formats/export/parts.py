"""The parts of an output while it is made: a hidden folder beside it, which a second run takes up.

A part is there when its report is. Both appear under their names only when they are whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PLAN = "plan.json"
_PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a unit.

    Attributes:
        number: Its number.
        calls: How many records its part holds.
        errors: What was left out: file and reason.
    """

    number: int
    calls: int
    errors: tuple[tuple[str, str], ...] = ()


class Staging:
    """The folder of parts.

    Attributes:
        parts: Where the parts are, and nothing else: this may become the output.
    """

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix
        self.parts = folder / _PARTS

    @classmethod
    def beside(cls, out: str, suffix: str) -> Staging:
        """The folder for an output, found again by its name."""
        path = Path(os.path.realpath(out))
        return cls(path.with_name(f".{path.name}.ckct-partial"), suffix)

    def begin(self, plan: dict[str, Any]) -> dict[int, Done]:
        """Make the folder, or take it up; what an earlier run of the same plan has done."""
        if self._plan() != plan:
            self.remove()
            self._folder.mkdir()
            self.parts.mkdir()
            _write(self._folder / _PLAN, json.dumps(plan).encode())
        reports = self._folder.glob("done-*.json")
        done = [Done(**json.loads(report.read_bytes())) for report in reports]
        return {each.number: each for each in done if self.part(each.number).exists()}

    def _plan(self) -> Any:
        try:
            return json.loads((self._folder / _PLAN).read_bytes()) if self.parts.is_dir() else None
        except (OSError, ValueError):
            return None

    def part(self, number: int) -> Path:
        """The name of a part."""
        return self.parts / f"part-{number:05}{self._suffix}"

    def draft(self, number: int) -> Path:
        """Where a part is written before it is whole."""
        return self._folder / f"draft-{number:05}-{os.getpid()}{self._suffix}"

    def publish(self, done: Done) -> None:
        """Put a part that is written in its place, and then its report."""
        os.replace(self.draft(done.number), self.part(done.number))
        report = {"number": done.number, "calls": done.calls, "errors": done.errors}
        _write(self._folder / f"done-{done.number:05}.json", json.dumps(report).encode())

    def in_order(self, numbers: Sequence[int]) -> list[Path]:
        """The parts of units, in their order."""
        return [self.part(number) for number in sorted(numbers)]

    def remove(self) -> None:
        """Remove the folder and what is in it."""
        if self._folder.exists():
            shutil.rmtree(self._folder)


def _write(path: Path, data: bytes) -> None:
    """A file under its name only when it is whole."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    os.replace(draft, path)
