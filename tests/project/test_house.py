"""The house: which room may know which, and that the table of formats is checked by types."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "ckct_formats"

# From the ground up: a room may import from those before it, and from itself.
ROOMS = [
    "_about _extras _atomic _format _errors _limits",
    "_formats.faults",
    "_formats.cells _formats.body",
    "_formats",
    "_codes",
    "_times",
    "_rules",
    "_schema",
    "_dict_rows",
    "_model _model_v3",
    "_request _versions",
    "_parse",
    "",  # the package itself: what it exports
    "dumps conformance",
    "arrow testing",
    "spark _reports _export",
    "cli",
    "__main__",
]


def modules() -> dict[str, Path]:
    """The modules of the package by their names in it."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts).removesuffix("__init__").removesuffix(".")] = path
    return found


MODULES = modules()


def imports_of(module: str) -> set[str]:
    """The modules of the package that a module imports, for types too."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {_own(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from package import module` imports the module, not what its package exports.
            names = {_own(f"{node.module}.{alias.name}") for alias in node.names}
            found |= {name if name in MODULES else _own(node.module) for name in names}
    return (found & MODULES.keys()) - {module}


def _own(name: str) -> str:
    """The name of a module in the package; "-" for another's."""
    first, _, rest = name.partition(".")
    return rest if first == "ckct_formats" else "-"


def room_of(module: str) -> int:
    rooms = [names.split() or [""] for names in ROOMS]
    places = [
        (len(name), at)
        for at, names in enumerate(rooms)
        for name in names
        if module == name or (name and module.startswith(f"{name}."))
    ]
    assert places, f"{module} stands in no room: add it to ROOMS"
    return max(places)[1]


def test_there_is_something_to_look_at() -> None:
    assert len(MODULES) > 80
    assert "_formats.body" in imports_of("_parse")
    assert "dumps" in imports_of("cli._convert") | imports_of("_export.work")


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_go_down(module: str) -> None:
    above = {name for name in imports_of(module) if room_of(name) > room_of(module)}
    assert not above


def test_there_is_no_circle_of_imports() -> None:
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join([*way[way.index(module) :], module])
        if module not in done:
            for each in sorted(imports_of(module)):
                visit(each, (*way, module))
            done.add(module)

    for module in sorted(MODULES):
        visit(module, ())


PUBLIC = ["", "arrow", "cli", "conformance", "dumps", "spark", "testing"]


def test_what_is_public_is_told_by_its_name() -> None:
    def is_private(module: str) -> bool:
        return any(part.startswith("_") for part in module.split("."))

    assert sorted(module for module in MODULES if not is_private(module)) == PUBLIC


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mypy") is None, reason="needs mypy (extra dev)")
@pytest.mark.parametrize(
    ("file", "signature", "broken"),
    [
        ("csv/__init__.py", "def count_nodes(data: bytes)", "def count_nodes(data: str)"),
        ("json/__init__.py", "def write(response: RawResponse)", "def write(response: bytes)"),
        ("xml/places.py", "def places(body: Body,", "def places(body: Body, more: int,"),
        ("plain/__init__.py", "def declared_encoding(", "def declared_encodings("),
    ],
)
def test_a_broken_signature_of_a_format_module_fails_the_type_check(
    file: str, signature: str, broken: str, tmp_path: Path
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "ckct_formats")
    module = tmp_path / "ckct_formats" / "_formats" / file
    text = module.read_text("utf-8")
    assert signature in text
    module.write_text(text.replace(signature, broken), "utf-8")
    table = tmp_path / "ckct_formats" / "_formats" / "modules.py"
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(table)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert 'expected "FormatModule"' in done.stdout


def test_no_two_rooms_have_one_name() -> None:
    names = [name for line in ROOMS for name in line.split()]
    assert all(first != second for first, second in pairwise(sorted(names)))
