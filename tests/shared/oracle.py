"""A second, naive reader of the four canonical formats, to check the library against.

It is written from the format descriptions alone, with the standard library alone, and shares no
code with the package under test. It is slow, knows only what `serialize` may write, and meets
anything else with an `assert`. Its result has the shape of `fixtures/expected/*.json`.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from xml.etree import ElementTree

Tree: TypeAlias = "None | bool | int | float | str | list[Tree] | dict[str, Tree]"

# Wire name, name in the result, kind of value; the calls' in the order of the provider's document.
CALL = (
    ("city", "city", "text"),
    ("site", "site", "text"),
    ("state", "state", "text"),
    ("callId", "call_id", "integer"),
    ("device", "device", "text"),
    ("record", "record", "text"),
    ("region", "region", "text"),
    ("tagsId", "tags_id", "integers"),
    ("utmTerm", "utm_term", "text"),
    ("audition", "audition", "text"),
    ("callType", "call_type", "text"),
    ("clientIp", "client_ip", "text"),
    ("duration", "duration", "integer"),
    ("timeStart", "time_start", "time"),
    ("utmMedium", "utm_medium", "text"),
    ("utmSource", "utm_source", "text"),
    ("campaignId", "campaign_id", "integer"),
    ("officeName", "office_name", "text"),
    ("routePhone", "route_phone", "text"),
    ("sourceType", "source_type", "text"),
    ("utmContent", "utm_content", "text"),
    ("clientPhone", "client_phone", "text"),
    ("officePhone", "office_phone", "text"),
    ("utmCampaign", "utm_campaign", "text"),
    ("campaignName", "campaign_name", "text"),
    ("stateDescription", "state_description", "text"),
)
# Wire names of API v3 by kind.
V3 = {
    "integer": "page statusFirst statusSecond duration tariffTime pagesCount counts cbToolId"
    " cbCallId cbUid cbSmatrisSession cbAttempt cbSmartCallCount cbIvrCount ctCallId ctCampaignId",
    "verbatim": "universalId serviceType clientNumber managerNumber callerIdToManager"
    " callerIdToClient status timezoneOffset site recordUrl visitSite referrer utm_source"
    " utm_medium utm_campaign utm_content utm_term yaClid gaClid roistatClid calltouchClid"
    " comagicClid city region country ipAddress entryPoint entryPointQuery callPage userAgent"
    " device cbWidgetHash cbToolName cbOfficeNumber cbOfficeName cbConnectType cbEventSource"
    " ctCampaignName ctIsListened",
    "time": "callTime localDate cbOrderDate",
    "boolean": "unique target uniqueTarget",
    "integers": "cbAttemptsQueue",
    "texts": "tags",
    "hooks": "hooks",
}
HOOK = {"verbatim": "hookEventName hookAddress hookMethod", "integer": "hookResponseStatus"}
INBOUND = (
    ("requestedType", "requested_type", "text"),
    ("requestedEntity", "requested_entity", "text"),
    ("requestedMethod", "requested_method", "text"),
    ("requestedVersion", "requested_version", "text"),
    ("requestedParams", "requested_params", "params"),
    ("pageLength", "page_length", "integer"),
    ("totalLength", "total_length", "integer"),
    ("ofPages", "of_pages", "integer"),
    ("contentLength", "content_length", "integer"),
    ("error", "error", "text"),
)
PARAMS = (
    ("requirePage", "require_page", "integer"),
    ("startDate", "start_date", "time"),
    ("endDate", "end_date", "time"),
)


def read(body: bytes, fmt: str) -> dict[str, Tree]:
    """The normalised values of a body in the canonical dialect of `fmt`."""
    text = body.decode("utf-8")
    tree = {"json": json_tree, "xml": xml_tree, "csv": csv_tree, "plain": plain_tree}[fmt](text)
    return response(tree)


# ---- from the text to a tree: objects and lists, or text where the format has no lists ----


def json_tree(text: str) -> Tree:
    tree: Tree = json.loads(text)
    return tree


def xml_tree(text: str) -> Tree:
    root = ElementTree.fromstring(text.encode("utf-8"))
    assert root.tag == "response"
    return element_tree(root)


def element_tree(element: ElementTree.Element) -> Tree:
    children = list(element)
    if not children:
        return element.text or ""
    if all(child.tag == "item" for child in children):
        return [element_tree(child) for child in children]
    assert len({child.tag for child in children}) == len(children)
    return {child.tag: element_tree(child) for child in children}


def csv_tree(text: str) -> Tree:
    top: dict[str, Tree] = {}
    while text.startswith("# "):
        line, text = text.split("\r\n", maxsplit=1)
        path, value = line.removeprefix("# ").split(": ", maxsplit=1)
        put(top, path_keys(path), json.loads(value) if value[0] in '[{"' else value)
    if text:
        header, *rows = csv_table(text)
        top["payload"] = [dict(zip(header, row, strict=True)) for row in rows]
    return top


def path_keys(path: str) -> list[str]:
    """Where the envelope leaves names open, a name may hold dots itself."""
    deep = path.startswith(("inbound.requestedParams.", "info.entities."))
    return path.split(".", maxsplit=2 if deep else 1)


def put(tree: dict[str, Tree], path: list[str], value: Tree) -> None:
    for key in path[:-1]:
        inner = tree.setdefault(key, {})
        assert isinstance(inner, dict)
        tree = inner
    assert path[-1] not in tree
    tree[path[-1]] = value


def csv_table(text: str) -> list[list[str]]:
    """RFC 4180, one character at a time."""
    rows = [[""]]
    quoted = False
    at = 0
    while at < len(text):
        char, pair = text[at], text[at : at + 2]
        at += 1
        if quoted and pair == '""':
            rows[-1][-1] += '"'
            at += 1
        elif char == '"':
            assert quoted or rows[-1][-1] == ""
            quoted = not quoted
        elif quoted:
            rows[-1][-1] += char
        elif char == ",":
            rows[-1].append("")
        elif pair == "\r\n":
            rows.append([""])
            at += 1
        else:
            assert char not in "\r\n#"
            rows[-1][-1] += char
    assert not quoted
    assert rows.pop() == [""], "no line break at the end"
    return rows


def plain_tree(text: str) -> Tree:
    lines = text.split("\n")  # not splitlines: a CR or U+2028 belongs to the text around it
    assert lines[0] == "Array"
    tree, after = print_r_array(lines, 1, "")
    assert lines[after:] == [""]
    return tree


def print_r_array(lines: list[str], at: int, indent: str) -> tuple[dict[str, Tree], int]:
    """The array whose bracket opens at line `at`, and the number of the line after its end."""
    assert lines[at] == indent + "("
    at += 1
    tree: dict[str, Tree] = {}
    while lines[at] != indent + ")":
        key, value = print_r_entry(lines[at], indent)
        assert key not in tree
        if value == "Array" and lines[at + 1] == indent + "        (":
            tree[key], at = print_r_array(lines, at + 1, indent + "        ")
            assert lines[at] == ""
            at += 1
            continue
        at += 1
        while lines[at] != indent + ")" and not is_print_r_entry(lines[at], indent):
            value += "\n" + lines[at]
            at += 1
        tree[key] = value
    return tree, at + 1


def is_print_r_entry(line: str, indent: str) -> bool:
    return line.startswith(indent + "    [") and "] => " in line


def print_r_entry(line: str, indent: str) -> tuple[str, str]:
    assert is_print_r_entry(line, indent)
    key, value = line.removeprefix(indent + "    [").split("] => ", maxsplit=1)
    return key, value


# ---- from the tree to the values ----


def response(tree: Tree) -> dict[str, Tree]:
    top = tree if isinstance(tree, dict) else {"payload": tree}
    if not {"inbound", "info", "payload"} & set(top):
        top = {"payload": tree}  # print_r shows a list as an object with the keys 0, 1, ...
    inbound = mapping(top.get("inbound"))
    info = mapping(top.get("info"))
    return {
        "inbound": {**fields(inbound, INBOUND), "extra": extra(inbound, INBOUND)},
        "info": {
            "entities": {key: items(value) for key, value in mapping(info.get("entities")).items()},
            "types": items(info.get("types")),
            "versions": items(info.get("versions")),
        },
        "payload": [call(mapping(row)) for row in items(top.get("payload"))],
    }


def named(wires_of_kinds: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (wire, re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), wire), kind)
        for kind, wires in wires_of_kinds.items()
        for wire in wires.split()
    )


def call(row: dict[str, Tree]) -> dict[str, Tree]:
    if "universalId" in row:
        return {**fields(row, named(V3)), "extra": extra(row, named(V3))}
    result = fields(row, CALL)
    assert result["call_id"] is not None
    return {**result, "extra": extra(row, CALL)}


def fields(row: dict[str, Tree], table: tuple[tuple[str, str, str], ...]) -> dict[str, Tree]:
    kinds = {
        "text": text_value,
        "integer": integer_value,
        "integers": integers_value,
        "time": time_value,
        "params": params_value,
        "verbatim": verbatim_value,
        "boolean": boolean_value,
        "texts": texts_value,
        "hooks": hooks_value,
    }
    return {name: kinds[kind](row.get(wire)) for wire, name, kind in table}


def extra(row: dict[str, Tree], table: tuple[tuple[str, str, str], ...]) -> dict[str, Tree]:
    known = [wire for wire, _, _ in table]
    left = {key: value for key, value in row.items() if key not in known}
    return {key: extra_text(value) for key, value in left.items() if value not in (None, "")}


def extra_text(value: Tree) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def is_blank(value: Tree) -> bool:
    return value is None or value is False or value == "" or value == "-"


def mapping(value: Tree) -> dict[str, Tree]:
    if is_blank(value) or value == []:
        return {}
    if isinstance(value, list) and len(value) == 1:
        return {"item": value[0]}  # in xml, an object with this one key looks like a list
    assert isinstance(value, dict)
    return value


def items(value: Tree) -> list[Tree]:
    if is_blank(value):
        return []
    if isinstance(value, dict):
        return list(value.values())
    assert isinstance(value, list)
    return value


def params_value(value: Tree) -> Tree:
    return fields(mapping(value), PARAMS)


def text_value(value: Tree) -> Tree:
    if is_blank(value):
        return None
    assert isinstance(value, str | int) and value is not True
    return str(value)


def integer_value(value: Tree) -> Tree:
    text = text_value(value)
    if text is None:
        return None
    assert isinstance(text, str) and is_integer(text)
    return int(text)


def integers_value(value: Tree) -> Tree:
    return [integer_value(item) for item in listed(value)]


def listed(value: Tree) -> list[Tree]:
    return items(json.loads(value) if isinstance(value, str) and value[:1] == "[" else value)


def verbatim_value(value: Tree) -> str:
    assert isinstance(value, str)
    return value


def boolean_value(value: Tree) -> Tree:
    values = {"true": True, "1": True, "false": False, "0": False, "": False}
    return value if isinstance(value, bool) else values[verbatim_value(value)]


def texts_value(value: Tree) -> Tree:
    return [verbatim_value(item) for item in listed(value)]


def hooks_value(value: Tree) -> Tree:
    hooks = [mapping(item) for item in listed(value)]
    return [{**fields(hook, named(HOOK)), "extra": extra(hook, named(HOOK))} for hook in hooks]


def time_value(value: Tree) -> Tree:
    text = text_value(value)
    if text is None or text == "0000-00-00 00:00:00":
        return None
    assert isinstance(text, str)
    if is_integer(text):
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(text))).isoformat()
    return datetime.fromisoformat(text).isoformat()


def is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit()
