"""How much a body may ask of the reader."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_DEPTH = 200
_MOST_NODES = 20_000_000
# A page of 1,000 calls has 27,000; what they cost matters little, however short they are.
_FREE_NODES = 100_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that `parse` checks before the costly step; past one, `LimitExceededError`.

    Attributes:
        body_bytes: Length of the body, in bytes (of a `str`: in characters). A page of 1,000
            calls takes 0.7 MB; 256 MiB is far past any page and still fits a small machine.
        nodes: Elements, cells, or commas and opening brackets, counted on the raw bytes. A few
            characters of markup cost a parser some 100 bytes of memory, so this bounds memory.
            None, for bodies that nobody vouches for, allows no more than a page of the body's
            length needs, where no fast way reads it: 200,000 and one more for each 14 bytes of
            JSON, 90,000 and 16 of XML, 100,000 and 20 of print_r. Long tables of short or blank
            cells are then refused.
        depth: Nesting, 200 at most. The documented response is 4 deep; trees are read by functions
            that call themselves, and past 200 the interpreter's own limit comes near.
        records: Rows of the payload. The API's page holds 1,000.
        columns: Keys of one row. The documented row has 26; each costs some 500 bytes.
        value_chars: Length of one text value, in characters.
        integer_digits: Digits of one integer. 18 digits always fit in 64 bits, signed.
    """

    body_bytes: int = 256 * 1024 * 1024
    nodes: int | None = _MOST_NODES
    depth: int = 64
    records: int = 1_000_000
    columns: int = 10_000
    value_chars: int = 1_000_000
    integer_digits: int = 18

    def __post_init__(self) -> None:
        if self.depth > _MOST_DEPTH:
            raise ValueError(f"depth can be {_MOST_DEPTH} at most, not {self.depth}")

    @property
    def most_nodes(self) -> int:
        """How many nodes any body may have."""
        return _MOST_NODES if self.nodes is None else self.nodes

    def nodes_of(self, size: int, node_bytes: int, free_nodes: int = _FREE_NODES) -> int:
        """How many nodes a body of so many bytes may have, if on a page each takes so many.

        Args:
            free_nodes: How many more it may have, however short.
        """
        if self.nodes is not None:
            return self.nodes
        return min(free_nodes + size // node_bytes, _MOST_NODES)


DEFAULT_LIMITS = Limits()
