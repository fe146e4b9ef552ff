"""How a response looks to a person: its envelope in a few lines, its calls as a table.

Values come from whoever called, or made the link that was clicked: nothing in them may steer the
terminal, or pass for markup.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from ckct_formats import Call, Inbound, Info, Response, Source
from ckct_formats._schema import schema_of

_WIDTH = 80
_LEAST_WIDTH = 20
_INDENT = 2
_GAP = 2
# Combining marks and joiners take no cell; more of them than this, and a value is cut unmarked.
_CHARS_PER_CELL = 4
# Laid out and printed this many at a time, so that `| head` need not wait for the last.
_ROWS = 100

# Controls, formats (some turn the direction of writing), line separators, surrogates; but not
# the joiners, of which emoji and some scripts are made.
_STEERING = ("Cc", "Cf", "Zl", "Zp", "Cs")
_JOINERS = "\u200c\u200d"

_Pairs = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table.

    Attributes:
        heading: What stands above it.
        field: The field of a call.
        rank: The lower, the sooner it gets room.
        least: The cells that it must have, unless its values need less.
        right: Whether its values stand at its right edge.
    """

    heading: str
    field: str
    rank: int
    least: int
    right: bool = False


# Numbers and times have a `least` that they never need more than: they are not cut. No `least` is
# less than its heading.
_COLUMNS = (
    Column("call", "call_id", 0, 18, right=True),
    Column("time", "time_start", 1, 32),
    Column("client", "client_phone", 2, 15),
    Column("city", "city", 5, 8),
    Column("campaign", "campaign_name", 6, 8),
    Column("office", "office_name", 8, 8),
    Column("duration", "duration", 3, 18, right=True),
    Column("state", "state", 4, 9),
    Column("description", "state_description", 7, 16),
    Column("source type", "source_type", 9, 12),
    Column("utm source", "utm_source", 10, 10),
    Column("utm medium", "utm_medium", 11, 10),
    Column("utm term", "utm_term", 14, 12),
    Column("site", "site", 12, 12),
    Column("device", "device", 13, 10),
    Column("audition", "audition", 15, 14),
    Column("call type", "call_type", 16, 16),
)
_LAST_MAIN_RANK = 6
# A text cut to this many cells can mostly be guessed.
_EASY = 16


def printable(text: str) -> str:
    """The text with what would steer a terminal written as escapes: a line feed as `\\n`."""
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(char: str) -> str:
    if char in _JOINERS or unicodedata.category(char) not in _STEERING:
        return char
    return char.encode("unicode_escape").decode("ascii")


class Terminal:
    """An output, as wide as the variable COLUMNS says, or the terminal, or else 80."""

    def __init__(self, output: TextIO) -> None:
        size = shutil.get_terminal_size((_WIDTH, 24))
        self._width = max(size.columns, _LEAST_WIDTH)
        self._console = Console(file=output, width=self._width, height=size.lines)
        self._encoding = self._console.encoding
        signs = tuple("─…█" if self._encoding.startswith("utf") else "-~#")
        self._rule, self._ellipsis, self._bar = signs
        self._most = _CHARS_PER_CELL * self._width
        self._begun = False

    def show(self, name: str, response: Response[Call], *, every_field: bool) -> None:
        """Print one response under its name."""
        if self._begun:
            self.print()
        self._begun = True
        self.print(self.text(name), "bold")
        envelope = list(_envelope(response))
        if every_field:
            envelope += _rest_of_envelope(response.inbound, response.info)
        self._pairs(envelope, cut=not every_field)
        if every_field:
            self._calls_in_full(response.payload)
        elif response.payload:
            self._table(response.payload)

    def print(self, text: str | Text = "", style: str = "") -> None:
        """Print lines as they are: rich is to change nothing in them."""
        self._console.print(
            Text(text) if isinstance(text, str) else text, style=style, soft_wrap=True
        )

    def text(self, value: object, most: int | None = None) -> str:
        """A value as it is printed, with what the output cannot encode as question marks."""
        text = printable(_text(value)[:most])
        return text.encode(self._encoding, "replace").decode(self._encoding)

    def bars(self, counts: Sequence[tuple[object, int]]) -> None:
        """Print counts, each behind its label and with a bar as long as it is great."""
        labels = [self.text(label, self._most) for label, _ in counts]
        numbers = [f"{count:,}" for _, count in counts]
        digits = max(map(len, numbers))
        width = min(self._width // 3, max(map(cell_len, labels)))
        room = self._width - _INDENT - width - digits - 2 * _GAP
        most = max(count for _, count in counts)
        for label, number, (_, count) in zip(labels, numbers, counts, strict=True):
            bar = self._bar * max(round(room * count / most), 1)
            gap = " " * _GAP
            self.print(
                f"{' ' * _INDENT}{self._cell(label, width)}{gap}{number:>{digits}}{gap}{bar}"
            )

    def _cell(self, text: str, width: int, *, right: bool = False) -> str:
        if cell_len(text) > width:
            text = set_cell_size(text, width - 1) + self._ellipsis
        blanks = " " * (width - cell_len(text))
        return blanks + text if right else text + blanks

    def _pairs(self, pairs: Iterable[tuple[str, str]], *, cut: bool) -> None:
        """Print keys with their values beside them, a long value cut or on several lines."""
        most = self._most if cut else None
        texts = [(self.text(key, self._most), self.text(value, most)) for key, value in pairs]
        width = min(self._width // 2, max(cell_len(key) for key, _ in texts))
        room = self._width - _INDENT - width - _GAP
        block = Text()
        for key, value in texts:
            label = self._cell(key, width)
            for line in [self._cell(value, room)] if cut else self._folded(value, room):
                block.append(" " * _INDENT + label + " " * _GAP, "dim")
                block.append(line.rstrip() + "\n", "bold red" if key == "error" else None)
                label = " " * width
        block.right_crop()
        self.print(block)

    def _folded(self, text: str, width: int) -> list[str]:
        if cell_len(text) <= width:
            return [text]
        return [line.plain for line in Text(text).wrap(self._console, width, overflow="fold")]

    def _calls_in_full(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self.print(f"\ncall {call.call_id}", "bold")
            self._pairs(_fields(call), cut=False)

    def _table(self, calls: Sequence[Call]) -> None:
        texts = {
            c: [self.text(getattr(call, c.field), self._most) for call in calls] for c in _COLUMNS
        }
        filled = {
            c: max(map(cell_len, (c.heading, *cells))) for c, cells in texts.items() if any(cells)
        }
        widths = _widths(filled, self._width)
        self.print("\n" + self._row(widths, (column.heading for column in widths)), "bold")
        self.print(self._rule * _total(widths))
        for start in range(0, len(calls), _ROWS):
            rows = zip(*(texts[c][start : start + _ROWS] for c in widths), strict=True)
            self.print("\n".join(self._row(widths, row) for row in rows))
        more = _filled_fields(calls) - {column.field for column in widths}
        if more:
            self.print(f"\nMore fields that hold values: {len(more)}; --all shows them.", "dim")

    def _row(self, widths: Mapping[Column, int], texts: Iterable[str]) -> str:
        cells = zip(widths.items(), texts, strict=True)
        row = [self._cell(text, width, right=column.right) for (column, width), text in cells]
        return (" " * _GAP).join(row).rstrip()


def _widths(natural: Mapping[Column, int], room: int) -> dict[Column, int]:
    """The columns that there is room for, in their order, and how wide each is.

    The main ones may be cramped. Others join as long as no column is.
    """
    chosen: list[Column] = []
    for column in sorted(natural, key=lambda column: column.rank):
        least = 0 if column.rank <= _LAST_MAIN_RANK else _EASY
        trial = {c: min(natural[c], max(c.least, least)) for c in (*chosen, column)}
        if not chosen or _total(trial) <= room:
            chosen.append(column)
    widths = {c: min(natural[c], c.least) for c in natural if c in chosen}
    while _total(widths) < room:
        narrow = [column for column in widths if widths[column] < natural[column]]
        if not narrow:
            break
        widths[min(narrow, key=widths.__getitem__)] += 1
    return widths


def _total(widths: Mapping[Column, int]) -> int:
    return sum(widths.values()) + _GAP * (len(widths) - 1)


def _filled_fields(calls: Iterable[Call]) -> set[str]:
    """The fields that are not blank in every call."""
    filled = {f"extra.{key}" for call in calls for key in call.extra}
    for field in schema_of(Call).fields:
        if any(getattr(call, field.name) not in (None, ()) for call in calls):
            filled.add(field.name)
    return filled


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None)}Z" if value.tzinfo is UTC else str(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def _envelope(response: Response[Call]) -> _Pairs:
    """What the envelope says, in a few lines."""
    inbound = response.inbound
    lines = {
        "source": _source(response.source),
        "asked": _asked(inbound),
        "period": _period(inbound),
        "page": _page(inbound),
        "calls": _count(response),
        "error": inbound.error,
    }
    for key, value in lines.items():
        if value:
            yield key, value


def _source(source: Source | None) -> str:
    if source is None:
        return ""
    dialect = f" ({source.dialect})" if source.dialect != source.format else ""
    return f"{source.format}{dialect}, {source.encoding}"


def _asked(inbound: Inbound) -> str:
    """As the path of the request had it: `json/v1/call/get`."""
    parts = (
        inbound.requested_type,
        inbound.requested_version,
        inbound.requested_entity,
        inbound.requested_method,
    )
    return "/".join(part or "?" for part in parts) if any(parts) else ""


def _period(inbound: Inbound) -> str:
    params = inbound.requested_params
    start = f"from {_text(params.start_date)}" if params.start_date else ""
    end = f"to {_text(params.end_date)}" if params.end_date else ""
    return f"{start} {end}".strip()


def _page(inbound: Inbound) -> str:
    """People count pages from 1, the API from 0."""
    page, pages = inbound.requested_params.require_page, inbound.of_pages
    if pages == 0:
        return "none"
    number = "" if page is None else f"{page + 1:,}"
    total = "" if pages is None else f"of {pages:,}"
    asked = "" if page is None else f"(requirePage {page})"
    return " ".join(filter(None, (number, total, asked)))


def _count(response: Response[Call]) -> str:
    inbound = response.inbound
    parts = [f"{len(response.payload):,} here"]
    if response.errors:
        parts.append(f"{len(response.errors):,} unreadable")
    if inbound.total_length is not None:
        parts.append(f"{inbound.total_length:,} in all")
    if inbound.page_length is not None:
        parts.append(f"at most {inbound.page_length:,} a page")
    return ", ".join(parts)


def _rest_of_envelope(inbound: Inbound, info: Info) -> _Pairs:
    if inbound.content_length is not None:
        yield "contentLength", str(inbound.content_length)
    yield from _extra(inbound.extra)
    for name, methods in info.entities.items():
        yield f"entities.{name}", _text(methods)
    if info.types:
        yield "types", _text(info.types)
    if info.versions:
        yield "versions", _text(info.versions)


def _fields(call: Call) -> _Pairs:
    """All fields by their keys on the wire; the blank ones, by name alone, in one line."""
    blank = []
    for field in schema_of(Call).fields:
        text = _text(getattr(call, field.name))
        if text:
            yield field.wire, text
        else:
            blank.append(field.wire)
    yield from _extra(call.extra)
    if blank:
        yield "blank", ", ".join(blank)


def _extra(extra: Mapping[str, str]) -> _Pairs:
    for key, text in extra.items():
        yield f"extra.{key}", text
