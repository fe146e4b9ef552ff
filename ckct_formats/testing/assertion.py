"""Where two responses differ, by path on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from ckct_formats.errors import Path, format_path
from ckct_formats.model import Response
from ckct_formats.schema import camel_case


class Absent:
    """What stands for a value that one side lacks."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()

Difference = tuple[Path, Any, Any]


def assert_equal(actual: Response[Any], expected: Response[Any]) -> None:
    """Check that two responses are equal, `errors` and `source` aside.

    Calls are held against each other by `call_id` where it tells them apart, else by their place.
    A path gives the place in `expected`, of a call that is there too much that in `actual`.

    Raises:
        AssertionError: They differ; each difference is a line `payload[3].city: 'a' != 'b'`. The
            values are shown as they are, phone numbers included.
        TypeError: One of them is no `Response`.
    """
    __tracebackhide__ = True
    for each in (actual, expected):
        if not isinstance(each, Response):
            raise TypeError(f"assert_equal takes two Responses, not {type(each).__name__}")
    found = differences(actual, expected)
    if found:
        lines = [f"\n  {format_path(path)}: {a!r} != {b!r}" for path, a, b in found]
        raise AssertionError(f"the responses differ (actual != expected):{''.join(lines)}")


def differences(actual: Response[Any], expected: Response[Any]) -> list[Difference]:
    """Each place where two responses differ, with what stands there; none if they are equal."""
    return [
        *_between(("inbound",), actual.inbound, expected.inbound),
        *_between(("info",), actual.info, expected.info),
        *_between_payloads(actual.payload, expected.payload),
    ]


def _between(path: Path, a: Any, b: Any) -> Iterable[Difference]:
    if a == b:
        return ()
    found: list[Difference] = []
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        found = _between_members(path, a, b)
    elif type(a) is type(b) and is_dataclass(a):
        found = _between_members(path, _members(a), _members(b))
    return found or [(path, a, b)]


def _between_members(path: Path, a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Difference]:
    return [
        difference
        for key in dict.fromkeys([*a, *b])
        for difference in _between((*path, key), a.get(key, ABSENT), b.get(key, ABSENT))
    ]


def _members(record: Any) -> dict[str, Any]:
    """The values of a record by their keys on the wire."""
    return {
        f.metadata.get("wire") or camel_case(f.name): getattr(record, f.name)
        for f in fields(record)
        if f.compare
    }


def _between_payloads(actual: Sequence[Any], expected: Sequence[Any]) -> Iterator[Difference]:
    ours, theirs = _by_id(actual), _by_id(expected)
    if ours is None or theirs is None:
        ours, theirs = dict(enumerate(enumerate(actual))), dict(enumerate(enumerate(expected)))
    for key, (place, record) in theirs.items():
        _, found = ours.get(key, (place, ABSENT))
        yield from _between(("payload", place), found, record)
    for key, (place, record) in ours.items():
        if key not in theirs:
            yield ("payload", place), record, ABSENT
    orders = [key for key in ours if key in theirs], [key for key in theirs if key in ours]
    if orders[0] != orders[1]:
        yield ("payload",), *orders


def _by_id(records: Sequence[Any]) -> dict[Any, tuple[int, Any]] | None:
    """Calls by their id, with their places; None if their ids do not tell them apart."""
    found: dict[Any, tuple[int, Any]] = {
        getattr(each, "call_id", None): (at, each) for at, each in enumerate(records)
    }
    return found if len(found) == len(records) and None not in found else None
