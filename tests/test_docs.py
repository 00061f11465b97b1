"""The documentation site builds without a warning, and neither building nor reading it needs another host."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
LOADED = re.compile(r"<(?:script|link|img|iframe)[^>]*?(?:src|href)=\"?(?:https?:)?//[^\s>\"]+")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs", reason="needs the extra docs")
    out = tmp_path_factory.mktemp("docs") / "site"
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", out]
    process = subprocess.run(build, cwd=REPOSITORY, capture_output=True, encoding="utf8")
    assert process.returncode == 0, process.stderr
    return out


@pytest.mark.slow
def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))

    assert len(pages) > 25
    assert {page.name: found for page in pages if (found := LOADED.findall(page.read_text("utf8")))} == {}


@pytest.mark.slow
def test_every_command_is_on_the_page_of_commands(site: Path) -> None:
    from typer.main import get_command

    from spacy_deid.cli import app

    page = (site / "reference" / "cli.html").read_text("utf8")
    assert [name for name in get_command(app).commands if f"<code>{name}</code>" not in page] == []  # type: ignore[attr-defined]


def test_the_terms_of_the_glossary_are_in_order() -> None:
    text = (REPOSITORY / "docs" / "glossary.md").read_text("utf8")
    terms = [term.casefold() for term in re.findall(r"^\| \*\*(.+?)\*\*", text, re.M)]

    assert len(terms) > 30
    assert terms == sorted(terms)
