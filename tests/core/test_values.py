"""The value table of docs/wire-formats.md, row by row, in and out, in every format that can
express the cell."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, ClassVar

import pytest
from bodies import body
from hypothesis import given
from hypothesis import strategies as st

from ckct_formats import Call, Format, ParseError, Response, SerializeError, parse, serialize

each_format = pytest.mark.parametrize("fmt", list(Format))


class _Bad(Enum):
    """The expected value of a cell that is refused."""

    BAD = "refused"


BAD = _Bad.BAD


@cache
def probe(hint: Any, **options: Any) -> type[Any]:
    """A record type with one field of a type, and an `id` so that no row is empty."""
    return dataclasses.make_dataclass(
        "Probe", [("id", int), ("value", hint, field(**options))], kw_only=True
    )


def check_read(hint: Any, text: str, fmt: Format, expected: Any) -> None:
    """Read one cell: alone, and in a column with an absent one, which fast paths may not know."""
    if expected is not BAD:
        (record,) = parse(text, fmt, record_type=probe(hint)).payload
        assert record.value == expected
        assert type(record.value) is type(expected)
        return
    with pytest.raises(ParseError) as caught:
        parse(text, fmt, record_type=probe(hint))
    assert caught.value.path[:3] == ("payload", 0, "value")
    assert caught.value.format is fmt


@dataclass(slots=True)
class Pair:
    first: int
    second: str | None = None


def utc(*args: int) -> datetime:
    return datetime(*args, tzinfo=UTC)  # type: ignore[misc,arg-type]


NINES = 10**18 - 1
ZERO_DATE = "0000-00-00 00:00:00"
EVENING = datetime(2019, 7, 16, 12, 12, 44)
OFFSET = timezone(timedelta(hours=3))

# Field type, cell as text (or as a tree, where the format has them), value.
CELLS: list[tuple[Any, Any, Any]] = [
    (str | None, "", None),
    (str | None, "-", None),
    (str | None, None, None),
    *[
        (str | None, text, text)
        for text in (
            *("null", "NULL", "false", "true", "0", "[]", "{}", "Array", "None", "--", " - "),
            *(" ", " a ", "\ta\t", "Казань", "😀", "e\u0301", "\xa0", "a\nb", "a\r\nb", "a\rb"),
            *('say "hi"', "'", "a,b;c|d", "<b>&amp;</b>", "# x", "\\n", "\\u0041", "+7", "1e3"),
        )
    ],
    (str, "", ""),
    (str, "-", "-"),
    (str, "false", "false"),
    (str, " a ", " a "),
    (int, "5", 5),
    (int, "-5", -5),
    (int, "0", 0),
    (int, "-0", 0),
    (int, "007", 7),
    (int, str(NINES), NINES),
    (int, str(-NINES), -NINES),
    *[
        (int, text, BAD)
        for text in (
            *("", "-", "+5", " 5", "5 ", "5\n", "\n5", "1_0", "٥", "５", "²", "१", "--5", "5-"),
            *("1.0", "1.", ".5", "1e3", "0x10", "0b1", "1,000", "1 000", "true", "false", "null"),
            *("Array", "abc", "5a", "−5", "\xa05", "5\u200b"),
        )
    ],
    (int | None, "", None),
    (int | None, "-", None),
    (int | None, None, None),
    (int | None, "5", 5),
    (int | None, "false", BAD),
    (int | None, "null", BAD),
    (int | None, "x", BAD),
    (float, "1.5", 1.5),
    (float, "-0.25", -0.25),
    (float, "5", 5.0),
    (float, "1e3", 1000.0),
    (float, "1.5E-3", 0.0015),
    (float, "0.1", 0.1),
    (float | None, "", None),
    (float | None, "-", None),
    (Decimal, "1.10", Decimal("1.10")),
    (Decimal, "-5", Decimal(-5)),
    (
        Decimal,
        "0.1000000000000000055511151231257827",
        Decimal("0.1000000000000000055511151231257827"),
    ),
    (Decimal | None, "", None),
    *[
        (hint, text, BAD)
        for hint in (float, Decimal)
        for text in (
            *("", "-", "nan", "NaN", "inf", "Infinity", "-Infinity", "sNaN", "+1.5", " 1.5"),
            *("1.5 ", "1.5\n", "1,5", "1_0.5", "١.٥", "0x1p3", "1e", "e1", "1.5.1", "true", "--1"),
        )
    ],
    (float, "1e999", BAD),
    (float, "-1e999", BAD),
    (bool, "true", True),
    (bool, "false", False),
    (bool, "1", True),
    (bool, "0", False),
    (bool, "", False),
    *[(bool, text, BAD) for text in ("TRUE", "True", "yes", "on", "2", "-1", "01", " 1", "null")],
    (bool | None, "", None),
    (bool | None, "-", None),
    (bool | None, "0", False),
    (bool | None, "false", False),
    (bool | None, "1", True),
    (bool | None, "x", BAD),
    (datetime, "2019-07-16", datetime(2019, 7, 16)),
    (datetime, "2019-07-16 12:12:44", EVENING),
    (datetime, "2019-07-16T12:12:44", EVENING),
    (datetime, "2019-07-16 12:12:44.1", EVENING.replace(microsecond=100_000)),
    (datetime, "2019-07-16 12:12:44.12", EVENING.replace(microsecond=120_000)),
    (datetime, "2019-07-16 12:12:44.123", EVENING.replace(microsecond=123_000)),
    (datetime, "2019-07-16 12:12:44.1234", EVENING.replace(microsecond=123_400)),
    (datetime, "2019-07-16 12:12:44.12345", EVENING.replace(microsecond=123_450)),
    (datetime, "2019-07-16 12:12:44.123456", EVENING.replace(microsecond=123_456)),
    (datetime, "2019-07-16T12:12:44.000001", EVENING.replace(microsecond=1)),
    (datetime, "2020-02-29 00:00:00", datetime(2020, 2, 29)),
    (datetime, "0001-01-01 00:00:00", datetime(1, 1, 1)),
    (datetime, "9999-12-31 23:59:59", datetime(9999, 12, 31, 23, 59, 59)),
    (datetime, "1563279164", utc(2019, 7, 16, 12, 12, 44)),
    (datetime, "0", utc(1970, 1, 1)),
    (datetime, "-1", utc(1969, 12, 31, 23, 59, 59)),
    (datetime, "20190716", utc(1970, 8, 22, 16, 31, 56)),
    (datetime, "-62135596800", utc(1, 1, 1)),
    (datetime, "253402300799", utc(9999, 12, 31, 23, 59, 59)),
    (datetime | None, "", None),
    (datetime | None, "-", None),
    (datetime | None, None, None),
    (datetime | None, ZERO_DATE, None),
    (datetime | None, "2019-07-16 12:12:44", EVENING),
    *[
        (datetime, text, BAD)
        for text in (
            *("", "-", ZERO_DATE, "0000-00-00 00:00:01", "0000-01-01 00:00:00"),
            *("1563279164000", "253402300800", "-62135596801", "999999999999999999"),
            *("2019-02-29", "2019-02-30 00:00:00", "2019-13-01", "2019-00-01", "2019-01-00"),
            *("2019-07-16 24:00:00", "2019-07-16 12:60:00", "2019-07-16 12:12:60"),
            *("2019-07-16 12:12", "2019-07-16 12", "2019-07", "2019-7-16", "19-07-16"),
            *("16.07.2019", "07/16/2019", "2019-W29-2", "2019-197"),
            *("20190716T121244", "2019-07-16t12:12:44", "2019-07-16 12:12:44z"),
            *("2019-07-16 12:12:44.", "2019-07-16 12:12:44.1234567", "2019-07-16 12:12:44,5"),
            *("2019-07-16 12:12:44 +03:00", "2019-07-16 12:12:44+0300", "2019-07-16 12:12:44+03"),
            *("2019-07-16 12:12:44+24:00", "2019-07-16Z", "2019-07-16+03:00", "Z", "T"),
            *(" 2019-07-16", "2019-07-16 ", "2019-07-16  12:12:44", "2019-07-16\n12:12:44"),
            *("٢٠١٩-٠٧-١٦", "2019-07-16 12:12:44\n", "+1563279164", "1563279164.5", "1e9", "now"),
        )
    ],
    (date, "2019-07-16", date(2019, 7, 16)),
    (date, "2020-02-29", date(2020, 2, 29)),
    (date | None, "", None),
    (date | None, "-", None),
    *[
        (date, text, BAD)
        for text in (
            *("", "-", "2019-07-16 00:00:00", "2019-02-29", "0000-00-00", "1563279164", "20190716"),
            *("2019-7-16", "2019-W29-2", "2019-197", " 2019-07-16", "2019-07-16\n", "٢٠١٩-٠٧-١٦"),
        )
    ],
    (tuple[int, ...], "", ()),
    (tuple[int, ...], "-", ()),
    (tuple[int, ...], None, ()),
    (tuple[int, ...], ["1", "-2"], (1, -2)),
    (tuple[int, ...], {"0": "5", "2": "7"}, (5, 7)),
    (tuple[int, ...], "[1,-2]", (1, -2)),
    (tuple[int, ...], '[ "1", 2 ]', (1, 2)),
    (tuple[int, ...], "[]", ()),
    (tuple[int, ...], "5", (5,)),
    (tuple[int, ...], "1,2,3", (1, 2, 3)),
    (tuple[int, ...], "1;2", (1, 2)),
    (tuple[int, ...], "1|-2", (1, -2)),
    (tuple[int, ...], ["1", "x"], BAD),
    (tuple[int, ...], ["1", ""], BAD),
    *[
        (tuple[int, ...], text, BAD)
        for text in (
            *("a", "1,a", "1,2;3", "1,,2", "1,", "+1", "1.0", "Array", "true", "null", "1_0,2"),
            *("[1", "[1,]", "[1.5]", "[true]", "[null]", "[[1]]", '[{"a":1}]', "[1e0]", "[1][2]"),
        )
    ],
    (tuple[str, ...], "", ()),
    (tuple[str, ...], "-", ()),
    (tuple[str, ...], ["a", "", "-", " b "], ("a", "", "-", " b ")),
    (tuple[str, ...], '["a", "", "-"]', ("a", "", "-")),
    (tuple[str, ...], '["a", 5]', ("a", "5")),
    (tuple[str, ...], "[]", ()),
    (tuple[str, ...], "a", ("a",)),
    (tuple[str, ...], "a,b", ("a,b",)),
    (tuple[str, ...], "a;b|c", ("a;b|c",)),
    (tuple[str, ...], "Array", BAD),
    (tuple[str, ...], ["Array"], ("Array",)),
    (tuple[str, ...], "[null]", BAD),
    (tuple[str, ...], "[true]", BAD),
    (tuple[str, ...], "[1.5]", BAD),
    (tuple[str, ...], '[["a"]]', BAD),
    (Pair, {"first": "1", "second": "a"}, Pair(1, "a")),
    (Pair, {"second": "-", "first": "1"}, Pair(1, None)),
    (Pair, {"first": "1"}, Pair(1, None)),
    (Pair, {"first": "1", "third": "dropped"}, Pair(1, None)),
    (Pair, "", BAD),
    (Pair, "a", BAD),
    (Pair, {"second": "a"}, BAD),
    (Pair, {"first": "a"}, BAD),
    (tuple[Pair, ...], [{"first": "1"}, {"first": "2", "second": "b"}], (Pair(1), Pair(2, "b"))),
    (tuple[Pair, ...], "", ()),
    (tuple[Pair, ...], [{"first": "1"}, {"first": "x"}], BAD),
    (tuple[Pair, ...], "a", BAD),
]


def expressible(cell: Any, fmt: Format) -> bool:
    # The canonical xml writes names, not numbers; a csv cell is no object whose values are a list.
    numbered = isinstance(cell, dict) and "0" in cell
    return not numbered or fmt in (Format.JSON, Format.PLAIN)


@each_format
@pytest.mark.parametrize(("hint", "cell", "expected"), CELLS)
def test_a_cell_reads_the_same_in_every_format(
    hint: Any, cell: Any, expected: Any, fmt: Format
) -> None:
    if expressible(cell, fmt):
        check_read(hint, body(fmt, [{"id": "1", "value": cell}]), fmt, expected)


@pytest.mark.slow
@each_format
@pytest.mark.parametrize(("hint", "cell", "expected"), CELLS)
def test_a_cell_reads_the_same_beside_others(
    hint: Any, cell: Any, expected: Any, fmt: Format
) -> None:
    """The first row has the cell, the last has none: columns of one kind are read another way."""
    rows = [{"id": "1", "value": cell}, {"id": "2", "value": cell}, {"id": "3"}]
    if fmt is Format.CSV or not expressible(cell, fmt):
        return
    record_type = probe(hint, default="the default")
    if fmt is Format.PLAIN and hint in (str, str | None, tuple[str, ...]):
        # A text in front of it may go on as a row of other keys: such rows are refused.
        with pytest.raises(ParseError) as caught:
            parse(body(fmt, rows), fmt, record_type=record_type)
        assert caught.value.path == ("payload", 2)
        return
    try:
        payload = parse(body(fmt, rows), fmt, record_type=record_type).payload
    except ParseError as error:
        assert expected is BAD
        assert error.path[:3] == ("payload", 0, "value")
        return
    if expected is BAD:  # a blank takes the place of an absent key
        assert cell in (None, "", "-", ZERO_DATE)
        expected = "the default"
    assert [record.value for record in payload] == [expected, expected, "the default"]


# Field type, cell as JSON, value.
TYPED: list[tuple[Any, str, Any]] = [
    *[(hint, "null", None) for hint in (str | None, int | None, float | None, bool | None)],
    *[(hint, "null", None) for hint in (datetime | None, date | None, Decimal | None)],
    *[(hint, "false", None) for hint in (str | None, int | None, datetime | None, date | None)],
    *[(hint, "null", BAD) for hint in (str, int, float, Decimal, bool, datetime, date, Pair)],
    *[(hint, "false", BAD) for hint in (str, int, float, Decimal, datetime, date, Pair)],
    *[
        (hint, "true", BAD)
        for hint in (
            *(str, str | None, int, int | None, float, Decimal, datetime, datetime | None, date),
            *(tuple[int, ...], tuple[str, ...], Pair, tuple[Pair, ...]),
        )
    ],
    *[
        (hint, cell, BAD)
        for hint in (str, str | None, int, int | None, float, Decimal, bool, date)
        for cell in ("[]", "{}", "[5]", '{"a":5}', '["a"]')
    ],
    (str | None, "5", "5"),
    (str | None, "-5", "-5"),
    (str, "0", "0"),
    (str | None, str(NINES), str(NINES)),
    (str | None, "1.5", BAD),
    (str | None, "5.0", BAD),
    (str | None, "1e3", BAD),
    (str, "1.5", BAD),
    (str | None, '"\\u041a\\u0430\\u0437\\u0430\\u043d\\u044c\\/"', "Казань/"),
    (str | None, '"\\ud83d\\ude00"', "😀"),
    (int, "5", 5),
    (int, "-0", 0),
    (int, str(NINES), NINES),
    *[(int, cell, BAD) for cell in ("1.0", "1.5", "1e0", "1E3", "-0.0", "1e-3")],
    *[(int | None, cell, BAD) for cell in ("1.0", "1e0", "true")],
    (float, "5", 5.0),
    (float, "0.1", 0.1),
    (float, "1e3", 1000.0),
    (float, "-0.0", -0.0),
    (float, "1e308", 1e308),
    (float, "1e999", BAD),
    (float, "1" + "0" * 400, BAD),
    (Decimal, "0.1", Decimal("0.1")),
    (
        Decimal,
        "0.1000000000000000055511151231257827",
        Decimal("0.1000000000000000055511151231257827"),
    ),
    (Decimal, "5", Decimal(5)),
    (bool, "true", True),
    (bool, "false", False),
    (bool, "1", True),
    (bool, "0", False),
    *[(bool, cell, BAD) for cell in ("2", "-1", "1.0", "0.0", '"2"')],
    (bool | None, "true", True),
    (bool | None, "1", True),
    (bool | None, "0", False),
    (datetime, "1563279164", utc(2019, 7, 16, 12, 12, 44)),
    (datetime | None, "0", utc(1970, 1, 1)),
    (datetime, "-1", utc(1969, 12, 31, 23, 59, 59)),
    *[(datetime, cell, BAD) for cell in ("1563279164.0", "1.5e9", "1563279164000", "[]", "[0]")],
    *[(date, cell, BAD) for cell in ("1563279164", "20190716", "2019.5")],
    (tuple[int, ...], "[]", ()),
    (tuple[int, ...], "{}", ()),
    (tuple[int, ...], "null", ()),
    (tuple[int, ...], "false", ()),
    (tuple[int, ...], '[1,"2"]', (1, 2)),
    (tuple[int, ...], '{"0":5,"2":7}', (5, 7)),
    (tuple[int, ...], '{"a":"5"}', (5,)),
    *[(tuple[int, ...], cell, BAD) for cell in ("[null]", "[true]", "[1.0]", "[[1]]", '{"a":[1]}')],
    (tuple[str, ...], '["a",5,""]', ("a", "5", "")),
    (tuple[str, ...], '{"0":"a","2":"b"}', ("a", "b")),
    *[(tuple[str, ...], cell, BAD) for cell in ("[null]", "[true]", "[false]", "[1.5]", "[[]]")],
    (Pair, '{"first":1,"second":null}', Pair(1)),
    *[(Pair, cell, BAD) for cell in ("5", "[1]", '["a"]', '{"first":true}', '{"first":null}')],
    (tuple[Pair, ...], '[{"first":1}]', (Pair(1),)),
    (tuple[Pair, ...], "[]", ()),
    (tuple[Pair, ...], "null", ()),
    *[(tuple[Pair, ...], cell, BAD) for cell in ("5", "[5]", "[[1]]", "[null]", '{"first":1}')],
]


@pytest.mark.parametrize("fmt", [Format.JSON, Format.XML, Format.PLAIN])
@pytest.mark.parametrize("hint", [str, str | None, int | None, bool, date | None, float | None])
def test_a_structure_is_no_scalar(hint: Any, fmt: Format) -> None:
    for cell in (["1"], {"a": "1"}):
        check_read(hint, body(fmt, [{"id": "1", "value": cell}]), fmt, BAD)


@pytest.mark.parametrize(("hint", "cell", "expected"), TYPED)
def test_a_typed_cell(hint: Any, cell: str, expected: Any) -> None:
    check_read(hint, f'[{{"id":1,"value":{cell}}}]', Format.JSON, expected)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("Z", timedelta(0)),
        ("+00:00", timedelta(0)),
        ("+03:00", timedelta(hours=3)),
        ("-03:30", -timedelta(hours=3, minutes=30)),
        ("+02:30:17", timedelta(hours=2, minutes=30, seconds=17)),
        ("+23:59", timedelta(hours=23, minutes=59)),
    ],
)
@each_format
def test_a_time_with_an_offset_is_aware(text: str, offset: timedelta, fmt: Format) -> None:
    for clock, micros in (("12:12:44", 0), ("12:12:44.5", 500_000)):
        rows = [{"id": "1", "value": f"2019-07-16T{clock}{text}"}]
        (record,) = parse(body(fmt, rows), fmt, record_type=probe(datetime)).payload
        assert record.value.replace(tzinfo=None) == EVENING.replace(microsecond=micros)
        assert record.value.utcoffset() == offset


@each_format
@pytest.mark.parametrize("cell", ["2019-07-16", "2019-07-16 12:12:44", "2019-07-16T12:12:44.5"])
def test_wall_clock_times_stay_naive(cell: str, fmt: Format) -> None:
    rows = [{"id": "1", "value": cell}]
    (record,) = parse(body(fmt, rows), fmt, record_type=probe(datetime)).payload
    assert record.value.tzinfo is None


def php_time(text: str, kind: int, zone: str) -> dict[str, Any]:
    return {"date": text, "timezone_type": kind, "timezone": zone}


PHP_TIMES: list[tuple[dict[str, Any], Any]] = [
    (php_time("2019-07-16 12:12:44.000000", 3, "Europe/Moscow"), timedelta(hours=3)),
    (php_time("2019-07-16 12:12:44.000000", 3, "Asia/Kolkata"), timedelta(hours=5, minutes=30)),
    (php_time("2019-07-16 12:12:44.000000", 3, "UTC"), timedelta(0)),
    (php_time("2019-07-16 12:12:44.000000", 2, "UTC"), timedelta(0)),
    (php_time("2019-07-16 12:12:44.000000", 1, "+03:00"), timedelta(hours=3)),
    (php_time("2019-07-16 12:12:44.000000", 1, "-03:30"), -timedelta(hours=3, minutes=30)),
    (php_time("2019-07-16 12:12:44.000000", 1, "+00:00"), timedelta(0)),
    (php_time("2019-07-16 12:12:44.000000", 3, "Mars/Olympus"), BAD),
    (php_time("2019-07-16 12:12:44.000000", 2, "XYZ"), BAD),
    (php_time("2019-07-16 12:12:44.000000", 1, "+99:00"), BAD),
    (php_time("2019-07-16 12:12:44.000000", 3, "../../etc/passwd"), BAD),
    (php_time("2019-07-16 12:12:44.000000", 3, "/etc/passwd"), BAD),
    (php_time("2019-07-16 12:12:44.000000", 3, ""), BAD),
    (php_time("2019-02-30 12:12:44.000000", 3, "UTC"), BAD),
    (php_time("yesterday", 3, "UTC"), BAD),
    (php_time("", 3, "UTC"), BAD),
    ({"date": "2019-07-16 12:12:44.000000", "timezone_type": 3}, BAD),
    ({"date": "2019-07-16 12:12:44.000000", "timezone": "UTC"}, BAD),
    ({"timezone_type": 3, "timezone": "UTC"}, BAD),
    ({"seconds": 5}, BAD),
    # The hour in which clocks go back: two moments have this text.
    (php_time("2019-10-27 02:30:00.000000", 3, "Europe/Berlin"), BAD),
]


@pytest.mark.parametrize("fmt", [Format.JSON, Format.XML, Format.PLAIN])
@pytest.mark.parametrize(("cell", "offset"), PHP_TIMES)
def test_a_php_datetime_is_aware(cell: dict[str, Any], offset: Any, fmt: Format) -> None:
    text = body(fmt, [{"id": "1", "value": cell}])
    if offset is BAD:
        check_read(datetime, text, fmt, BAD)
        return
    (record,) = parse(text, fmt, record_type=probe(datetime | None)).payload
    assert record.value.replace(tzinfo=None) == EVENING
    assert record.value.utcoffset() == offset


# ---- out ----

ISO_UTC = "2019-07-16T12:12:44.500000+00:00"

STAMP = "1563279164"

Written = tuple[Any, Any, str, str, str, str]


def alike(hint: Any, value: Any, text: str) -> Written:
    """A value whose JSON is its text in quotes, with the same text everywhere else."""
    return hint, value, f'"{text}"', text, text, text


# Field type, value, as JSON, as text of xml, of csv, of plain.
WRITTEN: list[Written] = [
    (str | None, None, "null", "", "", ""),
    alike(str | None, "a b", "a b"),
    alike(str | None, "a/я", "a/я"),
    alike(str | None, "false", "false"),
    alike(str | None, "5", "5"),
    (str | None, " a<&>b ", '" a<&>b "', " a&lt;&amp;&gt;b ", " a<&>b ", " a<&>b "),
    (str | None, "a,b", '"a,b"', "a,b", '"a,b"', "a,b"),
    (str | None, 'a"b', '"a\\"b"', 'a"b', '"a""b"', 'a"b'),
    (str | None, "#1", '"#1"', "#1", '"#1"', "#1"),
    (str | None, "a\rb", '"a\\rb"', "a&#13;b", '"a\rb"', "a\rb"),
    alike(str, "", ""),
    alike(str, "-", "-"),
    (int, 5, "5", "5", "5", "5"),
    (int, -NINES, str(-NINES), str(-NINES), str(-NINES), str(-NINES)),
    (int | None, None, "null", "", "", ""),
    (bool, True, "true", "true", "1", "1"),
    (bool, False, "false", "false", "0", ""),
    (bool | None, None, "null", "", "", ""),
    alike(datetime, EVENING, "2019-07-16 12:12:44"),
    alike(datetime, datetime(1, 1, 1), "0001-01-01 00:00:00"),
    alike(datetime, EVENING.replace(microsecond=100_000), "2019-07-16 12:12:44.100000"),
    (datetime, utc(2019, 7, 16, 12, 12, 44), STAMP, STAMP, STAMP, STAMP),
    (datetime, utc(1969, 12, 31, 23, 59, 59), "-1", "-1", "-1", "-1"),
    alike(
        datetime,
        EVENING.replace(microsecond=500_000, tzinfo=UTC),
        "2019-07-16T12:12:44.500000+00:00",
    ),
    alike(datetime, EVENING.replace(tzinfo=OFFSET), "2019-07-16T12:12:44+03:00"),
    (datetime | None, None, "null", "", "", ""),
    alike(date, date(2019, 7, 16), "2019-07-16"),
    alike(date, date(1, 1, 1), "0001-01-01"),
    (
        tuple[int, ...],
        (1, 2),
        "[1,2]",
        "<item>1</item><item>2</item>",
        '"[1,2]"',
        "Array\n                (\n"
        "                    [0] => 1\n                    [1] => 2\n                )\n",
    ),
    (tuple[int, ...], (5,), "[5]", "<item>5</item>", "[5]", "Array\n                (\n"),
    (tuple[int, ...], (), "[]", "", "[]", "Array\n                (\n                )\n"),
    (tuple[str, ...], ("я",), '["я"]', "<item>я</item>", '"[""я""]"', "Array\n"),
    (
        Pair,
        Pair(1, "b"),
        '{"first":1,"second":"b"}',
        "<first>1</first><second>b</second>",
        '"{""first"":1,""second"":""b""}"',
        "Array\n                (\n                    [first] => 1\n",
    ),
]


def fragment(fmt: Format, text: str) -> str:
    """What must stand in a body where a value is written as a text."""
    match fmt:
        case Format.JSON:
            return f'{{"id":1,"value":{text}}}'
        case Format.XML:
            return f"<value>{text}</value>" if text else "<value/>"
        case Format.CSV:
            return f"id,value\r\n1,{text}\r\n"
        case Format.PLAIN:
            return f"            [value] => {text}" + ("" if text.startswith("Array") else "\n")


@each_format
@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_value_is_written_as_the_table_says(case: Written, fmt: Format) -> None:
    hint, value, *texts = case
    record_type = probe(hint)
    response = Response(payload=[record_type(id=1, value=value)])
    data = serialize(response, fmt)
    assert fragment(fmt, texts[list(Format).index(fmt)]) in data.decode()
    assert parse(data, fmt, record_type=record_type) == response


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@each_format
@given(number=FINITE | st.decimals(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_exactly(number: float | Decimal, fmt: Format) -> None:
    kind: Any = type(number)
    record_type = probe(kind)
    response = Response(payload=[record_type(id=1, value=number)])
    data = serialize(response, fmt)
    (record,) = parse(data, fmt, record_type=record_type).payload
    assert record.value == number
    assert type(record.value) is kind
    if fmt is Format.CSV:
        assert kind(data.decode().splitlines()[1].partition(",")[2]) == number


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (str | None, ""),
        (str | None, "-"),
        (str | None, 5),
        (str | None, b"a"),
        (str, None),
        (int, True),
        (int, 1.0),
        (int, "1"),
        (int, None),
        (int, 10**18),
        (int | None, False),
        (float, 1),
        (float, float("nan")),
        (float, float("inf")),
        (float, None),
        (Decimal, 1.0),
        (Decimal, Decimal("NaN")),
        (Decimal, Decimal("-Infinity")),
        (bool, 1),
        (bool, None),
        (datetime, date(2019, 7, 16)),
        (datetime, "2019-07-16"),
        (datetime, 0),
        (date, EVENING),
        (date, "2019-07-16"),
        (tuple[int, ...], [1]),
        (tuple[int, ...], None),
        (tuple[int, ...], (1, None)),
        (tuple[int, ...], (True,)),
        (tuple[str, ...], ("a", 1)),
        (tuple[str, ...], "ab"),
        (Pair, None),
        (Pair, {"first": 1}),
        (Pair, Pair("1")),  # type: ignore[arg-type]
        (tuple[Pair, ...], (Pair(1), None)),
    ],
)
@each_format
def test_a_value_of_another_type_is_refused(hint: Any, value: Any, fmt: Format) -> None:
    record_type = probe(hint)
    records = [record_type(id=1, value=value)]
    with pytest.raises(SerializeError) as caught:
        serialize(Response(payload=records), fmt)
    assert caught.value.path[:3] == ("payload", 0, "value")
    assert caught.value.format is fmt


@each_format
@pytest.mark.parametrize("value", [True, False, None])
def test_an_optional_boolean_comes_back(value: bool | None, fmt: Format) -> None:
    record_type = probe(bool | None)
    response = Response(payload=[record_type(id=1, value=value)])
    assert parse(serialize(response, fmt), fmt, record_type=record_type) == response


# ---- unknown fields ----


@dataclass(slots=True)
class Open:
    id: int
    extra: dict[str, str] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("null", None),
        ('""', None),
        ('"-"', "-"),
        ('" "', " "),
        ('"0"', "0"),
        ("true", "true"),
        ("false", "false"),
        ("0", "0"),
        ("-5", "-5"),
        ("1.5", "1.5"),
        ("0.1", "0.1"),
        ("1e3", "1000"),
        ("1.5E-7", "0.00000015"),
        ("[]", "[]"),
        ("{}", "{}"),
        ('[ 1, "a", null, true ]', '[1,"a",null,true]'),
        ('{"b": [1e2, 0.5], "a": {"я": "/"}}', '{"a":{"я":"/"},"b":[100,0.5]}'),
        ('"Казань\\n"', "Казань\n"),
    ],
)
def test_an_unknown_typed_field_is_kept_as_text(cell: str, expected: str | None) -> None:
    (record,) = parse(f'[{{"new":{cell},"id":1}}]', "json", record_type=Open).payload
    assert record.extra == ({} if expected is None else {"new": expected})


@each_format
@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", None),
        (None, None),
        ("-", "-"),
        ("null", "null"),
        ("false", "false"),
        ("1e3", "1e3"),
        (" a ", " a "),
        ("[1, 2]", "[1, 2]"),
        ("a\r\nb", "a\r\nb"),
    ],
)
def test_an_unknown_text_is_kept_verbatim(
    cell: str | None, expected: str | None, fmt: Format
) -> None:
    text = body(fmt, [{"id": "1", "new": cell}])
    (record,) = parse(text, fmt, record_type=Open).payload
    assert record.extra == ({} if expected is None else {"new": expected})


@pytest.mark.parametrize("fmt", [Format.JSON, Format.XML, Format.PLAIN])
def test_an_unknown_structure_is_kept_as_compact_json(fmt: Format) -> None:
    cells = {"b": ["2", "x"], "a": {"d": "1", "c": "я"}}
    text = body(fmt, [{"id": "1", **cells}])
    (record,) = parse(text, fmt, record_type=Open).payload
    assert record.extra == {"b": '["2","x"]', "a": '{"c":"я","d":"1"}'}


@each_format
def test_unknown_fields_are_dropped_by_a_record_without_extra(fmt: Format) -> None:
    text = body(fmt, [{"id": "1", "value": "a", "new": "b"}])
    (record,) = parse(text, fmt, record_type=probe(str)).payload
    assert dataclasses.asdict(record) == {"id": 1, "value": "a"}


@each_format
def test_each_record_has_an_extra_of_its_own(fmt: Format) -> None:
    text = body(fmt, [{"id": "1", "new": "b"}, {"id": "2", "new": "b"}, {"id": "3", "new": ""}])
    first, second, third = parse(text, fmt, record_type=Open).payload
    first.extra["mine"] = "a"
    assert (second.extra, third.extra) == ({"new": "b"}, {})


# ---- nested records ----


@dataclass(slots=True)
class Leaf:
    count: int = 0
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Tree:
    id: int
    leaf: Leaf = field(default_factory=Leaf)
    leaves: tuple[Leaf, ...] = ()
    pair: Pair = field(default_factory=lambda: Pair(7))


@each_format
def test_nested_records_in_all_formats(fmt: Format) -> None:
    trees = [
        Tree(1, Leaf(1, {"a": "b"}), (Leaf(2), Leaf(3)), Pair(1, "x")),
        Tree(2, Leaf(), (), Pair(0)),
    ]
    data = serialize(Response(payload=trees), fmt)
    assert parse(data, fmt, record_type=Tree).payload == trees


@each_format
def test_an_absent_or_blank_nested_record_is_the_default(fmt: Format) -> None:
    for row in ({"id": "1"}, {"id": "1", "leaf": "", "leaves": "", "pair": ""}):
        (tree,) = parse(body(fmt, [row]), fmt, record_type=Tree).payload
        assert tree == Tree(1, Leaf(), (), Pair(7))


@each_format
@pytest.mark.parametrize("leaf", ["", None, {"count": "5"}])
def test_no_two_records_share_a_nested_one(leaf: Any, fmt: Format) -> None:
    rows = [{"id": "1", "leaf": leaf}, {"id": "2", "leaf": leaf}]
    first, second = parse(body(fmt, rows), fmt, record_type=Tree).payload
    first.leaf.count = 99
    first.pair.first = 99
    assert second.leaf.count != 99
    assert second.pair.first == 7


@each_format
def test_the_path_of_a_bad_value_leads_into_nested_records(fmt: Format) -> None:
    rows: list[dict[str, Any]] = [{"id": "1"}, {"id": "2", "leaf": {"count": "x"}}]
    with pytest.raises(ParseError) as caught:
        parse(body(fmt, rows), fmt, record_type=Tree)
    assert caught.value.path == ("payload", 1, "leaf", "count")
    rows = [{"id": "1", "leaves": [{"count": "1"}, {"count": "x"}]}]
    with pytest.raises(ParseError) as caught:
        parse(body(fmt, rows), fmt, record_type=Tree)
    assert caught.value.path == ("payload", 0, "leaves", 1, "count")


@pytest.mark.parametrize("fmt", [Format.XML, Format.PLAIN])
def test_one_record_for_a_list_of_them(fmt: Format) -> None:
    """Where a list is its element repeated, a list of one looks like the record."""
    rows: list[dict[str, Any]] = [
        {"id": "1", "leaves": {"count": "5", "more": "x"}},
        {"id": "2", "leaves": ""},
    ]
    first, second = parse(body(fmt, rows), fmt, record_type=Tree).payload
    assert (first.leaves, second.leaves) == ((Leaf(5, {"more": "x"}),), ())


def test_an_entry_that_is_called_like_a_field_is_no_record() -> None:
    text = "<r><row><id>1</id><leaves><count><count>5</count></count></leaves></row></r>"
    (tree,) = parse(text, "xml", record_type=Tree).payload
    assert tree.leaves == (Leaf(5),)


def test_fields_of_listed_records_in_columns_of_their_own() -> None:
    table = "leaves.0.count,id,leaves.0.more,leaves.1.count\n1,1,a,2\n,2,,\n0,3,,\n"
    trees = parse(table, "csv", record_type=Tree).payload
    assert [tree.leaves for tree in trees] == [(Leaf(1, {"more": "a"}), Leaf(2)), (), (Leaf(0),)]
    with pytest.raises(ParseError) as caught:
        parse("id,leaves.0.count\n1,x\n", "csv", record_type=Tree)
    assert caught.value.path == ("payload", 0, "leaves", 0, "count")
    assert (caught.value.line, caught.value.column) == (2, 3)
    for cells in (",5", "5,x"):  # an item between others is never left out; an item is no record
        with pytest.raises(ParseError):
            parse(f"id,leaves.0.count,leaves.1\n1,{cells}\n", "csv", record_type=Tree)


# ---- absent keys, defaults, shapes of dataclasses ----


@dataclass
class Defaults:
    id: int
    text: str = "text"
    optional: str | None = "optional"
    number: int = 7
    moment: datetime = EVENING
    ids: tuple[int, ...] = (1, 2)
    names: list[str] = field(default_factory=list, init=False)


@each_format
def test_an_absent_key_takes_the_default(fmt: Format) -> None:
    assert parse(body(fmt, [{"id": "1"}]), fmt, record_type=Defaults).payload == [Defaults(1)]


@each_format
def test_a_null_is_none_whatever_the_default(fmt: Format) -> None:
    rows = [{"id": "1", "optional": None}]
    (record,) = parse(body(fmt, rows), fmt, record_type=Defaults).payload
    assert record.optional is None


@each_format
@pytest.mark.parametrize("hint", [int, float, Decimal, datetime, date, str, bool, Pair])
def test_a_required_field_must_be_there(hint: Any, fmt: Format) -> None:
    with pytest.raises(ParseError) as caught:
        parse(body(fmt, [{"id": "1"}, {"id": "2"}]), fmt, record_type=probe(hint))
    assert caught.value.path == ("payload", 0, "value")


@each_format
@pytest.mark.parametrize("hint", [int, float, Decimal, datetime, date])
@pytest.mark.parametrize("blank", ["", "-"])
def test_a_required_field_must_not_be_blank(hint: Any, blank: str, fmt: Format) -> None:
    rows = [{"id": "1", "value": blank}]
    with pytest.raises(ParseError) as caught:
        parse(body(fmt, rows), fmt, record_type=probe(hint))
    assert caught.value.path == ("payload", 0, "value")


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    "hint",
    [
        *(
            list,
            list[int],
            set[int],
            dict[str, int],
            dict[str, str],
            tuple,
            tuple[int],
            tuple[int, str],
            tuple[float, ...],
            tuple[date, ...],
            tuple[int | None, ...],
        ),
        *(object, Any, bytes, complex, time, timedelta, Colour, int | str, int | str | None),
        *(list[int] | None, bytes | None, type(None)),
    ],
)
def test_a_field_type_without_a_rule_is_a_type_error_that_names_it(hint: Any) -> None:
    record_type = probe(hint, default=None)
    with pytest.raises(TypeError, match=r"\bvalue\b"):
        parse("[]", "json", record_type=record_type)
    records = [record_type(id=1)]
    with pytest.raises(TypeError, match=r"\bvalue\b"):
        serialize(Response(payload=records), "json")


@dataclass
class Inside:
    bad: bytes = b""


@dataclass
class Outside:
    inside: tuple[Inside, ...] = ()


def test_a_field_type_without_a_rule_is_found_in_nested_records() -> None:
    with pytest.raises(TypeError, match=r"Inside\.bad"):
        parse("[]", "json", record_type=Outside)


@pytest.mark.parametrize("record_type", [list, int, str, object, None, "Call", Call(1)])
def test_a_record_type_that_is_no_dataclass_is_a_type_error(record_type: Any) -> None:
    with pytest.raises(TypeError, match="dataclass"):
        parse("[]", "json", record_type=record_type)


@dataclass
class Twice:
    first: int = field(default=0, metadata={"wire": "same"})
    second: int = field(default=0, metadata={"wire": "same"})


def test_two_fields_of_one_key_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="Twice"):
        parse("[]", "json", record_type=Twice)


@dataclass(kw_only=True)
class KeywordOnly:
    id: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    id: int
    name: str | None = None


@dataclass
class Base:
    id: int


@dataclass
class Inherited(Base):
    kind: ClassVar[str] = "not a field"
    name: str | None = None


@dataclass
class MoreThanACall(Call):
    note: str | None = None


@each_format
@pytest.mark.parametrize("record_type", [KeywordOnly, Frozen, Inherited])
def test_any_shape_of_dataclass_will_do(record_type: type[Any], fmt: Format) -> None:
    records = [record_type(id=1, name="a"), record_type(id=2)]
    rows = [{"id": "1", "name": "a"}, {"id": "2", "name": ""}]
    assert parse(body(fmt, rows), fmt, record_type=record_type).payload == records
    assert (
        parse(serialize(Response(payload=records), fmt), fmt, record_type=record_type).payload
        == records
    )


@each_format
def test_a_call_may_be_extended(fmt: Format) -> None:
    response = Response(payload=[MoreThanACall(1, city="Казань", note="a", extra={"b": "c"})])
    assert parse(serialize(response, fmt), fmt, record_type=MoreThanACall) == response


# ---- metadata ----


@dataclass
class Marked:
    """Keys of its own, blanks of its own, an order of its own."""

    first_key: int
    utm_source: str | None = field(default=None, metadata={"wire": "utm_source", "blank": "-"})
    moved_key: str | None = field(default=None, metadata={"position": 0})
    empty: str | None = field(default=None, metadata={"blank": ""})
    time: datetime | None = field(default=None, metadata={"blank": "-"})


BLANK_ROW = {"movedKey": None, "firstKey": 1, "utm_source": "-", "empty": "", "time": "-"}


def test_metadata_of_a_field() -> None:
    """Order matters: `position` is the key's place on the wire."""
    data = serialize(Response(payload=[Marked(1)]), "json")
    assert json.loads(data, object_pairs_hook=list) == [list(BLANK_ROW.items())]
    header = serialize(Response(payload=[Marked(1)]), "csv").decode().splitlines()[0]
    assert header.split(",") == list(BLANK_ROW)


@each_format
def test_marked_fields_come_back(fmt: Format) -> None:
    response = Response(payload=[Marked(1), Marked(2, "b", "c", "d", EVENING)])
    data = serialize(response, fmt)
    assert re.search(r"\butm_source\b", data.decode())
    assert "utmSource" not in data.decode()
    assert parse(data, fmt, record_type=Marked) == response


@each_format
def test_a_key_is_the_name_in_camel_case(fmt: Format) -> None:
    rows = [{"firstKey": "1", "movedKey": "a", "moved_key": "b"}]
    (record,) = parse(body(fmt, rows), fmt, record_type=Marked).payload
    assert record.moved_key == "a"


def test_a_call_is_written_with_the_blanks_of_the_documented_sample() -> None:
    (row,) = json.loads(serialize(Response(payload=[Call(1)]), "json"))
    dashes = (
        *("city", "site", "device", "region", "utmTerm", "clientIp", "utmMedium", "utmSource"),
        *("sourceType", "utmContent", "utmCampaign"),
    )
    assert {key for key, cell in row.items() if cell == "-"} == set(dashes)
    assert row["record"] is None
    assert row["timeStart"] is None
    assert row["tagsId"] == []
