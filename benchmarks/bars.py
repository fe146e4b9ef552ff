"""The bars that the library sets itself: how far ahead of peers, how near to floors."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.contenders import Direction
from benchmarks.pages import Page
from benchmarks.results import OURS, Results
from ckct_formats import Format

# The API's page.
PAGE_CALLS = 1_000


@dataclass(frozen=True)
class Bar:
    """A bound on the CPU time of parsing.

    Attributes:
        format: The format that is parsed.
        rivals: Modules of contenders; the fastest counts.
        name: What they are, in words.
        factor: At least so many times ahead of them; or, of a floor, at most so many behind.
        floor: Whether they are a floor.
    """

    format: Format
    rivals: tuple[str, ...]
    name: str
    factor: float
    floor: bool = False

    @property
    def text(self) -> str:
        """The bar in words."""
        times = f"{self.factor:g}x"
        relation = f"within {times} of" if self.floor else f"{times} ahead of"
        return f"{self.format}: {relation} {self.name}"

    def ratio(self, results: Results, page: str) -> float | None:
        """How often ours fits into the rival's time, or the floor's into ours."""
        ours = results.median(self.format, "parse", page, OURS)
        times = [results.median(self.format, "parse", page, rival) for rival in self.rivals]
        timed = [time for time in times if time is not None]
        if ours is None or not timed:
            return None
        return ours / min(timed) if self.floor else min(timed) / ours

    def holds(self, ratio: float) -> bool:
        """Whether this ratio reaches the bar."""
        return ratio <= self.factor if self.floor else ratio >= self.factor


BARS = (
    Bar(Format.JSON, ("pydantic_dataclasses",), "pydantic dataclasses", 2),
    Bar(Format.JSON, ("floor_msgspec",), "msgspec decoding into Structs", 3, floor=True),
    Bar(Format.XML, ("xmltodict_pydantic",), "xmltodict + pydantic", 6),
    Bar(Format.XML, ("xsdata_lxml", "xsdata_native"), "xsdata", 18),
    Bar(Format.XML, ("floor_lxml",), "lxml.etree.fromstring", 2.2, floor=True),
    Bar(Format.CSV, ("dictreader_pydantic",), "csv.DictReader + pydantic", 2),
    Bar(Format.CSV, ("floor_csv",), "csv.reader", 2.2, floor=True),
    Bar(Format.PLAIN, ("floor_split",), "splitting and partitioning the lines", 2, floor=True),
)


@dataclass(frozen=True)
class MemoryBar:
    """A bound on what a parsed page retains.

    Attributes:
        format: The format that is parsed.
        rival: Module of a contender.
        name: What it is, in words.
        factor: Of its bytes, ours hold at most so much.
    """

    format: Format
    rival: str
    name: str
    factor: float

    @property
    def text(self) -> str:
        """The bar in words."""
        return f"{self.format}: retains at most {self.factor:g} of {self.name}"

    def ratio(self, results: Results, page: str) -> float | None:
        """What ours retain of the rival's bytes."""
        held = {found.module: found.retained for found in results.of(self.format, "parse", page)}
        ours, rival = held.get(OURS), held.get(self.rival)
        return ours / rival if ours and rival else None

    def holds(self, ratio: float) -> bool:
        """Whether this ratio reaches the bar."""
        return ratio <= self.factor


MEMORY_BAR = MemoryBar(Format.JSON, "pydantic_dataclasses", "pydantic dataclasses", 0.5)


def needed(page: Page, direction: Direction, module: str) -> bool:
    """Whether a figure of a contender is needed for a bar; memory is compared at the large page."""
    if direction != "parse":
        return False
    if page.calls > PAGE_CALLS:
        return module in (OURS, MEMORY_BAR.rival)
    return module == OURS or any(module in bar.rivals for bar in BARS)
