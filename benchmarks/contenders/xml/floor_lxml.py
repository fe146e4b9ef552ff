"""lxml alone: a tree from the bytes, and back."""

from __future__ import annotations

from typing import Any

from lxml import etree

from benchmarks.contenders import Contender
from ckct_formats import Call, Response, serialize


def _prepare(page: Response[Call]) -> Any:
    return etree.fromstring(serialize(page, "xml"))


def _write(tree: Any) -> bytes:
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True)


CONTENDER = Contender("lxml.etree", ("lxml.etree",), etree.fromstring, _prepare, _write, floor=True)
