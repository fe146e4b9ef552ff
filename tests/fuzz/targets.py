"""What can be fuzzed: for each target its check, and the format that its bodies are in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import differential
from promise import check_body

from ckct_formats import Format

SUFFIX_OF = {Format.JSON: ".json", Format.XML: ".xml", Format.CSV: ".csv", Format.PLAIN: ".txt"}


class Target(NamedTuple):
    """Something to fuzz.

    Attributes:
        check: Raises whatever it finds.
        format: The format of the bodies to begin with.
    """

    check: Callable[[bytes], None]
    format: Format

    @property
    def suffix(self) -> str:
        """What the name of a file with a body ends in."""
        return SUFFIX_OF[self.format]


TARGETS: dict[str, Target] = {
    **{str(fmt): Target(partial(check_body, fmt=fmt), fmt) for fmt in Format},
    "differential-json": Target(differential.check_json, Format.JSON),
    "differential-xml": Target(differential.check_xml, Format.XML),
}
