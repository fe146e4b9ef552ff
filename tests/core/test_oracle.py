"""The naive reader agrees with the expected values of every fixture."""

import json
from pathlib import Path

import oracle
import pytest

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
FORMATS = {".json": "json", ".xml": "xml", ".csv": "csv", ".txt": "plain"}
JSON_ONLY = {"unknown_typed"}  # its values lose their types in the other formats

BODIES = sorted(path for path in FIXTURES.iterdir() if path.suffix in FORMATS)
EXPECTED = sorted((FIXTURES / "expected").glob("*.json"))


def test_each_case_is_complete() -> None:
    cases = {path.stem for path in EXPECTED}
    assert {"sample", "page_1000"} | JSON_ONLY <= cases
    wanted = {case + suffix for case in cases - JSON_ONLY for suffix in FORMATS}
    wanted |= {case + ".json" for case in JSON_ONLY}
    assert {path.name for path in BODIES} == wanted


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.name)
def test_reads_as_expected(path: Path) -> None:
    expected = json.loads((FIXTURES / "expected" / f"{path.stem}.json").read_bytes())
    actual = oracle.read(path.read_bytes(), FORMATS[path.suffix])
    assert actual == expected
    # As text too, since True == 1 == 1.0 in Python.
    assert json.dumps(actual, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_fields_are_those_of_the_documented_sample() -> None:
    sample = json.loads((FIXTURES / "sample.json").read_bytes())
    assert [wire for wire, _, _ in oracle.CALL] == list(sample["payload"][0])
