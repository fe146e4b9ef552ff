"""The names of the four formats."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """The four formats that the API can be asked for (source: the request path, documented)."""

    JSON = "json"
    XML = "xml"
    CSV = "csv"
    PLAIN = "plain"
