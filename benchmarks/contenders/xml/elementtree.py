"""A loop over xml.etree.ElementTree, by hand."""

from __future__ import annotations

from functools import partial
from typing import Any
from xml.etree import ElementTree

from benchmarks.contenders import Contender
from benchmarks.contenders.columns import records
from benchmarks.records import WIRE_KEYS, Record, copies, wire_values_of


def _read(body: bytes) -> list[Any]:
    items = ElementTree.fromstring(body).findall("payload/item")
    rows = [{cell.tag: cell.text for cell in item} for item in items]
    tags = [tuple([int(tag.text or "") for tag in item.iterfind("tagsId/item")]) for item in items]
    return records({key: [row[key] for row in rows] for key in WIRE_KEYS}, tags)


def _write(rows: list[Any]) -> bytes:
    root = ElementTree.Element("response")
    payload = ElementTree.SubElement(root, "payload")
    for row in rows:
        item = ElementTree.SubElement(payload, "item")
        for key, value in zip(WIRE_KEYS, wire_values_of(row), strict=True):
            cell = ElementTree.SubElement(item, key)
            if key == "tagsId":
                for tag in value:
                    ElementTree.SubElement(cell, "item").text = str(tag)
            elif value is not None:
                cell.text = str(value)
    return ElementTree.tostring(root, encoding="utf-8")


CONTENDER = Contender(
    "xml.etree.ElementTree loop",
    ("xml.etree.ElementTree",),
    _read,
    partial(copies, Record),
    _write,
    differs={"serialize": "a carriage return is written as it is, which XML reads as a line feed"},
)
