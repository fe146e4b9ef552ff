"""What draws on a terminal, or writes the same into a pipe.

Values come from whoever called, or made the link that was clicked: nothing in them may steer the
terminal, or pass for markup.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from ckct_formats._reports.words import printable

INDENT = 2
GAP = 2
_WIDTH = 80
_MIN_WIDTH = 20
# Combining marks and joiners take no cell; of a value with more of them than this the rest is lost.
_CHARS_PER_CELL = 4


class Terminal:
    """An output, as wide as the variable COLUMNS says, or the terminal, or else 80."""

    def __init__(self, output: TextIO) -> None:
        size = shutil.get_terminal_size((_WIDTH, 24))
        self.width = max(size.columns, _MIN_WIDTH)
        self._console = Console(file=output, width=self.width, height=size.lines)
        self._encoding = self._console.encoding
        is_utf = self._encoding.startswith("utf")
        self.rule, self._ellipsis, self._bar = ("─", "…", "█") if is_utf else ("-", "~", "#")

    def print(self, text: str | Text = "", style: str = "") -> None:
        """Print lines as they are: rich is to change nothing in them."""
        text = Text(text) if isinstance(text, str) else text
        self._console.print(text, style=style, soft_wrap=True)

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
        room = self.width - INDENT - width - digits - 2 * GAP
        scale = room / max(count for _, count in counts)
        for label, number, (_, count) in zip(labels, numbers, counts, strict=True):
            bar = self._bar * max(round(scale * count), 1)
            cells = self.cell(label, width), number.rjust(digits), bar
            self.print(" " * INDENT + (" " * GAP).join(cells))

    def pairs(self, pairs: Iterable[tuple[str, object]], *, cut: bool = False) -> None:
        """Print keys with their values beside them, a long value cut or on several lines."""
        of_value = self.short_text if cut else self.text
        texts = [(self.short_text(key), of_value(value)) for key, value in pairs]
        width = min(self.width // 2, max(cell_len(key) for key, _ in texts))
        room = self.width - INDENT - width - GAP
        block = Text()
        for key, value in texts:
            label = self.cell(key, width)
            for line in [self.cell(value, room)] if cut else self._folded(value, room):
                block.append(" " * INDENT + label + " " * GAP, "dim")
                block.append(line.rstrip() + "\n", "bold red" if key == "error" else None)
                label = " " * width
        block.right_crop()
        self.print(block)

    def _folded(self, text: str, width: int) -> list[str]:
        if cell_len(text) <= width:
            return [text]
        return [line.plain for line in Text(text).wrap(self._console, width, overflow="fold")]


def text_of(value: object) -> str:
    """A value as a person reads it; nothing for a blank."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None)}Z" if value.tzinfo is UTC else str(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
