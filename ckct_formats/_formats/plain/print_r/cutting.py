"""Where a long dump can be cut: in front of the number of a row.

A text can imitate that. So each piece begins with the first row of the dump, and is held against it
as all rows of a page are; and there must not be more rows than the envelope counts. What a page
holds any two rows against is noted from piece to piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ckct_formats._formats import Known, envelope
from ckct_formats._formats.cells import Cell
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.frame import Frame, Piece
from ckct_formats._formats.plain import evidence
from ckct_formats._formats.plain.print_r.grammar import (
    KEY_END,
    Keys,
    entries_of,
    keys_of,
    level_of,
    read_members,
)
from ckct_formats._limits import DEFAULT_LIMITS

_ROW_DEPTH = 2
_DUMP, _PAYLOAD, _ROW, _LIST = (level_of(depth) for depth in range(4))
_OPENING = f"{_DUMP.before_entry}payload{KEY_END}{_PAYLOAD.openings[0]}".encode()
_BEFORE_ROW = _PAYLOAD.before_entry.encode()
_BEFORE_FIELD = _ROW.before_entry.encode()
_KEY_END = KEY_END.encode()
_FIRST_ROW = _BEFORE_ROW + b"0" + _KEY_END
_MARK = _ROW.closing.encode() + _BEFORE_ROW
_END = f"{_PAYLOAD.closing}{_DUMP.closing}".encode()
_NUMBER = re.compile(rb"(0|[1-9][0-9]{0,17})" + re.escape(_KEY_END))
_LIST_OPENINGS = tuple(opening.encode() for opening in _LIST.openings)
_NO_TEXT = rb"(?!-?(?:%b|%b)|%b)" % (
    re.escape(_BEFORE_FIELD),
    re.escape(_ROW.closing.encode()),
    b"|".join(map(re.escape, _LIST_OPENINGS)),
)


class _Rows:
    """The frame of a dump with an envelope.

    Attributes:
        begin, most_rows: As in `Frame`.
    """

    def __init__(self, head: bytes, first: bytes, known: Known, most_rows: int | None) -> None:
        self._head = head
        self._first = first
        self._kinds = _Kinds(known)
        self._is_begun = False
        self.begin = len(head)
        self.most_rows = most_rows

    def cut(self, rows: bytearray) -> int:
        """Behind the last row that has another behind it; the first row is not left alone, as of
        the only row more is asked."""
        at = rows.rfind(_MARK)
        if at < 0 or (not self._is_begun and rows.find(_MARK) == at):
            return 0
        return at + len(_MARK) - len(_BEFORE_ROW)

    def piece(self, rows: bytes, before: int, *, last: bool) -> Piece:
        self._kinds.check(rows)
        self._is_begun = True
        end = b"" if last else _END
        if not before:
            return Piece(self._head + rows + end)
        return Piece(self._head + self._first + _renumbered(rows, before - 1) + end, 1)


class _Kinds:
    """Which known fields are lists in some rows and texts in others (see `evidence`)."""

    def __init__(self, known: Known) -> None:
        self._lists: set[str] = set()
        self._texts = {key for key, takes_any_text in known.items() if takes_any_text}
        self._others = set(known) - self._texts

    def check(self, rows: bytes) -> None:
        """Note the fields of some more rows; `Fault` if a field is both."""
        self._lists.update(_lists_of(rows))
        found = {key for key in self._others if _holds_text(rows, key)}
        self._others -= found
        self._texts |= found
        for key in self._lists & self._texts:
            reason = "a text where other rows have a list may be part of a text"
            raise Fault(reason, key)


def _lists_of(rows: bytes) -> Iterable[str]:
    """The keys of the lists in rows."""
    for opening in _LIST_OPENINGS:
        for before in rows.split(opening)[:-1]:
            key = before.rpartition(_BEFORE_FIELD)[2]
            if key.endswith(_KEY_END):
                yield key[: -len(_KEY_END)].decode("utf-8", "replace")


def _holds_text(rows: bytes, key: str) -> bool:
    """Whether a field is a text in some row, and not a blank one."""
    field = _BEFORE_FIELD + key.encode() + _KEY_END
    return field in rows and bool(re.search(re.escape(field) + _NO_TEXT, rows))


def frame(start: bytes, known: Known) -> Frame | None:
    """The frame of a dump; None if its beginning does not show one, or if its first row says too
    little of the others."""
    at = start.find(_OPENING)
    if at < 0 or not start.startswith(_DUMP.openings[0].encode()):
        return None
    # The line break behind the bracket belongs to what stands in front of the first row as well.
    begin = at + len(_OPENING) - 1
    end = start.find(_MARK, begin) + len(_MARK) - len(_BEFORE_ROW)
    head, first = start[:begin], start[begin:end]
    if end < begin or not first.startswith(_FIRST_ROW):
        return None
    try:
        most_rows = _most_rows(head + _END)
        row = first[len(_FIRST_ROW) :].decode("utf-8", "replace")
        keys = keys_of(row, 0, len(row), _ROW_DEPTH)
    except Fault:
        return None
    if not any(known.get(key, True) for key in keys):  # rows are held against one with a text
        return None
    return _Rows(head, first, known, most_rows)


def _most_rows(head: bytes) -> int | None:
    dump = head.decode("utf-8", "replace")
    entries = entries_of(dump, 0, len(dump), 0) or ()
    parts: Cell = read_members(dump, entries, 0, DEFAULT_LIMITS, Keys())
    names = envelope.keys_of(parts)
    evidence.check_parts(names)
    inbound, _, _ = envelope.split(parts)
    return evidence.most_rows(evidence.counts_of(inbound, names))


def _renumbered(rows: bytes, less: int) -> bytes:
    """Rows with lower numbers. If one is out of number, it is so afterwards."""
    first, *others = rows.split(_BEFORE_ROW)
    for at, row in enumerate(others):
        number = _NUMBER.match(row)
        if number:
            others[at] = b"%d%b" % (int(number[1]) - less, row[number.end(1) :])
    return _BEFORE_ROW.join([first, *others])
