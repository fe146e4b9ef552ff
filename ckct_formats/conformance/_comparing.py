"""`compare`: the same page in several bodies.

A difference has a path on the wire and the value that each body gives there. Rows are aligned by
their identifiers, so that a missing row is one difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ckct_formats._errors import ParseError, Path, format_path
from ckct_formats._format import Format
from ckct_formats._formats.body import Buffer
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call, Response, Source
from ckct_formats._parse import parse
from ckct_formats._rules import Nested
from ckct_formats._schema import Schema, schema_of
from ckct_formats.conformance._contract import is_typed


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where bodies differ.

    Attributes:
        path: The place, as wire keys and 0-based indices; the index of a row is that in the first
            body that holds it.
        values: What each body gives, by the names of the bodies: a field's value, a whole record,
            or the identifiers in their order; None where it is absent.
        reason: Why the difference is harmless: a format cannot carry the value, or the value
            depends on the format. None if it is not harmless.
    """

    path: Path
    values: dict[str, Any]
    reason: str | None = None

    def __str__(self) -> str:
        values = ", ".join(f"{name} {value!r}" for name, value in self.values.items())
        reason = "" if self.reason is None else f" ({self.reason})"
        return f"{format_path(self.path)}: {values}{reason}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison found.

    Attributes:
        differences: In the order of the envelope, then of the rows.
        sources: How each body is written, by its name; None for one that could not be read.
        errors: Why a body, or rows of it, could not be read, by the name of the body.
    """

    differences: tuple[Difference, ...]
    sources: dict[str, Source | None] = field(default_factory=dict)
    errors: dict[str, tuple[ParseError, ...]] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        """Whether all bodies could be read and all differences are harmless."""
        return not self.errors and all(each.reason is not None for each in self.differences)


def compare(
    bodies: Mapping[str, Buffer | Response[Any]],
    *,
    formats: Mapping[str, Format | str] | None = None,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Comparison:
    """Compare the same page in several bodies.

    Args:
        bodies: At least two, by names of your choice; a parsed response will do as well.
        formats: The formats of bodies, by their names; the others are detected.
        record_type, encoding, limits: As for `parse`, for all bodies.

    Raises:
        ValueError: Fewer than two bodies.
        TypeError: Responses with records of different types; otherwise as `parse` does.
        UnknownFormatError: As `parse` does.
    """
    if len(bodies) < 2:
        raise ValueError("a comparison takes two bodies or more")
    record_type = _record_type(bodies, record_type)
    read: dict[str, Response[Any]] = {}
    errors: dict[str, tuple[ParseError, ...]] = {}
    for name, body in bodies.items():
        try:
            if isinstance(body, Response):
                read[name] = body
            else:
                read[name] = parse(
                    body,
                    (formats or {}).get(name),
                    record_type=record_type,
                    encoding=encoding,
                    on_error="collect",
                    limits=limits,
                )
        except ParseError as error:
            errors[name] = (error,)
        else:
            if read[name].errors:
                errors[name] = read[name].errors
    found = _Compared(read, schema_of(record_type)).differences() if len(read) > 1 else ()
    sources = {name: read[name].source if name in read else None for name in bodies}
    return Comparison(tuple(found), sources, errors)


def _record_type(bodies: Mapping[str, Any], record_type: type[Any]) -> type[Any]:
    """The type of the records of parsed responses, or the one that was passed."""
    parsed = [body for body in bodies.values() if isinstance(body, Response)]
    kinds = {type(record) for response in parsed for record in response.payload}
    if not kinds:
        return record_type
    if len(kinds) > 1 or (len(parsed) < len(bodies) and kinds != {record_type}):
        names = ", ".join(sorted({kind.__name__ for kind in {*kinds, record_type}}))
        raise TypeError(f"bodies of different record types: {names}")
    return kinds.pop()


# What a body's dialect makes of a value that it cannot carry.
Loss = Callable[[Any], Any]


class _Compared:
    """Responses under comparison."""

    def __init__(self, responses: dict[str, Response[Any]], schema: Schema[Any]) -> None:
        self._responses = responses
        self._schema = schema
        self._identifier = None if schema.identifier is None else schema.identifier.name

    def differences(self) -> Iterator[Difference]:
        responses = self._responses.values()
        for part in ("inbound", "info"):
            values = [getattr(response, part) for response in responses]
            yield from self._objects(schema_of(type(values[0])), values, (part,))
        rows = [self._rows(response.payload) for response in responses]
        yield from self._records(rows)
        yield from self._order(rows)

    def _rows(self, payload: Sequence[Any]) -> dict[Any, tuple[int, Any]]:
        """The records with their indices, by identifier and how often it occurred before."""
        if self._identifier is None:
            return {at: (at, record) for at, record in enumerate(payload)}
        seen: Counter[Any] = Counter()
        rows = {}
        for at, record in enumerate(payload):
            identifier = getattr(record, self._identifier)
            rows[identifier, seen[identifier]] = (at, record)
            seen[identifier] += 1
        return rows

    def _records(self, rows: Sequence[dict[Any, tuple[int, Any]]]) -> Iterator[Difference]:
        for key in dict.fromkeys(key for each in rows for key in each):
            found = [each.get(key) for each in rows]
            at = next(place for place, _ in filter(None, found))
            records = [None if each is None else each[1] for each in found]
            if None in records:
                yield self._difference(("payload", at), records)
            elif not _are_equal(records):
                yield from self._objects(self._schema, records, ("payload", at))

    def _order(self, rows: Sequence[dict[Any, tuple[int, Any]]]) -> Iterator[Difference]:
        if self._identifier is None:
            return
        common = set(rows[0]).intersection(*rows)
        orders = [[key for key in each if key in common] for each in rows]
        if not _are_equal(orders):
            identifiers = [tuple(identifier for identifier, _ in order) for order in orders]
            yield self._difference(("payload",), identifiers)

    def _objects(
        self, schema: Schema[Any], objects: Sequence[Any], path: Path
    ) -> Iterator[Difference]:
        for each in schema.wire_order:
            values = [getattr(value, each.name) for value in objects]
            here = (*path, each.wire)
            if _are_equal(values):
                continue
            if isinstance(each.rule, Nested):
                yield from self._objects(schema_of(type(values[0])), values, here)
            elif isinstance(values[0], dict):
                yield from self._members(values, here)
            else:
                yield self._difference(here, values)
        if schema.has_extra:
            yield from self._members([each.extra for each in objects], path, unknown=True)

    def _members(
        self, members: Sequence[dict[str, Any]], path: Path, *, unknown: bool = False
    ) -> Iterator[Difference]:
        for key in dict.fromkeys(key for each in members for key in each):
            values = [each.get(key) for each in members]
            if not _are_equal(values):
                yield self._difference((*path, key), values, unknown=unknown)

    def _difference(
        self, path: Path, values: Sequence[Any], *, unknown: bool = False
    ) -> Difference:
        by_name = dict(zip(self._responses, values, strict=True))
        return Difference(path, by_name, self._reason(path, by_name, unknown=unknown))

    def _reason(self, path: Path, values: dict[str, Any], *, unknown: bool) -> str | None:
        """Why a difference is harmless; None if it is not."""
        sources = {name: response.source for name, response in self._responses.items()}
        formats = {name: source.format if source else None for name, source in sources.items()}
        if path == ("inbound", "requestedType") and values == formats:
            return "each names its own format"
        if path == ("inbound", "contentLength"):
            by_format = {(formats[name], value) for name, value in values.items()}
            agree = len(by_format) == len(set(formats.values())) > 1
            return "the length depends on the format" if agree else None
        losses = {name: _loss(source, unknown=unknown) for name, source in sources.items()}
        lossy = {name: loss for name, loss in losses.items() if loss is not None}
        carried = [value for name, value in values.items() if name not in lossy]
        others = carried[:1] or list(values.values())
        is_lost = _are_equal(carried) and all(
            loss(other) == loss(values[name]) for name, loss in lossy.items() for other in others
        )
        return f"{', '.join(lossy)} cannot carry it" if is_lost else None


def _are_equal(values: Sequence[Any]) -> bool:
    return all(value == values[0] for value in values)


def _loss(source: Source | None, *, unknown: bool) -> Loss | None:
    """The loss in a dialect; None if it carries all values."""
    if source is None or is_typed(source):
        return None
    if source.dialect != "records":
        return _as_text if unknown else None
    return (lambda value: _without_ends(_as_text(value))) if unknown else _without_ends


def _without_ends(value: Any) -> Any:
    """A text without the line breaks at its end, which records lose."""
    return value.rstrip("\n") if isinstance(value, str) else value


def _as_text(value: Any) -> str:
    """An unknown field as PHP prints it: true as 1, false and null as nothing, 1.0 as 1."""
    if not isinstance(value, str):
        return "" if value is None else repr(value)
    if value in ("true", "false"):
        return "1" if value == "true" else ""
    head, point, fraction = value.partition(".")
    is_whole = point and head.removeprefix("-").isdecimal() and not fraction.strip("0")
    return head if is_whole else value
