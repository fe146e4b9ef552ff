"""A loop over the lines of PHP's print_r, by hand."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.contenders.columns import records
from benchmarks.records import WIRE_KEYS, Record, copies, wire_values_of

_PAYLOAD = "    [payload] => Array\n        (\n"
_ROW_OPENS, _ROW_CLOSES = " " * 16 + "(", " " * 16 + ")"
_CELL = " " * 20 + "["
_LIST_OPENS, _LIST_CLOSES = " " * 24 + "(", " " * 24 + ")"
_ITEM = " " * 28 + "["


def _read(body: bytes) -> list[Any]:
    rows = _rows(body.decode().partition(_PAYLOAD)[2].split("\n"))
    columns = {key: [row[key] for row in rows] for key in WIRE_KEYS}
    return records(columns, [tuple(map(int, tags)) for tags in columns["tagsId"]])


def _rows(lines: list[str]) -> list[dict[str, Any]]:
    """The rows as texts and lists. A line of no other kind goes on with the text above it."""
    rows: list[dict[str, Any]] = []
    row: dict[str, Any] = {}
    items: list[str] = []
    key = ""
    for line in lines:
        if line[:21] == _CELL:
            key, _, value = line[21:].partition("] => ")
            row[key] = value
        elif line[:29] == _ITEM:
            items.append(line.partition("] => ")[2])
        elif line == _ROW_OPENS:
            row = {}
            rows.append(row)
        elif line == _LIST_OPENS:
            row[key] = items = []
        elif line in (_ROW_CLOSES, _LIST_CLOSES):
            key = ""
        elif key:
            row[key] += "\n" + line
    return rows


def _write(rows: list[Any]) -> bytes:
    parts = ["Array\n(\n", _PAYLOAD]
    for number, row in enumerate(rows):
        parts.append(f"            [{number}] => Array\n{_ROW_OPENS}\n")
        for key, value in zip(WIRE_KEYS, wire_values_of(row), strict=True):
            text = _list(value) if key == "tagsId" else "" if value is None else value
            parts.append(f"{_CELL}{key}] => {text}\n")
        parts.append(f"{_ROW_CLOSES}\n\n")
    parts.append("        )\n\n)\n")
    return "".join(parts).encode()


def _list(values: tuple[int, ...]) -> str:
    items = "".join([f"{_ITEM}{at}] => {value}\n" for at, value in enumerate(values)])
    return f"Array\n{_LIST_OPENS}\n{items}{_LIST_CLOSES}\n"


CONTENDER = Contender("print_r line loop", ("builtins",), _read, partial(copies, Record), _write)
