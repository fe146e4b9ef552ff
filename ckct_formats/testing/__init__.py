"""For tests of programs that read the API: drawn responses and bodies, and a comparison that says
where two responses differ. docs/testing.md has an example.

The fixture `ckct_dump` comes with the pytest plugin, which pytest finds by itself.
"""

try:
    import hypothesis  # noqa: F401 (may be missing, as may pytest)
    import pytest  # noqa: F401
except ModuleNotFoundError as missing:
    if missing.name not in ("hypothesis", "pytest"):
        raise
    raise ImportError(
        f"{missing.name} is not installed; needs the extra: pip install 'ckct-formats[testing]'"
    ) from None

from ckct_formats.testing._assertion import assert_equal
from ckct_formats.testing._dialects import bodies
from ckct_formats.testing._malformed import Malformed, malformed_bodies
from ckct_formats.testing._strategies import calls, responses

__all__ = [
    "Malformed",
    "assert_equal",
    "bodies",
    "calls",
    "malformed_bodies",
    "responses",
]
