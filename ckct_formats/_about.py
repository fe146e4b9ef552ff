"""The name and the version of the program, as commands, reports and tables give them."""

from __future__ import annotations

from importlib import metadata

PROGRAM = "ckct-formats"


def version() -> str:
    """The version that is installed."""
    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:
        return "(not installed)"
