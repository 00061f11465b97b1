"""The README says what is so: its commands exist, and what it tells of the project is what project.yml says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
README = (REPOSITORY / "README.md").read_text("utf8")
BLOCKS = "\n".join(re.findall(r"```bash\n(.*?)```", README, re.S))


def test_the_project_section_is_what_project_yml_says(tmp_path: Path) -> None:
    for name in ("README.md", "project.yml"):
        shutil.copy(REPOSITORY / name, tmp_path)

    document = [sys.executable, "-m", "spacy", "project", "document", ".", "--output", "README.md"]
    subprocess.run(document, cwd=tmp_path, check=True, capture_output=True)

    assert (tmp_path / "README.md").read_text("utf8") == README


@pytest.mark.parametrize("command", sorted(set(re.findall(r"-m spacy deid (\w+)", BLOCKS))))
def test_every_command_exists(command: str) -> None:
    run = subprocess.run([sys.executable, "-m", "spacy", "deid", command, "--help"], capture_output=True)

    assert run.returncode == 0


def test_every_variable_stands_in_project_yml() -> None:
    project = (REPOSITORY / "project.yml").read_text("utf8")
    used = set(re.findall(r"--vars\.(\w+)", README))

    assert len(used) > 3
    assert {name for name in used if not re.search(rf"^  {name}:", project, re.M)} == set()
