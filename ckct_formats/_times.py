"""Times as the provider, PHP and ISO 8601 write them: docs/wire-formats.md, "Values"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from ckct_formats._formats.cells import Cell, shown
from ckct_formats._formats.faults import Fault

# MySQL's zero date: what it returns for a date that is not set.
ZERO_DATE = "0000-00-00 00:00:00"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}"
_WALL_CLOCKS = re.compile(rf"(?:{_DAY}[ T]{_CLOCK}\n)*+")
_MOMENT = re.compile(
    rf"{_DAY}(?:[ T]{_CLOCK}(?:\.[0-9]{{1,6}})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{6})?)?)?)?"
)
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)+")


def parse_moment(text: str) -> datetime | None:
    """A time as the provider or ISO 8601 writes it; None for any other text."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def wall_clocks(texts: Sequence[str]) -> list[datetime]:
    """Texts as wall-clock times; ValueError if any is something else."""
    if not _WALL_CLOCKS.fullmatch("\n".join([*texts, ""])):
        raise ValueError("not all are wall-clock times")
    return list(map(datetime.fromisoformat, texts))


def from_epoch(seconds: int) -> datetime:
    """Epoch seconds as a time in UTC."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        pass
    raise Fault("epoch seconds outside the years 1 to 9999 (milliseconds?)", str(seconds))


def from_php(members: dict[str, Cell]) -> datetime:
    """The time of a DateTime object, whose members PHP shows wherever it writes objects whole."""
    if members.keys() != {"date", "timezone_type", "timezone"}:
        raise Fault("expected a time, or PHP's DateTime with date, timezone_type and timezone")
    text = members["date"]
    moment = parse_moment(text) if type(text) is str else None
    if moment is None or moment.tzinfo is not None:
        raise Fault("expected a time", shown(text), ("date",))
    aware = moment.replace(tzinfo=_php_zone(members["timezone"]))
    if aware.utcoffset() != aware.replace(fold=1).utcoffset():
        raise Fault("the hour occurs twice, or never, in this time zone", text, ("date",))
    return aware


def _php_zone(name: Cell) -> tzinfo:
    """A time zone by its offset, as UTC, or by its name in the time zone database."""
    if not isinstance(name, str):
        raise Fault("expected a time zone", shown(name), ("timezone",))
    if name in ("UTC", "Z", "GMT"):
        return UTC
    try:
        if offset := _OFFSET.fullmatch(name):
            sign, hours, minutes, seconds = offset.groups("0")
            size = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
            return timezone(-size if sign == "-" else size)
        if _ZONE.fullmatch(name):
            return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        pass
    raise Fault("a time zone that cannot be known for certain", name, ("timezone",))
