"""The options of the source, as Spark passes them: names in any case, values as texts."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ckct_formats._format import Format
from ckct_formats._model import Call
from ckct_formats._model_v3 import CallV3
from ckct_formats._parse import format_of_name
from ckct_formats._schema import schema_of

NAMES = "columnNameOfCorruptRecord encoding format mode path recordType timezone".split()
_RECORD_TYPES = {"Call": Call, "CallV3": CallV3}


class Mode(StrEnum):
    """What becomes of what cannot be read. The names are those of Spark's own sources."""

    PERMISSIVE = "PERMISSIVE"
    DROPMALFORMED = "DROPMALFORMED"
    FAILFAST = "FAILFAST"


@dataclass(frozen=True, slots=True)
class Options:
    """How a data frame is read.

    Attributes:
        paths: As `ckct_formats.dumps` takes them.
        format, encoding: Of all files; None to detect them.
        record_type: The dataclass of a row.
        timezone: That of wall-clock times; None leaves them as they are.
        mode: What becomes of what cannot be read.
        corrupt: The name of the column that says why a row or a file could not be read.
    """

    paths: tuple[str, ...]
    format: Format | None
    encoding: str | None
    record_type: type[Any]
    timezone: str | None
    mode: Mode
    corrupt: str


def read_options(given: Mapping[str, str]) -> Options:
    """The options by name.

    Raises:
        ValueError: An unknown option, or a wrong value of one.
        TypeError: A record type that is no dataclass, or has a field that cannot be read.
    """
    options = {name.lower(): text for name, text in given.items()}
    unknown = options.keys() - {name.lower() for name in NAMES} - {"paths"}
    if unknown:
        names = ", ".join(sorted(unknown))
        raise ValueError(f"unknown option {names}: there are {', '.join(NAMES)}")
    return Options(
        paths=_paths(options),
        format=format_of_name(options["format"]) if "format" in options else None,
        encoding=_encoding(options.get("encoding")),
        record_type=_record_type(options.get("recordtype", "Call")),
        timezone=options.get("timezone"),
        mode=_mode(options.get("mode", Mode.PERMISSIVE)),
        corrupt=options.get("columnnameofcorruptrecord", "_corrupt_record"),
    )


def _paths(options: Mapping[str, str]) -> tuple[str, ...]:
    """What was passed to `load`. Several paths come as a JSON list."""
    paths = json.loads(options["paths"]) if "paths" in options else []
    if "path" in options:
        paths.append(options["path"])
    if not paths:
        raise ValueError("no path was given: pass one to load()")
    return tuple(paths)


def _encoding(name: str | None) -> str | None:
    if name is None:
        return None
    try:
        b"a".decode(name)  # fails for codecs that do not give text, such as base64
    except (LookupError, ValueError) as error:
        reason = str(error)
    else:
        return name
    raise ValueError(f"option encoding: {reason}")


def _mode(name: str) -> Mode:
    if name.upper() in Mode._value2member_map_:
        return Mode(name.upper())
    raise ValueError(f'option mode: "{name}" is none of {", ".join(Mode)}')


def _record_type(name: str) -> type[Any]:
    if name in _RECORD_TYPES:
        return _RECORD_TYPES[name]
    try:
        found = pkgutil.resolve_name(name)
    except (ImportError, AttributeError, ValueError) as error:
        reason = str(error)
    else:
        return schema_of(found).record_type
    raise ValueError(
        f'option recordType: "{name}" is none of {", ".join(_RECORD_TYPES)}, '
        f"and cannot be imported as package.module:Class ({reason})"
    )
