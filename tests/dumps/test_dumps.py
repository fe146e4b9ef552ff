"""Saved dumps: where they are, how they are packed, and whether they are all that was asked for."""

from __future__ import annotations

import bz2
import copy
import gzip
import io
import json
import lzma
import operator
import os
import pickle
import random
import re
import struct
import sys
import threading
import tracemalloc
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fsspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ckct_formats import (
    Call,
    CallV3,
    Format,
    Inbound,
    Info,
    LimitExceededError,
    Limits,
    ParseError,
    RequestedParams,
    Response,
    UnknownFormatError,
    parse,
    serialize,
)
from ckct_formats.dumps import (
    DumpError,
    MissingPages,
    Page,
    RepeatedCall,
    RepeatedPage,
    Request,
    WrongTotal,
    iter_calls,
    read_dump,
    summarize,
)
from ckct_formats.dumps import _unpacking as unpacking
from ckct_formats.dumps._locations import File, folder_key, grouped, natural_key

each_format = pytest.mark.parametrize("fmt", list(Format))


def page(*identifiers: int, fmt: Format = Format.JSON, **fields: Any) -> bytes:
    """A page of calls with these identifiers."""
    return serialize(Response(payload=[Call(each, **fields) for each in identifiers]), fmt)


def ids(calls: Any) -> list[int]:
    return [call.call_id for call in calls]


def read(paths: Any, **options: Any) -> list[int]:
    return ids(iter_calls(paths, **options))


def dump_error(paths: Any, **options: Any) -> DumpError:
    with pytest.raises(DumpError) as caught:
        list(iter_calls(paths, **options))
    return caught.value


def put(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


# ---- where dumps are ----


@pytest.fixture
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def test_paths_folders_globs_and_files(folder: Path) -> None:
    put(
        folder, {"a.json": page(1), "dumps/b.xml": page(2, fmt=Format.XML), "c.csv": b"callId\n3\n"}
    )
    assert read("a.json") == read(Path("a.json")) == read(io.BytesIO(page(1))) == [1]
    assert read(folder) == [1, 3, 2]
    assert read("dumps") == read("dumps/") == [2]
    assert read("*.json") == [1]
    assert read("**/*.*") == [1, 3, 2]
    assert read(["dumps", Path("c.csv"), io.BytesIO(page(4)), "a.json"]) == [2, 3, 4, 1]
    assert read(each for each in ("a.json", "c.csv")) == [1, 3]
    assert read([]) == []
    with open("a.json", "rb") as file:
        assert read(file) == [1]


def test_a_name_that_looks_like_a_glob(folder: Path) -> None:
    put(folder, {"page[1].json": page(1), "page1.json": page(2)})
    assert read("page[1].json") == [1]
    assert read("page[12].json") == [2]


@pytest.mark.parametrize("given", [b"a.json", [b"a.json"], [1], [None], 5, None])
def test_what_is_no_location(given: Any) -> None:
    with pytest.raises(TypeError):
        list(iter_calls(given))


def test_a_path_of_bytes(folder: Path) -> None:
    class OfBytes(os.PathLike[bytes]):
        def __fspath__(self) -> bytes:
            return b"a.json"

    put(folder, {"a.json": page(1)})
    assert read(OfBytes()) == [1]


ORDER = (
    "1.json 02.json 2.json 10.json a1.json a2.json a10b.json a.json 2/x.json 2/y/z.json 10/1.json"
    " a/9.json b/2/1.json b/10/1.json"
).split()


def test_order(folder: Path, memory: Any) -> None:
    put(folder, {name: page(at) for at, name in enumerate(ORDER)})
    files = [each.file.removeprefix(f"{folder}/") for each in read_dump(folder).pages]
    assert files == ORDER
    assert read(folder) == read(zipped(folder)) == read(in_memory(folder)) == [*range(len(ORDER))]


def zipped(folder: Path) -> io.BytesIO:
    stream = io.BytesIO()
    files = [each for each in folder.rglob("*") if each.is_file()]
    random.Random(1).shuffle(files)
    with zipfile.ZipFile(stream, "w") as archive:
        for each in files:
            archive.write(each, each.relative_to(folder))
    stream.seek(0)
    return stream


def in_memory(folder: Path) -> str:
    root = f"memory:/{folder}"
    system = fsspec.filesystem("memory")
    for each in folder.rglob("*"):
        if each.is_file():
            system.pipe(f"{folder}/{each.relative_to(folder)}", each.read_bytes())
    return root


def test_names_are_sorted_as_people_count() -> None:
    names = ["page", "page_01", "page_1", "page_02", "page_10", "page_" + "9" * 5000, "page_a"]
    names.reverse()
    assert sorted(names, key=natural_key) == names[::-1]


def counted(name: str) -> list[tuple[int, str]]:
    """A name's texts and numbers, and then the name, to be compared one by one."""
    parts = [(-1, part) for part in re.split("([0-9]+)", name)]
    numbers = [part.lstrip("0") for _, part in parts[1::2]]
    parts[1::2] = [(len(number), number) for number in numbers]
    return [*parts, (-1, name)]


@given(st.lists(st.text("ab019/.я", max_size=9), unique=True))
def test_names_are_sorted_as_their_numbers_and_texts(names: list[str]) -> None:
    assert sorted(names, key=natural_key) == sorted(names, key=counted)
    by_parts = sorted(
        names,
        key=lambda name: [
            *((True, counted(folder)) for folder in name.split("/")[:-1]),
            (False, counted(name.split("/")[-1])),
        ],
    )
    assert sorted(names, key=folder_key) == by_parts


@given(st.lists(st.text("a01 .", max_size=6), unique=True))
def test_no_two_names_are_equal(names: list[str]) -> None:
    assert len({tuple(natural_key(name)) for name in names}) == len(names)
    plain = [name for name in names if "0" not in name]
    assert sorted(plain, key=natural_key) == sorted(plain, key=_by_int)


def _by_int(name: str) -> list[tuple[int, str]]:
    parts = re.split(r"([0-9]+)", name)
    return [(int(each), "") if each.isdecimal() else (-1, each) for each in parts]


def test_what_a_folder_holds_beside_dumps(folder: Path) -> None:
    files = {
        "a.json": page(1),
        ".b.json": b"x",
        "c.md": b"x",
        "d": b"x",
        "__MACOSX/e.JSON": page(2),
    }
    files |= {".git/f.json": b"x", "g/.h/i.json": b"x", "j.json/k.json": page(3), "l.gz": b"x"}
    put(folder, files)
    (folder / "empty").mkdir()
    assert read(".") == [1, 2, 3]
    assert read("*.json") == [1]
    assert read(in_memory(folder)) == [1, 2, 3]


def test_a_folder_without_dumps(folder: Path) -> None:
    put(folder, {"a.md": b"x"})
    for place in (".", folder, "*.json"):
        error = dump_error(place)
        assert error.file == str(place)
        assert ".json" in error.reason
        assert ".zip" in error.reason


def test_what_is_not_there(folder: Path) -> None:
    (folder / "broken.json").symlink_to("nowhere")
    for place in ("a.json", "broken.json", "a/b.json", ""):
        error = dump_error(place)
        assert (error.file, error.reason) == (place, "No such file or directory")
        assert error.error is None
    assert dump_error(".").file == "./broken.json"
    assert dump_error("a\0b.json").file == "a\0b.json"


def test_a_link_to_a_file(folder: Path) -> None:
    put(folder, {"x/a.dat": page(1)})
    (folder / "b.json").symlink_to("x/a.dat")
    assert read(".") == [1]


def test_any_folders_of_a_glob_are_those_that_are_no_links(folder: Path) -> None:
    put(folder, {"g/a/1.json": page(1), "g/2.json": page(2), "h/3.json": page(3)})
    (folder / "g/a/loop").symlink_to(folder / "g")
    (folder / "linked").symlink_to(folder / "h")
    assert sorted(read("g/**/*.json")) == sorted(read("g")) == [1, 2]
    assert sorted(read("**/*.json")) == [1, 2, 3]
    assert read("linked/**/*.json") == read("link*/*.json") == [3]
    assert read("./linked/**/*.json") == read(f"{folder}//linked/**/*.json") == [3]
    assert read("link*/**/*.json") == [3]


def test_a_path_of_bytes_is_refused() -> None:
    with pytest.raises(TypeError, match="not bytes"):
        read(b"a.json")


def test_a_folder_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, {"a.json": page(1), "b/c.json": page(2), "d/e.json": page(3)})
    scan = os.scandir

    def scandir(path: Any) -> Any:
        if os.fspath(path).endswith("b"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    dump = read_dump(".", on_error="collect")
    assert ids(dump.calls) == [1, 3]
    assert [(each.file, each.reason) for each in dump.errors] == [("./b", "Permission denied")]
    with pytest.raises(DumpError):
        read_dump(".")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_read_if_it_is_named_and_not_waited_for_else(folder: Path) -> None:
    put(folder, {"a.json": page(1)})
    os.mkfifo("b.json")
    assert read(".") == read("*.json") == [1]
    writer = threading.Thread(target=Path("b.json").write_bytes, args=(page(2),))
    writer.start()
    assert read("b.json") == [2]
    writer.join()


# ---- file objects ----


class OnlyRead:
    """A stream of which nothing is known, that gives a few bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def read(self, length: int = -1) -> bytes:
        return self._stream.read(min(length, 7) if length > 0 else 7)


def as_zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def as_zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": as_zstd,
    ".zip": lambda data: as_zip({"page.json": data}),
}
each_packer = pytest.mark.parametrize("pack", PACKERS.values(), ids=lambda pack: pack.__name__)
each_packing = pytest.mark.parametrize("suffix", list(PACKERS))


@each_packing
def test_a_stream_that_can_do_nothing_but_read(suffix: str) -> None:
    stream: Any = OnlyRead(PACKERS[suffix](page(1, 2)))
    assert read(stream) == [1, 2]
    stream = OnlyRead(PACKERS[suffix](b"nothing"))
    assert dump_error(stream).file.startswith("(a file object)")


@each_packing
def test_a_file_that_is_given_stays_open(folder: Path, suffix: str) -> None:
    data = PACKERS[suffix](page(1))
    put(folder, {"a": data})
    with open("a", "rb") as file, open("a", "rb", buffering=0) as raw:
        for stream in (file, raw, io.BytesIO(data)):
            assert read(stream) == [1]
            assert not stream.closed
            stream.seek(0)
            assert stream.read() == data
            stream.seek(0)
            assert read(stream) == [1]


def test_a_file_is_called_by_its_name(folder: Path) -> None:
    put(folder, {"a.json": b"x"})
    with open("a.json", "rb") as file:
        assert dump_error(file).file == "a.json"
    assert dump_error(io.BytesIO(b"x")).file == "(a file object)"


def test_files_that_are_opened_as_text(folder: Path) -> None:
    put(folder, {"a.json": page(1), "b.json": page(2, city="Казань") + b"\xff"})
    for name in ("a.json", "b.json"):
        with open(name, encoding="utf-8") as file:
            given: Any = file
            assert "rb" in dump_error(given).reason
    text: Any = io.StringIO("[]")
    assert "rb" in dump_error(text).reason


def test_a_file_that_is_closed() -> None:
    stream = io.BytesIO(page(1))
    stream.close()
    assert "closed" in dump_error(stream).reason


def test_files_are_closed(folder: Path) -> None:
    """ResourceWarning is an error here."""
    put(folder, {f"a{suffix}": pack(page(1)) for suffix, pack in PACKERS.items()})
    for suffix in PACKERS:
        next(iter_calls(f"a{suffix}"))
        assert read(f"a{suffix}") == [1]


# ---- formats and encodings ----


@each_format
def test_formats_by_content(fmt: Format, folder: Path) -> None:
    put(folder, {"a.json": page(1, 2, fmt=fmt), "b.dat": page(3, fmt=fmt)})
    assert read(["a.json", "b.dat"]) == [1, 2, 3]
    assert read(io.BytesIO(page(1, fmt=fmt)), fmt=fmt) == [1]
    assert read(io.BytesIO(page(1, fmt=fmt)), fmt=fmt.value) == [1]


def test_the_name_says_what_is_plain(folder: Path) -> None:
    put(
        folder,
        {"a.txt": page(1, fmt=Format.CSV), "b.plain.gz": gzip.compress(page(2)), "c.csv": b""},
    )
    assert read(["a.txt", "b.plain.gz"]) == [1, 2]
    error = dump_error("c.csv")
    assert error.error is not None
    assert error.error.format is Format.CSV


def test_a_format_that_is_given_is_not_asked_for() -> None:
    error = dump_error(io.BytesIO(page(1)), fmt="xml")
    assert error.error is not None
    assert error.error.format is Format.XML
    readers: tuple[Any, ...] = (iter_calls, read_dump, summarize)
    for reader in readers:
        with pytest.raises(UnknownFormatError):
            reader([], "yaml")
        with pytest.raises(ValueError, match="on_error"):
            reader([], on_error="ignore")
        with pytest.raises(TypeError):
            reader([], record_type=int)


def test_encodings(folder: Path) -> None:
    put(folder, {"a.csv": "callId,city\n1,Казань\n".encode("windows-1251")})
    (call,) = iter_calls("a.csv", encoding="windows-1251")
    assert call.city == "Казань"
    assert "windows-1251" in dump_error("a.csv").reason
    assert "unknown encoding" in dump_error("a.csv", encoding="nonsense").reason
    put(folder, {"b.json": page(2).decode().encode("utf-16-le")})
    put(folder, {"c": page(3).decode().encode("utf-16-le")})
    assert read(["b.json", "c"], encoding="utf-16-le") == [2, 3]


def test_record_types(folder: Path) -> None:
    @dataclass
    class Small:
        city: str | None = None

    put(folder, {"a.json": page(1, city="Казань"), "b.json": b'[{"universalId": "x"}]'})
    assert list(iter_calls("a.json", record_type=Small)) == [Small("Казань")]
    assert read_dump("a.json", record_type=Small).calls == [Small("Казань")]
    (row,) = iter_calls("a.json", record_type=dict)
    assert (row["callId"], row["city"]) == ("1", "Казань")
    assert len(read_dump("a.json", record_type=dict).calls) == 1
    (call,) = iter_calls("b.json", record_type=CallV3)
    assert call.universal_id == "x"


# ---- packed ----


def outcome(data: bytes, name: str = "dump") -> list[int] | None:
    """The calls of a file; None if that is refused in the file's name."""
    stream = io.BytesIO(data)
    stream.name = name
    found = iter_calls(stream, on_error="collect")
    calls = ids(found)
    for error in found.errors:
        assert error.file == name or error.file.startswith(f"{name}/")
        assert error.reason
    return None if found.errors else calls


PAGE = page(*range(1, 40), city="Казань")
WHOLE = list(range(1, 40))
PACKED = {
    "gz": gzip.compress(PAGE),
    "bz2": bz2.compress(PAGE),
    "xz": lzma.compress(PAGE),
    "zst": as_zstd(PAGE),
    "gz frames": gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:]),
    "bz2 frames": bz2.compress(PAGE[:99]) + bz2.compress(PAGE[99:]),
    "xz frames": lzma.compress(PAGE[:99]) + lzma.compress(PAGE[99:]),
    "zst frames": as_zstd(PAGE[:99]) + as_zstd(b"") + as_zstd(PAGE[99:]),
    "zip stored": as_zip({"page.json": PAGE}, zipfile.ZIP_STORED),
    "zip deflated": as_zip({"page.json": PAGE}),
    "gz in zip": as_zip({"page.json.gz": gzip.compress(PAGE)}),
    "zip in gz": gzip.compress(as_zip({"page.json": PAGE})),
    "zip in zip": as_zip({"pages.zip": as_zip({"page.json": PAGE})}),
    "zst in xz": lzma.compress(as_zstd(PAGE)),
}
each_packed = pytest.mark.parametrize("packed", PACKED.values(), ids=list(PACKED))


BLANKS = 300 * 1024 * 1024


def gzip_frame() -> Any:
    return zlib.compressobj(wbits=16 + zlib.MAX_WBITS)


def blanks(start: bytes, new_frame: Any) -> bytes:
    """Very many blanks, packed, after a beginning."""
    frame = new_frame()
    packed = [frame.compress(start)]
    packed += [frame.compress(b" " * 1024 * 1024) for _ in range(BLANKS // 1024 // 1024)]
    return b"".join([*packed, frame.flush()])


@pytest.mark.slow
@pytest.mark.parametrize("new_frame", [gzip_frame, bz2.BZ2Compressor, lzma.LZMACompressor])
def test_what_is_packed_a_million_times_is_unpacked_bit_by_bit(new_frame: Any) -> None:
    data = blanks(b"[", new_frame)
    limits = Limits(body_bytes=8 * 1024 * 1024)
    tracemalloc.start()
    found = iter_calls(io.BytesIO(data), on_error="collect", limits=limits)
    assert list(found) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "body_bytes is limited to" in str(found.errors[0])
    assert peak < 8 * limits.body_bytes


@pytest.mark.slow
def test_an_archive_in_a_packed_file_is_copied_up_to_a_bound() -> None:
    found = iter_calls(io.BytesIO(blanks(b"PK\x03\x04", bz2.BZ2Compressor)), on_error="collect")
    assert list(found) == []
    assert "an archive of more than 268,435,456 bytes in a packed file" in str(found.errors[0])


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_that_are_not_unpacked_bit_by_bit_are_refused(method: int) -> None:
    found = iter_calls(io.BytesIO(as_zip({"a.json": PAGE}, method)), on_error="collect")
    assert list(found) == []
    assert "packed in another way than zip's own" in str(found.errors[0])


class Dribble(io.RawIOBase):
    """A pipe that gives a byte at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._data.read(1)
        buffer[: len(data)] = data
        return len(data)


@pytest.mark.parametrize("name", ["gz", "zip deflated", "xz", "zst"])
def test_packed_after_what_was_read_already(folder: Path, name: str) -> None:
    put(folder, {"a": b"x" * 8190 + PACKED[name]})
    with open("a", "rb") as stream:
        stream.read(8190)
        if name.startswith("zip"):  # an archive is read from its end
            stream.seek(8190)
        assert list(iter_calls(stream)) == list(iter_calls(io.BytesIO(PAGE)))


@pytest.mark.parametrize("is_buffered", [False, True])
@pytest.mark.parametrize("name", ["gz", "zip deflated", "zip in gz", "zst in xz"])
def test_packed_in_a_pipe(name: str, is_buffered: bool) -> None:
    pipe = Dribble(PACKED[name])
    stream: Any = io.BufferedReader(pipe) if is_buffered else pipe
    assert list(iter_calls(stream)) == list(iter_calls(io.BytesIO(PAGE)))


@each_packed
def test_packed(packed: bytes) -> None:
    assert outcome(packed) == WHOLE


@pytest.mark.slow
@each_packed
def test_packed_and_cut_short(packed: bytes) -> None:
    """Half a frame is never read as a whole one; whole frames may be half a page."""
    for end in range(1, len(packed)):
        assert outcome(packed[:end]) is None


@pytest.mark.slow
@each_packed
def test_packed_and_damaged(packed: bytes) -> None:
    chance = random.Random(1)
    for at in range(len(packed)):
        damaged = bytearray(packed)
        damaged[at] ^= 1 << chance.randrange(8)
        assert outcome(bytes(damaged)) in (None, WHOLE)


TABLE = [b"callId\n1\n2\n", b"3\n4\n"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, as_zstd])
def test_frames_that_are_lost_are_reported(pack: Callable[[bytes], bytes]) -> None:
    """The table before the damage is well-formed: only the packing can tell."""
    first, second = map(pack, TABLE)
    assert outcome(first + second) == [1, 2, 3, 4]
    assert outcome(first) == [1, 2]
    for at in range(len(second)):
        for bit in range(8):
            damaged = bytearray(second)
            damaged[at] ^= 1 << bit
            assert outcome(first + bytes(damaged)) in (None, [1, 2, 3, 4])
    for end in range(1, len(second)):
        assert outcome(first + second[:end]) is None
    assert outcome(first + b"rest") is None
    assert outcome(first + bytes(8)) == [1, 2]
    assert outcome(first + bytes(5_000) + second) in ([1, 2, 3, 4], None)


def test_what_unpacks_to_much_more() -> None:
    blanks = b"[" + b" " * 50_000_000
    for pack in (gzip.compress, bz2.compress, as_zstd, lambda data: as_zip({"a.json": data})):
        stream = io.BytesIO(pack(blanks))
        assert "body_bytes" in dump_error(stream, limits=Limits(body_bytes=2_000_000)).reason


def test_packed_too_often() -> None:
    data = page(1)
    for _ in range(3):
        data = gzip.compress(data)
    assert outcome(data) == [1]
    assert "packed" in dump_error(io.BytesIO(gzip.compress(data))).reason
    nested = as_zip({"a.json": page(1)})
    for _ in range(4):
        nested = as_zip({"a.zip": nested, "b.json": page(2)})
    found = iter_calls(io.BytesIO(nested), on_error="collect")
    assert ids(found) == [2, 2, 2]
    assert "packed" in found.errors[0].reason


def test_names_do_not_tell_how_a_file_is_packed(folder: Path) -> None:
    put(folder, {"a.json": gzip.compress(page(1)), "b.json.gz": page(2), "c.zip": page(3)})
    put(folder, {"d.json": as_zip({"x.json": page(4)})})
    assert read(".") == [1, 2, 3, 4]


# ---- archives ----


def test_members_of_an_archive(folder: Path) -> None:
    files = {"10.json": page(2), "2.json": page(1), "a/b.xml": page(3, fmt=Format.XML)}
    files |= {"c.md": b"x", ".d.json": b"x", ".e/f.json": b"x", "__MACOSX/g.json": b"x", "h/": b""}
    files |= {"z/y.csv.zst": as_zstd(b"callId\n4\n"), "z/z.zip": as_zip({"q.json": page(5)})}
    put(folder, {"all.zip": as_zip(files)})
    dump = read_dump("all.zip")
    assert ids(dump.calls) == [1, 2, 3, 4, 5]
    assert [each.file for each in dump.pages] == [
        "all.zip/2.json",
        "all.zip/10.json",
        "all.zip/a/b.xml",
        "all.zip/z/y.csv.zst",
        "all.zip/z/z.zip/q.json",
    ]


def test_an_archive_without_dumps(folder: Path) -> None:
    put(folder, {"a.zip": as_zip({}), "b.zip": as_zip({"x.md": b"x"}), "c.json": page(1)})
    dump = read_dump(".", on_error="collect")
    assert [each.file for each in dump.errors] == ["./a.zip", "./b.zip"]
    assert all(".json" in each.reason for each in dump.errors)
    assert ids(dump.calls) == [1]


def test_members_that_cannot_be_read_do_not_abort_the_others() -> None:
    files = {f"{at}.json": page(at, at + 10) for at in range(6)}
    archive = bytearray(as_zip(files, zipfile.ZIP_STORED))
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        heads = [info.header_offset for info in opened.infolist()]
    entries = [each.start() for each in re.finditer(b"PK\x01\x02", archive)]
    archive[heads[1]] ^= 1  # no header of a member
    archive[heads[2] + 60] ^= 1  # another content than the sum says
    archive[entries[3] + 8] |= 1  # encrypted
    archive[entries[4] + 10] = 99  # packed in a way that Python does not know
    found = iter_calls(io.BytesIO(archive), on_error="collect")
    assert ids(found) == [0, 10, 5, 15]
    bad = [f"(a file object)/{at}.json" for at in (1, 2, 3, 4)]
    assert [each.file for each in found.errors] == bad
    reasons = [each.reason for each in found.errors]
    assert "encrypted" in reasons[2]
    assert "packed in another way" in reasons[3]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.json", page(1))
        archive.writestr("a.json", page(2))
    stream.seek(0)
    assert read(stream) == [1, 2]


def test_a_member_with_a_number_of_many_digits() -> None:
    archive = as_zip({"9" * 5000 + ".json": page(2), "10.json": page(1)})
    assert read(io.BytesIO(archive)) == [1, 2]


@pytest.mark.parametrize("begin", [2**64 - 1, 2**63, 2**63 - 1, 10**9])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_member_that_begins_after_the_end_of_any_file(
    begin: int, pack: Callable[[bytes], bytes]
) -> None:
    archive = as_zip({"a.json": page(1)})
    entry, end = archive.rfind(b"PK\x01\x02"), archive.rfind(b"PK\x05\x06")
    directory, tail = bytearray(archive[entry:end]), bytearray(archive[end:])
    directory += struct.pack("<HHQ", 1, 8, begin)
    struct.pack_into("<H", directory, 30, 12)
    struct.pack_into("<L", directory, 42, 2**32 - 1)
    struct.pack_into("<L", tail, 12, len(directory))
    data = pack(archive[:entry] + directory + tail)
    assert outcome(data, "a.zip") is None
    assert dump_error(io.BytesIO(data)).file == "(a file object)/a.json"
    with pytest.raises(DumpError):
        read_dump(io.BytesIO(data))


@pytest.mark.slow
@pytest.mark.parametrize("is_zip64", [False, True])
@pytest.mark.parametrize("comment", [b"", b"saved on Monday" * 4_000])
@pytest.mark.parametrize("before", [b"", b"PK\x03\x04" + bytes(99)])
def test_the_directory_of_an_archive_is_bounded(
    is_zip64: bool, comment: bytes, before: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_zip64:  # from 65,536 members on
        monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.comment = comment
        for at in range(2_000):
            archive.writestr(f"{at:04}.md" if at else "0000.json", page(at))
    data = before + stream.getvalue()
    assert (b"PK\x06\x06" in data) is is_zip64
    length = 2_000 * (46 + len("0000.md")) + len("on")
    for pack in (bytes, gzip.compress):
        monkeypatch.setattr(unpacking, "_MAX_DIRECTORY_BYTES", length)
        assert read(io.BytesIO(pack(data))) == [0]
        monkeypatch.setattr(unpacking, "_MAX_DIRECTORY_BYTES", length - 1)
        reason = dump_error(io.BytesIO(pack(data))).reason
        assert reason == f"an archive with a directory of more than {length - 1:,} bytes"


def test_a_directory_is_refused_before_it_is_read() -> None:
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H16x", 5) + b"a.csv"
    directory = entry * (2**23 // len(entry) + 1)
    end = struct.pack("<4s4x2H2LH", b"PK\x05\x06", 1, 1, len(directory), 4, 0)
    stream = io.BytesIO(b"PK\x03\x04" + directory + end)
    tracemalloc.start()
    reason = dump_error(stream).reason
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reason == "an archive with a directory of more than 8,388,608 bytes"
    assert peak < 1_000_000


def test_an_archive_in_an_archive_may_be_long() -> None:
    inner = as_zip({"a.json": page(1), "b.md": bytes(20_000_000)}, zipfile.ZIP_STORED)
    assert outcome(as_zip({"inner.zip": inner}, zipfile.ZIP_STORED), "a.zip") == [1]


# ---- URLs ----


def test_files_of_a_url(memory: Any) -> None:
    memory.pipe("/d/10.json", page(3))
    memory.pipe("/d/2.csv.gz", gzip.compress(b"callId\n1\n2\n"))
    memory.pipe("/d/a/1.zip", as_zip({"x.json": page(4)}))
    memory.pipe("/d/a.md", b"x")
    memory.pipe("/d/.hidden/a.json", b"x")
    assert read("memory://d") == read("memory://d/") == [1, 2, 3, 4]
    assert read("memory://d/*.json") == read("memory://d/10.json") == [3]
    assert read(["memory://d/10.json", "memory://d/2.csv.gz"]) == [3, 1, 2]
    assert read(["memory://d/*.gz", "memory://d/*[0].json"]) == [1, 2, 3]
    memory.pipe("/d/q[1].json", page(5))
    assert read("memory://d/q[1].json") == [5]
    memory.pipe("/d/.hidden/a.json", page(6))
    assert read("memory://d/**/*.json") == [3, 5]
    assert read("memory://d/.hidden/*.json") == [6]
    dump = read_dump("memory://d/a")
    assert [each.file for each in dump.pages] == ["memory:///d/a/1.zip/x.json"]


def test_the_local_file_system_by_url(folder: Path) -> None:
    put(folder, {"a/1.json": page(1), "a/b/2.json": page(2), "a/c.json/3.json": page(3)})
    assert read(f"file://{folder}/a") == read("a") == [1, 2, 3]
    assert read(f"file://{folder}/a/*.json") == [1]
    assert read(f"file://{folder}/a/1.json") == [1]
    assert read(f"local://{folder}/a/1.json") == [1]


def test_urls_that_stand_for_nothing(memory: Any, folder: Path) -> None:
    memory.pipe("/d/a.md", b"x")
    urls = ["memory://d/x.json", "memory://no/x.json", f"file://{folder}/x.json"]
    for url in urls:
        error = dump_error(url)
        assert (error.file, error.reason) == (url, "No such file or directory")
    for url in ("memory://d", "memory://d/*.json"):
        assert ".json" in dump_error(url).reason
    assert "nosuch" in dump_error("nosuch://a").reason


def test_a_remote_file_that_goes_away(memory: Any) -> None:
    memory.pipe("/d/1.json", page(1))
    memory.pipe("/d/2.json", page(2))
    found = iter_calls("memory://d", on_error="collect")
    assert next(found).call_id == 1
    memory.rm("/d/2.json")
    assert ids(found) == []
    assert [each.reason for each in found.errors] == ["No such file or directory"]


def test_chained_urls(folder: Path, memory: Any) -> None:
    put(folder, {"a.zip": as_zip({"1.json": page(1), "b/2.json": page(2)})})
    assert read(f"zip://1.json::file://{folder}/a.zip") == [1]
    assert read(f"zip://::file://{folder}/a.zip") == [1, 2]
    assert read(f"zip://*.json::file://{folder}/a.zip") == [1]
    memory.pipe("/d/1.json", page(1))
    assert read("simplecache::memory://d/1.json") == [1]


# ---- extras ----


@pytest.mark.parametrize(
    ("module", "extra", "given"),
    [
        ("zstandard", "zstd", io.BytesIO(as_zstd(page(1)))),
        ("fsspec", "remote", "memory://a.json"),
    ],
)
@pytest.mark.parametrize("on_error", ["raise", "collect"])
def test_a_missing_extra_is_named(
    module: str, extra: str, given: Any, on_error: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    if not isinstance(given, str):
        given.seek(0)
    with pytest.raises(ModuleNotFoundError, match=rf"ckct-formats\[{extra}\]"):
        list(iter_calls(given, on_error=on_error))


# ---- errors ----


def test_one_bad_file_does_not_abort_the_rest(folder: Path) -> None:
    files = {"1.json": page(1), "2.json": b"{", "3.json": b'[{"callId":"x"},{"callId":3}]'}
    put(folder, files | {"4.json": b"", "5.xml": b"<!DOCTYPE a><a/>", "6.json": page(6)})
    found = iter_calls(".", on_error="collect")
    assert ids(found) == [1, 3, 6]
    assert found.given == 3
    dump = read_dump(".", on_error="collect")
    assert list(dump.errors) == found.errors
    assert [each.file for each in dump.errors] == [f"./{at}" for at in list(files)[1:]] + [
        "./4.json",
        "./5.xml",
    ]
    paths = [each.error.path for each in dump.errors if each.error]
    assert paths == [(), ("payload", 0, "callId"), (), ()]
    assert [each.file for each in dump.pages] == ["./1.json", "./3.json", "./6.json"]
    assert summarize(".", on_error="collect").errors == dump.errors


def test_the_first_error_is_raised(folder: Path) -> None:
    put(folder, {"1.json": page(1, 2), "2.json": b'[{"callId":3},{"callId":"x"}]', "3.json": b""})
    found = iter_calls(".")
    assert found.given == 0
    with pytest.raises(DumpError) as caught:
        list(found)
    error = caught.value
    assert (error.file, error.calls, found.given) == ("./2.json", 2, 2)
    assert error.error is not None
    assert error.error.path == ("payload", 1, "callId")
    assert error.reason == str(error.error)
    assert list(found) == []
    assert str(error) == f"./2.json: {error.error} (after 2 records were given)"
    assert error.__cause__ is error.__context__ is None
    missing = dump_error("4.json")
    assert missing.__cause__ is missing.__context__ is None
    with pytest.raises(DumpError):
        read_dump(".")


ERRORS = [
    DumpError("a.json", "Permission denied"),
    DumpError("a.json", "Permission denied", calls=3),
    DumpError("b.json", "Permission denied"),
    DumpError("a.json", error=ParseError("not JSON", format=Format.JSON, line=1, column=2)),
    DumpError("a.json", error=ParseError("not JSON", format=Format.JSON, line=1, column=3)),
]


@pytest.mark.parametrize("error", ERRORS, ids=str)
def test_an_error_travels(error: DumpError) -> None:
    protocols = range(2, pickle.HIGHEST_PROTOCOL + 1)
    copies = [pickle.loads(pickle.dumps(error, protocol)) for protocol in protocols]
    for other in [*copies, copy.copy(error), copy.deepcopy(error)]:
        assert type(other) is DumpError
        assert other == error
        assert hash(other) == hash(error)
        assert (other.file, other.reason, other.error, other.calls, str(other)) == (
            error.file,
            error.reason,
            error.error,
            error.calls,
            str(error),
        )
    assert ERRORS.count(error) == 1


def test_reasons_are_masked_and_names_can_be_printed() -> None:
    error = DumpError("a\n\x1b.json", "no 79990001122")
    assert "79990001122" not in str(error)
    assert str(error).isprintable()


def test_dumps_can_be_pickled(folder: Path) -> None:
    put(folder, {"1.json": page(1, 1), "2.json": b"x"})
    dump = read_dump(".", on_error="collect")
    assert pickle.loads(pickle.dumps(dump)) == dump
    assert pickle.loads(pickle.dumps(dump.summary())) == dump.summary()


# ---- completeness ----

DAY = datetime(2019, 7, 16)
REQUEST = Request("call", "get", "v1", DAY, None, 2)


def saved(
    number: int | None,
    calls: Sequence[Call | int],
    *,
    fmt: Format = Format.JSON,
    total: int | None = 5,
    of: int | None = 3,
    **inbound: Any,
) -> bytes:
    """A page of a request of three pages of two calls."""
    echo = Inbound(
        requested_type=fmt.value,
        requested_entity="call",
        requested_method="get",
        requested_version="v1",
        requested_params=RequestedParams(number, DAY),
        page_length=2,
        total_length=total,
        of_pages=of,
    )
    payload = [each if isinstance(each, Call) else Call(each) for each in calls]
    return serialize(Response(replace(echo, **inbound), payload=payload), fmt)


def test_a_whole_dump_in_mixed_formats(folder: Path) -> None:
    put(folder, {"0.json": saved(0, [1, 2]), "1.xml": saved(1, [3, 4], fmt=Format.XML)})
    put(folder, {"2.csv.gz": gzip.compress(saved(2, [5], fmt=Format.CSV))})
    dump = read_dump(".")
    assert ids(dump.calls) == [1, 2, 3, 4, 5]
    assert [each.calls for each in dump.pages] == [2, 2, 1]
    assert not (dump.missing_pages or dump.repeated_pages or dump.wrong_totals)
    assert not (dump.duplicates or dump.conflicts or dump.errors)
    assert dump.summary().is_complete
    assert summarize(".") == dump.summary()
    inbound = dump.response.inbound
    assert inbound.requested_type is None  # the pages differ in it
    assert inbound.requested_entity == "call"
    assert inbound.requested_params == RequestedParams(0, DAY)
    assert (inbound.page_length, inbound.total_length, inbound.of_pages) == (5, 5, 1)
    assert dump.response.payload == dump.calls
    assert dump.response.next_page is None
    for fmt in Format:
        assert parse(serialize(dump.response, fmt), fmt) == dump.response


def test_missing_and_repeated_pages(folder: Path) -> None:
    put(folder, {"a.json": saved(0, [1, 2]), "b.json": saved(2, [5]), "c.json": saved(0, [1, 2])})
    dump = read_dump(".")
    assert dump.missing_pages == (MissingPages(REQUEST, 3, (0, 2), (1,)),)
    assert dump.repeated_pages == (RepeatedPage(REQUEST, 0, ("./a.json", "./c.json")),)
    files = ("./a.json", "./c.json")
    assert dump.duplicates == (RepeatedCall(1, files), RepeatedCall(2, files))
    assert not (dump.conflicts or dump.wrong_totals)
    assert not dump.summary().is_complete
    assert str(dump.missing_pages[0].request) == "v1/call/get from 2019-07-16 00:00:00"


def test_requests_are_told_apart(folder: Path) -> None:
    other = RequestedParams(0, datetime(2020, 1, 1))
    put(folder, {"a.json": saved(0, [1, 2]), "b.json": saved(0, [3], requested_params=other)})
    put(folder, {"c.json": saved(1, [4], page_length=10, of=2), "d.json": page(5)})
    missing = {each.request: each.missing for each in read_dump(".").missing_pages}
    assert missing == {
        REQUEST: (1, 2),
        replace(REQUEST, start_date=datetime(2020, 1, 1)): (1, 2),
        replace(REQUEST, page_length=10): (0,),
    }
    assert read_dump(".").repeated_pages == ()


def test_wrong_totals(folder: Path) -> None:
    put(folder, {"0.json": saved(0, [1, 2]), "1.json": saved(1, [3, 4]), "2.json": saved(2, [])})
    assert read_dump(".").wrong_totals == (WrongTotal(REQUEST, (5,), 4),)
    put(folder, {"2.json": saved(2, [5], total=6)})
    assert read_dump(".").wrong_totals == (WrongTotal(REQUEST, (5, 6), 5),)
    put(folder, {"2.json": saved(2, [5], total=None)})
    assert read_dump(".").wrong_totals == ()
    (folder / "1.json").unlink()
    assert read_dump(".").wrong_totals == ()  # of pages that are missing nothing is known
    assert read_dump(".").missing_pages != ()


def test_a_page_that_failed_is_still_missing(folder: Path) -> None:
    files = {"0.json": saved(0, [1, 2]), "1.json": saved(1, [], error="User is not recognized")}
    put(folder, files | {"2.json": saved(2, [5])})
    dump = read_dump(".")
    assert [each.missing for each in dump.missing_pages] == [(1,)]
    summary = dump.summary()
    assert summary.failed_pages == {"User is not recognized": 1}
    assert summary.pages == 3
    assert not summary.is_complete
    put(folder, {"1_again.json": saved(1, [3, 4])})
    dump = read_dump(".")
    assert not (dump.missing_pages or dump.repeated_pages or dump.wrong_totals)


@pytest.mark.parametrize("of", [10**17, 10**18 - 1])
def test_any_number_of_pages(of: int, folder: Path) -> None:
    put(folder, {"0.json": saved(0, [1], of=of), "7.json": saved(7, [2], of=of)})
    (missing,) = read_dump(".").missing_pages
    assert (missing.of_pages, missing.found) == (of, (0, 7))
    assert len(missing.missing) == 10_000
    assert missing.missing[:7] == (1, 2, 3, 4, 5, 6, 8)


@pytest.mark.parametrize("of", [None, 0, -1, -(10**17)])
def test_no_number_of_pages(of: int | None, folder: Path) -> None:
    put(folder, {"0.json": saved(0, [1], of=of, total=1)})
    dump = read_dump(".")
    assert not (dump.missing_pages or dump.repeated_pages)
    assert dump.pages[0].inbound.of_pages == of


def test_pages_without_an_envelope(folder: Path) -> None:
    put(folder, {"0.json": page(1), "1.csv": b"callId\n2\n", "2.json": saved(None, [3])})
    dump = read_dump(".")
    assert not (dump.missing_pages or dump.repeated_pages or dump.wrong_totals)
    assert dump.pages[0] == Page("./0.json", Inbound(), 1)
    assert dump.response.inbound.requested_entity == "call"
    assert read_dump("0.json").response.inbound == Inbound()


CHANGES: list[dict[str, Any]] = [
    {"city": "x"},
    {"duration": 1},
    {"duration": -1},
    {"duration": -2},
    {"tags_id": (-1,)},
    {"tags_id": (-2,)},
    {"tags_id": (1, 2)},
    {"tags_id": (2, 1)},
    {"time_start": DAY},
    {"extra": {"a": "b"}},
    {"extra": {"a": "c"}},
    {"extra": {"b": "a"}},
    {},
]


@dataclass
class Inner:
    x: int
    y: Decimal = field(default=Decimal(0), repr=False)


@dataclass
class Outer:
    call_id: int
    duration: int
    inner: tuple[Inner, ...] = ()
    share: float = 0.0


@dataclass
class Camp:
    campaign_id: int
    call_id: int | None = None


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ({"duration": 5}, {"duration": 5}, True),
        ({"duration": 5}, {"duration": 6}, False),
        ({"duration": -1}, {"duration": -2}, False),
        ({"share": 0}, {"share": -0.0}, True),
        ({"inner": [{"x": 1, "y": 2}]}, {"inner": [{"x": 1, "y": 3}]}, False),
        ({"inner": [{"x": -1}]}, {"inner": [{"x": -2}]}, False),
        ({"inner": [{"x": 1, "y": "1.0"}]}, {"inner": [{"x": 1, "y": "1.00"}]}, True),
    ],
)
def test_what_is_one_call(first: Any, second: Any, is_same: bool) -> None:
    rows = [{"callId": 1, "duration": 0} | each for each in (first, second)]
    data = json.dumps(rows).encode()
    equal = operator.eq(*parse(data, record_type=Outer).payload)
    assert equal is is_same
    dump = read_dump(io.BytesIO(data), record_type=Outer)
    assert [len(dump.duplicates), len(dump.conflicts)] == [is_same, not is_same]


def test_calls_are_told_apart_by_their_number() -> None:
    data = b'[{"campaignId":7,"callId":1},{"campaignId":7,"callId":2},{"campaignId":7},'
    data += b'{"campaignId":8},{"campaignId":9,"callId":1}]'
    dump = read_dump(io.BytesIO(data), record_type=Camp)
    assert dump.duplicates == ()
    assert [each.identifier for each in dump.conflicts] == [1]


def test_duplicates_and_conflicts(folder: Path) -> None:
    for at, change in enumerate(CHANGES):
        for other in CHANGES[at:]:
            put(folder, {"a.json": page(7, 1, **change), "b.csv": page(7, fmt=Format.CSV, **other)})
            dump = read_dump(".")
            found = (RepeatedCall(7, ("./a.json", "./b.csv")),)
            same = change == other
            assert (dump.duplicates, dump.conflicts) == ((found, ()) if same else ((), found))
    put(folder, {"c.json": page(7, 7)})
    assert read_dump("c.json").duplicates == (RepeatedCall(7, ("c.json", "c.json")),)


def test_records_with_records_inside(folder: Path) -> None:
    first = {"universalId": "a", "hooks": [{"hookAddress": "x"}], "new": "1", "old": "2"}
    second = {"old": "2", "new": "1", "hooks": [{"hookAddress": "x"}], "universalId": "a"}
    put(folder, {"1.json": json.dumps([first, second]).encode()})
    dump = read_dump("1.json", record_type=CallV3)
    assert [each.identifier for each in dump.duplicates] == ["a"]
    assert dump.conflicts == ()
    second["hooks"] = [{"hookAddress": "y"}]
    put(folder, {"1.json": json.dumps([first, second]).encode()})
    assert [each.identifier for each in read_dump(".", record_type=CallV3).conflicts] == ["a"]


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.lists(st.integers(1, 6), max_size=2), st.integers(0, 4)),
        max_size=5,
    )
)
def test_completeness_against_a_naive_count(pages: list[tuple[int, list[int], int]]) -> None:
    files = [io.BytesIO(saved(number, calls, of=of)) for number, calls, of in pages]
    dump = read_dump(files)
    numbers = Counter(number for number, _, _ in pages)
    most = max((of for _, _, of in pages), default=0)
    missing = [each for each in range(most) if each not in numbers]
    assert [number for each in dump.missing_pages for number in each.missing] == missing
    repeated = [number for number, count in sorted(numbers.items()) if count > 1]
    assert [each.number for each in dump.repeated_pages] == repeated
    twice = Counter(call for _, calls, _ in pages for call in calls)
    found = {each.identifier: len(each.files) for each in dump.duplicates}
    assert found == {call: count for call, count in twice.items() if count > 1}
    assert dump.conflicts == ()


# ---- the whole as one response ----


def test_what_envelopes_have_in_common() -> None:
    info = Info({"call": ("get",)}, ("json",), ("v1",))
    pages = []
    for at, city in enumerate(("x", "y")):
        echo = Inbound(
            requested_entity="call",
            requested_params=RequestedParams(at, DAY, datetime(2020, 1, at + 1)),
            page_length=1,
            total_length=2,
            of_pages=2,
            content_length=100,
            extra={"server": "a"},
        )
        response = Response(echo, replace(info, versions=(f"v{at}",)), [Call(at, city=city)])
        pages.append(io.BytesIO(serialize(response, "json")))
    response = read_dump([*pages, io.BytesIO(page(9))]).response
    assert response.inbound == Inbound(
        requested_entity="call",
        requested_params=RequestedParams(0, DAY, None),
        page_length=3,
        total_length=3,
        of_pages=1,
        extra={"server": "a"},
    )
    assert response.info == replace(info, versions=())
    assert response.errors == ()
    assert response.source is None


def test_no_files_at_all() -> None:
    dump = read_dump([])
    assert dump.response == Response()
    assert (dump.calls, dump.pages) == ([], ())
    assert dump.summary() == summarize([])
    assert dump.summary().is_complete


# ---- summaries ----


@given(
    st.lists(
        st.builds(
            Call,
            call_id=st.integers(1, 9),
            state=st.sampled_from([None, "200/200", "480/487"]),
            campaign_name=st.sampled_from([None, "Лето", "Осень"]),
            utm_source=st.sampled_from([None, "yandex"]),
            time_start=st.none() | st.datetimes(datetime(2019, 7, 1), datetime(2019, 7, 4)),
        ),
        max_size=12,
    )
)
def test_a_summary_against_a_naive_count(calls: list[Call]) -> None:
    half = len(calls) // 2
    parts = [calls[:half], calls[half:]]
    files = [io.BytesIO(serialize(Response(payload=part), Format.CSV)) for part in parts]
    summary = read_dump(files).summary()
    assert (summary.calls, summary.pages) == (len(calls), 2)
    assert summary.days == Counter(each.time_start and each.time_start.date() for each in calls)
    assert summary.states == Counter(each.state for each in calls)
    assert summary.campaigns == Counter(each.campaign_name for each in calls)
    assert summary.sources == Counter(each.utm_source for each in calls)
    days = [day for day in summary.days if day is not None]
    assert days == sorted(days)
    assert None not in list(summary.days)[:-1]
    for counts in (summary.states, summary.campaigns, summary.sources):
        assert list(counts.values()) == sorted(counts.values(), reverse=True)


def test_a_summary_of_other_records() -> None:
    @dataclass
    class Odd:
        call_id: int
        time_start: str | None = None
        state: tuple[int, ...] = ()
        source: int | None = None

    data = b'[{"callId":1,"timeStart":"noon","state":[1],"source":5},{"callId":2}]'
    summary = read_dump(io.BytesIO(data), record_type=Odd).summary()
    assert summary.days == {None: 2}
    assert summary.states == {(1,): 1, (): 1}
    assert summary.sources == {5: 1, None: 1}
    assert read_dump(io.BytesIO(data), record_type=dict).summary().calls == 2

    @dataclass
    class Daily:
        call_id: int
        time_start: date | None = None

    data = b'[{"callId":1,"timeStart":"2019-07-16"}]'
    summary = read_dump(io.BytesIO(data), record_type=Daily).summary()
    assert summary.days == {date(2019, 7, 16): 1}


def test_a_summary_counts_what_cannot_be_hashed() -> None:
    @dataclass
    class ByLists:
        call_id: int
        state: dict[str, tuple[str, ...]] = field(default_factory=dict)

    data = b'[{"callId":1,"state":{"a":["b"]}},{"callId":2},{"callId":3,"state":{"a":["b"]}}]'
    summary = read_dump(io.BytesIO(data), record_type=ByLists).summary()
    assert summary.states == {"{'a': ('b',)}": 2, "{}": 1}


# ---- long files, and memory ----


@pytest.mark.slow
@each_format
def test_a_long_file_is_read_whole(fmt: Format) -> None:
    calls = [Call(at, utm_term=f"{at} " + "слово " * 50_000) for at in range(1, 41)]
    data = serialize(Response(payload=calls), fmt)
    assert len(data) > 20_000_000
    assert list(iter_calls(io.BytesIO(data), fmt)) == calls


def test_a_file_is_refused_that_is_longer_than_a_body_may_be(folder: Path) -> None:
    put(folder, {"1.json": page(*range(50)), "2.json.gz": gzip.compress(page(99))})
    length = len(page(*range(50)))
    assert read(".", limits=Limits(body_bytes=length)) == [*range(50), 99]
    dump = read_dump(".", limits=Limits(body_bytes=length - 1), on_error="collect")
    assert ids(dump.calls) == [99]
    (failed,) = dump.errors
    assert isinstance(failed.error, LimitExceededError)
    assert (failed.file, failed.error.limit) == ("./1.json", "body_bytes")
    assert failed.reason.startswith(str(failed.error))
    assert "save each page in a file of its own" in failed.reason
    assert "limits=Limits(body_bytes=" in failed.reason
    assert pickle.loads(pickle.dumps(failed)) == failed


@pytest.mark.slow
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_files_are_let_go_when_they_have_been_read(
    folder: Path, pack: Callable[[bytes], bytes]
) -> None:
    data = page(*range(200), utm_term="слово " * 100)
    put(folder, {f"{at}.json": pack(data) for at in range(40)})

    def peak(paths: Any) -> int:
        tracemalloc.start()
        try:
            assert sum(1 for _ in iter_calls(paths)) > 0
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(".") < 1.5 * peak("0.json")


def test_errors_keep_no_body(folder: Path) -> None:
    put(folder, {f"{at}.json": b"[" + b" " * 1000 for at in range(3)})
    for error in read_dump(".", on_error="collect").errors:
        for each in (error, error.error):
            assert each is not None
            assert [each.__traceback__, each.__context__, each.__cause__] == [None] * 3


def test_groups_are_bounded_by_bytes_and_by_files() -> None:
    def sizes(*given: int | None) -> list[list[int | None]]:
        files = [File(str(number), size) for number, size in enumerate(given)]
        groups = list(grouped(files))
        assert [file for group in groups for file in group] == files
        return [[file.size for file in group] for group in groups]

    assert sizes() == []
    assert sizes(40 * 2**20, 24 * 2**20, 1) == [[40 * 2**20, 24 * 2**20], [1]]
    assert sizes(1, 900 * 2**20, 1) == [[1], [900 * 2**20], [1]]
    assert sizes(1, None, None, 1) == [[1], [None], [None], [1]]
    assert [len(group) for group in sizes(*[10] * 150)] == [64, 64, 22]
