"""Tables of lines: csv and ndjson."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from ckct_formats._errors import SerializeError
from ckct_formats._export import Job, Part, Target
from ckct_formats._export.spreadsheet import neutral_in_csv
from ckct_formats._format import Format
from ckct_formats._formats import json_text
from ckct_formats._formats.csv.writer import CONSTRAINTS, write_rows
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.table import Column, Table
from ckct_formats._schema import Schema, schema_of
from ckct_formats.dumps import iter_calls

# Calls that are encoded at once: a page.
_CALLS = 1_000
_COPIED_BYTES = 1024 * 1024
_EXTRA = "extra"


def make_part(job: Job, files: Sequence[str | IO[bytes]], path: Path) -> Part:
    """Write the lines of files."""
    encode = _encoder_of(job)
    calls = iter_calls(files, **job.reading)
    with path.open("xb") as out:
        while records := list(islice(calls, _CALLS)):
            out.write(encode(records))
    return Part(path, len(files), calls.given, calls.errors)


def write_lines(job: Job, parts: Iterable[Part], write: Callable[[bytes], object]) -> None:
    """Write the lines of all parts; before those of csv the names of the columns."""
    if job.target is Target.CSV:
        schema = schema_of(job.reading["record_type"])
        names = [field.wire for field in schema.wire_order] + [_EXTRA] * schema.has_extra
        write(",".join(names).encode() + b"\r\n")
    for part in parts:
        with part.path.open("rb") as stream:
            while data := stream.read(_COPIED_BYTES):
                write(data)


def _encoder_of(job: Job) -> Callable[[Sequence[Any]], bytes]:
    if job.target is Target.NDJSON:
        return msgspec.json.Encoder().encode_lines
    schema = schema_of(job.reading["record_type"])
    return lambda records: _csv_lines(records, schema, safe=job.spreadsheet_safe)


def _csv_lines(records: Sequence[Any], schema: Schema[Any], *, safe: bool) -> bytes:
    """Rows as the csv format writes them, but with blanks as nothing: the API's own `-` would be
    one more value to an analyst. Unknown fields differ from page to page, so they are one column of
    JSON."""
    try:
        columns = schema.write_columns(records, CONSTRAINTS)
        for field in schema.wire_order:
            if field.rule.blank is None:
                column = columns[field.wire]
                columns[field.wire] = _mapped(column, lambda text: None if text == "-" else text)
        if schema.has_extra:
            extras = [json_text.write(record.extra) if record.extra else "" for record in records]
            columns[_EXTRA] = Column.of(extras)
        if safe:
            columns = {name: _mapped(each, neutral_in_csv) for name, each in columns.items()}
        lines = write_rows(Table(columns, len(records)))
    except Fault as fault:
        failed = SerializeError(fault.text, format=Format.CSV, path=fault.path[-1:])
    else:
        return "\r\n".join([*lines, ""]).encode()
    raise failed


def _mapped(column: Column, change: Callable[[str], str | None]) -> Column:
    """A column whose texts are changed."""
    if str not in column.kinds:
        return column
    return Column.of(column.map(lambda cell: change(cell) if isinstance(cell, str) else cell))
