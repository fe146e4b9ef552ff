"""pyarrow, which comes with the extra `arrow`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ckct_formats._extras import extra

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = extra("arrow", "pyarrow")
pc: Any = extra("arrow", "pyarrow.compute")
pq: Any = extra("arrow", "pyarrow.parquet")

__all__ = ["pa", "pc", "pq"]
