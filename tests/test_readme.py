"""README and docs say what is so: their commands, options, variables, figures and links exist."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from spacy_deid.cli import app

REPOSITORY = Path(__file__).parent.parent
README = (REPOSITORY / "README.md").read_text("utf8")
PAGES = {
    path.relative_to(REPOSITORY).as_posix(): path.read_text("utf8")
    for path in (*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"))
    if path.name != "CHANGELOG.md"  # tells of earlier versions
}
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group of click
PROJECT = "docs/reference/project.md"

# `-m spacy deid COMMAND ... --option`, over lines that end in a backslash
CALL = re.compile(r"spacy deid ([a-z][a-z-]*)((?:[^`\n\\]|\\\n)*)")
CALLS = sorted(
    {(command, " ".join(rest.split())) for text in PAGES.values() for command, rest in CALL.findall(text) if rest}
)


def test_the_readme_is_a_landing_page() -> None:
    assert len(README.splitlines()) < 150


@pytest.mark.slow
def test_the_stages_are_those_of_project_yml(tmp_path: Path) -> None:
    (tmp_path / PROJECT).parent.mkdir(parents=True)
    for name in (PROJECT, "project.yml"):
        shutil.copy(REPOSITORY / name, tmp_path / name)

    document = [sys.executable, "-m", "spacy", "project", "document", ".", "--output", PROJECT]
    subprocess.run(document, cwd=tmp_path, check=True, capture_output=True)

    assert (tmp_path / PROJECT).read_text("utf8") == PAGES[PROJECT]


def test_every_variable_of_the_project_has_a_row() -> None:
    variables = (REPOSITORY / "project.yml").read_text("utf8").partition("\nvars:\n")[2].partition("\ndirectories:")[0]
    in_project = re.findall(r"^  (\w+):", variables, re.M)
    table = PAGES[PROJECT].partition("## Variables")[2].partition("## Configs")[0]

    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == in_project


def test_every_variable_that_is_used_is_in_project_yml() -> None:
    project = (REPOSITORY / "project.yml").read_text("utf8")
    used = {name for text in PAGES.values() for name in re.findall(r"--vars\.([a-z_]+)", text)}

    assert len(used) > 3
    assert {name for name in used if not re.search(rf"^  {name}:", project, re.M)} == set()


@pytest.mark.parametrize("command", sorted({command for command, _ in CALLS}))
def test_every_command_exists(command: str) -> None:
    assert command in COMMANDS


@pytest.mark.parametrize(("command", "rest"), CALLS)
def test_every_option_exists(command: str, rest: str) -> None:
    # an option with a dot overrides a setting of a config
    used = {option for option in re.findall(r"(?<!\S)--[\w.-]+", rest) if "." not in option}

    assert used <= options(COMMANDS[command])


def options(command: object) -> set[str]:
    commands = [command, *getattr(command, "commands", {}).values()]
    return {name for each in commands for option in each.params for name in option.opts} | {"--help"}  # type: ignore[attr-defined]


def test_the_figures_of_the_readme_are_those_of_the_results() -> None:
    results = "\n".join(text for name, text in PAGES.items() if name.startswith("docs/results/"))
    figures = re.findall(r"\.\d{3} \[\.\d{3}, \.\d{3}\]", README.replace("**", ""))

    assert len(figures) == 6
    assert [figure for figure in figures if figure not in results.replace("**", "")] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_file(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[\w-]*)?\)", PAGES[name])

    folder = (REPOSITORY / name).parent
    assert [link for link in links if not (folder / link).exists()] == []
