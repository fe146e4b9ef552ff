"""The address of a request: built, read, and led from page to page."""

from __future__ import annotations

import dataclasses
import json
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckct_formats import (
    ApiError,
    Call,
    CallsRequest,
    Format,
    Inbound,
    ParseError,
    Response,
    UnknownFormatError,
    parse,
)

KEY = "Abc0123456789xyZ"
DAY = date(2019, 7, 1)


def test_the_address_of_the_document() -> None:
    request = CallsRequest(api_key=KEY, start=datetime(1970, 1, 1, tzinfo=UTC))
    assert request.url() == f"https://ckct.ru/api/index.php?json/v1/{KEY}/call/get/0/0"
    assert request.url(script=False) == f"https://ckct.ru/api/?json/v1/{KEY}/call/get/0/0"
    full = CallsRequest(
        format=Format.XML,
        version="v3",
        api_key=KEY,
        entity="call",
        method="getByRole",
        page=2,
        start=DAY,
        end=datetime(2019, 7, 16, 15, 12, 44, tzinfo=timezone(timedelta(hours=3))),
    )
    expected = f"https://ckct.ru/api/index.php?xml/v3/{KEY}/call/getByRole/2/2019-07-01/1563279164"
    assert full.url() == expected


def test_the_fields_and_their_defaults() -> None:
    fields = {field.name: field.default for field in dataclasses.fields(CallsRequest)}
    none = dataclasses.MISSING
    assert list(fields.items()) == [
        ("format", Format.JSON),
        ("version", "v1"),
        ("api_key", none),
        ("entity", "call"),
        ("method", "get"),
        ("page", 0),
        ("start", none),
        ("end", None),
    ]
    assert CallsRequest(api_key=KEY, start=DAY, format="csv").format is Format.CSV  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        CallsRequest(api_key=KEY, start=DAY).page = 1  # type: ignore[misc]


MOMENTS = (
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=0)
    )
    | st.dates()
)
WORDS = st.from_regex(r"[A-Za-z0-9]{1,9}", fullmatch=True)


@given(
    st.builds(
        CallsRequest,
        format=st.sampled_from(Format),
        version=WORDS,
        api_key=st.from_regex(r"[A-Za-z0-9]{16}", fullmatch=True),
        entity=WORDS,
        method=WORDS,
        page=st.integers(0, 10**9),
        start=MOMENTS,
        end=st.none() | MOMENTS,
    ),
    st.booleans(),
)
def test_an_address_is_read_back(request: CallsRequest, script: bool) -> None:
    assert CallsRequest.from_url(request.url(script=script)) == request


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://example.com/api/index.php?json/v1/KEY/call/get/0/0",
        "http://ckct.ru/api/index.php?json/v1/KEY/call/get/0/0",
        "https://ckct.ru/api/index.php?yaml/v1/KEY/call/get/0/0",
        "https://ckct.ru/api/index.php?json/v1/KEY/call/get/0",
        "https://ckct.ru/api/index.php?json/v1/KEY/call/get/x/0",
        "https://ckct.ru/api/index.php?json/v1/KEY/call/get/0/0/0/0",
        "https://ckct.ru/api/index.php?json/v1/KEY/call/get/0/yesterday",
        "https://ckct.ru/api/index.php?json/v1/KEY/call/get/0/2019-02-30",
        "https://ckct.ru/api/index.php?json/v1/KEY/call/get/0/",
        "https://ckct.ru/api/index.php?json/v1/short/call/get/0/0",
        "https://ckct.ru/api/other.php?json/v1/KEY/call/get/0/0",
    ],
)
def test_what_is_no_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        CallsRequest.from_url(url.replace("KEY", KEY))
    assert KEY not in repr(caught.value)
    assert caught.value.__context__ is None or KEY not in repr(caught.value.__context__)


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"api_key": "short"}, ValueError, "16 letters and digits"),
        ({"api_key": KEY + "\n"}, ValueError, "16 letters and digits"),
        ({"api_key": None}, ValueError, "16 letters and digits"),
        ({"start": datetime(2019, 7, 1)}, ValueError, "no time zone: pass one"),
        ({"end": datetime(2019, 7, 1)}, ValueError, "no time zone: pass one"),
        ({"start": datetime(2019, 7, 1, 0, 0, 0, 5, UTC)}, ValueError, "whole seconds"),
        ({"start": "2019-07-01"}, TypeError, "aware datetime or a date, not str"),
        ({"start": 0}, TypeError, "not int"),
        ({"page": -1}, ValueError, "from 0"),
        ({"page": True}, ValueError, "from 0"),
        ({"entity": "call/get"}, ValueError, "letters and digits"),
        ({"method": ""}, ValueError, "letters and digits"),
        ({"version": "v 1"}, ValueError, "letters and digits"),
        ({"format": "yaml"}, UnknownFormatError, "json, xml, csv, plain"),
    ],
)
def test_what_no_address_has_is_refused(
    options: dict[str, Any], error: type[Exception], says: str
) -> None:
    arguments: dict[str, Any] = {"api_key": KEY, "start": DAY}
    with pytest.raises(error, match=says):
        CallsRequest(**(arguments | options))


def test_the_key_is_not_shown() -> None:
    request = CallsRequest(api_key=KEY, start=DAY)
    assert KEY not in repr(request)
    assert KEY not in str(request)
    assert KEY not in f"{request}"
    for wrong in (KEY[:-1], KEY + "0", KEY[:-1] + "-"):
        with pytest.raises(ValueError, match="16 letters") as caught:
            CallsRequest(api_key=wrong, start=DAY)
        assert wrong not in repr(caught.value)
        assert wrong.encode() not in pickle.dumps(caught.value)


def test_the_next_page_by_the_envelope() -> None:
    request = CallsRequest(api_key=KEY, start=DAY)
    response: Response[Call] = Response(Inbound(of_pages=3), payload=[Call(1)])
    pages = []
    while request:
        pages.append(request.page)
        following = request.next_page(response)
        if following is None:
            break
        request = following
    assert pages == [0, 1, 2]


def test_a_bare_payload_goes_on_until_a_page_is_empty() -> None:
    request = CallsRequest(api_key=KEY, start=DAY, version="v3", page=4)
    following = request.next_page(Response(payload=[Call(1)]))
    assert following == dataclasses.replace(request, page=5)
    assert request.next_page(Response()) is None


@pytest.mark.parametrize("message", ["No rows found", "Incorrect page is set"])
def test_two_failures_are_an_end(message: str) -> None:
    request = CallsRequest(api_key=KEY, start=DAY)
    assert request.next_page(Response(Inbound(error=message, of_pages=9))) is None


def test_any_other_failure_is_raised() -> None:
    request = CallsRequest(api_key=KEY, start=DAY)
    for message in ("User is not recognized", "something new"):
        with pytest.raises(ApiError, match=message):
            request.next_page(Response(Inbound(error=message)))


@given(data=st.data())
def test_nothing_shows_a_key_or_a_phone(data: st.DataObject) -> None:
    """Whatever the server echoes, no text, repr or pickle of an error holds them."""
    phone = data.draw(st.from_regex(r"7[0-9]{10}", fullmatch=True))
    body = data.draw(
        st.sampled_from(
            [
                f'[{{"callId": "{phone}x"}}]',
                f'[{{"callId": 1, "duration": "{phone} {phone}"}}]',
                f'[{{"{phone}": 1, "{phone}": 2, "callId": 1}}]',
                f'{{"inbound": {{"error": "no {phone}"}}, "payload": []}}',
                f"<r><item><callId>{phone}z</callId></item></r>",
                f"callId,city\n1,a,{phone}\n",
                f"{phone}",
                f'[{{"callId": {phone}{phone}}}]',
            ]
        )
    )
    for fmt in (None, *Format):
        try:
            parse(body, fmt).raise_for_error()
        except (ParseError, ApiError) as error:
            for shown in (str(error), repr(error), repr(error.__dict__), repr(error.__context__)):
                assert phone not in shown
            assert phone.encode() not in pickle.dumps(error)


KEYS = st.from_regex(r"[A-Za-z]{0,15}[0-9][A-Za-z0-9]{15}", fullmatch=True).map(
    lambda key: key[:16]
)
ADDRESSED = st.from_regex(r"[A-Za-z0-9]{16}", fullmatch=True)


@given(data=st.data())
def test_no_error_shows_a_key_that_a_server_echoes(data: st.DataObject) -> None:
    key = data.draw(KEYS.filter(lambda key: any(char.isdigit() for char in key)) | ADDRESSED)
    shown_as = data.draw(st.sampled_from(["json/v1/{}/call/get/0/0", "?json/v1/{}", "xml/v3/{}"]))
    if any(char.isdigit() for char in key):
        shown_as = data.draw(st.sampled_from([shown_as, "{}", "key {}!", '"{}"']))
    text = shown_as.format(key)
    for body in (
        json.dumps({"inbound": {"error": text}, "payload": []}),
        json.dumps([{"callId": text}]),
        json.dumps([{text: 1, "callId": "x"}]),
        f"<html><body>404: {text}</body></html>",
        f"Warning: {text}",
        f"callId,city\n1,a,{text}\n{text},b\n",
    ):
        for fmt in (None, *Format):
            try:
                parse(body, fmt).raise_for_error()
            except (ParseError, ApiError) as error:
                assert key not in str(error) + repr(error)
                assert key.encode() not in pickle.dumps(error)
