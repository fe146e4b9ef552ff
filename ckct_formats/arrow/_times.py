"""Columns of times: of a wall clock, or aware.

A column is of one kind: a wall-clock time does not say its zone, so beside an aware one it would be
read as if it did. With a time zone all of them are aware.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from ckct_formats._times import ZERO_DATE
from ckct_formats.arrow._errors import TableError
from ckct_formats.arrow._libraries import pa, pc

WALL = pa.timestamp("us")
AWARE = pa.timestamp("us", tz="UTC")
# Raw times of both kinds, side by side: in each row one is null, or both.
RAW = pa.struct([("wall", WALL), ("aware", WALL)])

MIXED = (
    "wall-clock times and times with a zone do not go into one column; pass timezone= with the "
    "name of the wall clock's zone, such as Europe/Moscow"
)
_LATE = (
    "a time with a zone, the first time of a column that was taken for one of wall-clock times; "
    "pass timezone= with the name of a zone, or schema=arrow_schema(aware=[{name!r}])"
)

_BLANKS = pa.array(["", "-", ZERO_DATE])
_NO_TEXT = pa.scalar(None, pa.string())
_YEAR_1 = pa.scalar(datetime.min, WALL)
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)


class LateZoneError(TableError):
    """A time with a zone in a column without times so far, which was taken for a wall clock's."""


class ClockError(TableError):
    """A wall-clock time that occurs twice in a zone, or never."""


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


def raw_walls(walls: pa.Array) -> pa.Array:
    """Raw times, of the wall clock alone."""
    return pa.StructArray.from_arrays([walls, pa.nulls(len(walls), WALL)], fields=list(RAW))


def raw_times(moments: Sequence[datetime | None]) -> pa.Array:
    """Raw times, of both kinds. A time near the first or the last year may be in no year of
    Python's in UTC, so it is not converted by `astimezone`."""
    if {moment.tzinfo for moment in moments if moment is not None} <= {None}:
        return raw_walls(pa.array(moments, WALL))
    walls: list[datetime | None] = []
    aware: list[int | None] = []
    for moment in moments:
        offset = None if moment is None else moment.utcoffset()
        if moment is None or offset is None:
            walls.append(moment)
            aware.append(None)
        else:
            walls.append(None)
            aware.append((moment.replace(tzinfo=None) - _EPOCH - offset) // _MICROSECOND)
    columns = [pa.array(walls, WALL), pa.array(aware, pa.int64()).cast(WALL)]
    return pa.StructArray.from_arrays(columns, fields=list(RAW))


def leaves(kind: pa.DataType, name: str = "") -> Iterator[tuple[str, pa.DataType]]:
    """The types inside of structs and lists, by their names: `outer.inner`."""
    if pa.types.is_list(kind):
        yield from leaves(kind.value_type, name)
    elif pa.types.is_struct(kind) and kind != RAW:
        for field in kind:
            yield from leaves(field.type, f"{name}.{field.name}".removeprefix("."))
    else:
        yield name, kind


class Times:
    """The kind of times in each column: aware if there is a time zone, else the kind that is found
    first.

    Args:
        timezone: Name of the zone of wall-clock times; None leaves them as they are.
        aware: For columns whose kind is known, whether their times are aware.
    """

    def __init__(self, timezone: str | None, aware: Mapping[str, bool] | None = None) -> None:
        self._zone = None if timezone is None else Zone(timezone)
        self._aware = dict(aware or {})
        self._with_walls: set[str] = set()

    def type(self, raw: pa.DataType, name: str) -> pa.DataType:
        """The final type of a column, as far as its times are known."""
        if raw == RAW:
            if self._zone is not None:
                return pa.timestamp("us", tz=self._zone.name)
            return AWARE if self._aware.get(name) else WALL
        if pa.types.is_list(raw):
            return pa.list_(self.type(raw.value_type, name))
        if pa.types.is_struct(raw):
            types = [self.type(field.type, f"{name}.{field.name}") for field in raw]
            return pa.struct(
                [field.with_type(kind) for field, kind in zip(raw, types, strict=True)]
            )
        return raw

    def final(self, raw: pa.Array, name: str) -> pa.Array:
        """A column with its times in their final type.

        Raises:
            LateZoneError: They are aware, and all that came before was null.
            ClockError: One of them occurs twice in the zone, or never.
            TableError: They are of two kinds.
        """
        if raw.type == RAW:
            return self._final_times(raw, name)
        if pa.types.is_list(raw.type):
            # A slice still holds the items of all rows.
            offsets = pc.subtract(raw.offsets, raw.offsets[0])
            return pa.ListArray.from_arrays(offsets, self.final(raw.flatten(), name))
        if pa.types.is_struct(raw.type):
            columns = [
                self.final(column, f"{name}.{field.name}")
                for column, field in zip(raw.flatten(), raw.type, strict=True)
            ]
            return pa.StructArray.from_arrays(columns, fields=list(self.type(raw.type, name)))
        return raw

    def _final_times(self, raw: pa.Array, name: str) -> pa.Array:
        walls, aware = raw.flatten()
        if self._zone is not None:
            localised = self._zone.localised(walls, name) if _any(walls) else walls
            both = pc.coalesce(localised, aware) if _any(aware) else localised
            return both.cast(self.type(RAW, name))
        is_aware = self._aware.setdefault(name, _any(aware))
        if _any(walls):
            self._with_walls.add(name)
        if _any(walls if is_aware else aware):
            if name in self._with_walls:
                raise TableError(MIXED, name)
            raise LateZoneError(_LATE.format(name=name), name)
        return aware.cast(AWARE) if is_aware else walls


def _any(times: pa.Array) -> bool:
    return bool(times.null_count < len(times))


# Names that mean another zone on another machine, or none.
_NOT_EVERYWHERE = ("localtime", "posixrules", "Factory")


class Zone:
    """A time zone of the time zone database.

    Attributes:
        name: Its name there.
    """

    def __init__(self, name: str) -> None:
        zone = None
        if name not in _NOT_EVERYWHERE:
            with suppress(KeyError, ValueError, OSError):
                zone = ZoneInfo(name)
        if zone is None:
            raise ValueError(f"timezone must be a name such as Europe/Moscow, not {name!r}")
        self.name = name
        self._zone = zone
        self._offset_of_day = lru_cache(maxsize=50_000)(self._find_offset_of_day)

    def localised(self, walls: pa.Array, field: str) -> pa.Array:
        """Wall-clock times as times in UTC; `ClockError` if one occurs twice in this zone, or
        never."""
        days = pc.floor_temporal(walls, unit="day").dictionary_encode()
        by_day = [self._offset_of_day(day) for day in days.dictionary.to_pylist()]
        offsets = pa.array(by_day, pa.int64()).take(days.indices)
        changing = pc.and_(pc.is_null(offsets), pc.is_valid(walls))
        if pc.any(changing).as_py():
            moments = walls.filter(changing).to_pylist()
            exact = [self._certain_offset(moment, field) for moment in moments]
            offsets = pc.replace_with_mask(offsets, changing, pa.array(exact, pa.int64()))
        return pc.subtract(walls.cast(pa.int64()), offsets).cast(WALL)

    def _find_offset_of_day(self, day: datetime) -> int | None:
        """The offset that the clock has all day; None if it is set on that day. (No zone sets its
        clock to and fro on one day.)"""
        ends = [day, datetime.combine(day, time.max)]
        first, *others = [self._offset(end, fold) for end in ends for fold in (0, 1)]
        return first if all(other == first for other in others) else None

    def _certain_offset(self, moment: datetime, field: str) -> int:
        first, second = self._offset(moment, 0), self._offset(moment, 1)
        if first == second:
            return first
        how_often = "occurs twice" if first > second else "never occurs"
        raise ClockError(f"{moment} {how_often} on a clock in {self.name}", field)

    def _offset(self, moment: datetime, fold: int) -> int:
        """How far the clock is ahead of UTC, in microseconds."""
        offset = moment.replace(tzinfo=self._zone, fold=fold).utcoffset() or timedelta()
        return offset // _MICROSECOND
