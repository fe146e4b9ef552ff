"""A workbook: what a spreadsheet shows as it is, and runs nothing of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import IO, Any

from ckct_formats import json_text
from ckct_formats.errors import TableError
from ckct_formats.export.spreadsheet import neutral
from ckct_formats.extras import extra

# Bounds of the file format (Microsoft's "Excel specifications and limits").
_MOST_ROWS = 1_048_576
_MOST_CHARS = 32_767
_MOST_DIGITS = 15
_FIRST_YEAR = 1900

_TIME, _DAY = "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"
_WIDTH = 18


def write_xlsx(batches: Iterable[Any], schema: Any, out: IO[bytes], *, safe: bool) -> None:
    """The rows of batches on as many sheets as they need."""
    xlsxwriter = extra("xlsx", "xlsxwriter")
    options = {"constant_memory": True, "default_date_format": _TIME}
    with xlsxwriter.Workbook(out, options) as workbook:
        day = workbook.add_format({"num_format": _DAY})
        rows = _rows(batches, safe=safe)
        row = next(rows, None)
        for number in count(1):
            sheet = workbook.add_worksheet("calls" if number == 1 else f"calls {number}")
            row = _write_sheet(sheet, schema, row, rows, day)
            if row is None:
                break


def _write_sheet(
    sheet: Any, schema: Any, row: list[Any] | None, rows: Iterator[list[Any]], day: Any
) -> list[Any] | None:
    """Write the heading, a row, and as many more as there is room for; the next one, if there is
    none for it."""
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(schema) - 1, _WIDTH)
    sheet.write_row(0, 0, [_heading(field) for field in schema])
    for at in range(1, _MOST_ROWS):
        if row is None:
            break
        for column, value in enumerate(row):
            _write(sheet, at, column, value, day)
        row = next(rows, None)
    return row


def _heading(field: Any) -> str:
    zone = getattr(field.type, "tz", None)
    return f"{field.name} ({zone})" if zone else str(field.name)


def _write(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    else:
        sheet.write_number(row, column, value)


def _rows(batches: Iterable[Any], *, safe: bool) -> Iterator[list[Any]]:
    for batch in batches:
        columns = [
            [_cell(value, name, safe=safe) for value in column.to_pylist()]
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]
        yield from map(list, zip(*columns, strict=True))


def _cell(value: Any, name: str, *, safe: bool) -> Any:
    """A value as a cell holds it without loss: what is none of a cell's kinds is text."""
    if isinstance(value, int) and abs(value) < 10**_MOST_DIGITS:
        return value
    if isinstance(value, date) and value.year >= _FIRST_YEAR:
        return value.replace(tzinfo=None) if isinstance(value, datetime) else value
    if value is None or isinstance(value, bool | float):
        return value
    text = _text(value)
    if safe and isinstance(value, str):
        text = neutral(text)
    if len(text) > _MOST_CHARS:
        raise TableError(
            f"a text of {len(text):,} characters; a cell of xlsx holds {_MOST_CHARS:,}", name
        )
    return text


def _text(value: Any) -> str:
    if isinstance(value, str | int | Decimal | date):
        return str(value)
    if not value:
        return ""
    return json_text.write(dict(value) if isinstance(value[0], tuple) else value)
