"""Plain text: a dump of the nested array, in one of the ways that PHP has of printing one.

Inferred: the provider names the format and shows nothing of it. On a PHP server print_r is the
likeliest reading of "plain", and what is written. Which dialect a body is in is told by its first
bytes, after a page around the dump is taken off:

    1. `Array` or `… Object` above a bracket: print_r
    2. `array (`, `(object) array(`, `stdClass::__set_state`: var_export
    3. `array(3) {`, `object(stdClass)#1 (3) {`: var_dump
    4. `a:3:{`, `O:8:"stdClass":3:{`: serialize
    5. `{`, `[`: json
    6. `payload.0.city: …`, `payload[0][city] = …`: key-value
    7. `city: …`: records
    8. anything else: csv
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, partial
from typing import NamedTuple

from ckct_formats.errors import Path
from ckct_formats.formats import Known, csv, envelope, json
from ckct_formats.formats.body import Body
from ckct_formats.formats.cells import Cell
from ckct_formats.formats.faults import Fault, Misplaced, check_density
from ckct_formats.formats.foreign import foreign
from ckct_formats.formats.frame import Frame
from ckct_formats.formats.plain import lines, print_r, serialize, var_dump, var_export
from ckct_formats.formats.plain.cursor import Cursor
from ckct_formats.formats.plain.page import unwrapped
from ckct_formats.formats.plain.print_r import CARRIES as CARRIES
from ckct_formats.formats.raw import RawResponse, Take, check_nul
from ckct_formats.limits import Limits


class _Dump(NamedTuple):
    """A dump without a page around it, and what its readers ask for."""

    text: str
    codec: str
    limits: Limits
    known: Known
    take: Take | None


def declared_encoding(head: bytes) -> str | None:
    """Plain text declares none."""
    return None


def count_nodes(data: bytes) -> int:
    """Lines, and the ends of values that stand in one line."""
    return sum(map(data.count, (b"\n", b";", b",")))


def frame(start: bytes, known: Known) -> Frame | None:
    """Of the ways to print, only print_r's is cut."""
    return print_r.frame(start, known)


def read(body: Body, limits: Limits, known: Known, take: Take) -> RawResponse:
    strange = foreign(body.text)
    if strange is not None:
        raise strange
    content = unwrapped(body.text)
    text = content.lstrip()
    for dialect, beginning, read_dump in _DIALECTS:
        if beginning.match(text):
            # Where there is NUL, it must be looked for before anything is made of rows.
            dump = _Dump(text, body.codec, limits, known, None if b"\0" in body.utf8 else take)
            return _read_dump(body, dialect, partial(read_dump, dump))
    inner = body if content is body.text else Body(content, body.format)
    reader = json.read if text.startswith(("{", "[")) else csv.read
    response = reader(inner, limits, known, take)
    body.dialect = inner.dialect
    return response


def _read_dump(body: Body, dialect: str, reader: Callable[[], RawResponse]) -> RawResponse:
    body.dialect = dialect
    before = len(body.text) - len(body.text.lstrip())
    try:
        response = reader()
        if response.taken is None and "\0" in body.text:
            check_nul(response)
    except Fault as fault:
        failed = fault
    else:
        locate = response.locate
        response.locate = lambda path: _in_body(body, locate(path), before)
        return response
    raise body.error(failed, _in_body(body, failed.at, before))


def _in_body(body: Body, at: int | None, before: int) -> int | None:
    """The place in the body of one in its dump; None where a page was taken off."""
    return None if at is None or unwrapped(body.text) is not body.text else at + before


def _print_r(dump: _Dump) -> RawResponse:
    text = dump.text
    if not text.endswith(")\n"):
        text = text.rstrip() + "\n"
    return print_r.read(text, dump.limits, dump.known, dump.take)


# What stands in `check_density` below is less than the characters that a node takes on a page.


def _var_export(dump: _Dump) -> RawResponse:
    check_density(dump.text, "\n,", 10, dump.limits)

    def tree(*, placing: bool) -> Cursor[str]:
        cursor = Cursor(dump.text, dump.limits, placing=placing)
        cursor.tree = var_export.read(cursor)
        return cursor

    return _of_tree(dump, tree, lambda at: at)


def _var_dump(dump: _Dump) -> RawResponse:
    check_density(dump.text, "\n", 14, dump.limits)
    return _of_bytes(dump, var_dump.read)


def _serialize(dump: _Dump) -> RawResponse:
    check_density(dump.text, ";", 10, dump.limits)
    return _of_bytes(dump, serialize.read)


def _of_bytes(dump: _Dump, read: Callable[[Cursor[bytes], str], Cell]) -> RawResponse:
    data = dump.text.encode(dump.codec)

    def tree(*, placing: bool) -> Cursor[bytes]:
        cursor = Cursor(data, dump.limits, placing=placing)
        cursor.tree = read(cursor, dump.codec)
        return cursor

    return _of_tree(dump, tree, lambda at: len(data[:at].decode(dump.codec, "replace")))


def _of_tree(
    dump: _Dump, read: Callable[..., Cursor[str] | Cursor[bytes]], index: Callable[[int], int]
) -> RawResponse:
    """The response of a dialect with brackets: read once, and once more if a place is asked for."""
    try:
        cursor = read(placing=False)
        if cursor.rest().strip():
            raise cursor.unexpected("nothing behind the last bracket")
    except Misplaced as misplaced:
        failed = misplaced
    else:
        response = envelope.checked_response(cursor.tree, dump.limits)
        places = _Places(read, index)
        response.locate = places.locate
        return response
    raise failed.placed(index(failed.at))


class _Places:
    """Where the values of a dump stand, found when first asked for."""

    def __init__(
        self, read: Callable[..., Cursor[str] | Cursor[bytes]], index: Callable[[int], int]
    ) -> None:
        self._read = read
        self._index = index

    @cached_property
    def _places(self) -> dict[Path, int]:
        return self._read(placing=True).places or {}

    def locate(self, path: Path) -> int | None:
        """The place of a value, or of the innermost one around it."""
        steps = tuple(map(str, path))
        if steps[:1] == ("payload",) and ("payload",) not in self._places:
            steps = steps[1:]
        while steps not in self._places:
            steps = steps[:-1]
        return self._index(self._places[steps])


def _paths(dump: _Dump) -> RawResponse:
    check_density(dump.text, "\n", 24, dump.limits)
    return lines.read_paths(dump.text, dump.limits, dump.known)


def _records(dump: _Dump) -> RawResponse:
    check_density(dump.text, "\n", 18, dump.limits)
    return lines.read_records(dump.text, dump.limits, dump.known)


_DIALECTS: tuple[tuple[str, re.Pattern[str], Callable[[_Dump], RawResponse]], ...] = (
    ("print_r", re.compile(r"(?:Array|[A-Za-z_]\w* Object)\n\("), _print_r),
    ("var_dump", re.compile(r"array\([0-9]+\) \{|object\("), _var_dump),
    ("var_export", re.compile(r"(?:\(object\) ?)?array ?\(|\\?stdClass::__set_state"), _var_export),
    ("serialize", re.compile(r"a:[0-9]+:\{|O:[0-9]+:"), _serialize),
    ("records", lines.ENVELOPED_RECORDS, _records),
    ("key-value", lines.FIRST_PATH, _paths),
    ("records", lines.FIRST_KEY, _records),
)


def write(response: RawResponse) -> bytes:
    return print_r.write(response).encode()
