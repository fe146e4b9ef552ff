"""expat alone, with no handlers: the page is tokenised and nothing is kept."""

from __future__ import annotations

from xml.parsers import expat

from benchmarks.contenders import Contender


def _read(body: bytes) -> int:
    return expat.ParserCreate().Parse(body, True)


CONTENDER = Contender("pyexpat, no handlers", ("xml.parsers.expat",), _read, floor=True)
