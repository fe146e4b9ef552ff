"""Times in columns: those of a wall clock, and aware ones.

A column of a table has one kind of them: a wall-clock time says nothing of its zone, so beside an
aware one it would be read as if it did. A time zone makes all of them aware.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ckct_formats._errors import TableError
from ckct_formats._extras import extra
from ckct_formats._rules import ZERO_DATE

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = extra("arrow", "pyarrow")
pc: Any = extra("arrow", "pyarrow.compute")

WALL = pa.timestamp("us")
AWARE = pa.timestamp("us", tz="UTC")
# Times of both kinds, side by side: of each row one is null, or both.
RAW = pa.struct([("wall", WALL), ("aware", WALL)])

_BLANKS = pa.array(["", "-", ZERO_DATE])
_NO_TEXT = pa.scalar(None, pa.string())
_YEAR_1 = pa.scalar(datetime.min, WALL)
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)


def wall_clocks(texts: pa.Array) -> pa.Array | None:
    """Texts like `2019-07-16 15:12:44` as times, blanks as null; None if one is no such text.

    Of what Arrow takes for a time without a zone, nothing else is of this length.
    """
    texts = pc.if_else(pc.is_in(texts, value_set=_BLANKS), _NO_TEXT, texts)
    if pc.any(pc.not_equal(pc.binary_length(texts), len(ZERO_DATE))).as_py():
        return None
    try:
        walls = texts.cast(WALL)
    except pa.ArrowInvalid:
        return None
    return None if pc.any(pc.less(walls, _YEAR_1)).as_py() else walls


def raw_times(walls: pa.Array) -> pa.Array:
    """Times of the wall clock alone."""
    return pa.StructArray.from_arrays([walls, pa.nulls(len(walls), WALL)], fields=list(RAW))


def raw_of(moments: Sequence[datetime | None]) -> pa.Array:
    """Times of both kinds."""
    if {moment.tzinfo for moment in moments if moment is not None} <= {None}:
        return raw_times(pa.array(moments, WALL))
    offsets = [None if moment is None else moment.utcoffset() for moment in moments]
    pairs = list(zip(moments, offsets, strict=True))
    walls = [moment if offset is None else None for moment, offset in pairs]
    aware = [
        None if moment is None or offset is None else _since_epoch(moment) - offset // _MICROSECOND
        for moment, offset in pairs
    ]
    columns = [pa.array(walls, WALL), pa.array(aware, pa.int64()).cast(WALL)]
    return pa.StructArray.from_arrays(columns, fields=list(RAW))


def _since_epoch(moment: datetime) -> int:
    """Microseconds, by the moment's own clock."""
    return (moment.replace(tzinfo=None) - _EPOCH) // _MICROSECOND


class Times:
    """Of what kind the times of each column are: in a time zone, if there is one; otherwise of the
    kind that was found first.

    Args:
        timezone: Name of the zone of wall-clock times; None leaves them as they are.
        aware: For columns whose kind is known, whether their times are aware.
    """

    def __init__(self, timezone: str | None, aware: Mapping[str, bool] | None = None) -> None:
        self._zone = None if timezone is None else Zone(timezone)
        self._aware = dict(aware or {})
        self._with_walls: set[str] = set()

    def type(self, name: str) -> pa.DataType:
        """The type of a column."""
        if self._zone is not None:
            return pa.timestamp("us", tz=self._zone.name)
        return AWARE if self._aware.get(name) else WALL

    def done(self, name: str, raw: pa.Array) -> pa.Array:
        """The times of a column as one array.

        Raises:
            LateZoneError: They are aware, and all that came before was null.
            ClockError: The zone's clock never shows one of them, or twice.
            TableError: They are of two kinds.
        """
        walls, aware = raw.flatten()
        if self._zone is not None:
            localised = self._zone.localised(walls, name) if _any(walls) else walls
            both = pc.coalesce(localised, aware) if _any(aware) else localised
            return both.cast(self.type(name))
        is_aware = self._aware.setdefault(name, _any(aware))
        if _any(walls):
            self._with_walls.add(name)
        if _any(walls if is_aware else aware):
            if name in self._with_walls:
                raise TableError(MIXED, name)
            raise LateZoneError(_LATE.format(name=name), name)
        return aware.cast(AWARE) if is_aware else walls


MIXED = (
    "wall-clock times and times with a zone do not go into one column; pass timezone= with the "
    "name of the wall clock's zone, such as Europe/Moscow"
)

_LATE = (
    "a time with a zone, the first time of a column that was taken for one of wall-clock times; "
    "pass timezone= with the name of a zone, or schema=arrow_schema(aware=[{name!r}])"
)


class LateZoneError(TableError):
    """A time with a zone in a column that had none before, and so was taken for a wall clock's."""


class ClockError(TableError):
    """A wall-clock time that the clocks of a zone never show, or twice."""


def _any(times: pa.Array) -> bool:
    return bool(times.null_count < len(times))


class Zone:
    """A time zone, as the time zone database has it.

    Attributes:
        name: Its name there.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._zone = _zone(name)
        self._shift_of_day = lru_cache(maxsize=50_000)(self._shift_of)

    def localised(self, walls: pa.Array, field: str) -> pa.Array:
        """Wall-clock times as times in UTC; `ClockError` if a clock in this zone never shows one,
        or twice."""
        days = pc.floor_temporal(walls, unit="day").dictionary_encode()
        shifts = [self._shift_of_day(day) for day in days.dictionary.to_pylist()]
        shift = pa.array(shifts, pa.int64()).take(days.indices)
        changing = pc.and_(pc.is_null(shift), pc.is_valid(walls))
        if pc.any(changing).as_py():
            moments = walls.filter(changing).to_pylist()
            exact = [self._shift(moment, field) for moment in moments]
            shift = pc.replace_with_mask(shift, changing, pa.array(exact, pa.int64()))
        return pc.subtract(walls.cast(pa.int64()), shift).cast(WALL)

    def _shift_of(self, day: datetime) -> int | None:
        """How far the clock is ahead of UTC all day, in microseconds; None if it is set on that
        day. (No zone sets its clock to and fro on one day.)"""
        ends = [day, datetime.combine(day, time.max)]
        first, *others = [self._offset(end, fold) for end in ends for fold in (0, 1)]
        return first if all(other == first for other in others) else None

    def _shift(self, moment: datetime, field: str) -> int:
        first, second = self._offset(moment, 0), self._offset(moment, 1)
        if first == second:
            return first
        how = "stands twice" if first > second else "never stands"
        raise ClockError(f"{moment} {how} on a clock in {self.name}", field)

    def _offset(self, moment: datetime, fold: int) -> int:
        offset = moment.replace(tzinfo=self._zone, fold=fold).utcoffset() or timedelta()
        return offset // _MICROSECOND


# What is another zone on another machine, or none.
_NO_NAMES = ("localtime", "posixrules", "Factory")


def _zone(name: str) -> ZoneInfo:
    try:
        zone = ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        zone = None
    if zone is not None and name not in _NO_NAMES:
        return zone
    raise ValueError(f"timezone must be a name such as Europe/Moscow, not {name!r}")
