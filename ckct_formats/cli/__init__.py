"""The program `ckct-formats`: how it starts, and how it ends.

The commands need the extra `cli`; this module needs nothing, so that it can say so.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from ckct_formats._about import PROGRAM

_EXTRA = ("click", "rich")


def main() -> NoReturn:
    """Run the command line, and exit."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _stop)
    try:
        from ckct_formats.cli._program import program  # noqa: PLC0415 (may be missing)

        program.main(prog_name=PROGRAM)
    except ModuleNotFoundError as missing:
        name = (missing.name or "").partition(".")[0]
        if name not in _EXTRA:
            raise
        _fail(2, f'{name} is not installed; needs the extra: pip install "{PROGRAM}[cli]"')
    except OSError as error:
        # The commands deal with files themselves, so this is standard output (a full disk).
        _fail(1, f"standard output: {error.strerror}")
    finally:
        _settle_output()


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Exit as at any other end, which tidies up, with the status that shells give. click would add
    words to Ctrl-C, and exit with 1."""
    raise SystemExit(128 + number)


def _fail(status: int, text: str) -> NoReturn:
    if sys.stderr is not None:
        sys.stderr.write(f"{PROGRAM}: {text}\n")
    raise SystemExit(status)


def _settle_output() -> None:
    """Write what is still buffered; if that fails, drop it, lest the interpreter try and complain.

    The reader has left then (`| head`), or the failure is reported already.
    """
    try:
        if sys.__stdout__ is not None:
            sys.__stdout__.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
