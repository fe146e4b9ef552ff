"""Saved dumps as a source of Spark (extra `spark`): docs/spark.md has the options and the modes.

Options and paths are checked where the query is planned; files are read by the executors.
"""

from ckct_formats.spark._source import CkctDataSource

__all__ = ["CkctDataSource"]
