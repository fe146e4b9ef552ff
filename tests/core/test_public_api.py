"""The public names, and the fields that other programs are written against."""

from __future__ import annotations

import dataclasses
import io
import pickle
import subprocess
import sys
from datetime import UTC, datetime

import pytest

import ckct_formats
from ckct_formats import (
    ApiError,
    Call,
    Format,
    Inbound,
    Info,
    Limits,
    RequestedParams,
    Response,
    Source,
    UnknownFormatError,
    parse,
    serialize,
)

NAMES = """
    ApiError Call CallV3 CallsRequest ErrorCode Format FormatsError Hook Inbound Info
    LimitExceededError Limits ParseError RequestedParams Response SerializeError Source
    UnknownFormatError UnsafeInputError detect parse serialize
""".split()

TEXTS = """
    city site state device record region utm_term audition call_type client_ip utm_medium utm_source
    office_name route_phone source_type utm_content client_phone office_phone utm_campaign
    campaign_name state_description
""".split()

CALL = """
    call_id city site state device record region tags_id utm_term audition call_type client_ip
    duration time_start utm_medium utm_source campaign_id office_name route_phone source_type
    utm_content client_phone office_phone utm_campaign campaign_name state_description extra
""".split()


def types_of(record: type) -> dict[str, object]:
    return {field.name: field.type for field in dataclasses.fields(record)}


def test_the_public_names_are_exactly_these() -> None:
    assert ckct_formats.__all__ == NAMES
    assert all(hasattr(ckct_formats, name) for name in NAMES)


def test_the_fields_of_a_call() -> None:
    others = {
        "call_id": "int",
        "tags_id": "tuple[int, ...]",
        "duration": "int | None",
        "time_start": "datetime | None",
        "campaign_id": "int | None",
        "extra": "dict[str, str]",
    }
    expected = {name: others.get(name, "str | None") for name in CALL}
    assert types_of(Call) == expected
    assert list(types_of(Call)) == CALL
    assert {name for name, hint in expected.items() if hint == "str | None"} == set(TEXTS)


def test_the_fields_of_an_envelope() -> None:
    assert types_of(Inbound) == {
        "requested_type": "str | None",
        "requested_entity": "str | None",
        "requested_method": "str | None",
        "requested_version": "str | None",
        "requested_params": "RequestedParams",
        "page_length": "int | None",
        "total_length": "int | None",
        "of_pages": "int | None",
        "content_length": "int | None",
        "error": "str | None",
        "extra": "dict[str, str]",
    }
    assert types_of(RequestedParams) == {
        "require_page": "int | None",
        "start_date": "datetime | None",
        "end_date": "datetime | None",
    }
    assert types_of(Info) == {
        "entities": "dict[str, tuple[str, ...]]",
        "types": "tuple[str, ...]",
        "versions": "tuple[str, ...]",
    }
    assert list(types_of(Response)) == ["inbound", "info", "payload", "errors", "source"]
    assert list(types_of(Source)) == ["format", "dialect", "encoding"]


def test_the_default_limits() -> None:
    assert dataclasses.asdict(Limits()) == {
        "body_bytes": 256 * 1024 * 1024,
        "nodes": 10_000_000,
        "depth": 64,
        "records": 1_000_000,
        "columns": 10_000,
        "value_chars": 1_000_000,
        "integer_digits": 18,
    }
    with pytest.raises(dataclasses.FrozenInstanceError):
        Limits().depth = 1  # type: ignore[misc]
    with pytest.raises(ValueError, match="200 at most"):
        Limits(depth=201)


def test_records_are_plain_slotted_mutable_and_picklable() -> None:
    call = Call(1337486, city="Казань")
    assert not hasattr(call, "__dict__")
    call.duration = 5
    response = Response(payload=[call], source=Source(Format.JSON, "json", "utf-8"))
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        back = pickle.loads(pickle.dumps(response, protocol))
        assert back == response
        assert back.source == response.source
    assert Call(1).extra is not Call(1).extra


def test_errors_and_source_are_neither_compared_nor_shown() -> None:
    parsed = parse(b"[]", "json")
    assert parsed == Response()
    assert parsed.source == Source(Format.JSON, "json", "utf-8")
    assert "source" not in repr(parsed)
    assert "errors" not in repr(parsed)


@pytest.mark.parametrize(
    ("state", "codes"),
    [("200/487", (200, 487)), ("720/200", (720, 200)), ("200", None), (None, None), ("a/b", None)]
    + [("٣/٤", None), ("1/2/3", None), (" 1/2", None), ("1/2\n", None)],
)
def test_state_codes(state: str | None, codes: tuple[int, int] | None) -> None:
    assert Call(1, state=state).state_codes == codes


@pytest.mark.parametrize(
    ("page", "pages", "following"),
    [
        (0, 3, 1),
        (1, 3, 2),
        (2, 3, None),
        (5, 3, None),
        (None, 3, None),
        (0, None, None),
        (0, 0, None),
    ],
)
def test_next_page(page: int | None, pages: int | None, following: int | None) -> None:
    params = RequestedParams(require_page=page)
    inbound = Inbound(requested_params=params, of_pages=pages)
    assert Response(inbound).next_page == following


def test_a_failed_request_raises_with_a_stable_code() -> None:
    fine: Response[Call] = Response()
    assert fine.raise_for_error() is fine
    failed: Response[Call] = Response(Inbound(error="No rows found"))
    with pytest.raises(ApiError) as caught:
        failed.raise_for_error()
    assert caught.value.message == "No rows found"
    assert caught.value.code == "no_rows_found"
    assert ApiError("Something new").code == "unknown"


@pytest.mark.parametrize("fmt", ["yaml", "JSON", "", "txt", 5, b"json", [], object])
def test_an_unknown_format_lists_the_four(fmt: object) -> None:
    for call in (lambda: parse(b"[]", fmt), lambda: serialize(Response(), fmt)):  # type: ignore[call-overload,arg-type]
        with pytest.raises(UnknownFormatError, match="json, xml, csv, plain") as caught:
            call()
        assert isinstance(caught.value, ValueError)


def test_wrong_arguments_say_what_to_pass() -> None:
    with pytest.raises(TypeError, match=r"read\(\)"):
        parse(io.BytesIO(), "json")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="bytes or str, not NoneType"):
        parse(None, "json")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="dataclass"):
        parse(b"[]", "json", record_type=int)
    with pytest.raises(ValueError, match="on_error"):
        parse(b"[]", "json", on_error="ignore")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="Response, not list"):
        serialize([], "json")  # type: ignore[arg-type]


def test_importing_loads_no_extra_and_no_engine() -> None:
    code = "import sys, ckct_formats; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    modules = set(loaded.stdout.split())
    assert "ckct_formats" in modules
    assert modules.isdisjoint({"click", "rich", "lxml", "msgspec", "hypothesis", "defusedxml"})


def test_the_documented_sample_reads_as_documented() -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    body = b'{"inbound": {"requestedParams": {"requirePage": 0, "startDate": 0}}, "payload": []}'
    params = parse(body).inbound.requested_params
    assert params == RequestedParams(0, epoch, None)
