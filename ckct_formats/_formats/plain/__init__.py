"""Plain text: a dump of the nested array, in one of the ways that PHP has of printing one.

Inferred: the provider names the format and shows nothing of it. On a PHP server print_r is the
likeliest reading of "plain", and what is written. The dialect is decided by the first bytes, after
a page around the dump is taken off:

    1. `Array` or `… Object` above a bracket: print_r
    2. `array(3) {`, `object(stdClass)#1 (3) {`: var_dump
    3. `array (`, `(object) array(`, `stdClass::__set_state`: var_export
    4. `a:3:{`, `O:8:"stdClass":3:{`: serialize
    5. `payload.0.city: …`, `payload[0][city] = …`: key-value
    6. `city: …`: records
    7. `{`, `[`: json
    8. anything else: csv
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from ckct_formats._errors import Path
from ckct_formats._formats import csv, envelope, json
from ckct_formats._formats.body import Body
from ckct_formats._formats.cells import Cell
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.foreign import foreign
from ckct_formats._formats.plain import lines, print_r
from ckct_formats._formats.plain.brackets import BracketReader, Serialize, VarDump, VarExport
from ckct_formats._formats.plain.page import unwrapped
from ckct_formats._formats.plain.print_r import CONSTRAINTS as CONSTRAINTS
from ckct_formats._formats.table import KnownKeys, RawResponse
from ckct_formats._limits import DEFAULT_LIMITS, Limits

# How JSON begins, and lines of paths or a csv header of them.
_BRACKET = re.compile(rb"\s*(?:<pre[^>]*>)?\s*[\[{]")
_PATH = re.compile(rb"\s*(?:<pre[^>]*>)?\s*[\[\"]?(?:inbound|info|payload|[0-9]+)[.\[\]]")


class _Dump(NamedTuple):
    """A dump without the page around it.

    Attributes:
        text: From its first character that is no white space.
        codec: The one in which PHP counted the bytes of texts.
        before: How many characters of the body are before it; None if a page was taken off.
    """

    text: str
    codec: str
    before: int | None


Way = Callable[[Body, Limits, KnownKeys], RawResponse]
Read = Callable[[_Dump, Limits, KnownKeys], RawResponse]
Places = Callable[[_Dump, Set[Path]], Mapping[Path, int]]


class _Dialect(NamedTuple):
    """A dialect that only plain has: how it begins, the ways to read it, how places are found."""

    name: str
    beginning: re.Pattern[str]
    ways: tuple[Read, ...]
    places: Places


def _dump_of(body: Body) -> _Dump:
    content = unwrapped(body.text)
    text = content.lstrip() if content[:1].isspace() else content
    before = len(content) - len(text) if content == body.text else None
    return _Dump(text, body.codec, before)


def _read(way: int, body: Body, limits: Limits, known: KnownKeys) -> RawResponse:
    instead = foreign(body.text)
    if instead is not None:
        raise instead
    dump = _dump_of(body)
    dialect = _dialect_of(dump)
    try:
        if dialect is None:
            return _read_shared(way, body, dump, limits, known)
        body.dialect = dialect.name
        return dialect.ways[way](dump, limits, known)
    except Fault as fault:
        if dialect is not None or dump.before is None:
            fault.at = _in_body(dump, fault.at)
        raise


WAYS = (partial(_read, 0), partial(_read, -1))


def _dialect_of(dump: _Dump) -> _Dialect | None:
    return next((each for each in _DIALECTS if each.beginning.match(dump.text)), None)


def _in_body(dump: _Dump, at: int | None) -> int | None:
    return None if at is None or dump.before is None else at + dump.before


def _read_shared(
    way: int, body: Body, dump: _Dump, limits: Limits, known: KnownKeys
) -> RawResponse:
    """The response of a dump in a dialect that json or csv has too."""
    inner = body if dump.before is not None else Body(unwrapped(body.text), body.format)
    ways: Sequence[Way] = json.WAYS if _is_json(dump) else csv.WAYS
    try:
        return ways[way](inner, limits, known)
    finally:
        body.dialect = inner.dialect


def _is_json(dump: _Dump) -> bool:
    return dump.text.startswith(("{", "["))


def declared_encoding(head: bytes) -> str | None:
    """Plain text declares none."""
    return None


def count_nodes(data: bytes) -> int:
    """Lines, the ends of values that share one, the steps of paths, and the brackets of JSON."""
    marks = {b"\n", b";", b",", b"\t", b"|"}
    if _PATH.match(data):
        marks |= {b".", b"["}
    if _BRACKET.match(data):
        marks |= {b"[", b"]", b"{", b"}"}
    return sum(map(data.count, marks))


def places(body: Body, known: KnownKeys, wanted: Set[Path]) -> Mapping[Path, int]:
    dump = _dump_of(body)
    dialect = _dialect_of(dump)
    if dump.before is None:
        return {}
    if dialect is None:
        return (json.places if _is_json(dump) else csv.places)(body, known, wanted)
    texts = {tuple(map(str, path)): path for path in wanted}
    found = dialect.places(dump, texts.keys())
    return {path: found[text] + dump.before for text, path in texts.items() if text in found}


def write(response: RawResponse) -> bytes:
    return print_r.write(response).encode()


def _brackets(name: str, beginning: str, dialect: type[BracketReader[Any]]) -> _Dialect:
    """A dialect in which nothing can be imitated."""

    def read_tree(dump: _Dump, limits: Limits, wanted: Set[Path]) -> tuple[Cell, dict[Path, int]]:
        is_text = dialect is VarExport
        data = dump.text if is_text else dump.text.encode(dump.codec)
        reader = dialect(data, dump.codec, limits, wanted)
        try:
            tree = reader.read()
        except Fault as fault:
            if isinstance(data, bytes) and fault.at is not None:
                fault.at = len(data[: fault.at].decode(dump.codec, "replace"))
            raise
        if isinstance(data, str):
            return tree, reader.found
        found, at, index = dict[Path, int](), 0, 0
        for path, byte in sorted(reader.found.items(), key=itemgetter(1)):
            index += len(data[at:byte].decode(dump.codec, "replace"))
            found[path], at = index, byte
        return tree, found

    def read(dump: _Dump, limits: Limits, known: KnownKeys) -> RawResponse:
        return envelope.checked_response(read_tree(dump, limits, frozenset())[0], limits)

    def places(dump: _Dump, wanted: Set[Path]) -> Mapping[Path, int]:
        return read_tree(dump, DEFAULT_LIMITS, wanted)[1]

    return _Dialect(name, re.compile(beginning), (read,), places)


def _texts(
    name: str,
    beginning: re.Pattern[str],
    reads: Sequence[Callable[[str, Limits, KnownKeys], RawResponse]],
    places: Callable[[str, Set[Path]], Mapping[Path, int]],
) -> _Dialect:
    """A dialect that does not quote texts."""

    def way(read: Callable[[str, Limits, KnownKeys], RawResponse]) -> Read:
        return lambda dump, limits, known: read(dump.text, limits, known)

    return _Dialect(
        name, beginning, tuple(map(way, reads)), lambda dump, wanted: places(dump.text, wanted)
    )


_DIALECTS = (
    _texts(
        "print_r",
        re.compile(r"(?:Array|[A-Za-z_]\w* Object)\n\("),
        (print_r.read_fast, print_r.read_tree),
        print_r.places,
    ),
    _brackets("var_dump", r"array\([0-9]+\) \{|object\(", VarDump),
    _brackets("var_export", r"(?:\(object\) ?)?array ?\(|\\?stdClass::__set_state", VarExport),
    _brackets("serialize", r"a:[0-9]+:\{|O:[0-9]+:", Serialize),
    _texts("records", lines.ENVELOPED_RECORDS, (lines.read_records,), lines.places_of_records),
    _texts("key-value", lines.FIRST_PATH, (lines.read_paths,), lines.places_of_paths),
    _texts("records", lines.FIRST_KEY, (lines.read_records,), lines.places_of_records),
)
