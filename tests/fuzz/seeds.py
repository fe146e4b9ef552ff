"""Bodies to begin with: the fixtures, the dialects that PHP wrote, what was reported, and bodies
of a record that has every type of field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from promise import Anything, Part

from ckct_formats import Format, Inbound, Response, serialize

FIXTURES = Path(__file__).parents[2] / "fixtures"
REPORTED = FIXTURES / "reported"
SUFFIXES = {".json": Format.JSON, ".xml": Format.XML, ".csv": Format.CSV, ".txt": Format.PLAIN}

# Longer bodies show nothing that shorter ones do not, and slow a fuzzer down.
_MOST_BYTES = 6_000

_RECORDS = [
    Anything("a", 1, ("b", "c"), datetime(2019, 7, 16, 15, 12, 44), 1.5, Decimal("2.50"), True),
    Anything("тег", d=datetime(2019, 7, 16, tzinfo=UTC), h=date(2019, 7, 16), i=(3, 17)),
    Anything(j=Part("d", 2, {"x": "y"}), k=(Part("e"), Part("f", 3)), l="g", extra={"n": "[1]"}),
]


def files(fmt: Format) -> list[Path]:
    """All files of fixtures in a format, the short ones."""
    found = [*FIXTURES.iterdir(), *(FIXTURES / "dialects" / fmt).iterdir()]
    short = (path for path in found if path.is_file() and path.stat().st_size <= _MOST_BYTES)
    return sorted(path for path in short if SUFFIXES.get(path.suffix) is fmt)


def reported(fmt: Format) -> list[Path]:
    """What was reported in a format."""
    found = (path for path in REPORTED.iterdir() if path.name != "ledger.json")
    return sorted(path for path in found if SUFFIXES.get(path.suffix) is fmt)


def bodies(fmt: Format) -> Iterator[bytes]:
    """Good bodies in a format, and those that PHP spoils."""
    for path in files(fmt):
        yield path.read_bytes()
    for count in (1, len(_RECORDS)):
        yield serialize(Response(payload=_RECORDS[:count]), fmt)
        yield serialize(Response(Inbound(page_length=count), payload=_RECORDS[:count]), fmt)


def write(folder: Path, fmt: Format) -> int:
    """Write what a fuzzer begins with, one file each; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    again = (path.read_bytes() for path in reported(fmt))
    begun = dict.fromkeys([*bodies(fmt), *again])
    for number, body in enumerate(begun):
        (folder / f"{number:04}").write_bytes(body)
    return len(begun)
