"""Public corpora, read where they lie, and what the ledgers say of their files.

None of them is part of the project: `CKCT_CORPORA` names the folder that holds them. A ledger names
every file of a corpus, or groups of them by an exact count, and the rule that each follows;
`ledgers/README.md` says what the rules mean. Nothing here takes an expectation from our output.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import os
import posixpath
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

import pytest

from ckct_formats import Format, ParseError, UnsafeInputError, parse
from ckct_formats._formats import xml
from ckct_formats._formats.body import Body
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.xml.document import DIGIT_NAMES, parse_document
from ckct_formats._limits import DEFAULT_LIMITS
from ckct_formats._parse import read_raw

LEDGERS = Path(__file__).parent.parent / "ledgers"
VARIABLE = "CKCT_CORPORA"

# By corpus, how many of its files gave what the ledger says, and how many did not.
FIGURES: dict[str, tuple[int, int]] = {}


def corpus(name: str) -> Path:
    """The folder of a corpus; the test is skipped where it is not there."""
    root = os.environ.get(VARIABLE)
    if not root:
        pytest.skip(f"no public corpora: {VARIABLE} is not set")
    folder = Path(root) / name
    if not folder.is_dir():
        pytest.skip(f"no public corpora: the folder that {VARIABLE} names holds no {name}")
    return folder


def table() -> list[str]:
    """The figures of the corpora that were read, as lines of a table."""
    if not FIGURES:
        return []
    rows = [("corpus", "as expected", "not")]
    rows += [(name, f"{good:,}", f"{bad:,}") for name, (good, bad) in FIGURES.items()]
    return [f"{name:<34}{good:>12}{bad:>6}" for name, good, bad in rows]


# ---- ledgers ----


class Line(NamedTuple):
    """What a ledger says of one file."""

    expected: str
    rule: str


class Group(NamedTuple):
    """What a ledger says of files that are told by a rule of their own.

    Attributes:
        files: How many there are.
        names: The digest of their names, as a file could go while another comes.
    """

    expected: str
    rule: str
    files: int
    names: str


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a ledger; no cell of them is missing."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert rows, f"{path.name} is empty"
    assert all(None not in row and None not in row.values() for row in rows), path.name
    return rows


def ledger(name: str) -> dict[str, Line]:
    """What is expected of each file of a corpus."""
    rows = rows_of(LEDGERS / f"{name}.csv")
    lines = {row["file"]: Line(row["expected"], row["rule"]) for row in rows}
    assert len(lines) == len(rows), f"{name}.csv names a file twice"
    return lines


def groups(name: str) -> dict[str, Group]:
    """What is expected of the groups of a corpus."""
    return {
        row["group"]: Group(row["expected"], row["rule"], int(row["files"]), row["names"])
        for row in rows_of(LEDGERS / "groups.csv")
        if row["corpus"] == name
    }


def rules() -> set[str]:
    """The rules that `ledgers/README.md` explains."""
    text = (LEDGERS / "README.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE))


def digest(names: Iterable[str]) -> str:
    """What tells one set of names from another."""
    listed = "\n".join(sorted(names)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(listed).hexdigest()[:16]


def check_names(named: Iterable[str], found: Iterable[str]) -> None:
    """Each file that a ledger names is there, and each that is there is named."""
    named, found = set(named), set(found)
    missing, unnamed = sorted(named - found), sorted(found - named)
    assert not missing, f"named in the ledger and not there: {missing}"
    assert not unnamed, f"there and not named in the ledger: {unnamed}"


def check_groups(name: str, group_of: Mapping[str, str]) -> None:
    """The groups that were found are those of the ledger, with as many files of the same names."""
    members: dict[str, list[str]] = {}
    for file, group in group_of.items():
        members.setdefault(group, []).append(file)
    found = {group: (len(files), digest(files)) for group, files in members.items()}
    assert found == {group: (line.files, line.names) for group, line in groups(name).items()}


def files_below(folder: Path) -> list[str]:
    """The files of a corpus, by their paths inside it."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


# What a ledger may expect, and the verdicts that are so. Where a corpus decides nothing, the
# promise is still kept: a verdict is a `Response` or a `ParseError`, as no other error is caught.
_ALLOWED = {
    "accepted": {"accepted"},
    "repaired": {"repaired"},
    "refused": {"refused"},
    "unsafe": {"unsafe"},
    "equal": {"equal"},
    "not read": {"refused", "unsafe"},
    "any": {"accepted", "repaired", "refused", "unsafe"},
}


def judge(name: str, expected: Mapping[str, Line], verdicts: Mapping[str, str]) -> list[str]:
    """Count the files that are as expected, and name those that are not."""
    wrong = [
        f"{file}: expected {expected[file].expected} ({expected[file].rule}), found {verdict}"
        for file, verdict in verdicts.items()
        if verdict not in _ALLOWED[expected[file].expected]
    ]
    FIGURES[name] = (len(verdicts) - len(wrong), len(wrong))
    return wrong


def check_none(wrong: Iterable[str]) -> None:
    """No file gave what was not expected of it."""
    wrong = list(wrong)
    assert not wrong, "\n".join(["", *wrong])


# ---- verdicts ----


def page_verdict(page: bytes, fmt: Format) -> str:
    """How a body is read as a page of rows of any kind."""
    try:
        parse(page, fmt, record_type=dict)
    except UnsafeInputError:
        return "unsafe"
    except ParseError:
        return "refused"
    return "accepted"


# Most documents of a suite are no pages. So each stands as the value of an unknown field of the one
# row, in the three shapes that a payload has; what is refused then is refused for itself.
_JSON_PAGES = (
    ('[{"value":', "}]"),
    ('{"payload":[{"value":', "}]}"),
    ('{"payload":{"7":{"value":', "}}}"),
)


def json_verdict(document: bytes) -> str:
    """Whether a JSON document is accepted, decoded as a body is."""
    try:
        text = Body(document, Format.JSON).text
    except ParseError:
        return "refused"
    pages = [(before + text + after).encode() for before, after in _JSON_PAGES]
    found = {page_verdict(page, Format.JSON) for page in pages}
    if len(found) > 1:
        return "accepted in one page and refused in another"
    if any(_decodes(page, {"value": False}) != _decodes(page, {}) for page in pages):
        return "read otherwise by the decoder of known fields"
    if found == {"refused"} and page_verdict(document, Format.JSON) != "refused":
        return "refused as a value and accepted as a body"
    return found.pop()


def _decodes(page: bytes, known: dict[str, bool]) -> bool:
    """Whether the JSON module reads a page, before any field has a type."""
    try:
        _, raw = read_raw(page, Format.JSON, None, DEFAULT_LIMITS, known)
    except ParseError:
        return False
    return not raw.table.faults and not raw.faults


def xml_verdict(document: bytes) -> str:
    """Whether an XML document is accepted, which need not be a page."""
    try:
        body = Body(document, Format.XML, None, xml.declared_encoding)
        try:
            parse_document(body, DEFAULT_LIMITS)
        except Fault as fault:
            raise body.error(fault) from None
    except UnsafeInputError:
        found = "unsafe"
    except ParseError:
        found = "refused"
    else:
        found = "repaired" if body.dialect == DIGIT_NAMES else "accepted"
    page = page_verdict(document, Format.XML)
    if page != found and page != "refused" and found in ("unsafe", "refused"):
        return f"{found} as a document and {page} as a page"
    return found


# ---- documents with a DOCTYPE, told without a parser ----

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    ("<?".encode("utf-16-le"), "utf-16-le"),
    ("<?".encode("utf-16-be"), "utf-16-be"),
)
_IN_FRONT = re.compile(r"\ufeff?(?:\s|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)


def has_doctype(document: bytes) -> bool:
    """Whether a document has a DOCTYPE, behind nothing but comments and instructions."""
    encoding = next((name for mark, name in _MARKS if document.startswith(mark)), "latin-1")
    text = document.decode(encoding, "replace")
    start = _IN_FRONT.match(text)
    return start is not None and text.startswith("<!DOCTYPE", start.end())


# ---- the W3C's suite ----

_ROOT = "xmlconf/"
_CATALOGUE = "xmlconf.xml"
# The catalogue gives these a base that is not there.
_MOVED = ("eduni/namespaces/misc/", "eduni/misc/")


def unpacked(archive: Path) -> dict[str, bytes]:
    """The files of the suite, in memory alone."""
    with tarfile.open(archive) as tar:
        members = ((member.name, tar.extractfile(member)) for member in tar)
        return {name.removeprefix(_ROOT): file.read() for name, file in members if file}


class Case(NamedTuple):
    """One test of the suite's catalogue (see its testcases.dtd).

    Attributes:
        file: The document.
        kind: valid, invalid, not-wf or error.
        edition: Whose test it is: "4th edition" of XML 1.0, "5th edition", where it is of that
            alone, or "XML 1.1".
        forms: The documents that hold its canonical forms.
    """

    file: str
    kind: str
    edition: str
    forms: list[str]


def cases(files: Mapping[str, bytes]) -> list[Case]:
    """The tests of the catalogue, which is spread over many files as entities."""
    found: list[Case] = []
    bases = [""]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "TEST":
            found.append(_case(bases[-1], attributes))
        elif tag in ("TESTSUITE", "TESTCASES"):
            bases.append(posixpath.join(bases[-1], attributes.get("xml:base", "")))

    def end(tag: str) -> None:
        if tag in ("TESTSUITE", "TESTCASES"):
            bases.pop()

    def external(context: str, _: str | None, system: str | None, __: str | None) -> int:
        parser.ExternalEntityParserCreate(context).Parse(files[system or ""], True)
        return 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.ExternalEntityRefHandler = external
    parser.Parse(files[_CATALOGUE], True)
    return found


def _case(base: str, attributes: Mapping[str, str]) -> Case:
    base = base.replace(*_MOVED)
    forms = [attributes[key] for key in ("OUTPUT", "OUTPUT3") if key in attributes]
    uri, *forms = (
        posixpath.normpath(posixpath.join(base, at)) for at in [attributes["URI"], *forms]
    )
    versions = attributes.get("VERSION", "1.0").split()
    editions = attributes.get("EDITION", "4").split()
    edition = "XML 1.1" if "1.0" not in versions else "5th edition"
    if "1.0" in versions and "4" in editions:
        edition = "4th edition"
    return Case(uri, attributes["TYPE"], edition, forms)


def xmlconf_groups(files: Mapping[str, bytes]) -> dict[str, str]:
    """The group of every file of the suite: by its test, its part in one, or its name."""
    group_of = {file: f"no test: {posixpath.splitext(file)[1] or 'no suffix'}" for file in files}
    # A document can be of two tests: that of the fourth edition counts.
    tests = sorted(cases(files), key=lambda case: case.edition == "4th edition")
    for case in tests:
        group_of |= dict.fromkeys(case.forms, f"{case.edition}: canonical form")
    group_of |= {case.file: f"{case.edition}: {case.kind}" for case in tests}
    return {
        file: group + ", DOCTYPE" * has_doctype(files.get(file, b""))
        for file, group in group_of.items()
    }


# ---- naughty strings ----


def naughty_lines(text: str) -> Iterator[str]:
    """The strings of the list's text file, whose comments begin with `#`."""
    return (line for line in text.split("\n") if line and not line.startswith("#"))
