"""One realistic page, as the API would send it in each format."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ckct_formats._format import Format
from ckct_formats._model import Call, Inbound, Info, RequestedParams, Response
from ckct_formats._parse import serialize


def dump(fmt: Format | str, response: Response[Any] | None = None) -> bytes:
    """A response in the canonical dialect of a format; by default a page of three calls.

    Raises:
        UnknownFormatError: `fmt` is none of the four.
        SerializeError: The response has a value that the format cannot carry.
    """
    if response is None:
        response = Response(_inbound(str(fmt)), _INFO, [_ANSWERED, _MISSED, _BARE])
    return serialize(response, fmt)


def _inbound(requested_type: str) -> Inbound:
    return Inbound(
        requested_type=requested_type,
        requested_entity="call",
        requested_method="get",
        requested_version="v1",
        requested_params=RequestedParams(
            require_page=0,
            start_date=datetime(2019, 7, 16, tzinfo=UTC),
            end_date=datetime(2019, 7, 17, tzinfo=UTC),
        ),
        page_length=1000,
        total_length=3,
        of_pages=1,
    )


_INFO = Info({"call": ("get",), "tag": ("get",)}, ("json", "plain", "csv", "xml"), ("v1",))

# Names and numbers are made up.
_ANSWERED = Call(
    1337501,
    city="Казань",
    site="shop.example",
    state="200/200",
    device="Смартфон",
    record="https://records.example/1337501.mp3",
    region="Татарстан",
    tags_id=(3, 17),
    utm_term='окна "под ключ", недорого',
    audition="Прослушано",
    call_type="Динамический коллтрекинг",
    client_ip="203.0.113.7",
    duration=61,
    time_start=datetime(2019, 7, 16, 9, 5, 12),
    utm_medium="cpc",
    utm_source="yandex",
    campaign_id=559,
    office_name="Отдел продаж",
    route_phone="79990001001",
    source_type="Реклама",
    client_phone="79990000011",
    office_phone="79990002001",
    utm_campaign="summer_sale",
    campaign_name="Лето",
    state_description="Разговор состоялся",
)
_MISSED = Call(
    1337502,
    state="720/200",
    audition="Не прослушано",  # noqa: RUF001
    call_type="Статический коллтрекинг",
    duration=0,
    time_start=datetime(2019, 7, 16, 15, 12, 44),
    campaign_id=560,
    office_name="Отдел продаж",
    route_phone="79990001002",
    client_phone="79990000012",
    office_phone="79990002001",
    campaign_name="Осень",
    state_description="Клиент не дождался ответа",
)
_BARE = Call(1337503, duration=125, time_start=datetime(2019, 7, 16, 18, 30))
