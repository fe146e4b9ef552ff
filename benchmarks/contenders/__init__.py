"""Who takes part. Each contender is a module, so that its process imports nothing of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from ckct_formats import Call, Format, Response

Direction = Literal["parse", "serialize"]

MODULES = {
    Format.JSON: (
        "ours",
        "pydantic_dataclasses",
        "mashumaro_orjson",
        "cattrs_orjson",
        "msgspec_normalised",
        "dacite_orjson",
        "floor_msgspec",
        "floor_orjson",
        "floor_stdlib",
    ),
    Format.XML: (
        "ours",
        "xmltodict_pydantic",
        "pydantic_xml_models",
        "xsdata_lxml",
        "xsdata_native",
        "elementtree",
        "pandas_xml",
        "floor_lxml",
        "floor_expat",
    ),
    Format.CSV: (
        "ours",
        "dictreader_pydantic",
        "stdlib",
        "pandas_csv",
        "polars_csv",
        "floor_csv",
    ),
    Format.PLAIN: ("ours", "line_loop", "floor_split"),
}


@dataclass(frozen=True)
class Contender:
    """One way to read and write the calls of a page in one format.

    Attributes:
        name: What the results call it.
        imports: The modules that the work needs, those included that a library loads when used.
        read: A body to its records, which have the attributes of a Call. Of a floor: to anything.
        prepare: A page to what `write` takes, before the clock starts.
        write: What `prepare` gave to a body.
        floor: Whether it does only a part of the work and is a bound, not a peer.
        differs: Why its values differ on the hostile page, by direction. It is not timed there.
        lacks: Why it has no `read` or no `write`.
    """

    name: str
    imports: tuple[str, ...]
    read: Callable[[bytes], Any] | None = None
    prepare: Callable[[Response[Call]], Any] | None = None
    write: Callable[[Any], bytes] | None = None
    floor: bool = False
    differs: dict[Direction, str] = field(default_factory=dict)
    lacks: str = ""


def load(fmt: Format, module: str) -> Contender:
    """One contender, its libraries imported."""
    contender: Contender = import_module(f"{__name__}.{fmt}.{module}").CONTENDER
    return contender
