"""There is one version number, that of the package; what repeats it agrees."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

import spacy_deid

REPOSITORY = Path(__file__).parents[1]


def version_in(name: str, pattern: str) -> str:
    found = re.search(pattern, (REPOSITORY / name).read_text("utf8"), re.M)
    assert found, f"{name} holds no version"
    return found[1]


def test_the_package_is_built_with_the_version_of_the_code() -> None:
    assert version_in("pyproject.toml", r'^version = \{ attr = "(.+)" \}') == "spacy_deid.__version__"


def test_a_pipeline_is_built_with_the_version_of_the_package() -> None:
    assert version_in("project.yml", r'^  version: "(.+)"') == spacy_deid.__version__


def test_the_citation_names_the_version() -> None:
    assert version_in("CITATION.cff", r"^version: (.+)") == spacy_deid.__version__


def test_every_wheel_that_the_documentation_names_has_this_version() -> None:
    texts = [REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")]
    named = {version for text in texts for version in re.findall(r"deid_\w\w-([\d.]+)-py3", text.read_text("utf8"))}
    assert named == {spacy_deid.__version__}


@pytest.mark.parametrize("version", ["3.11.0", "3.11.2", "3.11.4"])
def test_a_python_on_which_rules_miss_identifiers_is_refused(version: str) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf8"))["project"]

    assert version not in SpecifierSet(project["requires-python"])


def test_possessive_quantifiers_match_here_as_the_rules_expect() -> None:
    assert re.match(r"(?:.(?!D))*+", "ABCDE").group() == "AB"  # type: ignore[union-attr]  # "ABCD" before 3.11.5
