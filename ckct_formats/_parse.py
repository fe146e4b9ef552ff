"""The three verbs: `parse`, `serialize`, `detect`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import is_dataclass
from typing import Any, Literal, TypedDict, TypeVar, Unpack, overload

from ckct_formats._dict_rows import DICT_ROWS, DictRow
from ckct_formats._errors import (
    LimitExceededError,
    ParseError,
    Path,
    SerializeError,
    UnknownFormatError,
)
from ckct_formats._format import Format
from ckct_formats._formats import detection
from ckct_formats._formats.body import Body, Buffer, check_size
from ckct_formats._formats.cells import ABSENT, Cell, as_object
from ckct_formats._formats.faults import Fault, Unproven, exceeded
from ckct_formats._formats.modules import FormatModule, module_of
from ckct_formats._formats.table import Constraints, KnownKeys, RawResponse, Table, check_texts
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call, Inbound, Info, Response, Source
from ckct_formats._rules import is_blank
from ckct_formats._schema import Faults, schema_of
from ckct_formats._versions import of_another_version

R = TypeVar("R")
T = TypeVar("T")

Fmt = Format | str | None
Dicts = type[dict[Any, Any]]
OnError = Literal["raise", "collect"]
# What is made of the rows of a table, and what is wrong with those that are left out.
ReadRows = Callable[[Table], tuple[list[T], Faults]]

# To place an error takes a pass over the body; the places of more than these help nobody.
MAX_PLACED = 100


class Options(TypedDict, total=False):
    """What all verbs that read take as well as body, format and record type."""

    encoding: str | None
    on_error: OnError
    limits: Limits


@overload
def parse(body: Buffer, fmt: Fmt = None, **options: Unpack[Options]) -> Response[Call]: ...
@overload
def parse(
    body: Buffer, fmt: Fmt = None, *, record_type: Dicts, **options: Unpack[Options]
) -> Response[DictRow]: ...
@overload
def parse(
    body: Buffer, fmt: Fmt = None, *, record_type: type[R], **options: Unpack[Options]
) -> Response[R]: ...
def parse(
    body: Buffer,
    fmt: Fmt = None,
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
            read and reports them in `Response.errors`, the first hundred with line and column. A
            body with more than 20,000 bad rows is refused all the same.
        limits: How much the body may ask for.

    Raises:
        ParseError: The body cannot be read for certain; `UnsafeInputError` and
            `LimitExceededError` are kinds of it.
        UnknownFormatError: `fmt` is none of the four.
        TypeError: An argument of the wrong type, or a record type with a field that has no rule.
    """
    schema = DICT_ROWS if record_type is dict else schema_of(record_type)
    return parse_rows(
        lambda table: schema.read_table(table, limits),
        body,
        fmt,
        record_type=record_type,
        known=schema.known,
        encoding=encoding,
        on_error=on_error,
        limits=limits,
    )


def parse_rows(
    read_rows: ReadRows[T],
    body: Buffer,
    fmt: Fmt,
    *,
    record_type: type[Any],
    known: KnownKeys,
    encoding: str | None,
    on_error: OnError,
    limits: Limits,
) -> Response[T]:
    """Read one response, whose payload is what `read_rows` makes of its table.

    Args, and what is raised: As in `parse`; `known` are the keys that the record type knows.
    """
    check_on_error(on_error)
    response = None
    try:
        response = _parse(read_rows, body, fmt, known, encoding, limits, on_error)
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
    read_rows: ReadRows[T],
    body: Buffer,
    fmt: Fmt,
    known: KnownKeys,
    encoding: str | None,
    limits: Limits,
    on_error: OnError,
) -> Response[T]:
    decoded, raw = read_raw(body, fmt, encoding, limits, known)
    try:
        inbound = _read_envelope(Inbound, "inbound", raw.inbound, raw, limits)
        info = _read_envelope(Info, "info", raw.info, raw, limits)
        records, faults = read_rows(raw.table)
    except Fault as fault:
        fault.path = raw.row_path(fault.path)
        failed = [fault.without_frames()]
    else:
        failed = [faults[row].under("payload", raw.row_key(row)) for row in sorted(faults)]
        if on_error == "collect" or not failed:
            errors = errors_of(decoded, known, failed)
            return Response(inbound, info, records, errors, source_of(decoded))
    raise errors_of(decoded, known, failed[:1])[0]


def read_raw(
    body: Buffer, fmt: Fmt, encoding: str | None, limits: Limits, known: KnownKeys
) -> tuple[Body, RawResponse]:
    """The body, decoded, and its raw response; `ParseError` if its structure cannot be read."""
    format = None if fmt is None else format_of_name(fmt)
    given = _given(body, encoding, limits, format)
    if format is None:
        format = detection.detect(Body(given, encoding=encoding))
    module = module_of(format)
    decoded = Body(given, format, encoding, module.declared_encoding)
    too_long = excess_of_nodes(decoded.utf8, module, limits)
    if too_long is not None:
        raise decoded.error(too_long)
    try:
        raw = _read(module, decoded, limits, known)
        holds_nul = b"\0" in decoded.utf8
        if holds_nul or len(given) > limits.value_chars:
            check_texts(raw, limits.value_chars, holds_nul=holds_nul)
        return decoded, raw
    except Fault as fault:
        failed = fault.without_frames()
    raise errors_of(decoded, known, [failed])[0]


def _read(module: FormatModule, body: Body, limits: Limits, known: KnownKeys) -> RawResponse:
    for way in module.WAYS:
        try:
            return way(body, limits, known)
        except Unproven:
            continue
    raise AssertionError("the careful way gives a response or a fault")


def errors_of(body: Body, known: KnownKeys, faults: Sequence[Fault]) -> tuple[ParseError, ...]:
    """The errors of faults, the first hundred with their places."""
    return body.errors(faults, indices_of(body, known, [(each.path, each.at) for each in faults]))


def indices_of(
    body: Body, known: KnownKeys, wanted: Sequence[tuple[Path, int | None]]
) -> list[int | None]:
    """The index into the text of each path that has none yet, for the first hundred of them."""
    indices = [at for _, at in wanted]
    unplaced = [at for at, index in enumerate(indices) if index is None][:MAX_PLACED]
    if unplaced and body.format is not None:
        paths = [wanted[at][0] for at in unplaced]
        with suppress(Fault):  # what cannot be read has no places
            found = module_of(body.format).places(body, known, _leading(paths))
            for at, path in zip(unplaced, paths, strict=True):
                indices[at] = _innermost(found, path)
    return indices


def _leading(paths: Sequence[Path]) -> set[Path]:
    """Paths, and all that lead to them; in a body without an envelope the rows are at the top."""
    at_top = [path[1:] for path in paths if path[:1] == ("payload",)]
    return {path[:end] for path in [*paths, *at_top] for end in range(len(path) + 1)}


def _innermost(found: Mapping[Path, int], path: Path) -> int | None:
    """The place of a path, or of the last step on the way to it that was found."""
    if path[:1] == ("payload",) and ("payload",) not in found:
        path = path[1:] if path[:2] not in found else path
    around = (path[:end] for end in range(len(path), -1, -1))
    return next((found[each] for each in around if each in found), None)


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
        data = module.write(_raw_response(response, module.CONSTRAINTS))
        check_size(len(data), DEFAULT_LIMITS, format)
        too_long = excess_of_nodes(data, module, DEFAULT_LIMITS)
        if too_long is None:
            return data
        raise too_long
    except Fault as fault:
        reason, path, excerpt = fault.text, fault.path, fault.excerpt
    except LimitExceededError as error:
        reason, path, excerpt = error.reason, (), None
    raise SerializeError(reason, format=format, path=path, excerpt=excerpt)


def detect(body: Buffer) -> Format:
    """The format of a body, by its first bytes alone. The rule is in docs/wire-formats.md.

    Raises:
        ParseError: The body begins as none of the four does.
    """
    return detection.detect(Body(_given(body, None, DEFAULT_LIMITS, None)))


def check_on_error(on_error: str) -> None:
    """ValueError unless it is one of the two."""
    if on_error not in ("raise", "collect"):
        raise ValueError(f'on_error must be "raise" or "collect", not {on_error!r}')


def excess_of_nodes(data: bytes, module: FormatModule, limits: Limits) -> Fault | None:
    """The fault of a body with too many nodes, before anything is made of each of them; one that is
    too short for so many is not counted."""
    found = module.count_nodes(data) if 2 * len(data) > limits.nodes else 0
    return exceeded("nodes", limits.nodes, found) if found > limits.nodes else None


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


def _read_envelope(part: type[R], name: str, cell: Cell, raw: RawResponse, limits: Limits) -> R:
    if cell is ABSENT or is_blank(cell):
        return part()
    for fault in raw.faults:
        if fault.path[0] == name:
            raise fault
    try:
        return schema_of(part).read_one(as_object(cell), limits)
    except Fault as fault:
        raise fault.under(name) from None


def _raw_response(response: Response[Any], constraints: Constraints) -> RawResponse:
    inbound = _envelope_cells(Inbound, "inbound", response.inbound, constraints)
    info = _envelope_cells(Info, "info", response.info, constraints)
    try:
        table = _table(response.payload, constraints)
    except Fault as fault:
        raise fault.under("payload") from None
    return RawResponse(inbound, info, table)


def _envelope_cells(part: type[Any], name: str, value: Any, constraints: Constraints) -> Cell:
    """The cells of one part of the envelope except those that are None or empty; ABSENT if all
    are."""
    if type(value) is not part:
        raise Fault(f"expected {part.__name__}, not {type(value).__name__}", path=(name,))
    try:
        cells = schema_of(part).write_one(value, constraints)
    except Fault as fault:
        raise fault.under(name) from None
    if "requestedParams" in cells:
        cells["requestedParams"] = _filled(cells["requestedParams"])
    return _filled(cells) or ABSENT


def _filled(cells: dict[str, Cell]) -> dict[str, Cell]:
    return {key: cell for key, cell in cells.items() if cell not in (None, [], {})}


def _table(payload: Any, constraints: Constraints) -> Table:
    if type(payload) is not list:
        raise Fault(f"expected a list, not a value of type {type(payload).__name__}")
    if not payload:
        return Table({}, 0)
    if len(payload) > DEFAULT_LIMITS.records:
        raise exceeded("records", DEFAULT_LIMITS.records, len(payload))
    kind = type(payload[0])
    fits = is_dataclass(kind) or kind is dict
    if not fits or set(map(type, payload)) != {kind}:
        at = next(at for at, record in enumerate(payload) if not fits or type(record) is not kind)
        reason = f"expected records of one dataclass, not {type(payload[at]).__name__}"
        raise Fault(reason, path=(at,))
    schema = DICT_ROWS if kind is dict else schema_of(kind)
    table = schema.write_table(payload, constraints)
    if len(table.columns) > DEFAULT_LIMITS.columns:
        _check_keys(payload, len(schema.known))
    return table


def _check_keys(records: Sequence[Any], known: int) -> None:
    """`Fault` if a record would be read as a row with too many keys."""
    limit = DEFAULT_LIMITS.columns
    for row, record in enumerate(records):
        found = known + len(record if isinstance(record, dict) else record.extra)
        if found > limit:
            raise exceeded("columns", limit, found, row)
