"""The address of a request, as the provider documents it. Nothing here opens a connection.

Two forms are documented: `https://ckct.ru/api/index.php?json/v1/KEY/call/get/0/FROM/TO` on the
first page of the document, and `https://ckct.ru/api/?…` on the later one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Self

from ckct_formats._codes import ErrorCode, code_of
from ckct_formats._errors import UnknownFormatError
from ckct_formats._format import Format
from ckct_formats._model import Response

_BASE = "https://ckct.ru/api/"
_KEY = re.compile(r"[A-Za-z0-9]{16}")
_WORD = re.compile(r"[A-Za-z0-9]+")
_ADDRESS = re.compile(
    rf"{re.escape(_BASE)}(?:index\.php)?\?(?P<format>{'|'.join(Format)})/(?P<version>[^/]*)/"
    r"(?P<api_key>[^/]*)/(?P<entity>[^/]*)/(?P<method>[^/]*)/(?P<page>[0-9]{1,18})/"
    r"(?P<start>[^/]+)(?:/(?P<end>[^/]*))?"
)
_SECONDS = re.compile(r"-?[0-9]{1,12}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Moment = datetime | date


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsRequest:
    """One request to the API: `CallsRequest(api_key=…, start=…).url()`.

    Attributes:
        format: The format of the answer.
        version: `v1` or `v3`.
        api_key: The account's key: 16 letters and digits. It is left out of the repr, but is in
            `url()` and `dataclasses.asdict`.
        entity: `call`, or another of `Info.entities`.
        method: For calls `get`, `getByRole` or `getWithRole`.
        page: Counted from 0.
        start: Start of the period: an aware `datetime` (sent as epoch seconds) or a `date` (sent
            as `Y-m-d`).
        end: End of the period, likewise; None leaves it out.

    Raises:
        UnknownFormatError: `format` is none of the four.
        ValueError: A malformed key, a naive time, a negative page, a word that no address has.
        TypeError: A value of another type.
    """

    format: Format = Format.JSON
    version: str = "v1"
    api_key: str = field(repr=False)
    entity: str = "call"
    method: str = "get"
    page: int = 0
    start: Moment
    end: Moment | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.api_key, str) or not _KEY.fullmatch(self.api_key):
            raise ValueError("an API key is 16 letters and digits")  # and is not shown here
        if self.format not in list(Format):
            raise UnknownFormatError(self.format)
        object.__setattr__(self, "format", Format(self.format))
        for name in ("version", "entity", "method"):
            if not isinstance(getattr(self, name), str) or not _WORD.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} is a word of letters and digits")
        if type(self.page) is not int or self.page < 0:
            raise ValueError("page is an integer from 0")
        _check_moment("start", self.start)
        if self.end is not None:
            _check_moment("end", self.end)

    def url(self, *, script: bool = True) -> str:
        """The address, which holds the key: do not log it.

        Args:
            script: Whether `index.php` comes before the `?`, as on the document's first page.
        """
        parts = [self.format, self.version, self.api_key, self.entity, self.method, str(self.page)]
        parts += [_written(each) for each in (self.start, self.end) if each is not None]
        return f"{_BASE}{'index.php' if script else ''}?{'/'.join(parts)}"

    @classmethod
    def from_url(cls, url: str) -> Self:
        """The request of an address in one of the two documented forms.

        Raises:
            ValueError: It is none; the address, which may hold a key, is not shown.
        """
        found = _ADDRESS.fullmatch(url)
        if not found:
            raise ValueError(
                "no address of a request: expected "
                f"{_BASE}index.php?format/version/key/entity/method/page/from/to"
            )
        parts: dict[str, Any] = found.groupdict()
        parts |= {name: _read(parts[name]) for name in ("start", "end") if parts[name]}
        parts |= {"page": int(parts["page"]), "end": parts["end"] or None}
        return cls(**parts)

    def next_page(self, response: Response[Any]) -> Self | None:
        """The request of the page after the one that `response` holds; None if that is the last.

        The envelope's `ofPages` says so. A bare payload has none: there, an empty page is the last.
        So is one that failed with "No rows found" or "Incorrect page is set".

        Raises:
            ApiError: Any other failure.
        """
        if code_of(response.inbound.error) in (ErrorCode.NO_ROWS_FOUND, ErrorCode.INCORRECT_PAGE):
            return None
        response.raise_for_error()
        pages = response.inbound.of_pages
        more = bool(response.payload or response.errors) if pages is None else self.page + 1 < pages
        return replace(self, page=self.page + 1) if more else None


def _check_moment(name: str, moment: Any) -> None:
    if isinstance(moment, datetime):
        if moment.utcoffset() is None:
            raise ValueError(
                f"{name} has no time zone: pass one, as in "
                "datetime(2019, 7, 16, tzinfo=ZoneInfo('Europe/Moscow')), or a date"
            )
        if moment.microsecond:
            raise ValueError(f"{name} is sent in whole seconds: pass it without microseconds")
    elif not isinstance(moment, date):
        raise TypeError(f"{name} is an aware datetime or a date, not {type(moment).__name__}")


def _written(moment: Moment) -> str:
    if isinstance(moment, datetime):
        return str(int(moment.timestamp()))
    return moment.isoformat()


def _read(text: str) -> Moment:
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    raise ValueError("a period is given in epoch seconds or as Y-m-d")
