"""Where the table of a csv body begins: behind the comment lines of the envelope."""

from __future__ import annotations

import io


def table_of(body: bytes) -> io.StringIO:
    """The text of a body, from the table's header on."""
    text = io.StringIO(body.decode(), newline="")
    start = 0
    while text.readline().startswith("#"):
        start = text.tell()
    text.seek(start)
    return text
