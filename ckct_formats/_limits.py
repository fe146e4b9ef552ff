"""How much a body may ask of the reader."""

from __future__ import annotations

from dataclasses import dataclass, fields

# Trees are read by functions that call themselves: deeper, and the interpreter's own limit is near.
_MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that `parse` checks before the costly step; beyond one, `LimitExceededError`.

    Attributes:
        body_bytes: Length of the body, in bytes (of a `str`: in characters). A page of 1,000
            calls takes 0.7 MB; 256 MiB is far more than any page, and fits a small machine.
        nodes: Tags, cells, lines, or commas and brackets, counted on the raw bytes; of a csv table
            also its width times its length. This bounds memory: SECURITY.md says how many bytes
            a node costs at most. 10 million are 180,000 calls in the wordiest dialect.
        depth: Nesting, 200 at most. The documented response is 4 deep.
        records: Rows of the payload. The API's page holds 1,000.
        columns: Keys of one row. The documented row has 26.
        value_chars: Length of one text value, in characters.
        integer_digits: Digits of one integer. With 18 digits every integer fits in 64 bits.
    """

    body_bytes: int = 256 * 1024 * 1024
    nodes: int = 10_000_000
    depth: int = 64
    records: int = 1_000_000
    columns: int = 10_000
    value_chars: int = 1_000_000
    integer_digits: int = 18

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if type(value) is not int:
                raise TypeError(f"{each.name} is a number, not {value!r}")
        if self.depth > _MAX_DEPTH:
            raise ValueError(f"depth can be {_MAX_DEPTH} at most, not {self.depth}")


DEFAULT_LIMITS = Limits()
