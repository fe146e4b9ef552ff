"""The parts of an output while it is made: a hidden folder beside it, which a second run takes up.

A part is done when its report is there, which says how long it is.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from ckct_formats._atomic import replacing

_PLAN = "plan.json"
_PARTS = "parts"
_DONE = "done"
_DRAFT = "draft"
_HEX = r"[0-9a-f]{16}"
# How what is in the folder is called: `replacing` writes under hidden names.
_NAMES = re.compile(
    rf"{_PLAN}|{_PARTS}|{_DONE}-\d+\.json|{_DRAFT}-{_HEX}"
    rf"|\.(?:{_PLAN}|{_DONE}-\d+\.json|part-\d+\.[a-z]+)\.{_HEX}"
)


class InUseError(Exception):
    """The folder is not ours to use: its text says why."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a unit.

    Attributes:
        number: Its number.
        size: The bytes of its part.
        errors: What was left out: file and reason.
        calls: How many records its part holds.
    """

    number: int
    calls: int
    size: int
    errors: list[tuple[str, str]]


class Staging:
    """The folder of parts.

    Attributes:
        folder: The folder.
        parts: Where the parts are, and nothing else: this may become the output.
    """

    def __init__(self, folder: Path, suffix: str) -> None:
        self.folder = folder
        self.parts = folder / _PARTS
        self._suffix = suffix

    @classmethod
    def beside(cls, out: str, suffix: str) -> Staging:
        """The folder for an output, found again by its name."""
        path = Path(os.path.realpath(out))
        return cls(path.with_name(f".{path.name}.ckct-partial"), suffix)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder, and hold it against other runs (not on Windows).

        Raises:
            InUseError: Another run holds it, or it is no folder of ours.
        """
        try:
            self.folder.mkdir()
        except FileExistsError:
            if self.folder.is_symlink() or not self.folder.is_dir():
                raise self._in_the_way("it is no folder") from None
        if sys.platform == "win32":  # which has no such lock
            yield
            return
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            self._lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        """Lock the folder; the run that held it before may have removed it meanwhile."""
        import fcntl  # noqa: PLC0415 (not on Windows)

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_there = os.path.samestat(os.fstat(descriptor), os.stat(self.folder))
        except (BlockingIOError, FileNotFoundError):
            is_there = False
        if not is_there:
            raise InUseError("another run is writing it")

    def _in_the_way(self, reason: str) -> InUseError:
        return InUseError(f"{self.folder} is in the way: {reason}")

    def begin(self, plan: dict[str, Any]) -> dict[int, Done]:
        """What an earlier run of the same plan has done; without one the folder is emptied.

        Raises:
            InUseError: The folder holds something else than parts.
        """
        if not all(map(_NAMES.fullmatch, os.listdir(self.folder))):
            raise self._in_the_way("it holds something else than parts")
        if self._plan() != plan:
            self._empty()
            self.parts.mkdir()
            self._write(_PLAN, plan)
        return {done.number: done for done in self._reports()}

    def _plan(self) -> Any:
        return _read(self.folder / _PLAN) if self.parts.is_dir() else None

    def _empty(self) -> None:
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _reports(self) -> Iterator[Done]:
        for path in self.folder.glob(f"{_DONE}-*.json"):
            try:
                done = Done(**_read(path))
                if self.part(done.number).stat().st_size == done.size:
                    yield done
            except (OSError, TypeError, ValueError):  # cut short by a crash: the unit is not done
                continue

    def part(self, number: int) -> Path:
        """The name of a part."""
        return self.parts / f"part-{number:05}{self._suffix}"

    @contextmanager
    def writing(self, part: Path) -> Iterator[IO[bytes]]:
        """A part while it is written."""
        with replacing(part, self.folder) as stream:
            yield stream

    def draft(self) -> Path:
        """A name for the output while it is written."""
        return self.folder / f"{_DRAFT}-{secrets.token_hex(8)}"

    def report(self, number: int, calls: int, errors: Sequence[tuple[str, str]]) -> Done:
        """Say that a part is done."""
        done = Done(number, calls, self.part(number).stat().st_size, list(errors))
        self._write(f"{_DONE}-{number:05}.json", asdict(done))
        return done

    def _write(self, name: str, tree: dict[str, Any]) -> None:
        with replacing(self.folder / name) as stream:
            stream.write(json.dumps(tree).encode())

    def remove(self) -> None:
        """Remove the folder and what is in it, as far as that can be done."""
        with suppress(OSError):
            self._empty()
            self.folder.rmdir()


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
