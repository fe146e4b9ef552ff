"""The closed table of formats.

To add one: write its module beside this file with the names that `FormatModule` lists, and add
one line to `Format`, whose value is both the word that users pass and the name of the module.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from ckct_formats._format import Format
    from ckct_formats._formats.body import Body
    from ckct_formats._formats.frame import Frame
    from ckct_formats._formats.table import Carries, RawResponse, Take
    from ckct_formats._limits import Limits


# The keys on the wire that the record type knows, and whether any text is a value of theirs:
# evidence, where bytes alone do not decide.
Known = Mapping[str, bool]


class FormatModule(Protocol):
    """What every format module shows, in this order."""

    CARRIES: Carries

    def declared_encoding(self, head: bytes) -> str | None: ...

    def count_nodes(self, data: bytes) -> int: ...

    def frame(self, start: bytes, known: Known) -> Frame | None: ...

    def read(self, body: Body, limits: Limits, known: Known, take: Take) -> RawResponse: ...

    def write(self, response: RawResponse) -> bytes: ...


def module_of(format: Format) -> FormatModule:
    """The module of a format; its engine is loaded when the format is first used."""
    return cast(FormatModule, import_module(f"{__name__}.{format.value}"))
