"""The page that `--html` writes: what is on it, what cannot be, and that a browser runs it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from test_cli import FIXTURES, names, run
from test_cli_check import GOOD, HOSTILE, page, pair

from ckct_formats._reports import html
from ckct_formats.cli import _check as checking
from ckct_formats.conformance import Code

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
_TAGS = set(
    "html head meta title style body header p h1 dl div dt dd form details summary span fieldset "
    "legend label input b button main section table thead tr th tbody td code h2 footer "
    "script".split()
)
_VOID = {"meta", "input", "link"}


class Page(HTMLParser):
    """The tags and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open += [] if tag in _VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        while tag != "th" and self.open[-1] == "th":  # whose end tag may be left out
            self.open.pop()
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data.strip())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each tag of this name."""
        return [attributes for name, attributes in self.tags if name == tag]


def written(folder: Path, *args: str, status: int = 1) -> str:
    """The page that a command writes."""
    result = run(*args, "--html", "page.html", "--force")
    assert (result.exit_code, result.stderr) == (status, "")
    return (folder / "page.html").read_text(encoding="utf-8")


def hostile(folder: Path) -> list[list[str]]:
    """Command lines whose files hold hostile names, keys and values."""
    name = "</title><script>alert(2)<script>'\".json".replace("/", "\u2215")
    (folder / name).write_bytes(page(**{HOSTILE: 1, "{{body}}": 2, "duration": HOSTILE}))
    (folder / "b.json").write_bytes(page(**{HOSTILE: "</td>", "city": HOSTILE, "{{foot}}": 3}))
    (folder / "c.json").write_bytes(page(**{HOSTILE: HOSTILE, "city": "{{body}}"}))
    return [["check", name, "b.json", "--severity", "note"], ["diff", "b.json", "c.json"]]


# ---- what is on it ----


def test_the_verdict_comes_first(folder: Path) -> None:
    (folder / "a.json").write_bytes(GOOD)
    (folder / "b.json").write_bytes(page(state="x"))
    good = Page(written(folder, "check", "a.json", status=0))
    assert "✓ Conforms" in good.texts and "1 file: conforms. Notes are left out." in good.texts
    assert good.named("form") == [] and good.named("table") == []
    bad = Page(written(folder, "check", "b.json"))
    assert "✗ Does not conform" in bad.texts
    both = Page(written(folder, "check", "a.json", "b.json"))
    assert "✗ 1 of 2 files does not conform" in both.texts
    assert (
        "✓ All files conform" in Page(written(folder, "check", "a.json", "a.json", status=0)).texts
    )


def test_each_finding_is_a_row_the_gravest_first(folder: Path) -> None:
    (folder / "a.json").write_bytes((FIXTURES / "sample.json").read_bytes())
    shown = Page(written(folder, "check", "a.json"))
    rows = [row for row in shown.named("tr") if row]
    assert rows == [
        {"data-a": "error", "data-b": "wrong-row-count"},
        {"data-a": "warning", "data-b": "wrong-content-length"},
    ]
    for text in ("48:14", "payload", "1 row, where the envelope promises 1,000"):
        assert text in shown.texts
    boxes = [(box["name"], box["value"]) for box in shown.named("input")]
    assert boxes == [
        ("a", "error"),
        ("a", "warning"),
        ("b", "wrong-row-count"),
        ("b", "wrong-content-length"),
    ]
    titles = [code.get("title") for code in shown.named("code") if "title" in code]
    assert titles[1] == "contentLength is not the length of this body or of its rows"


def test_a_file_that_cannot_be_read_is_on_the_page(folder: Path) -> None:
    run("check", "no.json", "--html", "page.html")
    shown = Page((folder / "page.html").read_text(encoding="utf-8"))
    assert "No such file or directory" in shown.texts and "✗ Does not conform" in shown.texts


def test_more_than_a_browser_shows_is_cut_and_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "FILE_ROWS", 3)
    monkeypatch.setattr(html, "PAGE_ROWS", 5)
    rows = [{"callId": at, "state": "x"} for at in range(5)] + [{"callId": "x"}]
    for name in ("a.json", "b.json", "c.json"):
        (folder / name).write_text(json.dumps(rows))
    found = json.loads(run("check", "a.json", "--format", "json").stdout)["files"][0]["findings"]
    shown = Page(written(folder, "check", "a.json", "b.json", "c.json"))
    cut = [text for text in shown.texts if text.startswith("The page holds")]
    of = f"of {len(found):,} findings of this file."
    assert cut == [f"The page holds the first {rows} {of}" for rows in (3, 2, 0)]
    assert next(row["data-b"] for row in shown.named("tr") if row) == Code.UNREADABLE_VALUE
    (folder / "d.json").write_bytes(page(city="1", site="1", device="1", region="1"))
    (folder / "e.json").write_bytes(page(city="2", site="2", device="2", region="2"))
    diff = Page(written(folder, "diff", "d.json", "e.json"))
    assert "The page holds the first 3 of 4 differences." in diff.texts


def test_files_stand_side_by_side(folder: Path) -> None:
    pair(folder)
    (folder / "c.json").write_bytes((folder / "a.json").read_bytes())
    shown = Page(written(folder, "diff", "a.json", "b.xml", "c.json"))
    assert "✗ 2 differences" in shown.texts and "a.json, b.xml, c.json: 1 harmless" in shown.texts
    rows = [(row["class"], row["data-b"]) for row in shown.named("tr") if row]
    assert rows == [
        ("counts", "payload.city"),
        ("counts", "payload.tagsId"),
        ("harmless", "inbound.requestedType"),
    ]
    cells = [cell for cell in shown.named("td") if "data-file" in cell]
    assert [cell["data-file"] for cell in cells[:3]] == ["a.json", "b.xml", "c.json"]
    assert [cell["class"] for cell in cells[:3]] == ["", "differs", ""]
    assert '"Тула"' in shown.texts and '"Пермь"' in shown.texts


def test_of_equal_files_there_is_no_table(folder: Path) -> None:
    (folder / "a.json").write_bytes(GOOD)
    (folder / "b.json").write_bytes(GOOD)
    shown = Page(written(folder, "diff", "a.json", "b.json", status=0))
    assert "✓ Equal" in shown.texts and shown.named("table") == [] == shown.named("form")


def test_what_cannot_be_compared_is_on_the_page(folder: Path) -> None:
    (folder / "a.json").write_bytes(page(city="x" * 3000))
    (folder / "b.json").write_bytes(b"[{")
    (folder / "c.json").write_bytes(page())
    shown = Page(written(folder, "diff", "a.json", "b.json", "c.json"))
    assert any(text.startswith("b.json: json: ") for text in shown.texts)
    assert any("(1,002 more characters)" in text for text in shown.texts)
    assert "none" in shown.texts


# ---- what cannot be on it ----


def test_no_value_becomes_markup(folder: Path) -> None:
    for args in hostile(folder):
        text = written(folder, *args)
        shown = Page(text)
        assert {tag for tag, _ in shown.tags} <= _TAGS
        assert text.count("<script") == text.count("</script>") == 1
        assert text.lower().count("<style") == 1 and text.count("</title>") == 1
        names = {name for _, attributes in shown.tags for name in attributes}
        assert not [name for name in names if name.startswith("on") or name in ("src", "href")]
        assert "\x1b" not in text and "\u202e" not in text and "\\u202e" in text
        assert any("{{" in part for part in shown.texts)


def test_the_page_lets_nothing_run_but_its_own_script(folder: Path) -> None:
    (folder / "a.json").write_bytes(page(state="x"))
    (policy,) = [
        meta["content"]
        for meta in Page(written(folder, "check", "a.json")).named("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert re.fullmatch(
        r"default-src 'none'; base-uri 'none'; form-action 'none'; "
        r"style-src 'sha256-[^']+'; script-src 'sha256-[^']+'",
        policy,
    )


def test_the_page_names_no_other_place(folder: Path) -> None:
    (folder / "a.json").write_bytes(page(state="x"))
    text = written(folder, "check", "a.json")
    assert not re.search(r"https?:|//\w|url\(|@import|\bsrc=|\bhref=|style=", text)


# ---- whole, or not at all ----


def test_an_existing_page_is_overwritten_by_force_alone(folder: Path) -> None:
    pair(folder)
    for args in (("check", "a.json"), ("diff", "a.json", "b.xml")):
        (folder / "page.html").write_text("mine")
        refused = run(*args, "--html", "page.html")
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr == "ckct-formats: page.html: exists; --force overwrites it\n"
        assert (folder / "page.html").read_text() == "mine"
        assert "<!doctype html>" in written(folder, *args)
        assert names(folder) == ["a.json", "b.xml", "page.html"]


def test_a_page_that_fails_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    pair(folder)
    monkeypatch.setattr(os, "fsync", full)
    for args in (("check", "a.json"), ("diff", "a.json", "b.xml")):
        failed = run(*args, "--html", "page.html")
        assert failed.exit_code == 1
        assert failed.stderr.endswith("ckct-formats: page.html: No space left on device\n")
        assert names(folder) == ["a.json", "b.xml"]
    result = run("check", "a.json", "--html", "no/page.html", "--format", "sarif")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "ckct-formats: no/page.html: No such file or directory\n"


def test_a_full_temporary_folder_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: str, **options: str) -> None:
        raise OSError(28, "No space left on device")

    pair(folder)
    monkeypatch.setattr(checking, "TemporaryFile", full)
    monkeypatch.setattr(checking, "gettempdir", lambda: "temp")
    result = run("check", "a.json", "--html", "page.html")
    assert result.exit_code == 1
    assert result.stderr == "ckct-formats: temp: No space left on device\n"
    assert names(folder) == ["a.json", "b.xml"]


# ---- in a browser ----


def browsed(path: Path, profile: Path, script: str = "") -> tuple[str, str]:
    """The page as it is once its script ran, and what the browser logged of it.

    A script of the test runs after the page's own, which the policy must allow.
    """
    text = path.read_text(encoding="utf-8")
    if script:
        text = re.sub(r"<meta http-equiv[^>]*>", "", text)
        text = text.replace("</body>", f"<script>{script}</script></body>")
        path.write_text(text, encoding="utf-8")
    assert BROWSER is not None
    options = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
        "--disable-background-networking --disable-component-update --disable-dev-shm-usage "
        "--enable-logging=stderr --v=0 --window-size=1280,900 --dump-dom"
    )
    done = subprocess.run(
        [BROWSER, *options.split(), f"--user-data-dir={profile}", path.as_uri()],
        capture_output=True,
        check=True,
        timeout=120,
    )
    logged = [line for line in done.stderr.decode().splitlines() if "CONSOLE" in line]
    return done.stdout.decode(), "\n".join(logged)


needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium to open the page")


@needs_browser
def test_a_browser_runs_the_page_without_a_complaint(folder: Path) -> None:
    many: Any = [{"callId": at % 1500, "clientPhone": "+7", "state": "x"} for at in range(1500)]
    (folder / "many.json").write_text(json.dumps(many))
    runs = [*hostile(folder), ["check", "many.json"]]
    for at, args in enumerate(runs):
        written(folder, *args)
        dom, logged = browsed(folder / "page.html", folder / f"profile{at}")
        assert logged == ""
        assert re.match(r'<!DOCTYPE html>\s*<html lang="en" data-ready="true">', dom)
        assert re.search(r"[\d,]+ of [\d,]+ (findings|differences) shown", dom)
    assert re.search(r">(3,0\d\d) of \1 findings shown<", dom)


@needs_browser
def test_a_browser_reports_what_goes_wrong(folder: Path) -> None:
    (folder / "a.json").write_bytes(page(state="x"))
    written(folder, "check", "a.json")
    dom, logged = browsed(folder / "page.html", folder / "profile", "null.f()")
    assert "data-error=" in dom and "Cannot read properties of null" in logged


@needs_browser
def test_the_boxes_filter_the_rows(folder: Path) -> None:
    rows = [{"callId": at, "state": "x", "clientPhone": "+7"} for at in range(4)]
    (folder / "a.json").write_text(json.dumps([*rows, {"callId": "x"}]))
    (folder / "b.json").write_bytes(GOOD)
    written(folder, "check", "a.json", "b.json")
    script = """
      const box = (value) => document.querySelector(`input[value="${value}"]`);
      const total = () => parseInt(document.querySelector(".total").textContent);
      const seen = [total()];
      box("bad-state").click(); seen.push(total());
      box("error").click(); seen.push(total());
      box("conforming").click(); seen.push(document.querySelector(".file.ok").hidden);
      const none = [...document.querySelectorAll('button[value="none"]')].pop();
      none.click(); seen.push(total(), document.querySelector("details.file").hidden);
      none.previousElementSibling.click(); seen.push(total());
      document.body.dataset.seen = JSON.stringify(seen);
    """
    found = json.loads(run("check", "a.json", "--format", "json").stdout)["files"][0]["findings"]
    codes = [each["code"] for each in found]
    severities = [each["severity"] for each in found]
    dom, logged = browsed(folder / "page.html", folder / "profile", script)
    assert logged == ""
    shown = re.search(r'data-seen="([^"]*)"', dom)
    assert shown is not None
    total, states, errors = len(found), codes.count("bad-state"), severities.count("error")
    assert states == 4 and errors == 1
    assert json.loads(shown[1]) == [
        total,
        total - states,
        total - states - errors,
        True,
        0,
        True,
        total - errors,
    ]
