"""Which encoding a body is read in: the argument, else the mark, else the declaration, else
UTF-8; never a guess."""

from __future__ import annotations

import codecs
import io
from encodings.aliases import aliases
from pathlib import Path
from typing import Any

import pytest
from bodies import body

from ckct_formats import Call, Format, FormatsError, ParseError, detect, parse

each_format = pytest.mark.parametrize("fmt", list(Format))

CITY = "Казань, ЁжИ"
ROWS = [{"callId": "1", "city": CITY}]
CALLS = [Call(1, city=CITY)]
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def xml_declaring(name: str, quote: str = '"') -> str:
    return f"<?xml version='1.0' encoding={quote}{name}{quote}?>" + body(Format.XML, ROWS)


def check(data: bytes | str, fmt: Format | None, encoding: str | None = None) -> str:
    """The encoding that was recorded, of a body that reads as it should."""
    response = parse(data, fmt, encoding=encoding)
    assert response.payload == CALLS
    assert response.source is not None
    return response.source.encoding


def same(name: str, other: str) -> bool:
    return codecs.lookup(name).name == codecs.lookup(other).name


@each_format
def test_a_body_that_says_nothing_is_utf_8(fmt: Format) -> None:
    assert check(body(fmt, ROWS).encode(), fmt) == "utf-8"
    assert check(body(fmt, ROWS).encode(), None) == "utf-8"


@each_format
@pytest.mark.parametrize("codec", MARKS)
def test_a_byte_order_mark_tells(codec: str, fmt: Format) -> None:
    data = MARKS[codec] + body(fmt, ROWS).encode(codec)
    assert same(check(data, fmt), codec)
    assert same(check(data, None), codec)
    assert detect(data) is fmt


@each_format
@pytest.mark.parametrize("codec", MARKS)
def test_an_argument_may_agree_with_the_mark(codec: str, fmt: Format) -> None:
    data = MARKS[codec] + body(fmt, ROWS).encode(codec)
    assert same(check(data, fmt, codec), codec)
    family = codec.removesuffix("-le").removesuffix("-be")
    assert same(check(data, fmt, family.upper()), codec)


@each_format
@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", "windows-1251"),
        ("utf-8", "utf-16-le"),
        ("utf-8", "latin-1"),
        ("utf-16-le", "utf-8"),
        ("utf-16-le", "utf-16-be"),
        ("utf-16-be", "utf-16-le"),
        ("utf-16-le", "windows-1251"),
        ("utf-32-le", "utf-16-le"),
    ],
)
def test_an_argument_must_not_contradict_the_mark(codec: str, told: str, fmt: Format) -> None:
    data = MARKS[codec] + body(fmt, ROWS).encode(codec)
    with pytest.raises(ParseError, match="byte order mark"):
        parse(data, fmt, encoding=told)


@each_format
@pytest.mark.parametrize(
    "codec", ["windows-1251", "cp1251", "Windows-1251", "koi8-r", "cp866", "utf-16-le", "utf-32-be"]
)
def test_an_argument_is_obeyed_and_recorded(codec: str, fmt: Format) -> None:
    data = body(fmt, ROWS).encode(codec)
    assert same(check(data, fmt, codec), codec)
    assert same(check(data, None, codec), codec)


def test_windows_1251_goes_by_its_usual_name() -> None:
    assert check(body(Format.CSV, ROWS).encode("cp1251"), Format.CSV, "cp1251") == "windows-1251"


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize(
    "name", ["windows-1251", "WINDOWS-1251", "koi8-r", "KOI8-R", "UTF-8", "utf-8", "ISO-8859-5"]
)
def test_an_xml_declaration_tells(name: str, quote: str) -> None:
    data = xml_declaring(name, quote).encode(name)
    assert same(check(data, Format.XML), name)
    assert same(check(data, None), name)
    assert same(check(b"\r\n  " + data, Format.XML), name)


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("windows-1251", "utf-8"),
        ("UTF-8", "windows-1251"),
        ("koi8-r", "windows-1251"),
        ("UTF-16", "utf-8"),
        ("UTF-16", "windows-1251"),
        ("UTF-16", "utf-16-le"),
        ("no-such-thing", "utf-8"),
        ("no-such-thing", "utf-16-be"),
        ("Shift_JIS", "utf-8"),
        ("utf-7", "utf-16-le"),
    ],
)
def test_an_argument_beats_a_declaration(declared: str, told: str) -> None:
    """A proxy may have changed the bytes and not what they say of themselves."""
    data = xml_declaring(declared).encode(told)
    assert same(check(data, Format.XML, told), told)


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("UTF-16LE", "utf-16-le"),
    ],
)
def test_a_declaration_may_agree_with_the_mark(declared: str, codec: str) -> None:
    data = MARKS[codec] + xml_declaring(declared).encode(codec)
    assert same(check(data, Format.XML), codec)


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("windows-1251", "utf-8"),
        ("UTF-16", "utf-8"),
        ("UTF-8", "utf-16-le"),
        ("windows-1251", "utf-16-be"),
        ("UTF-16BE", "utf-16-le"),
    ],
)
def test_a_declaration_must_not_contradict_the_mark(declared: str, codec: str) -> None:
    data = MARKS[codec] + xml_declaring(declared).encode(codec)
    with pytest.raises(ParseError, match="byte order mark"):
        parse(data, "xml")


def test_bytes_that_declare_another_width_contradict_themselves() -> None:
    with pytest.raises(ParseError):
        parse(xml_declaring("UTF-16").encode(), "xml")


@pytest.mark.parametrize("name", ["no-such-thing", "base64", "punycode", "unicode_escape", "x"])
def test_a_declared_encoding_that_cannot_be_used(name: str) -> None:
    with pytest.raises(ParseError, match="encoding"):
        parse(xml_declaring(name).encode(), "xml")


@pytest.mark.parametrize(
    "declaration",
    [
        '<?xml version="1.0" standalone="yes" encoding="windows-1251"?>',
        '<?xml version="1.0" encoding="windows-1251\'?>',
        '<?xml version="1.0" encoding="windows-1251" encoding="windows-1251"?>',
        '<?xml version="1.0" encoding="windows-1251"standalone="yes"?>',
        '<?xml encoding="windows-1251" version="1.0"?>',
        '<?xml version="1.0"\x0cencoding="windows-1251"?>',
        '\x0b<?xml version="1.0" encoding="windows-1251"?>',
    ],
)
def test_a_declaration_that_is_no_xml_is_refused(declaration: str) -> None:
    """Whatever it says is blanked for the parser, which therefore must not be asked (XML 1.0, 2.8).
    Without it, or in UTF-8, it would not be read either."""
    data = (declaration + body(Format.XML, ROWS)).encode("windows-1251")
    for encoding in (None, "windows-1251"):
        with pytest.raises(ParseError):
            parse(data, "xml", encoding=encoding)


@pytest.mark.parametrize("name", ["xml-stylesheet", "xmlfoo", "xml-odd version='1.0'"])
def test_an_instruction_is_no_declaration(name: str) -> None:
    data = f'<?{name} encoding="windows-1251"?>{body(Format.XML, ROWS)}'.encode()
    assert check(data, Format.XML) == "utf-8"


@pytest.mark.parametrize("space", ["\x0b", "\x0c", "\x1c", "\x85", "\xa0"])
def test_only_white_space_of_xml_may_stand_in_front(space: str) -> None:
    text = body(Format.XML, ROWS)
    check(" \t\r\n" + text, Format.XML)
    for data in (space + text, (space + text).encode()):
        with pytest.raises(ParseError, match="not well-formed"):
            parse(data, "xml")


@pytest.mark.parametrize("fmt", [Format.JSON, Format.CSV, Format.PLAIN])
def test_no_other_format_has_a_declaration(fmt: Format) -> None:
    """Text that looks like one is text."""
    text = '<?xml version="1.0" encoding="windows-1251"?>'
    rows = [{"callId": "1", "city": text + CITY}]
    assert parse(body(fmt, rows).encode(), fmt).payload == [Call(1, city=text + CITY)]


# ---- the argument itself ----


@pytest.mark.parametrize(
    "name", ["", " ", "no-such-thing", "\0", "утф-8", "base64", "hex", "rot13", "zlib", "undefined"]
)
@pytest.mark.parametrize("fmt", [None, *Format])
def test_an_unknown_encoding_is_a_parse_error(name: str, fmt: Format | None) -> None:
    data = body(fmt or Format.JSON, ROWS).encode()
    with pytest.raises(ParseError, match="encoding"):
        parse(data, fmt, encoding=name)


# Python's codecs of the system they run on, which may be absent.
PORTABLE = sorted({*aliases.values(), "idna", "palmos"} - {"mbcs", "oem"})


@pytest.mark.parametrize("name", PORTABLE)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_any_codec_of_python_gives_a_response_or_our_error(name: str) -> None:
    for data in (b'[{"callId":1}]', b'[{"callId":"x\xd0\xaf"}]', b"\xff\x80\0", b"." * 300):
        for fmt in (None, *Format):
            try:
                parse(data, fmt, encoding=name)
            except FormatsError as error:
                assert error.__context__ is None


@pytest.mark.parametrize("family", ["utf-16", "utf-32"])
def test_a_family_of_encodings_needs_a_mark(family: str) -> None:
    """Without one, which of the two it is would be a guess."""
    data = body(Format.JSON, ROWS).encode(family + "-be")
    with pytest.raises(ParseError, match=f"{family}-le"):
        parse(data, "json", encoding=family)


# ---- what is no UTF-8 ----


@pytest.mark.parametrize("fmt", [None, *Format])
def test_undeclared_windows_1251_is_named_and_never_guessed(fmt: Format | None) -> None:
    data = body(fmt or Format.JSON, ROWS).encode("windows-1251")
    with pytest.raises(ParseError) as caught:
        parse(data, fmt)
    error = caught.value
    assert 'encoding="windows-1251"' in str(error)
    assert error.offset == data.index(CITY.encode("windows-1251"))
    assert "0xCA" in error.reason
    assert parse(data, fmt, encoding="windows-1251").payload == CALLS


@pytest.mark.parametrize(
    "byte", [b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5\x80\x80\x80"]
)
@each_format
def test_other_bytes_that_are_no_utf_8(byte: bytes, fmt: Format) -> None:
    good = body(fmt, [{"callId": "1", "city": "abc"}]).encode()
    data = good.replace(b"abc", b"ab" + byte + b"c")
    with pytest.raises(ParseError) as caught:
        parse(data, fmt)
    assert caught.value.offset == data.index(byte)
    assert "windows-1251" not in str(caught.value)


def test_a_byte_that_windows_1251_lacks() -> None:
    data = xml_declaring("windows-1251").encode("windows-1251").replace(b",", b"\x98")
    with pytest.raises(ParseError) as caught:
        parse(data, "xml")
    assert caught.value.offset == data.index(b"\x98")


@each_format
def test_a_body_cut_inside_a_character(fmt: Format) -> None:
    data = body(fmt, [{"callId": "1", "city": "я"}]).encode()
    cut = data[: data.index("я".encode()) + 1]
    with pytest.raises(ParseError) as caught:
        parse(cut, fmt)
    assert caught.value.offset == len(cut) - 1


# ---- kinds of body ----


@each_format
def test_a_decoded_body(fmt: Format) -> None:
    for text in (body(fmt, ROWS), "\ufeff" + body(fmt, ROWS)):
        assert check(text, fmt) == "str"
        assert check(text, None) == "str"


@pytest.mark.parametrize(
    "name", ["windows-1251", "UTF-16", "UTF-8", "no-such-thing", "utf-7", "Shift_JIS", "punycode"]
)
def test_the_declaration_of_a_decoded_body_is_ignored(name: str) -> None:
    assert check(xml_declaring(name), Format.XML) == "str"
    assert check(xml_declaring(name), None) == "str"


@each_format
def test_an_encoding_for_a_decoded_body_is_a_type_error(fmt: Format) -> None:
    for name in ("utf-8", "no-such-thing"):
        with pytest.raises(TypeError, match="encoding"):
            parse(body(fmt, ROWS), fmt, encoding=name)


@each_format
def test_any_buffer_of_bytes(fmt: Format) -> None:
    data = body(fmt, ROWS).encode()
    every_other = memoryview(bytes(byte for each in data for byte in (each, 0)))[::2]
    for buffer in (bytearray(data), memoryview(data), memoryview(bytearray(data)), every_other):
        assert parse(buffer, fmt).payload == CALLS
        assert parse(buffer).payload == CALLS
        assert detect(buffer) is fmt


def test_a_buffer_is_not_changed_and_may_change_afterwards() -> None:
    data = bytearray(body(Format.JSON, ROWS).encode())
    before = bytes(data)
    response = parse(data, "json")
    assert data == before
    data[:] = b"x" * len(data)
    data.clear()
    assert response.payload == CALLS


@pytest.mark.parametrize("act", [parse, detect])
def test_a_file_is_a_type_error_that_says_what_to_pass(act: Any, tmp_path: Path) -> None:
    path = tmp_path / "body.json"
    path.write_bytes(b"[]")
    with path.open("rb") as binary, path.open() as text:
        for file in (binary, text, io.BytesIO(b"[]"), io.StringIO("[]")):
            with pytest.raises(TypeError, match="read"):
                act(file)


@pytest.mark.parametrize("act", [parse, detect])
@pytest.mark.parametrize("other", [None, 5, ["[]"], {"payload": []}, Path("x.json")])
def test_anything_else_is_a_type_error(act: Any, other: Any) -> None:
    with pytest.raises(TypeError, match=type(other).__name__):
        act(other)
