"""A workbook: what a spreadsheet shows as it is, and runs nothing of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from typing import IO, Any

from ckct_formats._export.spreadsheet import neutral
from ckct_formats._extras import extra
from ckct_formats._formats import json_text

# Bounds of the file format (Microsoft's "Excel specifications and limits").
_MAX_ROWS = 1_048_576
_MAX_CHARS = 32_767
_MAX_DIGITS = 15
_MIN_YEAR = 1900

_OPTIONS = {
    "constant_memory": True,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
    "strings_to_formulas": False,
    "strings_to_urls": False,
}
_WIDTH = 18


def write_xlsx(
    batches: Iterable[Any], schema: Any, out: IO[bytes], drafts: Path, *, safe: bool
) -> None:
    """The rows of batches on as many sheets as they need.

    Args:
        drafts: A folder for sheets that are not finished.

    Raises:
        OSError: They cannot be written.
        TableError: A text is too long.
    """
    xlsxwriter = extra("xlsx", "xlsxwriter")
    sink = _Sink(out)
    try:
        with xlsxwriter.Workbook(sink, _OPTIONS | {"tmpdir": str(drafts)}) as workbook:
            _write_sheets(workbook, batches, schema, safe=safe)
    except xlsxwriter.exceptions.FileCreateError as error:
        sink.failed = OSError(*error.args[0].args)
    if sink.failed is not None:  # raised here, where nothing keeps the archive alive
        raise sink.failed


class _Sink:
    """The file of an archive. Once something has failed it takes whatever comes: an archive that is
    given up still writes its end, and would complain on standard error."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.failed: OSError | None = None
        self.tell = stream.tell
        self.seek = partial(self._call, stream.seek)
        self.write = partial(self._call, stream.write)
        self.flush = partial(self._call, stream.flush)

    def _call(self, method: Callable[..., Any], *args: Any) -> Any:
        if self.failed is None:
            try:
                return method(*args)
            except OSError as error:
                self.failed = OSError(error.errno, error.strerror)
        return 0


def _write_sheets(workbook: Any, batches: Iterable[Any], schema: Any, *, safe: bool) -> None:
    rows = _rows(batches, safe=safe)
    row = next(rows, None)
    for number in count(1):
        sheet = workbook.add_worksheet("calls" if number == 1 else f"calls {number}")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(schema) - 1, _WIDTH)
        sheet.write_row(0, 0, map(_heading, schema))
        for at in range(1, _MAX_ROWS):
            sheet.write_row(at, 0, row or ())
            row = next(rows, None)
            if row is None:
                return


def _heading(field: Any) -> str:
    zone = getattr(field.type, "tz", None)
    return f"{field.name} ({zone})" if zone else str(field.name)


def _rows(batches: Iterable[Any], *, safe: bool) -> Iterator[tuple[Any, ...]]:
    for batch in batches:
        columns = [
            [_cell(value, field, safe=safe) for value in _values(column)]
            for field, column in zip(batch.schema, batch.columns, strict=True)
        ]
        yield from zip(*columns, strict=True)


def _values(column: Any) -> list[Any]:
    try:
        return list(column.to_pylist())
    except OverflowError:  # a time that is in the year 0 or 10000 in its zone
        return list(map(_value, column))


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except OverflowError:
        return scalar.cast("string").as_py()


def _cell(value: Any, field: Any, *, safe: bool) -> Any:
    """A value as a cell holds it without loss: what is none of a cell's kinds is text."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and abs(value) < 10**_MAX_DIGITS:
        return value
    if isinstance(value, datetime) and value.year >= _MIN_YEAR:
        return value.replace(tzinfo=None)
    if isinstance(value, str | int | Decimal | date):
        text = str(value)
    else:
        text = json_text.write(_tree(value, field.type)) if value else ""
    if safe and isinstance(value, str):
        text = neutral(text)
    if len(text) > _MAX_CHARS:
        from ckct_formats.arrow import TableError  # noqa: PLC0415 (needs the extra)

        reason = f"a text of {len(text):,} characters; a cell of xlsx holds {_MAX_CHARS:,}"
        raise TableError(reason, field.name)
    return text


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
