"""What var_export, var_dump and serialize write: dumps with brackets.

Every text is quoted, or comes with its length in bytes, and every array of the last two with the
number of its entries: so nothing can be imitated.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import AnyStr, ClassVar, Generic

from ckct_formats._errors import Path
from ckct_formats._formats import json_text
from ckct_formats._formats.cells import Cell, Pairs
from ckct_formats._formats.faults import Fault, exceeded
from ckct_formats._limits import Limits

_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"


class BracketReader(Generic[AnyStr]):
    """Reads a dump of one dialect.

    Args:
        dump: As text, or as bytes where lengths count bytes.
        codec: The one to decode these with.
        wanted: Paths of values whose places are asked for.

    Attributes:
        found: The places of those, as indices into the dump.
    """

    space: re.Pattern[AnyStr]
    number: re.Pattern[AnyStr]
    constants: ClassVar[dict[str, bool | None]]
    constant: re.Pattern[AnyStr]

    def __init__(
        self, dump: AnyStr, codec: str, limits: Limits, wanted: Collection[Path] = ()
    ) -> None:
        self.found: dict[Path, int] = {}
        self._dump: AnyStr = dump
        self._codec = codec
        self._limits = limits
        self._wanted = wanted
        self._at = 0
        self._names: dict[str, str] = {}

    def read(self) -> Cell:
        """The tree of the dump; a `Fault` has its place in it."""
        self._take(self.space)
        tree = self._value(())
        if self._dump[self._at :].strip():
            raise self._unexpected("nothing after the last bracket")
        return tree

    def _value(self, path: Path) -> Cell:
        if path in self._wanted:
            self.found[path] = self._at
        if len(path) >= self._limits.depth:
            raise exceeded("depth", self._limits.depth, len(path) + 1, at=self._at)
        text = self._text()
        if text is not None:
            return text
        number = self._take(self.number)
        if number:
            return json_text.php_number(self._decoded(number[1]))
        constant = self._take(self.constant)
        if constant:
            return self.constants[self._decoded(constant[0]).lower()]
        return self._members(path)

    def _text(self) -> str | None:
        """The text that begins here; None if none does."""
        raise NotImplementedError

    def _members(self, path: Path) -> Pairs:
        raise NotImplementedError

    def _decoded(self, piece: AnyStr) -> str:
        return piece if isinstance(piece, str) else bytes(piece).decode(self._codec, "replace")

    def _name(self, name: str) -> str:
        """The same name, each time the same object."""
        return self._names.setdefault(name, name)

    def _take(self, pattern: re.Pattern[AnyStr]) -> re.Match[AnyStr] | None:
        """What matches here, passed over; None if it does not."""
        found = pattern.match(self._dump, self._at)
        if found:
            self._at = found.end()
        return found

    def _need(self, pattern: re.Pattern[AnyStr], expected: str) -> re.Match[AnyStr]:
        found = self._take(pattern)
        if found is None:
            raise self._unexpected(expected)
        return found

    def _unexpected(self, expected: str) -> Fault:
        rest = self._dump[self._at : self._at + 80]
        return Fault(f"expected {expected}", self._decoded(rest), at=self._at)


class VarExport(BracketReader[str]):
    """PHP source."""

    space = re.compile(r"\s*+")
    number = re.compile(rf"({_NUMBER})")
    constant = re.compile(r"(?:NULL|true|false)\b", re.IGNORECASE)
    constants: ClassVar = {"null": None, "true": True, "false": False}
    _string = re.compile(r"'((?:[^'\\]++|\\['\\])*+)'(?!\s*\.)")
    _escape = re.compile(r"\\(['\\])")
    # An object is an array that is cast (PHP 7.3 and later), or a call that sets its state.
    _array = re.compile(
        r"(?:\(object\) ?)?array ?\(\s*+|(\\?[A-Za-z_\\]+::__set_state)\( ?array ?\(\s*+"
    )
    _arrow = re.compile(r"\s*+=>\s*+")
    _comma = re.compile(r",\s*+")
    _close = re.compile(r"\s*\)")

    def _text(self) -> str | None:
        string = self._take(self._string)
        return None if string is None else self._escape.sub(r"\1", string[1])

    def _members(self, path: Path) -> Pairs:
        opening = self._need(self._array, "a value of var_export")
        pairs = Pairs()
        while not self._take(self._close):
            key = self._text()
            key = self._name(self._need(self.number, "a key")[0] if key is None else key)
            self._need(self._arrow, "=>")
            pairs.append((key, self._value((*path, key))))
            self._need(self._comma, "a comma")
        if opening[1]:
            self._need(self._close, "the end of __set_state")
        return pairs


class _Counted(BracketReader[bytes]):
    """A dialect whose texts and arrays come with their lengths."""

    space = re.compile(rb"\s*+")
    dialect: ClassVar[str]
    string: ClassVar[re.Pattern[bytes]]
    string_end: ClassVar[re.Pattern[bytes]]
    array: ClassVar[re.Pattern[bytes]]
    close: ClassVar[re.Pattern[bytes]]

    def _text(self) -> str | None:
        string = self._take(self.string)
        if string is None:
            return None
        length = int(string[1])
        end = self._at + length
        try:
            text = self._dump[self._at : end].decode(self._codec)
        except UnicodeDecodeError:
            text = None
        if text is None or end > len(self._dump):
            raise self._unexpected(f"a text of {length:,} bytes")
        self._at = end
        self._need(self.string_end, "a quote after the text: its length is wrong")
        return text

    def _members(self, path: Path) -> Pairs:
        opening = self._need(self.array, f"a value of {self.dialect}")
        pairs = Pairs()
        for _ in range(int(opening[1])):
            key = self._name(self._key())
            pairs.append((key, self._value((*path, key))))
        self._need(self.close, "a closing bracket: the number of entries is wrong")
        return pairs

    def _key(self) -> str:
        raise NotImplementedError


class VarDump(_Counted):
    """What var_dump prints on a command line."""

    dialect = "var_dump"

    number = re.compile(rf"(?:int|float)\(({_NUMBER})\)".encode())
    constant = re.compile(rb"NULL|bool\((?:true|false)\)")
    constants: ClassVar = {"null": None, "bool(true)": True, "bool(false)": False}
    string = re.compile(rb'string\(([0-9]{1,18})\) "')
    string_end = re.compile(rb'"')
    array = re.compile(rb"(?:array|object\([A-Za-z_\\]+\)#[0-9]+ )\(([0-9]{1,18})\) \{\s*+")
    close = re.compile(rb"\s*\}")
    _entry = re.compile(rb'\[(?:(-?[0-9]+)|"((?:(?!"\]=>\n).)*+)")\]=>\n\s*+', re.DOTALL)

    def _key(self) -> str:
        self._take(self.space)
        found = self._need(self._entry, "a key")
        return self._decoded(found[1] or found[2])


class Serialize(_Counted):
    """What serialize writes."""

    dialect = "serialize"

    number = re.compile(rf"[id]:({_NUMBER});".encode())
    constant = re.compile(rb"N;|b:[01];")
    constants: ClassVar = {"n;": None, "b:1;": True, "b:0;": False}
    string = re.compile(rb's:([0-9]{1,18}):"')
    string_end = re.compile(rb'";')
    array = re.compile(rb'(?:a|O:[0-9]{1,9}:"[A-Za-z_\\]+"):([0-9]{1,18}):\{')
    close = re.compile(rb"\}")

    def _text(self) -> str | None:
        text = super()._text()
        if text is None and self._dump.startswith(b"s:", self._at):
            raise self._unexpected("a text")
        return text

    def _key(self) -> str:
        key = self._text()
        return self._decoded(self._need(self.number, "a key")[1]) if key is None else key
