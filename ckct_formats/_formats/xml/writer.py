"""The canonical XML."""

from __future__ import annotations

import re

from ckct_formats._formats.cells import ABSENT, Cell
from ckct_formats._formats.faults import Fault
from ckct_formats._formats.table import Column, Constraints, RawResponse, Table

# Names of XML 1.0, fifth edition, without the colon, which would make a prefix of what is before
# it. The parser takes names of up to 50,000 bytes.
_NAME_START = (
    r"A-Z_a-z\xC0-\xD6\xD8-\xF6\xF8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NAME = rf"[{_NAME_START}][{_NAME_START}.0-9\xB7\u0300-\u036F\u203F\u2040-]{{0,9999}}"

# What is no character of XML 1.0 (2.2).
NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

CONSTRAINTS = Constraints(
    bad_text=NO_CHARACTER,
    bad_text_reason="a character that XML 1.0 does not have",
    bad_key=re.compile(rf"\A(?!{_NAME}\Z)"),
    bad_key_reason="a key that is no XML name",
)


def write(response: RawResponse) -> bytes:
    _check_names(response.table)
    rows = _rows(response.table)
    parts = {"inbound": response.inbound, "info": response.info}
    content = "".join(_element(key, part) for key, part in parts.items() if part is not ABSENT)
    if content:
        rows = _wrapped("payload", rows)
    document = '<?xml version="1.0" encoding="UTF-8"?>\n' + _wrapped("response", content + rows)
    return document.encode()


def _check_names(table: Table) -> None:
    for name in table.columns:
        if CONSTRAINTS.bad_key.search(name):  # type: ignore[union-attr]
            raise Fault(CONSTRAINTS.bad_key_reason, name, ("payload", 0, name))


def _rows(table: Table) -> str:
    columns = [_elements(name, column) for name, column in table.columns.items()]
    rows = map("".join, zip(*columns, strict=True)) if columns else [""] * table.length
    return "".join([f"<item>{row}</item>" for row in rows])


def _elements(name: str, column: Column) -> list[str]:
    return column.map(lambda cell: "" if cell is ABSENT else _element(name, cell))


def _element(name: str, cell: Cell) -> str:
    if isinstance(cell, str):
        return _wrapped(name, _escaped(cell))
    if isinstance(cell, dict):
        return _wrapped(name, "".join(_element(key, member) for key, member in cell.items()))
    if isinstance(cell, list):
        return _wrapped(name, "".join(_element("item", member) for member in cell))
    if cell is None:
        return _wrapped(name, "")
    return _wrapped(name, str(cell).lower() if isinstance(cell, bool) else str(cell))


def _wrapped(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>" if content else f"<{name}/>"


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")
