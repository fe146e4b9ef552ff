"""Texts that a spreadsheet would run as a formula, made harmless.

UTM tags are written by strangers, and who opens a table of them clicks on what they wrote. The
characters are those that OWASP lists for "CSV injection"; the apostrophe in front is what
spreadsheets themselves put in front of a cell that is to be text.
"""

from __future__ import annotations

import re

_RUNS = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def neutral(text: str) -> str:
    """The text, with an apostrophe in front if it begins as a formula does."""
    return f"'{text}" if _RUNS.match(text) else text
