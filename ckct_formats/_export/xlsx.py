"""A workbook: what a spreadsheet shows as it is, and runs nothing of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import IO, Any

from ckct_formats._errors import TableError
from ckct_formats._export.spreadsheet import neutral
from ckct_formats._extras import extra
from ckct_formats._formats import json_text

# Bounds of the file format (Microsoft's "Excel specifications and limits").
_MOST_ROWS = 1_048_576
_MOST_CHARS = 32_767
_MOST_DIGITS = 15
_FIRST_YEAR = 1900

_TIME, _DAY = "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"
_WIDTH = 18


def write_xlsx(
    batches: Iterable[Any], schema: Any, out: IO[bytes], drafts: Path, *, safe: bool
) -> None:
    """The rows of batches on as many sheets as they need; OSError if they cannot be written.

    Args:
        drafts: A folder for sheets that are not finished.
    """
    xlsxwriter = extra("xlsx", "xlsxwriter")
    stream = _Stream(out)
    options = {"constant_memory": True, "default_date_format": _TIME, "tmpdir": str(drafts)}
    try:
        with xlsxwriter.Workbook(stream, options) as workbook:
            _write_sheets(workbook, batches, schema, safe=safe)
        return
    except xlsxwriter.exceptions.FileCreateError as error:
        failed = stream.failed or OSError(str(error))
    except BaseException:
        stream.failed = stream.failed or OSError()
        raise
    raise failed


class _Stream:
    """A file; when it has failed it takes anything, as the archive that is thrown away then writes
    its end into it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.failed: OSError | None = None

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0 if self.failed else self._stream.seek(offset, whence)

    def flush(self) -> None:
        if self.failed is None:
            self._stream.flush()

    def write(self, data: bytes) -> int:
        if self.failed is not None:
            return len(data)
        try:
            return self._stream.write(data)
        except OSError as error:
            # Anew: the one that is raised keeps the archive alive.
            self.failed = OSError(error.errno, error.strerror)
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _write_sheets(workbook: Any, batches: Iterable[Any], schema: Any, *, safe: bool) -> None:
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
            [_cell(value, field, safe=safe) for value in _values(column)]
            for field, column in zip(batch.schema, batch.columns, strict=True)
        ]
        yield from map(list, zip(*columns, strict=True))


def _values(column: Any) -> list[Any]:
    try:
        values: list[Any] = column.to_pylist()
    except OverflowError:  # a time that is in the year 0 or 10000 in its zone
        return [_value(scalar) for scalar in column]
    return values


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except OverflowError:
        return scalar.cast("string").as_py()


def _cell(value: Any, field: Any, *, safe: bool) -> Any:
    """A value as a cell holds it without loss: what is none of a cell's kinds is text."""
    if isinstance(value, int) and abs(value) < 10**_MOST_DIGITS:
        return value
    if isinstance(value, date) and value.year >= _FIRST_YEAR:
        return value.replace(tzinfo=None) if isinstance(value, datetime) else value
    if value is None or isinstance(value, bool | float):
        return value
    text = _text(value, field.type)
    if safe and isinstance(value, str):
        text = neutral(text)
    if len(text) > _MOST_CHARS:
        raise TableError(
            f"a text of {len(text):,} characters; a cell of xlsx holds {_MOST_CHARS:,}", field.name
        )
    return text


def _text(value: Any, kind: Any) -> str:
    if isinstance(value, str | int | Decimal | date):
        return str(value)
    return json_text.write(_tree(value, kind)) if value else ""


def _tree(value: Any, kind: Any) -> Any:
    """A value as JSON has it: Arrow gives mappings as pairs."""
    types = extra("arrow", "pyarrow").types
    if value is None:
        return None
    if types.is_map(kind):
        return {key: _tree(each, kind.item_type) for key, each in value}
    if types.is_list(kind):
        return [_tree(each, kind.value_type) for each in value]
    if types.is_struct(kind):
        return {field.name: _tree(value[field.name], field.type) for field in kind}
    return value
