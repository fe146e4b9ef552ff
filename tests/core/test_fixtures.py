"""The fixture files of a case parse equal, and equal to the expected value beside them."""

from __future__ import annotations

import json
from pathlib import Path

import oracle
import pytest
from expected import as_expected, record_type_of

from ckct_formats import CallV3, Format, detect, parse, serialize

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
SUFFIXES = {".json": Format.JSON, ".xml": Format.XML, ".csv": Format.CSV, ".txt": Format.PLAIN}
EXPECTED = sorted((FIXTURES / "expected").glob("*.json"))
FILES = sorted(path for path in FIXTURES.iterdir() if path.suffix in SUFFIXES)


def test_the_cases_are_there() -> None:
    cases = {path.stem for path in EXPECTED}
    assert cases == {path.stem for path in FILES}
    assert len(cases) >= 10
    in_all_formats = [
        case for case in cases if len(list(FIXTURES.glob(f"{case}.*"))) == len(Format)
    ]
    assert len(in_all_formats) >= 9


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_reads_as_expected(path: Path) -> None:
    expected = json.loads((FIXTURES / "expected" / f"{path.stem}.json").read_bytes())
    fmt = SUFFIXES[path.suffix]
    body = path.read_bytes()
    kind = record_type_of(path)
    response = parse(body, fmt, record_type=kind)
    assert as_expected(response) == expected
    assert detect(body) is fmt
    for same in (body, body.decode(), bytearray(body), memoryview(body)):
        assert parse(same, record_type=kind) == parse(same, fmt, record_type=kind) == response


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("fmt", list(Format))
def test_an_independent_reader_agrees_with_what_is_written(path: Path, fmt: Format) -> None:
    response = parse(path.read_bytes(), SUFFIXES[path.suffix], record_type=record_type_of(path))
    assert oracle.read(serialize(response, fmt), fmt) == as_expected(response)


def test_the_documented_sample_comes_back_value_for_value() -> None:
    sample = (FIXTURES / "sample.json").read_bytes()
    assert json.loads(serialize(parse(sample, "json"), "json")) == json.loads(sample)


def test_calls_of_v3_come_back_key_for_key() -> None:
    body = (FIXTURES / "calls_v3.json").read_bytes()
    written = serialize(parse(body, "json", record_type=CallV3), "json")
    assert json.dumps(json.loads(written)) == json.dumps(json.loads(body))
