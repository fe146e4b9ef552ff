"""Reports as one page for the browser, which loads nothing and works from a file.

Values come from whoever called: each goes through `_text`, and the page's policy lets no script run
but the one of page.html.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from html import escape
from importlib import resources
from typing import IO, Any

from ckct_formats._about import PROGRAM, version
from ckct_formats._errors import Path, format_path
from ckct_formats._reports import results
from ckct_formats._reports.results import Checked, Compared, Tally, Write
from ckct_formats._reports.words import counted, name_of, printable, source_of
from ckct_formats.conformance import Code, Difference, Finding, Severity
from ckct_formats.conformance._findings import TITLES

# What a browser shows without delay; the page says where it was cut.
FILE_ROWS = 5_000
PAGE_ROWS = 20_000
VALUE_CHARS = 2_000

_QUOTED = re.compile("`([^`]*)`")
_OK = "conforming"
_LEFT_OUT = {
    Severity.ERROR: "Warnings and notes are left out.",
    Severity.WARNING: "Notes are left out.",
    Severity.NOTE: "",
}

# Boxes to tick: a legend, and of each box its value, count and tooltip.
_Boxes = tuple[str, Iterable[tuple[str, int, str]]]


def _text(text: object) -> str:
    """A text as markup that shows it, with what would turn its direction as escapes."""
    return escape(printable(str(text)))


@cache
def _template() -> tuple[list[str], str]:
    """The page: markup and the names of its gaps by turns; and its policy: to use its own style, to
    run its own script, nothing else."""
    file = resources.files("ckct_formats._reports").joinpath("page.html")
    page = file.read_text(encoding="utf-8")
    policy = ["default-src 'none'", "base-uri 'none'", "form-action 'none'"]
    for tag in ("style", "script"):
        _, _, rest = page.partition(f"<{tag}>")
        digest = sha256(rest.partition(f"</{tag}>")[0].encode()).digest()
        policy.append(f"{tag}-src 'sha256-{b64encode(digest).decode()}'")
    return re.split(r"\{\{(\w+)\}\}", page), "; ".join(policy)


def _write_page(
    write: Write, command: str, headline: str, good: bool, **gaps: str | Iterable[str]
) -> None:
    """Write the template with its gaps filled; what fills them is not searched for gaps."""
    template, policy = _template()
    about = {
        "policy": policy,
        "title": f"{_text(headline)} - {PROGRAM} {command}",
        "class": "good" if good else "bad",
        "program": f"{PROGRAM} {command}",
        "verdict": f"{'✓' if good else '✗'} {_text(headline)}",
        "foot": f"{PROGRAM} {_text(version())}",
    }
    for at, part in enumerate(template):
        filling = part if at % 2 == 0 else (about | gaps)[part]
        for text in [filling] if isinstance(filling, str) else filling:
            write(text.encode())


class CheckPage:
    """A page on which each file is a section.

    Args:
        sections: A file to keep the sections in, because the verdict comes before them.
        threshold: The least grave findings that are shown.
    """

    def __init__(self, sections: IO[str], threshold: Severity) -> None:
        self._sections = sections
        self._threshold = threshold
        self._rows = 0
        self._severities: Counter[Severity] = Counter()
        self._codes: Counter[Code] = Counter()

    def add(self, checked: Checked) -> None:
        findings = results.by_code(checked.findings)[: min(FILE_ROWS, PAGE_ROWS - self._rows)]
        self._rows += len(findings)
        self._severities.update(each.severity for each in findings)
        self._codes.update(each.code for each in findings)
        self._sections.writelines(_section(checked, findings))

    def write(self, write: Write, tally: Tally) -> None:
        tiles = [("", "files", tally.files), ("", "conforming", tally.conforming)]
        if tally.unreadable:
            tiles.append(("error", "unreadable", tally.unreadable))
        wanted = [each for each in Severity if each.reaches(self._threshold)]
        tiles += [(each.value, f"{each}s", tally.severities[each]) for each in wanted]
        boxes = [(each.value, self._severities[each], "") for each in Severity]
        boxes.append((_OK, tally.conforming, "Files without a finding"))
        codes = [(code.value, self._codes[code], TITLES[code]) for code in Code]
        bad = tally.files - tally.conforming
        if tally.files == 1:
            headline = "Does not conform" if bad else "Conforms"
        elif bad:
            headline = (
                f"{bad:,} of {tally.files:,} files {'does' if bad == 1 else 'do'} not conform"
            )
        else:
            headline = "All files conform"
        _write_page(
            write,
            "check",
            headline,
            tally.ok,
            lead=f"{_text(tally.verdict)}. {_LEFT_OUT[self._threshold]}",
            tiles=_tiles(tiles),
            filters=_filters("findings", self._rows, ("Severity", boxes), ("Code", codes)),
            body=self._body(),
        )

    def _body(self) -> Iterator[str]:
        self._sections.seek(0)
        yield from self._sections
        if self._codes:
            yield '<section class="card"><h2>What the codes mean</h2><dl class="codes">'
            for code in filter(self._codes.__contains__, Code):
                title = _QUOTED.sub(r"<code>\1</code>", _text(TITLES[code]))
                yield f"<dt><code>{code}</code></dt><dd>{title}</dd>"
            yield "</dl></section>\n"


def _tiles(tiles: Iterable[tuple[str, str, int]]) -> str:
    items = (
        f'<div class="{kind if count else ""}"><dt>{label}</dt><dd>{count:,}</dd></div>'
        for kind, label, count in tiles
    )
    return f'<dl class="tiles">{"".join(items)}</dl>'


def _filters(noun: str, rows: int, *groups: _Boxes) -> str:
    """Two groups of boxes. The script shows them: without it they do nothing."""
    if not rows:
        return ""
    sets = ""
    for name, (legend, boxes) in zip("ab", groups, strict=True):
        chips = [
            f'<label class="chip"{_title(title)}><input type="checkbox" name="{name}" '
            f'value="{_text(value)}" checked>{_text(value)} <b>{count:,}</b></label>'
            for value, count, title in boxes
            if count
        ]
        if len(chips) > 2:
            chips.append('<button value="all">all</button><button value="none">none</button>')
        inner = f'<legend>{legend}</legend><div class="chips">{"".join(chips)}</div>'
        sets += f"<fieldset>{inner}</fieldset>"
    total = f'<span class="total" role="status" data-all="{rows:,} {noun}"></span>'
    inner = f"<details open><summary>Filters {total}</summary>{sets}</details>"
    return f'<form class="filters" aria-label="Filters" hidden>{inner}</form>'


def _title(title: str) -> str:
    return f' title="{_text(title.replace("`", ""))}"' if title else ""


def _section(checked: Checked, findings: list[Finding]) -> Iterator[str]:
    """One file: a line if it conforms, else a table."""
    kind, mark = ("good", "✓") if checked.ok else ("bad", "✗")
    about = [checked.verdict]
    if checked.report is not None and checked.report.source is not None:
        about += [source_of(checked.report.source), counted(checked.report.rows, "row")]
    head = (
        f'<span class="mark {kind}">{mark}</span><h2>{_text(name_of(checked.file))}</h2>'
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
        yield from map(_finding_row, findings)
        yield "</tbody></table>"
    yield _cut_note(len(findings), len(checked.findings), "findings of this file")
    yield "</details>\n"


def _finding_row(finding: Finding) -> str:
    severity, code, times = finding.severity, finding.code, results.times_of(finding)
    times = f' <span class="times">({times})</span>' if times else ""
    return (
        f'<tr data-a="{severity}" data-b="{code}">'
        f'<td><span class="badge {severity}">{severity}</span></td>'
        f"<td><code{_title(TITLES[code])}>{code}</code></td>"
        f'<td class="path">{_text(format_path(finding.path))}</td>'
        f'<td class="place">{results.position_of(finding)}</td>'
        f'<td class="message">{_text(finding.message)}{times}</td></tr>\n'
    )


def _cut_note(rows: int, of: int, what: str) -> str:
    if rows == of:
        return ""
    return f'<p class="cut">The page holds the first {rows:,} of {of:,} {what}.</p>'


def write_comparison(write: Write, compared: Compared) -> None:
    """A page with a column for each file and a row for each difference."""
    found = compared.comparison.differences
    differences = sorted(found, key=lambda each: each.reason is not None)[:FILE_ROWS]
    headline, _, rest = compared.verdict.partition(", ")
    names = ", ".join(map(name_of, compared.files))
    tiles = [
        ("", "files", len(compared.files)),
        ("error", "differences", len(found) - compared.harmless),
        ("", "harmless", compared.harmless),
    ]
    kinds = Counter(map(_kind, differences))
    fields = Counter(_field_of(each.path) for each in differences).most_common()
    boxes_of_kinds = [(kind, kinds[kind], "") for kind in ("counts", "harmless")]
    boxes_of_fields = [(field, count, "") for field, count in fields]
    _write_page(
        write,
        "diff",
        headline[:1].upper() + headline[1:],
        compared.equal,
        lead=_text(f"{names}: {rest}" if rest else names),
        tiles=_tiles(tiles),
        filters=_filters(
            "differences", len(differences), ("Kind", boxes_of_kinds), ("Field", boxes_of_fields)
        ),
        body=_comparison(compared, differences),
    )


def _kind(difference: Difference) -> str:
    return "counts" if difference.reason is None else "harmless"


def _field_of(path: Path) -> str:
    """A path without its row: the same for all rows."""
    return format_path(("payload", *path[2:]) if path[0] == "payload" else path)


def _comparison(compared: Compared, differences: list[Difference]) -> Iterator[str]:
    for file in compared.files:
        for fault in compared.faults_of(file):
            text = _text(f"{name_of(file)}: {fault}")
            yield f'<section class="card"><p class="fault">{text}</p></section>\n'
    if not differences:
        return
    yield '<section class="card"><table class="diff"><thead><tr><th scope="col">Path</th>'
    for file in differences[0].values:
        source = _text(source_of(compared.comparison.sources.get(file)))
        head = f'{_text(name_of(file))}<span class="reason">{source}</span>'
        yield f'<th scope="col">{head}</th>'
    yield "</tr></thead><tbody>\n"
    yield from map(_difference_row, differences)
    yield "</tbody></table>"
    yield _cut_note(len(differences), len(compared.comparison.differences), "differences")
    yield "</section>\n"


def _difference_row(difference: Difference) -> str:
    kind, field = _kind(difference), _text(_field_of(difference.path))
    path = _text(format_path(difference.path))
    if difference.reason:
        path += f'<span class="reason">{_text(difference.reason)}</span>'
    # Of several commonest values the first counts.
    ((commonest, _),) = Counter(map(repr, difference.values.values())).most_common(1)
    cells = [
        _cell(name, value, differs=repr(value) != commonest)
        for name, value in difference.values.items()
    ]
    row = f'<td class="path">{path}</td>{"".join(cells)}'
    return f'<tr class="{kind}" data-a="{kind}" data-b="{field}">{row}</tr>\n'


def _cell(file: str, value: Any, *, differs: bool) -> str:
    classes = f"{'differs' if differs else ''} {'nothing' if value is None else ''}".strip()
    text = results.shown(value)
    if len(text) > VALUE_CHARS:
        rest = counted(len(text) - VALUE_CHARS, "more character")
        text = f"{text[:VALUE_CHARS]}… ({rest})"
    return f'<td class="{classes}" data-file="{_text(name_of(file))}">{_text(text)}</td>'
