"""The source as Spark knows it: columns, partitions, and the rows of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ckct_formats.dumps._locations import File, grouped
from ckct_formats.spark._files import files, opened
from ckct_formats.spark._libraries import arrow_schema_for, pa, source_api, spark_schema, types
from ckct_formats.spark._options import Mode, Options, read_options

from ckct_formats.arrow import arrow_schema, iter_file_batches  # isort: skip (needs another extra)

# As many as Spark itself passes to Python at once (spark.sql.execution.arrow.maxRecordsPerBatch).
_BATCH_ROWS = 10_000


class CkctDataSource(source_api.DataSource):  # type: ignore[misc]
    """Saved dumps: `spark.dataSource.register(CkctDataSource)`, then
    `spark.read.format("ckct").load("dumps/")`."""

    @classmethod
    def name(cls) -> str:
        return "ckct"

    def schema(self) -> Any:
        """The columns of the record type; in mode PERMISSIVE also the one of corrupt records.

        Raises:
            ValueError, TypeError: An option is wrong.
        """
        options = read_options(self.options)
        columns = _columns(options)
        return columns if options.mode is Mode.PERMISSIVE else types.StructType(columns[:-1])

    def reader(self, schema: Any) -> CkctReader:
        """A reader of the columns of this schema.

        Raises:
            ValueError, TypeError: An option is wrong, or a column that the user asked for.
        """
        options = read_options(self.options)
        _check_columns(schema, _columns(options))
        return CkctReader(options, schema)


def _arrow_schema(options: Options) -> Any:
    return arrow_schema(options.record_type, timezone=options.timezone, dictionaries=False)


def _columns(options: Options) -> Any:
    """All columns. Each may hold null, as in all that Spark reads from files."""
    schema = _arrow_schema(options)
    if options.corrupt.lower() in map(str.lower, schema.names):  # the same name to Spark
        raise ValueError(
            f'option columnNameOfCorruptRecord: "{options.corrupt}" is a field of the record type'
        )
    fields = [
        types.StructField(field.name, field.dataType, metadata=_comment(column))
        for field, column in zip(spark_schema(schema), schema, strict=True)
    ]
    return types.StructType([*fields, types.StructField(options.corrupt, types.StringType())])


def _comment(column: Any) -> dict[str, str]:
    """The description of a column, where Spark looks for it."""
    text = (column.metadata or {}).get(b"description")
    return {} if text is None else {"comment": text.decode()}


def _check_columns(asked: Any, columns: Any) -> None:
    """ValueError unless there are such columns, of these types."""
    by_name = {field.name: field for field in columns}
    names = [field.name for field in asked]
    if len(set(names)) < len(names):
        raise ValueError("schema: a column occurs twice")
    for field in asked:
        if field.name not in by_name:
            raise ValueError(f'schema: no column "{field.name}": there are {", ".join(by_name)}')
        kind = by_name[field.name].dataType
        if field.dataType != kind:
            raise ValueError(
                f'schema: the column "{field.name}" is {kind.simpleString()}, '
                f"not {field.dataType.simpleString()}"
            )
        if not field.nullable:
            raise ValueError(f'schema: the column "{field.name}" may hold null: leave out NOT NULL')


class Files(source_api.InputPartition):  # type: ignore[misc]
    """Files that one task reads, one after the other."""

    def __init__(self, files: Sequence[File]) -> None:
        super().__init__(tuple(files))


class CkctReader(source_api.DataSourceReader):  # type: ignore[misc]
    """Reads files into record batches of the columns that were asked for."""

    def __init__(self, options: Options, schema: Any) -> None:
        self._options = options
        self._asked = arrow_schema_for(schema)

    def partitions(self) -> list[Files]:
        """All files, in groups; `DumpError` for a path where there is nothing."""
        # Without files there is one group all the same: Spark would make one up, of None.
        return [Files(group) for group in grouped(files(self._options.paths))] or [Files(())]

    def read(self, partition: Files) -> Iterator[Any]:
        """The rows of files. One that cannot be opened is an error in each mode: that says nothing
        about what it holds, and Spark tries the task again."""
        for file in partition.value:
            with opened(file) as stream:
                yield from self._read(replace(file, stream=stream))

    def _read(self, file: File) -> Iterator[Any]:
        """The rows of a file, then what is wrong with it."""
        options = self._options
        batches = iter_file_batches(
            file,
            options.format,
            record_type=options.record_type,
            encoding=options.encoding,
            timezone=options.timezone,
            on_error="raise" if options.mode is Mode.FAILFAST else "collect",
            batch_rows=_BATCH_ROWS,
            dictionaries=False,
            schema=_arrow_schema(options),
        )
        for batch in batches:
            yield self._batch(dict(zip(batch.schema.names, batch.columns, strict=True)), len(batch))
        if batches.errors and options.mode is Mode.PERMISSIVE:
            texts = pa.array(map(str, batches.errors), pa.string())
            yield self._batch({options.corrupt: texts}, len(texts))

    def _batch(self, columns: dict[str, Any], length: int) -> Any:
        """A batch in the types that Spark wants, with null in columns that are not given."""
        nulls = pa.nulls(length)
        arrays = [columns.get(field.name, nulls).cast(field.type) for field in self._asked]
        return pa.RecordBatch.from_arrays(arrays, schema=self._asked)
