"""The rules of values for peers that hold the page as columns of texts.

Column by column is how a page is converted fastest in plain Python, so that is what these peers do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from benchmarks.records import NAMES, OPTIONAL_INTEGERS, TEXTS, Record, camel

Text = str | None


def records(columns: Mapping[str, Iterable[Text]], tags: Iterable[tuple[int, ...]]) -> list[Any]:
    """Records from the texts of each key on the wire; the tags are read already."""
    typed: dict[str, Iterable[Any]] = {"call_id": map(int, columns["callId"])}  # type: ignore[arg-type]
    typed |= {name: _texts(columns[camel(name)]) for name in TEXTS}
    typed |= {name: _integers(columns[camel(name)]) for name in OPTIONAL_INTEGERS}
    typed |= {"time_start": _times(columns["timeStart"]), "tags_id": tags}
    return list(map(Record, *(typed[name] for name in NAMES)))


def tags_of_json(text: Text) -> tuple[int, ...]:
    """The tags of a csv cell: `[1,2]`, or a blank."""
    return tuple(map(int, text[1:-1].split(","))) if text and text not in ("[]", "-") else ()


def _texts(column: Iterable[Text]) -> list[Text]:
    return [None if text == "-" or not text else text for text in column]


def _integers(column: Iterable[Text]) -> list[int | None]:
    return [None if text == "-" or not text else int(text) for text in column]


def _times(column: Iterable[Text]) -> list[datetime | None]:
    read = datetime.fromisoformat
    return [None if text == "-" or not text else read(text) for text in column]
