"""Saved dumps as a source of Spark: what Spark calls, and a real Spark that calls it.

The time zone of the session, of the JVM and of its workers is that of New York, so that a time that
is shifted shows.
"""

from __future__ import annotations

import bz2
import dataclasses
import gzip
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ckct_formats import CallV3, Format, Response, parse, serialize
from ckct_formats.dumps import DumpError, iter_calls
from ckct_formats.testing._dumps import dump

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "fixtures"
ZONE = "America/New_York"
MIB = 1024 * 1024

# PySpark 4.0 leaves the socket of each result to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

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
    owners: tuple[Owner, ...] = ()
"""


def java_major() -> int:
    """The version of the Java that Spark would run; 0 if there is none."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(os.path.join(home, "bin", "java") if home else "java")
    if java is None:
        return 0
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else 0


@pytest.fixture(scope="module")
def source_of() -> Any:
    """The source with options, as Spark makes it."""
    pytest.importorskip("pyspark", reason="needs the extra spark")
    from ckct_formats.spark import CkctDataSource  # noqa: PLC0415

    return CkctDataSource


def end_jvm(context: Any) -> None:
    """Stop what outlives a session: a JVM, and a thread, beside which other tests cannot fork."""
    gateway, context._gateway, context._jvm = context._gateway, None, None
    gateway.shutdown()
    gateway.proc.communicate(timeout=60)


@pytest.fixture(scope="module")
def spark(source_of: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if java_major() < 17:
        pytest.skip("Spark needs Java 17 or later, on PATH or in JAVA_HOME")
    from pyspark import SparkContext  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",  # it lives for seconds
        "spark.log.level": "OFF",
        "spark.sql.session.timeZone": ZONE,
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("TZ", ZONE)
        session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
        session.dataSource.register(source_of)
        yield session
        session.stop()
        end_jvm(SparkContext)


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
        for name in ("sample.csv", "unknown_fields.json"):
            archive.write(FIXTURES / name, name)
    return folder


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A good page, one that is cut off, one with a bad row, and a packed one that breaks off."""
    (tmp_path / "a.xml").write_bytes(dump("xml"))
    (tmp_path / "b.json").write_bytes(dump("json")[:-40])
    (tmp_path / "c.csv").write_text("callId,clientPhone\n1,\n2x79990000011,\n3,79990000012\n")
    (tmp_path / "d.json.gz").write_bytes(gzip.compress(b'[{"callId": 4}]')[:-9])
    return tmp_path


def read(spark: Any, *paths: Path, schema: str | None = None, **options: str) -> Any:
    reader = spark.read.format("ckct").options(**options)
    return (reader if schema is None else reader.schema(schema)).load([str(p) for p in paths])


def values(value: Any) -> Any:
    """A record as Spark gives it: dicts for records, lists for tuples."""
    if isinstance(value, tuple):
        return [values(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    return {field.name: values(getattr(value, field.name)) for field in dataclasses.fields(value)}


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


def test_calls_of_v3(spark: Any) -> None:
    paths = sorted(FIXTURES.glob("calls_v3.*"))
    rows = read(spark, *paths, recordType="CallV3", mode="FAILFAST").collect()
    calls = list(iter_calls(paths, record_type=CallV3))
    assert len(calls) >= len(paths) == len(Format)
    assert [row.asDict(recursive=True) for row in rows] == [values(call) for call in calls]


def test_a_record_type_of_the_user(
    spark: Any, source_of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "campaigns.py").write_text(CAMPAIGNS)
    spark.sparkContext.addPyFile(str(tmp_path / "campaigns.py"))
    (tmp_path / "page.json").write_text(
        '[{"campaignId": 559, "name": "-", "active": true, "share": "0.25", "price": "12.50",'
        ' "words": ["a", "b"], "owners": [{"name": "Anna", "since": "2019-07-16"}]},'
        ' {"campaignId": 560}]'
    )
    frame = read(spark, tmp_path / "page.json", recordType="campaigns:Campaign", mode="FAILFAST")
    first, second = (row.asDict(recursive=True) for row in frame.collect())
    assert first == {
        "campaign_id": 559,
        "name": None,
        "active": True,
        "share": 0.25,
        "price": Decimal("12.5"),
        "words": ["a", "b"],
        "owners": [{"name": "Anna", "since": date(2019, 7, 16)}],
    }
    assert second["campaign_id"] == 560 and second["owners"] == []

    monkeypatch.syspath_prepend(tmp_path)
    dotted = source_of({"path": "dumps", "recordType": "campaigns.Campaign"})
    assert dotted.schema().names == [*first, "_corrupt_record"]


def test_permissive_says_in_a_column_what_is_wrong(spark: Any, damaged: Path) -> None:
    rows = read(spark, damaged).collect()
    calls = iter_calls(damaged, on_error="collect")
    expected = [values(call) for call in calls]
    good = [row.asDict() for row in rows if row._corrupt_record is None]
    assert good == [call | {"_corrupt_record": None} for call in expected]
    assert len(good) == 5

    bad = [row.asDict() for row in rows if row._corrupt_record is not None]
    assert [row.pop("_corrupt_record") for row in bad] == [str(error) for error in calls.errors]
    assert {value for row in bad for value in row.values()} == {None}
    assert [Path(error.file).name for error in calls.errors] == ["b.json", "c.csv", "d.json.gz"]
    assert "7999" not in str(calls.errors) and "payload[1].callId" in str(calls.errors[1])


def test_permissive_without_the_column_keeps_rows_of_nulls(spark: Any, damaged: Path) -> None:
    frame = read(spark, damaged / "c.csv", schema="client_phone string, call_id long")
    assert [tuple(row) for row in frame.collect()] == [
        (None, 1),
        ("79990000012", 3),
        (None, None),
    ]


def test_dropmalformed_leaves_out_rows_and_files(spark: Any, damaged: Path) -> None:
    rows = read(spark, damaged, mode="dropMalformed").collect()
    calls = iter_calls(damaged, on_error="collect")
    assert [row.asDict() for row in rows] == [values(call) for call in calls]


def test_failfast_names_file_and_reason(spark: Any, damaged: Path) -> None:
    reason = r"/c\.csv: csv: payload\[1\]\.callId: expected an integer, found"
    with pytest.raises(Exception, match=reason):
        read(spark, damaged / "a.xml", damaged / "c.csv", mode="FAILFAST").count()


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("b.json", "json: not JSON: "),
        ("c.csv", "csv: payload[1].callId: expected an integer, found"),
        ("d.json.gz", "packed data that ends too soon"),
    ],
)
def test_failfast_raises_what_iter_calls_does(
    source_of: Any, damaged: Path, file: str, reason: str
) -> None:
    source = source_of({"path": str(damaged), "mode": "failfast"})
    reader = source.reader(source.schema())
    [partition] = reader.partitions()
    partition.value = [each for each in partition.value if each.name.endswith(file)]
    with pytest.raises(DumpError, match=re.escape(f"{damaged / file}: {reason}")):
        list(reader.read(partition))


def test_the_column_is_there_where_errors_are_kept(source_of: Any) -> None:
    path = str(FIXTURES / "sample.json")
    assert source_of({"path": path}).schema().names[-1] == "_corrupt_record"
    assert source_of({"path": path, "columnNameOfCorruptRecord": "x"}).schema().names[-1] == "x"
    for mode in ("DROPMALFORMED", "FAILFAST"):
        assert "_corrupt_record" not in source_of({"path": path, "mode": mode}).schema().names
    with pytest.raises(ValueError, match='"city" is a field of the record type'):
        source_of({"path": path, "columnNameOfCorruptRecord": "city"}).schema()


def test_columns_may_be_null_and_say_what_they_are(source_of: Any) -> None:
    schema = source_of({"path": "dumps"}).schema()
    assert all(field.nullable for field in schema)
    assert schema["duration"].metadata["comment"].startswith("Seconds")


def test_wall_clock_times_are_not_shifted(spark: Any, tmp_path: Path) -> None:
    # 02:30 never stood on a clock in New York on that day.
    (tmp_path / "a.csv").write_text("callId,timeStart\n1,2019-03-10 02:30:00\n2,\n")
    frame = read(spark, tmp_path).selectExpr("time_start", "string(time_start)")
    assert frame.dtypes[0] == ("time_start", "timestamp_ntz")
    assert [tuple(row) for row in frame.collect()] == [
        (datetime(2019, 3, 10, 2, 30), "2019-03-10 02:30:00"),
        (None, None),
    ]


def test_a_time_zone_makes_times_certain(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("callId,timeStart\n1,2019-07-16 15:12:44\n2,\n")
    (tmp_path / "b.json").write_text('[{"callId": 3, "timeStart": 1563279165}]')
    frame = read(spark, tmp_path, timeZone="Europe/Moscow")
    assert dict(frame.dtypes)["time_start"] == "timestamp"
    told = frame.selectExpr("unix_seconds(time_start)", "string(time_start)").collect()
    assert [tuple(row) for row in told] == [
        (1563279164, "2019-07-16 08:12:44"),
        (None, None),
        (1563279165, "2019-07-16 08:12:45"),
    ]


@pytest.mark.parametrize("mode", ["PERMISSIVE", "DROPMALFORMED", "FAILFAST"])
def test_times_with_a_zone_are_no_wall_clock_times(
    source_of: Any, tmp_path: Path, mode: str
) -> None:
    (tmp_path / "a.json").write_text('[{"callId": 3, "timeStart": 1563279164}]')
    source = source_of({"path": str(tmp_path), "mode": mode})
    reader = source.reader(source.schema())
    with pytest.raises(ValueError, match=r"/a\.json: time_start: .*pass timezone="):
        list(reader.read(*reader.partitions()))


def test_a_schema_of_the_user(spark: Any, dumps: Path) -> None:
    asked = "extra map<string,string>, _corrupt_record string, tags_id array<long>, call_id long"
    rows = read(spark, dumps, schema=asked, mode="FAILFAST").collect()
    calls = iter_calls(dumps)
    assert [tuple(row) for row in rows] == [
        (call.extra, None, list(call.tags_id), call.call_id) for call in calls
    ]
    with pytest.raises(Exception, match='schema: the column "call_id" is bigint, not string'):
        read(spark, dumps, schema="call_id string").collect()


@pytest.mark.parametrize(
    ("name", "kind", "nullable", "reason"),
    [
        ("phone", "StringType", True, 'schema: no column "phone": there are call_id, city, '),
        ("Call_id", "LongType", True, 'no column "Call_id"'),
        ("call_id", "IntegerType", True, '"call_id" is bigint, not int'),
        ("time_start", "TimestampType", True, '"time_start" is timestamp_ntz, not timestamp'),
        ("call_id", "LongType", False, '"call_id" may hold null: leave out NOT NULL'),
        ("_corrupt_record", "LongType", True, '"_corrupt_record" is string, not bigint'),
    ],
)
def test_a_schema_that_cannot_be_had(
    source_of: Any, name: str, kind: str, nullable: bool, reason: str
) -> None:
    from pyspark.sql import types  # noqa: PLC0415

    asked = types.StructType([types.StructField(name, getattr(types, kind)(), nullable)])
    with pytest.raises(ValueError, match=reason):
        source_of({"path": "dumps"}).reader(asked)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"header": "true"}, "unknown option header: there are columnNameOfCorruptRecord, enc"),
        ({"format": "yaml"}, 'unknown format "yaml": pass one of json, xml, csv, plain'),
        ({"mode": "lenient"}, 'mode: "lenient" is none of PERMISSIVE, DROPMALFORMED, FAILFAST'),
        ({"encoding": "cp99"}, "encoding: unknown encoding: cp99"),
        ({"timezone": "Moscow"}, "timezone must be a name such as Europe/Moscow"),
        ({"recordType": "Lead"}, '"Lead" is none of Call, CallV3, and cannot be imported as pack'),
        ({"recordType": "no.such:Lead"}, "No module named 'no'"),
        ({"recordType": "datetime:date"}, "record_type must be a dataclass"),
    ],
)
def test_options_that_are_wrong(source_of: Any, options: dict[str, str], reason: str) -> None:
    source = source_of({"path": "dumps", **options})
    with pytest.raises((ValueError, TypeError), match=reason):
        source.schema()
    with pytest.raises((ValueError, TypeError), match=reason):
        source.reader(source_of({"path": "dumps"}).schema())


def test_an_option_that_is_wrong_is_told_by_spark(spark: Any) -> None:
    with pytest.raises(Exception, match="ValueError: unknown option recordtipe: there are "):
        read(spark, FIXTURES / "sample.json", recordTipe="Call")


def test_format_and_encoding(source_of: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("callId;city\r\n1;Казань\r\n".encode("cp1251"))
    source = source_of({"path": str(tmp_path), "FORMAT": "csv", "Encoding": "cp1251"})
    reader = source.reader(source.schema())
    [batch] = reader.read(*reader.partitions())
    assert batch.select(["call_id", "city"]).to_pylist() == [{"call_id": 1, "city": "Казань"}]


def test_without_a_path(source_of: Any) -> None:
    with pytest.raises(ValueError, match=r"no path was given: pass one to load\(\)"):
        source_of({}).schema()


def names(source: Any) -> list[list[str]]:
    """The files of each partition."""
    partitions = source.reader(source.schema()).partitions()
    return [[Path(file.name).name for file in partition.value] for partition in partitions]


def test_paths_are_those_of_dumps(
    source_of: Any, dumps: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [str(dumps / "*.xml"), str(dumps / "2019"), "memory://dumps/"]
    memory = pytest.importorskip("fsspec").filesystem("memory")
    memory.pipe("/dumps/page.json", b"[]")
    found = ["page_1.xml", "page_8.zip", "page.json"]
    assert names(source_of({"paths": json.dumps(paths)})) == [found]
    monkeypatch.chdir(dumps)
    source = source_of({"path": "2019"})
    [partition] = source.reader(source.schema()).partitions()
    assert [file.name for file in partition.value] == [str(dumps / "2019" / "page_8.zip")]


@pytest.mark.parametrize("mode", ["PERMISSIVE", "DROPMALFORMED", "FAILFAST"])
def test_a_path_to_nothing_is_an_error_in_each_mode(
    source_of: Any, tmp_path: Path, mode: str
) -> None:
    for path, reason in [
        (tmp_path / "a.json", "a.json: No such file or directory"),
        (tmp_path / "a*.json", "a*.json: holds no file that ends in .json, .xml, "),
    ]:
        with pytest.raises(DumpError, match=re.escape(reason)):
            names(source_of({"path": str(path), "mode": mode}))


def test_a_path_to_nothing_is_told_by_spark(spark: Any, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"/a\.json: No such file or directory"):
        read(spark, tmp_path / "a.json").count()


@pytest.mark.parametrize("mode", ["PERMISSIVE", "DROPMALFORMED", "FAILFAST"])
def test_a_file_that_is_gone_is_not_malformed(source_of: Any, tmp_path: Path, mode: str) -> None:
    (tmp_path / "a.xml").write_bytes(dump("xml"))
    source = source_of({"path": str(tmp_path), "mode": mode})
    reader = source.reader(source.schema())
    partitions = reader.partitions()
    (tmp_path / "a.xml").unlink()
    with pytest.raises(DumpError, match=r"/a\.xml: No such file or directory"):
        list(reader.read(*partitions))


def test_a_folder_without_files_is_an_empty_frame(spark: Any, tmp_path: Path) -> None:
    assert read(spark, tmp_path).collect() == []


def test_partitions_are_groups_of_files(spark: Any, tmp_path: Path) -> None:
    for number in range(70):
        (tmp_path / f"page_{number}.csv").write_text(f"callId\n{number}\n")
    frame = read(spark, tmp_path).selectExpr("spark_partition_id()", "call_id")
    assert [tuple(row) for row in frame.collect()] == [(at // 64, at) for at in range(70)]


@pytest.mark.parametrize("module", ["pyarrow", "pyspark.sql.datasource"])
def test_without_the_extra(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("ckct_formats.spark")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=re.escape('"ckct-formats[spark]"')):
        import ckct_formats.spark  # noqa: F401, PLC0415


def test_the_example_of_the_docs(
    spark: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page_0.xml").write_bytes(dump("xml"))
    text = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    [shown] = re.findall(r"^```text\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert '"dumps/"' in example
    exec(compile(example.replace("dumps/", str(tmp_path)), "spark.md", "exec"), {})
    assert capsys.readouterr().out.strip() == shown.strip()
