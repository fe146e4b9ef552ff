"""This library, the same for each format."""

from __future__ import annotations

from benchmarks.contenders import Contender
from ckct_formats import Call, Format, Response, parse, serialize


def contender(fmt: Format) -> Contender:
    """`parse` and `serialize` for one format."""

    def read(body: bytes) -> list[Call]:
        return parse(body, fmt).payload

    def prepare(page: Response[Call]) -> Response[Call]:
        return page

    def write(page: Response[Call]) -> bytes:
        return serialize(page, fmt)

    imports = ("ckct_formats", f"ckct_formats._formats.{fmt}")
    return Contender("ckct_formats", imports, read, prepare, write)
