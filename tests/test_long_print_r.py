"""What long dumps of print_r take: memory beside what is returned, and how often they are read."""

from __future__ import annotations

import html
import re
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from ckct_formats import Call, Limits, ParseError, parse
from ckct_formats.errors import Path
from ckct_formats.formats.memory import Room
from ckct_formats.formats.plain import page
from ckct_formats.formats.plain.print_r import _Places, alike_rows, grammar

WIDE = "\N{GRINNING FACE}"


def row(at: int, fields: dict[str, object], depth: int = 2) -> str:
    outer, inner = "    " * (2 * depth - 1), "    " * (2 * depth + 1)
    lines = "".join(f"{inner}[{key}] => {cell}\n" for key, cell in fields.items())
    return f"{outer}[{at}] => Array\n{outer}    (\n{lines}{outer}    )\n\n"


def dump(*rows: str) -> str:
    return "Array\n(\n    [payload] => Array\n        (\n" + "".join(rows) + "        )\n\n)\n"


def nested(text: str, levels: int, depth: int = 0) -> str:
    if depth == levels:
        return text
    indent = "        " * depth
    inner = nested(text, levels, depth + 1)
    return f"Array\n{indent}(\n{indent}    [a] => {inner}\n{indent})\n"


def peak_of(action: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def refused(body: str) -> Callable[[], None]:
    def action() -> None:
        with pytest.raises(ParseError):
            parse(body, "plain")

    return action


def test_places_are_found_without_copies() -> None:
    text = dump(*(row(at, {"callId": "x", "city": "y" * 20_000}) for at in range(100)))
    places = _Places(text)
    paths: list[Path] = [("payload", at, "callId") for at in range(100)]
    found: list[int] = []
    assert peak_of(lambda: found.extend(map(places.locate, paths))) < len(text) / 10
    assert found == [each.end() for each in re.finditer(r"\[callId\] => ", text)]


def test_all_of_a_payload_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    entries_of = grammar.entries_of

    def counted(
        dump: str, start: int, end: int, depth: int, last: int | None = None
    ) -> Iterator[grammar.Entry] | None:
        looked_at.append(end - start)
        return entries_of(dump, start, end, depth, last)

    monkeypatch.setattr("ckct_formats.formats.plain.print_r.entries_of", counted)
    body = dump(*(row(at, {"callId": "x", "city": "y" * 1_000}) for at in range(500)))
    assert len(parse(body, "plain", on_error="collect").errors) == 500
    assert sum(looked_at) < 6 * len(body)


def test_a_wide_dump_is_not_copied_to_find_a_place() -> None:
    rows = [row(at, {"callId": at, "city": WIDE + "y" * 1_000}) for at in range(4_000)]
    body = dump(*rows, row(4_000, {"callId": "x", "city": ""}))
    # A wide character takes four bytes: records, and a page of text and rows at a time.
    assert peak_of(refused(body)) < 8 * len(body)


def test_what_stands_deep_is_not_copied_for_each_array_around_it() -> None:
    body = nested("x" * 900_000, 60)
    assert peak_of(refused(body)) < 6 * len(body)


def test_a_text_of_many_lines_in_a_row_is_matched_without_a_state_for_each() -> None:
    text = "\n" * 500_000
    body = dump(row(0, {"callId": 1, "city": text}))
    response: list[Call] = []
    assert peak_of(lambda: response.extend(parse(body, "plain").payload)) < 20 * len(body)
    assert response == [Call(1, city=text)]


@pytest.mark.parametrize(
    "text", ["", "a", "\n", "a\n", "\na", "a\n)\n", "\n                )", " [x\n"]
)
@pytest.mark.parametrize("key", ["city", "site"])
def test_texts_of_lines_are_matched_as_far_as_they_go(text: str, key: str) -> None:
    names = ("callId", "city", "site")
    fields = {"callId": "1", "city": "b", "site": "c", key: text}
    written = row(0, {name: fields[name] for name in names}).removeprefix("            [")
    match = alike_rows._row_pattern(names).fullmatch(written[:-1])
    assert match is not None
    assert match.groups() == ("0", "1", fields["city"], fields["site"])


def test_a_long_part_of_the_envelope_is_not_copied_around_the_payload() -> None:
    text = WIDE + "a" * 900_000
    body = f"Array\n(\n    [inbound] => {text}\n    [payload] => Array\n        (\n        )\n\n)\n"
    # The text of the part itself, and what an error shows of it.
    assert peak_of(refused(body)) < 2.5 * 4 * len(body)


def test_5_000_calls_are_read_without_an_envelope() -> None:
    fields = dict.fromkeys(("city", "site", "utmTerm", "utmMedium"), "Novosibirsk")
    fields |= {f"other{at}": "x" * 20 for at in range(22)}
    rows = "".join(row(at, {"callId": at, **fields}, 1) for at in range(5_000))
    assert len(parse(f"Array\n(\n{rows})\n", "plain").payload) == 5_000


def test_each_key_is_weighed_once() -> None:
    room = Room(b"", Limits())
    keys = grammar.Keys(room)
    entries = [f"    [{key}] => \n" for key in ("a", "b", "a", "1", "c")]
    text = f"Array\n(\n{''.join(entries)})\n"
    tree = grammar.read_cell(text, 0, len(text), 0, Limits(), keys)
    assert [key for key, _ in tree] == ["a", "b", "a", "1", "c"]
    assert room.spent[0] == 3 * grammar._KEY


@pytest.mark.parametrize("piece", ["&lt;", "я", "<br />\n", "\r\n", "a<b>"])
def test_a_long_line_of_a_page_is_changed_in_pieces(piece: str) -> None:
    text = piece * (1_100_000 // len(piece))
    lengths: list[int] = []

    def noted(part: str) -> str:
        lengths.append(len(part))
        return part

    assert page._by_pieces(text, noted) == text
    assert piece == "\r\n" or max(lengths) < 600_000
    cut = [page._LINE_END.sub(r"\2", text), html.unescape(text)]
    assert [
        page._by_pieces(text, lambda part: page._LINE_END.sub(r"\2", part)),
        page._by_pieces(text, html.unescape),
    ] == cut


def test_a_wide_page_is_copied_less_than_four_times() -> None:
    text = WIDE + "y" * 900_000
    body = "<pre>\nArray<br />\n(<br />\n    [0] => Array<br />\n        (<br />\n"
    body += f"            [callId] => 1<br />\n            [city] => {text}<br />\n"
    body += "        )<br />\n<br />\n)<br />\n </pre>\n"
    assert peak_of(lambda: page.unwrapped(body)) < 3.5 * 4 * len(body)
