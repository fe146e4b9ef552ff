"""What is held against texts that imitate the structure around them.

UTM tags are written by strangers. In dialects that do not quote texts a line of one can look like a
key, or like a row. Where bytes alone do not tell, what is known of the response does: behind a text
there are no unknown keys that other rows lack, no key out of order and no row with other keys, and
there are no more rows than the envelope counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from ckct_formats.formats import Known, envelope
from ckct_formats.formats.cells import ABSENT, Cell, Pairs, is_numbered, twice
from ckct_formats.formats.faults import Fault


def check_tree(tree: Cell, known: Known, *, numbered: bool = True) -> None:
    """Hold the rows of a tree against each other, and against the counts in its envelope."""
    if envelope.is_enveloped(tree):
        check_parts(envelope.keys_of(tree))
    inbound, _, payload = envelope.split(tree)
    if not isinstance(payload, Pairs):
        return
    numbered = _check_row_keys(payload) and numbered
    rows = [[key for key, _ in row] for _, row in payload if isinstance(row, Pairs)]
    check_rows(rows, known, numbered=numbered)
    check_counts(inbound, len(rows))


def check_parts(names: Sequence[str]) -> None:
    """`Fault` if something stands beside the parts of the envelope, or behind the rows (but where
    the rows come first: see `print_r.write`)."""
    for name in names:
        if name not in envelope.KEYS:
            raise Fault("a key beside those of the envelope may be part of a text", name, (name,))
    if "payload" in names[1:-1]:
        raise Fault("what stands behind the rows may be part of a text", path=(names[-1],))


def _check_row_keys(payload: Pairs) -> bool:
    """Whether the rows are numbered; `Fault` if only some are, or if a key stands twice."""
    keys = envelope.keys_of(payload)
    if is_numbered(keys):
        return True
    if len(set(keys)) < len(keys):
        raise Fault("the key of a row stands twice", path=("payload", twice(payload)))
    if keys[:1] == ["0"]:
        at = next(at for at, key in enumerate(keys) if key != str(at))
        raise _doubtful("a row out of number", keys[at], at)
    return False


def check_rows(rows: Sequence[Sequence[str]], known: Known, *, numbered: bool = True) -> None:
    """`Fault` if a text of some row may go on as the keys, or as the row, behind it.

    Numbers are evidence: only the last row can be an imitation, as the number of any other would
    stand twice.
    """
    if not rows:
        return
    common = set(rows[0]).intersection(*rows) if len(rows) > 1 else set[str]()
    order = {key: at for at, key in enumerate(known)}
    alike = all(list(keys) == list(rows[0]) for keys in rows)
    for at, keys in enumerate(rows):
        imitable = at > 0 and _ends_in_text(rows[at - 1], known)
        imitable = imitable and (not numbered or at == len(rows) - 1)
        _check_unknown(keys, at, common, known, alone=len(rows) == 1, imitable=imitable)
        if len(rows) == 1 or not alike:
            _check_order(keys, at, order, known)
    present = set[str]().union(*rows)
    later = [key for key in known if key in present]
    for at in range(max(len(rows) - 2, 0) if numbered else 0, len(rows) - 1):
        if list(rows[at]) != list(rows[at + 1]) and _ends_in_text(rows[at], known):
            _check_next(rows[at], rows[at + 1], at + 1, later)


def _ends_in_text(keys: Sequence[str], known: Known) -> bool:
    return bool(keys) and known.get(keys[-1], True)


def _check_next(keys: Sequence[str], following: Sequence[str], row: int, later: list[str]) -> None:
    """Refuse the row behind one that ends in a text, if it can be the rest of that row."""
    behind = later[later.index(keys[-1]) + 1 :] if keys[-1] in later else []
    if not set(behind) <= set(keys):
        raise _doubtful("a row behind one that breaks off", None, row)
    if len(set(keys).difference(following)) > 1:
        raise _doubtful("a row without the keys of the one before it", None, row)


def _check_unknown(
    keys: Sequence[str],
    row: int,
    common: set[str],
    known: Known,
    *,
    alone: bool,
    imitable: bool,
) -> None:
    last_known = max((at for at, key in enumerate(keys) if key in known), default=-1)
    for at, key in enumerate(keys):
        behind_text = at > 0 and known.get(keys[at - 1], True)
        if key in known or key in common or not (behind_text or imitable):
            continue
        if not alone:
            raise _doubtful("an unknown key that not all rows have", key, row)
        if at < last_known:
            raise _doubtful("an unknown key among the known ones of the only row", key, row)


def _check_order(keys: Sequence[str], row: int, order: Mapping[str, int], known: Known) -> None:
    """Refuse a key behind a text that alone breaks the order of the record type's keys."""
    places = [(order[key], at, key) for at, key in enumerate(keys) if key in order]
    breaks = [
        (at, key)
        for (before, _, _), (place, at, key) in pairwise(places)
        if place < before and known.get(keys[at - 1], True)
    ]
    if not breaks:
        return
    doubted = {key for _, key in breaks}
    rest = [place for place, _, key in places if key not in doubted]
    if rest == sorted(rest):
        raise _doubtful("a key out of the order of the others", breaks[0][1], row)


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
