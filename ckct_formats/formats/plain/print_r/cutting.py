"""Where a long dump can be cut: in front of the number of a row.

A text can imitate that. So each piece begins with the first row of the dump, and is held against it
as all rows of a page are; and there must not be more rows than the envelope counts.
"""

from __future__ import annotations

import re

from ckct_formats.formats import envelope, evidence
from ckct_formats.formats.cells import Cell
from ckct_formats.formats.faults import Fault
from ckct_formats.formats.frame import Frame, Piece
from ckct_formats.formats.plain.print_r.grammar import (
    KEY_END,
    entries_of,
    level_of,
    read_members,
    split_entries,
)
from ckct_formats.limits import DEFAULT_LIMITS

_DUMP, _PAYLOAD, _ROW = (level_of(depth) for depth in range(3))
_OPENING = f"{_DUMP.before_entry}payload{KEY_END}{_PAYLOAD.openings[0]}".encode()
_BEFORE_ROW = _PAYLOAD.before_entry.encode()
_MARK = _ROW.closing.encode() + _BEFORE_ROW
_END = f"{_PAYLOAD.closing}{_DUMP.closing}".encode()
_NUMBER = re.compile(rb"([0-9]{1,18})" + re.escape(KEY_END.encode()))


class _Rows:
    """The frame of a dump with an envelope.

    Attributes:
        begin, most_rows: As in `Frame`.
    """

    def __init__(self, head: bytes, most_rows: int | None) -> None:
        self._head = head
        self._first = b""
        self.begin = len(head)
        self.most_rows = most_rows

    def cut(self, rows: bytearray) -> int:
        """Behind the last row that has another behind it."""
        at = rows.rfind(_MARK)
        return 0 if at < 0 else at + len(_MARK) - len(_BEFORE_ROW)

    def piece(self, rows: bytes, before: int, *, last: bool) -> Piece:
        end = b"" if last else _END
        if not before:
            self._first = rows[: self.cut(bytearray(rows[: rows.find(_MARK) + len(_MARK)]))] or rows
            return Piece(self._head + rows + end)
        return Piece(self._head + self._first + _renumbered(rows, before - 1) + end, 1)


def frame(start: bytes) -> Frame | None:
    """The frame of a dump; None if its beginning does not show one."""
    at = start.find(_OPENING)
    if at < 0 or not start.startswith(_DUMP.openings[0].encode()):
        return None
    # The line break behind the bracket belongs to what stands in front of the first row as well.
    head = start[: at + len(_OPENING) - 1]
    try:
        most_rows = _most_rows(head + _END)
    except (Fault, UnicodeDecodeError):
        return None
    return _Rows(head, most_rows)


def _most_rows(dump: bytes) -> int | None:
    entries = split_entries(entries_of(dump.decode(), 0) or [])
    parts: Cell = read_members(entries, 0, DEFAULT_LIMITS)
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
