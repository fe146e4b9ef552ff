"""The three verbs: `parse`, `serialize`, `detect`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from typing import Any, Literal, TypeVar, overload

from ckct_formats._dict_rows import DICT_ROWS, DictRow
from ckct_formats._errors import (
    LimitExceededError,
    ParseError,
    SerializeError,
    UnknownFormatError,
)
from ckct_formats._format import Format
from ckct_formats._formats import FormatModule, Known, detection, module_of
from ckct_formats._formats.body import Body, Buffer, check_nodes, check_size
from ckct_formats._formats.cells import ABSENT, Cell, as_object
from ckct_formats._formats.faults import Fault, Over
from ckct_formats._formats.table import (
    Carries,
    RawResponse,
    Table,
    check_envelope_chars,
    check_value_chars,
    joined,
    table_of,
)
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call, Inbound, Info, Response, Source
from ckct_formats._rules import is_blank
from ckct_formats._schema import Faults, schema_of
from ckct_formats._versions import of_another_version

R = TypeVar("R")
T = TypeVar("T")

# What was made of a table, what is wrong with its rows by number, and how many rows it has.
Taken = tuple[list[T], Faults, int]

OnError = Literal["raise", "collect"]

# A body that is no longer has no envelope that could take much memory.
_SHORT = 50_000
# An error takes some 1.5 kB, a bad row may take 2 bytes of a body. The API's page has 1,000 rows.
MOST_ERRORS = 20_000


@overload
def parse(
    body: Buffer,
    fmt: Format | str | None = None,
    *,
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Response[Call]: ...
@overload
def parse(
    body: Buffer,
    fmt: Format | str | None = None,
    *,
    record_type: type[dict[Any, Any]],
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Response[DictRow]: ...
@overload
def parse(
    body: Buffer,
    fmt: Format | str | None = None,
    *,
    record_type: type[R],
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Response[R]: ...
def parse(
    body: Buffer,
    fmt: Format | str | None = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    on_error: OnError = "raise",
    limits: Limits = DEFAULT_LIMITS,
) -> Response[Any]:
    """Read one response of the API.

    Args:
        body: The bytes of the response, or its text if it is decoded already.
        fmt: The format; None detects it.
        record_type: The dataclass of one row of the payload; `dict` for rows of texts, to explore
            an entity that is not documented.
        encoding: The encoding of the bytes, for a body that does not declare it. Without it: the
            byte order mark, else the XML declaration, else UTF-8.
        on_error: `"raise"` raises the first error; `"collect"` leaves out the rows that cannot be
            read and reports them in `Response.errors`; past 20,000 of them it raises the first.
        limits: How much the body may ask for.

    Raises:
        ParseError: The body cannot be read for certain; `UnsafeInputError` and
            `LimitExceededError` are kinds of it.
        UnknownFormatError: `fmt` is none of the four.
        TypeError: An argument of the wrong type, or a record type with a field that has no rule.
    """
    schema = DICT_ROWS if record_type is dict else schema_of(record_type)
    most = MOST_ERRORS if on_error == "collect" else 0

    def take(table: Table) -> Taken[Any]:
        records, faults = schema.read_table(table, limits, most)
        return records, faults, table.length

    return parse_into(
        take,
        body,
        fmt,
        record_type=record_type,
        known=schema.known,
        encoding=encoding,
        on_error=on_error,
        limits=limits,
    )


def parse_into(
    take: Callable[[Table], Taken[T]],
    body: Buffer,
    fmt: Format | str | None,
    *,
    record_type: type[Any],
    known: Known,
    encoding: str | None,
    on_error: OnError,
    limits: Limits,
) -> Response[T]:
    """Read one response, its payload into what is taken of each table of rows.

    Args:
        take: Makes something of a table.
        known: The keys of the records.
        Others, and what is raised: As in `parse`.
    """
    check_on_error(on_error)
    collect = on_error == "collect"
    response = None
    try:
        response = _parse(take, body, fmt, known, encoding, limits, collect=collect)
        if response.payload or not response.errors:
            return response
        failed = response.errors[0]
    except ParseError as error:
        failed = error
    other = of_another_version(body, record_type, failed)
    if other is None and response is not None:
        return response
    try:
        raise other or failed
    finally:
        del other, failed  # else this frame holds the error, which holds the frame


def _parse(
    take: Callable[[Table], Taken[T]],
    body: Buffer,
    fmt: Format | str | None,
    known: Known,
    encoding: str | None,
    limits: Limits,
    *,
    collect: bool,
) -> Response[T]:
    decoded, raw = _read_raw(body, fmt, encoding, limits, known, take)
    inbound = _read_envelope(Inbound, "inbound", raw.inbound, decoded, raw, limits)
    info = _read_envelope(Info, "info", raw.info, decoded, raw, limits)
    records, faults = _joined(raw.taken or (), MOST_ERRORS if collect else 0)
    if faults.is_first_only:
        raise _row_errors(faults, decoded, raw)[0]
    errors = _row_errors(faults, decoded, raw)
    return Response(inbound, info, records, errors, source_of(decoded))


def _joined(taken: Sequence[Taken[T]], most_faults: int) -> tuple[list[T], Faults]:
    """What was made of all tables of a payload, and what is wrong with its rows, by number."""
    records: list[T] = []
    faults = Faults(most=most_faults)
    rows = 0
    for some, found, length in taken:
        records += some
        for row in sorted(found):
            if not faults.is_first_only:
                faults.note(rows + row, found[row])
        faults.is_first_only |= found.is_first_only
        rows += length
    return records, faults


def read_raw(
    body: Buffer, fmt: Format | str | None, encoding: str | None, limits: Limits, known: Known
) -> tuple[Body, RawResponse]:
    """The body, decoded, and its raw response; `ParseError` if its structure cannot be read."""

    def take(table: Table) -> Taken[Table]:
        return [table], Faults(), table.length

    decoded, raw = _read_raw(body, fmt, encoding, limits, known, take)
    raw.table = joined([table for tables, _, _ in raw.taken or () for table in tables])
    return decoded, raw


def _read_raw(
    body: Buffer,
    fmt: Format | str | None,
    encoding: str | None,
    limits: Limits,
    known: Known,
    take: Callable[[Table], Taken[Any]],
) -> tuple[Body, RawResponse]:
    format = None if fmt is None else format_of_name(fmt)
    given = _given(body, encoding, limits, format)
    if format is None:
        format = detection.detect(Body(given, encoding=encoding))
    module = module_of(format)
    decoded = Body(given, format, encoding, module.declared_encoding, limits)
    check_nodes(decoded.utf8, module.count_nodes, limits.nodes, format)
    return decoded, _read_module(decoded, module, limits, known, take)


def source_of(body: Body) -> Source:
    """How a body that was read is written."""
    if body.format is None:
        raise ValueError("a body without a format was not read")
    return Source(body.format, body.dialect or body.format, body.encoding)


def serialize(response: Response[Any], fmt: Format | str) -> bytes:
    """Write a response in the canonical dialect of a format.

    Returns:
        A body that `parse`, with the same record type, reads back equal.

    Raises:
        SerializeError: A value that the format cannot carry so.
        UnknownFormatError: `fmt` is none of the four.
        TypeError: `response` is no `Response`, or its records are no dataclasses.
    """
    format = format_of_name(fmt)
    if not isinstance(response, Response):
        raise TypeError(f"serialize takes a Response, not {type(response).__name__}")
    module = module_of(format)
    try:
        data = module.write(_raw_response(response, module))
        check_size(len(data), DEFAULT_LIMITS, format)
        check_nodes(data, module.count_nodes, DEFAULT_LIMITS.nodes, format)
        return data
    except Fault as fault:
        reason, path, excerpt = fault.text, fault.path, fault.excerpt
    except LimitExceededError as error:
        reason, path, excerpt = error.reason, (), None
    raise SerializeError(reason, format=format, path=path, excerpt=excerpt)


def detect(body: Buffer) -> Format:
    """The format of a body, by its first bytes alone. The rule stands in docs/wire-formats.md.

    Raises:
        ParseError: The body begins as none of the four does.
    """
    return detection.detect(Body(_given(body, None, DEFAULT_LIMITS, None)))


def check_on_error(on_error: str) -> None:
    """ValueError unless it is a way to go on."""
    if on_error not in ("raise", "collect"):
        raise ValueError(f'on_error must be "raise" or "collect", not {on_error!r}')


def format_of_name(fmt: Format | str) -> Format:
    """A format as it is passed; `UnknownFormatError` if it is none."""
    if isinstance(fmt, str) and fmt in Format._value2member_map_:
        return Format(fmt)
    raise UnknownFormatError(fmt)


def _given(
    body: Buffer, encoding: str | None, limits: Limits, format: Format | None
) -> bytes | str:
    if isinstance(body, str) and encoding is not None:
        raise TypeError("encoding is for bytes: this body is a str, decoded already")
    if not isinstance(body, Buffer):
        advice = ": pass what its read() returns, opened in binary mode" * hasattr(body, "read")
        raise TypeError(f"a body is bytes or str, not {type(body).__name__}{advice}")
    check_size(body.nbytes if isinstance(body, memoryview) else len(body), limits, format)
    return body if isinstance(body, bytes | str) else bytes(body)


def _read_module(
    body: Body,
    module: FormatModule,
    limits: Limits,
    known: Known,
    take: Callable[[Table], Taken[Any]],
) -> RawResponse:
    may_be_long = len(body.given) > limits.value_chars

    def take_checked(table: Table) -> Taken[Any]:
        if may_be_long:
            check_value_chars(table, limits)
        taken = take(table)
        return taken

    try:
        raw = module.read(body, limits, known, take_checked)
        if may_be_long:
            check_envelope_chars(raw, limits)
        if raw.taken is None:
            raw.taken = list(map(take_checked, raw.table.parts()))
        return raw
    except Fault as fault:
        failed = fault.without_frames()
    raise body.error(failed, failed.at)


def _read_envelope(
    part: type[R], name: str, cell: Cell, body: Body, raw: RawResponse, limits: Limits
) -> R:
    if cell is ABSENT or is_blank(cell):
        return part()
    try:
        for fault in raw.faults:
            if fault.path[0] == name:
                raise Fault(fault.reason, fault.excerpt, fault.path[1:], fault.over)
        return schema_of(part).read_one(as_object(cell), limits)
    except Fault as fault:
        failed = fault.under(name)
    raise body.error(failed, raw.locate(failed.path))


def _row_errors(faults: Faults, body: Body, raw: RawResponse) -> tuple[ParseError, ...]:
    rows = [min(faults)] if faults.is_first_only else sorted(faults)
    failed = (faults[row].under("payload", raw.row_key(row)) for row in rows)
    return tuple(body.error(fault, raw.locate(fault.path)) for fault in failed)


def _raw_response(response: Response[Any], module: FormatModule) -> RawResponse:
    carries = module.CARRIES
    inbound = _envelope_cells(Inbound, "inbound", response.inbound, carries)
    info = _envelope_cells(Info, "info", response.info, carries)
    try:
        table = _table(response.payload, carries)
    except Fault as fault:
        raise fault.under("payload") from None
    return RawResponse(inbound, info, table)


def _envelope_cells(part: type[Any], name: str, value: Any, carries: Carries) -> Cell:
    """The cells of one part of the envelope but those that are None or empty; ABSENT if all are."""
    if type(value) is not part:
        raise Fault(f"expected {part.__name__}, not {type(value).__name__}", path=(name,))
    try:
        cells = schema_of(part).write_one(value, carries)
    except Fault as fault:
        raise fault.under(name) from None
    if "requestedParams" in cells:
        cells["requestedParams"] = _filled(cells["requestedParams"])
    return _filled(cells) or ABSENT


def _filled(cells: dict[str, Cell]) -> dict[str, Cell]:
    return {key: cell for key, cell in cells.items() if cell not in (None, [], {})}


def _table(payload: Any, carries: Carries) -> Table:
    if type(payload) is not list:
        raise Fault(f"expected a list, not a value of type {type(payload).__name__}")
    if not payload:
        return table_of(())
    if len(payload) > DEFAULT_LIMITS.records:
        raise Fault("", over=Over("records", DEFAULT_LIMITS.records, len(payload)))
    kind = type(payload[0])
    fits = is_dataclass(kind) or kind is dict
    if not fits or set(map(type, payload)) != {kind}:
        at = next(at for at, record in enumerate(payload) if not fits or type(record) is not kind)
        reason = f"expected records of one dataclass, not {type(payload[at]).__name__}"
        raise Fault(reason, path=(at,))
    schema = DICT_ROWS if kind is dict else schema_of(kind)
    table = schema.write_table(payload, carries)
    if len(table.columns) > DEFAULT_LIMITS.columns:
        _check_keys(payload, len(schema.known))
    return table


def _check_keys(records: Sequence[Any], known: int) -> None:
    """`Fault` if a record would be read as a row with too many keys."""
    most = DEFAULT_LIMITS.columns
    for row, record in enumerate(records):
        found = known + len(record if isinstance(record, dict) else record.extra)
        if found > most:
            raise Fault("", path=(row,), over=Over("columns", most, found))
