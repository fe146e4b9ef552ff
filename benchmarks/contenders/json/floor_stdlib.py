"""The standard library's json alone."""

from __future__ import annotations

import json

from benchmarks.contenders import Contender

CONTENDER = Contender("json.loads", ("json",), json.loads, floor=True)
