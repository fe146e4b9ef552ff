"""How a response looks to a person: its envelope in a few lines, its calls as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from ckct_formats._model import Call, Inbound, Response
from ckct_formats._reports.terminal import GAP, Terminal, text_of
from ckct_formats._reports.words import source_of
from ckct_formats._schema import schema_of

# Laid out and printed this many at a time, so that `| head` need not wait for the last.
_ROWS = 100

_Pairs = Iterator[tuple[str, str]]


class _Column(NamedTuple):
    """A column of the table.

    Attributes:
        field: The field of a call.
        rank: The lower, the sooner it gets room.
        min_width: The cells that it must have, unless its values need fewer.
        right: Whether its values are aligned to the right.
    """

    heading: str
    field: str
    rank: int
    min_width: int
    right: bool = False


# Numbers and times never need more than their `min_width`: they are not cut. None is less than its
# heading.
_COLUMNS = (
    _Column("call", "call_id", 0, 18, right=True),
    _Column("time", "time_start", 1, 32),
    _Column("client", "client_phone", 2, 15),
    _Column("city", "city", 5, 8),
    _Column("campaign", "campaign_name", 6, 8),
    _Column("office", "office_name", 8, 8),
    _Column("duration", "duration", 3, 18, right=True),
    _Column("state", "state", 4, 9),
    _Column("description", "state_description", 7, 16),
    _Column("source type", "source_type", 9, 12),
    _Column("utm source", "utm_source", 10, 10),
    _Column("utm medium", "utm_medium", 11, 10),
    _Column("utm term", "utm_term", 14, 12),
    _Column("site", "site", 12, 12),
    _Column("device", "device", 13, 10),
    _Column("audition", "audition", 15, 14),
    _Column("call type", "call_type", 16, 16),
)
_LAST_MAIN_RANK = 6
# A text cut to this many cells can mostly be guessed.
_EASY = 16


def show_response(
    terminal: Terminal, name: str, response: Response[Call], *, every_field: bool
) -> None:
    """Print a response under its name."""
    terminal.print(terminal.text(name), "bold")
    if not every_field:
        terminal.pairs(_envelope(response), cut=True)
        if response.payload:
            _print_table(terminal, response.payload)
        return
    terminal.pairs([*_envelope(response), *_rest_of_envelope(response)])
    for call in response.payload:
        terminal.print(f"\ncall {call.call_id}", "bold")
        terminal.pairs(_fields(call))


def _print_table(terminal: Terminal, calls: Sequence[Call]) -> None:
    texts = {c: [terminal.short_text(getattr(call, c.field)) for call in calls] for c in _COLUMNS}
    filled = {
        c: max(map(cell_len, (c.heading, *cells))) for c, cells in texts.items() if any(cells)
    }
    widths = _widths(filled, terminal.width)

    def line(cells: Iterable[str]) -> str:
        pairs = zip(widths.items(), cells, strict=True)
        row = [terminal.cell(text, width, right=c.right) for (c, width), text in pairs]
        return (" " * GAP).join(row).rstrip()

    terminal.print("\n" + line(column.heading for column in widths), "bold")
    terminal.print(terminal.rule * _total(widths))
    for start in range(0, len(calls), _ROWS):
        rows = zip(*(texts[c][start : start + _ROWS] for c in widths), strict=True)
        terminal.print("\n".join(map(line, rows)))
    more = _filled_fields(calls) - {column.field for column in widths}
    if more:
        terminal.print(f"\nMore fields that hold values: {len(more)}; --all shows them.", "dim")


def _widths(natural: Mapping[_Column, int], room: int) -> dict[_Column, int]:
    """The columns that there is room for, in their order, and how wide each is. The main ones may
    be cramped. Others join as long as no column is."""
    chosen: list[_Column] = []
    for column in sorted(natural, key=lambda column: column.rank):
        easy = 0 if column.rank <= _LAST_MAIN_RANK else _EASY
        trial = {c: min(natural[c], max(c.min_width, easy)) for c in (*chosen, column)}
        if not chosen or _total(trial) <= room:
            chosen.append(column)
    widths = {c: min(natural[c], c.min_width) for c in natural if c in chosen}
    while _total(widths) < room:
        narrow = [column for column in widths if widths[column] < natural[column]]
        if not narrow:
            break
        widths[min(narrow, key=widths.__getitem__)] += 1
    return widths


def _total(widths: Mapping[_Column, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def _filled_fields(calls: Iterable[Call]) -> set[str]:
    filled = {f"extra.{key}" for call in calls for key in call.extra}
    for field in schema_of(Call).fields:
        if any(getattr(call, field.name) not in (None, ()) for call in calls):
            filled.add(field.name)
    return filled


def _envelope(response: Response[Call]) -> _Pairs:
    inbound = response.inbound
    lines = {
        "source": source_of(response.source),
        "asked": _asked(inbound),
        "period": _period(inbound),
        "page": _page(inbound),
        "calls": _count(response),
        "error": inbound.error,
    }
    for key, value in lines.items():
        if value:
            yield key, value


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
    start = f"from {text_of(params.start_date)}" if params.start_date else ""
    end = f"to {text_of(params.end_date)}" if params.end_date else ""
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


def _rest_of_envelope(response: Response[Call]) -> _Pairs:
    inbound, info = response.inbound, response.info
    if inbound.content_length is not None:
        yield "contentLength", str(inbound.content_length)
    yield from _extra(inbound.extra)
    for name, methods in info.entities.items():
        yield f"entities.{name}", text_of(methods)
    if info.types:
        yield "types", text_of(info.types)
    if info.versions:
        yield "versions", text_of(info.versions)


def _fields(call: Call) -> _Pairs:
    """All fields by their keys on the wire; the blank ones, by name alone, in one line."""
    blank = []
    for field in schema_of(Call).fields:
        text = text_of(getattr(call, field.name))
        if text:
            yield field.wire, text
        else:
            blank.append(field.wire)
    yield from _extra(call.extra)
    if blank:
        yield "blank", ", ".join(blank)


def _extra(extra: Mapping[str, str]) -> _Pairs:
    return ((f"extra.{key}", text) for key, text in extra.items())
