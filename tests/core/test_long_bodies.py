"""Bodies that are read in several batches, or more than once, and places in any order."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable

import pytest
from lxml import etree

from ckct_formats import Call, Limits, ParseError, parse
from ckct_formats._errors import Path
from ckct_formats._formats import plain, xml
from ckct_formats._formats.body import Body
from ckct_formats._formats.nearby import Nearby
from ckct_formats._formats.plain import lines
from ckct_formats._formats.xml import places
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
    assert [error.line for error in errors] == list(range(2, 3_001))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", None])
def test_places_are_told_in_any_order(encoding: str | None) -> None:
    rng = random.Random(1)
    text = "".join(rng.choices(["a", "я", "\n", "\r", "\r\n", "\U0001f600"], k=20_000))
    body = Body(text if encoding is None else text.encode(encoding), encoding=encoding)
    for _ in range(50):
        at = rng.randrange(len(text))
        before = text[:at]
        if before.endswith("\r") and text.startswith("\n", at):
            before = before[:-1]
        lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        column = len(lines[-1]) + 1 + (at - len(before))
        offset = None if encoding is None else len(text[:at].encode(encoding))
        assert body.position(at) == (len(lines), column, offset)


def test_a_higher_factor_lets_more_be_read() -> None:
    body = "callId\n" + "1\n" * 200_000
    with pytest.raises(ParseError, match="memory_factor is limited to 8"):
        parse(body, "csv")
    assert len(parse(body, "csv", limits=Limits(memory_factor=200)).payload) == 200_000


@pytest.mark.parametrize("line", ["\r", "\r\r\r", " ", "\t\r"])
def test_a_line_of_white_space_between_records_belongs_to_nothing(line: str) -> None:
    with pytest.raises(ParseError, match="a line of white space") as caught:
        parse(f"callId: 1\n\n{line}\n\ncallId: 2\n", "plain")
    assert caught.value.line == 3


LONG = "u" * 1_001


@pytest.mark.parametrize(
    "row",
    [
        f"<i><callId>1</callId><p:a xmlns:p='{LONG}'/></i>",
        f'<0><callId>1</callId><a xmlns = "{LONG}"/></0>',
    ],
)
def test_a_long_name_of_a_namespace_is_refused(row: str) -> None:
    """It would stand in the name of each element below it."""
    with pytest.raises(ParseError, match="the name of a namespace is longer than 1,000") as caught:
        parse(f"<r>{row}</r>", "xml")
    assert caught.value.column == len("<r><i><callId>1</callId>") + 1


@pytest.mark.parametrize(
    "row",
    [
        f"<i><callId>1</callId><city> xmlns='{LONG}</city></i>",
        f"<i><callId>1</callId><city><![CDATA[ xmlns='{LONG}]]></city></i>",
        f"""<i callId="1" city=" xmlns='{LONG}"/>""",
        f"<i><!-- <a xmlns='{LONG}'> --><callId>1</callId><city> xmlns='{LONG}</city></i>",
    ],
)
def test_what_looks_like_the_name_of_a_namespace_is_text(row: str) -> None:
    assert parse(f"<r>{row}</r>", "xml").payload == [Call(1, city=f" xmlns='{LONG}")]


def test_more_elements_than_libxml2_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """It finds no more than ten million, and then raises an error of its own."""

    def too_many(element: object) -> float:
        raise etree.XPathEvalError("too many")

    monkeypatch.setattr(xml, "_count_inside", too_many)
    body = xml_rows(row(1), row("2<x/>"), row(3, "<tags><a/><b/></tags>"))
    with pytest.raises(ParseError, match="callId"):
        parse(body.replace(BLANK, ""), "xml")


def test_rows_far_wider_than_their_header_are_not_kept() -> None:
    """A thousand of them are read at a time, whatever is in them."""
    body = "callId\n" + ("1" + ",ab" * 20_000 + "\n") * 200
    tracemalloc.start()
    with pytest.raises(ParseError, match="wider than the header"):
        parse(body, "csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * len(body)


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
def test_a_row_is_read_again_but_few_times_for_the_places_of_all_its_keys(
    dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, end = AROUND_ROWS.get(dialect, ("", ""))
    body = begin + WIDE_ROWS[dialect] + end
    read_again = list[object]()

    class Counting(Nearby):
        def __init__(self, read: Callable[[int, Path, Path], dict[Path, int]]) -> None:
            def counted(start: int, begun: Path, path: Path) -> dict[Path, int]:
                read_again.append(path)
                return read(start, begun, path)

            super().__init__(counted)

    for module in (plain, lines, places):
        monkeypatch.setattr(module, "Nearby", Counting)
    found = [each for each in check(body).findings if each.code == "unknown-key"]
    assert [each.path[-1] for each in found] == KEYS
    assert 1 <= len(read_again) <= 3
    if dialect != "xml attributes":  # an attribute is placed where its element is
        spots = [(each.line, each.column) for each in found]
        assert len(set(spots)) == len(spots)
        assert spots == sorted(spots)
