"""Saved dumps: files and folders of pages, in whatever format and however packed."""

from ckct_formats.dumps._completeness import (
    MissingPages,
    Page,
    RepeatedCall,
    RepeatedPage,
    Request,
    WrongTotal,
)
from ckct_formats.dumps._dump import Dump, Summary, read_dump, summarize
from ckct_formats.dumps._errors import DumpError
from ckct_formats.dumps._reading import Calls, iter_calls

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
