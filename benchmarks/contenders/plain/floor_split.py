"""Splitting the lines, and each at its arrow."""

from __future__ import annotations

from benchmarks.contenders import Contender


def _read(body: bytes) -> list[tuple[str, str, str]]:
    return [line.partition(" => ") for line in body.decode().splitlines()]


CONTENDER = Contender("splitlines, partition", ("builtins",), _read, floor=True)
