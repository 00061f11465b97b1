"""docs/reference/components.md has every setting of every component with its default, and every registered function."""

import json
import re
import tomllib
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from spacy.language import Language
from spacy.tokens.underscore import Underscore

from spacy_deid.redact.policy import policy_of
from spacy_deid.redact.replacer import MODES

REPOSITORY = Path(__file__).parents[1]
PAGE = (REPOSITORY / "docs" / "reference" / "components.md").read_text("utf8")
ENTRY_POINTS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf8"))["project"]["entry-points"]
FACTORIES = ENTRY_POINTS["spacy_factories"]
FUNCTIONS = sorted(name for entries in ENTRY_POINTS.values() for name in entries if name.startswith("deid."))


def section(title: str) -> str:
    return re.split(r"^##+ ", PAGE.partition(f"## {title}\n")[2], maxsplit=1, flags=re.M)[0]


def rows(text: str, cells: int) -> list[list[str]]:
    """Return the rows of a section's tables that have so many cells, headings left out."""
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [row for row in table if len(row) == cells and row[0].startswith("`")]


def default(cell: str) -> Any:
    return json.loads(cell.strip("`"))


@pytest.mark.parametrize("factory", FACTORIES)
def test_every_setting_of_a_factory_has_a_row_with_its_default(factory: str) -> None:
    import_module(FACTORIES[factory].partition(":")[0])

    documented = {row[0].strip("`"): default(row[2]) for row in rows(section(f"`{factory}`"), 4)}

    assert documented == Language.get_factory_meta(factory).default_config


def test_every_setting_of_a_redaction_mode_has_a_row_with_its_default() -> None:
    documented: dict[str, dict[str, Any]] = {mode: {} for mode in MODES}
    for mode, setting, value, _ in rows(section("Modes and their settings"), 4):
        documented[mode.strip("`")] |= {setting.strip("`"): default(value)} if setting else {}

    assert documented == {mode: settings_of(mode) for mode in MODES}


def settings_of(mode: str) -> dict[str, Any]:
    replacer: Any = policy_of(mode).replacers()[mode]
    return {each.name: each.default for each in fields(replacer)}


def test_every_mode_has_a_row() -> None:
    assert {row[0].strip("`") for row in rows(section("Modes and their settings"), 4)} == {*MODES}


def test_every_registered_function_has_a_row() -> None:
    assert sorted(row[1].strip("`") for row in rows(section("Registered functions"), 3)) == FUNCTIONS


def test_every_extension_attribute_has_a_row() -> None:
    import_module("spacy_deid.extensions")
    import_module("spacy_deid.redact.component")
    extensions = {"doc": Underscore.doc_extensions, "span": Underscore.span_extensions}
    registered = {f"{of}._.{name}" for of, names in extensions.items() for name in names if name.startswith("deid_")}

    assert {row[0].strip("`") for row in rows(section("Extension attributes"), 2)} == registered
