"""Tables of lines: csv and ndjson."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ckct_formats._errors import SerializeError
from ckct_formats._export.spreadsheet import neutral_in_csv
from ckct_formats._export.units import Job, Target
from ckct_formats._format import Format
from ckct_formats._formats import json_text
from ckct_formats._formats.csv.writer import CONSTRAINTS, write_rows
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.table import Column, Table
from ckct_formats._schema import Schema, schema_of

Encode = Callable[[Sequence[Any]], bytes]

_EXTRA = "extra"


def encoder_of(job: Job) -> Encode:
    """What makes lines of records."""
    if job.target is Target.NDJSON:
        return msgspec.json.Encoder().encode_lines
    schema = schema_of(job.record_type)
    return lambda records: _csv_lines(records, schema, safe=job.spreadsheet_safe)


def head_of(job: Job) -> bytes:
    """What stands in front of the lines: of csv the names of the columns, which are the API's."""
    if job.target is Target.NDJSON:
        return b""
    schema = schema_of(job.record_type)
    names = [field.wire for field in schema.wire_order] + [_EXTRA] * schema.has_extra
    return ",".join(names).encode() + b"\r\n"


def _csv_lines(records: Sequence[Any], schema: Schema[Any], *, safe: bool) -> bytes:
    """Rows as the csv format writes them. Unknown fields differ from page to page, so they are one
    column of JSON."""
    if not records:
        return b""
    try:
        columns = schema.write_columns(records, CONSTRAINTS)
        for field in schema.wire_order:
            if field.rule.blank is None:
                columns[field.wire] = _without_dashes(columns[field.wire])
        if schema.has_extra:
            columns[_EXTRA] = Column.of([_object(record.extra) for record in records])
        if safe:
            columns = {name: _neutral(column) for name, column in columns.items()}
        lines = write_rows(Table(columns, len(records)))
    except Fault as fault:
        failed = SerializeError(fault.text, format=Format.CSV, path=fault.path)
    else:
        return "\r\n".join([*lines, ""]).encode()
    raise failed


def _without_dashes(column: Column) -> Column:
    """Blanks as nothing: the API's own `-` would be one more value to an analyst."""
    if str not in column.kinds:
        return column
    return Column.of([None if cell == "-" else cell for cell in column.cells])


def _object(extra: dict[str, str]) -> str:
    return json_text.write(extra) if extra else ""


def _neutral(column: Column) -> Column:
    if str not in column.kinds:
        return column
    cells = [neutral_in_csv(cell) if isinstance(cell, str) else cell for cell in column.cells]
    return Column(cells, column.kinds)
