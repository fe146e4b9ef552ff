"""How a response looks to a person: its envelope in a few lines, its calls as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from ckct_formats._model import Call, Response
from ckct_formats._reports.terminal import GAP, Terminal, text_of
from ckct_formats._reports.words import source_of
from ckct_formats._schema import schema_of

# Laid out and printed this many at a time, so that `| head` need not wait for the last.
_ROWS = 100

_Pairs = Iterator[tuple[str, object]]


class _Column(NamedTuple):
    heading: str
    field: str
    rank: int  # the lower, the sooner it gets room
    min_width: int  # the cells that it must have, unless its values need fewer
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
    envelope = [(key, value) for key, value in _envelope(response).items() if value]
    if not every_field:
        terminal.pairs(envelope, cut=True)
        if response.payload:
            _print_table(terminal, response.payload)
        return
    terminal.pairs([*envelope, *_rest_of_envelope(response)])
    for call in response.payload:
        terminal.print(f"\ncall {call.call_id}", "bold")
        terminal.pairs(_fields(call))


def _print_table(terminal: Terminal, calls: Sequence[Call]) -> None:
    texts = {c: [terminal.short_text(getattr(call, c.field)) for call in calls] for c in _COLUMNS}
    natural = {
        c: max(map(cell_len, (c.heading, *cells))) for c, cells in texts.items() if any(cells)
    }
    widths = _widths(natural, terminal.width)

    def line(cells: Iterable[str]) -> str:
        pairs = zip(widths.items(), cells, strict=True)
        row = [terminal.cell(text, width, right=c.right) for (c, width), text in pairs]
        return GAP.join(row).rstrip()

    terminal.print("\n" + line(column.heading for column in widths), "bold")
    terminal.print(terminal.rule * _total(widths))
    for start in range(0, len(calls), _ROWS):
        rows = zip(*(texts[c][start : start + _ROWS] for c in widths), strict=True)
        terminal.print("\n".join(map(line, rows)))
    shown = {column.field for column in widths}
    filled = {f"extra.{key}" for call in calls for key in call.extra}
    for name in (field.name for field in schema_of(Call).fields):
        if any(getattr(call, name) not in (None, ()) for call in calls):
            filled.add(name)
    if filled - shown:
        more = len(filled - shown)
        terminal.print(f"\nMore fields that hold values: {more}; --all shows them.", "dim")


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
    while _total(widths) < room and (narrow := [c for c in widths if widths[c] < natural[c]]):
        widths[min(narrow, key=widths.__getitem__)] += 1
    return widths


def _total(widths: Mapping[_Column, int]) -> int:
    return sum(widths.values()) + len(GAP) * (len(widths) - 1)


def _envelope(response: Response[Call]) -> dict[str, str | None]:
    inbound, params = response.inbound, response.inbound.requested_params
    path = (
        inbound.requested_type,
        inbound.requested_version,
        inbound.requested_entity,
        inbound.requested_method,
    )
    start = f"from {text_of(params.start_date)}" if params.start_date else ""
    end = f"to {text_of(params.end_date)}" if params.end_date else ""
    return {
        "source": source_of(response.source),
        "asked": "/".join(part or "?" for part in path) if any(path) else "",
        "period": f"{start} {end}".strip(),
        "page": _page(params.require_page, inbound.of_pages),
        "calls": _calls(response),
        "error": inbound.error,
    }


def _page(page: int | None, pages: int | None) -> str:
    """People count pages from 1, the API from 0."""
    if pages == 0:
        return "none"
    number = "" if page is None else f"{page + 1:,}"
    total = "" if pages is None else f"of {pages:,}"
    asked = "" if page is None else f"(requirePage {page})"
    return " ".join(filter(None, (number, total, asked)))


def _calls(response: Response[Call]) -> str:
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
        yield "contentLength", inbound.content_length
    yield from _extra(inbound.extra)
    yield from ((f"entities.{name}", methods) for name, methods in info.entities.items())
    for key, names in (("types", info.types), ("versions", info.versions)):
        if names:
            yield key, names


def _fields(call: Call) -> _Pairs:
    """All fields by their keys on the wire; the blank ones, by name alone, in one line."""
    values = {field.wire: getattr(call, field.name) for field in schema_of(Call).fields}
    blank = tuple(key for key, value in values.items() if not text_of(value))
    yield from ((key, value) for key, value in values.items() if key not in blank)
    yield from _extra(call.extra)
    if blank:
        yield "blank", blank


def _extra(extra: Mapping[str, str]) -> _Pairs:
    return ((f"extra.{key}", text) for key, text in extra.items())
