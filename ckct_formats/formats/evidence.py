"""What is held against texts that imitate the structure around them.

UTM tags are written by strangers. In dialects that do not quote texts a line of one can look like a
key, or like a row. Where bytes alone do not tell, what is known of the response does: behind a text
there are no unknown keys that other rows lack, no row ends in a text where the next one goes on,
and there are no more rows than the envelope counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from ckct_formats.formats import Known, envelope
from ckct_formats.formats.cells import ABSENT, Cell, Pairs
from ckct_formats.formats.faults import Fault


def check_tree(tree: Cell, known: Known) -> None:
    """Hold the rows of a tree against each other, and against the counts in its envelope."""
    inbound, _, payload = envelope.split(tree)
    if not isinstance(payload, Pairs):
        return
    rows = [[key for key, _ in row] for _, row in payload if isinstance(row, Pairs)]
    check_rows(rows, known)
    check_counts(inbound, len(rows))


def check_rows(rows: Sequence[Sequence[str]], known: Known) -> None:
    """`Fault` if a text of some row may go on as the keys that follow it."""
    common = set(rows[0]).intersection(*rows) if len(rows) > 1 else set[str]()
    for at, keys in enumerate(rows):
        last_known = max((i for i, key in enumerate(keys) if key in known), default=-1)
        for i, key in enumerate(keys[1:], 1):
            if key in known or key in common or not known.get(keys[i - 1], True):
                continue
            if len(rows) > 1:
                raise _doubtful("an unknown key that not all rows have", key, at)
            if i < last_known:
                raise _doubtful("an unknown key among the known ones of the only row", key, at)
    for at in range(len(rows) - 1):
        if rows[at] != rows[at + 1] and _may_go_on(rows[at], rows[at + 1], known):
            raise _doubtful("a row that ends in a text, where the next one goes on", None, at)


def _may_go_on(keys: Sequence[str], following: Sequence[str], known: Known) -> bool:
    """Whether the next row may be part of the last text of this one, up to where it goes on."""
    if not keys or not known.get(keys[-1], True) or keys[-1] not in following:
        return False
    rest = following[following.index(keys[-1]) + 1 :]
    return bool(rest) and set(rest).isdisjoint(keys)


def _doubtful(what: str, excerpt: str | None, row: int) -> Fault:
    return Fault(f"{what} may be part of a text", excerpt, ("payload", row))


def check_counts(inbound: Cell, rows: int) -> None:
    """`Fault` if there are more rows than the envelope counts."""
    most = most_rows(inbound)
    if most is not None and rows > most:
        raise Fault(
            f"{rows:,} rows, but the envelope counts {most:,} for this page, so that a text may "
            "imitate rows",
            path=("payload",),
        )


def most_rows(inbound: Cell) -> int | None:
    """How many rows the envelope counts for this page; None if it does not say, or none at all
    (then it says nothing of rows that are there)."""
    cells = dict(inbound) if isinstance(inbound, Pairs | dict) else {}
    params = cells.get("requestedParams", ABSENT)
    params = dict(params) if isinstance(params, Pairs | dict) else {}
    length, total = _count(cells.get("pageLength")), _count(cells.get("totalLength"))
    page = _count(params.get("requirePage")) or 0
    if length is None and total is None:
        return None
    left = total if total is None or length is None else total - page * length
    most = min(count for count in (length, left) if count is not None)
    return most if most > 0 else None


def _count(cell: Cell) -> int | None:
    if isinstance(cell, str) and cell.isascii() and cell.isdecimal() and len(cell) < 19:
        return int(cell)
    return cell if type(cell) is int else None
