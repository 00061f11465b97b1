"""`deid --help` is a table of contents: every command under its use, in one whole line."""

import subprocess
import sys

import pytest
import typer

from spacy_deid.cli.app import GROUPS, app

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group of click


@pytest.fixture(scope="module")
def help_lines() -> list[str]:
    """The help as spaCy's command line shows it in a terminal of 80 columns."""
    command = [sys.executable, "-m", "spacy", "deid", "--help"]
    return subprocess.run(command, capture_output=True, encoding="utf8", check=True).stdout.splitlines()


def test_every_command_is_in_one_group() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(name for name, command in COMMANDS.items() if not command.hidden)


@pytest.mark.parametrize("group", GROUPS)
def test_help_lists_the_commands_of_a_group_under_its_name(help_lines: list[str], group: str) -> None:
    start = help_lines.index(f"{group}:") + 1
    section = help_lines[start : start + len(GROUPS[group])]
    assert tuple(line.split()[0] for line in section) == GROUPS[group]


def test_no_command_is_described_by_half_a_sentence(help_lines: list[str]) -> None:
    described = [line for line in help_lines if line.split()[:1] and line.split()[0] in COMMANDS]

    assert len(described) == sum(map(len, GROUPS.values()))
    assert [line for line in described if line.endswith("...")] == []
