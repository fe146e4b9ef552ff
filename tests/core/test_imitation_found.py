"""Imitations that were once read wrong, each as short as it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from test_imitation import call

from ckct_formats import Call, Format, Inbound, ParseError, Response, parse, serialize
from ckct_formats.testing import _writers as php

dotted = partial(php.path_lines, join=".".join, separator=": ")
records = partial(php.records, separator=": ")


@dataclass
class Note:
    name: str | None = None
    note: str | None = None


@dataclass
class Name:
    name: str | None = None


def check(write: php.Write, tree: php.Tree, fmt: Format = Format.PLAIN, **options: Any) -> None:
    """It reads as its JSON does, or is refused."""
    try:
        read = parse(write(tree).encode(), fmt, **options)
    except ParseError:
        return
    assert read == parse(php.to_json(tree), Format.JSON, **options)


@pytest.mark.parametrize("wrap", [php.print_r, php.in_pre(php.print_r), php.broken(php.print_r)])
@pytest.mark.parametrize("keys", [(0, 1, 2), (1000, 7, 8), ("a", "b", "c")])
def test_a_text_of_the_first_row_does_not_make_it_the_only_one(
    wrap: php.Write, keys: tuple[Any, ...]
) -> None:
    rows = {key: call(at) for at, key in enumerate(keys)}
    rows[keys[0]]["utmTerm"] = "x\n        )\n\n    [callId] => 5\n    [stateDescription] => y"
    check(wrap, rows)


def test_numbered_rows_are_no_fields() -> None:
    text = "x\n        )\n\n)\nArray\n(\n    [0] => Array\n        (\n            [name] => y"
    check(php.print_r, [{"name": "n", "note": text}], record_type=Note)


def test_a_text_does_not_make_records_a_table() -> None:
    rows = [call(0), call(1)]
    rows[0]["city"] = 'x;callId;z\nq;5;"'
    rows[1]["stateDescription"] = '"'
    check(records, rows)


@pytest.mark.parametrize("mark", [";", "|", "\t", ","])
def test_a_delimiter_in_the_first_text_of_records(mark: str) -> None:
    row = call(0) | {"city": f"a{mark} b", "tagsId": "3"}
    assert parse(records([row]), "plain").payload == parse(php.to_json([row])).payload


def test_no_envelope_behind_the_rows() -> None:
    text = "x\n                )\n\n        )\n\n    [inbound] => Array\n        (\n"
    text += "            [error] => failed\n            [z] => Array\n                (\n"
    check(
        php.print_r,
        {"payload": [call(0) | {"stateDescription": f"{text}                    [0] => y"}]},
    )


def test_counts_that_contradict_the_rows_come_back_in_plain() -> None:
    response = Response(Inbound(page_length=1, total_length=1), payload=[Call(1), Call(2)])
    body = serialize(response, Format.PLAIN)
    assert parse(body, Format.PLAIN) == response
    assert body.index(b"[info]") < body.index(b"[inbound]")


@pytest.mark.parametrize("text", ["x<br>", "x<br />", "x\n", "x  ", "x\t", 'Tom & "J"', "x\n\n "])
@pytest.mark.parametrize("write", [dotted, records])
@pytest.mark.parametrize(
    "wrap", [lambda w: w, php.broken, lambda w: php.in_pre(php.escaped(w)), php.in_pre]
)
def test_pages_around_lines(
    text: str, write: php.Write, wrap: Callable[[php.Write], php.Write]
) -> None:
    row = call(0) | {"stateDescription": text, "tagsId": "3"}
    lossy = text.rstrip("\n") if write is records else text  # documented
    try:
        read = parse(wrap(write)([row]), "plain").payload[0].state_description
    except ParseError:
        return
    assert read in (text, lossy)


def test_line_ends_of_two_kinds_in_lines() -> None:
    body = "0.name: n\r\n0.note: a\nb\r\n1.name: m\r\n1.note: c\r\n"
    with pytest.raises(ParseError, match="two kinds"):
        parse(body, "plain", record_type=Note)


@pytest.mark.parametrize("body", ["name\nx\n\n", "name\r\n\r\n"])
def test_empty_lines_below_one_column_of_texts(body: str) -> None:
    with pytest.raises(ParseError, match="empty lines at the end"):
        parse(body, "csv", record_type=Name)


def test_a_table_of_two_columns_below_an_envelope() -> None:
    expected = Response(Inbound(page_length=1000), payload=[Note("foo", "bar")])
    for body in (
        "inbound\npageLength,1000\n\nname,note\nfoo,bar\n",
        "inbound\npageLength,1000\n\npayload\nname,note\nfoo,bar\n",
        "inbound.pageLength,1000\n\nname,note\nfoo,bar\n",
    ):
        assert parse(body, "csv", record_type=Note) == expected
    with pytest.raises(ParseError, match="an empty line is missing"):
        parse("inbound.pageLength,1000\nname,note\nfoo,bar\n", "csv", record_type=Note)


def test_rows_that_are_called_like_a_field() -> None:
    body = "<response><payload><record><callId>5</callId></record></payload></response>"
    assert parse(body, "xml").payload == [Call(5)]
    row = "<response><payload><callId>5</callId><record>x</record></payload></response>"
    assert parse(row, "xml").payload == [Call(5, record="x")]


def test_an_empty_item_in_a_column_of_its_own() -> None:
    @dataclass
    class Labels:
        id: int
        labels: tuple[str, ...] = ()

    read = parse("id,labels.0,labels.1,labels.2\n1,,b,\n", "csv", record_type=Labels).payload
    assert read == [Labels(1, ("", "b"))]
