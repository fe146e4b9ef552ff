"""This library."""

from __future__ import annotations

from benchmarks.contenders.ours import contender
from ckct_formats import Format

CONTENDER = contender(Format.JSON)
