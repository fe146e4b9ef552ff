"""The elements of a document one by one, as they begin: no tree is made of them."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat


class IllFormedError(Exception):
    """A document, or what stands behind it, is no well-formed XML.

    Attributes:
        reason: Why.
        byte: Where.
    """

    def __init__(self, reason: str, byte: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.byte = byte


Begun = Callable[[str, dict[str, str], int, int], None]


def scan(data: bytes | memoryview, begun: Begun) -> None:
    """Call `begun` with the name of each element, its attributes, how deep it stands below the
    root, and the byte at which it begins; `IllFormedError` if the data are no document in UTF-8."""
    parser = expat.ParserCreate("utf-8")
    level = -1

    def start_element(name: str, attributes: dict[str, str]) -> None:
        nonlocal level
        level += 1
        begun(name, attributes, level, parser.CurrentByteIndex)

    def end_element(name: str) -> None:
        nonlocal level
        level -= 1

    parser.StartElementHandler, parser.EndElementHandler = start_element, end_element
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason, byte = expat.ErrorString(error.code), parser.ErrorByteIndex
    else:
        return
    finally:
        # They hold the parser, which holds them, and so would never be freed with it.
        parser.StartElementHandler = parser.EndElementHandler = None
    raise IllFormedError(reason, byte)
