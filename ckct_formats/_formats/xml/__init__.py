"""XML: one element per key, null and an empty list as an empty element.

Inferred: the provider names the format and shows nothing of it. What is written is also what the
XML formatter of Yii2 writes. One engine reads it (lxml, hardened); a DTD is refused before.
"""

from __future__ import annotations

from ckct_formats._formats.xml.document import ENCODING_DECLARATION
from ckct_formats._formats.xml.fast import read_fast
from ckct_formats._formats.xml.places import places as places
from ckct_formats._formats.xml.tree import read_tree
from ckct_formats._formats.xml.writer import CONSTRAINTS as CONSTRAINTS
from ckct_formats._formats.xml.writer import write as write

WAYS = (read_fast, read_tree)

# How "<?" begins without a byte order mark (XML 1.0, appendix F).
_ORDERS = {b"<\0?\0": "le", b"\0<\0?": "be"}


def declared_encoding(head: bytes) -> str | None:
    """The encoding in the XML declaration; where that is in UTF-16, in its order of bytes."""
    order = _ORDERS.get(head[:4])
    if order is not None:
        head = head.decode(f"utf-16-{order}", "ignore").encode()
    found = ENCODING_DECLARATION.match(head)
    if found is None:
        return None
    name = found["name"].decode()
    return f"utf-16-{order}" if order and name.lower() == "utf-16" else name


def count_nodes(data: bytes) -> int:
    """Tags, of which an empty element has two, and the names and values of attributes."""
    return data.count(b"<") + data.count(b"/>") + 2 * data.count(b"=")
