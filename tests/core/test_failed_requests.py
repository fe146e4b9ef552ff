"""Failed requests, in the provider's words, through all four formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ckct_formats import (
    ApiError,
    Call,
    CallV3,
    ErrorCode,
    Format,
    Inbound,
    Info,
    Response,
    parse,
    serialize,
)

DIALECTS = Path(__file__).parent.parent.parent / "fixtures" / "dialects"
LEDGER: list[dict[str, Any]] = json.loads((DIALECTS / "ledger.json").read_bytes())

UNKNOWN = 'Лимит: 10 запросов "в минуту", #5 & <b>всё</b>; ждите = 60 с'
# The texts of the provider's page on errors, and one that it does not have.
MESSAGES = {
    "failed": ("No rows found", ErrorCode.NO_ROWS_FOUND),
    "failed_type": ("Type to return is not available", ErrorCode.TYPE_NOT_AVAILABLE),
    "failed_version": ("It is wrong API version", ErrorCode.WRONG_VERSION),
    "failed_user": ("User is not recognized", ErrorCode.USER_NOT_RECOGNIZED),
    "failed_entity": ("Entity does not exist", ErrorCode.UNKNOWN_ENTITY),
    "failed_method": ("Method does not exist", ErrorCode.UNKNOWN_METHOD),
    "failed_page": ("Incorrect page is set", ErrorCode.INCORRECT_PAGE),
    "failed_start_date": (
        "Start date has wrong type. Possible format is 'Y-m-d' or timestamp",
        ErrorCode.WRONG_START_DATE,
    ),
    "failed_unknown": (UNKNOWN, ErrorCode.UNKNOWN),
}
INFO = Info(
    entities={"call": ("get", "getByRole"), "tag": ("get",)},
    types=("json", "plain", "csv", "xml"),
    versions=("v1",),
)
FILES = [
    entry
    for entry in LEDGER
    if entry["response"] in MESSAGES and entry["verdict"] == "equal" and not entry["encoding"]
]


def check(response: Response[Any], message: str, code: ErrorCode) -> None:
    assert response == Response(Inbound(error=message), INFO)
    with pytest.raises(ApiError) as caught:
        response.raise_for_error()
    assert caught.value.message == message
    assert caught.value.code is code


def test_every_code_is_reached_in_every_format() -> None:
    assert {code for _, code in MESSAGES.values()} == set(ErrorCode)
    for fmt in Format:
        of_format = [entry["response"] for entry in FILES if entry["format"] == fmt]
        assert all(of_format.count(response) >= 3 for response in MESSAGES)


@pytest.mark.parametrize("record_type", [Call, CallV3])  # v3 answers with the same envelope
@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry["file"])
def test_as_php_writes_them(entry: dict[str, Any], record_type: type[Any]) -> None:
    body = (DIALECTS / entry["file"]).read_bytes()
    check(parse(body, entry["format"], record_type=record_type), *MESSAGES[entry["response"]])


@pytest.mark.parametrize("record_type", [Call, CallV3])
@pytest.mark.parametrize("fmt", list(Format))
@pytest.mark.parametrize("response", MESSAGES)
def test_as_this_library_writes_them(response: str, fmt: Format, record_type: type[Any]) -> None:
    message, code = MESSAGES[response]
    failed: Response[Any] = Response(Inbound(error=message), INFO)
    check(parse(serialize(failed, fmt), record_type=record_type), message, code)


def test_a_number_in_the_text_is_masked() -> None:
    failed: Response[Call] = Response(Inbound(error="no access for 79990000001"))
    with pytest.raises(ApiError, match=r"no access for \*{11}$") as caught:
        failed.raise_for_error()
    assert caught.value.code is ErrorCode.UNKNOWN
    assert failed.inbound.error == "no access for 79990000001"
