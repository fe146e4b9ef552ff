"""The commands `summary` and `convert` on folders: what they print and write, how they end."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import errno
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from test_cli import run

import ckct_formats._parse as parsing
from ckct_formats import Call, Format, Limits, Response, parse, serialize
from ckct_formats._export import Part, spreadsheet, work
from ckct_formats._export.xlsx import write_xlsx
from ckct_formats.arrow._batches import BATCH_ROWS
from ckct_formats.cli import _convert as converting
from ckct_formats.dumps import _locations, iter_calls, read_dump

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
PAGE = parse((FIXTURES / "page_1000.json").read_bytes())
SUFFIXES = {Format.JSON: "json", Format.XML: "xml", Format.CSV: "csv", Format.PLAIN: "txt"}
BAD = b'[{"callId":"x"}]'


def page(number: int, of: int, calls: int = 20) -> Response[Call]:
    """One page of a request, with calls of its own."""
    params = dataclasses.replace(PAGE.inbound.requested_params, require_page=number)
    inbound = dataclasses.replace(
        PAGE.inbound,
        requested_params=params,
        page_length=calls,
        of_pages=of,
        total_length=of * calls,
    )
    return Response(inbound, PAGE.info, PAGE.payload[number * calls : (number + 1) * calls])


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    """Nine pages of one request: two in each format, one of each packed, and an archive of one."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    for number in range(8):
        fmt = list(Format)[number % 4]
        body = serialize(page(number, 9), fmt)
        if number < 4:
            (folder / f"page_{number}.{SUFFIXES[fmt]}").write_bytes(body)
        else:
            (folder / f"page_{number}.{SUFFIXES[fmt]}.gz").write_bytes(gzip.compress(body))
    with zipfile.ZipFile(folder / "rest.zip", "w") as archive:
        archive.writestr("page_8.json", serialize(page(8, 9), "json"))
    return folder


CALLS = PAGE.payload[: 9 * 20]


def rows_of(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    return rows


def as_row(call: Call) -> dict[str, Any]:
    """A call as Arrow gives it back."""
    row = dataclasses.asdict(call)
    return row | {"tags_id": list(call.tags_id), "extra": list(call.extra.items())}


def test_a_folder_becomes_parquet(dumps: Path, tmp_path: Path) -> None:
    for out, jobs in (("a.parquet", 1), ("b", 1), ("c", 2)):
        result = run("convert", dumps, "--to", "parquet", "-o", tmp_path / out, "--jobs", str(jobs))
        assert (result.exit_code, result.output) == (0, "")
        assert rows_of(tmp_path / out) == list(map(as_row, CALLS))
    assert sorted(os.listdir(tmp_path)) == ["a.parquet", "b", "c", "dumps"]


def test_a_folder_becomes_lines_of_json(dumps: Path) -> None:
    result = run("convert", dumps, "--to", "ndjson")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == len(CALLS)
    for line, call in zip(lines, CALLS, strict=True):
        row = json.loads(line)
        time_start = row["time_start"]
        assert row | {"time_start": time_start and datetime.fromisoformat(time_start)} == (
            dataclasses.asdict(call) | {"tags_id": list(call.tags_id)}
        )


def test_a_folder_becomes_one_table_of_csv_that_reads_back(dumps: Path, tmp_path: Path) -> None:
    out = tmp_path / "calls.csv"
    assert run("convert", dumps, "--to", "csv", "-o", out).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(out.read_bytes().decode(), newline="")))
    assert [int(row["callId"]) for row in rows] == [call.call_id for call in CALLS]
    assert [row["city"] for row in rows] == [call.city or "" for call in CALLS]
    assert parse(out.read_bytes(), "csv").payload == CALLS


def test_unknown_fields_are_one_column_of_csv(tmp_path: Path) -> None:
    for number, extra in enumerate(({"a": "1"}, {}, {"b": "x,y", "c": "2"})):
        body = serialize(Response(payload=[Call(number, extra=extra)]), "json")
        (tmp_path / f"{number}.json").write_bytes(body)
    result = run("convert", tmp_path, "--to", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout, newline="")))
    assert [row["extra"] for row in rows] == ['{"a":"1"}', "", '{"b":"x,y","c":"2"}']


@pytest.mark.parametrize("fmt", ["json", "xml", "plain"])
def test_a_folder_becomes_one_response(dumps: Path, tmp_path: Path, fmt: str) -> None:
    out = tmp_path / "all"
    assert run("convert", dumps, "--to", fmt, "-o", out).exit_code == 0
    response = parse(out.read_bytes(), fmt)
    assert response.payload == CALLS
    assert response.inbound.total_length == len(CALLS)
    assert response == read_dump(dumps).response


def test_a_workbook_holds_values_and_runs_nothing(tmp_path: Path) -> None:
    calls = [
        Call(1, city="=1+1", utm_term="@x", duration=-5, time_start=datetime(2019, 7, 1, 2, 3)),
        Call(10**17, city="Казань", tags_id=(1, 2), extra={"a": "=2"}),
    ]
    source = tmp_path / "a.json"
    source.write_bytes(serialize(Response(payload=calls), "json"))
    for options, city in (((), "'=1+1"), (("--no-spreadsheet-safe",), "=1+1")):
        out = tmp_path / "a.xlsx"
        result = run("convert", source, "--to", "xlsx", "-o", out, "--force", *options)
        assert (result.exit_code, result.output) == (0, "")
        workbook = openpyxl.load_workbook(out)
        (sheet,) = workbook.worksheets
        heading, first, second = sheet.iter_rows()
        names = [cell.value for cell in heading]
        row = dict(zip(names, first, strict=True))
        assert row["city"].value == city
        assert {row[name].data_type for name in ("city", "utm_term")} == {"s"}
        assert (row["call_id"].value, row["duration"].value) == (1, -5)
        assert row["time_start"].value == datetime(2019, 7, 1, 2, 3)
        row = dict(zip(names, second, strict=True))
        assert row["call_id"].value == str(10**17)  # a number of a spreadsheet would be rounded
        assert (row["tags_id"].value, row["extra"].value) == ("[1,2]", '{"a":"=2"}')
        assert row["site"].value is None


def test_csv_for_spreadsheets(tmp_path: Path) -> None:
    source = tmp_path / "a.json"
    texts = ["=1+1", "+7", "-x", "@a", "\tb", "a=1", "\uff1dc", "x;=1", "a\n+b", "c; -d"]
    calls = [Call(at, utm_term=text, duration=-1) for at, text in enumerate(texts)]
    source.write_bytes(serialize(Response(payload=calls), "json"))
    result = run("convert", source, "--to", "csv", "--spreadsheet-safe")
    rows = list(csv.DictReader(io.StringIO(result.stdout, newline="")))
    safe = [row["utmTerm"] for row in rows]
    # Where lists are separated by semicolons, what follows one is a cell.
    inner = ["x;'=1", "a\n'+b", "c; -d"]
    assert safe == ["'=1+1", "'+7", "'-x", "'@a", "'\tb", "a=1", "'\uff1dc", *inner]
    assert {row["duration"] for row in rows} == {"-1"}
    assert list(map(spreadsheet.neutral, texts)) == [*safe[:-3], *texts[-3:]]


def test_without_the_option_csv_is_as_it_was(dumps: Path) -> None:
    single = dumps / "page_0.json"
    result = run("convert", single, "--to", "csv")
    assert result.stdout_bytes == serialize(parse(single.read_bytes()), "csv")


@pytest.mark.parametrize("target", ["parquet", "csv", "ndjson", "json"])
def test_a_corrupt_page_is_fatal_or_left_out(dumps: Path, tmp_path: Path, target: str) -> None:
    bad = dumps / "page_4.json.gz"
    bad.write_bytes(bad.read_bytes()[:-20])
    out = tmp_path / "out.parquet"
    result = run("convert", dumps, "--to", target, "-o", out)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"ckct-formats: {bad}: ")
    assert sorted(os.listdir(tmp_path)) == ["dumps"]
    result = run("convert", dumps, "--to", target, "-o", out, "--on-error", "skip")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"ckct-formats: {bad}: ")
    left = [*CALLS[:80], *CALLS[100:]]
    if target == "parquet":
        assert rows_of(out) == list(map(as_row, left))
    elif target == "ndjson":
        ids = [json.loads(line)["call_id"] for line in out.read_text("utf-8").splitlines()]
        assert ids == [call.call_id for call in left]
    else:
        assert parse(out.read_bytes(), target).payload == left
    assert sorted(os.listdir(tmp_path)) == ["dumps", "out.parquet"]


def test_a_bad_call_is_left_out_and_named(dumps: Path, tmp_path: Path) -> None:
    (dumps / "page_9.json").write_bytes(BAD)
    out = tmp_path / "out"
    result = run("convert", dumps, "--to", "parquet", "-o", out, "--on-error", "skip")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "page_9.json: json: payload[0].callId: expected an integer" in result.stderr
    assert rows_of(out) == list(map(as_row, CALLS))


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_times_are_of_one_kind_in_all_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: str
) -> None:
    monkeypatch.setattr(_locations, "_GROUP_BYTES", 1)
    dumps, out = tmp_path / "dumps", tmp_path / "out"
    dumps.mkdir()
    noon = datetime(2019, 7, 1, 12, tzinfo=UTC)
    for number, moment in enumerate((None, noon, None)):
        body = serialize(Response(payload=[Call(number, time_start=moment)]), "json")
        (dumps / f"{number}.json").write_bytes(body)
    convert = ("convert", dumps, "--to", "parquet", "-o", out, "--jobs", jobs)
    assert run(*convert).exit_code == 0
    assert len(list(out.iterdir())) == 3
    assert len({pq.read_schema(part) for part in out.iterdir()}) == 1
    assert [row["time_start"] for row in rows_of(out)] == [None, noon, None]
    wall = Response(payload=[Call(3, time_start=noon.replace(tzinfo=None))])
    (dumps / "3.json").write_bytes(serialize(wall, "json"))
    shutil.rmtree(out)
    result = run(*convert)
    assert (result.exit_code, out.exists()) == (1, False)
    # Of one part, the file is known; of two parts, neither is the wrong one.
    assert result.stderr.startswith(f"ckct-formats: {out}: time_start: wall-clock times and")
    assert "pass --timezone " in result.stderr
    assert run(*convert, "--timezone", "Europe/Moscow").exit_code == 0
    assert [row["time_start"] for row in rows_of(out)] == [None, noon, None, noon.replace(hour=9)]


@pytest.mark.slow
def test_a_time_with_a_zone_after_a_whole_batch_without(tmp_path: Path) -> None:
    dumps, out = tmp_path / "dumps", tmp_path / "out.parquet"
    dumps.mkdir()
    rows = ",".join(f'{{"callId":{number}}}' for number in range(BATCH_ROWS + 1))
    (dumps / "0.json").write_text(f"[{rows}]")
    (dumps / "1.json").write_text('[{"callId":0,"timeStart":1563279164}]')
    convert = ("convert", "--to", "parquet", "-o", out)
    assert run(*convert, dumps).exit_code == 0
    moment = datetime.fromtimestamp(1563279164, UTC)
    assert pq.read_table(out)["time_start"].to_pylist() == [None] * (BATCH_ROWS + 1) + [moment]
    (dumps / "2.json").write_text('[{"callId":0,"timeStart":"2019-07-16 15:12:44"}]')
    result = run(*convert, dumps, "--force")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"ckct-formats: {dumps / '1.json'}: time_start: wall-clock")
    both = rows + ',{"callId":0,"timeStart":1563279164}'
    result = run(*convert, "-", "--force", stdin=f"[{both}]".encode())
    assert result.exit_code == 1
    assert "save it in a file, or pass --timezone" in result.stderr


@pytest.mark.parametrize("target", ["parquet", "xlsx"])
def test_an_hour_that_stands_twice(tmp_path: Path, target: str) -> None:
    dumps, out = tmp_path / "dumps", tmp_path / "out"
    dumps.mkdir()
    (dumps / "0.json").write_text('[{"callId":0},{"callId":1,"timeStart":"2010-10-31 02:30:00"}]')
    (dumps / "1.json").write_text('[{"callId":2,"timeStart":"2010-10-31 04:30:00"}]')
    convert = ("convert", dumps, "--to", target, "-o", out, "--timezone", "Europe/Moscow")
    told = (
        f"ckct-formats: {dumps / '0.json'}: time_start: 2010-10-31 02:30:00 occurs twice on a "
        "clock in Europe/Moscow\n"
    )
    result = run(*convert)
    assert (result.exit_code, result.stderr, out.exists()) == (1, told, False)
    result = run(*convert, "--on-error", "skip")
    assert (result.exit_code, result.stderr) == (1, told)
    if target == "parquet":
        assert [row["call_id"] for row in rows_of(out)] == [0, 2]


def test_what_exists_is_not_overwritten(dumps: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("convert", dumps, "--to", "parquet", "-o", out).exit_code == 0
    (dumps / "rest.zip").unlink()
    assert run("convert", dumps, "--to", "parquet", "-o", out).exit_code == 2
    assert len(rows_of(out)) == len(CALLS)
    (out / "notes.txt").write_text("mine")
    result = run("convert", dumps, "--to", "parquet", "-o", out, "--force")
    assert (result.exit_code, (out / "notes.txt").read_text()) == (2, "mine")


def test_an_output_without_a_name_is_refused(dumps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dumps)
    before = sorted(os.listdir(dumps))
    for options in ((), ("--force",)):
        assert run("convert", dumps, "--to", "parquet", "-o", "", *options).exit_code == 2
        result = run("convert", dumps, "--to", "parquet", "-o", "nope/../../dumps", *options)
        assert result.exit_code == 2
    assert sorted(os.listdir(dumps)) == before


def test_what_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    parts, out = tmp_path / "parts", tmp_path / "out"
    for folder in (parts, out):
        folder.mkdir()
        (folder / "a").write_text(folder.name)
    part = Part(parts / "a", 1, 0, (), pa.schema([]))
    with pytest.raises(OSError, match="not empty"):
        work.publish_folder([part], out)
    assert (out / "a").read_text() == "out"


@pytest.mark.parametrize("target", ["parquet", "csv", "ndjson", "xlsx"])
def test_nothing_to_read_is_nothing_written(tmp_path: Path, target: str) -> None:
    (tmp_path / "empty").mkdir()
    for options in ((), ("--on-error", "skip")):
        out = tmp_path / "out"
        result = run("convert", tmp_path / "empty", "--to", target, "-o", out, *options)
        assert result.exit_code == 1
        assert "holds no file that ends in" in result.stderr
        assert sorted(os.listdir(tmp_path)) == ["empty"]


@pytest.mark.parametrize(
    ("target", "module", "name"),
    [("parquet", "pyarrow", "arrow"), ("xlsx", "xlsxwriter", "xlsx"), ("xlsx", "pyarrow", "xlsx")],
)
def test_a_missing_extra_is_named(
    dumps: Path, monkeypatch: pytest.MonkeyPatch, target: str, module: str, name: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    result = run("convert", dumps, "--to", target, "-o", dumps.parent / "out")
    assert result.exit_code == 2
    assert f'{module} is not installed; needs the extra: pip install "ckct-formats[{name}]"' in (
        result.stderr
    )
    assert os.listdir(dumps.parent) == ["dumps"]


@pytest.mark.parametrize("target", ["parquet", "csv", "xlsx"])
def test_where_nothing_can_be_written_that_is_reported(
    dumps: Path, tmp_path: Path, target: str
) -> None:
    for out in (tmp_path / "no" / "out", dumps / "page_0.json" / "out"):
        result = run("convert", dumps, "--to", target, "-o", out)
        assert result.exit_code == 1
        assert result.stderr.startswith(f"ckct-formats: {out}: ")


@pytest.mark.parametrize("target", ["csv", "ndjson", "json", "xml", "plain"])
def test_the_output_is_not_read(dumps: Path, target: str) -> None:
    out = dumps / "all.json"
    assert run("convert", dumps, "--to", target, "-o", out).exit_code == 0
    before = out.read_bytes()
    result = run("convert", dumps, "--to", target, "-o", out, "--force")
    assert (result.exit_code, out.read_bytes()) == (2, before)
    assert result.stderr == f"ckct-formats: {out}: is one of the files to be read\n"


def test_a_missing_package_of_a_file_system_is_reported(tmp_path: Path) -> None:
    for to in ("csv", "json"):
        result = run("convert", "s3://bucket/a", "--to", to, "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert result.stderr == "ckct-formats: s3://bucket/a: Install s3fs to access S3\n"
    assert run("summary", "s3://bucket/a").exit_code == 2


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        ("convert a.json --to json --jobs 2", "--jobs"),
        ("convert a.json --to csv --timezone UTC", "--timezone"),
        ("convert a.json --to ndjson --timezone UTC", "--timezone"),
        ("convert a.json --to ndjson --spreadsheet-safe", "--spreadsheet-safe"),
        ("convert a.json --to parquet -o a.parquet --timezone Moscow", "'Moscow'"),
        ("convert a.json --to parquet", "-o OUT"),
        ("convert a.json --to xlsx", "-o OUT"),
        ("convert - - --to ndjson", "once"),
        ("summary - -", "once"),
    ],
)
def test_a_wrong_command_line_is_status_2(args: str, complaint: str) -> None:
    result = run(*args.split())
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_standard_input_becomes_a_table(dumps: Path) -> None:
    result = run("convert", "-", "--to", "ndjson", stdin=(dumps / "page_4.json.gz").read_bytes())
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 20


@pytest.mark.slow
@pytest.mark.parametrize("target", ["ndjson", "parquet"])
def test_a_failed_run_of_several_processes_ends_and_tidies_up(tmp_path: Path, target: str) -> None:
    dumps, out = tmp_path / "dumps", tmp_path / "out"
    dumps.mkdir()
    (dumps / "a.json").write_bytes(BAD)
    with zipfile.ZipFile(dumps / "b.zip", "w") as archive:  # reports that nobody reads any more
        for number in range(5_000):
            archive.writestr(f"{number}.json", "[]")
    for number in range(130):
        (dumps / f"c_{number}.json").write_bytes(b"[]")
    for _ in range(3):
        result = run("convert", dumps, "--to", target, "-o", out, "--jobs", "2")
        assert result.exit_code == 1
        assert result.stderr.startswith(
            f"ckct-formats: {dumps / 'a.json'}: json: payload[0].callId:"
        )
        assert os.listdir(tmp_path) == ["dumps"]


def test_an_output_whose_name_is_no_text(dumps: Path, tmp_path: Path) -> None:
    out = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.parquet")
    try:
        Path(out).touch()
    except OSError:
        pytest.skip("this file system takes no such name")
    assert run("convert", dumps, "--to", "parquet", "-o", out, "--force").exit_code == 0
    with open(out, "rb") as stream:
        assert pq.read_table(stream).num_rows == len(CALLS)


def test_a_workbook_of_times_at_the_edge(tmp_path: Path) -> None:
    page, out = tmp_path / "page.json", tmp_path / "out.xlsx"
    page.write_text(
        '[{"callId":1,"timeStart":"0001-01-01 00:00:00"},'
        '{"callId":2,"timeStart":"2019-07-16 15:12:44"}]'
    )
    convert = ("convert", page, "--to", "xlsx", "-o", out, "--timezone", "Europe/Moscow")
    assert run(*convert).exit_code == 0
    heading, *rows = openpyxl.load_workbook(out).active.iter_rows(values_only=True)
    at = heading.index("time_start (Europe/Moscow)")
    early, late = (row[at] for row in rows)
    assert str(early).startswith("0001-01-01 00:00:00")
    assert late == datetime(2019, 7, 16, 15, 12, 44)


def test_a_workbook_of_mappings_within(tmp_path: Path) -> None:
    page, out = tmp_path / "page.json", tmp_path / "out.xlsx"
    page.write_text('[{"universalId":"a","hooks":[{"hookNew":"=q"},{}]}]')
    assert run("convert", page, "--api", "v3", "--to", "xlsx", "-o", out).exit_code == 0
    heading, row = openpyxl.load_workbook(out).active.iter_rows(values_only=True)
    hooks = json.loads(row[heading.index("hooks")])
    assert [hook["extra"] for hook in hooks] == [{"hookNew": "=q"}, {}]


def test_no_room_for_a_workbook_is_reported(tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def write(self, data: Any, /) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)) as caught:
        write_xlsx([], pa.schema([("a", pa.int64())]), Full(), tmp_path, safe=True)
    assert caught.value.errno == errno.ENOSPC


def slow_conversion(
    dumps: Path, out: Path | None, to: str = "parquet", **environment: str
) -> subprocess.Popen[bytes]:
    """A run that pauses before each part, of which each is made of one file; without OUT what it
    writes is dropped."""
    code = (
        "import time\n"
        "from ckct_formats._export import work\n"
        "from ckct_formats.dumps import _locations\n"
        "_locations._GROUP_BYTES = 1\n"
        "make = work._make_part\n"
        "def slow(*args):\n    time.sleep(0.15)\n    return make(*args)\n"
        "work._make_part = slow\n"
        "from ckct_formats.cli import main\nmain()\n"
    )
    output = [] if out is None else ["-o", str(out)]
    return subprocess.Popen(
        [sys.executable, "-c", code, "convert", str(dumps), "--to", to, *output],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | environment,
    )


def wait_for_parts(folder: Path) -> None:
    while len(list(folder.glob(".*/part-*" if folder.name != "tmp" else "*/part-*"))) < 3:
        time.sleep(0.01)


needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")


@pytest.mark.slow
@needs_signals
def test_asked_to_stop_it_leaves_nothing(dumps: Path, tmp_path: Path) -> None:
    holding = tmp_path / "tmp"
    holding.mkdir()
    for out, to, parts in ((None, "ndjson", holding), (tmp_path / "out", "parquet", tmp_path)):
        process = slow_conversion(dumps, out, to, TMPDIR=str(holding))
        wait_for_parts(parts)
        process.terminate()
        assert process.communicate(timeout=30)[1] == b""
        assert process.returncode == 143
        assert sorted(os.listdir(tmp_path)) == ["dumps", "tmp"]
        assert os.listdir(holding) == []


@pytest.mark.slow
@needs_signals
@pytest.mark.parametrize(
    ("name", "to"), [("out", "parquet"), ("a.parquet", "parquet"), ("a", "csv")]
)
def test_a_run_that_is_killed_leaves_no_output_and_the_next_one_tidies_up(
    dumps: Path, tmp_path: Path, name: str, to: str
) -> None:
    out = tmp_path / name
    for _ in range(2):
        process = slow_conversion(dumps, out, to)
        wait_for_parts(tmp_path)
        process.kill()
        process.communicate()
        assert not out.exists()
        assert sum(each.startswith(f".{name}.") for each in os.listdir(tmp_path)) == 1
    assert run("convert", dumps, "--to", to, "-o", out).exit_code == 0
    assert sorted(os.listdir(tmp_path)) == sorted(["dumps", name])
    assert (
        (parse(out.read_bytes(), "csv").payload == CALLS)
        if to == "csv"
        else (rows_of(out) == list(map(as_row, CALLS)))
    )


@pytest.mark.slow
@needs_signals
def test_two_runs_at_once_do_not_disturb_each_other(dumps: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = slow_conversion(dumps, out)
    wait_for_parts(tmp_path)
    assert run("convert", dumps / "page_0.json", "--to", "parquet", "-o", out).exit_code == 0
    _, reported = first.communicate()
    assert (first.returncode, reported) == (
        1,
        f"ckct-formats: {out}: Directory not empty\n".encode(),
    )
    assert rows_of(out) == list(map(as_row, CALLS[:20]))
    assert sorted(os.listdir(tmp_path)) == ["dumps", "out"]


def test_what_other_runs_left_is_removed_and_nothing_else(dumps: Path, tmp_path: Path) -> None:
    dead, alive, beyond = 999_999_999, os.getppid(), 10**30
    ours = f".out.csv.ckct-partial-{dead}-0123abcd"
    kept = [
        f".out.csv.ckct-partial-{alive}-0123abcd",
        f".out.csv.ckct-partial-{beyond}-0123abcd",
        f".out.csv.ckct-partial-{dead}",
        f".out.csv.ckct-partial-{dead}-mine",
        f"out.csv.ckct-partial-{dead}-0123abcd",
        f".other.csv.ckct-partial-{dead}-0123abcd",
    ]
    for name in (ours, *kept):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part").write_bytes(b"")
    link = f".out.csv.ckct-partial-{dead}-00000000"
    (tmp_path / link).symlink_to(dumps)
    assert run("convert", dumps, "--to", "csv", "-o", tmp_path / "out.csv").exit_code == 0
    assert sorted(os.listdir(tmp_path)) == sorted(["dumps", "out.csv", link, *kept])
    assert len(os.listdir(dumps)) == 9


def die() -> None:
    """End as a process that is killed."""
    os._exit(9)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["ndjson", "parquet"])
def test_a_process_that_is_killed_is_reported(
    dumps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setattr(_locations, "_GROUP_BYTES", 1)
    monkeypatch.setattr(work, "_begin", die)
    out = tmp_path / "out"
    result = run("convert", dumps, "--to", target, "-o", out, "--jobs", "2")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"ckct-formats: {out}: one of the processes was killed; ")
    assert os.listdir(tmp_path) == ["dumps"]


@pytest.mark.parametrize("to", ["json", "xml", "plain", "csv"])
def test_too_much_for_one_response_is_refused(
    dumps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    files = [dumps / "page_0.json"] if to == "csv" else [dumps]
    advice = "write ndjson or Parquet instead (--to ndjson, --to parquet)"

    def refused() -> str:
        result = run("convert", *files, "--to", to, "-o", tmp_path / "out")
        assert (result.exit_code, os.listdir(tmp_path)) == (2, ["dumps"])
        head, _, tail = result.stderr.partition(" are too much for one response: ")
        assert tail == f"{advice}\n"
        return head.removeprefix(f"ckct-formats: {files[0]}: ")

    calls = f"{20 if to == 'csv' else 180} calls"
    for limits in (Limits(nodes=100), Limits(body_bytes=1_000)):  # of what is written
        monkeypatch.setattr(parsing, "DEFAULT_LIMITS", limits)
        assert refused() == calls
    monkeypatch.undo()
    monkeypatch.setattr(converting, "_LIMITS", Limits(records=19))
    assert refused() == calls
    if to != "csv":
        monkeypatch.setattr(converting, "_LIMITS", Limits(body_bytes=1_000))
        assert refused().endswith(" bytes")
    monkeypatch.undo()
    assert run("convert", *files, "--to", to, "-o", tmp_path / "out").exit_code == 0


def test_a_summary_counts(dumps: Path) -> None:
    result = run("summary", dumps)
    assert (result.exit_code, result.stderr) == (0, "")
    shown = result.stdout.splitlines()
    assert shown[0] == "180 calls on 9 pages"
    found = read_dump(dumps).summary()
    assert found.is_complete
    counts = {"days": found.days, "states": found.states, "sources": found.sources}
    for title, of in counts.items():
        at = shown.index(title)
        for line, (key, count) in zip(shown[at + 1 :], of.items(), strict=False):
            label, number, _bar = line.rsplit("  ", 2)
            assert label.strip() == ("(none)" if key is None else str(key))
            assert int(number) == count


def test_a_summary_tells_what_is_missing_and_twice(dumps: Path) -> None:
    (dumps / "page_3.txt").unlink()
    (dumps / "page_4.json.gz").unlink()
    shutil.copy(dumps / "page_1.xml", dumps / "copy.xml")
    other = page(2, 9)
    other.payload[0] = dataclasses.replace(other.payload[0], city="Омск, Омск")
    (dumps / "changed.json").write_bytes(serialize(other, "json"))
    (dumps / "bad.json").write_bytes(b"{")
    result = run("summary", dumps, columns=200)
    assert result.exit_code == 1
    text = result.stdout
    assert "\nmissing pages: 1\n" in text
    assert ": 3-4 of 9 pages" in text
    assert "\npages found more than once: 2\n" in text
    assert f"page 1 in {dumps / 'copy.xml'}, {dumps / 'page_1.xml'}" in text
    assert "\ncalls found more than once: 39\n" in text
    assert "and 19 more; --all shows them" in text
    assert "\ncalls found more than once, which differ: 1\n" in text
    assert result.stderr.startswith(f"ckct-formats: {dumps / 'bad.json'}: json: ")


def test_progress_is_for_people_only(dumps: Path, tmp_path: Path) -> None:
    import pty  # noqa: PLC0415 (not on Windows)

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ckct_formats", "convert", str(dumps)]
    command += ["--to", "ndjson", "-o", str(tmp_path / "out")]
    process = subprocess.Popen(command, stderr=theirs, env=os.environ | {"TERM": "xterm"})
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while data := os.read(ours, 4096):
            shown += data
    os.close(ours)
    assert process.wait() == 0
    assert b"9 of 9 files, 180 calls" in shown
    assert len(list(iter_calls(dumps))) == 180
