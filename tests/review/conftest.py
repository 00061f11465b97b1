"""A headless Chromium, where there is one, and the review page open in it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from annotated import CALL, WARD, write_notes
from typer.testing import CliRunner

from spacy_deid.cli import app

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OFFLINE = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
ARGUMENTS = (*OFFLINE, "--disable-sync", "--no-first-run")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real browser; the tests that ask for it are skipped where none is installed."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser to test the review page in: install one of {', '.join(BROWSERS)}")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


class ReviewPage:
    """A person before the page: what they press, read and save."""

    def __init__(self, page: Any, folder: Path, problems: list[str]) -> None:
        self.page = page
        self.problems = problems  # the browser's errors and messages
        self.folder = folder

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def status(self) -> str:
        return self.page.locator("#status").text_content()

    @property
    def quote(self) -> str:
        return self.page.locator("#quote").text_content()

    def select(self, text: str) -> None:
        """Drag the mouse over the first place where ``text`` stands in one piece of the note."""
        box = self.page.evaluate(
            """(text) => {
              const walker = document.createTreeWalker(document.getElementById("text"), NodeFilter.SHOW_TEXT);
              for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const at = node.data.indexOf(text);
                if (at === -1) continue;
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + text.length);
                const { left, right, top, height } = range.getBoundingClientRect();
                return { left, right, y: top + height / 2 };
              }
            }""",
            text,
        )
        self.page.mouse.move(box["left"] + 1, box["y"])
        self.page.mouse.down()
        self.page.mouse.move(box["right"] - 1, box["y"], steps=4)
        self.page.mouse.up()

    def save(self, name: str = "review.jsonl") -> Path:
        with self.page.expect_download() as download:
            self.press("Control+s")
        path = self.folder / name
        download.value.save_as(path)
        return path


@pytest.fixture
def review(browser: Any, tmp_path: Path) -> Iterator[Callable[..., ReviewPage]]:
    """Write the page of a corpus file, open it and act; at the end nothing was asked for but the page itself."""
    context = browser.new_context(accept_downloads=True, viewport={"width": 1360, "height": 850})
    requests: list[str] = []
    problems: list[str] = []
    pages = []

    def open_page(source: Path, *options: str) -> ReviewPage:
        out = tmp_path / "review.html"
        result = CliRunner().invoke(app, ["review", str(source), str(out), "--quiet", *options])
        assert result.exit_code == 0, result.output
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        page.goto(out.as_uri())
        pages.append(out.as_uri())
        return ReviewPage(page, tmp_path, problems)

    yield open_page
    context.close()
    assert problems == []
    assert {url for url in requests if not url.startswith("blob:")} == set(pages)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A corpus file of two notes."""
    ward = [("Anna Ek", "NAME", {"source": "model", "score": 0.9}), ("Borås", "NAME"), ("långt", "LOCATION")]
    return write_notes(tmp_path / "in.jsonl", ward=(WARD, ward), call=(CALL, [("Bo", "NAME")]))
