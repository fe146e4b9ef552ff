"""Saved dumps as a source of Spark, on a real one: a JVM of its own with two cores.

The session's time zone, that of the JVM and that of its workers are none that a test would give the
same results in as UTC.
"""

from __future__ import annotations

import bz2
import dataclasses
import gzip
import lzma
import os
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ckct_formats import Call, CallV3, Format, Response, parse, serialize
from ckct_formats.dumps import iter_calls

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
ZONE = "America/New_York"
MIB = 1024 * 1024

# A record type of a user, in a module that is shipped to the executors.
CAMPAIGNS = """
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass
class Owner:
    name: str
    since: date | None = None


@dataclass
class Campaign:
    campaign_id: int
    name: str | None = None
    active: bool | None = None
    share: float | None = None
    price: Decimal | None = None
    words: tuple[str, ...] = ()
    owner: Owner | None = None
"""


def java_major() -> int | None:
    """The version of the Java that Spark would run; None if there is none."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(os.path.join(home, "bin", "java") if home else "java")
    if java is None:
        return None
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    found = re.search(r'version "(\d+)', told)
    return None if found is None else int(found[1])


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="needs the extra spark")
    if (java_major() or 0) < 17:
        pytest.skip("Spark needs Java 17 or later, on PATH or in JAVA_HOME")
    from ckct_formats.spark import CkctDataSource  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("TZ", ZONE)
        session = (
            sql.SparkSession.builder.master("local[2]")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.log.level", "OFF")
            .config("spark.sql.session.timeZone", ZONE)
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", str(folder))
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )
        session.dataSource.register(CkctDataSource)
        yield session
        session.stop()



@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calls in all formats and packings, each call once."""
    folder = tmp_path_factory.mktemp("dumps")
    calls = parse((FIXTURES / "page_1000.json").read_bytes()).payload
    pages = {
        f"page_{number}.{fmt}": serialize(Response(payload=calls[number * 120 :][:120]), fmt)
        for number, fmt in enumerate([*Format, *Format])
    }
    packed = {
        "page_4.json.gz": gzip.compress(pages.pop("page_4.json")),
        "page_5.xml.bz2": bz2.compress(pages.pop("page_5.xml")),
        "page_6.csv.xz": lzma.compress(pages.pop("page_6.csv")),
    }
    for name, body in (pages | packed).items():
        (folder / name).write_bytes(body)
    (folder / "2019").mkdir()
    with zipfile.ZipFile(folder / "2019" / "page_8.zip", "w") as archive:
        for name in ("unknown_fields.json", "three_calls.csv"):
            archive.write(FIXTURES / name, name)
    return folder


def read(spark: Any, *paths: Path, **options: str) -> Any:
    return spark.read.format("ckct").options(**options).load([str(path) for path in paths])


def values(record: Any) -> dict[str, Any]:
    """The fields of a record, with lists for tuples as Spark has them."""
    found = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in found.items()}


def corrupt(frame: Any) -> list[str]:
    """What is wrong, of the rows that say so; all else in them is null."""
    rows = frame.filter("_corrupt_record is not null").collect()
    for row in rows:
        assert [name for name in row.__fields__ if row[name] is not None] == ["_corrupt_record"]
    return [row["_corrupt_record"] for row in rows]


def test_rows_are_the_calls_field_by_field(spark: Any, dumps: Path) -> None:
    rows = [row.asDict() for row in read(spark, dumps).collect()]
    calls = list(iter_calls(dumps))
    assert len(calls) > 960
    assert any(call.extra for call in calls) and any(call.tags_id for call in calls)
    assert rows == [values(call) | {"_corrupt_record": None} for call in calls]


def test_counts_per_campaign_and_day(spark: Any, dumps: Path) -> None:
    read(spark, dumps).createOrReplaceTempView("calls")
    counted = spark.sql(
        "select campaign_name, date(time_start) as day, count(*), sum(duration) from calls "
        "group by campaign_name, day"
    )
    calls, seconds = Counter[Any](), Counter[Any]()
    for call in iter_calls(dumps):
        key = (call.campaign_name, call.time_start and call.time_start.date())
        calls[key] += 1
        seconds[key] += call.duration or 0
    assert len(calls) > 10
    assert {(name, day): (n, s or 0) for name, day, n, s in counted.collect()} == {
        key: (calls[key], seconds[key]) for key in calls
    }


def test_partitions_are_groups_of_files(spark: Any, dumps: Path, tmp_path: Path) -> None:
    assert read(spark, dumps).rdd.getNumPartitions() == 1
    for number in range(70):
        (tmp_path / f"page_{number}.csv").write_bytes(b"callId\r\n%d\r\n" % number)
    many = read(spark, tmp_path)
    assert many.rdd.getNumPartitions() == 2
    assert sorted(row.call_id for row in many.select("call_id").collect()) == list(range(70))


def test_groups_are_bounded_by_bytes_and_by_files(spark: Any) -> None:
    from ckct_formats.dumps.locations import File  # noqa: PLC0415
    from ckct_formats.spark.files import grouped  # noqa: PLC0415

    def sizes(*given: int | None) -> list[list[int | None]]:
        files = [File(str(number), size) for number, size in enumerate(given)]
        groups = list(grouped(files))
        assert [file for group in groups for file in group] == files
        return [[file.size for file in group] for group in groups]

    assert sizes() == []
    assert sizes(40 * MIB, 24 * MIB, 1) == [[40 * MIB, 24 * MIB], [1]]
    assert sizes(1, 900 * MIB, 1) == [[1], [900 * MIB], [1]]
    assert sizes(1, None, None, 1) == [[1], [None], [None], [1]]
    assert [len(group) for group in sizes(*[10] * 150)] == [64, 64, 22]


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A folder with a good page, one that is cut off, one with a bad row, and a broken archive."""
    shutil.copy(FIXTURES / "three_calls.xml", tmp_path / "a.xml")
    (tmp_path / "b.json").write_bytes((FIXTURES / "three_calls.json").read_bytes()[:-40])
    (tmp_path / "c.csv").write_text("callId,clientPhone\n1,\n2x79990000011,\n3,79990000012\n")
    (tmp_path / "d.json.gz").write_bytes(gzip.compress(b'[{"callId": 4}]')[:-9])
    return tmp_path


def test_permissive_keeps_what_is_wrong_in_a_column(spark: Any, damaged: Path) -> None:
    frame = read(spark, damaged)
    good = [row.call_id for row in frame.filter("_corrupt_record is null").collect()]
    assert good == [call.call_id for call in iter_calls(damaged, on_error="collect")]
    calls = iter_calls(damaged, on_error="collect")
    assert len(list(calls)) == 5
    assert corrupt(frame) == [str(error) for error in calls.errors]
    row = corrupt(frame)[1]
    assert row.startswith(f"{damaged}/c.csv: csv: payload[1].callId: expected an integer")
    assert "7999" not in row and "*" in row


def test_permissive_without_the_column_keeps_rows_of_nulls(spark: Any, damaged: Path) -> None:
    frame = spark.read.format("ckct").schema("client_phone string, call_id long")
    rows = [tuple(row) for row in frame.load(str(damaged / "c.csv")).collect()]
    assert rows == [(None, 1), ("79990000012", 3), (None, None)]


def test_the_column_can_have_another_name(spark: Any, damaged: Path) -> None:
    frame = read(spark, damaged / "c.csv", columnNameOfCorruptRecord="why")
    assert frame.columns[-1] == "why"
    assert [row.call_id for row in frame.filter("why is null").collect()] == [1, 3]
    with pytest.raises(Exception, match='"city" is a field of the record type'):
        read(spark, damaged, columnNameOfCorruptRecord="city")


def test_dropmalformed_leaves_out_rows_and_files(spark: Any, damaged: Path) -> None:
    frame = read(spark, damaged, mode="dropMalformed")
    assert "_corrupt_record" not in frame.columns
    expected = [values(call) for call in iter_calls(damaged, on_error="collect")]
    assert [row.asDict() for row in frame.collect()] == expected
    asked = spark.read.format("ckct").schema("call_id long, _corrupt_record string")
    rows = asked.option("mode", "DROPMALFORMED").load(str(damaged / "c.csv")).collect()
    assert [tuple(row) for row in rows] == [(1, None), (3, None)]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("b.json", "json: not JSON"),
        ("c.csv", r"csv: payload\[1\].callId: expected an integer, found"),
        ("d.json.gz", "Compressed file ended before"),
    ],
)
def test_failfast_names_file_and_reason(
    spark: Any, damaged: Path, file: str, reason: str
) -> None:
    assert read(spark, damaged / "a.xml", mode="FAILFAST").count() == 3
    with pytest.raises(Exception, match=f"DumpError: {re.escape(str(damaged / file))}: {reason}"):
        read(spark, damaged / "a.xml", damaged / file, mode="FAILFAST").count()


def test_a_corrupt_page_among_many(spark: Any, tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / f"page_{number}.json").write_text(f'[{{"callId": {number}}}]')
    (tmp_path / "page_77.json").write_text('[{"callId": 77')
    assert read(spark, tmp_path, mode="DROPMALFORMED").count() == 199
    [why] = corrupt(read(spark, tmp_path))
    assert why.startswith(f"{tmp_path}/page_77.json: json: ")
    with pytest.raises(Exception, match="page_77.json: json: not JSON"):
        read(spark, tmp_path, mode="FAILFAST").count()


@pytest.mark.parametrize("mode", ["PERMISSIVE", "DROPMALFORMED", "FAILFAST"])
def test_a_path_to_nothing_is_an_error_in_each_mode(
    spark: Any, tmp_path: Path, mode: str
) -> None:
    with pytest.raises(Exception, match="nothing.json: No such file or directory"):
        read(spark, tmp_path / "nothing.json", mode=mode).count()
    with pytest.raises(Exception, match=r"no\*.json: holds no file that ends in .json, "):
        read(spark, tmp_path / "no*.json", mode=mode).count()


def test_a_file_that_is_gone_is_an_error_and_not_malformed(spark: Any, tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "three_calls.xml", tmp_path / "a.xml")
    frame = read(spark, tmp_path, mode="DROPMALFORMED")
    assert frame.count() == 3
    (tmp_path / "a.xml").unlink()
    with pytest.raises(Exception, match="a.xml: No such file or directory"):
        frame.rdd.count()


def test_a_folder_without_files_is_an_empty_frame(spark: Any, tmp_path: Path) -> None:
    assert read(spark, tmp_path).collect() == []


def test_several_paths_and_globs(spark: Any, dumps: Path) -> None:
    paths = [dumps / "page_0.json", dumps / "*.xml", dumps / "2019"]
    rows = read(spark, *paths).collect()
    assert [row.call_id for row in rows] == [call.call_id for call in iter_calls(paths)]


def test_calls_of_v3(spark: Any) -> None:
    for fmt in ("csv", "json", "txt", "xml"):
        path = FIXTURES / f"calls_v3.{fmt}"
        rows = read(spark, path, recordType="CallV3", mode="FAILFAST").collect()
        expected = [values(call) for call in iter_calls(path, record_type=CallV3)]
        assert [row.asDict(recursive=True) for row in rows] == expected
        assert rows


def test_a_record_type_of_the_user(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "campaigns.py").write_text(CAMPAIGNS)
    spark.sparkContext.addPyFile(str(tmp_path / "campaigns.py"))
    (tmp_path / "page.json").write_text(
        '[{"campaignId": 559, "name": "-", "active": true, "share": "0.25", "price": "12.50",'
        ' "words": ["a", "b"], "owner": {"name": "Anna", "since": "2019-07-16"}},'
        ' {"campaignId": 560}]'
    )
    for name in ("campaigns:Campaign", "campaigns.Campaign"):
        frame = read(spark, tmp_path / "page.json", recordType=name)
        first, second = (row.asDict(recursive=True) for row in frame.collect())
        assert first == {
            "campaign_id": 559,
            "name": None,
            "active": True,
            "share": 0.25,
            "price": Decimal("12.5"),
            "words": ["a", "b"],
            "owner": {"name": "Anna", "since": date(2019, 7, 16)},
            "_corrupt_record": None,
        }
        assert second["campaign_id"] == 560
        assert second["owner"] is None


def test_format_and_encoding(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("callId;city\r\n1;Казань\r\n".encode("cp1251"))
    frame = read(spark, tmp_path, format="csv", encoding="cp1251").select("call_id", "city")
    assert [tuple(row) for row in frame.collect()] == [(1, "Казань")]


def test_wall_clock_times_are_not_shifted(spark: Any, tmp_path: Path) -> None:
    # 02:30 never stood on a clock in New York on that day.
    (tmp_path / "a.csv").write_text("callId,timeStart\n1,2019-03-10 02:30:00\n2,\n")
    frame = read(spark, tmp_path)
    assert dict(frame.dtypes)["time_start"] == "timestamp_ntz"
    texts = frame.selectExpr("string(time_start)").collect()
    assert [row[0] for row in texts] == ["2019-03-10 02:30:00", None]
    assert frame.collect()[0].time_start == datetime(2019, 3, 10, 2, 30)


def test_a_time_zone_makes_times_certain(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("callId,timeStart\n1,2019-07-16 15:12:44\n2,\n")
    (tmp_path / "b.json").write_text('[{"callId": 3, "timeStart": 1563279164}]')
    frame = read(spark, tmp_path, timezone="Europe/Moscow")
    assert dict(frame.dtypes)["time_start"] == "timestamp"
    moment = int(datetime(2019, 7, 16, 15, 12, 44, tzinfo=ZoneInfo("Europe/Moscow")).timestamp())
    seconds = [row[0] for row in frame.selectExpr("unix_seconds(time_start)").collect()]
    assert seconds == [moment, None, 1563279164]
    shown = frame.selectExpr("string(time_start)").first()[0]
    assert shown == "2019-07-16 08:12:44"  # the session's zone


@pytest.mark.parametrize("mode", ["PERMISSIVE", "DROPMALFORMED", "FAILFAST"])
def test_times_with_a_zone_are_no_wall_clock_times(
    spark: Any, tmp_path: Path, mode: str
) -> None:
    (tmp_path / "a.json").write_text('[{"callId": 3, "timeStart": 1563279164}]')
    with pytest.raises(Exception, match=r"a\.json: time_start: .*timezone"):
        read(spark, tmp_path, mode=mode).count()


def test_a_schema_of_the_user(spark: Any, dumps: Path) -> None:
    ask = spark.read.format("ckct").schema
    frame = ask("extra map<string,string>, _corrupt_record string, tags_id array<long>, call_id long")
    expected = [(c.extra, None, list(c.tags_id), c.call_id) for c in iter_calls(dumps)]
    assert [tuple(row) for row in frame.load(str(dumps)).collect()] == expected


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ("call_id long, phone string", 'schema: no column "phone": there are call_id, city, '),
        ("call_id string", 'schema: the column "call_id" is bigint, not string'),
        ("time_start timestamp", '"time_start" is timestamp_ntz, not timestamp'),
        ("call_id long not null", 'the column "call_id" may hold null: leave out NOT NULL'),
        ("_corrupt_record int", '"_corrupt_record" is string, not int'),
    ],
)
def test_a_schema_that_cannot_be_had(spark: Any, schema: str, reason: str) -> None:
    with pytest.raises(Exception, match=reason):
        spark.read.format("ckct").schema(schema).load(str(FIXTURES / "sample.json")).count()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"header": "true"}, "unknown option header: there are columnNameOfCorruptRecord, encoding"),
        ({"format": "yaml"}, 'unknown format "yaml": pass one of json, xml, csv, plain'),
        ({"mode": "lenient"}, '"lenient" is none of PERMISSIVE, DROPMALFORMED, FAILFAST'),
        ({"encoding": "cp99"}, "option encoding: unknown encoding: cp99"),
        ({"timezone": "Moscow"}, "timezone must be a name such as Europe/Moscow"),
        ({"recordType": "Lead"}, 'recordType: "Lead" is none of Call, CallV3, and cannot be imported'),
        ({"recordType": "datetime:date"}, "record_type must be a dataclass"),
    ],
)
def test_options_that_are_wrong(spark: Any, options: dict[str, str], reason: str) -> None:
    with pytest.raises(Exception, match=reason):
        read(spark, FIXTURES / "sample.json", **options)


def test_without_a_path(spark: Any) -> None:
    with pytest.raises(Exception, match=r"no path was given: pass one to load\(\)"):
        spark.read.format("ckct").load().count()


@pytest.mark.parametrize("module", ["pyarrow", "pyspark.sql.datasource"])
def test_without_the_extra(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("ckct_formats.spark")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=re.escape('"ckct-formats[spark]"')):
        import ckct_formats.spark  # noqa: F401, PLC0415


def test_the_example_of_the_docs(
    spark: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    [shown] = re.findall(r"^```text\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    (folder / "dumps").mkdir()
    shutil.copy(FIXTURES / "three_calls.json", folder / "dumps")
    exec(compile(example.replace('"dumps/"', repr(str(folder / "dumps"))), "spark.md", "exec"), {})
    assert capsys.readouterr().out.strip() == shown.strip()
