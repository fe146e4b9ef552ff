"""Saved dumps as record batches, without making records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from ckct_formats._format import Format
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call, Response
from ckct_formats._parse import OnError, check_on_error, parse_rows
from ckct_formats.arrow._errors import TableError
from ckct_formats.arrow._layout import Layout, Raw, times_of
from ckct_formats.arrow._libraries import pa
from ckct_formats.arrow._times import ClockError, Times
from ckct_formats.dumps import DumpError
from ckct_formats.dumps._locations import File, Locations, find
from ckct_formats.dumps._reading import FileResponse, Parse, read_files

BATCH_ROWS = 65_536
# A batch of long texts holds fewer rows.
_BATCH_BYTES = 64 * 1024 * 1024

Parts = Iterator[FileResponse[Raw] | DumpError]
# Rows, and the name of the file that holds them.
FileRows = tuple[str, "pa.RecordBatch"]


class Batches(Iterator["pa.RecordBatch"]):
    """Record batches as they are read; what `iter_batches` gives.

    Attributes:
        errors: With `on_error="collect"`, what could not be read so far; as `TableError`, the rows
            with a time that the zone's clocks showed twice, or never.
        given: How many rows were given so far.
    """

    def __init__(
        self,
        layout: Layout,
        times: Times,
        parts: Parts,
        batch_rows: int,
        *,
        collect: bool = False,
    ) -> None:
        if batch_rows < 1:
            raise ValueError(f"batch_rows must be 1 at least, not {batch_rows}")
        self.errors: list[DumpError | TableError] = []
        self.given = 0
        self._layout = layout
        self._times = times
        self._collect = collect
        self._batches = filter(None, map(self._batch, _grouped(self._rows(parts), batch_rows)))
        self._ahead: pa.RecordBatch | None = None

    @property
    def schema(self) -> pa.Schema:
        """The schema of all batches. The first one is read for it, as it decides on the kind of
        times: those of a column without any time there are wall-clock times."""
        if not self.given and self._ahead is None:
            self._ahead = next(self._batches, None)
        return self._layout.arrow_schema(self._times)

    def __next__(self) -> pa.RecordBatch:
        batch = self._ahead or next(self._batches)
        self._ahead = None
        self.given += batch.num_rows
        return batch

    def _rows(self, parts: Parts) -> Iterator[FileRows]:
        """The raw batches of files."""
        for part in parts:
            if isinstance(part, DumpError):
                if not self._collect:
                    raise DumpError(part.file, part.reason, error=part.error, calls=self.given)
                self.errors.append(part)
                continue
            self.errors += part.errors
            for raw in part.response.payload:
                if isinstance(raw, TableError):
                    raise TableError(raw.reason, raw.field, part.file or None)
                yield part.file, raw

    def _batch(self, group: list[FileRows]) -> pa.RecordBatch | None:
        """One batch of a group of rows; None if all of them are left out."""
        with suppress(TableError):
            return self._layout.final(_joined(raw for _, raw in group), self._times)
        # Again, a file at a time, to name the one that holds the time.
        good = [batch for file, raw in group for batch in self._good(file, raw)]
        return _joined(good) if good else None

    def _good(self, file: str, raw: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Batches of rows of a file; with `collect` without those that have no certain time."""
        try:
            yield self._layout.final(raw, self._times)
            return
        except TableError as error:
            failed = type(error)(error.reason, error.field, file or None)
        if not (self._collect and isinstance(failed, ClockError)):
            raise failed
        half = raw.num_rows // 2
        if half:
            yield from self._good(file, raw.slice(0, half))
            yield from self._good(file, raw.slice(half))
        else:
            self.errors.append(failed)


def _grouped(rows: Iterator[FileRows], max_rows: int) -> Iterator[list[FileRows]]:
    """Raw batches in groups of so many rows, for which some are cut."""
    group: list[FileRows] = []
    length = size = 0
    for file, raw in rows:
        at = 0
        while at < raw.num_rows:
            piece = raw.slice(at, max_rows - length)
            group.append((file, piece))
            at += piece.num_rows
            length += piece.num_rows
            size += piece.nbytes
            if length == max_rows or size >= _BATCH_BYTES:
                yield group
                group, length, size = [], 0, 0
    if group:
        yield group


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
        timezone: Name of the time zone of wall-clock times, such as `Europe/Moscow`; all times are
            then in this zone. Without it a column holds either wall-clock times (of no zone) or
            times with a zone (in UTC), whichever the first batch holds; wall-clock times if it
            holds neither.
        batch_rows: The number of rows of a batch; the last one, and one of very long texts, has
            fewer.
        dictionaries: Whether texts that are repeated are dictionary-encoded.
        schema: The schema that batches must have, of `arrow_schema` or of another reader of the
            same dump; it decides on the kind of times in each column.

    Returns:
        An iterator, with `schema` and `errors`; rows come in the order of `iter_calls`.

    Raises:
        DumpError: A file cannot be read (during iteration).
        TableError: During iteration: a column cannot hold a value; there are wall-clock times
            beside times with a zone, and no `timezone` (also with `on_error="collect"`); the clocks
            in `timezone` showed a time twice, or never (with `on_error="collect"` its row is left
            out).
        UnknownFormatError, TypeError, ModuleNotFoundError: As in `iter_calls`.
        ValueError: `timezone` is no time zone, or `schema` is that of other columns.
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

    A file is taken when the one before has been read. All else is as in `iter_batches`.
    """
    check_on_error(on_error)
    layout = Layout(record_type, dictionaries=dictionaries)
    reader = _reader(layout, encoding, on_error, limits)
    files = [files] if isinstance(files, File) else files
    return Batches(
        layout,
        times_of(layout, timezone, schema),
        read_files(files, reader, fmt, limits),
        batch_rows,
        collect=on_error == "collect",
    )
