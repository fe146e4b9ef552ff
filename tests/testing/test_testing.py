"""`ckct_formats.testing`: what it draws is what it says, and its plugin is found by pytest."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, seed, settings

import ckct_formats.testing
from ckct_formats import (
    Call,
    Format,
    Inbound,
    Info,
    ParseError,
    Response,
    UnknownFormatError,
    parse,
    serialize,
)
from ckct_formats.testing import (
    Malformed,
    assert_equal,
    bodies,
    calls,
    malformed_bodies,
    responses,
)

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent.parent
DOCS = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")

each_format = pytest.mark.parametrize("fmt", list(Format))
DIALECTS = {
    Format.JSON: {"json"},
    Format.XML: {"xml", "xml-digit-names"},
    Format.CSV: {"csv", "csv-sections", "csv-flat"},
    Format.PLAIN: {
        "print_r",
        "var_export",
        "var_dump",
        "serialize",
        "key-value",
        "records",
        "json",
        "csv",
        "csv-sections",
        "csv-flat",
    },
}


def test_the_public_names_are_exactly_these() -> None:
    assert ckct_formats.testing.__all__ == [
        "Malformed",
        "assert_equal",
        "bodies",
        "calls",
        "malformed_bodies",
        "responses",
    ]


# By what shows that a body was written in yet another way.
SIGNS = {
    Format.JSON: [rb"\\u[0-9a-f]{4}", rb"\n    ", rb'"callId":"', rb'"-?\d+":\{', b"^\xef\xbb\xbf"],
    Format.XML: [rb"<item0>", rb"\n  <", rb"<!\[CDATA\[", rb"<root>", rb"windows-1251"],
    Format.CSV: [rb'"callId"', rb";callId;", rb"\tcallId\t", rb"\|callId\|", rb"sep=;"]
    + [rb",callId,state,", rb"stateDescription[^\r\n]*\n"],
    Format.PLAIN: [rb"<pre>", rb"=&gt;", rb"<br />", rb"\[city\] = "],
}


@pytest.mark.slow
@each_format
def test_bodies_read_as_expected_and_reach_every_dialect(fmt: Format) -> None:
    unseen = {*DIALECTS[fmt], *SIGNS[fmt]}

    @settings(max_examples=40)
    @given(bodies(fmt))
    def check(case: tuple[bytes, Response[Call]]) -> None:
        body, expected = case
        read = parse(body, fmt)
        assert_equal(read, expected)
        assert read.source is not None
        assert read.source.dialect in DIALECTS[fmt]
        unseen.discard(read.source.dialect)
        unseen.difference_update(sign for sign in SIGNS[fmt] if re.search(sign, body))

    for sample in range(60):
        seed(sample)(check)()
        if not unseen:
            break
    assert not unseen


@pytest.mark.slow
@each_format
def test_malformed_bodies_are_refused_at_their_path(fmt: Format) -> None:
    seen = set[str]()

    @settings(max_examples=30)
    @given(malformed_bodies(fmt))
    def check(malformed: Malformed) -> None:
        assert malformed.format is fmt
        seen.add(malformed.defect)
        with pytest.raises(ParseError) as caught:
            parse(malformed.body, malformed.format)
        assert caught.value.path == malformed.path, malformed.defect

    for sample in range(2):
        seed(sample)(check)()
    assert len(seen) >= 8
    assert all(f"`{defect}`" in DOCS for defect in seen)


def test_a_format_that_is_none_of_the_four_is_refused() -> None:
    with pytest.raises(UnknownFormatError):
        bodies("yaml")
    with pytest.raises(UnknownFormatError):
        malformed_bodies("yaml")


@settings(max_examples=10)
@given(response=responses(), call=calls())
def test_what_is_drawn_can_be_carried_by_every_format(response: Response[Call], call: Call) -> None:
    response.payload.append(call)
    for fmt in Format:
        assert_equal(parse(serialize(response, fmt), fmt), response)


# Comparison


def test_each_difference_is_listed_by_its_path() -> None:
    expected = Response(
        Inbound(page_length=1000, extra={"server": "a"}),
        Info({"call": ("get",)}),
        [Call(1), Call(2, city="b", tags_id=(1,)), Call(3, extra={"lead": "1"}), Call(4)],
    )
    actual = Response(
        Inbound(page_length=100),
        Info({"call": ("set",)}),
        [Call(1), Call(3, extra={"lead": "2"}), Call(2, city="a", tags_id=()), Call(5)],
    )
    with pytest.raises(AssertionError) as caught:
        assert_equal(actual, expected)
    lines = str(caught.value).split("\n  ")
    assert lines[:8] == [
        "the responses differ (actual != expected):",
        "inbound.pageLength: 100 != 1000",
        "inbound.server: None != 'a'",
        "info.entities.call: ('set',) != ('get',)",
        "payload[1].city: 'a' != 'b'",
        "payload[1].tagsId: () != (1,)",
        "payload[2].lead: '2' != '1'",
        f"payload[3]: None != {Call(4)!r}",
    ]
    assert lines[8:] == [f"payload[3]: {Call(5)!r} != None", "payload: (1, 3, 2) != (1, 2, 3)"]


@pytest.mark.slow
@given(responses(), responses())
def test_it_fails_exactly_where_responses_differ(a: Response[Call], b: Response[Call]) -> None:
    b = replace(b, payload=[*copy.deepcopy(a.payload), *b.payload])
    assert_equal(a, copy.deepcopy(a))
    if a == b:
        assert_equal(a, b)
    else:
        with pytest.raises(AssertionError, match=r"differ \(actual != expected\):\n"):
            assert_equal(a, b)


def test_only_responses_are_compared() -> None:
    with pytest.raises(TypeError, match="two Responses, not list"):
        assert_equal(Response(), [])  # type: ignore[arg-type]


# The plugin and the extra


@each_format
def test_the_dump_is_the_same_page_in_every_format(
    ckct_dump: Callable[..., bytes], fmt: Format
) -> None:
    page = parse(ckct_dump(fmt))
    assert page.source is not None
    assert page.source.format is fmt
    assert page.inbound.requested_type == fmt
    assert page.inbound.total_length == len(page.payload) == 3
    assert page.next_page is None
    assert replace(page, inbound=Inbound()) == replace(parse(ckct_dump("json")), inbound=Inbound())
    own = Response(payload=[Call(1)])
    assert ckct_dump(fmt, own) == serialize(own, fmt)
    with pytest.raises(UnknownFormatError):
        ckct_dump("yaml")


@pytest.mark.slow
def test_pytest_finds_the_plugin_and_imports_nothing_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_imported_yet():
            assert {"ckct_formats", "lxml", "hypothesis"}.isdisjoint(sys.modules)

        def test_a_dump(ckct_dump):
            assert ckct_dump("plain").startswith(b"Array\\n(\\n    [inbound] => Array\\n")
        """
    )
    result = pytester.runpytest_subprocess("-W", "error", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("missing", ["hypothesis", "pytest"])
def test_without_the_extra_an_error_names_it(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; import ckct_formats.testing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert last == (
        f"ImportError: {missing} is not installed; "
        "needs the extra: pip install 'ckct-formats[testing]'"
    )


# The worked example


def _example(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCS, re.DOTALL | re.MULTILINE)


@pytest.fixture
def _quick() -> Iterator[None]:
    """Few examples, and none of them made smaller: only whether tests fail is asked for."""
    settings.register_profile("before", settings.default)
    settings.register_profile("quick", settings.default, max_examples=15, phases=[Phase.generate])
    settings.load_profile("quick")
    yield
    settings.load_profile("before")


def _run(pytester: pytest.Pytester, client: str) -> pytest.RunResult:
    pytester.makepyfile(client=client, test_client=_example(r"python title=test_client\.py")[0])
    return pytester.runpytest_inprocess("-p", "no:cacheprovider")


def _client() -> str:
    return _example(r"python title=client\.py")[0]


@pytest.mark.slow
@pytest.mark.usefixtures("_quick")
def test_the_documented_tests_pass(pytester: pytest.Pytester) -> None:
    _run(pytester, _client()).assert_outcomes(passed=7)


@pytest.mark.slow
@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("bug", _example("diff"))
def test_the_documented_tests_find_planted_bugs(pytester: pytest.Pytester, bug: str) -> None:
    right, wrong = (line[1:] for line in bug.splitlines())
    assert right in _client()
    assert _run(pytester, _client().replace(right, wrong)).ret == pytest.ExitCode.TESTS_FAILED


def test_three_bugs_are_documented() -> None:
    assert len(_example("diff")) == 3
