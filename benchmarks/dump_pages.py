"""Folders of saved pages, and files as long as asked for: made from a seed."""

from __future__ import annotations

import bz2
import dataclasses
import gzip
import lzma
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

from benchmarks.pages import Page
from ckct_formats import Call, Format, RequestedParams, Response, serialize

CALLS = 1_000
_SUFFIXES = {Format.JSON: "json", Format.XML: "xml", Format.CSV: "csv", Format.PLAIN: "txt"}
_PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": lambda data: gzip.compress(data, 6, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lambda data: lzma.compress(data, preset=0),
    ".zst": zstandard.ZstdCompressor().compress,
}
# Of so many pages one stands in an archive with its likes.
_ARCHIVED = 6


class Pages:
    """The pages of one request: each has calls of its own, the rest is alike.

    Args:
        count: How many there are.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._first = Page("", CALLS).response()

    def response(self, number: int) -> Response[Call]:
        """One page."""
        calls = [
            dataclasses.replace(call, call_id=call.call_id + number * CALLS)
            for call in self._first.payload
        ]
        inbound = dataclasses.replace(
            self._first.inbound,
            requested_params=dataclasses.replace(
                self._first.inbound.requested_params, require_page=number
            ),
            page_length=CALLS,
            total_length=self.count * CALLS,
            of_pages=self.count,
        )
        return Response(inbound, self._first.info, calls)

    def save(self, folder: Path) -> None:
        """All pages, in mixed formats and packings, some of them in an archive."""
        folder.mkdir(parents=True, exist_ok=True)
        formats, packings = list(Format), list(_PACKINGS.items())
        with zipfile.ZipFile(folder / "pages.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(self.count):
                fmt = formats[number % len(formats)]
                body = serialize(self.response(number), fmt)
                name = f"page_{number}.{_SUFFIXES[fmt]}"
                if number % _ARCHIVED == _ARCHIVED - 1:
                    archive.writestr(name, body)
                    continue
                suffix, pack = packings[number // len(formats) % len(packings)]
                (folder / f"{name}{suffix}").write_bytes(pack(body))


def save_long(file: Path, fmt: Format, size: int) -> int:
    """One response of about so many bytes, without ever holding it; how many calls it has."""
    pages = Pages(10**6)
    rows_of_page = len(serialize(pages.response(0), fmt))
    count = max(1, size // rows_of_page)
    with file.open("wb") as out:
        for data in _long(pages, fmt, count):
            out.write(data)
    return count * CALLS


def _long(pages: Pages, fmt: Format, count: int) -> Iterator[bytes]:
    """The bytes of one response with the calls of several pages: cut out of these, and in
    print_r's case numbered anew."""
    first = pages.response(0)
    params = first.inbound.requested_params or RequestedParams()
    inbound = dataclasses.replace(
        first.inbound,
        requested_params=dataclasses.replace(params, require_page=0),
        page_length=count * CALLS,
        total_length=count * CALLS,
        of_pages=1,
    )
    begin, end, between = _FRAMES[fmt]
    for number in range(count):
        body = serialize(Response(inbound, first.info, pages.response(number).payload), fmt)
        start = body.index(begin) + len(begin)
        if fmt is Format.CSV:
            start = body.index(b"\r\n", start) + 2
        stop = body.rindex(end) if end else len(body)
        rows = body[start:stop]
        if fmt is Format.PLAIN:
            rows = _renumbered(rows, number * CALLS)
        yield body[:start] if number == 0 else between
        yield rows
    yield body[stop:]


def _renumbered(rows: bytes, more: int) -> bytes:
    mark = b"\n            ["
    head, *others = (b"\n" + rows).split(mark)
    numbered = [b"%d%b" % (at + more, row[row.index(b"]") :]) for at, row in enumerate(others)]
    return mark.join([head, *numbered])[1:]


# What stands in front of the rows of a canonical body, what behind them, and what between them.
_FRAMES = {
    Format.JSON: (b'"payload":[', b"]}", b","),
    Format.XML: (b"<payload>", b"</payload>", b""),
    Format.CSV: (b"callId,", b"", b""),
    Format.PLAIN: (b"[payload] => Array\n        (\n", b"        )\n\n)\n", b""),
}
