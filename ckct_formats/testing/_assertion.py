"""Where two responses differ, as the message of a failed test."""

from __future__ import annotations

from typing import Any

from ckct_formats._errors import format_path
from ckct_formats._model import Response
from ckct_formats.conformance import compare


def assert_equal(actual: Response[Any], expected: Response[Any]) -> None:
    """Check that two responses are equal, `errors` and `source` aside.

    Records are matched as `ckct_formats.conformance.compare` does it. A path is that in `expected`,
    or in `actual` for a record that `expected` lacks.

    Raises:
        AssertionError: They differ; each difference is a line `payload[3].city: 'a' != 'b'`. The
            values are shown as they are, phone numbers included; None stands for what is absent.
        TypeError: One of them is no `Response`.
    """
    __tracebackhide__ = True
    for each in (actual, expected):
        if not isinstance(each, Response):
            raise TypeError(f"assert_equal takes two Responses, not {type(each).__name__}")
    if actual == expected:
        return
    kinds = {type(record) for record in (*expected.payload, *actual.payload)}
    if len(kinds) > 1:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise AssertionError(f"the responses hold records of several types: {names}")
    found = compare({"expected": expected, "actual": actual}).differences
    lines = [
        f"\n  {format_path(each.path)}: {each.values['actual']!r} != {each.values['expected']!r}"
        for each in found
    ]
    raise AssertionError(f"the responses differ (actual != expected):{''.join(lines)}")
