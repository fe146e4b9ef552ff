"""Words of the formats, of which a fuzzer makes bodies: libFuzzer's dictionaries."""

from __future__ import annotations

from ckct_formats import Format

_ANY = [
    *("payload", "inbound", "info", "error", "pageLength", "totalLength", "requestedParams"),
    *("callId", "tagsId", "timeStart", "city", "state", "universalId", "hooks", "visitSite"),
    *("entities", "types", "versions", "extra", "date", "timezone_type", "timezone", "tags"),
    *("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "0", "1", "-", "-1", "1.5", "1e3"),
    *("null", "true", "false", "NaN", "1e999", "0e-99999", "9" * 19, "99999999999", "Array"),
    *("2019-07-16 15:12:44", "2019-07-16T15:12:44+03:00", "0000-00-00 00:00:00", "1563278400"),
    *("Europe/Moscow", "2019-10-27 02:30:00.000000", "[1,2]", '["a"]', "1,2", "1;2", "1|2"),
    *("\0", "\ufeff", "\u2028", "\x85", "\u00a0", "\x0b", "\x1c", "\ufffe", "\U0001f600", "é"),
    *("\r", "\n", "\r\n", "\n\n", "\r\r\n", "\\", '"', "'", " ", "\t", "#", "&lt;", "&#13;", "&"),
]

_WORDS: dict[Format, list[str]] = {
    Format.JSON: [
        *("{", "}", "[", "]", ",", ":", '"a":', '"payload":[', '"inbound":{', '"info":{', "},{"),
        *("\\u0000", "\\ud800", "\\udc00", "\\u003a", "\\u0022", "\\/", '\\"', "{}", "[]", '""'),
        *('"callId":1', '"x":', '"":', '"-"', "[[[[[[[[", '{"a":{"a":', "-0", "0.0", "1E+2"),
        *("1e-400", "Infinity", "-Infinity", "1e", "01", "/*", "//", "\\u00", '"1"', "-1e308"),
    ],
    Format.XML: [
        *("<item>", "</item>", "<item/>", "<payload>", "</payload>", "<payload/>", "<response>"),
        *("</response>", "<inbound>", "</inbound>", "<info>", "</info>", "<callId>1</callId>"),
        *("<a>", "</a>", "<b>", "</b>", "<0>", "</0>", "<_0>", "</_0>", "<1a/>", "<!--", "-->"),
        *("<![CDATA[", "]]>", "<?x", "?>", "<?xml version='1.0'?>", "<!DOCTYPE x>", "<!ENTITY"),
        *(' encoding="utf-8"', ' encoding="windows-1251"', " encoding='utf-16'", " xml:a=''"),
        *(" xmlns='u'", " xmlns:x='u'", "<x:a", "</x:a>", " a='1'", " key='0'", ' version="1.1"'),
        *(" xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'", " xsi:nil='true'"),
        *("&amp;", "&#x0;", "&#xD800;", "&#1114112;", "&#38;amp;", "&nbsp;", "<тег>", "</тег>"),
    ],
    Format.CSV: [
        *(",", ";", "|", '""', '","', '"\r\n', '\\"', '\\""', "sep=;\r\n", "# payload: []\r\n"),
        *("# quoting: doubled\r\n", "# inbound.error: x\r\n", '# info.types: ["a"]\r\n'),
        *('# inbound: {"a b":"c"}\r\n', "inbound.", "info.", "payload.0.", "payload.1.a"),
        *("j.a", "k.0.a", "inbound\n", "payload\n", "inbound.pageLength,1\n", "tagsId.0"),
        *('"[1,2]"', '"{""a"":1}"', "# : \n", "callId,city\r\n", "1,a\r\n", "a,b,c\r\n"),
        *("\\\n", '"\n"', "=1+1"),
    ],
    Format.PLAIN: [
        *("Array\n(\n", ")\n", "\n)\n", "    [0] => ", "    [a] => ", "    [payload] => Array\n"),
        *("        (\n", "        )\n\n", "        (\n            [0] => ", "] => ", "b: 2\n"),
        *("stdClass Object\n(\n", "array (\n", "  'a' => ", "),\n", "NULL", "(object) array("),
        *("stdClass::__set_state(array(\n", "array(1) {\n", '  ["a"]=>\n', "  int(1)\n"),
        *('  string(1) "a"\n', "  bool(true)\n", "float(1)", "object(stdClass)#1 (1) {\n"),
        *("a:1:{", 's:1:"a";', "i:1;", "b:1;", "N;", "d:0.5;", "R:1;", 'O:8:"stdClass":1:{'),
        *("payload.0.a: ", "payload[0][a] = ", "[0][a] = ", "a: 1\n", "callId\tcity\n", "1\ta\n"),
        *("<pre>", "</pre>", "<br />\n", "&quot;", "&#039;", "&amp;lt;", "DateTime Object\n"),
        *("d:1e999;", "callId: 1\n", "city: x\n", "[callId] => 1\n", "\\'", "\\\\"),
    ],
}


def words_of(fmt: Format) -> list[str]:
    """The words of a format, each once."""
    return list(dict.fromkeys([*_ANY, *_WORDS[fmt]]))


def dictionary(fmt: Format) -> str:
    """The same as libFuzzer reads them."""
    return "".join(f'"{_escaped(word)}"\n' for word in words_of(fmt))


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())
