"""`python -m ckct_formats` is the program `ckct-formats`."""

from ckct_formats.cli import main

main()
