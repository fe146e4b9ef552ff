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
from functools import partial
from typing import AnyStr, NamedTuple

from ckct_formats._errors import Path
from ckct_formats._formats import Known, csv, envelope, json
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import Cell
from ckct_formats._formats.faults import Fault, Misplaced
from ckct_formats._formats.foreign import foreign
from ckct_formats._formats.frame import Frame
from ckct_formats._formats.nearby import Around, Nearby
from ckct_formats._formats.plain import lines, print_r, serialized, var_dump, var_export
from ckct_formats._formats.plain.cursor import Cursor
from ckct_formats._formats.plain.page import unwrapped
from ckct_formats._formats.plain.print_r import CARRIES as CARRIES
from ckct_formats._formats.table import RawResponse, Take, check_nul
from ckct_formats._limits import Limits


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
    is_wrapped = content is not body.text
    text = content.lstrip()
    for dialect, beginning, read_dump in _DIALECTS:
        if beginning.match(text):
            # Where there is NUL, it must be looked for before anything is made of rows.
            dump = _Dump(text, body.codec, limits, known, None if b"\0" in body.utf8 else take)
            return _read_dump(body, dialect, partial(read_dump, dump), is_wrapped=is_wrapped)
    inner = Body(content, body.format) if is_wrapped else body
    reader = json.read if text.startswith(("{", "[")) else csv.read
    response = reader(inner, limits, known, take)
    body.dialect = inner.dialect
    return response


def _read_dump(
    body: Body, dialect: str, reader: Callable[[], RawResponse], *, is_wrapped: bool
) -> RawResponse:
    body.dialect = dialect
    before = len(body.text) - len(body.text.lstrip())

    def in_body(at: int | None) -> int | None:
        """The place in the body of one in its dump; None where a page was taken off."""
        return None if at is None or is_wrapped else at + before

    try:
        response = reader()
        if response.taken is None and "\0" in body.text:
            check_nul(response)
    except Fault as fault:
        failed = fault.without_frames()
    else:
        locate = response.locate
        response.locate = lambda path: in_body(locate(path))
        return response
    raise body.error(failed, in_body(failed.at))


def _print_r(dump: _Dump) -> RawResponse:
    text = dump.text
    if not text.endswith(")\n"):
        text = text.rstrip() + "\n"
    return print_r.read(text, dump.limits, dump.known, dump.take)


def _var_export(dump: _Dump) -> RawResponse:
    return _of_tree(dump, dump.text, var_export.read, lambda at: at)


def _var_dump(dump: _Dump) -> RawResponse:
    return _of_bytes(dump, var_dump.read)


def _serialize(dump: _Dump) -> RawResponse:
    return _of_bytes(dump, serialized.read)


def _of_bytes(dump: _Dump, read: Callable[[Cursor[bytes], str, Path], Cell]) -> RawResponse:
    data = dump.text.encode(dump.codec)

    def read_tree(cursor: Cursor[bytes], path: Path) -> Cell:
        return read(cursor, dump.codec, path)

    checkpoint = (0, 0)

    def index(at: int) -> int:
        """The index into the text; places are asked for in their order, so counting goes on from
        the one before."""
        nonlocal checkpoint
        start, found = checkpoint if checkpoint[0] <= at else (0, 0)
        checkpoint = at, found + len(data[start:at].decode(dump.codec, "replace"))
        return checkpoint[1]

    return _of_tree(dump, data, read_tree, index)


def _of_tree(
    dump: _Dump,
    data: AnyStr,
    read: Callable[[Cursor[AnyStr], Path], Cell],
    index: Callable[[int], int],
) -> RawResponse:
    """The response of a dialect with brackets: read once, and the row again of which a place is
    asked for."""
    cursor = Cursor(data, dump.limits)
    try:
        tree = read(cursor, ())
        if not cursor.is_at_end():
            raise cursor.unexpected("nothing behind the last bracket")
    except Misplaced as misplaced:
        failed = misplaced.without_frames()
    else:
        response = envelope.checked_response(tree, dump.limits)
        rows = cursor.rows

        def places(start: int, begun: Path, path: Path) -> dict[Path, int]:
            around = Around(path)
            read(Cursor(data, dump.limits, at=start, around=around), begun)
            return around.found

        nearby = Nearby(places)

        def locate(path: Path) -> int:
            """The place of a value, or of the innermost one around it."""
            steps = tuple(map(str, path))
            if steps[:1] == ("payload",) and ("payload",) not in rows:
                steps = steps[1:]
            row = next(steps[:end] for end in (2, 1, 0) if steps[:end] in rows)
            at = nearby.locate(row, rows[row], steps)
            return index(rows[row] if at is None else at)

        response.locate = locate
        return response
    raise failed.placed(index(failed.at))


def _paths(dump: _Dump) -> RawResponse:
    return lines.read_paths(dump.text, dump.limits, dump.known)


def _records(dump: _Dump) -> RawResponse:
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
