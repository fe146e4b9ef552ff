"""Bodies that once broke a promise keep it, and so do the fixtures; so does the fuzzer itself."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import mutation
import pytest
import seeds
import words
from finds import failure, shortened, signature
from promise import Anything, check_body
from targets import TARGETS

from ckct_formats import Call, CallV3, Format, ParseError, parse

RECORD_TYPES: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Call, CallV3, Anything, dict)
}
LEDGER: list[dict[str, Any]] = json.loads((seeds.REPORTED / "ledger.json").read_bytes())

each_entry = pytest.mark.parametrize("entry", LEDGER, ids=lambda entry: entry["file"])
each_format = pytest.mark.parametrize("fmt", list(Format))


def test_the_ledger_names_every_file() -> None:
    files = [path.name for fmt in Format for path in seeds.reported(fmt)]
    assert sorted(entry["file"] for entry in LEDGER) == sorted(files)
    assert all(entry["what"] for entry in LEDGER)


def targets_of(fmt: Format) -> list[str]:
    return [name for name, target in TARGETS.items() if fmt is target.format]


@each_entry
def test_what_was_reported_keeps_the_promise(entry: dict[str, Any]) -> None:
    path = seeds.REPORTED / entry["file"]
    for name in targets_of(seeds.SUFFIXES[path.suffix]):
        TARGETS[name].check(path.read_bytes())


@each_entry
def test_what_was_reported_reads_as_the_ledger_says(entry: dict[str, Any]) -> None:
    path = seeds.REPORTED / entry["file"]
    fmt, kind = seeds.SUFFIXES[path.suffix], RECORD_TYPES[entry["record_type"]]
    if "error" in entry:
        with pytest.raises(ParseError) as caught:
            parse(path.read_bytes(), fmt, record_type=kind)
        assert entry["error"] in str(caught.value)
    else:
        assert parse(path.read_bytes(), fmt, record_type=kind).payload == entry["payload"]


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_the_fixtures_keep_the_promise(name: str) -> None:
    target = TARGETS[name]
    bodies = list(seeds.bodies(target.format))
    assert len(bodies) > 100
    for data in bodies[::2]:  # the others are much like them
        target.check(data)


# ---- the fuzzer ----


@each_format
def test_bodies_are_changed_reproducibly(fmt: Format) -> None:
    dictionary = [word.encode() for word in words.words_of(fmt)]
    body = next(seeds.bodies(fmt))
    for seed in range(40):
        new = mutation.changed(body, dictionary, seed)
        assert new == mutation.changed(body, dictionary, seed)
        check_body(new, fmt)
    assert any(mutation.changed(b"", dictionary, seed) for seed in range(40))


def test_a_find_is_made_short_and_stays_the_same_find() -> None:
    def check(data: bytes) -> None:
        assert b"bad" not in data
        assert len(data) < 1000

    data = b"some text, bad, and more of it" * 2
    short = shortened(data, check, 5)
    assert short == b"bad"
    first, again, other = (failure(check, each) for each in (data, short, b"x" * 1000))
    assert first is not None and again is not None and other is not None
    assert signature(first) == signature(again) != signature(other)


@pytest.mark.skipif(find_spec("atheris") is None, reason="needs atheris (extra fuzz)")
def test_the_fuzzer_runs(tmp_path: Path) -> None:
    command = [sys.executable, str(Path(seeds.__file__).parent), "differential-json"]
    command += ["--runs", "50", "--corpus", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert " executions, " in done.stdout


@pytest.mark.skipif(find_spec("atheris") is not None, reason="atheris is there")
def test_without_atheris_it_says_what_to_install() -> None:
    command = [sys.executable, str(Path(seeds.__file__).parent), "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "ckct-formats[fuzz]" in done.stderr
