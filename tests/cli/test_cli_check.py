"""`check` and `diff` as people and machines meet them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import Result
from test_cli import FIXTURES, command, environment, names, process, run

from ckct_formats.cli import _io
from ckct_formats.conformance import Code, check, compare
from ckct_formats.conformance._findings import SEVERITIES, TITLES

GOOD = (FIXTURES / "page_1000.json").read_bytes()
EMPTY = (FIXTURES / "no_calls.json").read_bytes()
SAMPLE = FIXTURES / "sample.json"
HOSTILE = "</script><script>alert(1)</script>\"'&<b>\x1b[31m\u202e\r\n[red]"

CHECK_SHOWN = """\
sample.json: 1 error, 1 warning
  error: wrong-row-count: More or fewer rows than the envelope promises for this page
    48:14  payload: 1 row, where the envelope promises 1,000
  warning: wrong-content-length: `contentLength` is not the length of this body or of its rows
    15:22  inbound.contentLength: 722,709 is neither the length of the body nor that of its rows
"""

DIFF_SHOWN = """\
2 differences, 1 harmless
  a.json  json, utf-8
  b.xml  xml, utf-8

payload[0].city
  a.json  "Тула"
  b.xml   "Пермь"

payload[0].tagsId
  a.json  [1, 2]
  b.xml   []

Harmless:

inbound.requestedType (each names its own format)
  a.json  "json"
  b.xml   "xml"
"""


def page(**row: Any) -> bytes:
    """A page of one call."""
    return json.dumps([{"callId": 1, **row}]).encode()


def findings(result: Result) -> list[str]:
    """The codes of what `--format json` tells, of all files."""
    document = json.loads(result.stdout)
    return [each["code"] for file in document["files"] for each in file["findings"]]


def pair(folder: Path) -> None:
    """Two files that differ in two values that count, and in one that does not."""
    envelope = {"requestedType": "json", "requestedEntity": "call"}
    body = {"inbound": envelope, "payload": [{"callId": 1, "city": "Тула", "tagsId": [1, 2]}]}
    (folder / "a.json").write_text(json.dumps(body))
    (folder / "b.xml").write_text(
        "<response><inbound><requestedType>xml</requestedType>"
        "<requestedEntity>call</requestedEntity></inbound><payload><item><callId>1</callId>"
        "<city>Пермь</city></item></payload></response>",
        encoding="utf-8",
    )


# ---- check: text ----


def test_a_file_that_conforms_is_one_line(folder: Path) -> None:
    (folder / "good.json").write_bytes(GOOD)
    result = run("check", "good.json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "good.json: conforms\n", "")


def test_findings_stand_below_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES)
    result = run("check", "sample.json")
    assert (result.exit_code, result.stdout, result.stderr) == (1, CHECK_SHOWN, "")


def test_places_of_one_kind_are_counted(folder: Path) -> None:
    rows = b", ".join([b'{"callId": 1, "new": 2}'] * 1200)
    (folder / "a.json").write_bytes(b"[" + rows + b"]")
    shown = run("check", "a.json").stdout
    assert "  payload[0].new: a key that is not documented (1,200 times)\n" in shown
    assert shown.startswith("a.json: 1,199 errors, ")
    assert shown.count("has the same identifier") == 1199


def test_several_files_are_summed_up(folder: Path) -> None:
    (folder / "a.json").write_bytes(GOOD)
    (folder / "b.json").write_bytes(b"[")
    result = run("check", "b.json", "missing.json", "a.json", "-", stdin=EMPTY)
    assert result.exit_code == 1
    first, *_, third, fourth, last = result.stdout.splitlines()
    assert first == "b.json: 1 error"
    assert (third, fourth) == ("a.json: conforms", "standard input: conforms")
    assert last == "4 files: 2 conform, 1 does not (1 error), 1 cannot be read"
    assert result.stderr == "ckct-formats: missing.json: No such file or directory\n"
    good = run("check", "a.json", "a.json")
    assert good.stdout.endswith("\n2 files: all conform\n")


@pytest.mark.parametrize(
    ("severity", "status", "codes"),
    [
        ("error", 0, []),
        ("warning", 1, ["wrong-type"]),
        ("note", 1, ["dialect", "cannot-carry", "wrong-type"]),
    ],
)
def test_the_threshold_rules_what_is_shown_and_the_status(
    severity: str, status: int, codes: list[str]
) -> None:
    file = FIXTURES / "no_calls.xml"
    result = run("check", file, "--severity", severity, "--format", "json")
    assert (result.exit_code, findings(result)) == (status, codes)
    assert findings(run("check", file, "--format", "json")) == ["wrong-type"]


def test_names_and_findings_cannot_steer_the_terminal(folder: Path) -> None:
    name = "\x1b[31m[red]\u202e.json"
    (folder / name).write_bytes(page(**{"\x1b[32m\u202e": 1, "duration": "\x1b[33m"}))
    shown = run("check", name, name).output
    assert all(char.isprintable() for line in shown.split("\n") for char in line)
    assert "\\x1b[31m[red]\\u202e.json: " in shown


def test_phones_are_starred_out(folder: Path) -> None:
    (folder / "a.json").write_bytes(page(duration="+7 (999) 123-45-67"))
    for form in ("text", "json", "sarif", "junit"):
        result = run("check", "a.json", "--format", form, "--html", f"{form}.html")
        assert "+* (***) ***-**-**" in result.stdout
        assert "+* (***) ***-**-**" in (folder / f"{form}.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1251"])
@pytest.mark.parametrize("form", ["json", "sarif", "junit"])
def test_machines_get_utf_8_whatever_the_locale(folder: Path, form: str, encoding: str) -> None:
    (folder / "файл.json").write_bytes(page(комментарий="x"))
    done = process("check", "файл.json", "--format", form, PYTHONIOENCODING=encoding)
    assert done.stderr == b""
    assert "комментарий" in done.stdout.decode()


def test_text_says_what_the_output_cannot_encode(folder: Path) -> None:
    (folder / "a.json").write_bytes(page(комментарий="x"))
    done = process("check", "a.json", PYTHONIOENCODING="ascii")
    assert b"payload[0].???????????: a key that is not documented" in done.stdout


# ---- check: which files, and how they are read ----


def test_a_folder_is_searched_in_order_and_hidden_files_are_not(folder: Path) -> None:
    wanted = ["b.xml", "c.JSON", "a/1.csv", "a/2.txt", "a/b/3.plain", "z/0.json"]
    others = [".hidden.json", "notes.md", "json", ".git/a.json", "a/.b/c.json", "a/x.json~"]
    for name in wanted + others:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(EMPTY)
    for start in (".", str(folder)):
        document = json.loads(run("check", start, "--format", "json").stdout)
        found = [os.path.relpath(file["file"]) for file in document["files"]]
        assert found == [os.path.normpath(name) for name in wanted]


def test_a_file_given_by_name_is_always_taken(folder: Path) -> None:
    for name in (".hidden", "page.dump"):
        (folder / name).write_bytes(GOOD)
        assert run("check", name).exit_code == 0


def test_a_folder_without_files_does_not_pass(folder: Path) -> None:
    (folder / "empty").mkdir()
    result = run("check", "empty")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "ckct-formats: empty: holds no file that ends in .json, .xml, .csv, .txt, .plain\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
def test_links_are_followed_and_pipes_are_not_waited_for(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "link.json").symlink_to(FIXTURES / "no_calls.json")
    (folder / "in" / "broken.json").symlink_to("nowhere")
    (folder / "in" / "round").symlink_to(folder / "in")
    os.mkfifo(folder / "in" / "pipe.json")
    result = run("check", "in")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "in/link.json: conforms",
        "2 files: 1 conforms, 1 cannot be read",
    ]
    assert result.stderr == "ckct-formats: in/broken.json: No such file or directory\n"


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder that cannot be read"
)
def test_a_folder_that_cannot_be_read_is_said(folder: Path) -> None:
    (folder / "in" / "shut").mkdir(parents=True)
    (folder / "in" / "a.json").write_bytes(EMPTY)
    (folder / "in" / "shut").chmod(0)
    result = run("check", "in")
    assert result.exit_code == 1
    assert "in/shut: Permission denied" in result.stderr


def test_a_folder_that_fails_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def walk(top: str, onerror: Any) -> Any:
        yield top, [], ["a.json"]
        onerror(PermissionError(13, "Permission denied", "in/shut"))

    (folder / "in").mkdir()
    (folder / "in" / "a.json").write_bytes(EMPTY)
    monkeypatch.setattr(os, "walk", walk)
    result = run("check", "in")
    assert (result.exit_code, result.stderr) == (1, "ckct-formats: in/shut: Permission denied\n")
    assert result.stdout.startswith("in/a.json: conforms\n")


@pytest.mark.parametrize("suffix", [".txt", ".plain", ".TXT"])
def test_the_suffix_of_plain_is_a_hint(folder: Path, suffix: str) -> None:
    (folder / f"a{suffix}").write_bytes(GOOD)
    (hinted,) = json.loads(run("check", f"a{suffix}", "--format", "json").stdout)["files"]
    assert hinted["source"]["format"] == "plain"
    assert run("check", f"a{suffix}", "--from", "json").exit_code == 0
    (folder / "a.csv").write_bytes(GOOD)
    assert run("check", "a.csv").exit_code == 0


def test_the_encoding_can_be_given(folder: Path) -> None:
    (folder / "a.csv").write_bytes("callId,city\r\n1,Тула\r\n".encode("windows-1251"))
    given = run("check", "a.csv", "--encoding", "cp1251", "--severity", "note", "--format", "json")
    assert "encoding" in findings(given) and "unreadable-body" not in findings(given)
    assert findings(run("check", "a.csv", "--format", "json")) == ["unreadable-body"]


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        ("check", "FILE"),
        ("check - -", "Standard input can be read once"),
        ("check a.json --format yaml", "'yaml' is not one of"),
        ("check a.json --severity fatal", "'fatal' is not one of"),
        ("check a.json --from yaml", "'yaml' is not one of"),
        ("check a.json --encoding hex", "'hex' is no encoding"),
        ("check a.json --html -", "--html needs a file"),
        ("check a.json --html .", "is no regular file"),
        ("diff a.json", "two files or more"),
        ("diff", "FILE"),
        ("diff a.json a.json", "a.json is given more than once"),
        ("diff a.json - -", "Standard input can be read once"),
        ("diff a.json b.json --format sarif", "'sarif' is not one of"),
        ("diff a.json b.json --from json", "No such option"),
    ],
)
def test_a_wrong_command_line_is_status_2(folder: Path, args: str, complaint: str) -> None:
    (folder / "a.json").write_bytes(GOOD)
    result = run(*args.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert complaint in result.stderr
    assert names(folder) == ["a.json"]


def test_help_says_the_exit_status() -> None:
    for name, good in (("check", "0 if all files conform"), ("diff", "0 if the files are equal")):
        result = run(name, "--help")
        assert (result.exit_code, result.stderr) == (0, "")
        assert good in re.sub(r"\s+", " ", result.stdout)
        assert result.stdout.isascii()


# ---- check: JSON, SARIF, JUnit ----


def test_json_says_all_that_a_report_says(folder: Path) -> None:
    (folder / "a.json").write_bytes(SAMPLE.read_bytes())
    result = run("check", "a.json", "missing.json", "--format", "json")
    report = check(SAMPLE.read_bytes())
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "version": 1,
        "files": [
            {
                "file": "a.json",
                "ok": False,
                "error": None,
                "source": {"format": "json", "dialect": "json", "encoding": "utf-8"},
                "rows": 1,
                "findings": [
                    {
                        "severity": finding.severity.value,
                        "code": finding.code.value,
                        "message": finding.message,
                        "path": list(finding.path),
                        "location": ".".join(map(str, finding.path)),
                        "line": finding.line,
                        "column": finding.column,
                        "count": 1,
                    }
                    for finding in report.findings
                ],
            },
            {
                "file": "missing.json",
                "ok": False,
                "error": "No such file or directory",
                "source": None,
                "rows": 0,
                "findings": [],
            },
        ],
        "summary": {
            "ok": False,
            "files": 2,
            "conforming": 0,
            "unreadable": 1,
            "errors": 1,
            "warnings": 1,
            "notes": 0,
        },
    }
    assert len(report.findings) == 2
    assert result.stderr == "ckct-formats: missing.json: No such file or directory\n"


@pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")
@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit"])
def test_a_name_that_is_no_text_is_written_whole(folder: Path, form: str) -> None:
    name = os.fsdecode(b"a\xff b:%.json")
    (folder / name).write_bytes(b"[")
    result = run("check", name, "--format", form, "--html", "page.html")
    assert result.exit_code == 1
    shown = result.stdout_bytes.decode()
    page = (folder / "page.html").read_bytes().decode()
    assert "a\\udcff b:%.json" in page
    expected = {"text": "a\\udcff b", "junit": "a\\udcff b", "sarif": "a%FF%20b%3A%25.json"}
    if form == "json":
        assert json.loads(shown)["files"][0]["file"] == name
    else:
        assert expected[form] in shown


def sarif(result: Result) -> dict[str, Any]:
    """The run of a SARIF log, whose structure is checked against the standard's rules."""
    log = json.loads(result.stdout)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    (only,) = log["runs"]
    rules = only["tool"]["driver"]["rules"]
    assert set(only) == {"tool", "columnKind", "results", "invocations"}
    for each in only["results"]:
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
        assert each["level"] in ("error", "warning", "note")
        assert each["message"]["text"] and each["occurrenceCount"] >= 1
        (location,) = each["locations"]
        region = location["physicalLocation"].get("region", {"startLine": 1, "startColumn": 1})
        assert region["startLine"] >= 1 and region["startColumn"] >= 1
    return dict(only)


def test_sarif_tells_each_finding_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES)
    told = sarif(run("check", "./sample.json", "--format", "sarif"))
    assert told["tool"]["driver"]["name"] == "ckct-formats"
    rules = {rule["id"]: rule for rule in told["tool"]["driver"]["rules"]}
    assert list(rules) == list(Code)
    for code in Code:
        assert rules[code]["shortDescription"]["text"] == TITLES[code]
        assert rules[code]["defaultConfiguration"]["level"] == SEVERITIES[code]
    assert [(each["ruleId"], each["level"]) for each in told["results"]] == [
        ("wrong-row-count", "error"),
        ("wrong-content-length", "warning"),
    ]
    assert told["results"][1]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "sample.json"},
                "region": {"startLine": 15, "startColumn": 22},
            },
            "logicalLocations": [{"fullyQualifiedName": "inbound.contentLength"}],
        }
    ]
    assert told["invocations"] == [
        {"executionSuccessful": True, "exitCode": 1, "toolExecutionNotifications": []}
    ]


def test_sarif_tells_what_could_not_be_read(folder: Path) -> None:
    missing = folder / "no such.json"
    told = sarif(run("check", missing, "-", "--format", "sarif", stdin=b"["))
    (result,) = told["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "stdin"}
    (invocation,) = told["invocations"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert not invocation["executionSuccessful"]
    assert notification["message"]["text"].endswith("no such.json: No such file or directory")
    place = notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place.startswith("file:///") and place.endswith("/no%20such.json")


def test_sarif_and_json_of_nothing_found_are_whole(folder: Path) -> None:
    (folder / "a.json").write_bytes(GOOD)
    assert sarif(run("check", "a.json", "--format", "sarif"))["results"] == []
    assert findings(run("check", "a.json", "--format", "json")) == []


def test_junit_has_a_suite_for_each_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES)
    result = run("check", "sample.json", "no_calls.json", "missing.json", "--format", "junit")
    root = ElementTree.fromstring(result.stdout_bytes)
    assert root.tag == "testsuites"
    suites = [(s.get("name"), s.get("tests"), s.get("failures"), s.get("errors")) for s in root]
    assert suites == [
        ("sample.json", "2", "2", "0"),
        ("no_calls.json", "1", "0", "0"),
        ("missing.json", "1", "0", "1"),
    ]
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert list(cases) == ["wrong-row-count", "wrong-content-length", "conforms", "can be read"]
    failure = cases["wrong-row-count"].find("failure")
    assert failure is not None
    assert failure.attrib == {"type": "error", "message": TITLES[Code.WRONG_ROW_COUNT]}
    assert failure.text == "48:14: payload: 1 row, where the envelope promises 1,000"
    assert list(cases["conforms"]) == []
    error = cases["can be read"].find("error")
    assert error is not None and error.get("message") == "No such file or directory"


def test_hostile_texts_pass_through_json_and_junit(folder: Path) -> None:
    key = HOSTILE + "\ufffe]]>"
    (folder / "a.json").write_bytes(page(**{key: 1, "duration": HOSTILE}))
    document = json.loads(run("check", "a.json", "--format", "json").stdout)
    paths = [each["path"][-1] for each in document["files"][0]["findings"] if each["path"]]
    assert any(str(step).startswith("</script>") for step in paths)
    root = ElementTree.fromstring(run("check", "a.json", "--format", "junit").stdout_bytes)
    texts = [failure.text or "" for failure in root.iter("failure")]
    assert any("</script><script>" in text for text in texts)
    assert not any("\x1b" in text for text in texts)


# ---- check: any number of files ----


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit"])
def test_a_file_is_read_when_the_one_before_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    written: list[int] = []

    def read(file: str) -> bytes:
        output: Any = _io.stdout().buffer
        written.append(output.getvalue().count(b"unreadable-body") - bool(form == "sarif"))
        return b"["

    for at in range(50):
        (folder / f"{at:02}.json").touch()
    monkeypatch.setattr(_io, "read", read)
    assert run("check", ".", "--format", form).exit_code == 1
    assert written == list(range(50))


@pytest.mark.slow
@pytest.mark.parametrize("form", ["json", "sarif", "junit"])
def test_memory_does_not_grow_with_the_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    rows = [{"callId": at, "clientPhone": "+7", "state": "x"} for at in range(100)]
    for at in range(60):
        (folder / f"{at:02}.json").write_text(json.dumps(rows))
    monkeypatch.setattr(_io, "write", lambda data: None)

    def peak(*args: str) -> int:
        tracemalloc.start()
        try:
            assert run("check", *args, "--format", form, "--html", "p.html", "--force").exit_code
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak("00.json")  # caches fill
    assert peak(".") < 1.5 * peak("00.json", "01.json", "02.json")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("count", "drawn"), [(1, False), (3, True)])
def test_a_terminal_sees_how_far_the_run_is(folder: Path, count: int, drawn: bool) -> None:
    for at in range(count):
        (folder / f"{at}[red].json").write_bytes(EMPTY)
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(
            command("check", "."),
            stdout=subprocess.PIPE,
            stderr=theirs,
            env=environment(TERM="xterm"),
            check=True,
        )
        os.write(theirs, b"end")
        shown = os.read(ours, 100_000)
    finally:
        os.close(theirs)
        os.close(ours)
    assert (f"2/{count}".encode() in shown and b"./2[red].json" in shown) == drawn
    assert done.stdout.splitlines()[0] == b"./0[red].json: conforms"
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize("colours", ["", "1"])
def test_a_pipe_sees_no_progress(folder: Path, colours: str) -> None:
    for at in range(3):
        (folder / f"{at}.json").write_bytes(EMPTY)
    done = process("check", ".", TERM="xterm", FORCE_COLOR=colours)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("closed", [1, 2])
def test_closed_streams_are_no_crash(folder: Path, closed: int) -> None:
    for name in ("a.json", "b.json"):
        (folder / name).write_bytes(EMPTY)
    done = process("check", ".", before=f"import sys; sys.std{('out', 'err')[closed - 1]} = None")
    assert b"Traceback" not in done.stderr
    assert done.returncode == (1 if closed == 1 else 0)


def test_a_reader_may_leave_early(folder: Path) -> None:
    for at in range(300):
        (folder / f"{at}.json").write_bytes(page(state="x"))
    with subprocess.Popen(
        command("check", ".", "--format", "json", "--html", "page.html"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as started:
        assert started.stdout is not None and started.stderr is not None
        assert len(started.stdout.read(20)) == 20
        started.stdout.close()
        assert started.stderr.read() == b""
        assert started.wait(30) == 1
    assert not [name for name in names(folder) if "html" in name or name.startswith(".")]


# ---- diff ----


def test_what_differs_is_shown_by_its_path(folder: Path) -> None:
    pair(folder)
    result = run("diff", "a.json", "b.xml")
    assert (result.exit_code, result.stdout, result.stderr) == (1, DIFF_SHOWN, "")


def test_the_four_formats_of_a_page_are_equal() -> None:
    suffixes = (".json", ".xml", ".csv", ".txt")
    paths = [FIXTURES / f"three_calls{suffix}" for suffix in suffixes]
    result = run("diff", *paths)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "equal")


def test_what_counts_for_nothing_does_not_count(folder: Path) -> None:
    pair(folder)
    body = json.loads((folder / "a.json").read_text())
    body["payload"] = [{"callId": 1, "city": "Пермь"}]
    (folder / "a.json").write_text(json.dumps(body))
    result = run("diff", "a.json", "b.xml")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "equal, 1 harmless")


def test_json_says_all_that_a_comparison_says(folder: Path) -> None:
    pair(folder)
    (folder / "c.csv").write_text("callId,duration\n2,5\n1,x\n")
    result = run("diff", "a.json", "b.xml", "c.csv", "d.json", "--format", "json")
    document = json.loads(result.stdout)
    bodies = {name: (folder / name).read_bytes() for name in ("a.json", "b.xml", "c.csv")}
    comparison = compare(bodies)
    assert result.exit_code == 1 and document["version"] == 1 and document["equal"] is False
    assert [file["file"] for file in document["files"]] == ["a.json", "b.xml", "c.csv", "d.json"]
    assert document["files"][1] == {
        "file": "b.xml",
        "source": {"format": "xml", "dialect": "xml", "encoding": "utf-8"},
        "errors": [],
    }
    assert "payload[1].duration" in document["files"][2]["errors"][0]
    assert document["files"][3]["errors"] == ["No such file or directory"]
    assert [each["path"] for each in document["differences"]] == [
        list(each.path) for each in comparison.differences
    ]
    count = len(comparison.differences)
    assert document["summary"] == {"differences": count, "harmless": 0}
    row = next(each for each in document["differences"] if each["location"] == "payload[0]")
    assert row["values"]["b.xml"] is None or row["values"]["b.xml"]["callId"] in (1, 2)
    whole = [v for each in document["differences"] for v in each["values"].values()]
    records = [value for value in whole if isinstance(value, dict)]
    assert records and {"callId", "timeStart", "extra"} <= set(records[0])


def test_times_and_lists_are_written_as_they_are(folder: Path) -> None:
    for name, time, tags in (("a.json", "12:44", [1]), ("b.json", "12:45", [1, 2])):
        row = page(timeStart=f"2019-07-16 15:{time}", tagsId=tags, clientPhone=f"7999{tags}")
        (folder / name).write_bytes(row)
    result = run("diff", "a.json", "b.json", "--format", "json")
    values = {each["location"]: each["values"] for each in json.loads(result.stdout)["differences"]}
    assert values["payload[0].timeStart"] == {
        "a.json": "2019-07-16T15:12:44",
        "b.json": "2019-07-16T15:12:45",
    }
    assert values["payload[0].tagsId"] == {"a.json": [1], "b.json": [1, 2]}


def test_a_long_value_is_cut_for_people_alone(folder: Path) -> None:
    (folder / "a.json").write_bytes(page(city="x" * 5000))
    (folder / "b.json").write_bytes(page(city="y"))
    assert f'"{"x" * 199}... (4,802 more characters)\n' in run("diff", "a.json", "b.json").stdout
    told = json.loads(run("diff", "a.json", "b.json", "--format", "json").stdout)
    assert told["differences"][0]["values"]["a.json"] == "x" * 5000


def test_the_others_are_compared_if_one_cannot_be_read(folder: Path) -> None:
    (folder / "a.json").write_bytes(page())
    (folder / "b.json").write_bytes(page(city="x"))
    (folder / "c.json").write_bytes(b"[")
    result = run("diff", "a.json", "b.json", "c.json", "d.json")
    assert result.exit_code == 1
    assert result.stdout.startswith("1 difference, 2 files cannot be read in full\n")
    assert "  c.json  cannot be read\n    json: " in result.stdout
    assert result.stderr == "ckct-formats: d.json: No such file or directory\n"
    alone = run("diff", "a.json", "d.json", "--format", "json")
    assert alone.exit_code == 1
    assert json.loads(alone.stdout)["differences"] == []
    assert run("diff", "a.json", "d.json").stdout == "1 file cannot be read in full\n"


def test_standard_input_can_be_compared(folder: Path) -> None:
    (folder / "a.json").write_bytes(page(city="x"))
    result = run("diff", "-", "a.json", stdin=page(city=HOSTILE))
    assert result.exit_code == 1
    assert "  standard input  json, utf-8\n" in result.stdout
    assert all(char.isprintable() for line in result.stdout.split("\n") for char in line)


def test_the_encoding_holds_for_all(folder: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (folder / name).write_bytes("callId,city\r\n1,Тула\r\n".encode("windows-1251"))
    assert run("diff", "a.csv", "b.csv").exit_code == 1
    assert run("diff", "a.csv", "b.csv", "--encoding", "cp1251").exit_code == 0


def test_calls_of_v3(folder: Path) -> None:
    one = FIXTURES / "calls_v3.json"
    assert "pass record_type=CallV3" in run("check", one).output
    assert findings(run("check", one, "--api", "v3", "--format", "json")) == []
    assert run("diff", one, FIXTURES / "calls_v3.xml", "--api", "v3").exit_code == 0
