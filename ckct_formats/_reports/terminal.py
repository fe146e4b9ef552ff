"""What draws on a terminal, or writes the same into a pipe.

Values come from whoever called, or made the link that was clicked: nothing in them may steer the
terminal.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from textwrap import wrap
from typing import TextIO

import click
from rich.cells import cell_len, chop_cells, set_cell_size

from ckct_formats._reports.words import printable

_WIDTH = 80
_MIN_WIDTH = 20
_INDENT = "  "
GAP = "  "
# Combining marks and joiners take no cell; of a value with more of them than this the rest is lost.
_CHARS_PER_CELL = 4

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Terminal:
    """An output, as wide as the variable COLUMNS says, or the terminal, or else 80."""

    def __init__(self, output: TextIO) -> None:
        self.width = max(shutil.get_terminal_size((_WIDTH, 24)).columns, _MIN_WIDTH)
        self._output = output
        self._encoding = output.encoding or "utf-8"
        is_utf = self._encoding.lower().startswith("utf")
        self.rule, self._ellipsis, self._bar = ("─", "…", "█") if is_utf else ("-", "~", "#")
        is_capable = output.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
        self._has_styles = is_capable or bool(os.environ.get("FORCE_COLOR"))
        if os.environ.get("NO_COLOR"):
            self._has_styles = False

    def print(self, text: str = "", style: str = "") -> None:
        """Print lines as they are."""
        click.echo(self.styled(text, style), self._output, color=self._has_styles)

    def styled(self, text: str, style: str) -> str:
        """A text in a style, such as `bold red`; as it is if there is no terminal that shows it."""
        if not (self._has_styles and style and text):
            return text
        return f"\x1b[{';'.join(map(_CODES.__getitem__, style.split()))}m{text}\x1b[0m"

    def text(self, value: object) -> str:
        """A value as it is printed, with what the output cannot encode as question marks."""
        return self._encodable(text_of(value))

    def short_text(self, value: object) -> str:
        """The same for a value that is cut to its cell: without what would not be seen of it."""
        return self._encodable(text_of(value)[: _CHARS_PER_CELL * self.width])

    def _encodable(self, text: str) -> str:
        return printable(text).encode(self._encoding, "replace").decode(self._encoding)

    def cell(self, text: str, width: int, *, right: bool = False) -> str:
        """A text in so many cells, cut if it is longer."""
        if cell_len(text) > width:
            text = set_cell_size(text, width - 1) + self._ellipsis
        blanks = " " * (width - cell_len(text))
        return blanks + text if right else text + blanks

    def bars(self, counts: Sequence[tuple[object, int]]) -> None:
        """Print counts, each after its label and with a bar as long as it is great."""
        labels = [self.short_text(label) for label, _ in counts]
        numbers = [f"{count:,}" for _, count in counts]
        digits = max(map(len, numbers))
        width = min(self.width // 3, max(map(cell_len, labels)))
        room = self.width - len(_INDENT) - width - digits - 2 * len(GAP)
        scale = room / max(count for _, count in counts)
        for label, number, (_, count) in zip(labels, numbers, counts, strict=True):
            bar = self._bar * max(round(scale * count), 1)
            self.print(_INDENT + GAP.join((self.cell(label, width), number.rjust(digits), bar)))

    def pairs(self, pairs: Iterable[tuple[str, object]], *, cut: bool = False) -> None:
        """Print keys with their values beside them, a long value cut or on several lines."""
        of_value = self.short_text if cut else self.text
        texts = [(self.short_text(key), of_value(value)) for key, value in pairs]
        width = min(self.width // 2, max(cell_len(key) for key, _ in texts))
        room = self.width - len(_INDENT) - width - len(GAP)
        for key, value in texts:
            label = self.cell(key, width)
            for line in [self.cell(value, room)] if cut else _folded(value, room):
                start = self.styled(_INDENT + label + GAP, "dim")
                self.print(start + self.styled(line.rstrip(), "bold red" if key == "error" else ""))
                label = " " * width


def _folded(text: str, width: int) -> list[str]:
    if cell_len(text) <= width:
        return [text]
    lines = wrap(text, width, break_on_hyphens=False)
    return [piece for line in lines for piece in chop_cells(line, width)]


def text_of(value: object) -> str:
    """A value as a person reads it; nothing for a blank."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None)}Z" if value.tzinfo is UTC else str(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
