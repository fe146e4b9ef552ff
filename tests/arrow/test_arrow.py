"""Tables: each value is the one that `parse` gives, and no record is made for it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bodies import body
from hypothesis import given
from hypothesis import strategies as st
from strategies import Everything, everythings

from ckct_formats import (
    Call,
    CallV3,
    Format,
    FormatsError,
    Limits,
    ParseError,
    Response,
    parse,
    serialize,
)
from ckct_formats._times import parse_moment
from ckct_formats.dumps import DumpError, iter_calls, read_dump
from ckct_formats.dumps._locations import File
from ckct_formats.testing import calls

pa: Any = pytest.importorskip("pyarrow", reason="tables need the extra `arrow`")
pq: Any = pytest.importorskip("pyarrow.parquet")
arrow: Any = pytest.importorskip("ckct_formats.arrow")
batches_module: Any = pytest.importorskip("ckct_formats.arrow._batches")
descriptions: Any = pytest.importorskip("ckct_formats.arrow._descriptions")
layout: Any = pytest.importorskip("ckct_formats.arrow._layout")
times: Any = pytest.importorskip("ckct_formats.arrow._times")

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "fixtures"
FILES = sorted(
    path for path in FIXTURES.iterdir() if path.suffix in (".json", ".xml", ".csv", ".txt")
)
EPOCH = datetime(1970, 1, 1)

each_format = pytest.mark.parametrize("fmt", list(Format))
MIXED = "timezone="


# ---- what a table must hold ----


def plain(value: Any) -> Any:
    """A value as Arrow gives it back."""
    if is_dataclass(value):
        return row_of(value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return [(key, plain(item)) for key, item in value.items()]
    return value


def row_of(record: Any) -> dict[str, Any]:
    return {each.name: plain(getattr(record, each.name)) for each in fields(record)}


def rows_of(records: Iterable[Any]) -> list[dict[str, Any]]:
    return [row_of(record) for record in records]


def file_of(text: bytes | str, name: str = "page") -> io.BytesIO:
    stream = io.BytesIO(text.encode() if isinstance(text, str) else text)
    stream.name = name
    return stream


def table_of(text: bytes | str, fmt: Format | str | None = None, **options: Any) -> Any:
    return arrow.to_arrow(file_of(text), fmt, **options)


def table_error(act: Callable[[], Any]) -> Any:
    with pytest.raises(arrow.TableError) as caught:
        act()
    return caught.value


def check_equal(table: Any, records: Sequence[Any]) -> None:
    assert table.to_pylist() == rows_of(records)
    table.validate(full=True)


# ---- the room ----


def test_the_public_names_are_exactly_these() -> None:
    names = """
        Batches TableError arrow_schema iter_batches iter_file_batches to_arrow write_parquet
    """.split()
    assert sorted(arrow.__all__) == names
    assert all(hasattr(arrow, name) for name in names)


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_library_alone_does_not_load_arrow() -> None:
    code = "import sys, ckct_formats, ckct_formats.dumps; print('pyarrow' in sys.modules)"
    assert run(code) == "False"


def test_without_arrow_the_extra_is_named() -> None:
    shown = run(
        "import sys\n"
        "sys.modules['pyarrow'] = None\n"
        "try:\n"
        "    import ckct_formats.arrow\n"
        "except ModuleNotFoundError as error:\n"
        "    print(error.name, error)\n"
    )
    assert shown.startswith("pyarrow pyarrow is not installed")
    assert 'pip install "ckct-formats[arrow]"' in shown


# ---- the schema ----

TEXT = pa.string()
REPEATED = pa.dictionary(pa.int32(), TEXT)
EXTRA = pa.map_(TEXT, TEXT)


def test_the_schema_of_a_call() -> None:
    schema = arrow.arrow_schema()
    assert schema.names == [each.name for each in fields(Call)]
    others = {
        "call_id": pa.int64(),
        "duration": pa.int64(),
        "campaign_id": pa.int64(),
        "tags_id": pa.list_(pa.int64()),
        "time_start": pa.timestamp("us"),
        "record": TEXT,
        "client_ip": TEXT,
        "client_phone": TEXT,
        "extra": EXTRA,
    }
    assert {each.name: each.type for each in schema} == {
        name: others.get(name, REPEATED) for name in schema.names
    }
    assert [each.name for each in schema if not each.nullable] == ["call_id", "tags_id", "extra"]


def test_the_schema_says_what_fields_are() -> None:
    schema = arrow.arrow_schema()
    assert schema.metadata[b"record_type"] == b"Call"
    assert schema.metadata[b"ckct_formats"]
    phone = schema.field("client_phone").metadata
    assert phone == {b"wire": b"clientPhone", b"description": b"The client's number."}
    described = schema.field("time_start").metadata[b"description"].decode()
    assert described.startswith("Start of the call. Naive where the server wrote a wall-clock time")
    assert described.endswith("where it wrote epoch seconds.")
    assert all(b"description" in each.metadata for each in schema)
    v3 = arrow.arrow_schema(CallV3)
    assert v3.metadata[b"record_type"] == b"CallV3"
    assert v3.field("utm_term").metadata[b"wire"] == b"utm_term"
    for name in ("status_first", "status_second"):
        assert v3.field(name).metadata[b"description"] == b"The two codes of the status."
    hook = v3.field("hooks").type.value_type
    assert hook.field("hook_method").metadata[b"wire"] == b"hookMethod"


def test_the_options_of_a_schema() -> None:
    assert arrow.arrow_schema(dictionaries=False).field("city").type == TEXT
    moscow = arrow.arrow_schema(timezone="Europe/Moscow").field("time_start").type
    assert moscow == pa.timestamp("us", tz="Europe/Moscow")
    aware = arrow.arrow_schema(CallV3, aware=["call_time"])
    assert aware.field("call_time").type == pa.timestamp("us", tz="UTC")
    assert aware.field("local_date").type == pa.timestamp("us")
    with pytest.raises(ValueError, match="no field of times called 'city'"):
        arrow.arrow_schema(aware=["city"])
    for name in ("Moscow", "", "../x", "Europe/"):
        with pytest.raises(ValueError, match="timezone must be a name such as Europe/Moscow"):
            arrow.arrow_schema(timezone=name)
    with pytest.raises(TypeError, match="dicts"):
        arrow.arrow_schema(dict)
    with pytest.raises(TypeError, match="dataclass"):
        arrow.arrow_schema(int)


def test_descriptions_are_read_off_the_docstring() -> None:
    class Nothing:
        pass

    class Described:
        """A thing.

        Attributes:
            one: First; note: a colon.
            two, three: Both,
                in two lines.
            Not an entry

        More: text.
        """

    assert descriptions.descriptions(Nothing) == {}
    assert descriptions.descriptions(Described) == {
        "one": "First; note: a colon.",
        "two": "Both, in two lines.",
        "three": "Both, in two lines.",
    }


@dataclass
class Inner:
    at: datetime | None = None
    name: str = ""


@dataclass
class Outer:
    key: str = field(metadata={"distinct": True})
    share: float = 0.0
    amount: Decimal = field(default=Decimal(0))
    flag: bool | None = None
    day: date | None = None
    inner: Inner = field(default_factory=Inner)
    inners: tuple[Inner, ...] = ()
    names: tuple[str, ...] = ()
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)


def test_the_types_of_a_dataclass_of_ones_own() -> None:
    schema = arrow.arrow_schema(Outer, aware=["inner.at"])
    inner = [pa.field("name", TEXT, nullable=False)]
    types = {each.name: each.type for each in schema}
    assert types == {
        "key": TEXT,
        "share": pa.float64(),
        "amount": pa.decimal128(38, 9),
        "flag": pa.bool_(),
        "day": pa.date32(),
        "inner": pa.struct([("at", pa.timestamp("us", tz="UTC")), *inner]),
        "inners": pa.list_(pa.struct([("at", pa.timestamp("us")), *inner])),
        "names": pa.list_(TEXT),
        "lists": pa.map_(TEXT, pa.list_(TEXT)),
    }
    assert [each.name for each in schema if each.nullable] == ["flag", "day"]
    assert not schema.field("share").metadata.keys() - {b"wire"}


# ---- values ----


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("dictionaries", [True, False])
def test_a_file_gives_the_values_that_parse_gives(path: Path, dictionaries: bool) -> None:
    kind = CallV3 if path.stem == "calls_v3" else Call
    records: list[Any] = [*parse(path.read_bytes(), record_type=kind).payload]
    moments = [getattr(each, "time_start", None) for each in records]
    zones = {moment.tzinfo for moment in moments if moment}
    timezone = "Europe/Moscow" if len(zones) > 1 else None
    options: Any = {"record_type": kind, "timezone": timezone, "dictionaries": dictionaries}
    table = arrow.to_arrow(path, **options)
    aware = arrow.arrow_schema(kind, aware=["time_start"] if zones == {UTC} else ())
    if timezone:
        for record, moment in zip(records, moments, strict=True):
            zone = moment and (moment.tzinfo or ZoneInfo(timezone))
            record.time_start = moment and moment.replace(tzinfo=zone)
        assert table.schema.field("time_start").type.tz == timezone
    elif dictionaries:
        assert table.schema.equals(aware, check_metadata=True)
    check_equal(table, records)
    assert table.equals(arrow.to_arrow(records, **options))


def micros(moment: datetime | None) -> int | None:
    """Since 1970, of an aware time in UTC: also of one that falls out of Python's years there."""
    if moment is None:
        return None
    return (moment.replace(tzinfo=None) - EPOCH - (moment.utcoffset() or timedelta())) // timedelta(
        microseconds=1
    )


def check_calls(table: Any, expected: Sequence[Call]) -> None:
    moments = table["time_start"].cast(pa.int64()).to_pylist()
    assert moments == [micros(call.time_start) for call in expected]
    others = table.drop_columns("time_start").to_pylist()
    for row, call in zip(others, rows_of(expected), strict=True):
        del call["time_start"]
        assert row == call


@pytest.mark.slow
@each_format
@given(data=st.data())
def test_whatever_is_written_comes_back(fmt: Format, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(calls(frozenset({fmt})), max_size=4))
    is_aware = data.draw(st.booleans())
    for call in drawn:
        if call.time_start and (call.time_start.tzinfo is not None) != is_aware:
            call.time_start = None
    text = serialize(Response(payload=drawn), fmt)
    table = table_of(text, fmt)
    parsed = parse(text, fmt).payload
    assert parsed == drawn
    check_calls(table, parsed)
    check_calls(arrow.to_arrow(drawn), drawn)


def in_a_table(record: Everything) -> Everything:
    """A record whose amounts and times a table can hold."""

    def amount(value: Decimal) -> Decimal:
        fits = -20 < value.adjusted() < 20 and value.as_tuple().exponent >= -9  # type: ignore[operator]
        return value if fits else Decimal("1.25")

    return replace(
        record,
        moment=record.moment.replace(tzinfo=None),
        amount=amount(record.amount),
        maybe_amount=record.maybe_amount and amount(record.maybe_amount),
    )


@pytest.mark.slow
@each_format
@given(data=st.data())
def test_every_type_comes_back(fmt: Format, data: st.DataObject) -> None:
    strategy = everythings(frozenset({fmt})).map(in_a_table)
    drawn = data.draw(st.lists(strategy, max_size=3))
    table = table_of(serialize(Response(payload=drawn), fmt), fmt, record_type=Everything)
    check_equal(table, drawn)
    check_equal(arrow.to_arrow(drawn, record_type=Everything), drawn)


@each_format
def test_lists_by_name(fmt: Format) -> None:
    drawn = [
        Outer("a", lists={"x": ("1", "2"), "y": ()}, inners=(Inner(datetime(2019, 7, 16), "-"),)),
        Outer("b", names=("", "-"), inner=Inner(datetime(2020, 2, 29, 1, 2, 3))),
    ]
    text = serialize(Response(payload=drawn), fmt)
    assert parse(text, fmt, record_type=Outer).payload == drawn
    check_equal(table_of(text, fmt, record_type=Outer), drawn)


@each_format
def test_blanks_are_null_where_they_are_none(fmt: Format) -> None:
    rows: list[dict[str, Any]] = [
        {"callId": "1", "city": "", "record": "", "duration": "", "timeStart": "", "tagsId": []},
        {"callId": "2", "city": "-", "record": "-", "duration": "-", "timeStart": "-"},
        {"callId": "3", "city": "a", "record": "b", "duration": "5", "timeStart": "2019-07-16"},
        {"callId": "4", "city": "--", "record": " ", "duration": "6", "timeStart": None},
        {"callId": "5", "timeStart": "0000-00-00 00:00:00"},
    ]
    keys = dict.fromkeys(["callId", "city", "record", "duration", "timeStart"])
    rows = [{**keys, "tagsId": [], **row} for row in rows]
    rows += [{**row, "tagsId": ["7"]} for row in rows[:2]]
    text = body(fmt, rows)
    table = table_of(text, fmt)
    check_equal(table, parse(text, fmt).payload)
    assert table["city"].null_count == 5
    assert table["city"].combine_chunks().dictionary.to_pylist() == ["a", "--"]


@each_format
def test_blanks_stay_where_they_are_texts(fmt: Format) -> None:
    text = body(fmt, [{"universalId": "a", "city": "-"}, {"universalId": "b", "city": ""}])
    table = table_of(text, fmt, record_type=CallV3)
    check_equal(table, parse(text, fmt, record_type=CallV3).payload)
    assert table["city"].to_pylist() == ["-", ""]


@each_format
def test_a_blank_of_a_record_of_ones_own_is_kept(fmt: Format) -> None:
    records = [Call(1, city="-", record=""), Call(2)]
    check_equal(arrow.to_arrow(Response(payload=records)), records)


@each_format
def test_unknown_fields_are_a_map(fmt: Format) -> None:
    text = body(fmt, [{"callId": "1", "leadId": "7"}, {"callId": "2", "leadId": ""}])
    table = table_of(text, fmt)
    assert table["extra"].to_pylist() == [[("leadId", "7")], []]
    assert table["extra"].type == EXTRA


# What a shortcut for a column might read otherwise than the rule for one cell.
ODD_NUMBERS = ["0x1F", "+5", " 5", "5 ", "-0", "007", "1_0", "--1", "1-2", "1e3", "5.0", "٣", "²"]
ODD_NUMBERS += [
    "-",
    "",
    "-5",
    "0" * 17 + "1",
    "0" * 18 + "1",
    "9" * 18,
    "-" + "9" * 18,
    "1" + "0" * 18,
]
ODD_LISTS = [
    "[1,2]",
    "[]",
    "[1, 2]",
    "[1",
    "2]",
    "[1],[2]",
    "[-0]",
    "[01]",
    "1,2",
    "1;2",
    "5",
    "[[1]]",
]
ODD_LISTS += ["[1,]", "[null]", "", "-", "[-]", "[1.0]", "[" + "9" * 19 + "]", "[]]", "[\n1]"]
CLOCK = "2019-07-16 15:12:44"
ODD_TIMES = [CLOCK, "2019-07-16T15:12:44", "2019-07-16t15:12:44", "2019-07-16", "1563279164"]
ODD_TIMES += [
    "2019-07-16 15:12",
    "2019-07-16 15:12+03",
    "2019-07-16 15+03:00",
    "2019-02-29 00:00:00",
]
ODD_TIMES += [
    "0000-07-16 15:12:44",
    "0000-00-00 00:00:00",
    "0001-01-01 00:00:00",
    "2019-07-16 24:00:00",
]
ODD_TIMES += [
    "9999-12-31 23:59:59",
    "2019-07-16 23:59:60",
    " 019-07-16 15:12:44",
    "2019-07-16 15:12:4Z",
]
ODD_TIMES += ["2019-07-16 15:12:44.5", "2019-07-16 15:12:44Z", "-019-07-16 15:12:44", "", "-"]
ODD = {"duration": ODD_NUMBERS, "tagsId": ODD_LISTS, "timeStart": ODD_TIMES}


def check_same(text: str, fmt: Format) -> None:
    """That a table is made, or the same error raised, as by `parse`."""
    try:
        expected = parse(text.encode(), fmt).payload
    except ParseError as error:
        with pytest.raises(DumpError) as caught:
            table_of(text, fmt)
        assert caught.value.error == error
    else:
        zones = {call.time_start.tzinfo is None for call in expected if call.time_start}
        check_calls(table_of(text, fmt, timezone="UTC" if len(zones) > 1 else None), expected)


@pytest.mark.slow
@each_format
@pytest.mark.parametrize("key", ODD)
def test_an_odd_text_reads_as_it_does_alone(key: str, fmt: Format) -> None:
    for cell in ODD[key]:
        check_odd(key, cell, fmt)


def check_odd(key: str, cell: str, fmt: Format) -> None:
    common = {
        "duration": "5",
        "tagsId": "[1,2]" if fmt is Format.CSV else ["1"],
        "timeStart": CLOCK,
    }
    row = {"callId": "1", **common}
    check_same(body(fmt, [row, {**row, key: cell}]), fmt)
    check_same(body(fmt, [{**row, key: cell}] * 2), fmt)
    check_same(body(fmt, [{**row, "callId": cell}] * 2), fmt)


@given(st.lists(st.text("0123456789-T :+Z.", min_size=19, max_size=19), max_size=3), st.data())
def test_a_column_of_clocks_reads_as_its_texts_do(texts: list[str], data: st.DataObject) -> None:
    moments = data.draw(st.lists(st.datetimes(), max_size=3))
    texts += [str(moment.replace(microsecond=0)) for moment in moments]
    at = data.draw(st.integers(0, 18))
    mutated = [text[:at] + data.draw(st.sampled_from("09-T:Z ")) + text[at + 1 :] for text in texts]
    for column in (texts, mutated):
        read = times.wall_clocks(pa.array(column, TEXT))
        expected = [parse_moment(text) for text in column]
        is_plain = all(moment is not None and moment.tzinfo is None for moment in expected)
        assert (read is not None) == is_plain
        assert read is None or read.to_pylist() == expected


@each_format
def test_numbers_at_their_limits(fmt: Format) -> None:
    most = 10**18 - 1
    records = [Call(most, duration=-most, tags_id=(most, -most)), Call(-most)]
    text = serialize(Response(payload=records), fmt)
    check_equal(table_of(text, fmt), records)
    with pytest.raises(DumpError, match="integer_digits"):
        table_of(body(fmt, [{"callId": str(10**18)}]), fmt)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**25])
@pytest.mark.parametrize("as_text", [True, False])
def test_a_number_past_64_bits_is_an_error(number: int, as_text: bool) -> None:
    limits = Limits(integer_digits=30)
    cell = str(number) if as_text else number
    text = body(Format.JSON, [{"callId": 1}, {"callId": cell}])
    assert parse(text, limits=limits).payload[1].call_id == number
    error = table_error(lambda: table_of(text, limits=limits))
    assert error.field == "call_id"
    assert "int64" in error.reason
    held = body(Format.JSON, [{"callId": -(2**63)}, {"callId": 2**63 - 1}])
    check_equal(table_of(held, limits=limits), parse(held, limits=limits).payload)
    with pytest.raises(DumpError, match="integer_digits"):
        table_of(held)


@pytest.mark.parametrize("amount", ["1E+29", "0.0000000001"])
def test_an_amount_that_does_not_fit_is_an_error(amount: str) -> None:
    text = f'[{{"key": "a", "amount": "{amount}"}}]'
    error = table_error(lambda: table_of(text, record_type=Outer))
    assert error.field == "amount"
    assert "decimal128(38, 9)" in error.reason


# ---- rows that are left out ----

BAD_ROWS: list[dict[str, Any]] = [
    {"callId": "1", "city": "a", "duration": "1", "timeStart": CLOCK, "tagsId": ["5"]},
    {"callId": "2", "city": "b", "duration": "x", "timeStart": CLOCK, "tagsId": ["5"]},
    {"callId": "3", "city": "c", "duration": "3", "timeStart": "now", "tagsId": ["5"]},
    {"callId": "4", "city": "d", "duration": "4", "timeStart": CLOCK, "tagsId": ["5", "y"]},
    {"callId": "", "city": "e", "duration": "5", "timeStart": CLOCK, "tagsId": ["5"]},
    {"callId": "6", "city": "-", "duration": "", "timeStart": "-", "tagsId": []},
]


@each_format
def test_the_same_rows_are_left_out_and_reported(fmt: Format) -> None:
    text = body(fmt, BAD_ROWS)
    expected = parse(text.encode(), fmt, on_error="collect")
    assert [call.call_id for call in expected.payload] == [1, 6]
    batches = arrow.iter_batches(file_of(text, "a"), fmt, on_error="collect")
    check_equal(arrow.to_arrow(batches), expected.payload)
    assert batches.errors == [DumpError("a", error=error) for error in expected.errors]
    with pytest.raises(DumpError) as caught:
        table_of(text, fmt)
    assert caught.value.error == expected.errors[0]


@each_format
def test_a_row_that_is_left_out_does_not_count_for_the_kind_of_times(fmt: Format) -> None:
    rows = [
        {"callId": "1", "timeStart": CLOCK},
        {"callId": "2", "timeStart": "1563279164", "campaignId": "x"},
    ]
    text = body(fmt, rows)
    table = table_of(text, fmt, on_error="collect")
    check_equal(table, parse(text, fmt, on_error="collect").payload)


@each_format
def test_all_rows_may_be_bad(fmt: Format) -> None:
    text = body(fmt, [{"callId": "x", "city": "a"}] * 3)
    assert parse(text, fmt, on_error="collect").payload == []
    batches = arrow.iter_batches(file_of(text), fmt, on_error="collect")
    assert arrow.to_arrow(batches).num_rows == 0
    assert len(batches.errors) == 3


def test_a_fast_way_that_gives_up_leaves_nothing() -> None:
    rows = [{"callId": str(number), "city": "a"} for number in range(1_500)]
    lines = body(Format.CSV, rows).splitlines(keepends=True)
    lines[1_400] = "1,2,3\r\n"
    text = "".join(lines)
    expected = parse(text, "csv", on_error="collect").payload
    assert len(expected) == 1_499
    table = table_of(text, "csv", on_error="collect")
    assert table["call_id"].to_pylist() == [call.call_id for call in expected]


def test_a_bad_file_is_named_left_out_or_fatal(tmp_path: Path) -> None:
    for name, text in {"1.json": '[{"callId": 1}]', "2.csv": "", "3.xml": "<r/>"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "4.json").write_text('[{"callId": 4}]')
    batches = arrow.iter_batches(tmp_path, on_error="collect")
    assert arrow.to_arrow(batches)["call_id"].to_pylist() == [1, 4]
    calls_read = iter_calls(tmp_path, on_error="collect")
    assert len(list(calls_read)) == batches.given == 2
    assert batches.errors == calls_read.errors
    fatal = arrow.iter_batches(tmp_path, batch_rows=1)
    with pytest.raises(DumpError, match=r"2\.csv") as caught:
        list(fatal)
    assert caught.value.calls == fatal.given


def test_a_wrong_option_is_refused() -> None:
    with pytest.raises(ValueError, match="on_error"):
        arrow.iter_batches("x", on_error="ignore")
    with pytest.raises(ValueError, match="batch_rows"):
        arrow.iter_batches("x", batch_rows=0)
    with pytest.raises(FormatsError, match="yaml"):
        arrow.iter_batches("x", "yaml")
    with pytest.raises(TypeError, match="dicts"):
        arrow.iter_batches("x", record_type=dict)


# ---- dataclasses that check or change their values ----


@dataclass
class Checked:
    call_id: int
    city: str = ""

    def __post_init__(self) -> None:
        self.city = self.city.upper()
        if self.call_id == 2:
            raise ValueError("not two")


@dataclass
class Written:
    call_id: int
    city: str = ""

    def __init__(self, call_id: int, city: str) -> None:
        self.call_id, self.city = call_id, city * 2


@each_format
def test_a_dataclass_that_changes_its_values_has_them_changed(fmt: Format) -> None:
    text = body(fmt, [{"callId": str(number), "city": "a"} for number in range(4)])
    options: Any = {"record_type": Checked, "on_error": "collect"}
    expected = parse(text.encode(), fmt, **options)
    assert [each.call_id for each in expected.payload] == [0, 1, 3]
    batches = arrow.iter_batches(file_of(text, "a"), fmt, **options)
    check_equal(arrow.to_arrow(batches), expected.payload)
    assert batches.errors == [DumpError("a", error=error) for error in expected.errors]
    check_equal(
        table_of(text, fmt, record_type=Written), parse(text, fmt, record_type=Written).payload
    )


@dataclass
class Set:
    call_id: int
    city: str = ""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value.upper() if name == "city" else value)


class Base:
    def __new__(cls, call_id: int, city: str) -> Any:
        if call_id == 1:
            raise ValueError("not one")
        return super().__new__(cls)


@dataclass
class New(Base):
    call_id: int
    city: str = ""


class Doubled:
    def __set__(self, owner: Any, value: str) -> None:
        owner.kept = value * 2

    def __get__(self, owner: Any, kind: Any) -> str:
        return "" if owner is None else owner.kept


@dataclass
class Described:
    call_id: int
    city: str = Doubled()  # type: ignore[assignment]


class Meta(type):
    def __call__(cls, *values: Any) -> Any:
        made = super().__call__(*values)
        made.city = "made"
        return made


@dataclass
class Made(metaclass=Meta):
    call_id: int
    city: str = ""


@pytest.mark.parametrize("record_type", [Set, Described, Made])
def test_other_ways_to_change_values(record_type: Any) -> None:
    text = '[{"callId": 1, "city": "a"}]'
    expected = parse(text, record_type=record_type).payload
    assert expected[0].city != "a"
    table = table_of(text, record_type=record_type)
    assert table["city"].to_pylist() == [expected[0].city]


def test_a_dataclass_whose_base_refuses_values() -> None:
    text = '[{"callId": 1}, {"callId": 2}]'
    options: Any = {"record_type": New, "on_error": "collect"}
    assert table_of(text, **options)["call_id"].to_pylist() == [2]
    assert [each.call_id for each in parse(text, **options).payload] == [2]


@dataclass(frozen=True, slots=True)
class Frozen:
    call_id: int
    city: str = ""


def test_a_frozen_dataclass_with_slots_is_read_without_being_made() -> None:
    assert layout._is_plain(Frozen)
    assert not any(map(layout._is_plain, (Set, New, Described, Made, Checked, Written)))


@dataclass
class Summed:
    call_id: int
    share: float = 0  # an integer, where it is absent


def test_a_number_may_be_an_integer_by_default() -> None:
    text = '[{"callId": 1}, {"callId": 2, "share": 0.5}]'
    check_equal(table_of(text, record_type=Summed), parse(text, record_type=Summed).payload)


@each_format
def test_no_calls_are_made(fmt: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    path = FIXTURES / f"page_1000.{'txt' if fmt is Format.PLAIN else fmt}"
    records = parse(path.read_bytes(), fmt).payload

    def fail(*values: Any) -> None:
        raise AssertionError("a call was made")

    monkeypatch.setattr(Call, "__init__", fail)
    with pytest.raises(AssertionError):
        parse(path.read_bytes(), fmt)
    check_equal(arrow.to_arrow(path), records)


# ---- wall-clock and aware times ----

WALL = {"callId": "1", "timeStart": CLOCK}
AWARE = {"callId": "2", "timeStart": "1563279164"}
NONE = {"callId": "3", "timeStart": ""}


@pytest.mark.parametrize(
    "pages",
    [
        [[WALL, AWARE]],
        [[AWARE, WALL]],
        [[WALL], [AWARE]],
        [[AWARE], [NONE], [WALL]],
        [[NONE], [WALL], [AWARE]],
    ],
)
@pytest.mark.parametrize("batch_rows", [1, 65_536])
def test_times_of_two_kinds_do_not_mix(pages: list[list[dict[str, str]]], batch_rows: int) -> None:
    files = [file_of(body(Format.CSV, page), f"page_{at}") for at, page in enumerate(pages)]
    error = table_error(lambda: list(arrow.iter_batches(files, batch_rows=batch_rows)))
    assert error.field == "time_start"
    assert MIXED in error.reason
    assert error.file is not None
    # In one batch, a page of wall-clock times is the wrong one.
    of_walls = [f"page_{at}" for at, page in enumerate(pages) if WALL in page]
    assert error.file == (f"page_{len(pages) - 1}" if batch_rows == 1 else of_walls[0])
    assert str(error).startswith(f"{error.file}: time_start: wall-clock times and times with a")
    for file in files:
        file.seek(0)
    table = arrow.to_arrow(
        arrow.iter_batches(files, batch_rows=batch_rows, timezone="Europe/Moscow")
    )
    assert table["time_start"].type.tz == "Europe/Moscow"
    wall = datetime(2019, 7, 16, 15, 12, 44, tzinfo=ZoneInfo("Europe/Moscow"))
    aware = datetime.fromtimestamp(1563279164, UTC)
    known = {"1": wall, "2": aware, "3": None}
    assert table["time_start"].to_pylist() == [
        known[row["callId"]] for page in pages for row in page
    ]


def test_a_time_with_a_zone_that_comes_late() -> None:
    files = [
        file_of(body(Format.CSV, [row]), f"page_{at}") for at, row in enumerate((NONE, NONE, AWARE))
    ]
    error = table_error(lambda: list(arrow.iter_batches(files, batch_rows=1)))
    assert (error.file, error.field) == ("page_2", "time_start")
    assert "arrow_schema(aware=['time_start'])" in error.reason
    for file in files:
        file.seek(0)
    schema = arrow.arrow_schema(aware=["time_start"])
    table = arrow.to_arrow(arrow.iter_batches(files, batch_rows=1, schema=schema))
    assert table["time_start"].to_pylist() == [
        *(None, None),
        datetime.fromtimestamp(1563279164, UTC),
    ]
    for file in files:  # within one batch it is found
        file.seek(0)
    assert arrow.to_arrow(files)["time_start"].equals(table["time_start"])


def test_a_wall_clock_time_makes_the_column_one_of_them() -> None:
    files = [file_of(body(Format.CSV, [row])) for row in (NONE, WALL, AWARE)]
    error = table_error(lambda: list(arrow.iter_batches(files, batch_rows=1)))
    assert "do not go into one column" in error.reason


def test_what_is_collected_is_no_mix() -> None:
    files = [file_of(body(Format.CSV, [row])) for row in (WALL, AWARE)]
    table_error(lambda: arrow.to_arrow(files, on_error="collect"))


def test_each_column_of_times_is_of_its_own_kind() -> None:
    row = {"universalId": "a", "callTime": 1563279164, "localDate": CLOCK}
    table = table_of(body(Format.JSON, [row]), record_type=CallV3)
    check_equal(table, parse(body(Format.JSON, [row]), record_type=CallV3).payload)
    assert table.schema.equals(arrow.arrow_schema(CallV3, aware=["call_time"]))


def test_times_inside_of_fields_are_of_one_kind_as_well() -> None:
    records = [
        Outer("a", inners=(Inner(datetime(2019, 7, 16)), Inner(datetime(2019, 7, 16, tzinfo=UTC))))
    ]
    error = table_error(lambda: arrow.to_arrow(records))
    assert error.field == "inners.at"
    table = arrow.to_arrow(records, timezone="Europe/Moscow")
    first, second = (each["at"] for each in table["inners"].to_pylist()[0])
    assert second - first == timedelta(hours=3)


def test_the_schema_is_known_before_the_first_batch_is_taken() -> None:
    batches = arrow.iter_batches(file_of(body(Format.CSV, [AWARE, NONE])), batch_rows=1)
    assert batches.schema.field("time_start").type.tz == "UTC"
    assert batches.given == 0
    assert [batch.schema for batch in batches] == [batches.schema] * 2
    assert batches.given == 2


def test_a_schema_that_is_given_decides() -> None:
    aware = arrow.arrow_schema(aware=["time_start"])
    files = [file_of(body(Format.CSV, [row])) for row in (NONE, AWARE)]
    table = arrow.to_arrow(arrow.iter_batches(files, batch_rows=1, schema=aware))
    assert table.schema == aware
    files = [file_of(body(Format.CSV, [row])) for row in (NONE, WALL)]
    table_error(lambda: arrow.to_arrow(files, schema=aware))
    moscow = arrow.arrow_schema(timezone="Europe/Moscow")
    for options in ({}, {"timezone": "UTC"}, {"dictionaries": False}, {"record_type": CallV3}):
        with pytest.raises(ValueError, match="schema is not that of"):
            arrow.iter_batches("x", schema=moscow, **options)
    arrow.iter_batches("x", schema=moscow, timezone="Europe/Moscow")
    nested = arrow.arrow_schema(Outer, aware=["inners.at"])
    table = arrow.to_arrow([Outer("a")], record_type=Outer, schema=nested)
    assert table.schema == nested


@pytest.mark.parametrize(
    ("moment", "zone", "how"),
    [
        ("2010-10-31 02:30:00", "Europe/Moscow", "occurs twice"),
        ("2010-03-28 02:30:00", "Europe/Moscow", "never occurs"),
        ("2011-12-30 12:00:00", "Pacific/Apia", "never occurs"),
        ("2019-11-03 01:00:00", "America/New_York", "occurs twice"),
        ("2019-03-10 02:59:59", "America/New_York", "never occurs"),
    ],
)
@each_format
def test_an_hour_that_is_uncertain_is_an_error(
    moment: str, zone: str, how: str, fmt: Format
) -> None:
    text = body(fmt, [WALL, {"callId": "2", "timeStart": moment}])
    error = table_error(lambda: table_of(text, fmt, timezone=zone))
    assert str(error) == f"page: time_start: {moment} {how} on a clock in {zone}"


@each_format
@pytest.mark.parametrize("batch_rows", [1, 4, 65_536])
def test_rows_of_an_uncertain_hour_are_left_out(fmt: Format, batch_rows: int) -> None:
    twice, never = "2010-10-31 02:30:00", "2010-03-28 02:30:00"
    pages = [[twice, CLOCK, CLOCK], [CLOCK] * 3 + [never, CLOCK], [twice, never], [CLOCK]]
    numbers = iter(range(100))
    rows = [[{"callId": next(numbers), "timeStart": each} for each in page] for page in pages]
    files = [file_of(body(fmt, page), f"page_{at}") for at, page in enumerate(rows)]
    batches = arrow.iter_batches(
        files, fmt, timezone="Europe/Moscow", on_error="collect", batch_rows=batch_rows
    )
    table = arrow.to_arrow(batches)
    assert table["call_id"].to_pylist() == [1, 2, 3, 4, 5, 7, 10]
    wall = datetime.fromisoformat(CLOCK).replace(tzinfo=ZoneInfo("Europe/Moscow"))
    assert table["time_start"].to_pylist() == [wall] * 7
    on_a_clock = "on a clock in Europe/Moscow"
    assert [str(error) for error in batches.errors] == [
        f"page_0: time_start: {twice} occurs twice {on_a_clock}",
        f"page_1: time_start: {never} never occurs {on_a_clock}",
        f"page_2: time_start: {twice} occurs twice {on_a_clock}",
        f"page_2: time_start: {never} never occurs {on_a_clock}",
    ]


def test_an_uncertain_hour_within_a_list_leaves_out_its_row_alone() -> None:
    hours = [["2010-10-31 04:00:00"], ["2010-10-31 02:30:00"], [], ["2010-10-31 01:00:00"] * 2]
    text = json.dumps(
        [{"key": str(at), "inners": [{"at": each} for each in row]} for at, row in enumerate(hours)]
    )
    batches = arrow.iter_batches(
        file_of(text), record_type=Outer, timezone="Europe/Moscow", on_error="collect"
    )
    table = arrow.to_arrow(batches)
    assert [len(row) for row in table["inners"].to_pylist()] == [1, 0, 2]
    assert len(batches.errors) == 1


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 65_536])
def test_an_uncertain_hour_leaves_out_no_row_beside_it(batch_rows: int) -> None:
    hours = ["2010-10-31 02:30:00", *["2010-10-31 04:00:00"] * 4, "2010-03-28 02:30:00", CLOCK]
    text = json.dumps([{"key": str(at), "inners": [{"at": hour}]} for at, hour in enumerate(hours)])
    batches = arrow.iter_batches(
        file_of(text),
        record_type=Outer,
        timezone="Europe/Moscow",
        on_error="collect",
        batch_rows=batch_rows,
    )
    assert arrow.to_arrow(batches)["key"].to_pylist() == ["1", "2", "3", "4", "6"]
    assert len(batches.errors) == 2


@pytest.mark.parametrize("zone", ["localtime", "posixrules", "Factory", "Nowhere/At_all", ""])
def test_what_is_no_name_of_a_zone_everywhere(zone: str) -> None:
    with pytest.raises(ValueError, match="timezone must be a name such as Europe/Moscow"):
        arrow.iter_batches("x", timezone=zone)


@pytest.mark.parametrize(
    "moment", ["2010-10-31 01:59:59", "2010-10-31 03:00:00", "2010-03-28 01:59:59"]
)
def test_the_hours_beside_it_are_certain(moment: str) -> None:
    table = table_of(
        body(Format.CSV, [{"callId": "1", "timeStart": moment}]), timezone="Europe/Moscow"
    )
    expected = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Moscow"))
    assert table["time_start"].to_pylist() == [expected]


ZONES = ["Europe/Moscow", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "Asia/Gaza"]
ZONES += ["Australia/Lord_Howe", "Antarctica/Troll", "Europe/London", "America/Caracas", "UTC"]


@given(
    zone=st.sampled_from(ZONES),
    walls=st.lists(
        st.none() | st.datetimes() | st.datetimes(datetime(1900, 1, 1), datetime(2050, 1, 1))
    ),
)
def test_a_zone_localises_as_the_standard_library_does(
    zone: str, walls: list[datetime | None]
) -> None:
    info = ZoneInfo(zone)

    def offsets(wall: datetime | None) -> set[timedelta | None]:
        return (
            set()
            if wall is None
            else {wall.replace(tzinfo=info, fold=fold).utcoffset() for fold in (0, 1)}
        )

    certain = [wall if len(offsets(wall)) < 2 else None for wall in walls]
    localised = times.Zone(zone).localised(pa.array(certain, pa.timestamp("us")), "x")
    expected = [wall and micros(wall.replace(tzinfo=info)) for wall in certain]
    assert localised.cast(pa.int64()).to_pylist() == expected
    if certain != walls:
        table_error(lambda: times.Zone(zone).localised(pa.array(walls, pa.timestamp("us")), "x"))


# ---- batches ----


def numbered(length: int) -> str:
    rows = [{"callId": str(number), "city": f"c{number % 7}"} for number in range(length)]
    return body(Format.CSV, rows)


@pytest.mark.parametrize(
    ("batch_rows", "lengths"),
    [(1, [1] * 10), (3, [3, 3, 3, 1]), (4, [4, 4, 2]), (5, [5, 5]), (99, [10])],
)
def test_batches_have_so_many_rows(batch_rows: int, lengths: list[int]) -> None:
    files = [file_of(numbered(4)), file_of("[]"), file_of(numbered(6))]
    batches = list(arrow.iter_batches(files, batch_rows=batch_rows))
    assert [batch.num_rows for batch in batches] == lengths
    table = pa.Table.from_batches(batches)
    table.validate(full=True)
    assert table["call_id"].to_pylist() == [0, 1, 2, 3, 0, 1, 2, 3, 4, 5]
    assert table["city"].to_pylist() == ["c0", "c1", "c2", "c3", "c0", "c1", "c2", "c3", "c4", "c5"]


def test_a_batch_of_long_texts_is_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches_module, "_BATCH_BYTES", 10_000)
    files = [file_of(numbered(10)) for _ in range(100)]
    lengths = [batch.num_rows for batch in arrow.iter_batches(files)]
    assert sum(lengths) == 1_000
    assert len(lengths) > 10


def test_a_file_on_its_own(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(numbered(3))
    first, second = (File(str(tmp_path / f"{name}.csv")) for name in ("a", "b"))
    assert arrow.to_arrow(arrow.iter_file_batches(first)).num_rows == 3
    both = arrow.iter_file_batches([first, second], batch_rows=4)
    assert [batch.num_rows for batch in both] == [4, 2]
    missing = arrow.iter_file_batches(File(str(tmp_path / "c.csv")), on_error="collect")
    assert list(missing) == []
    assert len(missing.errors) == 1


# ---- sources of tables ----


def test_what_was_read_already_becomes_a_table() -> None:
    path = FIXTURES / "page_1000.json"
    response = parse(path.read_bytes())
    for source in (response, response.payload, tuple(response.payload), read_dump(path)):
        table = arrow.to_arrow(source)
        check_equal(table, response.payload)
        assert table.schema.equals(arrow.arrow_schema(), check_metadata=True)


@pytest.mark.parametrize(
    "source", [Response(), [], (), file_of("[]")], ids=lambda each: type(each).__name__
)
def test_nothing_becomes_an_empty_table(source: Any) -> None:
    table = arrow.to_arrow(source, record_type=CallV3)
    assert table.num_rows == 0
    assert table.schema.equals(arrow.arrow_schema(CallV3), check_metadata=True)


def test_records_of_two_kinds_are_no_table() -> None:
    with pytest.raises(TypeError, match="one dataclass, not of Call, CallV3"):
        arrow.to_arrow([Call(1), CallV3("a")])
    with pytest.raises(TypeError, match="dicts"):
        arrow.to_arrow(parse('[{"a": 1}]', record_type=dict))


@pytest.mark.parametrize(
    ("changes", "name", "reason"),
    [
        ({"city": 5}, "city", "expected a text, not a value of type int"),
        ({"duration": 5.0}, "duration", "expected an integer, not a value of type float"),
        ({"duration": True}, "duration", "expected an integer, not a value of type bool"),
        ({"call_id": None}, "call_id", "expected an integer, not a value of type NoneType"),
        ({"call_id": 2**63}, "call_id", "an integer that the type int64 does not hold"),
        (
            {"time_start": date(2019, 7, 16)},
            "time_start",
            "expected a time, not a value of type date",
        ),
        ({"tags_id": [1]}, "tags_id", "expected a list, not a value of type list"),
        ({"tags_id": ("1",)}, "tags_id", "expected an integer, not a value of type str"),
        ({"extra": {"a": 1}}, "extra", "expected a text, not a value of type int"),
        ({"extra": None}, "extra", "expected a mapping, not a value of type NoneType"),
        ({"city": "\ud800"}, "city", "a text that the type"),
    ],
)
def test_a_value_of_another_type_is_an_error(changes: Any, name: str, reason: str) -> None:
    error = table_error(lambda: arrow.to_arrow([replace(Call(1), **changes)]))
    assert error.field == name
    assert error.reason.startswith(reason)


# ---- Parquet ----


def test_parquet_comes_back_equal(tmp_path: Path) -> None:
    out = tmp_path / "calls.parquet"
    source = FIXTURES / "page_1000.xml"
    assert arrow.write_parquet(source, out) == []
    table = arrow.to_arrow(source)
    back = pq.read_table(out)
    assert back.schema.equals(table.schema)
    described = table.schema.field("city").metadata
    assert back.schema.field("city").metadata.items() >= described.items()
    assert back.schema.metadata == table.schema.metadata
    check_equal(back, parse(source.read_bytes()).payload)
    metadata = pq.read_metadata(out)
    assert metadata.row_group(0).column(0).compression == "ZSTD"
    assert metadata.metadata[b"record_type"] == b"Call"
    assert [path.name for path in tmp_path.iterdir()] == ["calls.parquet"]


@pytest.mark.parametrize("record_type", [CallV3, Outer, Everything])
def test_parquet_of_nothing(record_type: type[Any], tmp_path: Path) -> None:
    out = tmp_path / "none.parquet"
    arrow.write_parquet([], str(out), record_type=record_type)
    assert pq.read_table(out).schema.equals(arrow.arrow_schema(record_type))


def test_parquet_of_what_is_nested(tmp_path: Path) -> None:
    records = [
        Outer(
            "a",
            1.5,
            Decimal("2.25"),
            True,
            date(2019, 7, 16),
            Inner(datetime(2019, 7, 16, 15, 12, 44), "x"),
            (Inner(), Inner(datetime(2020, 1, 1))),
            ("y", ""),
            {"z": ("1",)},
        ),
        Outer("b"),
    ]
    arrow.write_parquet(records, tmp_path / "x.parquet")
    check_equal(pq.read_table(tmp_path / "x.parquet"), records)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
def test_a_broken_run_leaves_what_was_there(
    error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "calls.parquet"

    def broken() -> Iterator[Any]:
        yield file_of(numbered(3))
        assert len(list(tmp_path.iterdir())) == 1 + out.exists()  # the draft, hidden
        assert all(path.name.startswith(".") or path == out for path in tmp_path.iterdir())
        raise error

    monkeypatch.setattr(batches_module, "BATCH_ROWS", 1)
    for before in (None, b"before"):
        if before is not None:
            out.write_bytes(before)
        with pytest.raises(error):
            arrow.write_parquet(broken(), out)
        assert [path.read_bytes() for path in tmp_path.iterdir()] == [before] * (before is not None)


def test_errors_leave_no_file(tmp_path: Path) -> None:
    out = tmp_path / "calls.parquet"
    with pytest.raises(DumpError):
        arrow.write_parquet(file_of("[{}]"), out)
    with pytest.raises(arrow.TableError):
        arrow.write_parquet(file_of(body(Format.CSV, [WALL, AWARE])), out)
    with pytest.raises(FileNotFoundError):
        arrow.write_parquet([Call(1)], tmp_path / "no" / "calls.parquet")
    assert list(tmp_path.iterdir()) == []


def test_what_is_left_out_is_returned_and_a_file_is_replaced(tmp_path: Path) -> None:
    out = tmp_path / "calls.parquet"
    out.write_bytes(b"before")
    link = tmp_path / "link.parquet"
    link.symlink_to(out)
    (error,) = arrow.write_parquet(file_of('[{"callId": 1}, {}]', "a"), link, on_error="collect")
    assert error.file == "a"
    assert link.is_symlink()
    assert pq.read_table(out)["call_id"].to_pylist() == [1]
