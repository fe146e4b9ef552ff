"""Changes that keep most of a body's structure: whole words, lines and signs are moved about.

A fuzzer's own changes are of bytes, and of a body with quotes and brackets they mostly leave
something that is refused at once.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_TOKEN = re.compile(rb"[\w.-]+|\r\n|[ ]+|.", re.DOTALL)
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)|<[^<]*|[^,{]*[,{]")


def changed(data: bytes, words: Sequence[bytes], seed: int) -> bytes:
    """A body with one to four changes."""
    dice = random.Random(seed)
    for _ in range(dice.choice((1, 1, 2, 4))):
        pattern = dice.choice((_TOKEN, _TOKEN, _LINE))
        parts = pattern.findall(data) or [b""]
        at = dice.randrange(len(parts))
        end = min(len(parts), at + dice.choice((1, 1, 1, 2, 5)))
        match dice.randrange(6):
            case 0:
                del parts[at:end]
            case 1:
                parts[at:at] = parts[at:end]
            case 2:
                to = dice.randrange(len(parts))
                parts[to:to] = parts[at:end]
            case 3:
                to = dice.randrange(len(parts))
                parts[at], parts[to] = parts[to], parts[at]
            case 4:
                parts[at:end] = [dice.choice(words)]
            case _:
                parts.insert(at, dice.choice(words))
        data = b"".join(parts)
    return data
