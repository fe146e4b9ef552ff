"""What the library does to the process that it runs in, and to what is outside: nothing.

Each check runs in a process of its own, lest what other tests did is taken for it.
"""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ckct_formats import Format, FormatsError, ParseError, UnsafeInputError, parse

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
SUFFIXES = {".json": "json", ".xml": "xml", ".csv": "csv", ".txt": "plain"}
BODIES = sorted(
    path
    for folder in (FIXTURES, FIXTURES / "hostile")
    for path in (folder.iterdir() if folder == FIXTURES else folder.rglob("*"))
    if path.suffix in SUFFIXES and path.is_file()
)

READ_ALL = f"""
import pathlib
from ckct_formats import FormatsError, parse, serialize

def read_all(bodies):
    read = 0
    for body, fmt in bodies:
        for on_error in ("raise", "collect"):
            try:
                serialize(parse(body, fmt, on_error=on_error), fmt)
                read += 1
            except FormatsError:
                pass
    return read

SUFFIXES = {SUFFIXES!r}
bodies = [
    (path.read_bytes(), SUFFIXES[path.suffix])
    for path in map(pathlib.Path, {[str(path) for path in BODIES]!r})
]
"""

GARBAGE = f"""{READ_ALL}
import gc, types
read_all(bodies)  # what is made once is made now
gc.collect()
gc.disable()
gc.set_debug(gc.DEBUG_SAVEALL)
for each in bodies:
    read_all([each])
    gc.collect()
    kinds = (Exception, types.FrameType, types.TracebackType)
    print(*[each for each in gc.garbage if isinstance(each, kinds)], sep="", end="")
    gc.garbage.clear()
"""


def run(code: str) -> str:
    """What a program prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_are_bodies() -> None:
    assert len(BODIES) > 100
    assert {path.suffix for path in BODIES} == set(SUFFIXES)


SETTINGS = """
import csv, decimal, gc, json, locale, logging, os, signal, socket, sys, threading, warnings

def settings():
    return {
        "csv.field_size_limit": csv.field_size_limit(),
        "csv.list_dialects": csv.list_dialects(),
        "recursion limit": sys.getrecursionlimit(),
        "switch interval": sys.getswitchinterval(),
        "digits of an integer": sys.get_int_max_str_digits(),
        "locale": locale.setlocale(locale.LC_ALL),
        "decimal context": repr(decimal.getcontext()),
        "garbage collector": (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()),
        "signals": [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)],
        "log handlers": list(logging.getLogger().handlers),
        "socket timeout": socket.getdefaulttimeout(),
        "threads": threading.active_count(),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "warnings": list(warnings.filters),
        "path": list(sys.path),
        "hooks": (sys.excepthook, sys.gettrace(), sys.getprofile(), list(sys.meta_path)),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
    }

before = settings()
"""


def test_no_setting_of_the_process_is_changed() -> None:
    code = (
        SETTINGS
        + READ_ALL
        + "read = read_all(bodies)\n"
        + "after = settings()\n"
        + "print([name for name in before if before[name] != after[name]], read > 50)"
    )
    assert run(code) == "[] True\n"


def test_that_a_changed_setting_is_seen() -> None:
    code = SETTINGS + "csv.field_size_limit(5)\nsys.setrecursionlimit(3000)\n"
    code += "after = settings()\nprint([name for name in before if before[name] != after[name]])"
    assert run(code) == "['csv.field_size_limit', 'recursion limit']\n"


HOOK = """
import sys
events = []
is_watched = False
OUTSIDE = ("open", "socket.", "subprocess.", "os.", "shutil.", "urllib.", "http.", "ftplib.")
OUTSIDE += ("ctypes.", "exec", "compile", "pickle.", "marshal.", "import")

def hook(event, args):
    if is_watched and event.startswith(OUTSIDE):
        events.append((event, str(args)[:200]))

sys.addaudithook(hook)
"""


@pytest.mark.slow
def test_nothing_outside_is_asked_for_while_bodies_are_read() -> None:
    """The first time, modules are imported and patterns compiled; after that, nothing happens that
    an auditor of the interpreter could see: no file, no connection, no code."""
    code = (
        HOOK
        + READ_ALL
        + "read_all(bodies)\nis_watched = True\nread = read_all(bodies)\nis_watched = False\n"
        + "print(sorted(set(events)), read > 50)"
    )
    assert run(code) == "[] True\n"


def test_that_a_file_that_is_opened_is_seen(tmp_path: Path) -> None:
    code = (
        HOOK + f"is_watched = True\nopen({str(tmp_path / 'a')!r}, 'w').close()\nprint(events[0][0])"
    )
    assert run(code) == "open\n"


class _Counting(BaseHTTPRequestHandler):
    requests = 0

    def do_GET(self) -> None:
        type(self).requests += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"secret")

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def server() -> Iterator[str]:
    """An address of this machine; what asks for it is counted."""
    listening = HTTPServer(("127.0.0.1", 0), _Counting)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}/x"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


# What a parser of XML may fetch: the parser is no Python, so that no auditor sees it.
FETCHING = [
    '<!DOCTYPE r SYSTEM "{0}"><r/>',
    '<!DOCTYPE r PUBLIC "-//x//y" "{0}"><r/>',
    '<!DOCTYPE r [<!ENTITY a SYSTEM "{0}">]><r><payload>&a;</payload></r>',
    '<!DOCTYPE r [<!ENTITY % a SYSTEM "{0}"> %a;]><r/>',
    '<!DOCTYPE r [<!NOTATION a SYSTEM "{0}">]><r/>',
    '<?xml-stylesheet type="text/xsl" href="{0}"?><r><item><callId>1</callId></item></r>',
    '<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{0}"/></r>',
    '<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x {0}"/>',
    '<r xml:base="{0}"><item><callId>1</callId></item></r>',
    '<?xml-model href="{0}"?><r/>',
]


@pytest.mark.slow
@pytest.mark.parametrize("text", FETCHING)
@pytest.mark.parametrize("place", ["server", "file"])
def test_nothing_is_fetched(text: str, place: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("<item><city>secret</city></item>")
    _Counting.requests = 0
    with server() as address:
        body = text.format(address if place == "server" else secret.as_uri())
        try:
            found: object = parse(body, Format.XML, record_type=dict)
        except ParseError as error:
            found = error
        assert ("<!DOCTYPE" in text) is isinstance(found, UnsafeInputError)
        assert "secret" not in repr(found).replace("secret.txt", "")
    assert _Counting.requests == 0


# ---- errors that cross a process pool ----


def attempt(file: str) -> None:
    """Read a file; what is wrong with it is raised."""
    path = Path(file)
    parse(path.read_bytes(), SUFFIXES[path.suffix])


def error_of(path: Path) -> FormatsError | None:
    try:
        attempt(str(path))
    except FormatsError as error:
        return error
    return None


def test_errors_cross_a_pool_of_processes() -> None:
    errors = {path: error for path in BODIES if (error := error_of(path)) is not None}
    assert len({type(error) for error in errors.values()}) >= 3
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        for path, future in [(path, pool.submit(attempt, str(path))) for path in errors]:
            with pytest.raises(type(errors[path])) as caught:
                future.result()
            assert caught.value == errors[path]
            assert str(caught.value) == str(errors[path])


def test_responses_cross_processes() -> None:
    for path in BODIES:
        if error_of(path) is None:
            response = parse(path.read_bytes(), SUFFIXES[path.suffix])
            assert pickle.loads(pickle.dumps(response)) == response


@pytest.mark.slow
def test_a_refused_body_leaves_nothing_behind() -> None:
    """No error holds the frames that hold it: what was read is freed at once, without a search for
    garbage, of which there may be none for long."""
    assert run(GARBAGE) == ""
