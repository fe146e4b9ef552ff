"""Any input gives a `Response` or a `ParseError`; what gives a `Response` can be written and read
back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from bodies import body
from expected import record_type_of
from hypothesis import given, settings
from hypothesis import strategies as st
from promise import Anything, check, read
from strategies import Everything

from ckct_formats import Format, ParseError, detect, parse, serialize

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
SUFFIXES = {".json": Format.JSON, ".xml": Format.XML, ".csv": Format.CSV, ".txt": Format.PLAIN}
FILES = sorted(path for path in FIXTURES.iterdir() if path.suffix in SUFFIXES)
SMALL = [path for path in FILES if path.stem != "page_1000"]
PAGES = [path for path in FILES if path.stem == "page_1000"]

each_format = pytest.mark.parametrize("fmt", list(Format))
each_file = pytest.mark.parametrize("path", SMALL, ids=lambda path: path.name)

# By night more of everything.
EFFORT = settings.default.max_examples if settings.default else 60


def test_there_are_fixtures() -> None:
    assert len(SMALL) >= 30
    assert len(PAGES) == 4
    assert {path.suffix for path in SMALL} == set(SUFFIXES)


# ---- fixtures cut short, changed, and under a wrong name ----


@pytest.mark.slow
@each_file
def test_every_truncation(path: Path) -> None:
    data, fmt = path.read_bytes(), SUFFIXES[path.suffix]
    for length in range(len(data)):
        check(data[:length], fmt, record_type=record_type_of(path))


@pytest.mark.slow
@each_file
def test_truncations_whose_format_is_not_told_or_is_wrong(path: Path) -> None:
    data = path.read_bytes()
    start = len(path.name)  # not the same places in every file
    for length in range(start % 7, len(data), 7):
        check(data[:length], None, record_type=record_type_of(path))
    for fmt in Format:
        for length in range(start % 41, len(data) + 1, 41):
            check(data[:length], fmt, record_type=record_type_of(path))
        check(data, fmt, record_type=record_type_of(path))


PIECES = [
    *(b'"', b"'", b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"[", b"]", b"{", b"}", b"("),
    *(b")", b"<", b">", b"/", b"&", b"#", b"# ", b"\\", b":", b"=>", b"] => ", b" ", b"-", b"0"),
    *(b"\0", b"\xff", b"\xd0", b"\xcf\xf0\xe8", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xa8"),
    *(b"&#1;", b"&#13;", b"&amp;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x", b"<!DOCTYPE x>"),
    *(b"<item>", b"</item>", b"<item/>", b"<payload/>", b" a='b'", b" xsi:nil='true'", b"<0>"),
    *(b"null", b"true", b"false", b"NaN", b"1e999", b"1.5", b"9" * 20, b"9" * 400, b"\\u0000"),
    *(b"\\ud800", b"{}", b"[]", b'""', b"payload", b"inbound", b"info", b"callId", b"tagsId"),
    *(b"# payload: []\r\n", b"sep=;\r\n", b"sep=\r\n", b'encoding="utf-16"', b"encoding='foo'"),
    *(b"Array\n        (\n", b"        )\n\n", b"            [x] => ", b"    [0] => Array\n"),
    *(b"stdClass Object\n(\n", b"2019-02-30 00:00:00", b"99999999999999", b"a:1:{", b"<pre>"),
]


def changed(data: bytes, dice: random.Random) -> bytes:
    """A body with a few changes: bytes, pieces of syntax, or parts cut, doubled or moved."""
    new = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(new) + 1)
        match dice.randrange(6):
            case 0:
                new[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                new[at:at] = dice.choice(PIECES)
            case 2:
                piece = dice.choice(PIECES)
                new[at : at + len(piece)] = piece
            case 3:
                del new[at : at + dice.choice((1, 2, 5, 50))]
            case 4:
                start = dice.randrange(len(new) + 1)
                new[at:at] = new[start : start + dice.choice((1, 10, 100))]
            case _:
                bit = 1 << dice.randrange(8)
                new[at : at + 1] = bytes(byte ^ bit for byte in new[at : at + 1])
    return bytes(new)


def changes(path: Path, count: int) -> Iterator[tuple[bytes, random.Random]]:
    data = path.read_bytes()
    dice = random.Random(path.name)
    for _ in range(count):
        yield changed(data, dice), dice


@pytest.mark.slow
@each_file
def test_changes(path: Path) -> None:
    fmt = SUFFIXES[path.suffix]
    for data, dice in changes(path, 4 * EFFORT):
        told = dice.choice((fmt, fmt, fmt, fmt, None, *Format))
        check(
            data, told, on_error=dice.choice(("raise", "collect")), record_type=record_type_of(path)
        )


@pytest.mark.slow
@each_file
def test_changes_of_a_decoded_body(path: Path) -> None:
    fmt = SUFFIXES[path.suffix]
    for data, dice in changes(path, EFFORT):
        text = data.decode("utf-8", dice.choice(("replace", "surrogateescape")))
        told = dice.choice((fmt, fmt, None))
        check(text, told, on_error="collect", record_type=record_type_of(path))


@pytest.mark.slow
@each_file
def test_changes_under_another_encoding(path: Path) -> None:
    fmt = SUFFIXES[path.suffix]
    names = ("utf-8", "windows-1251", "utf-16", "utf-16-le", "latin-1", "ascii", "koi8-r")
    for data, dice in changes(path, EFFORT):
        check(data, fmt, encoding=dice.choice(names), record_type=record_type_of(path))


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_full_page_cut_and_changed(path: Path) -> None:
    data, fmt = path.read_bytes(), SUFFIXES[path.suffix]
    dice = random.Random(path.name)
    for _ in range(max(6, EFFORT // 10)):
        read(data[: dice.randrange(len(data))], fmt)
        read(changed(data, dice), fmt, on_error="collect")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_full_page_comes_back_from_all_formats(path: Path) -> None:
    response = parse(path.read_bytes(), SUFFIXES[path.suffix])
    assert len(response.payload) == 1000
    for fmt in Format:
        assert parse(serialize(response, fmt), fmt) == response


# ---- anything at all ----


# Words of each format, of which nonsense can be made that gets further than bytes do.
WORDS: dict[Format, list[str]] = {
    Format.JSON: [
        *(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            '"a"',
            '"b"',
            '"c"',
            '"d"',
            '"x"',
            '"payload"',
            '"inbound"',
        ),
        *(
            "1",
            "-1",
            "1.5",
            "1e3",
            "null",
            "true",
            "false",
            '""',
            '"-"',
            '"1"',
            " ",
            "\n",
            '"\\u0000"',
        ),
        *('[{"a":', "}]", "[1,2]", '"é"', "NaN", '{"a":"1"}', '"2019-07-16"', '"error":'),
    ],
    Format.XML: [
        *("<r>", "</r>", "<a>", "</a>", "<b>", "</b>", "<c>", "</c>", "<item>", "</item>", "<d/>"),
        *("<payload>", "</payload>", "<inbound>", "</inbound>", "<error>", "</error>", "<x/>", "1"),
        *("text", " ", "\n", "&lt;", "&#13;", "<!-- c -->", "<![CDATA[", "]]>", "<?p?>", "-", "é"),
        *("<r><item>", "</item></r>", "<a>1</a>", "<b>1</b>", "<r k='v'>", "<?xml version='1.0'?>"),
    ],
    Format.CSV: [
        *(
            "a",
            "b",
            "c",
            "d",
            "x",
            ",",
            ";",
            "\t",
            "|",
            "\r\n",
            "\n",
            "\r",
            '"',
            '""',
            "1",
            "-",
            " ",
        ),
        *("a,b\n", "a,b,c,d\n", "x,a\n", "1,2\n", "# ", "# inbound.error: e\n", "# payload: []\n"),
        *("# info.types: [1]\n", "sep=;\n", "[1,2]", '"[""a""]"', "2019-07-16", "\0", "é", "#"),
    ],
    Format.PLAIN: [
        *(
            "Array\n(\n",
            ")\n",
            "    [0] => ",
            "    [a] => ",
            "    [b] => ",
            "1",
            "-",
            "\n",
            " ",
            "x",
        ),
        *("Array\n        (\n", "        )\n\n", "            [a] => ", "            [b] => 1\n"),
        *("    [payload] => ", "    [inbound] => ", "    [0] => Array\n        (\n", "é", "] => "),
        *("stdClass Object\n(\n", "array (", "'a' => ", "),\n", "a:1:{", 's:1:"a";', "i:1;", "}"),
        *(
            "payload.0.a: 1\n",
            "a: 1\n",
            "a = 2\n",
            "<pre>",
            "</pre>",
            "&lt;",
            "array(1) {\n",
            "\r\n",
        ),
    ],
}


def nonsense(fmt: Format) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS[fmt]), max_size=14).map("".join)


@st.composite
def near_misses(draw: st.DrawFn, fmt: Format) -> str:
    """A body with strange cells; a few words of its format stand where they may not belong."""
    words = st.sampled_from(WORDS[fmt])
    text = st.none() | words | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)
    typed = st.booleans() | st.integers() | st.floats() if fmt is Format.JSON else st.nothing()
    tree = st.recursive(
        text | typed,
        lambda cell: st.lists(cell, max_size=2) | st.dictionaries(st.sampled_from("ab1"), cell),
        max_leaves=3,
    )
    number = st.none() | st.sampled_from(["1", "-7", "x"])
    columns: dict[str, st.SearchStrategy[Any]] = {"a": text, "b": number, "c": tree, "x": tree}
    row = st.fixed_dictionaries({}, optional=columns)
    if fmt is Format.CSV:
        row = st.fixed_dictionaries(columns)
    rows = draw(st.lists(row, min_size=1, max_size=3))
    whole = body(fmt, rows, draw(st.none() | st.just({"error": "e"}) | st.just({"y": ["1"]})))
    for word in draw(st.lists(words, max_size=2)):
        at = draw(st.integers(0, len(whole)))
        whole = whole[:at] + word + whole[at:]
    return whole


@pytest.mark.parametrize("fmt", [None, *Format])
@given(data=st.binary(max_size=200), mode=st.sampled_from(["raise", "collect"]))
def test_any_bytes(data: bytes, mode: str, fmt: Format | None) -> None:
    check(data, fmt, on_error=mode)


@pytest.mark.parametrize("fmt", [None, *Format])
@given(text=st.text(st.characters(), max_size=200), mode=st.sampled_from(["raise", "collect"]))
def test_any_text(text: str, mode: str, fmt: Format | None) -> None:
    """Lone surrogates too."""
    check(text, fmt, on_error=mode)


@pytest.mark.slow
@each_format
@settings(max_examples=2 * EFFORT)
@given(data=st.data(), mode=st.sampled_from(["raise", "collect"]))
def test_what_is_nearly_a_body(data: st.DataObject, mode: str, fmt: Format) -> None:
    text = data.draw(near_misses(fmt))
    check(text, fmt, on_error=mode, record_type=Anything)
    check(text.encode("utf-16"), None, on_error=mode, record_type=Anything)


@pytest.mark.slow
@each_format
@settings(max_examples=2 * EFFORT)
@given(data=st.data(), mode=st.sampled_from(["raise", "collect"]))
def test_nonsense_in_the_words_of_a_format(data: st.DataObject, mode: str, fmt: Format) -> None:
    text = data.draw(nonsense(fmt))
    check(text, fmt, on_error=mode, record_type=Anything)
    check(text, None, on_error=mode, record_type=Everything)


@given(text=st.sampled_from(Format).flatmap(nonsense))
def test_parse_reads_what_detect_says(text: str) -> None:
    fmt = None
    with suppress(ParseError):
        fmt = detect(text)
    response = read(text, None)
    assert response is None if fmt is None else response == read(text, fmt)


@given(text=st.sampled_from(Format).flatmap(near_misses))
def test_reading_twice_gives_the_same(text: str) -> None:
    for fmt in Format:
        assert read(text, fmt, record_type=Anything) == read(text, fmt, record_type=Anything)


@pytest.mark.parametrize(
    "text",
    [
        "# inbound.serve" + ".a" * 20_000 + ": 1\r\ncallId,city\r\n1,2\r\n",
        "inbound" + ".a" * 20_000 + ",1\r\n",
        "inbound\na" + ".a" * 20_000 + ",1\r\n",
        "payload.0" + ".a" * 20_000 + "\n1\n",
    ],
)
def test_a_path_of_many_steps(text: str) -> None:
    with pytest.raises(ParseError, match="a path of more than 64 steps"):
        parse(text, Format.CSV)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        'callId,city\n1,"' + 'a\\"b' * 40_000 + '"\n',
        'callId,city\n1,"' + 'a\\",' * 40_000 + '"\n',
        'callId,city\n1,"' + 'a\\"\n1,' * 40_000 + '"\n',
        "callId,c" + "\r" * 200_000 + "ity\r\n1,a\r\n",
    ],
    ids=["in one cell", "in front of delimiters", "in front of line ends", "carriage returns"],
)
def test_csv_with_very_many_quotes_or_ends(text: str) -> None:
    """Each took a minute or more, as benchmarks/attacks.py measures."""
    with suppress(ParseError):
        check(text, Format.CSV, on_error="collect")
