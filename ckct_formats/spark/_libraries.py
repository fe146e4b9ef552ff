"""The libraries that the extra `spark` brings, and where their versions differ."""

from __future__ import annotations

from inspect import signature
from typing import Any

from ckct_formats._extras import extra

pa = extra("spark", "pyarrow")
source_api = extra("spark", "pyspark.sql.datasource")
types = extra("spark", "pyspark.sql.types")
_conversion = extra("spark", "pyspark.sql.pandas.types")

# Later versions must be told the zone of Arrow's times; earlier ones know no other than UTC.
_UTC = (
    {"timezone": "UTC"} if "timezone" in signature(_conversion.to_arrow_schema).parameters else {}
)


def spark_schema(schema: Any) -> Any:
    """A schema of Arrow as Spark's. Wall-clock times stay so, unlike by default in PySpark 4.0."""
    return _conversion.from_arrow_schema(schema, prefer_timestamp_ntz=True)


def arrow_schema_for(schema: Any) -> Any:
    """The schema of the record batches that Spark expects for a schema of its own."""
    return _conversion.to_arrow_schema(schema, **_UTC)
