"""From saved dumps to one output: `ckct-formats convert` for folders and tables.

The files of a dump are parted into units. Each unit becomes a part of the output, in whatever
process; the parts become the output, all of it or nothing.
"""
