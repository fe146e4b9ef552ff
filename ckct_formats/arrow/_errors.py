"""What a table cannot hold."""

from __future__ import annotations

from ckct_formats._errors import FormatsError, printable


class TableError(FormatsError, ValueError):
    """A value that a column of a table cannot hold.

    Attributes:
        reason: What is wrong, and what to pass. It quotes nothing of a dump but times.
        field: The name of the field; `outer.inner` for one inside another.
        file: The file that holds the value, as in `DumpError`; None for records of no file.
    """

    def __init__(self, reason: str, field: str, file: str | None = None) -> None:
        self.reason = reason
        self.field = field
        self.file = file
        where = "" if file is None else f"{printable(file)}: "
        super().__init__(f"{where}{printable(field)}: {printable(reason)}")
