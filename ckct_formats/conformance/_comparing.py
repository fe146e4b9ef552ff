"""`compare`: the same page, as several bodies give it.

What differs is told by its path on the wire, with the value that each body gives it. Rows are
aligned by their identifier, so that one that is missing is one difference.
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
        path: Where, as wire keys and 0-based indices; a row has its index in the first body that
            holds it.
        values: What each body gives, by the names of the bodies: a field's value, a whole record,
            or the identifiers in their order; None where it is absent.
        reason: Why it counts for nothing, where it comes only from what a format cannot carry, or
            from what must differ between formats; otherwise None.
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
        errors: Why a body, or rows of it, could not be read, by its name.
    """

    differences: tuple[Difference, ...]
    sources: dict[str, Source | None] = field(default_factory=dict)
    errors: dict[str, tuple[ParseError, ...]] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        """Whether all bodies could be read and nothing differs that counts."""
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
        bodies: At least two, by names of your choice; a response that was parsed already will do.
        formats: The format of a body by its name; without it, it is detected.
        record_type, encoding, limits: As for `parse`, for all of them.

    Raises:
        ValueError: Fewer than two bodies.
        TypeError: Responses with records of different types; otherwise as `parse` does.
        UnknownFormatError: As `parse` does.
    """
    if len(bodies) < 2:
        raise ValueError("a comparison takes two bodies or more")
    record_type = _record_type(bodies, record_type)
    read: dict[str, Response[Any]] = {}
    sources: dict[str, Source | None] = {}
    errors: dict[str, tuple[ParseError, ...]] = {}
    for name, body in bodies.items():
        sources[name] = None
        try:
            response = (
                body
                if isinstance(body, Response)
                else parse(
                    body,
                    (formats or {}).get(name),
                    record_type=record_type,
                    encoding=encoding,
                    on_error="collect",
                    limits=limits,
                )
            )
        except ParseError as error:
            errors[name] = (error,)
            continue
        read[name], sources[name] = response, response.source
        if response.errors:
            errors[name] = response.errors
    found = _Compared(read, schema_of(record_type)).differences() if len(read) > 1 else ()
    return Comparison(tuple(found), sources, errors)


def _record_type(bodies: Mapping[str, Any], record_type: type[Any]) -> type[Any]:
    """The type of the records that are there already, or the one that is asked for."""
    parsed = [body for body in bodies.values() if isinstance(body, Response)]
    kinds = {type(record) for response in parsed for record in response.payload}
    if not kinds:
        return record_type
    if len(kinds) > 1 or (len(parsed) < len(bodies) and kinds != {record_type}):
        names = ", ".join(sorted({kind.__name__ for kind in {*kinds, record_type}}))
        raise TypeError(f"bodies of different record types: {names}")
    return kinds.pop()


class _Compared:
    """Responses under comparison."""

    def __init__(self, responses: dict[str, Response[Any]], schema: Schema[Any]) -> None:
        self._responses = responses
        self._schema = schema
        self._names = list(responses)
        identifier = schema.identifier
        self._identifier = None if identifier is None else identifier.name
        self._formats = {
            name: response.source.format if response.source else None
            for name, response in responses.items()
        }

    def differences(self) -> Iterator[Difference]:
        for part in ("inbound", "info"):
            values = [getattr(response, part) for response in self._responses.values()]
            yield from self._objects(schema_of(type(values[0])), values, (part,))
        rows = [self._rows(response.payload) for response in self._responses.values()]
        yield from self._records(rows)
        yield from self._order(rows)

    def _rows(self, payload: Sequence[Any]) -> dict[Any, tuple[int, Any]]:
        """The records with their indices, by identifier and how often it stood before."""
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
            elif any(record != records[0] for record in records):
                yield from self._objects(self._schema, records, ("payload", at))

    def _order(self, rows: Sequence[dict[Any, tuple[int, Any]]]) -> Iterator[Difference]:
        if self._identifier is None:
            return
        common = set(rows[0]).intersection(*rows)
        orders = [[key for key in each if key in common] for each in rows]
        if any(order != orders[0] for order in orders):
            shown = [tuple(key[0] for key in order) for order in orders]
            yield self._difference(("payload",), shown)

    def _objects(
        self, schema: Schema[Any], objects: Sequence[Any], path: Path
    ) -> Iterator[Difference]:
        for each in schema.wire_order:
            values = [getattr(value, each.name) for value in objects]
            if all(value == values[0] for value in values):
                continue
            here = (*path, each.wire)
            if isinstance(each.rule, Nested):
                yield from self._objects(schema_of(type(values[0])), values, here)
            elif isinstance(values[0], dict):
                yield from self._members(values, here)
            else:
                yield self._difference(here, values)
        extras = [getattr(value, "extra", {}) for value in objects] if schema.has_extra else []
        if extras:
            yield from self._members(extras, path, unknown=True)

    def _members(
        self, members: Sequence[dict[str, Any]], path: Path, *, unknown: bool = False
    ) -> Iterator[Difference]:
        for key in dict.fromkeys(key for each in members for key in each):
            values = [each.get(key) for each in members]
            if any(value != values[0] for value in values):
                yield self._difference((*path, key), values, unknown=unknown)

    def _difference(
        self, path: Path, values: Sequence[Any], *, unknown: bool = False
    ) -> Difference:
        by_name = dict(zip(self._names, values, strict=True))
        return Difference(path, by_name, self._reason(path, by_name, unknown=unknown))

    def _reason(self, path: Path, values: dict[str, Any], *, unknown: bool) -> str | None:
        """Why a difference counts for nothing; None if it counts."""
        formats = self._formats
        if path == ("inbound", "requestedType") and values == formats:
            return "each names its own format"
        if path == ("inbound", "contentLength"):
            by_format = {(formats[name], value) for name, value in values.items()}
            agree = len(by_format) == len(set(formats.values())) > 1
            return "the length depends on the format" if agree else None
        losses = {name: self._loss(name, unknown=unknown) for name in values}
        carried = [value for name, value in values.items() if losses[name] is None]
        if any(value != carried[0] for value in carried):
            return None
        for name, value in values.items():
            loss = losses[name] or _nothing
            others = carried[:1] or list(values.values())
            if any(loss(other) != loss(value) for other in others):
                return None
        lossy = ", ".join(name for name, loss in losses.items() if loss is not None)
        return f"{lossy} cannot carry it"

    def _loss(self, name: str, *, unknown: bool) -> Loss | None:
        """What a body's dialect makes of a value that it cannot carry; None if it carries all."""
        source = self._responses[name].source
        if source is None or is_typed(source):
            return None
        ends = source.dialect == "records"
        if not unknown:
            return _without_ends if ends else None
        return (lambda value: _without_ends(_as_text(value))) if ends else _as_text


Loss = Callable[[Any], Any]


def _nothing(value: Any) -> Any:
    """What is carried whole."""
    return value


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
