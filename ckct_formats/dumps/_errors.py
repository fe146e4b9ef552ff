"""The error of a saved file."""

from __future__ import annotations

from ckct_formats._errors import FormatsError, LimitExceededError, ParseError, mask, printable

_TOO_LONG = (
    "; a file is read whole: save each page in a file of its own, or, in Python, pass "
    "limits=Limits(body_bytes=…)"
)


class DumpError(FormatsError, ValueError):
    """A saved file that cannot be read, or a row of it that cannot.

    Attributes:
        file: The file; for a member of an archive both: `dumps.zip/page_0.json`. It is not masked,
            since file names are the user's own.
        reason: What is wrong, masked. If there is an `error`, its text.
        error: What `parse` raised, if the file could be opened and unpacked.
        calls: How many records were given before, from all files.
    """

    def __init__(
        self, file: str, reason: str = "", *, error: ParseError | None = None, calls: int = 0
    ) -> None:
        self.file = file
        self.reason = mask(reason) if error is None else str(error)
        if isinstance(error, LimitExceededError) and error.limit == "body_bytes":
            self.reason += _TOO_LONG
        self.error = error
        self.calls = calls
        after = f" (after {calls:,} records were given)" if calls else ""
        super().__init__(f"{printable(file)}: {self.reason}{after}")
