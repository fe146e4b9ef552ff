"""Where the elements of a document begin, found without a tree."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from ckct_formats._errors import Path
from ckct_formats._formats import envelope
from ckct_formats._formats.body import Body
from ckct_formats._formats.table import KnownKeys
from ckct_formats._formats.xml.document import DIGIT_NAMES, IllFormedError, Source, scan
from ckct_formats._formats.xml.tree import is_row

_TAG = re.compile(rb"<[^>]*>")


def places(body: Body, known: KnownKeys, wanted: Set[Path]) -> Mapping[Path, int]:
    """Where the content of elements begins."""
    source = Source(body)
    if body.dialect == DIGIT_NAMES:
        source.repair()
    try:
        found = _found(source.data, known, wanted)
    except IllFormedError:  # the two engines differ in which names they know
        return {}
    index_of = source.indices(found.values())
    return {path: index_of[byte] for path, byte in found.items()}


def _row_place(data: bytes, known: KnownKeys) -> tuple[int, str | None]:
    """How deep rows are below the root, and in or as which of its children; None for any."""
    payloads = 0
    names: list[str] = []
    names_inside: list[str] = []
    parts = set[str]()
    part = ""

    def begun(name: str, attributes: dict[str, str], level: int, byte: int) -> None:
        nonlocal payloads, part
        if level == 1:
            part = _local(name)
            parts.add(part)
            payloads += part == "payload"
        if part == "payload" and level in (1, 2, 3):
            if level > 1:
                (names if level == 2 else names_inside).append(_local(name))
            if level < 3:
                (names if level == 1 else names_inside).extend(attributes)

    scan(data, begun)
    if parts.isdisjoint(envelope.KEYS):
        return 1, None
    return (2 if payloads < 2 and not is_row(names, names_inside, known) else 1), "payload"


def _found(data: bytes, known: KnownKeys, wanted: Set[Path]) -> dict[Path, int]:
    """Where the content of wanted elements begins; the last of those with the same path counts."""
    row_level, row_part = _row_place(data, known)
    found: dict[Path, int] = {}
    here: list[Path | None] = []
    part, rows = "", 0

    def begun(name: str, attributes: dict[str, str], level: int, byte: int) -> None:
        nonlocal part, rows
        name = _local(name)
        part = name if level == 1 else part
        del here[level:]
        above = here[-1] if level else ()
        path: Path | None = () if level == 0 else None if above is None else (*above, name)
        if level == row_level and row_part in (part, None):
            path = ("payload", rows) if ("payload", rows) in wanted else ("payload", name)
            rows += 1
            if name == row_part and ("payload",) in wanted:  # the payload begins with its rows
                found.setdefault(("payload",), _content(data, byte))
        here.append(path if path in wanted else None)
        if path is not None and path in wanted:
            found[path] = _content(data, byte)

    scan(data, begun)
    return found


def _content(data: bytes, byte: int) -> int:
    """Where the content of the element begins that begins at a byte."""
    tag = _TAG.match(data, byte)
    return byte if tag is None else tag.end()


def _local(name: str) -> str:
    return name.rpartition(":")[2]
