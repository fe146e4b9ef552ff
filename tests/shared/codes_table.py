"""The table of codes in docs/conformance.md.

`python tests/shared/codes_table.py` writes it anew.
"""

from __future__ import annotations

import re
from pathlib import Path

from ckct_formats.conformance import Code
from ckct_formats.conformance._findings import SEVERITIES, TITLES

PAGE = Path(__file__).parent.parent.parent / "docs" / "conformance.md"
_TABLE = re.compile(r"(?<=<!-- codes: )(.*? -->\n).*(?=<!-- end of codes -->)", re.DOTALL)


def page() -> str:
    """The page with its table as it should be."""
    lines = ["| severity | code | what it says |", "|---|---|---|"]
    lines += [f"| {SEVERITIES[code]} | `{code}` | {TITLES[code]} |" for code in Code]
    table = "\n".join(lines)
    return _TABLE.sub(lambda found: f"{found[1]}{table}\n", PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
