"""Which format a body is in, by its first bytes alone: a written rule, in a fixed order.

After the byte order mark and white space,
    1. `<pre` is plain (a dump in a page), an HTML page is none, any other `<` is xml;
    2. `{` or `[` is json, but for a path like `[0][city]`, which is plain;
    3. the opening of one of PHP's own dumps, `path: value`, or two lines of `key: value` are plain;
    4. `#`, a first line with a delimiter, or one name alone above another line is csv.
What two formats share belongs to json or csv: plain is detected by its own dialects alone.
"""

from __future__ import annotations

import re

from ckct_formats._errors import ParseError
from ckct_formats._format import Format
from ckct_formats._formats.body import Body
from ckct_formats._formats.foreign import foreign

# The openings of print_r, var_export, var_dump and serialize, of arrays and of objects; a line that
# begins with the path of one value; two lines that each begin with a key.
_PHP_DUMP = re.compile(
    r"(?:Array|[A-Za-z_]\w* Object)(?:<br ?/?>)?\s*\n\(|array ?\(|\(object\) ?array ?\("
    r"|\\?stdClass::__set_state|object\([A-Za-z_\\]+\)#|[aO]:[0-9]+:"
    r"|(?:inbound|info|payload|[0-9]+)[.\[][\w.\[\]-]+ ?[:=]"
    r"|[A-Za-z_]\w* ?[:=](?: .*)?\r?\n[A-Za-z_]\w* ?[:=](?: |\r?\n)"
)
_PATH_OF_BRACKETS = re.compile(r"\[\w+\]\[")
_PRE = re.compile(r"<pre[\s>]", re.IGNORECASE)
_NAME = r'(?:[A-Za-z_][\w.]*+|"(?:[^"]|"")*+")'
_CSV = re.compile(rf'#|sep=.[\r\n]|(?:"(?:[^"]|"")*+"|[^",;\t|\r\n:=]*+)[,;\t|]|{_NAME}[\r\n]')


def detect(body: Body) -> Format:
    """The format of a body; `ParseError` if it begins as none of the four does."""
    start = body.head.lstrip()
    fault = foreign(start)
    if fault is not None:
        raise body.error(fault)
    if start.startswith("<"):
        return Format.PLAIN if _PRE.match(start) else Format.XML
    if start.startswith(("{", "[")) and not _PATH_OF_BRACKETS.match(start):
        return Format.JSON
    if _PHP_DUMP.match(start) or _PATH_OF_BRACKETS.match(start):
        return Format.PLAIN
    if _CSV.match(start):
        return Format.CSV
    names = ", ".join(Format)
    raise ParseError(f"the body begins as none of the formats ({names}) does", excerpt=start)
