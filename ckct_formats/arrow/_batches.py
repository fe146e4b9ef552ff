"""Saved dumps as record batches, without making records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ckct_formats._errors import TableError
from ckct_formats._extras import extra
from ckct_formats._format import Format
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call, Response
from ckct_formats._parse import OnError, check_on_error, parse_rows
from ckct_formats.arrow._layout import Layout, Raw
from ckct_formats.arrow._schema import times_of
from ckct_formats.arrow._times import ClockError, Times
from ckct_formats.dumps import DumpError
from ckct_formats.dumps._locations import File, Locations, find
from ckct_formats.dumps._reading import FileResponse, Parse, read_files

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = extra("arrow", "pyarrow")

BATCH_ROWS = 65_536
# A batch of long texts holds fewer rows.
_BATCH_BYTES = 64 * 1024 * 1024

Parts = Iterator[FileResponse[Raw] | DumpError]
# Rows, and the name of the file that holds them.
FileRows = tuple[str, "pa.RecordBatch"]


class Batches(Iterator["pa.RecordBatch"]):
    """Record batches as they are read; what `iter_batches` gives.

    Attributes:
        errors: With `on_error="collect"`, what could not be read so far, and as `TableError` the
            rows whose hour is not certain.
        given: How many rows were given so far.
    """

    def __init__(
        self,
        layout: Layout,
        times: Times,
        parts: Parts,
        batch_rows: int,
        *,
        of_cells: bool = True,
        collect: bool = False,
    ) -> None:
        if batch_rows < 1:
            raise ValueError(f"batch_rows must be 1 at least, not {batch_rows}")
        self.errors: list[DumpError | TableError] = []
        self.given = 0
        self._layout = layout
        self._times = times
        self._schema: pa.Schema | None = None
        self._collect = collect
        self._of_cells = of_cells
        self._raw_batches = _whole(self._raw(parts), batch_rows)
        self._ahead: pa.RecordBatch | None = None

    @property
    def schema(self) -> pa.Schema:
        """The schema of all batches. It is that of the first one, which is read for it: if a
        column holds no time there, its times are to be those of a wall clock."""
        if self._schema is None:
            self._ahead = self._read()
        return self._schema

    def __next__(self) -> pa.RecordBatch:
        batch, self._ahead = self._ahead or self._read(), None
        if batch is None:
            raise StopIteration
        self.given += batch.num_rows
        return batch

    def _read(self) -> pa.RecordBatch | None:
        """The next batch, if there is one."""
        done = next((done for raw in self._raw_batches if (done := self._done(raw))), None)
        if self._schema is None:
            self._schema = self._layout.arrow_schema(self._times)
        return done

    def _done(self, raw: list[FileRows]) -> pa.RecordBatch | None:
        """One batch of the rows of files, without those to be left out; None if that is all."""
        with suppress(TableError):
            return self._made(_joined(batch for _, batch in raw))
        # Made apart, the rows tell which of them it was.
        made = [batch for file, rows in raw for batch in self._good(file, rows)]
        return _joined(made) if made else None

    def _made(self, raw: pa.RecordBatch) -> pa.RecordBatch:
        return self._layout.done(raw, self._times, of_cells=self._of_cells)

    def _good(self, file: str, raw: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Batches of rows of a file; with `collect` without those whose hour is not certain."""
        try:
            yield self._made(raw)
            return
        except TableError as error:
            failed = type(error)(error.reason, error.field, file or None)
        if not (self._collect and isinstance(failed, ClockError)):
            raise failed
        half = raw.num_rows // 2
        if not half:
            self.errors.append(failed)
            return
        yield from self._good(file, raw.slice(0, half))
        yield from self._good(file, raw.slice(half))

    def _raw(self, parts: Parts) -> Iterator[FileRows]:
        for part in parts:
            if isinstance(part, DumpError):
                self._note(part)
                continue
            self.errors += part.errors
            for raw in part.response.payload:
                if isinstance(raw, TableError):
                    raise TableError(raw.reason, raw.field, part.file or None)
                yield part.file, raw

    def _note(self, error: DumpError) -> None:
        if not self._collect:
            raise DumpError(error.file, error.reason, error=error.error, calls=self.given)
        self.errors.append(error)


def _whole(raw: Iterator[FileRows], most_rows: int) -> Iterator[list[FileRows]]:
    """Raw batches put together, and cut, to so many rows."""
    waiting: list[FileRows] = []
    rows = size = 0
    for file, batch in raw:
        at = 0
        while at < batch.num_rows:
            piece = batch.slice(at, most_rows - rows)
            at += piece.num_rows
            rows += piece.num_rows
            size += piece.nbytes
            if piece.num_rows:
                waiting.append((file, piece))
            if rows == most_rows or size >= _BATCH_BYTES:
                yield waiting
                waiting, rows, size = [], 0, 0
    if waiting:
        yield waiting


def _joined(batches: Iterable[pa.RecordBatch]) -> pa.RecordBatch:
    whole = pa.Table.from_batches(list(batches)).combine_chunks()
    (joined,) = whole.to_batches()  # of one chunk: a batch is far from what an array can hold
    return joined


def _reader(layout: Layout, encoding: str | None, on_error: OnError, limits: Limits) -> Parse[Raw]:
    """What reads the bodies of dumps into raw batches."""

    def parse_body(body: bytes, format: Format | None) -> Response[Raw]:
        return parse_rows(
            lambda table: layout.read_rows(table, limits),
            body,
            format,
            record_type=layout.schema.record_type,
            known=layout.schema.known,
            encoding=encoding,
            on_error=on_error,
            limits=limits,
        )

    return parse_body


def iter_batches(
    paths: Locations,
    fmt: Format | str | None = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    timezone: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
    batch_rows: int = BATCH_ROWS,
    dictionaries: bool = True,
    schema: pa.Schema | None = None,
) -> Batches:
    """Read saved dumps into record batches, one after the other, in bounded memory.

    No record objects are made. Values are those that `parse` gives.

    Args:
        paths, fmt, encoding, on_error, limits: As in `ckct_formats.dumps.iter_calls`.
        record_type: The dataclass of one row.
        timezone: Name of the time zone of wall-clock times, such as `Europe/Moscow`; all times
            are then in this zone. Without it a column holds either wall-clock times (of no zone)
            or times with a zone (in UTC), whichever is found in the first batch; wall-clock times
            if that has none.
        batch_rows: How many rows a batch has; the last one, and one of very long texts, has fewer.
        dictionaries: Whether texts that are repeated are dictionary-encoded.
        schema: The schema that batches must have, of `arrow_schema` or of another reader of the
            same dump; it decides of what kind the times of a column are.

    Returns:
        An iterator, with `schema` and `errors`; rows come in the order of `iter_calls`.

    Raises:
        DumpError: A file that cannot be read (while it is iterated over).
        TableError: A value that its column cannot hold; wall-clock times beside times with a zone
            where no `timezone` is given (while it is iterated over; also with
            `on_error="collect"`); a time that a clock in `timezone` never shows, or twice, unless
            its row is left out with `on_error="collect"`.
        UnknownFormatError, TypeError, ModuleNotFoundError: As in `iter_calls`.
        ValueError: `timezone` is none, or `schema` is that of other columns.
    """
    return iter_file_batches(
        find(paths),
        fmt,
        record_type=record_type,
        encoding=encoding,
        timezone=timezone,
        on_error=on_error,
        limits=limits,
        batch_rows=batch_rows,
        dictionaries=dictionaries,
        schema=schema,
    )


def iter_file_batches(
    files: File | Iterable[File | DumpError],
    fmt: Format | str | None = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    timezone: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
    batch_rows: int = BATCH_ROWS,
    dictionaries: bool = True,
    schema: pa.Schema | None = None,
) -> Batches:
    """Read files, as `ckct_formats.dumps._locations.find` gives them, into record batches.

    Each is asked for when the one before has been read.

    Args, and what is given and raised: As in `iter_batches`.
    """
    layout = Layout(record_type, dictionaries=dictionaries)
    check_on_error(on_error)
    reader = _reader(layout, encoding, on_error, limits)
    files = [files] if isinstance(files, File) else files
    return Batches(
        layout,
        times_of(layout, timezone, schema),
        read_files(files, reader, fmt, limits),
        batch_rows,
        collect=on_error == "collect",
    )
