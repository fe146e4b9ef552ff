"""Runs one target inside the fuzzer: `worker.py TARGET FINDS [arguments of libFuzzer]`.

Failures do not end the run: each kind is saved once, and told.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

# The parsers that are written in C (lxml, expat, msgspec) are not instrumented: what they do with a
# body guides nothing but by what the library makes of it.
with atheris.instrument_imports(include=["ckct_formats"]):
    from finds import failure, signature, told
    from mutation import changed
    from targets import TARGETS
    from words import words_of


def main() -> None:
    name, finds, *arguments = sys.argv[1:]
    target = TARGETS[name]
    dictionary = [word.encode() for word in words_of(target.format)]
    seen: set[str] = set()

    def run(data: bytes) -> None:
        error = failure(target.check, data)
        if error is None or (kind := signature(error)) in seen:
            return
        seen.add(kind)
        (Path(finds) / f"{kind}{target.suffix}").write_bytes(data)
        sys.stderr.write(f"{kind}\n{told(error)}")

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        if seed % 3:
            return changed(data, dictionary, seed)[:most]
        return bytes(atheris.Mutate(data, most))

    atheris.Setup([sys.argv[0], *arguments], run, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
