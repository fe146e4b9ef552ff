"""What a run leaves behind, as a file: `results-3.11.json` for Python 3.11."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import msgspec

from benchmarks.environment import Environment
from ckct_formats import Format

OURS = "ours"


@dataclass
class PageSize:
    """A page as it was read."""

    name: str
    calls: int
    bytes: dict[Format, int]


@dataclass
class Figures:
    """What was measured of one contender at one page.

    Attributes:
        format: The format of the page.
        direction: `parse` or `serialize`.
        page: The page's name.
        module: The contender's module.
        name: The contender's name.
        floor: Whether it is a bound and no peer.
        imports: What its user imports.
        fault: Why it was not timed; empty if it was.
        seconds: CPU seconds for the page, one number per run.
        peak: Bytes at the height of parsing, above those before.
        retained: Bytes that Python holds for the records.
    """

    format: Format
    direction: str
    page: str
    module: str
    name: str
    floor: bool
    imports: str
    fault: str = ""
    seconds: list[float] = field(default_factory=list)
    peak: int | None = None
    retained: int | None = None

    @property
    def median(self) -> float:
        """The CPU seconds that the tables show."""
        return statistics.median(self.seconds)


@dataclass
class GrowthFigures:
    """CPU seconds that ours takes to parse a page, with or without `gc.freeze()` before."""

    format: Format
    page: str
    freeze: bool
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The CPU seconds that the table shows."""
        return statistics.median(self.seconds)


@dataclass
class Results:
    """One run."""

    environment: Environment
    runs: int
    pages: list[PageSize] = field(default_factory=list)
    figures: list[Figures] = field(default_factory=list)
    growth: list[GrowthFigures] = field(default_factory=list)
    import_seconds: dict[str, float] = field(default_factory=dict)
    unforeseen: list[str] = field(default_factory=list)
    day: date = field(default_factory=date.today)

    def of(self, fmt: Format, direction: str, page: str) -> list[Figures]:
        """All contenders at one page."""
        key = (fmt, direction, page)
        return [
            found for found in self.figures if (found.format, found.direction, found.page) == key
        ]

    def median(self, fmt: Format, direction: str, page: str, module: str) -> float | None:
        """CPU seconds of one contender at one page; None if it was not timed."""
        for found in self.of(fmt, direction, page):
            if found.module == module and found.seconds:
                return found.median
        return None

    def save(self, folder: Path) -> None:
        """Write the file of this Python."""
        (folder / f"results-{self.environment.minor}.json").write_bytes(msgspec.json.encode(self))


def saved(folder: Path) -> list[Results]:
    """The results of all Pythons in a folder, the oldest Python first."""
    files = sorted(
        folder.glob("results-*.json"), key=lambda file: int(file.stem.rpartition(".")[2])
    )
    return [msgspec.json.decode(file.read_bytes(), type=Results) for file in files]
