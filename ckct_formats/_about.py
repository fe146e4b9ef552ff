"""The name and the version of the program, as commands, reports and tables give them."""

from __future__ import annotations

PROGRAM = "ckct-formats"


def version() -> str:
    """The version that is installed."""
    from importlib import metadata  # noqa: PLC0415 (slow)

    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:
        return "(not installed)"
