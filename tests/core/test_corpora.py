"""Public corpora give what their ledgers say, file by file.

    CKCT_CORPORA=../shared/corpora python -m pytest tests/core/test_corpora.py -q -rs

ends with a table of how many files of each corpus are as expected. Without the corpora these tests
are skipped; those of the project's own files, in `fixtures/hostile/`, always run.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import corpora
import pytest
from corpora import Line

from ckct_formats import (
    Call,
    Format,
    Inbound,
    LimitExceededError,
    ParseError,
    Response,
    SerializeError,
    UnsafeInputError,
    parse,
    serialize,
)

HOSTILE = Path(__file__).parent.parent.parent / "fixtures" / "hostile"


def test_every_rule_is_explained_and_used() -> None:
    tables = [*corpora.LEDGERS.glob("*.csv"), HOSTILE / "ledger.csv"]
    used = {row["rule"] for path in tables for row in corpora.rows_of(path)}
    assert used == corpora.rules()


# ---- JSONTestSuite ----


@pytest.mark.slow
def test_jsontestsuite() -> None:
    folder = corpora.corpus("jsontestsuite")
    expected = corpora.ledger("jsontestsuite")
    corpora.check_names(expected, corpora.files_below(folder))
    documents = {file: line for file, line in expected.items() if line.rule != "no-case"}
    assert len(documents) == 318
    verdicts = {file: corpora.json_verdict((folder / file).read_bytes()) for file in documents}
    corpora.check_none(corpora.judge("JSONTestSuite", expected, verdicts))


def test_the_ledger_of_jsontestsuite_departs_from_it_by_name() -> None:
    """What is expected otherwise than a name says follows a rule of ours."""
    said = {"y": "accepted", "n": "refused"}
    for file, line in corpora.ledger("jsontestsuite").items():
        name = Path(file).name
        if line.rule == "suite":
            assert line.expected == said[name.partition("_")[0]], name
        else:
            assert not name.startswith("n_"), name


# ---- the W3C's suite ----


@pytest.mark.slow
def test_xmlconf() -> None:
    folder = corpora.corpus("xmlconf")
    files = corpora.unpacked(folder / "xmlconf.tar.xz")
    corpora.check_names(["xmlconf.tar.xz"], corpora.files_below(folder))
    group_of = corpora.xmlconf_groups(files)
    corpora.check_names(group_of, files)
    corpora.check_groups("xmlconf", group_of)
    named = corpora.ledger("xmlconf")
    assert named.keys() <= files.keys()
    by_group = corpora.groups("xmlconf")
    expected = {
        file: named.get(file) or Line(by_group[group].expected, by_group[group].rule)
        for file, group in group_of.items()
    }
    undecided = [file for file, line in expected.items() if line.expected == "by name"]
    assert not undecided
    verdicts = {file: corpora.xml_verdict(data) for file, data in files.items()}
    wrong: list[str] = []
    for part, is_part in PARTS.items():
        some = {file: verdicts[file] for file, group in group_of.items() if is_part(group)}
        wrong += corpora.judge(f"xmlconf: {part}", expected, some)
    corpora.check_none(wrong)


# The suite says what to do with the documents of its tests for this edition, and with their
# canonical forms, which are documents too. Of all others the promise alone is asked.
PARTS: dict[str, Callable[[str], bool]] = {
    "XML 1.0, 4th edition": lambda group: group.startswith("4th edition"),
    "other editions": lambda group: group.startswith(("5th edition", "XML 1.1")),
    "no tests": lambda group: group.startswith("no test"),
}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"<!DOCTYPE r><r/>", True),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- <r> -->\n<!DOCTYPE r><r/>', True),
        ("\ufeff<!DOCTYPE r><r/>".encode("utf-16-le"), True),
        ('<?xml version="1.0"?><!DOCTYPE r><r/>'.encode("utf-16-be"), True),
        (b"<!-- <!DOCTYPE r> --><r/>", False),
        (b"<?p <!DOCTYPE r> ?><r/>", False),
        (b"<r><![CDATA[<!DOCTYPE r>]]></r>", False),
        (b"<r/><!DOCTYPE r>", False),
    ],
)
def test_a_doctype_is_told(document: bytes, expected: bool) -> None:
    assert corpora.has_doctype(document) is expected


# ---- defusedxml ----


def test_defusedxml() -> None:
    folder = corpora.corpus("defusedxml")
    expected = corpora.ledger("defusedxml")
    corpora.check_names(expected, corpora.files_below(folder))
    documents = {file: line for file, line in expected.items() if line.rule != "no-case"}
    for file, line in documents.items():
        assert (line.expected == "unsafe") is corpora.has_doctype((folder / file).read_bytes())
    verdicts = {file: corpora.xml_verdict((folder / file).read_bytes()) for file in documents}
    corpora.check_none(corpora.judge("defusedxml", expected, verdicts))


# ---- csv-spectrum ----


def test_csv_spectrum() -> None:
    folder = corpora.corpus("csv-spectrum")
    expected = corpora.ledger("csv-spectrum")
    corpora.check_names(expected, corpora.files_below(folder))
    tables = {file: line for file, line in expected.items() if line.rule != "no-case"}
    verdicts = {file: _csv_verdict(folder / file, line) for file, line in tables.items()}
    corpora.check_none(corpora.judge("csv-spectrum", expected, verdicts))


def _csv_verdict(path: Path, line: Line) -> str:
    """A table holds what its json says, and what the standard library's reader finds."""
    try:
        found = parse(path.read_bytes(), "csv", record_type=dict).payload
    except ParseError as error:
        return str(error)
    text = path.read_bytes().decode()
    cells = [_with_blanks(row) for row in csv.DictReader(io.StringIO(text, newline=""))]
    if found != cells:
        return "otherwise than the standard library reads it"
    told = json.loads((path.parent.parent / "json" / f"{path.stem}.json").read_bytes())
    agrees = isinstance(told, list) and found == [_with_blanks(row) for row in told]
    return "equal" if agrees is (line.rule == "suite") else "otherwise than its json"


def _with_blanks(row: dict[str, Any]) -> dict[str, Any]:
    return {key: text or None for key, text in row.items()}


# ---- big list of naughty strings ----

# Where a string stands: in a known field, in an unknown one, in the envelope, as a cell of a dict.
PLACES: dict[str, Callable[[str], Response[Any]]] = {
    "field": lambda text: Response(payload=[Call(1, utm_term=text), Call(2)]),
    "unknown field": lambda text: Response(payload=[Call(1, extra={"x": text}), Call(2)]),
    "envelope": lambda text: Response(Inbound(error=text)),
    "dict": lambda text: Response[Any](payload=[{"a": text, "b": "1"}]),
}


def test_blns() -> None:
    folder = corpora.corpus("blns")
    corpora.check_names(corpora.ledger("blns_files"), corpora.files_below(folder))
    values = json.loads((folder / "blns.json").read_bytes())
    lines = corpora.naughty_lines((folder / "blns.txt").read_bytes().decode())
    strings = {f"blns.json {at}": text for at, text in enumerate(values)}
    strings |= {f"blns.txt {at}": text for at, text in enumerate(lines)}
    names = {f"{name} {text}": name.partition(" ")[0] for name, text in strings.items()}
    corpora.check_groups("blns", names)
    departs = {
        (row["string"], place, fmt): row["rule"]
        for row in corpora.rows_of(corpora.LEDGERS / "blns.csv")
        for place in row["places"].split(";")
        for fmt in row["formats"].split(";")
    }
    verdicts = {
        (name, place, str(fmt)): _comes_back(make(text), fmt)
        for name, text in strings.items()
        for place, make in PLACES.items()
        for fmt in Format
    }
    assert departs.keys() <= verdicts.keys()
    expected = {
        " / ".join(key): Line("refused", departs[key]) if key in departs else Line("equal", "back")
        for key in verdicts
    }
    found = {" / ".join(key): verdict for key, verdict in verdicts.items()}
    corpora.check_none(corpora.judge("naughty strings, 16 ways each", expected, found))


def _comes_back(response: Response[Any], fmt: Format) -> str:
    try:
        body = serialize(response, fmt)
    except SerializeError as error:
        return "refused" if error.reason in REASONS else str(error)
    record_type = type(response.payload[0]) if response.payload else Call
    return "equal" if parse(body, fmt, record_type=record_type) == response else "not equal"


# The reasons for which docs/wire-formats.md lets a text be refused.
REASONS = {
    "a blank text would come back as None",
    "an empty unknown field would be dropped",
    "a character that XML 1.0 does not have",
}


@pytest.mark.parametrize("fmt", list(Format))
def test_all_naughty_strings_in_one_page(fmt: Format) -> None:
    """They stand beside each other as calls of one page, where one could pass for another's key."""
    values = json.loads((corpora.corpus("blns") / "blns.json").read_bytes())
    calls = [Call(at, utm_term=text) for at, text in enumerate(values)]
    page = Response(
        payload=[call for call in calls if _comes_back(Response(payload=[call]), fmt) == "equal"]
    )
    assert len(page.payload) > 500
    assert _comes_back(page, fmt) == "equal"


# ---- files of our own: one for each class of defects ----

SUFFIXES = {".json": Format.JSON, ".xml": Format.XML, ".csv": Format.CSV, ".txt": Format.PLAIN}
ERRORS = {"refused": ParseError, "unsafe": UnsafeInputError, "limit": LimitExceededError}
HOSTILE_ROWS = corpora.rows_of(HOSTILE / "ledger.csv")


def test_every_hostile_file_is_in_the_ledger() -> None:
    corpora.check_names(
        [row["file"] for row in HOSTILE_ROWS],
        [file for file in corpora.files_below(HOSTILE) if "/" in file],
    )
    assert len(HOSTILE_ROWS) >= 80
    assert {row["expected"] for row in HOSTILE_ROWS} == {"read", *ERRORS}


@pytest.mark.parametrize("row", HOSTILE_ROWS, ids=lambda row: row["file"])
def test_a_hostile_file(row: dict[str, str]) -> None:
    path = HOSTILE / row["file"]
    body, fmt = path.read_bytes(), SUFFIXES[path.suffix]
    if row["expected"] == "read":
        assert parse(body, fmt, record_type=dict).payload == json.loads(row["gives"])
        return
    for record_type in (dict, Call):
        with pytest.raises(ParseError) as caught:
            parse(body, fmt, record_type=record_type)
        assert type(caught.value) is ERRORS[row["expected"]]
        assert row["gives"] in str(caught.value)
        assert caught.value.__context__ is None
