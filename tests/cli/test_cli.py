"""The command line as people meet it: what it prints, what it writes, how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from ckct_formats import Format, parse, serialize
from ckct_formats.cli import _program as commands

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
SUFFIXES = {".json": "json", ".xml": "xml", ".csv": "csv", ".txt": "plain"}
SAMPLE = FIXTURES / "sample.json"
V3 = "calls_v3"  # no calls of v1
CASES = sorted({path.stem for path in FIXTURES.glob("*.txt")} - {V3})
SMALL_CASES = [case for case in CASES if case != "page_1000"]

SAMPLE_SHOWN = """\
sample.json
  source  json, utf-8
  asked   json/v1/call/get
  period  from 1970-01-01 00:00:00Z to 2019-07-16 12:12:44Z
  page    1 of 3 (requirePage 0)
  calls   1 here, 2,490 in all, at most 1,000 a page

   call  client       campaign  office    duration  state    description
────────────────────────────────────────────────────────────────────────────────
1337486  79999999999  Тест      Тестовый         0  720/200  Неизвестная ошибка…

More fields that hold values: 5; --all shows them.
"""

FAILED_SHOWN = """\
failed_request.csv
  source  csv, utf-8
  calls   0 here
  error   No rows found
"""

# What decides on colours and widths, but for what a test sets.
PLAIN_ENVIRONMENT: dict[str, str | None] = {
    "COLUMNS": "80",
    "FORCE_COLOR": None,
    "NO_COLOR": None,
    "PYTHONIOENCODING": None,
    "TTY_COMPATIBLE": None,
}


def run(*args: str | Path, stdin: bytes | None = None, columns: int = 80) -> Result:
    environment = PLAIN_ENVIRONMENT | {"COLUMNS": str(columns)}
    return CliRunner().invoke(
        commands.program,
        [str(arg) for arg in args],
        stdin,
        env=environment,
        prog_name="ckct-formats",
    )


def show(*args: str | Path, stdin: bytes | None = None, columns: int = 80) -> str:
    """What `show` prints, where all is well."""
    result = run("show", *args, stdin=stdin, columns=columns)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def calls(*rows: dict[str, Any]) -> bytes:
    return json.dumps([{"callId": at, **row} for at, row in enumerate(rows, 1)]).encode()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ---- show: the table ----


def test_show_prints_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES)
    assert show("sample.json") == SAMPLE_SHOWN


def test_show_prints_the_error_of_a_failed_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES)
    assert show("failed_request.csv") == FAILED_SHOWN


def test_files_are_separated_by_a_blank_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES)
    assert show("failed_request.csv", "sample.json") == f"{FAILED_SHOWN}\n{SAMPLE_SHOWN}"


@pytest.mark.parametrize("options", [(), ("--all",)])
@pytest.mark.parametrize("case", SMALL_CASES)
def test_the_four_formats_are_shown_alike(case: str, options: tuple[str, ...]) -> None:
    bodies = [(FIXTURES / (case + suffix)).read_bytes() for suffix in SUFFIXES]
    tables = [show("-", *options, stdin=body) for body in bodies]
    source = re.compile(r"^  source .*\n", re.MULTILINE)
    assert all(len(source.findall(table)) == 1 for table in tables)
    # What the server says of the answer's form differs with the form.
    form = re.compile(r"^  (source|asked|contentLength) .*\n", re.MULTILINE)
    assert len({form.sub("", table) for table in tables}) == 1


def test_the_source_is_shown_with_its_dialect() -> None:
    assert "  source  plain (print_r), utf-8\n" in show(FIXTURES / "sample.txt")


def test_every_call_of_a_page_is_shown() -> None:
    shown = show(FIXTURES / "page_1000.csv").splitlines()
    expected = json.loads((FIXTURES / "expected" / "page_1000.json").read_bytes())["payload"]
    ids = [str(call["call_id"]) for call in expected]
    assert len(ids) == 1000
    assert [line.split()[0] for line in shown if line[:1].isdigit()] == ids


@pytest.mark.parametrize("columns", [20, 40, 80, 119, 160, 300])
@pytest.mark.parametrize("options", [(), ("--all",)])
@pytest.mark.parametrize("case", ["three_calls", "unknown_fields"])
def test_no_line_is_wider_than_the_terminal(
    case: str, options: tuple[str, ...], columns: int
) -> None:
    body = (FIXTURES / f"{case}.json").read_bytes()
    lines = show("-", *options, stdin=body, columns=columns).splitlines()
    lines = [line for line in lines if not line.startswith("More fields")]
    assert len(lines) > 10
    assert max(map(cell_len, lines)) <= columns


def test_a_wider_terminal_shows_more() -> None:
    narrow, wide = (show(FIXTURES / "page_1000.json", columns=width) for width in (80, 200))
    heading = re.compile(r"^ +call .*", re.MULTILINE)
    narrow_columns, wide_columns = (heading.findall(text)[0].split() for text in (narrow, wide))
    assert set(narrow_columns) < set(wide_columns)
    assert "Екатери…" in narrow and "Екатеринбург" not in narrow
    assert "Екатеринбург" in wide


def test_columns_stand_straight_below_wide_characters() -> None:
    cities = ["Тула", "漢字 📱", "и\u0306 👩‍🚒", "abc"]
    shown = show("-", stdin=calls(*({"city": city, "state": "200/200"} for city in cities)))
    ends = [line.partition("200/200")[0] for line in shown.splitlines() if "200/200" in line]
    assert len(ends) == len(cities) and all(map(shown.__contains__, cities))
    assert len({cell_len(line) for line in ends}) == 1


def test_a_value_is_cut_by_cells() -> None:
    row = {"city": "漢" * 50, "clientPhone": "79990000001", "campaignName": "Я" * 50}
    last = show("-", stdin=calls(row), columns=60).splitlines()[-1]
    assert re.fullmatch(r"   1  79990000001  漢+ ?…  Я+…", last)
    assert cell_len(last) in (59, 60)


def test_columns_that_are_blank_in_all_calls_are_left_out() -> None:
    shown = show("-", stdin=calls({"city": "Тула"}, {"city": "-", "duration": 0}, {"state": "1/2"}))
    assert re.search(r"^call +city +duration +state$", shown, re.MULTILINE)


def test_columns_without_room_are_counted() -> None:
    row = {"record": "https://records.example/1.mp3", "tagsId": [1], "campaignId": 0, "new": "x"}
    assert show("-", stdin=calls(row)).endswith(
        "\nMore fields that hold values: 4; --all shows them.\n"
    )


def test_numbers_and_times_are_never_cut() -> None:
    row = {
        "callId": 10**18 - 1,
        "timeStart": "2019-07-16 15:12:44.000001+03:00",
        "duration": 10**18 - 2,
        "city": "Город " * 20,
    }
    shown = show("-", stdin=json.dumps([row]).encode(), columns=90)
    last_row = shown.splitlines()[-1]
    assert last_row.split("  ") == [
        "9" * 18,
        "2019-07-16 15:12:44.000001+03:00",
        *last_row.split("  ")[2:],
    ]
    assert last_row.endswith("  " + "9" * 17 + "8")


# ---- show --all ----


@pytest.mark.parametrize("case", CASES)
def test_all_shows_every_value(case: str) -> None:
    shown = show("--all", FIXTURES / f"{case}.xml", columns=1000)
    expected = json.loads((FIXTURES / "expected" / f"{case}.json").read_bytes())
    blocks = re.split(r"^call ", shown, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(expected["payload"])
    for block, call in zip(blocks, expected["payload"], strict=True):
        pairs = dict(re.findall(r"^  (\S+) +(.*)$", block, re.MULTILINE))
        filled = [value for value in call.values() if value not in (None, [], {})]
        blank = pairs.pop("blank", "").split(", ")
        assert len(pairs) == len(filled) - bool(call["extra"]) + len(call["extra"])
        assert len(pairs) + len(list(filter(None, blank))) == 26 + len(call["extra"])
        if call["time_start"]:
            time = call.pop("time_start").replace("T", " ", 1).replace("+00:00", "Z")
            assert pairs["timeStart"] == time
        for value in (*call.values(), *call["extra"].values()):
            if isinstance(value, str) and value.isprintable():
                assert value.strip() in pairs.values()


def test_all_shows_the_rest_of_the_envelope() -> None:
    shown = show("--all", FIXTURES / "unknown_fields.json")
    envelope = shown.partition("\n\n")[0]
    assert '  extra.serverBanner  [черновик] "бета"\n' in envelope
    assert "  entities.call       get\n" in envelope
    assert envelope.endswith("  versions            v1, v2")


def test_all_folds_a_long_value_and_loses_none_of_it() -> None:
    record = "https://records.example/" + "0123456789" * 30
    lines = show("--all", "-", stdin=calls({"record": record})).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("  record"))
    end = next(at for at, line in enumerate(lines) if line.startswith("  blank"))
    assert end - start > 4
    assert "".join(line[10:].strip() for line in lines[start:end]) == record


# ---- show: what values may not do ----

HOSTILE = "\x1b[31mред\x07\x9b2J\u202eabc\r\n\tконец [red]x[/red] :smile: \\[b]"


@pytest.mark.parametrize("options", [(), ("--all",)])
def test_values_cannot_steer_the_terminal(options: tuple[str, ...]) -> None:
    body = {
        "inbound": {"error": HOSTILE, HOSTILE: "x"},
        "payload": [{"callId": 1, "city": HOSTILE, HOSTILE: HOSTILE}],
    }
    shown = show("-", *options, stdin=json.dumps(body).encode(), columns=200)
    assert all(char.isprintable() for line in shown.split("\n") for char in line)
    escaped = r"\x1b[31mред\x07\x9b2J\u202eabc\r\n\tконец [red]x[/red] :smile: \[b]"
    assert f"  {escaped}\n" in shown
    assert shown.count(escaped) == 2 if not options else 5


def test_names_and_errors_cannot_steer_the_terminal(folder: Path) -> None:
    name = "\x1b[31m[red].json"
    (folder / name).write_bytes(calls({"duration": "\x1b[32m"}))
    result = run("show", name)
    assert result.exit_code == 1
    assert "\x1b" not in result.output
    assert result.stdout.startswith("\\x1b[31m[red].json\n")
    assert result.stderr.startswith(
        "ckct-formats: \\x1b[31m[red].json: json: payload[0].duration: "
    )


def test_the_name_of_a_file_is_never_cut(folder: Path) -> None:
    name = "a long name " * 15 + "and its end"
    (folder / name).write_bytes(calls({}))
    assert show(name).startswith(f"{name}\n")


# ---- what is wrong ----


def test_one_bad_file_does_not_stop_the_others(folder: Path) -> None:
    (folder / "bad.json").write_bytes(b'{"payload": [\n{"callId": 1,}]}')
    (folder / "good.json").write_bytes(calls({"city": "Тула"}))
    result = run("show", "bad.json", "good.json", "missing.json", ".", "good.json")
    assert result.exit_code == 1
    assert result.stdout.count("Тула") == 2
    assert "bad" not in result.stdout and "missing" not in result.stdout
    first, second, third = result.stderr.splitlines()
    assert first.startswith("ckct-formats: bad.json: json: ") and "(line 2, column " in first
    assert second == "ckct-formats: missing.json: No such file or directory"
    assert third == "ckct-formats: .: Is a directory"


def test_bad_rows_are_reported_and_the_others_shown(folder: Path) -> None:
    rows = (
        b'[{"callId": 1},\n {"callId": "12a"},\n {"callId": 3},\n {"callId": 4, "duration": 1.5}]'
    )
    (folder / "rows.json").write_bytes(rows)
    result = run("show", "rows.json")
    assert result.exit_code == 1
    assert "  calls   2 here, 2 unreadable\n" in result.stdout
    assert result.stdout.splitlines()[-2:] == ["   1", "   3"]
    first, second = result.stderr.splitlines()
    assert first.startswith("ckct-formats: rows.json: json: payload[1].callId: ")
    assert re.search(r"\(line 2\b.*\)$", first)
    assert second.startswith("ckct-formats: rows.json: json: payload[3].duration: ")
    assert re.search(r"\(line 4\b.*\)$", second)


def test_standard_input_is_named_in_errors() -> None:
    result = run("show", "-", stdin=b"nothing known")
    assert result.exit_code == 1
    assert result.stderr.startswith("ckct-formats: standard input: ")


def test_format_and_encoding_can_be_given(folder: Path) -> None:
    text = "callId,city\r\n1,Тула\r\n"
    (folder / "a.csv").write_bytes(text.encode("windows-1251"))
    shown = show("a.csv", "--encoding", "cp1251", "--from", "CSV")
    assert "Тула" in shown and "  source  csv, windows-1251\n" in shown
    assert run("show", "a.csv").exit_code == 1
    wrong = run("show", "a.csv", "--encoding", "cp1251", "--from", "json")
    assert wrong.exit_code == 1
    assert wrong.stderr.startswith("ckct-formats: a.csv: json: ")


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        ("show", "FILE"),
        ("show - -", "Standard input can be read once"),
        ("show a.json --from yaml", "'yaml' is not one of 'json', 'xml', 'csv', 'plain'"),
        ("show a.json --encoding nonsense", "'nonsense' is no encoding"),
        ("show a.json --encoding hex", "'hex' is no encoding"),
        ("show a.json --colour", "No such option"),
        ("convert a.json", "--to"),
        ("convert --to xml", "FILE"),
        ("convert a.json --to yaml", "'yaml' is not one of"),
        ("explode", "explode"),
        ("", "Usage:"),
    ],
)
def test_a_wrong_command_line_is_status_2(folder: Path, args: str, complaint: str) -> None:
    (folder / "a.json").write_bytes(calls({}))
    result = run(*args.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert complaint in result.stderr


def test_help_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    for args in (["-h"], ["show", "-h"], ["convert", "--help"]):
        result = run(*args)
        assert (result.exit_code, result.stderr) == (0, "")
        assert "Exit status: 0" in result.stdout
        assert result.stdout.isascii()
    monkeypatch.setattr(metadata, "version", lambda name: {"ckct-formats": "1.2.3"}[name])
    assert run("--version").stdout == "ckct-formats 1.2.3\n"


# ---- convert ----


@pytest.mark.parametrize("to", list(Format))
@pytest.mark.parametrize("case", CASES)
def test_convert_writes_the_bytes_of_serialize(case: str, to: Format, folder: Path) -> None:
    path = FIXTURES / f"{case}.json"
    wanted = serialize(parse(path.read_bytes()), to)
    result = run("convert", path, "--to", to)
    assert (result.exit_code, result.stderr, result.stdout_bytes) == (0, "", wanted)
    assert run("convert", path, "--to", to, "-o", "out").output == ""
    assert (folder / "out").read_bytes() == wanted


def test_there_and_back_by_the_command_line(folder: Path) -> None:
    """The provider's sample, json to xml to csv to plain to json, is what it was."""
    before: str | Path = SAMPLE
    for at, to in enumerate(["xml", "csv", "plain", "json"]):
        result = run("convert", before, "--to", to, "-o", f"{at}.{to}")
        assert (result.exit_code, result.output) == (0, "")
        before = f"{at}.{to}"
    assert names(folder) == ["0.xml", "1.csv", "2.plain", "3.json"]
    assert json.loads((folder / "3.json").read_bytes()) == json.loads(SAMPLE.read_bytes())


def test_an_existing_file_is_overwritten_by_force_alone(folder: Path) -> None:
    out = folder / "out.csv"
    out.write_text("mine")
    out.chmod(0o600)
    refused = run("convert", SAMPLE, "--to", "csv", "-o", "out.csv")
    assert refused.exit_code == 2
    assert refused.stderr == "ckct-formats: out.csv: exists; --force overwrites it\n"
    assert out.read_text() == "mine"
    assert run("convert", SAMPLE, "--to", "csv", "-o", "out.csv", "--force").exit_code == 0
    assert out.read_bytes() == serialize(parse(SAMPLE.read_bytes()), "csv")
    assert out.stat().st_mode & 0o777 == 0o600
    assert names(folder) == ["out.csv"]


def test_a_file_can_be_converted_in_its_place(folder: Path) -> None:
    (folder / "a").write_bytes(SAMPLE.read_bytes())
    assert run("convert", "a", "--to", "xml", "-o", "a", "--force").exit_code == 0
    assert parse((folder / "a").read_bytes(), "xml") == parse(SAMPLE.read_bytes())


def test_force_writes_through_a_link(folder: Path) -> None:
    (folder / "real").write_text("mine")
    (folder / "link").symlink_to("real")
    assert run("convert", SAMPLE, "--to", "json", "-o", "link").exit_code == 2
    assert (folder / "real").read_text() == "mine"
    assert run("convert", SAMPLE, "--to", "json", "-o", "link", "--force").exit_code == 0
    assert (folder / "link").is_symlink()
    assert (folder / "real").read_bytes() == serialize(parse(SAMPLE.read_bytes()), "json")


def no_links(source: str, target: str) -> None:
    raise PermissionError(1, "Operation not permitted")


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_turns_up_meanwhile_is_not_overwritten(
    folder: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    (folder / "out").write_text("mine")
    monkeypatch.setattr(os.path, "lexists", lambda path: False)
    result = run("convert", SAMPLE, "--to", "csv", "-o", "out")
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert (folder / "out").read_text() == "mine"
    assert names(folder) == ["out"]


def test_a_file_system_without_links_will_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", no_links)
    assert run("convert", SAMPLE, "--to", "csv", "-o", "out").exit_code == 0
    assert (folder / "out").read_bytes() == serialize(parse(SAMPLE.read_bytes()), "csv")
    assert names(folder) == ["out"]


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_write_that_fails_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch, force: tuple[str, ...]
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    if force:
        (folder / "out").write_text("mine")
    monkeypatch.setattr(os, "fsync", full)
    result = run("convert", SAMPLE, "--to", "csv", "-o", "out", *force)
    assert result.exit_code == 1
    assert result.stderr == "ckct-formats: out: No space left on device\n"
    assert [path.read_text() for path in folder.iterdir()] == (["mine"] if force else [])


@pytest.mark.parametrize(
    ("out", "status", "complaint"),
    [(".", 2, "is no regular file"), ("no/such/out", 1, "No such file or directory")],
)
def test_a_place_that_cannot_be_written(
    folder: Path, out: str, status: int, complaint: str
) -> None:
    result = run("convert", SAMPLE, "--to", "csv", "-o", out, "--force")
    assert result.exit_code == status
    assert result.stderr == f"ckct-formats: {out}: {complaint}\n"
    assert names(folder) == []


@pytest.mark.parametrize(
    ("body", "to", "complaint"),
    [
        (b'[{"callId": 1}, {"callId": null}]', "csv", "payload[1].callId: "),
        (b'[{"callId": 1}', "csv", "json: "),
        (calls({"city": "\x01"}), "xml", "xml: payload[0].city: "),
    ],
)
def test_nothing_is_written_of_a_bad_input(
    folder: Path, body: bytes, to: str, complaint: str
) -> None:
    result = run("convert", "-", "--to", to, stdin=body)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("ckct-formats: standard input: ")
    assert complaint in result.stderr
    assert run("convert", "-", "--to", to, "-o", "out", stdin=body).exit_code == 1
    assert names(folder) == []


def test_output_to_a_dash_is_standard_output(folder: Path) -> None:
    result = run("convert", SAMPLE, "--to", "json", "-o", "-")
    assert json.loads(result.stdout) == json.loads(SAMPLE.read_bytes())
    assert names(folder) == []


# ---- as a process ----


def command(*args: str | Path, before: str = "") -> list[str]:
    """The program in a process of its own, after some lines of Python."""
    run = "import runpy; runpy.run_module('ckct_formats', run_name='__main__')"
    start = ["-c", f"{before}\n{run}"] if before else ["-m", "ckct_formats"]
    return [sys.executable, *start, *map(str, args)]


def environment(**changes: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in PLAIN_ENVIRONMENT}
    # Most people's Python writes through a buffer, which is the harder case at the end.
    return kept | {"PYTHONUNBUFFERED": "", "PYTHONUTF8": "1"} | changes


def process(
    *args: str | Path, before: str = "", stdin: bytes = b"", **changes: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command(*args, before=before),
        input=stdin,
        capture_output=True,
        env=environment(**changes),
        check=False,
        timeout=30,
    )


def test_bytes_pass_through_pipes_unchanged() -> None:
    body = (FIXTURES / "three_calls.json").read_bytes()
    done = process("convert", "-", "--to", "csv", stdin=body)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == serialize(parse(body), "csv")
    assert b"\r\n" in done.stdout and b"\n\n" in done.stdout


def test_the_package_runs_without_the_extra() -> None:
    code = "import sys, ckct_formats; sys.exit(bool({'click', 'rich'} & sys.modules.keys()))"
    assert (
        subprocess.run([sys.executable, "-c", code], env=environment(), check=False).returncode == 0
    )


def test_to_show_a_response_little_is_loaded() -> None:
    code = (
        "import sys\nfrom ckct_formats.cli import main\n"
        f"sys.argv = ['ckct-formats', 'show', {str(SAMPLE)!r}]\n"
        "try:\n    main()\nfinally:\n    print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    assert "ckct_formats.cli._show" in loaded
    assert not loaded & {
        *("multiprocessing", "zipfile", "urllib.request", "pyarrow", "importlib.metadata"),
        *("ckct_formats.arrow", "ckct_formats.conformance", "ckct_formats.dumps"),
        *("ckct_formats._export", "ckct_formats.cli._check", "ckct_formats.cli._convert"),
    }


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_a_missing_extra_is_said(missing: str) -> None:
    done = process("show", SAMPLE, before=f"import sys; sys.modules[{missing!r}] = None")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.startswith(b"ckct-formats: ")
    assert b'needs the extra: pip install "ckct-formats[cli]"' in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("show", "--all", FIXTURES / "page_1000.json"),
        ("convert", FIXTURES / "page_1000.json", "--to", "xml"),
    ],
    ids=lambda args: str(args[0]),
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_may_leave_early(args: tuple[str | Path, ...], unbuffered: str) -> None:
    with subprocess.Popen(
        command(*args),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(PYTHONUNBUFFERED=unbuffered),
    ) as started:
        assert started.stdout is not None and started.stderr is not None
        assert len(started.stdout.read(20)) == 20
        started.stdout.close()
        assert started.stderr.read() == b""
        assert started.wait(30) == 1


@pytest.mark.parametrize("args", [("show", SAMPLE), ("convert", SAMPLE, "--to", "csv"), ("-h",)])
def test_a_reader_may_leave_at_once(args: tuple[str | Path, ...]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            command(*args), stdout=write_end, stderr=subprocess.PIPE, env=environment(), check=False
        )
    finally:
        os.close(write_end)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("args", [("show", SAMPLE), ("convert", SAMPLE, "--to", "csv")])
def test_a_full_disk_is_said(args: tuple[str | Path, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command(*args), stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert done.returncode == 1
    assert done.stderr == b"ckct-formats: standard output: No space left on device\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1251"])
def test_an_output_that_cannot_hold_all_characters(encoding: str) -> None:
    done = process("show", FIXTURES / "three_calls.json", PYTHONIOENCODING=encoding, COLUMNS="250")
    assert (done.returncode, done.stderr) == (0, b"")
    shown = done.stdout.decode(encoding)
    assert "00:00 to 2019" in shown and "\n-----" in shown
    assert ("Смартфон ?" in shown) == (encoding == "cp1251")
    assert ("???????? ?" in shown) == (encoding == "ascii")
    first, second, _ = (line for line in shown.splitlines() if line.startswith("13375"))
    assert first.index("200/200") == second.index("720/200")


def test_a_pipe_gets_neither_colours_nor_the_width_of_a_terminal() -> None:
    done = process("show", SAMPLE, TERM="xterm-256color")
    assert done.stdout.decode() == SAMPLE_SHOWN.replace("sample.json", str(SAMPLE), 1)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_gets_colours() -> None:
    ours, theirs = os.openpty()
    try:
        subprocess.run(
            command("show", FIXTURES / "failed_request.json"),
            stdout=theirs,
            env=environment(TERM="xterm"),
            check=True,
        )
        shown = os.read(ours, 10_000)
    finally:
        os.close(theirs)
        os.close(ours)
    assert b"\x1b[1;31mNo rows found\x1b[0m" in shown


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_an_interrupt_is_quiet(folder: Path) -> None:
    with subprocess.Popen(
        command("convert", "-", "--to", "csv", "-o", "out"),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        # A shell lets its background jobs ignore interrupts, and they pass that on.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as started:
        assert started.stdin is not None and started.stderr is not None
        started.stdin.write(b" " * 1_000_000)  # more than a pipe holds: it is being read
        started.stdin.flush()
        started.send_signal(signal.SIGINT)
        with contextlib.suppress(BrokenPipeError):
            started.stdin.close()  # a signal between two reads is seen when the next one ends
        assert started.stderr.read() == b""
        assert started.wait(30) == 130
    assert names(folder) == []
