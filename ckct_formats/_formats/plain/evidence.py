"""What is checked against texts that imitate the structure around them.

UTM tags are written by strangers. In dialects that do not quote texts a line of one can look like a
key, or like a row. Where the bytes alone do not decide, what is known of the response does: there
are no more rows than the envelope counts, all of them have the same keys, no single known key is
out of order, and where there is only one row, no unknown key follows a text among the known ones.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence, Set
from itertools import pairwise

from ckct_formats._formats import envelope
from ckct_formats._formats.cells import ABSENT, Cell, Pairs, first_repeated, is_numbered, keys_of
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.table import KnownKeys

_BLANKS = ("", "-")


def check_tree(tree: Cell, known: KnownKeys, *, shows_empty_lists: bool = True) -> None:
    """Compare the rows of a tree with each other, and with the counts in its envelope.

    Where empty lists are not shown, rows may lack the keys of lists.
    """
    names = keys_of(tree) if envelope.is_enveloped(tree) else []
    check_parts(names)
    inbound, _, payload = envelope.split(tree)
    if not isinstance(payload, Pairs):
        return
    _check_row_keys(payload)
    rows = [row for _, row in payload if isinstance(row, Pairs)]
    nested = {key for row in rows for key, cell in row if isinstance(cell, Pairs)}
    for at, row in enumerate(rows):
        _check_lists(row, at, nested & known.keys())
    optional = frozenset[str]() if shows_empty_lists else _left_out(rows, nested, known)
    counts = counts_of(inbound, names)
    check_rows([keys_of(row) for row in rows], len(rows), known, counts, optional)


def _check_lists(row: Pairs, at: int, nested: Set[str]) -> None:
    """Refuse a text where other rows have lists: a server writes all of them in one way."""
    for key, cell in row:
        if key in nested and isinstance(cell, str) and cell not in _BLANKS:
            raise _doubtful("a text where other rows have a list", key, at)


def _left_out(rows: Sequence[Pairs], nested: Set[str], known: KnownKeys) -> frozenset[str]:
    """The keys of known lists that are nowhere shown empty."""
    shown_empty = {key for row in rows for key, cell in row if not isinstance(cell, Pairs)}
    return frozenset(nested & known.keys() - shown_empty)


def check_no_rows(row: Cell, at: int, known: KnownKeys) -> None:
    """`Fault` if a row that was printed alone holds what looks like a row: then a text of the first
    one may have ended it, and what follows is no field of the only row."""
    for key, cell in row if isinstance(row, Pairs) else ():
        holds_fields = isinstance(cell, Pairs) and any(name in known for name, _ in cell)
        if key.isdecimal() or (holds_fields and key not in known):
            raise _doubtful("a field next to what looks like a row", key, at)


def check_parts(names: Sequence[str]) -> None:
    """`Fault` if there is another key than the envelope's, or anything after the rows."""
    for name in names:
        if name not in envelope.KEYS:
            raise Fault("a key that is none of the envelope's may be part of a text", name, (name,))
    if "payload" in names[:-1]:
        raise Fault("what comes after the rows may be part of a text", path=(names[-1],))


def counts_of(inbound: Cell, names: Sequence[str]) -> Cell:
    """What counts the rows: `inbound`, unless `info` comes before it (see `print_r.write`)."""
    return None if names[:1] == ["info"] else inbound


def _check_row_keys(payload: Pairs) -> None:
    """`Fault` if only some rows are numbered, or if the key of a row occurs twice."""
    keys = keys_of(payload)
    if is_numbered(keys):
        return
    if len(set(keys)) < len(keys):
        raise Fault("the key of a row occurs twice", path=("payload", first_repeated(keys)))
    if keys[:1] == ["0"]:
        at = next(at for at, key in enumerate(keys) if key != str(at))
        raise _doubtful("a row out of number", keys[at], at)


def check_rows(
    rows: Sequence[Sequence[str]],
    length: int,
    known: KnownKeys,
    counts: Cell = None,
    optional: frozenset[str] = frozenset(),
) -> None:
    """`Fault` if a text of some row may continue as the keys, or as the row, after it.

    Args:
        rows: Their keys; of `length` rows with the same keys, those of two will do.
        length: How many rows there are.
        known: The keys of the record type.
        counts: `inbound`, unless its counts are not meant to count.
        optional: Keys that a row may lack.
    """
    _check_count(length, counts)
    _check_alike(rows, known, optional)
    if len(rows) == 1:
        _check_unknown(rows[0], known)
    for at, keys in enumerate(rows):
        if at == 0 or list(keys) != list(rows[0]):
            _check_order(keys, at, known, alone=len(rows) == 1)


def _check_count(rows: int, counts: Cell) -> None:
    limit = max_rows(counts)
    if limit is not None and rows > limit:
        raise Fault(
            f"{rows:,} rows, but the envelope counts {limit:,} for this page, so that a text may "
            "imitate rows",
            path=("payload",),
        )


def _check_alike(rows: Sequence[Sequence[str]], known: KnownKeys, optional: frozenset[str]) -> None:
    """Refuse a row whose keys differ from those of the first, if a text may have brought them: a
    server writes all rows alike, and a text that ends one row and begins another leaves at least
    one of them different, unless it imitates all of a row."""
    needed = [[key for key in keys if key not in optional] for keys in rows]
    texts = False
    for at, keys in enumerate(rows):
        if texts and needed[at] != needed[0]:
            raise _doubtful("a row with other keys than the first", None, at)
        texts = texts or any(known.get(key, True) for key in keys)


def _check_unknown(keys: Sequence[str], known: KnownKeys) -> None:
    """Refuse an unknown key among the known ones of the only row, if it follows a text."""
    last_known = max((at for at, key in enumerate(keys) if key in known), default=-1)
    for at, key in enumerate(keys[: last_known + 1]):
        if key not in known and at > 0 and known.get(keys[at - 1], True):
            raise _doubtful("an unknown key among the known ones of the only row", key, 0)


def _check_order(keys: Sequence[str], row: int, known: KnownKeys, *, alone: bool) -> None:
    """Refuse known keys out of order after a text, if they are few: a server that has an order of
    its own has many. Rows that confirm each other may have more of them than the only row."""
    order = {key: at for at, key in enumerate(known)}
    places = [(order[key], at) for at, key in enumerate(keys) if key in order]
    breaks = [at for (before, _), (place, at) in pairwise(places) if place < before]
    if not breaks or not any(known.get(key, True) for key in keys[: breaks[-1]]):
        return
    strays = len(places) - _longest_rise([place for place, _ in places])
    if strays * (2 if alone else 4) <= len(places):
        raise _doubtful("a key out of the order of the others", keys[breaks[0]], row)


def _longest_rise(places: Sequence[int]) -> int:
    """The length of the longest subsequence that rises (by patience sorting)."""
    lowest: list[int] = []  # the lowest end of a rise of each length
    for place in places:
        at = bisect(lowest, place)
        lowest[at : at + 1] = [place]
    return len(lowest)


def _doubtful(what: str, excerpt: str | None, row: int) -> Fault:
    return Fault(f"{what} may be part of a text", excerpt, ("payload", row))


def max_rows(inbound: Cell) -> int | None:
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
    rows = min(count for count in (length, left) if count is not None)
    return rows if rows > 0 else None


def _count(cell: Cell) -> int | None:
    if isinstance(cell, str) and cell.isascii() and cell.isdecimal() and len(cell) < 19:
        return int(cell)
    return cell if type(cell) is int else None
