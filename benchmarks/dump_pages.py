"""Folders of saved pages, made from a seed."""

from __future__ import annotations

import bz2
import dataclasses
import gzip
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import zstandard

from benchmarks.pages import Page
from ckct_formats import Call, Format, Response, serialize

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
