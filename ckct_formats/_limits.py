"""How much a body may ask of the reader."""

from __future__ import annotations

from dataclasses import dataclass, fields

_MOST_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that `parse` checks before the costly step; past one, `LimitExceededError`.

    Attributes:
        body_bytes: Length of the body, in bytes (of a `str`: in characters). A page of 1,000
            calls takes 0.7 MB; 256 MiB is far past any page and still fits a small machine.
        nodes: Elements, cells, or commas and opening brackets, counted on the raw bytes.
        depth: Nesting, 200 at most. The documented response is 4 deep; trees are read by functions
            that call themselves, and past 200 the interpreter's own limit comes near.
        records: Rows of the payload. The API's page holds 1,000.
        columns: Keys of one row. The documented row has 26; each costs some 500 bytes.
        value_chars: Length of one text value, in characters.
        integer_digits: Digits of one integer. 18 digits always fit in 64 bits, signed.
    """

    body_bytes: int = 256 * 1024 * 1024
    nodes: int = 20_000_000
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
        if self.depth > _MOST_DEPTH:
            raise ValueError(f"depth can be {_MOST_DEPTH} at most, not {self.depth}")


DEFAULT_LIMITS = Limits()
