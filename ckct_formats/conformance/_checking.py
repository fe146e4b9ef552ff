"""`check`: all that departs from the documented API in one body.

It reads a body as `parse` does, down to the raw response, and then asks every row and value
instead of stopping at the first that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from ckct_formats._errors import LimitExceededError, ParseError, Path, UnsafeInputError
from ckct_formats._format import Format
from ckct_formats._formats.body import Body, Buffer
from ckct_formats._formats.cells import ABSENT, Cell, Pairs, first_repeated, keys_of
from ckct_formats._formats.faults import KEY_TWICE, Fault
from ckct_formats._formats.table import Column, RawResponse
from ckct_formats._limits import DEFAULT_LIMITS, Limits
from ckct_formats._model import Call, Inbound, Info
from ckct_formats._model_v3 import CallV3
from ckct_formats._parse import errors_of, indices_of, read_raw, source_of
from ckct_formats._rules import Nested, is_blank
from ckct_formats._schema import Field, Schema, schema_of
from ckct_formats._versions import advice, of_another_version
from ckct_formats.conformance import _contract as contract
from ckct_formats.conformance._findings import Code, Finding, Report, Severity


def check(
    body: Buffer,
    fmt: Format | str | None = None,
    *,
    record_type: type[Any] = Call,
    encoding: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Report:
    """Find all that departs from the documented API in one body.

    Args:
        body, fmt, record_type, encoding, limits: As for `parse`. The documented contract is that
            of `Call`; of another dataclass, its own fields are the contract.

    Returns:
        A report. It goes on after rows and values that cannot be read; only a body whose
        structure cannot be read ends it.

    Raises:
        UnknownFormatError: `fmt` is none of the four.
        TypeError: As `parse` does.
    """
    schema = schema_of(record_type)
    try:
        decoded, raw = read_raw(body, fmt, encoding, limits, schema.known)
    except ParseError as error:
        return Report((_fatal(of_another_version(body, record_type, error) or error),))
    source, rows = source_of(decoded), raw.table.length
    try:
        findings = tuple(_Checked(decoded, raw, schema, limits).findings())
    except Fault as fault:  # too many bad rows
        fault.path = raw.row_path(fault.path)
        return Report((_fatal(errors_of(decoded, schema.known, [fault.without_frames()])[0]),))
    if sum(each.code is Code.REQUIRED_MISSING for each in findings) == rows > 0:
        reason = advice(body, source.format, record_type)
        if reason is not None:
            findings = (Finding(Code.UNREADABLE_BODY, reason, ("payload",)),)
    return Report(findings, source, rows)


def _fatal(error: ParseError) -> Finding:
    """The finding of what ends a check."""
    code = Code.UNREADABLE_BODY
    if isinstance(error, UnsafeInputError):
        code = Code.UNSAFE_INPUT
    elif isinstance(error, LimitExceededError):
        code = Code.LIMIT_EXCEEDED
    elif error.reason == KEY_TWICE:
        code = Code.DUPLICATE_KEY
    found = "" if error.excerpt is None else f', found "{error.excerpt}"'
    return Finding(code, error.reason + found, error.path, error.line, error.column)


class _Checked:
    """One body under check."""

    def __init__(self, body: Body, raw: RawResponse, schema: Schema[Any], limits: Limits) -> None:
        self._body = body
        self._raw = raw
        self._schema = schema
        self._limits = limits
        self._typed = contract.is_typed(source_of(body))

    def findings(self) -> list[Finding]:
        """All findings; those of the whole body first, then by their paths. The first hundred have
        their places."""
        found = [(self._raw.row_path(finding.path), finding) for finding in self._found()]
        paths = list(dict.fromkeys(path for path, _ in found if path))
        indices = indices_of(self._body, self._schema.known, [(path, None) for path in paths])
        places = dict(zip(paths, self._body.positions(indices), strict=True))
        return [
            replace(finding, path=path, line=line, column=column)
            for path, finding in found
            for line, column in [places.get(path, (None, None))]
        ]

    def _found(self) -> Iterator[Finding]:
        source = source_of(self._body)
        yield from contract.of_source(source)
        inbound, of_inbound = self._part(Inbound, "inbound", self._raw.inbound)
        _, of_info = self._part(Info, "info", self._raw.info)
        yield from [*self._of_envelope(), *of_inbound, *of_info]
        values, of_rows = self._rows()
        page = contract.Page(inbound, values, self._raw.table.length, source.format)
        yield from of_rows
        yield from contract.of_counts(page, self._is_length)
        yield from contract.of_identifiers(page, self._schema)
        if self._schema.record_type is Call:
            yield from contract.of_calls(page)

    def _is_length(self, length: int) -> bool:
        (at,) = indices_of(self._body, self._schema.known, [(("payload",), None)])
        return contract.is_length(length, self._body, self._raw, self._schema, at or 0)

    def _of_envelope(self) -> Iterator[Finding]:
        raw = self._raw
        if raw.inbound is ABSENT and raw.info is ABSENT:
            if self._schema.record_type is not CallV3:  # documented as a bare array
                yield Finding(Code.ENVELOPE_MISSING, "the rows come without an envelope")
            return
        for name, part in (("inbound", raw.inbound), ("info", raw.info)):
            if part is ABSENT and not self._failed:
                yield Finding(Code.MISSING_KEY, f"{name} is absent", (name,))
        for key in raw.other_keys:
            yield Finding(Code.UNKNOWN_KEY, "a key that is none of the envelope's", (key,))

    def _part(self, kind: type[Any], name: str, cell: Cell) -> tuple[dict[str, Any], list[Finding]]:
        """The values of one part of the envelope by their keys, and what is wrong with it."""
        if cell is ABSENT or is_blank(cell) or cell == []:
            return {}, []
        schema = schema_of(kind)
        if not isinstance(cell, dict | Pairs):
            return {}, [Finding(Code.UNREADABLE_VALUE, "expected an object", (name,))]
        found = [_of_fault(fault) for fault in self._raw.faults if fault.path[0] == name]
        values = self._object(schema, cell, (name,), found)
        try:
            schema.read_one(dict(cell), self._limits)
        except Fault as fault:
            reported = {each.path for each in found if each.severity is Severity.ERROR}
            if (name, *fault.path) not in reported:
                found.append(_of_fault(fault.under(name)))
        return values, found

    def _object(
        self, schema: Schema[Any], cell: Cell, path: Path, found: list[Finding]
    ) -> dict[str, Any]:
        """The values of one object of the envelope; what is wrong with it is added."""
        pairs = cell if isinstance(cell, Pairs) else Pairs(cell.items())
        cells = dict(pairs)
        reported = {finding.path for finding in found}
        if len(cells) < len(pairs):
            twice = first_repeated(keys_of(pairs))
            if (*path, twice) not in reported:
                found.append(Finding(Code.DUPLICATE_KEY, KEY_TWICE, (*path, twice)))
        found += contract.of_keys([list(cells)], schema, path, missing=not self._failed)
        values: dict[str, Any] = {}
        for field in schema.fields:
            inner = cells.get(field.wire, ABSENT)
            here = (*path, field.wire)
            if isinstance(field.rule, Nested) and isinstance(inner, dict | Pairs):
                nested: Schema[Any] = schema_of(field.rule.record.record_type)
                values |= self._object(nested, inner, here, found)
                continue
            column = Column.of([inner])
            found += contract.of_spelling(field, column, here, typed=self._typed)
            try:
                values[field.wire] = field.read(inner, self._limits)
            except Fault as fault:
                if here not in reported:
                    found.append(_of_fault(fault.under(*here)))
        return values

    @cached_property
    def _failed(self) -> bool:
        """Whether the server says that the request failed: then it answers with little else."""
        inbound = self._raw.inbound
        cells = dict(inbound) if isinstance(inbound, dict | Pairs) else {}
        return not is_blank(cells.get("error"))

    def _rows(self) -> tuple[dict[str, Sequence[Any]], list[Finding]]:
        """The values of each column, None where they cannot be read, and what is wrong with the
        rows, in their order."""
        raw = self._raw
        found = contract.of_keys(self._key_rows(), self._schema, ("payload",))
        values: dict[str, Sequence[Any]] = {}
        bad: list[Finding] = []
        lost = self._lost
        for field in self._schema.fields if raw.table.length else ():
            column = raw.table.column(field.wire) or Column.of([ABSENT] * raw.table.length)
            if lost:
                cells = enumerate(column.cells)
                column = Column.of([ABSENT if row in lost else cell for row, cell in cells])
            found += contract.of_spelling(field, column, ("payload",), typed=self._typed)
            values[field.wire] = self._column(field, column, lost, bad)
        reported = {finding.path[:3] for finding in bad}
        faults = raw.table.faults | self._schema.read_table(raw.table, self._limits)[1]
        for row, fault in faults.items():
            path = ("payload", row, *fault.path)
            if path[:3] not in reported:
                code = Code.UNREADABLE_VALUE if fault.path else Code.UNREADABLE_ROW
                code = Code.DUPLICATE_KEY if fault.reason == KEY_TWICE else code
                bad.append(Finding(code, _sentence(fault), path))
        bad.sort(key=lambda finding: finding.path[1])
        return values, found + bad

    @cached_property
    def _lost(self) -> set[int]:
        """The rows that have no cells of their own."""
        return {row for row, fault in self._raw.table.faults.items() if not fault.path}

    def _key_rows(self) -> Sequence[Sequence[str] | None]:
        """The keys of each row, None where it has no cells."""
        keys: list[Sequence[str] | None] = [*self._raw.table.row_keys()]
        for row in self._lost:
            keys[row] = None
        return keys

    def _column(
        self, field: Field, column: Column, lost: set[int], bad: list[Finding]
    ) -> Sequence[Any]:
        try:
            return field.read_column(column, self._limits)
        except Fault:
            pass
        values = []
        for row, cell in enumerate(column.cells):
            value = None
            try:
                value = None if row in lost else field.read(cell, self._limits)
            except Fault as fault:
                code = Code.UNREADABLE_VALUE
                if fault.excess is not None:
                    code = Code.LIMIT_EXCEEDED
                elif cell is ABSENT or is_blank(cell):
                    code = Code.REQUIRED_MISSING
                path = ("payload", row, field.wire, *fault.path)
                bad.append(Finding(code, _sentence(fault), path))
            values.append(value)
        return values


def _of_fault(fault: Fault) -> Finding:
    code = Code.UNREADABLE_VALUE if fault.excess is None else Code.LIMIT_EXCEEDED
    code = Code.DUPLICATE_KEY if fault.reason == KEY_TWICE else code
    return Finding(code, _sentence(fault), fault.path)


def _sentence(fault: Fault) -> str:
    """What an error of this fault would say, masked."""
    error = ParseError(fault.text, excerpt=fault.excerpt)
    return str(error)
