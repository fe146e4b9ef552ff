"""The bodies of attacks: each as long as is asked for."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, make_dataclass
from itertools import cycle, islice, product
from typing import Any, Literal

from ckct_formats import Call, CallV3, Format
from ckct_formats._schema import schema_of

MB = 1_000_000
HEADER = "city,site,callId\n"
LETTERS = "абвгдежзик"
DOCUMENTED = '"payload":[{' + ",".join(f'"{key}":null' for key in schema_of(Call).known) + "}]"
PRINT_R_ROWS = (
    "Array\n(\n    [payload] => Array\n        (\n            [0] => Array\n                (\n"
    "                    {}\n                )\n\n        )\n\n)\n"
)
XML_BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">{}]><r>{}</r>'


@dataclass(frozen=True)
class Attack:
    """One way to cost much.

    Attributes:
        name: What is done, the dialect first.
        reader: The format it is read as; "dump" is a packed file that the reader of dumps unpacks.
        make: The body of about so many bytes, unpacked.
        raises: The class of the error at the largest size and its limit, "" if it is read.
        largest: Bytes of the largest body that is measured.
        on_error, record_type: As in `parse`.
    """

    name: str
    reader: Format | Literal["dump"]
    make: Callable[[int], str | bytes]
    raises: str = "ParseError"
    largest: int = 20 * MB
    on_error: Literal["raise", "collect"] = "raise"
    record_type: type[Any] = Call


# A field in a hundred columns of texts.
Wide = make_dataclass("Wide", [(f"a{i}", str | None, None) for i in range(100)], slots=True)


def _rows(rows: Iterable[str], length: int) -> str:
    """As many rows, again and again, as a length has room for."""
    taken = list[str]()
    for row in cycle(rows):
        length -= len(row.encode())
        if length < 0 and len(taken) > 1:
            return "".join(taken)
        taken.append(row)
    return ""


def _nested_print_r(text: str, levels: int) -> str:
    opened = "".join(
        f"Array\n{' ' * 8 * level}(\n{' ' * (8 * level + 4)}[a] => " for level in range(levels)
    )
    closed = "".join(f"\n{' ' * 8 * level})\n" for level in reversed(range(levels)))
    return opened + text + closed


def _attributes(length: int) -> str:
    """Elements of 5,000 attributes, all of different names."""
    names = iter(f'x{i}="1"'.ljust(35) for i in range(length // 36))
    elements = list[str]()
    while some := " ".join(islice(names, 5_000)):
        elements.append(f"<a {some}/>")
    return "<r>" + "".join(elements) + "</r>"


def _serialized_lists(text: str, rows: int) -> str:
    """Rows that each hold a list of one text under an unknown key."""
    row = f'a:2:{{s:6:"callId";i:1;s:1:"x";a:1:{{i:0;s:{len(text.encode())}:"{text}";}}}}'
    return f"a:{rows}:{{{''.join(f'i:{at};{row}' for at in range(rows))}}}"


def _serialized_hooks(text: str, rows: int) -> str:
    """Rows that each hold a hook with a list of two texts under an unknown key."""
    texts = f'a:2:{{i:0;s:{len(text)}:"{text}";i:1;s:4:"\U0001f600";}}'
    hooks = f's:5:"hooks";a:1:{{i:0;a:1:{{s:1:"u";{texts}}}}}'
    row = f'a:2:{{s:11:"universalId";s:1:"1";{hooks}}}'
    return f"a:{rows}:{{{''.join(f'i:{at};{row}' for at in range(rows))}}}"


def _hooks(member: str, count: int) -> str:
    members = ",".join(member.format(i) for i in range(count))
    return f'1,"[{{{members}}}]"\n'.replace('"', '""').replace('""[', '"[').replace(']""', ']"')


def _zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("page.json", data)
    return packed.getvalue()


def _members(count: int) -> bytes:
    """An archive of so many empty files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.json", "[]")
    return packed.getvalue()


ATTACKS = [
    Attack(
        "json, unclosed brackets",
        Format.JSON,
        lambda n: "[" * n,
        raises="LimitExceededError: nodes",
    ),
    Attack("json, unclosed quotes", Format.JSON, lambda n: '["' + '\\"' * (n // 2)),
    Attack(
        "json, rows without one key in common",
        Format.JSON,
        lambda n: "[" + ",".join(f'{{"callId":{i},"k{i}":1}}' for i in range(n // 24)) + "]",
        raises="",
    ),
    Attack(
        "json, one key a million times",
        Format.JSON,
        lambda n: "[{" + '"a":1,' * (n // 6) + '"a":1}]',
        raises="ParseError",
    ),
    Attack(
        "json, all rows bad",
        Format.JSON,
        lambda n: "[" + '{"callId":"x"},' * (n // 15) + "1]",
        raises="ParseError",
    ),
    Attack(
        "xml, unclosed elements",
        Format.XML,
        lambda n: "<a>" * (n // 3),
        raises="LimitExceededError: depth",
    ),
    Attack(
        "xml, unclosed comments",
        Format.XML,
        lambda n: "<0>" + "<!--" * (n // 4),
        raises="ParseError",
    ),
    Attack(
        "xml, unclosed CDATA",
        Format.XML,
        lambda n: "<0>" + "<![CDATA[" * (n // 9),
        raises="ParseError",
    ),
    Attack(
        "xml, names of digits",
        Format.XML,
        lambda n: "<r>" + "<0>1</0>" * (n // 8) + "</r>",
        raises="ParseError",
    ),
    Attack(
        "xml, repeated elements",
        Format.XML,
        lambda n: "<r><item><callId>1</callId>" + "<a>1</a>" * (n // 8) + "</item></r>",
        raises="LimitExceededError: columns",
    ),
    Attack(
        "xml, attributes",
        Format.XML,
        lambda n: "<r><item " + " ".join(f'a{i}="1"' for i in range(n // 10)) + "/></r>",
        raises="LimitExceededError: columns",
    ),
    Attack("csv, unclosed quote", Format.CSV, lambda n: HEADER + '"' + "a," * (n // 2)),
    Attack(
        "csv, quotes and backslashes",
        Format.CSV,
        lambda n: HEADER + '"a\\",' * (n // 5),
        raises="ParseError",
    ),
    Attack(
        "csv, pairs of quotes and backslashes",
        Format.CSV,
        lambda n: HEADER + '"\\"",1,1\n' * (n // 9),
        raises="",
    ),
    Attack(
        "csv, rows that end in a backslash",
        Format.CSV,
        lambda n: HEADER + '"a\\",1,1\n' * (n // 9),
        raises="",
    ),
    Attack(
        "csv, delimiters",
        Format.CSV,
        lambda n: HEADER + "," * n,
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "csv, columns",
        Format.CSV,
        lambda n: "callId," + ",".join(map(str, range(n // 6))) + "\n1\n",
        raises="LimitExceededError: columns",
    ),
    Attack(
        "csv, empty lines",
        Format.CSV,
        lambda n: HEADER + "\n" * n,
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "csv, comments",
        Format.CSV,
        lambda n: "".join(f"# a{i}: 1\n" for i in range(n // 9)),
        raises="LimitExceededError: columns",
    ),
    Attack(
        "csv, lines of paths",
        Format.CSV,
        lambda n: "".join(f"inbound.a{i},1\n" for i in range(n // 16)),
        raises="LimitExceededError: columns",
    ),
    Attack(
        "print_r, unclosed brackets",
        Format.PLAIN,
        lambda n: "Array\n(\n" * (n // 8),
        raises="ParseError",
    ),
    Attack(
        "print_r, closing brackets",
        Format.PLAIN,
        lambda n: "Array\n(\n" + ")\n" * (n // 2),
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "print_r, entries",
        Format.PLAIN,
        lambda n: "Array\n(\n" + "    [a\n" * (n // 7) + ")\n",
        raises="ParseError",
    ),
    Attack(
        "print_r, keys of one row",
        Format.PLAIN,
        lambda n: (
            "Array\n(\n    [0] => Array\n        (\n"
            + "".join(f"            [k{i}] => 1\n" for i in range(n // 24))
            + "            [callId] => 1\n            [city] => a\n        )\n\n)\n"
        ),
        raises="ParseError",
    ),
    Attack(
        "print_r, dumps in turn",
        Format.PLAIN,
        lambda n: "Array\n(\n)\n" * (n // 10),
        raises="ParseError",
    ),
    Attack(
        "print_r, line breaks",
        Format.PLAIN,
        lambda n: "Array\n(\n    [a] => " + "\n" * n + ")\n",
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "var_export, unclosed",
        Format.PLAIN,
        lambda n: "array (0 => " * (n // 12),
        raises="LimitExceededError: depth",
    ),
    Attack("var_export, quotes", Format.PLAIN, lambda n: "array ('" + "\\'" * (n // 2)),
    Attack(
        "var_export, entries",
        Format.PLAIN,
        lambda n: "array (" + "0 => 1," * (n // 7) + ")",
        raises="ParseError",
    ),
    Attack(
        "var_dump, unclosed",
        Format.PLAIN,
        lambda n: "array(1) {\n[0]=>\n" * (n // 17),
        raises="LimitExceededError: depth",
    ),
    Attack(
        "var_dump, keys",
        Format.PLAIN,
        lambda n: f"array({n}) {{\n" + '["a"]=>\nNULL\n' * (n // 14),
        raises="ParseError",
    ),
    Attack("var_dump, an unclosed key", Format.PLAIN, lambda n: 'array(9) {\n["' + '"' * n),
    Attack(
        "serialize, unclosed",
        Format.PLAIN,
        lambda n: "a:1:{i:0;" * (n // 9),
        raises="LimitExceededError: depth",
    ),
    Attack("serialize, lying length", Format.PLAIN, lambda n: f'a:1:{{s:{n * 9}:"' + "x" * n),
    Attack(
        "serialize, entries",
        Format.PLAIN,
        lambda n: f"a:{n}:{{" + "i:0;N;" * (n // 6),
        raises="ParseError",
    ),
    Attack(
        "key-value, rows",
        Format.PLAIN,
        lambda n: "".join(f"payload.{i}.callId: 1\n" for i in range(n // 22)),
        raises="",
    ),
    Attack("key-value, brackets", Format.PLAIN, lambda n: "payload" + "[0]" * (n // 3)),
    Attack(
        "key-value, lines of text",
        Format.PLAIN,
        lambda n: "payload.0.city: a\n" + "b\n" * (n // 2),
        raises="LimitExceededError: value_chars",
    ),
    Attack(
        "records",
        Format.PLAIN,
        lambda n: "callId: 1\ncity: a\n\n" * (n // 19),
        raises="",
    ),
    Attack(
        "records, lines of text",
        Format.PLAIN,
        lambda n: "callId: 1\n" + "b\n" * (n // 2),
        raises="LimitExceededError: value_chars",
    ),
    Attack(
        "a page of escapes",
        Format.PLAIN,
        lambda n: "<pre>Array\n(\n" + "=&gt;" * (n // 5) + "</pre>",
    ),
    # -- entities: nothing of a DTD is read --
    Attack(
        "xml, entities within entities",
        Format.XML,
        lambda n: XML_BOMB.format(
            "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, n // 70)), "&a9;"
        ),
        "UnsafeInputError",
    ),
    Attack(
        "xml, one long entity a million times",
        Format.XML,
        lambda n: XML_BOMB.format(f'<!ENTITY b "{"b" * (n // 2)}">', "&b;" * (n // 6)),
        "UnsafeInputError",
    ),
    Attack(
        "xml, an external entity",
        Format.XML,
        lambda n: XML_BOMB.format('<!ENTITY b SYSTEM "file:///etc/passwd">', "&b;" * (n // 3)),
        "UnsafeInputError",
    ),
    Attack(
        "xml, parameter entities",
        Format.XML,
        lambda n: XML_BOMB.format('<!ENTITY % b "c">' + "%b;" * (n // 3), ""),
        "UnsafeInputError",
    ),
    Attack("xml, references", Format.XML, lambda n: f"<r><a>{'&#65;' * (n // 5)}</a></r>"),
    Attack(
        "xml, elements of three characters",
        Format.XML,
        lambda n: f"<r>{'<a/>' * (n // 4)}</r>",
        raises="ParseError",
    ),
    Attack(
        "xml, namespaces",
        Format.XML,
        lambda n: "<r " + " ".join(f'xmlns:a{i}="{i}"' for i in range(n // 20)) + "/>",
        raises="LimitExceededError: columns",
    ),
    Attack(
        "xml, fields of two rows",
        Format.XML,
        lambda n: (
            "<r><payload>"
            + ("<item>" + "".join(f"<a{i}>1</a{i}>" for i in range(n // 40)) + "</item>") * 2
            + "</payload></r>"
        ),
        raises="LimitExceededError: columns",
    ),
    # -- small things in great number --
    Attack(
        "json, empty lists",
        Format.JSON,
        lambda n: "[" + "[]," * (n // 3) + "[]]",
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "json, empty objects",
        Format.JSON,
        lambda n: "[" + "{}," * (n // 3) + "{}]",
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "json, integers in an envelope",
        Format.JSON,
        lambda n: '{"payload":[' + "1," * (n // 2) + "1]}",
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "json, integers",
        Format.JSON,
        lambda n: "[" + "1," * (n // 2) + "1]",
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "json, empty texts",
        Format.JSON,
        lambda n: "[" + '"",' * (n // 3) + '""]',
        raises="ParseError",
    ),
    Attack(
        "json, lists in a field",
        Format.JSON,
        lambda n: '[{"callId":1,"a":[' + "[]," * (n // 3) + "[]]}]",
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "json, keys of one row",
        Format.JSON,
        lambda n: '[{"callId":1,' + ",".join(f'"a{i}":1' for i in range(n // 11)) + "}]",
        raises="LimitExceededError: columns",
    ),
    Attack(
        "json, deep in every row",
        Format.JSON,
        lambda n: (
            "[" + ",".join(['{"callId":1,"a":' + "[" * 50 + "]" * 50 + "}"] * (n // 118)) + "]"
        ),
        raises="",
    ),
    Attack(
        "json, all rows bad, collected",
        Format.JSON,
        lambda n: "[" + '{"callId":"x"},' * (n // 15) + "1]",
        on_error="collect",
        raises="ParseError",
    ),
    # -- as many of them as a body of the length may have --
    Attack(
        "json, empty objects far apart",
        Format.JSON,
        lambda n: "[" + ("{}" + " " * 25 + ",") * (n // 28) + "{}]",
        raises="ParseError",
    ),
    Attack(
        "json, empty texts far apart",
        Format.JSON,
        lambda n: '[{"callId":1,"city":[' + ('""' + " " * 11 + ",") * (n // 14) + "1]}]",
        raises="ParseError",
    ),
    Attack(
        "json, bad rows far apart",
        Format.JSON,
        lambda n: "[" + ('{"callId":"x"}' + " " * 13 + ",") * (n // 28) + "1]",
        raises="ParseError",
    ),
    Attack(
        "json, bad rows far apart, collected",
        Format.JSON,
        lambda n: "[" + ('{"callId":"x"}' + " " * 13 + ",") * (n // 28) + "1]",
        on_error="collect",
        raises="ParseError",
    ),
    Attack(
        "xml, elements far apart",
        Format.XML,
        lambda n: "<r>" + ("<a/>" + " " * 28) * (n // 32) + "</r>",
        raises="ParseError",
    ),
    Attack(
        "xml, rows that differ",
        Format.XML,
        lambda n: (
            "<r>"
            + "".join(
                f"<item><callId>{i}</callId><k{i}>{'x' * 60}</k{i}></item>" for i in range(n // 110)
            )
            + "</r>"
        ),
        raises="",
    ),
    Attack(
        "csv, rows of one cell",
        Format.CSV,
        lambda n: "callId\n" + "1\n" * (n // 2),
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "csv, one cell too few",
        Format.CSV,
        lambda n: "callId,city\n" + "1\n" * (n // 2),
        raises="LimitExceededError: nodes",
    ),
    # -- what once took quadratic time, or left with another exception --
    Attack(
        "csv, quotes behind backslashes in one cell",
        Format.CSV,
        lambda n: 'callId,city\n1,"' + 'a\\"b' * (n // 4) + '"\n',
        raises="",
    ),
    Attack(
        "csv, cells that may go on behind a backslash",
        Format.CSV,
        lambda n: 'callId,city\n1,"' + 'a\\",' * (n // 4) + '"\n',
        raises="ParseError",
    ),
    Attack(
        "csv, carriage returns",
        Format.CSV,
        lambda n: HEADER + "\r" * n + "a,b,1\n",
        on_error="collect",
        raises="LimitExceededError: records",
    ),
    Attack("csv, steps of a path", Format.CSV, lambda n: "# a" + ".a" * (n // 2) + ": 1\n"),
    Attack("csv, steps of a line", Format.CSV, lambda n: "inbound" + ".a" * (n // 2) + ",1\n"),
    Attack("csv, steps of a column", Format.CSV, lambda n: "payload.0" + ".a" * (n // 2) + "\n1\n"),
    # -- long values --
    Attack(
        "json, a long integer",
        Format.JSON,
        lambda n: f'[{{"callId":{"9" * n}}}]',
        raises="LimitExceededError: integer_digits",
    ),
    Attack(
        "json, integers of 5,000 digits",
        Format.JSON,
        lambda n: "[" + ",".join(['{"callId":' + "9" * 5000 + "}"] * (n // 5012)) + "]",
        raises="LimitExceededError: integer_digits",
    ),
    Attack("json, a long fraction", Format.JSON, lambda n: f'[{{"callId":0.{"9" * n}}}]'),
    Attack(
        "csv, integers of 5,000 digits",
        Format.CSV,
        lambda n: "callId,city\n" + f"{'9' * 5000},a\n" * (n // 5003),
        raises="LimitExceededError: integer_digits",
    ),
    Attack(
        "json, a long text",
        Format.JSON,
        lambda n: f'[{{"city":"{"a" * n}"}}]',
        largest=100 * MB,
        raises="LimitExceededError: value_chars",
    ),
    Attack(
        "xml, a long text",
        Format.XML,
        lambda n: f"<r><item><city>{'a' * n}</city></item></r>",
        largest=100 * MB,
        raises="LimitExceededError: value_chars",
    ),
    Attack(
        "csv, a long text",
        Format.CSV,
        lambda n: f"callId,city\n1,{'a' * n}\n",
        largest=100 * MB,
        raises="LimitExceededError: value_chars",
    ),
    Attack(
        "print_r, a long text",
        Format.PLAIN,
        lambda n: (
            "Array\n(\n    [0] => Array\n        (\n"
            f"            [city] => {'a' * n}\n        )\n\n)\n"
        ),
        largest=100 * MB,
        raises="LimitExceededError: value_chars",
    ),
    # -- what reviews found: places looked for again and again, copies, what was not weighed --
    Attack(
        "key-value, rows that are no objects, collected",
        Format.PLAIN,
        lambda n: "payload.0.callId: 1\n" + "".join(f"payload.{i}: x\n" for i in range(1, n // 17)),
        on_error="collect",
        raises="",
    ),
    Attack(
        "var_dump, bad rows, collected",
        Format.PLAIN,
        lambda n: (
            f"array({n // 1070}) {{\n"
            + "".join(
                f'[{i}]=>\narray(2) {{\n["callId"]=>\nstring(1) "x"\n["city"]=>\n'
                f'string(1000) "{"я" * 500}"\n}}\n'
                for i in range(n // 1070)
            )
            + "}\n"
        ),
        on_error="collect",
        raises="",
    ),
    Attack(
        "xml, a long name of a namespace",
        Format.XML,
        lambda n: f'<r xmlns="{"u" * (n // 2)}"><payload>{"<i/>" * (n // 8)}</payload></r>',
    ),
    Attack(
        "xml, lines in front of a fault",
        Format.XML,
        lambda n: "<r><a>" + "ab\n" * (n // 3) + "</a><x:y/></r>",
    ),
    Attack(
        "xml, items of one field",
        Format.XML,
        lambda n: (
            "<r><payload><i><callId>1</callId><tagsId>"
            + "<item/>" * (n // 7)
            + "</tagsId></i></payload></r>"
        ),
        raises="ParseError",
    ),
    Attack(
        "xml, references in one cell",
        Format.XML,
        lambda n: (
            "<r><payload><i><callId>1</callId><city>"
            + "&amp;" * (n // 5)
            + "</city></i></payload></r>"
        ),
        raises="LimitExceededError: value_chars",
    ),
    Attack(
        "csv, wide rows below a narrow header",
        Format.CSV,
        lambda n: HEADER + ("ab," * 7000 + "\n") * (n // 21001),
    ),
    Attack(
        "csv, short rows below a wide header",
        Format.CSV,
        lambda n: ",".join(["callId", *(f"a{i}" for i in range(9000))]) + "\n" + "1\n" * (n // 2),
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "csv, lines of an envelope, and one of a million cells",
        Format.CSV,
        lambda n: "inbound.a,1\n" + "," * n,
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "csv, unknown cells of two characters",
        Format.CSV,
        lambda n: (
            ",".join(["callId", *(f"a{i}" for i in range(100))])
            + "\n"
            + ("1" + ",ab" * 100 + "\n") * (n // 302)
        ),
        raises="",
    ),
    Attack(
        "csv, lists in texts",
        Format.CSV,
        lambda n: "callId,tagsId\n" + ('1,"[' + "1000," * 10_000 + '1]"\n') * (n // 50_008),
        raises="",
    ),
    Attack(
        "json, exponents",
        Format.JSON,
        lambda n: '[{"callId":1,"a":[' + "1e308," * (n // 6) + "1]}]",
        raises="",
    ),
    Attack(
        "var_export, empty arrays",
        Format.PLAIN,
        lambda n: "array (" + "".join(f"{i} => array ()," for i in range(n // 20)) + ")",
        raises="ParseError",
    ),
    Attack(
        "print_r, lines of the envelope",
        Format.PLAIN,
        lambda n: (
            "Array\n(\n    [info] => Array\n        (\n"
            + "            [i] => \n" * (n // 19)
            + "        )\n\n    [payload] => Array\n        (\n        )\n\n)\n"
        ),
        raises="ParseError",
    ),
    Attack(
        "print_r, a row of long texts with a wide character",
        Format.PLAIN,
        lambda n: (
            "Array\n(\n    [0] => Array\n        (\n            [callId] => 1\n"
            + f"            [city] => {chr(0x1F600)}\n"
            + "".join(f"            [k{i}] => {'x' * (n // 30)}\n" for i in range(30))
            + "        )\n\n)\n"
        ),
        raises="",
    ),
    # -- wide texts, and structures where none is expected --
    Attack(
        "json, an envelope of lists",
        Format.JSON,
        lambda n: f'{{"inbound":[{("[" * 900 + "]" * 900 + ",") * (n // 1_801)}1],{DOCUMENTED}}}',
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "json, an envelope of objects",
        Format.JSON,
        lambda n: '{"inbound":[' + '{"":{"":{}}},' * (n // 13) + f"1],{DOCUMENTED}}}",
        raises="ParseError",
    ),
    Attack(
        "json, exponents beside a wide text",
        Format.JSON,
        lambda n: '[{"callId":1,"a":[' + ("1e300," + " " * 104) * (n // 110) + '"\U0001f600"]}]',
        raises="",
    ),
    Attack(
        "json, wide characters one by one",
        Format.JSON,
        lambda n: '[{"callId":1,"city":[' + '"\U0001f600",' * (n // 7) + "1]}]",
        raises="ParseError",
    ),
    Attack(
        "json, keys that are not of ASCII",
        Format.JSON,
        lambda n: (
            '[{"callId":1,"city":['
            + ('{"яя":' * 50 + "1" + "}" * 50 + " " * 950 + ",") * (n // 1_400)
            + "1]}]"
        ),
        raises="ParseError",
    ),
    Attack(
        "xml, a wide text beside the payload",
        Format.XML,
        lambda n: f"<r><a>\U0001f600{'a' * n}</a><payload></payload></r>",
        raises="",
    ),
    Attack(
        "xml, attributes of many names",
        Format.XML,
        _attributes,
        raises="ParseError",
    ),
    Attack(
        "xml, objects in texts of rows that differ",
        Format.XML,
        lambda n: (
            "<r>"
            + _rows(
                [
                    f"<i><universalId>1</universalId>{x}<hooks>[{'{},' * 10_000}{{}}]</hooks></i>"
                    for x in ("", "<x>1</x>")
                ],
                n,
            )
            + "</r>"
        ),
        raises="",
        record_type=CallV3,
    ),
    Attack(
        "csv, objects of lists in columns of their own",
        Format.CSV,
        lambda n: (
            "callId,city"
            + "".join(f",tagsId.{i}.a" for i in range(9_000))
            + "\n"
            + ("1,a" + ",ab" * 9_000 + "\n") * (n // 27_004)
        ),
        raises="ParseError",
    ),
    Attack(
        "csv, long names above short rows",
        Format.CSV,
        lambda n: (
            "callId"
            + "".join("," + f"{i:02}" + "a" * (n // 200) for i in range(99))
            + "\n"
            + ("1" + "," * 99 + "\n") * (n // 202)
        ),
        raises="",
    ),
    Attack(
        "csv, an object of many members in a text",
        Format.CSV,
        lambda n: "universalId,hooks\n" + _rows([_hooks('"{:x}":"ab"', 10_000)], n),
        raises="",
        record_type=CallV3,
    ),
    Attack(
        "csv, short texts that are not of ASCII",
        Format.CSV,
        lambda n: (
            ",".join(f"a{i}" for i in range(100))
            + "\n"
            + "".join(
                ",".join(map("".join, islice(product(LETTERS, repeat=3), at % 90, at % 90 + 100)))
                + "\n"
                for at in range(n // 700)
            )
        ),
        raises="",
        record_type=Wide,
    ),
    Attack(
        "csv, numbers with exponents in a text",
        Format.CSV,
        lambda n: (
            "universalId;hooks\n"
            + f'1;[{{"x":["\U0001f600"{",1e308" * 3_000}]}}]\n' * (n // 18_000)
        ),
        raises="",
        record_type=CallV3,
    ),
    Attack(
        "json, an envelope of many keys",
        Format.JSON,
        lambda n: (
            '{"inbound":{'
            + "".join(f'"{i:06}":"bc",' for i in range(n // 14))
            + f'"a":1}},{DOCUMENTED}}}'
        ),
        raises="ParseError",
    ),
    Attack(
        "json, a number with an exponent in an envelope",
        Format.JSON,
        lambda n: f'{{"inbound":{{"x":["\U0001f600"{",1e308" * (n // 6)}]}},{DOCUMENTED}}}',
        raises="ParseError",
    ),
    Attack(
        "json, texts that an escape widens",
        Format.JSON,
        lambda n: (
            '[{"callId":1,"x":['
            + "".join(f'"\\ud83d\\ude00{i:08}",' for i in range(n // 23))
            + "1]}]"
        ),
        raises="",
    ),
    Attack(
        "json, escaped quotes in an unclosed text",
        Format.JSON,
        lambda n: "[" + "," * (n // 2) + '"' + '\\"' * (n // 4),
        raises="LimitExceededError: nodes",
    ),
    Attack(
        "xml, references that widen texts",
        Format.XML,
        lambda n: (
            "<r><payload>"
            + f"<i><callId>1</callId><u><b>{'a' * 100_000}&#128512;</b></u></i>" * (n // 100_000)
            + "</payload></r>"
        ),
        raises="",
    ),
    Attack(
        "json, escapes in a wide text",
        Format.JSON,
        lambda n: (
            f'[{{"callId":1,"u":[{"1," * (n // 20)}1],'
            + '"z":"\U0001f600'
            + r"ab\n" * (n // 5)
            + '"}]'
        ),
        raises="",
    ),
    Attack(
        "xml, a row of many elements",
        Format.XML,
        lambda n: f"<r><payload><i>{'<ab/>' * (n // 5)}</i></payload></r>",
        raises="LimitExceededError: columns",
    ),
    Attack(
        "xml, wide texts in a list",
        Format.XML,
        lambda n: (
            "<r><i><callId>1</callId><zz>"
            + f"<item>{'a' * 960}\U0001f600</item>" * (n // 1_000)
            + "</zz></i></r>"
        ),
        raises="",
    ),
    Attack(
        "csv, a header that two delimiters cut",
        Format.CSV,
        lambda n: "ab," * (n // 3) + ";x\n1",
        raises="ParseError",
    ),
    Attack(
        "var_export, escapes in a key",
        Format.PLAIN,
        lambda n: "array(0=>array('callId'=>1,'" + "ab\\'" * (n // 4) + "'=>1,),)",
        raises="",
    ),
    Attack(
        "key-value, a long key",
        Format.PLAIN,
        lambda n: f"payload.0.city: x\npayload.0.я{'abc_' * (n // 4)}: x\n",
        raises="LimitExceededError: value_chars",
    ),
    Attack(
        "serialize, controls below hooks",
        Format.PLAIN,
        lambda n: _serialized_hooks("\1" * 900, n // 1_000),
        raises="",
        record_type=CallV3,
    ),
    Attack(
        "key-value, controls below an unknown key",
        Format.PLAIN,
        lambda n: "".join(
            f"payload.{i}.callId: 1\n"
            f"payload.{i}.x.a: {chr(1) * 100_000}\n"
            f"payload.{i}.x.b: \U0001f600\n"
            for i in range(n // 100_000)
        ),
        raises="",
    ),
    Attack(
        "serialize, controls in an envelope",
        Format.PLAIN,
        lambda n: (
            f'a:2:{{s:7:"inbound";a:1:{{s:1:"x";a:{n // 900_000 + 1}:{{i:0;s:4:"\U0001f600";'
            + "".join(f's:3:"{i:03}";s:900000:"{chr(1) * 900_000}";' for i in range(n // 900_000))
            + '}}s:7:"payload";a:0:{}}'
        ),
        raises="",
    ),
    Attack(
        "serialize, controls in a list",
        Format.PLAIN,
        lambda n: _serialized_lists("\1" * 999_990 + "я", n // 1_000_000),
        raises="",
    ),
    Attack(
        "records, a wide text",
        Format.PLAIN,
        lambda n: f"city: \U0001f600{'a' * n} \n",
        raises="LimitExceededError: value_chars",
    ),
    Attack(
        "print_r, a text many levels deep",
        Format.PLAIN,
        lambda n: _nested_print_r("x" * n, 60),
        raises="LimitExceededError: value_chars",
    ),
    Attack(
        "print_r, a text of line ends in a payload",
        Format.PLAIN,
        lambda n: PRINT_R_ROWS.format(
            f"[callId] => 1\n                    [city] => {chr(10) * n}"
        ),
        raises="LimitExceededError: nodes",
    ),
    # -- packed --
    Attack(
        "gzip, a csv quote that is never closed",
        "dump",
        lambda n: gzip.compress(b'callId,city\n1,a\n1,"' + b"a\n" * (n // 2)),
        "DumpError: nodes",
        80 * MB,
    ),
    Attack("gzip, blanks", "dump", lambda n: gzip.compress(b" " * n), "DumpError", 1000 * MB),
    Attack(
        "gzip, brackets",
        "dump",
        lambda n: gzip.compress(b"[" * n),
        "DumpError: body_bytes",
        1000 * MB,
    ),
    Attack(
        "gzip, rows",
        "dump",
        lambda n: gzip.compress(b'[{"callId":1}' + b',{"callId":1}' * (n // 13) + b"]"),
        "DumpError: records",
        1000 * MB,
    ),
    Attack(
        "gzip, members of no length", "dump", lambda n: gzip.compress(b"") * (n // 20), "DumpError"
    ),
    Attack("zip, blanks", "dump", lambda n: _zipped(b" " * n), "DumpError: body_bytes", 1000 * MB),
    Attack(
        "zip, empty files",
        "dump",
        lambda n: _members(n // 100),
        "DumpError",
    ),
]
