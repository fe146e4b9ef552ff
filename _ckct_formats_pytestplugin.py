"""The pytest plugin of ckct-formats.

It stands outside of the package, as the plugin of hypothesis does: pytest loads it in every run of
whoever has the package installed, and loading a module of a package loads the package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from typing import Any

    from ckct_formats import Format, Response


class Dump(Protocol):
    """Gives the body of a response in a format; of a page of three calls by default."""

    def __call__(self, fmt: Format | str, response: Response[Any] | None = None) -> bytes: ...


@pytest.fixture(scope="session")
def ckct_dump() -> Dump:
    """A callable `ckct_dump(fmt, response=None)`: the body of a response in a format.

    By default it is the same page of three calls in each format, but for its `requestedType`.
    Needs the extra: pip install 'ckct-formats[testing]'.
    """
    from ckct_formats.testing._dumps import dump  # noqa: PLC0415 (costly, and may lack the extra)

    return dump
