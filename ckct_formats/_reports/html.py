"""Reports as one page for the browser, which loads nothing and works from a file.

Values come from whoever called: each goes through `_text`, and the page's policy lets no script run
but the one of page.html.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from html import escape
from importlib import resources
from tempfile import TemporaryFile, gettempdir
from typing import Any

from ckct_formats._about import PROGRAM, version
from ckct_formats._errors import Path, format_path
from ckct_formats._reports.json import Write
from ckct_formats._reports.results import (
    Checked,
    Compared,
    Tally,
    by_code,
    counted,
    place_of,
    position_of,
    shown,
    source_of,
    times_of,
)
from ckct_formats._reports.terminal import printable
from ckct_formats.cli._files import Failure, name_of
from ckct_formats.conformance import Code, Difference, Finding, Severity
from ckct_formats.conformance._findings import TITLES

# What a browser shows without delay; the page says where it ends.
FILE_ROWS = 5_000
PAGE_ROWS = 20_000
VALUE_CHARS = 2_000

_CHUNK = 1 << 20
_QUOTED = re.compile("`([^`]*)`")
_OK = "conforming"
_WHAT_IS_SHOWN = {
    Severity.ERROR: "Warnings and notes are left out.",
    Severity.WARNING: "Notes are left out.",
    Severity.NOTE: "",
}

_Chips = Iterable[tuple[str, int, str]]


def _text(text: object) -> str:
    """A text as markup that shows it, with what would turn its direction as escapes."""
    return escape(printable(str(text)))


@lru_cache(maxsize=1)
def _template() -> tuple[str, ...]:
    """The page: markup and the names of its gaps by turns."""
    page = (
        resources.files("ckct_formats._reports").joinpath("page.html").read_text(encoding="utf-8")
    )
    return tuple(re.split(r"\{\{(\w+)\}\}", page))


@lru_cache(maxsize=1)
def _policy() -> str:
    """What the page may do: its own style, its own script, nothing else."""
    page = "".join(_template())
    parts = ["default-src 'none'", "base-uri 'none'", "form-action 'none'"]
    for tag in ("style", "script"):
        start, end = page.index(f"<{tag}>") + len(tag) + 2, page.index(f"</{tag}>")
        digest = b64encode(sha256(page[start:end].encode()).digest()).decode()
        parts.append(f"{tag}-src 'sha256-{digest}'")
    return "; ".join(parts)


def _write_page(write: Write, gaps: Mapping[str, str | Iterable[bytes]]) -> None:
    """Write the template with its gaps filled; what fills them is not looked at for others."""
    for at, part in enumerate(_template()):
        filling = part if at % 2 == 0 else gaps[part]
        for data in [filling.encode()] if isinstance(filling, str) else filling:
            write(data)


class HtmlCheck:
    """A page on which each file is a section.

    The sections wait in a temporary file, because the verdict stands before them.
    """

    def __init__(self, write: Write, threshold: Severity) -> None:
        self._write = write
        self._threshold = threshold
        self._rows = 0
        self._severities: Counter[Severity] = Counter()
        self._codes: Counter[Code] = Counter()
        self._conforming = 0
        with _as_failure():
            self._sections = TemporaryFile()  # noqa: SIM115 (see `close`)

    def add(self, checked: Checked) -> None:
        """Add the section of one file."""
        room = min(FILE_ROWS, PAGE_ROWS - self._rows)
        findings = by_code(checked.findings)[:room]
        self._rows += len(findings)
        self._severities.update(each.severity for each in findings)
        self._codes.update(each.code for each in findings)
        self._conforming += checked.ok
        with _as_failure():
            for part in _section(checked, findings):
                self._sections.write(part.encode())

    def end(self, tally: Tally) -> None:
        """Write the page."""
        _write_page(self._write, self._gaps(tally))

    def close(self) -> None:
        """Drop the temporary file."""
        with suppress(OSError):
            self._sections.close()

    def _gaps(self, tally: Tally) -> dict[str, str | Iterable[bytes]]:
        gaps: dict[str, str | Iterable[bytes]] = _verdict("check", _headline(tally), tally.ok)
        tiles = [("", "files", tally.files), ("", "conforming", tally.conforming)]
        if tally.unreadable:
            tiles.append(("error", "unreadable", tally.unreadable))
        wanted = (each for each in Severity if each.reaches(self._threshold))
        tiles += [(each.value, f"{each}s", tally.severities[each]) for each in wanted]
        return gaps | {
            "lead": f"{_text(tally.verdict)}. {_WHAT_IS_SHOWN[self._threshold]}",
            "tiles": _tiles(tiles),
            "filters": self._filters(),
            "body": self._body(),
        }

    def _filters(self) -> str:
        severities = [(each.value, self._severities[each], "") for each in Severity]
        if self._conforming:
            severities.append((_OK, self._conforming, "Files without a finding"))
        codes = [(code.value, self._codes[code], TITLES[code]) for code in Code]
        groups = [("Severity", "a", severities), ("Code", "b", codes)]
        return _filters(groups, self._rows, "findings")

    def _body(self) -> Iterator[bytes]:
        with _as_failure():
            self._sections.seek(0)
        while data := self._sections.read(_CHUNK):
            yield data
        if self._codes:
            yield _meanings(self._codes).encode()


@contextmanager
def _as_failure() -> Iterator[None]:
    """What goes wrong with the temporary file, as a line of the program."""
    try:
        yield
    except OSError as error:
        raise Failure(gettempdir(), error.strerror or str(error)) from None


def _headline(tally: Tally) -> str:
    if tally.ok:
        return "Conforms" if tally.files == 1 else "All files conform"
    bad = tally.files - tally.conforming
    if tally.files == 1:
        return "Does not conform"
    return f"{bad:,} of {tally.files:,} files {'does' if bad == 1 else 'do'} not conform"


def _verdict(command: str, headline: str, good: bool) -> dict[str, str | Iterable[bytes]]:
    return {
        "policy": _policy(),
        "title": f"{_text(headline)} - {PROGRAM} {command}",
        "class": "good" if good else "bad",
        "program": f"{PROGRAM} {command}",
        "verdict": f"{'✓' if good else '✗'} {_text(headline)}",
        "foot": f"{PROGRAM} {_text(version())}",
    }


def _tiles(tiles: Iterable[tuple[str, str, int]]) -> str:
    items = (
        f'<div class="{kind if count else ""}"><dt>{label}</dt><dd>{count:,}</dd></div>'
        for kind, label, count in tiles
    )
    return f'<dl class="tiles">{"".join(items)}</dl>'


def _filters(groups: Iterable[tuple[str, str, _Chips]], rows: int, what: str) -> str:
    """Boxes to tick; the script shows them, because without it they do nothing."""
    if not rows:
        return ""
    sets = "".join(_fieldset(legend, name, chips) for legend, name, chips in groups)
    total = f'<span class="total" role="status" data-all="{rows:,} {what}"></span>'
    inner = f"<details open><summary>Filters {total}</summary>{sets}</details>"
    return f'<form class="filters" aria-label="Filters" hidden>{inner}</form>'


def _fieldset(legend: str, name: str, chips: _Chips) -> str:
    present = [chip for chip in chips if chip[1]]
    boxes = "".join(
        f'<label class="chip"{_title(title)}><input type="checkbox" name="{name}" '
        f'value="{_text(value)}" checked>{_text(value)} <b>{count:,}</b></label>'
        for value, count, title in present
    )
    buttons = '<button value="all">all</button><button value="none">none</button>'
    extra = buttons if len(present) > 2 else ""
    inner = f'<div class="chips">{boxes}{extra}</div>'
    return f"<fieldset><legend>{legend}</legend>{inner}</fieldset>"


def _title(title: str) -> str:
    return f' title="{_text(title.replace("`", ""))}"' if title else ""


def _meanings(codes: Iterable[Code]) -> str:
    """What the codes mean: the tooltips, for those who have no pointer."""
    items = "".join(map(_meaning, sorted(codes, key=list(Code).index)))
    return (
        '<section class="card"><h2>What the codes mean</h2>'
        f'<dl class="codes">{items}</dl></section>\n'
    )


def _meaning(code: Code) -> str:
    title = _QUOTED.sub(r"<code>\1</code>", _text(TITLES[code]))
    return f"<dt><code>{code}</code></dt><dd>{title}</dd>"


def _section(checked: Checked, findings: list[Finding]) -> Iterator[str]:
    """One file: a line if it conforms, else a table."""
    mark = (
        f'<span class="mark {"good" if checked.ok else "bad"}">{"✓" if checked.ok else "✗"}</span>'
    )
    about = [checked.verdict]
    if checked.report is not None and checked.report.source is not None:
        about += [source_of(checked.report.source), counted(checked.report.rows, "row")]
    head = (
        f"{mark}<h2>{_text(name_of(checked.file))}</h2>"
        f'<span class="about">{_text(" · ".join(about))}</span>'
    )
    if checked.ok:
        yield f'<section class="file ok" data-a="{_OK}"><div class="head">{head}</div></section>\n'
        return
    yield f'<details class="file" open><summary>{head}</summary>'
    if checked.failure is not None:
        yield f'<p class="fault">{_text(checked.failure)}</p>'
    if findings:
        yield '<table class="found"><thead><tr><th>Severity<th>Code<th>Path<th>Line<th>Finding</tr>'
        yield "</thead><tbody>\n"
        yield from map(_row, findings)
        yield "</tbody></table>"
    yield from _cut(len(findings), len(checked.findings), "findings of this file")
    yield "</details>\n"


def _row(finding: Finding) -> str:
    severity, code, times = finding.severity, finding.code, times_of(finding)
    return (
        f'<tr data-a="{severity}" data-b="{code}">'
        f'<td><span class="badge {severity}">{severity}</span></td>'
        f"<td><code{_title(TITLES[code])}>{code}</code></td>"
        f'<td class="path">{_text(place_of(finding.path))}</td>'
        f'<td class="place">{position_of(finding)}</td>'
        f'<td class="message">{_text(finding.message)}'
        + (f' <span class="times">({times})</span>' if times else "")
        + "</td></tr>\n"
    )


def _cut(rows: int, of: int, what: str) -> Iterator[str]:
    if rows < of:
        yield f'<p class="cut">The page holds the first {rows:,} of {of:,} {what}.</p>'


# Comparisons


def write_html_comparison(write: Write, compared: Compared) -> None:
    """A page with a column for each file and a row for each difference."""
    all_of_them = compared.comparison.differences
    ordered = sorted(all_of_them, key=lambda each: each.reason is not None)
    differences = ordered[:FILE_ROWS]
    headline, _, rest = compared.verdict.partition(", ")
    gaps = _verdict("diff", headline[:1].upper() + headline[1:], compared.equal)
    counts = len(all_of_them) - compared.harmless
    tiles = [
        ("", "files", len(compared.files)),
        ("error", "differences", counts),
        ("", "harmless", compared.harmless),
    ]
    names = ", ".join(map(name_of, compared.files))
    gaps |= {
        "lead": _text(f"{names}: {rest}" if rest else names),
        "tiles": _tiles(tiles),
        "filters": _diff_filters(differences),
        "body": (part.encode() for part in _comparison(compared, differences, len(all_of_them))),
    }
    _write_page(write, gaps)


def _diff_filters(differences: Iterable[Difference]) -> str:
    kinds = Counter(_kind(each) for each in differences)
    places = Counter(_field_of(each.path) for each in differences)
    groups = [
        ("Kind", "a", [(kind, kinds[kind], "") for kind in ("counts", "harmless")]),
        ("Field", "b", [(place, count, "") for place, count in places.most_common()]),
    ]
    return _filters(groups, sum(kinds.values()), "differences")


def _kind(difference: Difference) -> str:
    return "counts" if difference.reason is None else "harmless"


def _field_of(path: Path) -> str:
    """A path without its row: the same for all rows."""
    return format_path(("payload", *path[2:]) if path[0] == "payload" else path)


def _comparison(compared: Compared, differences: list[Difference], found: int) -> Iterator[str]:
    for file in compared.files:
        for fault in compared.faults_of(file):
            text = f"{name_of(file)}: {fault}"
            yield f'<section class="card"><p class="fault">{_text(text)}</p></section>\n'
    if not differences:
        return
    files = list(differences[0].values)
    yield '<section class="card"><table class="diff"><thead><tr><th scope="col">Path</th>'
    for file in files:
        source = source_of(compared.comparison.sources.get(file))
        reason = f'<span class="reason">{_text(source)}</span>'
        yield f'<th scope="col">{_text(name_of(file))}{reason}</th>'
    yield "</tr></thead><tbody>\n"
    for each in differences:
        yield _diff_row(each)
    yield "</tbody></table>"
    yield from _cut(len(differences), found, "differences")
    yield "</section>\n"


def _diff_row(difference: Difference) -> str:
    kind = _kind(difference)
    reason = f'<span class="reason">{_text(difference.reason)}</span>' if difference.reason else ""
    odd = _odd(difference.values)
    cells = (_cell(name, value, name in odd) for name, value in difference.values.items())
    path = f'<td class="path">{_text(format_path(difference.path))}{reason}</td>'
    field = _text(_field_of(difference.path))
    start = f'<tr class="{kind}" data-a="{kind}" data-b="{field}">'
    return f"{start}{path}{''.join(cells)}</tr>\n"


def _cell(file: str, value: Any, differs: bool) -> str:
    classes = f"{'differs' if differs else ''} {'nothing' if value is None else ''}".strip()
    text = _text(_shortened(shown(value)))
    return f'<td class="{classes}" data-file="{_text(name_of(file))}">{text}</td>'


def _odd(values: Mapping[str, Any]) -> set[str]:
    """The files that do not have the commonest value; of several such, the first counts."""
    texts = {name: repr(value) for name, value in values.items()}
    ((commonest, _),) = Counter(texts.values()).most_common(1)
    return {name for name, text in texts.items() if text != commonest}


def _shortened(text: str) -> str:
    if len(text) <= VALUE_CHARS:
        return text
    return f"{text[:VALUE_CHARS]}… ({counted(len(text) - VALUE_CHARS, 'more character')})"
