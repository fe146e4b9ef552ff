"""The closed table of formats.

To add a format, write its module in this package with the names that `FormatModule` lists, and add
one line to `Format`, one function and one line to `_LOADERS` below, and a rule to `detection`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Protocol

from ckct_formats._errors import Path
from ckct_formats._format import Format
from ckct_formats._formats.body import Body
from ckct_formats._formats.table import Constraints, KnownKeys, RawResponse
from ckct_formats._limits import Limits

Way = Callable[[Body, Limits, KnownKeys], RawResponse]


class FormatModule(Protocol):
    """What every format module has, in this order.

    Attributes:
        CONSTRAINTS: What the format cannot write so that it is read back equal.
    """

    CONSTRAINTS: Constraints

    @property
    def WAYS(self) -> Sequence[Way]:  # noqa: N802 (a constant of the module)
        """The ways to read a body, the fastest first. Each raises `Unproven` where it cannot prove
        what it would say; the last one never does."""
        ...

    def declared_encoding(self, head: bytes) -> str | None:
        """The encoding that a body declares in its first bytes."""
        ...

    def count_nodes(self, data: bytes) -> int:
        """What `Limits.nodes` bounds, counted on the raw bytes."""
        ...

    def places(self, body: Body, known: KnownKeys, wanted: Set[Path]) -> Mapping[Path, int]:
        """Where in the body's text the values of the wanted paths begin, as far as that can be
        said. With each path all that lead to it are wanted, and it is wanted from the top as well
        as below `payload`."""
        ...

    def write(self, response: RawResponse) -> bytes:
        """The canonical body of a response."""
        ...


# The engines take long to load, so a module is imported when its format is first used.


def _json() -> FormatModule:
    from ckct_formats._formats import json  # noqa: PLC0415

    return json


def _xml() -> FormatModule:
    from ckct_formats._formats import xml  # noqa: PLC0415

    return xml


def _csv() -> FormatModule:
    from ckct_formats._formats import csv  # noqa: PLC0415

    return csv


def _plain() -> FormatModule:
    from ckct_formats._formats import plain  # noqa: PLC0415

    return plain


_LOADERS: Mapping[Format, Callable[[], FormatModule]] = {
    Format.JSON: _json,
    Format.XML: _xml,
    Format.CSV: _csv,
    Format.PLAIN: _plain,
}


def module_of(format: Format) -> FormatModule:
    """The module of a format."""
    return _LOADERS[format]()
