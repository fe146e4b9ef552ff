"""What can be fuzzed: for each target its check, and the formats that its bodies are in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import differential
from pieces import check_pieces
from promise import check_body

from ckct_formats import Format, ParseError, detect

SUFFIX_OF = {Format.JSON: ".json", Format.XML: ".xml", Format.CSV: ".csv", Format.PLAIN: ".txt"}


class Target(NamedTuple):
    """Something to fuzz.

    Attributes:
        check: Raises whatever it finds.
        formats: Those of the bodies to begin with.
    """

    check: Callable[[bytes], None]
    formats: tuple[Format, ...]

    def suffix(self, data: bytes) -> str:
        """What the name of a file with a body ends in."""
        fmt = self.formats[0]
        if len(self.formats) > 1:
            with suppress(ParseError):
                fmt = detect(data)
        return SUFFIX_OF[fmt]


TARGETS: dict[str, Target] = {
    **{str(fmt): Target(partial(check_body, fmt=fmt), (fmt,)) for fmt in Format},
    "differential-json": Target(differential.check_json, (Format.JSON,)),
    "differential-xml": Target(differential.check_xml, (Format.XML,)),
    "dump": Target(check_pieces, tuple(Format)),
}
