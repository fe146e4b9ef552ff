"""How reports and messages write names, counts, and texts that come from strangers."""

from __future__ import annotations

import unicodedata

from ckct_formats._model import Source

STDIN = "-"

# Controls, formats (some turn the direction of writing), line separators, surrogates; but not the
# joiners, of which emoji and some scripts are made.
_STEERING = ("Cc", "Cf", "Zl", "Zp", "Cs")
_JOINERS = "\u200c\u200d"


def printable(text: str) -> str:
    """The text with what would steer a terminal written as escapes: a line feed as `\\n`."""
    if text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode("ascii")
        if unicodedata.category(char) in _STEERING and char not in _JOINERS
        else char
        for char in text
    )


def name_of(file: str) -> str:
    """What people call a file of the command line."""
    return "standard input" if file == STDIN else file


def counted(count: int, noun: str) -> str:
    """A count with its noun: `1 row`, `1,000 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def source_of(source: Source | None) -> str:
    """How a body is written: `plain (print_r), utf-8`."""
    if source is None:
        return ""
    dialect = f" ({source.dialect})" if source.dialect != source.format else ""
    return f"{source.format}{dialect}, {source.encoding}"
