"""The examples run as they are written and show what they say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"

SHOWN = {
    "redact": "[NAME], [ID], ringde [DATE].",
    "own_corpus": "46 notes, 682 spans",
    "surrogates_with_a_key": "kom åter",
    "audit": "over         Copied passages",
}


def output(name: str, folder: Path) -> str:
    script = [sys.executable, EXAMPLES / f"{name}.py"]
    return subprocess.run(script, cwd=folder, capture_output=True, encoding="utf8", check=True).stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_an_example_runs_and_shows_what_it_says(name: str, tmp_path: Path) -> None:
    assert SHOWN[name] in output(name, tmp_path)


@pytest.mark.slow
def test_the_first_code_of_the_quick_start_prints_what_it_says(tmp_path: Path) -> None:
    page = (EXAMPLES.parent / "docs" / "quick-start.md").read_text("utf8")
    code = re.findall(r"```python\n(.*?)```", page, re.S)[0]
    (tmp_path / "code.py").write_text(code, "utf8")

    run = subprocess.run([sys.executable, "code.py"], cwd=tmp_path, capture_output=True, encoding="utf8", check=True)

    assert run.stdout.strip() == code.rpartition("  # ")[2].strip()


@pytest.mark.slow
def test_both_notes_of_a_patient_have_the_same_surrogate(tmp_path: Path) -> None:
    first, second = output("surrogates_with_a_key", tmp_path).splitlines()

    assert first.split(",")[0] == second.split(" kom")[0] != "Karin Lind"


def test_every_example_is_run() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {*SHOWN}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_is_short(path: Path) -> None:
    assert len(path.read_text("utf8").splitlines()) < 40
