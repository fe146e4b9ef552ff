"""Is this dump what the API promises, and do the formats agree?

`check` finds all that departs from the documented API in one body; `compare` finds what differs
between several bodies of the same page.
"""

from ckct_formats.conformance._checking import check
from ckct_formats.conformance._comparing import Comparison, Difference, compare
from ckct_formats.conformance._findings import Code, Finding, Report, Severity

__all__ = [
    "Code",
    "Comparison",
    "Difference",
    "Finding",
    "Report",
    "Severity",
    "check",
    "compare",
]
