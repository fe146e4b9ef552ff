"""Rows as dicts of texts, for entities that the provider does not document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_round_trip import check_round_trip

from ckct_formats import Call, Format, ParseError, Response, SerializeError, parse, serialize
from ckct_formats.testing._strategies import ALL_FORMATS, extras, texts

each_format = pytest.mark.parametrize("fmt", list(Format))
NESTING = frozenset(Format) - {Format.CSV}


def rows(formats: frozenset[Format]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows with the same keys; lists where no format of them is csv."""
    text = texts(formats).filter(lambda each: each not in ("", "-"))
    value: st.SearchStrategy[Any] = st.none() | text
    if Format.CSV not in formats:
        value = value | st.lists(texts(formats), min_size=1, max_size=3)
    keys = extras(formats).map(lambda extra: ["id", *(key for key in extra if key != "id")])
    return keys.flatmap(
        lambda names: st.lists(st.fixed_dictionaries(dict.fromkeys(names, value)), max_size=3)
    )


@pytest.mark.slow
@each_format
@given(data=st.data())
def test_rows_come_back(fmt: Format, data: st.DataObject) -> None:
    payload = data.draw(rows(frozenset({fmt})))
    check_round_trip(Response(payload=payload), fmt, dict)


@given(payload=rows(ALL_FORMATS))
def test_rows_are_equal_across_formats(payload: list[dict[str, Any]]) -> None:
    for fmt in Format:
        check_round_trip(Response(payload=payload), fmt, dict)


@given(payload=rows(NESTING))
def test_lists_are_equal_across_the_formats_that_have_them(payload: list[dict[str, Any]]) -> None:
    for fmt in NESTING:
        check_round_trip(Response(payload=payload), fmt, dict)


@each_format
def test_a_canonical_body_gives_texts(fmt: Format) -> None:
    call = Call(5, city="Казань", tags_id=(3, 17), duration=7)
    body = serialize(Response(payload=[call]), fmt)
    (row,) = parse(body, fmt, record_type=dict).payload
    assert list(row)[:4] == ["city", "site", "state", "callId"]
    assert {key: cell for key, cell in row.items() if cell is not None} == {
        "city": "Казань",
        "callId": "5",
        "duration": "7",
        "tagsId": "[3,17]" if fmt is Format.CSV else ["3", "17"],
    }


def test_what_json_alone_can_tell_is_text() -> None:
    row: dict[str, Any] = {
        "a": 1,
        "b": 1.5,
        "c": True,
        "d": False,
        "e": None,
        "f": "",
        "g": "-",
        "h": [],
        "i": {},
    }
    row |= {"j": [1, "x", None, [2]], "k": {"z": 1, "y": [True]}}
    (read,) = parse(json.dumps([row]), record_type=dict).payload
    assert read == {
        "a": "1",
        "b": "1.5",
        "c": "true",
        **dict.fromkeys("defghi"),
        "j": ["1", "x", "", "[2]"],
        "k": '{"y":[true],"z":1}',
    }


def test_rows_that_differ_keep_their_own_keys() -> None:
    read = parse('[{"a": "1"}, {"b": "2"}]', record_type=dict).payload
    assert read == [{"a": "1"}, {"b": "2"}]


def test_a_bad_row_is_reported() -> None:
    body = '[{"a": "1", "a": "2"}, {"a": "3"}, 5, {"a": 1000000000000000000000}]'
    read = parse(body, record_type=dict, on_error="collect")
    assert read.payload == [{"a": "3"}]
    assert [error.path for error in read.errors] == [
        ("payload", 0, "a"),
        ("payload", 2),
        ("payload", 3, "a"),
    ]
    with pytest.raises(ParseError):
        parse(body, record_type=dict)


ALL = list(Format)
REFUSED: list[tuple[list[Any], list[Format], tuple[Any, ...]]] = [
    ([{"a": ""}], ALL, ("payload", 0, "a")),
    ([{"a": "-"}], ALL, ("payload", 0, "a")),
    ([{"a": []}], ALL, ("payload", 0, "a")),
    ([{"a": 5}], ALL, ("payload", 0, "a")),
    ([{"a": "x\0"}], ALL, ("payload", 0, "a")),
    ([{}], ALL, ("payload", 0)),
    ([{"a": "1"}, Call(1)], ALL, ("payload", 1)),
    ([{"a": ["1"]}], [Format.CSV], ("payload", 0, "a")),
    ([{"a": "1", "b": "2"}, {"a": "1"}], [Format.CSV, Format.PLAIN], ("payload", 1, "b")),
    ([{"0": "1"}], [Format.XML], ("payload", 0)),
    ([{"payload": "1"}], [Format.CSV], ("payload", 0, "payload")),
    ([{"\ufeff": "1", "a": "2"}], [], ()),
]


@pytest.mark.parametrize(("payload", "formats", "path"), REFUSED)
def test_what_would_not_come_back_is_refused(
    payload: list[Any], formats: list[Format], path: tuple[Any, ...]
) -> None:
    for fmt in Format:
        if fmt not in formats:
            check_round_trip(Response(payload=payload), fmt, dict)
            continue
        with pytest.raises(SerializeError) as caught:
            serialize(Response(payload=payload), fmt)
        assert caught.value.path == path


@pytest.mark.parametrize("fmt", [None, Format.PLAIN])
def test_a_dump_in_a_page_that_is_cut_short_is_no_table(fmt: Format | None) -> None:
    """Without its `</pre>` the dump began a table with the one column `<pre>Array`, and any column
    will do for a dict."""
    whole = (
        "<pre>Array\n(\n    [0] => Array\n        (\n            [a] => 1\n        )\n\n)\n</pre>"
    )
    assert parse(whole, fmt, record_type=dict).payload == [{"a": "1"}]
    for length in range(len("<pre>"), len(whole)):
        with pytest.raises(ParseError, match="<pre> that is never closed"):
            parse(whole[:length], fmt, record_type=dict)


@pytest.mark.parametrize("name", [" ", "\x85", "\xa0", "\u2028", "\x1f"])
def test_a_column_called_by_white_space_is_written_in_quotes(name: str) -> None:
    response = Response(payload=[{name: None}, {name: name}])
    assert parse(serialize(response, "csv"), "csv", record_type=dict) == response
