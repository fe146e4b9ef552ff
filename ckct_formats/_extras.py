"""Modules that come with an extra, and the error that names it when one is missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def extra(name: str, module: str) -> Any:
    """A module that the extra of this name brings.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module.partition(".")[0]:
            raise
    raise ModuleNotFoundError(
        f'{module} is not installed; needs the extra: pip install "ckct-formats[{name}]"',
        name=module,
    )
