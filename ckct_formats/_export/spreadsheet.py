"""Texts that a spreadsheet would run as a formula, made harmless.

UTM tags are written by strangers, and whoever opens a table of them clicks on what they wrote. The
characters are those that OWASP lists for "CSV injection"; the apostrophe is what spreadsheets
themselves put before a cell that is to be text.

Of csv a spreadsheet may see other cells than there are: where lists are separated by semicolons, as
in Russia, a line is cut at these and not at commas, and quotes within do not hold it together.
"""

from __future__ import annotations

import re

_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
_RUNS = re.compile(rf"[{_SIGNS}\t\r\n]")
_RUNS_WITHIN = re.compile(rf"(?<=[;\t\r\n])(?=[{_SIGNS}])")


def neutral(text: str) -> str:
    """The text, after an apostrophe if it begins as a formula does."""
    return f"'{text}" if _RUNS.match(text) else text


def neutral_in_csv(text: str) -> str:
    """The same for each cell that the text may be taken for."""
    return neutral(_RUNS_WITHIN.sub("'", text))
