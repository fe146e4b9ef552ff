"""Long bodies: what they take, and the places of what is wrong in them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from ckct_formats import Call, ParseError, parse
from ckct_formats._formats.plain.print_r import fast
from ckct_formats.conformance import check

BLANK = "".join(f"<c{column}/>" for column in range(18))


def xml_rows(*rows: str) -> str:
    return f"<r>{''.join(rows)}</r>"


def row(call_id: object, more: str = "") -> str:
    return f"<i><callId>{call_id}</callId>{BLANK}{more}</i>"


def test_check_finds_what_is_wrong_in_all_batches_of_a_tree() -> None:
    """The first batch has other keys than those behind it."""
    body = xml_rows(row(1, "<x/>"), *[row("q")] * 1_200)
    found = [
        finding for finding in check(body, "xml").findings if finding.code == "unreadable-value"
    ]
    assert sum(finding.count for finding in found) == 1_200


def test_check_of_rows_of_which_the_last_alone_has_another_key() -> None:
    body = xml_rows(*[row(1)] * 600, row(2, "<x>a</x>"))
    report = check(body, "xml")
    assert report.rows == 601
    assert any("x" in finding.path for finding in report.findings)


@pytest.mark.slow
def test_blank_cells_of_a_long_body_take_no_memory() -> None:
    """As texts they would take 2,200 bytes a row, and 40,000 rows more than the body may."""
    names = ",".join(f"a{column}" for column in range(25))
    blank = "," * 25
    body = f"callId,{names}\n" + f"x{blank}\n" * 14_000 + f"1{blank}\n" * 26_000
    response = parse(body, "csv", on_error="collect")
    assert len(response.errors) == 14_000
    assert response.payload == [Call(1)] * 26_000


@pytest.mark.parametrize("front", ["", '<?xml version="1.0"?>\n', "<!-- c -->"])
def test_the_place_of_a_document_is_its_root(front: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(f"{front}<r><row/><row/></r>", "xml")
    lines = front.count("\n")
    before = 0 if lines else len(front)
    assert (caught.value.line, caught.value.column) == (lines + 1, before + len("<r>") + 1)


def test_what_stands_beside_the_envelope_has_a_place() -> None:
    body = "<r><inbound><pageLength>0</pageLength></inbound><other/><payload/></r>"
    found = [each for each in check(body, "xml").findings if each.code == "unknown-key"]
    assert [each.column for each in found] == [body.index("<other/>") + len("<other/>") + 1]


def test_all_values_of_an_envelope_that_cannot_be_read_are_found() -> None:
    body = '{"inbound":{"pageLength":1e999,"x":"\\ud800"},"payload":[]}'
    paths = {finding.path for finding in check(body, "json").findings}
    assert {("inbound", "pageLength"), ("inbound", "x")} <= paths


def test_rows_that_are_no_objects_have_places() -> None:
    body = "payload.0.callId: 1\n" + "".join(f"payload.{at}: x\n" for at in range(1, 3_000))
    errors = parse(body, "plain", on_error="collect").errors
    assert len(errors) == 2_999
    assert [error.line for error in errors[:100]] == list(range(2, 102))
    assert {error.line for error in errors[100:]} == {None}


@pytest.mark.parametrize("line", ["\r", "\r\r\r", " ", "\t\r"])
def test_a_line_of_white_space_between_records_belongs_to_nothing(line: str) -> None:
    with pytest.raises(ParseError, match="a line of white space") as caught:
        parse(f"callId: 1\n\n{line}\n\ncallId: 2\n", "plain")
    assert caught.value.line == 3


LONG = "u" * 1_001


KEYS = [f"u{number}" for number in range(500)]
PHP_ROW = "".join(f"'{key}' => 1," for key in ["callId", *KEYS])
COUNTED_ROW = "".join(f's:{len(key)}:"{key}";i:1;' for key in ["callId", *KEYS])
DUMPED_ROW = "".join(f'["{key}"]=>\nint(1)\n' for key in ["callId", *KEYS])
WIDE_ROWS = {
    "xml": "<i><callId>1</callId>" + "".join(f"<{key}>1</{key}>" for key in KEYS) + "</i>",
    "xml attributes": "<i callId='1' " + " ".join(f"{key}='1'" for key in KEYS) + "/>",
    "var_export": f"0 => array ({PHP_ROW}),",
    "serialize": f"i:0;a:{len(KEYS) + 1}:{{{COUNTED_ROW}}}",
    "var_dump": f"[0]=>\narray({len(KEYS) + 1}) {{\n{DUMPED_ROW}}}\n",
    "key-value": "".join(f"payload.0.{key}: 1\n" for key in ["callId", *KEYS]),
    "records": "".join(f"{key}: 1\n" for key in ["callId", *KEYS]),
}
AROUND_ROWS = {
    "xml": ("<r>", "</r>"),
    "xml attributes": ("<r>", "</r>"),
    "var_export": ("array (", ")"),
    "serialize": ("a:1:{", "}"),
    "var_dump": ("array(1) {\n", "}\n"),
}


@pytest.mark.parametrize("dialect", WIDE_ROWS)
def test_the_first_hundred_of_all_keys_of_a_row_have_places(dialect: str) -> None:
    begin, end = AROUND_ROWS.get(dialect, ("", ""))
    body = begin + WIDE_ROWS[dialect] + end
    found = [each for each in check(body).findings if each.code == "unknown-key"]
    assert [each.path[-1] for each in found] == KEYS
    if dialect != "xml attributes":  # an attribute is placed where its element is
        spots = [(each.line, each.column) for each in found if each.line and each.column]
        assert 50 <= len(set(spots)) == len(spots) <= 100
        assert spots == sorted(spots)


def print_r_row(at: int, fields: dict[str, object], depth: int = 2) -> str:
    outer, inner = "    " * (2 * depth - 1), "    " * (2 * depth + 1)
    lines = "".join(f"{inner}[{key}] => {cell}\n" for key, cell in fields.items())
    return f"{outer}[{at}] => Array\n{outer}    (\n{lines}{outer}    )\n\n"


def print_r(*rows: str) -> str:
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


def test_what_is_deep_is_not_copied_for_each_array_around_it() -> None:
    body = nested("x" * 900_000, 60)

    def refused() -> None:
        with pytest.raises(ParseError):
            parse(body, "plain")

    assert peak_of(refused) < 8 * len(body)


def test_a_text_of_many_lines_in_a_row_is_matched_without_a_state_for_each() -> None:
    text = "\n" * 500_000
    body = print_r(print_r_row(0, {"callId": 1, "city": text}))
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
    written = print_r_row(0, {name: fields[name] for name in names}).removeprefix("            [")
    match = fast._row_pattern(names).fullmatch(written[:-1])
    assert match is not None
    assert match.groups() == ("0", "1", fields["city"], fields["site"])
