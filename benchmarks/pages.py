"""The pages that are read and written: made from a seed, written once in each format."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.records import OPTIONAL_INTEGERS, TEXTS
from ckct_formats import Call, Format, Inbound, Info, RequestedParams, Response, serialize

SEED = 20190716
START = datetime(2019, 7, 1)
SECONDS = 31 * 24 * 3600
BLANK_SHARE = 1 / 3

# City and region belong together, as do the codes of a state and its words.
PLACES = {
    "Москва": "Москва и Московская область",
    "Санкт-Петербург": "Санкт-Петербург и Ленинградская область",
    "Казань": "Республика Татарстан",
    "Екатеринбург": "Свердловская область",
    "Нижний Новгород": "Нижегородская область",
    "Краснодар": "Краснодарский край",
    "Орёл": "Орловская область",
    "Ростов-на-Дону": "Ростовская область",
    "Набережные Челны": "Республика Татарстан",
    "Новосибирск": "Новосибирская область",
    "Уфа": "Республика Башкортостан",
    "Пермь": "Пермский край",
    "Йошкар-Ола": "Республика Марий Эл",
    "Сочи": "Краснодарский край",
    "Тула": "Тульская область",
    "Тверь": "Тверская область",
    "Омск": "Омская область",
    "Самара": "Самарская область",
    "Тольятти": "Самарская область",
    "Челябинск": "Челябинская область",
    "Воронеж": "Воронежская область",
    "Волгоград": "Волгоградская область",
    "Красноярск": "Красноярский край",
    "Саратов": "Саратовская область",
}
STATES = {
    "200/200": "Успешный звонок",
    "200/487": "Успешный звонок, клиент положил трубку",
    "487/200": "Клиент не дождался ответа",
    "486/200": "Занято",
    "720/200": "Неизвестная ошибка оператора связи",
}
POOLS = {
    "site": ["okna.example", "ремонт.example", "dostavka.example", "dveri-spb.example"],
    "device": ["Смартфон", "Компьютер", "Планшет"],
    "audition": ["Прослушано", "Не прослушано"],
    "call_type": ["Динамический коллтрекинг", "Статический коллтрекинг"],
    "utm_medium": ["cpc", "cpm", "email", "organic", "cpc&retargeting"],
    "utm_source": ["yandex", "google", "mail.ru", "рассылка", "vk"],
    "office_name": ["Склад", "Офис на Невском", "Офис на Садовой, 2 этаж", 'ООО "Ромашка"'],
    "source_type": ["Контекстная реклама", "Поисковые системы", "Социальные сети", "Прямой заход"],
    "campaign_name": ["Окна «под ключ»", "Ремонт & отделка", "Доставка; ночь", "Двери", "Балконы"],
    "utm_term": [
        "пластиковые окна",
        "ремонт квартиры под ключ",
        "окна, двери, ремонт",
        "+окна +недорого -бу",
        'окна "под ключ" цена',
        "dveri & okna",
    ],
    "utm_campaign": ["leto-2019", "скидка 20%, все города", "brand|msk", 'retargeting "B"', "a&b"],
}
SNIPPETS = [
    '"',
    '""',
    ",",
    ";",
    "\\",
    '\\"',
    "&",
    "&amp;",
    "<b>",
    "]]>",
    "'",
    "\n",
    "\r\n",
    "\r",
] + [
    "\t",
    "😀",
    "𝄞",
    "👨‍👩‍👧",
    "Казань",
    "#",
    "|",
    "{}",
    "%20",
    "=",
    "  ",
    "/",
    "абв",
    "xyz",
    "9",
    "ё",
]
LONG_TEXTS = 3000


@dataclass(frozen=True)
class Page:
    """One page: how it is called in the results, its size, whether its texts are hostile, and the
    seed that it is made from."""

    name: str
    calls: int
    hostile: bool = False
    seed: int = SEED

    def response(self) -> Response[Call]:
        """The page itself, always the same."""
        rng = random.Random(self.seed)
        make = _hostile_call if self.hostile else _realistic_call
        return _page_of([make(rng, number) for number in range(self.calls)])

    def write(self, folder: Path) -> dict[Format, Path]:
        """The page in each format, as files in a folder."""
        response = self.response()
        files = {fmt: folder / f"{self.name.replace(' ', '-')}.{fmt}" for fmt in Format}
        for fmt, file in files.items():
            file.write_bytes(serialize(response, fmt))
        return files


FULL = (
    Page("1 call", 1),
    Page("1,000 calls", 1_000),
    Page("50,000 calls", 50_000),
    Page("1,000 hostile calls", 1_000, hostile=True),
)
OF_BARS = FULL[1:3]
QUICK = (Page("50 calls", 50), Page("50 hostile calls", 50, hostile=True))


def _page_of(calls: list[Call]) -> Response[Call]:
    """A response whose envelope agrees with its rows, as readers of `print_r` check."""
    first = START.replace(tzinfo=UTC)
    inbound = Inbound(
        requested_type="json",
        requested_entity="call",
        requested_method="get",
        requested_version="v1",
        requested_params=RequestedParams(0, first, first + timedelta(seconds=SECONDS)),
        page_length=len(calls),
        total_length=len(calls),
        of_pages=1,
        content_length=700 * len(calls),
    )
    entities = {"call": ("get", "getByRole"), "user": ("get",), "tag": ("get",)}
    return Response(inbound, Info(entities, ("json", "plain", "csv", "xml"), ("v1",)), calls)


def _realistic_call(rng: random.Random, number: int) -> Call:
    values = _typed_values(rng, number)
    values["city"], values["region"] = rng.choice(list(PLACES.items()))
    values["state"], values["state_description"] = rng.choice(list(STATES.items()))
    values |= {name: rng.choice(pool) for name, pool in POOLS.items()}
    day = values["time_start"].strftime("%Y/%m/%d")
    values |= {
        "record": f"https://records.example/{day}/{values['call_id']}.mp3?sig={rng.getrandbits(64):x}&part=1",
        "client_ip": f"203.0.113.{rng.randrange(256)}",
        "client_phone": str(79_000_000_000 + number * 7919),
        "route_phone": str(79_990_001_000 + rng.randrange(40)),
        "office_phone": str(79_990_002_000 + rng.randrange(20)),
        "utm_content": f"banner-{rng.randrange(80)}",
    }
    for name in (*TEXTS, *OPTIONAL_INTEGERS, "time_start"):
        if rng.random() < BLANK_SHARE:
            values[name] = None
    return Call(**values)


def _hostile_call(rng: random.Random, number: int) -> Call:
    values = _typed_values(rng, number)
    values |= {name: _hostile_text(rng, number, name) for name in TEXTS}
    return Call(**values)


def _hostile_text(rng: random.Random, number: int, name: str) -> str:
    """A text that stands nowhere else on the page, of what some format must escape."""
    length = rng.randrange(LONG_TEXTS) if name.startswith("utm") else rng.randrange(60)
    snippets = rng.choices(SNIPPETS, k=length // 2)
    return "".join([*snippets[: length // 4], f"{name}{number}", *snippets[length // 4 :]])


def _typed_values(rng: random.Random, number: int) -> dict[str, Any]:
    return {
        "call_id": 1_337_486 + number,
        "tags_id": tuple(rng.sample(range(1, 60), k=rng.randrange(4))),
        "duration": rng.randrange(3600),
        "campaign_id": rng.randrange(500, 560),
        "time_start": START + timedelta(seconds=rng.randrange(SECONDS)),
    }
