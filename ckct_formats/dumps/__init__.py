"""Saved dumps: files and folders of pages, in whatever format and however packed."""

from ckct_formats.dumps.completeness import (
    MissingPages,
    Page,
    RepeatedCall,
    RepeatedPage,
    Request,
    WrongTotal,
)
from ckct_formats.dumps.dump import Dump, read_dump, summarize
from ckct_formats.dumps.records import Calls, iter_calls
from ckct_formats.dumps.summary import Summary
from ckct_formats.errors import DumpError

__all__ = [
    "Calls",
    "Dump",
    "DumpError",
    "MissingPages",
    "Page",
    "RepeatedCall",
    "RepeatedPage",
    "Request",
    "Summary",
    "WrongTotal",
    "iter_calls",
    "read_dump",
    "summarize",
]
