"""Promise: `spacy project run` takes a variable as a user types it, or reports the fault before anything runs."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import srsly
from spacy.cli._util import app as spacy_app
from typer.testing import CliRunner

from spacy_deid.cli import app

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch) -> Path:
    shutil.copy(REPOSITORY / "project.yml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str):
    return CliRunner().invoke(spacy_app, ["project", "run", *words])


def option(output: str, command: str, name: str) -> str:
    line = next(line for line in output.splitlines() if f"spacy deid {command}" in line)
    words = shlex.split(line.partition(": ")[2])
    return words[words.index(name) + 1]


AS_TYPED = [
    r"(.+)-\d+",  # the very pattern in `deid convert --help`; any backslash crashed weasel
    r"^(p\d+)$",
    r"^([A-Z]{2}\d{4,6})_",
    r"a\\b",
    r"ends with \"",
    'a "quoted" word',
    "it's",
    "Århus-(.)",
    "0.10",
    "true",
    "null",
    "[1]",
    "",
]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("typed", AS_TYPED)
def test_a_value_reaches_its_stage_as_it_was_typed(typed: str) -> None:
    result = run("corpus", ".", "--dry", "--vars.group_pattern", typed)
    assert result.exit_code == 0, result.output
    assert option(result.output, "corpus", "--group-pattern") == typed


@pytest.mark.usefixtures("project")
def test_both_ways_of_writing_an_option_are_taken() -> None:
    result = run("corpus", ".", "--dry", r"--vars.group-pattern=(.+)-\d+", "--vars.notes=25")
    assert option(result.output, "corpus", "--group-pattern") == r"(.+)-\d+"
    assert option(result.output, "corpus", "--notes") == "25"


@pytest.mark.usefixtures("project")
def test_a_version_and_a_reason_stay_what_they_are() -> None:
    """Weasel read 0.10 as the number 0.1, and an apostrophe in a reason ended the shell's quotation."""
    result = run("release", ".", "--dry", "--vars.version", "0.10", "--vars.override", "the board's decision")
    assert option(result.output, "release", "--version") == "0.10"
    assert option(result.output, "release", "--override") == "the board's decision"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--vars.corpos", "/secure/notes"], "no variable --vars.corpos. Did you mean --vars.corpus?"),
        (["--vars.corpos=/secure/notes"], "no variable --vars.corpos. Did you mean --vars.corpus?"),
        (["--vars.grouppattern", "x"], "Did you mean --vars.group_pattern?"),
        (["--var.corpus", "/secure/notes"], "no variable --var.corpus. Did you mean --vars.corpus?"),
        (["--vars.zzz", "x"], "no variable --vars.zzz. Remedy: one of lang, profile"),
        (["--vars.corpus"], "--vars.corpus has no value"),
        (["--vars.corpus", "--vars.format", "brat"], "--vars.corpus has no value"),
        (["--vars.notes", "few"], "--vars.notes is 'few'; it must be a whole number"),
        (["--vars.seed", "1.5"], "--vars.seed is '1.5'; it must be a whole number"),
        (["--vars.gpu_id", ""], "--vars.gpu_id is ''; it must be a whole number"),
    ],
)
def test_a_variable_that_cannot_be_meant_stops_before_anything_runs(words: list[str], told: str) -> None:
    """D15: a misspelt `corpus` was swallowed, and a corpus of templates took the place of the user's own."""
    result = run("corpus", ".", "--dry", *words)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert told in line and "Remedy" in line
    assert "Running command" not in result.stdout


def test_the_projects_of_others_are_left_alone(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    command = {"name": "say", "script": ["echo ${vars.word}"]}
    srsly.write_yaml(tmp_path / "project.yml", {"vars": {"word": "x"}, "commands": [command]})
    assert "echo 0.1" in run("say", ".", "--dry", "--vars.word", "0.10", "--vars.unknown", "x").stdout


STAGE = """
import signal, sys, time

def end(number, frame):
    print("the stage ends by itself", flush=True)
    sys.exit(128 + number)

signal.signal(signal.SIGINT, end)
signal.signal(signal.SIGTERM, end)
print("begun", flush=True)
time.sleep(0.5)  # longer than weasel would wait
while True:
    time.sleep(0.1)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux to find the stage")
@pytest.mark.parametrize(
    ("number", "group", "status"),
    [(signal.SIGINT, True, 130), (signal.SIGTERM, True, 143), (signal.SIGTERM, False, 143)],
    ids=["Ctrl-C", "SIGTERM to the group", "SIGTERM to the project alone"],
)
def test_a_stage_takes_the_signal_itself(number: int, group: bool, status: int, tmp_path: Path) -> None:
    """Weasel killed `adapt` within a quarter of a second, without a checkpoint; SIGTERM left it running by itself."""
    (tmp_path / "stage.py").write_text(STAGE)
    commands = [
        {"name": "stage", "script": ["python stage.py"]},
        {"name": "next", "script": ["python -m spacy deid corpus corpus --lang sv"]},
    ]
    srsly.write_yaml(tmp_path / "project.yml", {"workflows": {"all": ["stage", "next"]}, "commands": commands})
    process = subprocess.Popen(
        [sys.executable, "-m", "spacy", "project", "run", "all", "."],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    for line in process.stdout:
        if line == "begun\n":
            break
    (os.killpg if group else os.kill)(process.pid, number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == status
    assert "the stage ends by itself" in output
    assert "corpus --lang" not in output, "the next stage does not begin"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_stage_that_a_signal_ends_has_the_status_that_shells_give(number: int, tmp_path: Path, monkeypatch) -> None:
    """A second SIGTERM may end a stage on its way out: its status was 241 then, in place of 143."""
    monkeypatch.chdir(tmp_path)
    script = f"python -c 'import os; os.kill(os.getpid(), {int(number)})'"
    srsly.write_yaml(tmp_path / "project.yml", {"commands": [{"name": "stage", "script": [script]}]})
    assert run("stage", ".").exit_code == 128 + number


def deid(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def save_notes(folder: Path, notes: int, patients: int) -> Path:
    folder.mkdir()
    for number in range(notes):
        (folder / f"p{number % patients}-{number}.txt").write_text(f"Ove Linn kom dag {number}.")
        (folder / f"p{number % patients}-{number}.ann").write_text("T1\tNAME 0 8\tOve Linn\n")
    return folder


@pytest.mark.parametrize(
    ("notes", "patients", "told"),
    [
        (5, 5, "5 notes in 5 groups (patients) do not fill 3 splits: 6 notes in 6 such groups are enough"),
        (2, 2, "2 notes in 2 groups"),
        (30, 6, "30 notes in 6 groups"),
        (40, 1, "40 notes in 1 groups"),
    ],
)
def test_too_few_notes_are_told_at_once_with_how_many_are_needed(
    notes: int, patients: int, told: str, tmp_path: Path, monkeypatch
) -> None:
    """It took 49 s, the making of templates, and named "larger fractions", which is no option of this command."""
    corpus = save_notes(tmp_path / "notes", notes, patients)
    monkeypatch.setattr("spacy_deid.corpus.templates.run.template_docs", None)  # not reached
    config = REPOSITORY / "configs" / "templates.cfg"
    options = ("--corpus", corpus, "--group-pattern", r"(.+)-\d+", "--templates", config, "--public", "yes")
    result = deid("corpus", tmp_path / "out", "--lang", "sv", *options)
    assert result.exit_code == 1
    assert told in result.stderr
    assert "Remedy: more notes, or splits of your own: train, dev and test" in result.stderr
    assert "fractions" not in result.stderr
    assert not list(tmp_path.rglob("*.spacy"))


@pytest.mark.parametrize("patients", [5, 6, 2])
def test_as_many_notes_as_are_named_are_enough(patients: int, tmp_path: Path) -> None:
    few = deid("corpus", tmp_path / "out", "--lang", "es", "--corpus", save_notes(tmp_path / "few", patients, patients))
    enough = int(few.stderr.partition("splits: ")[2].split()[0]) if few.exit_code else patients
    more = save_notes(tmp_path / "more", enough, enough)
    assert deid("corpus", tmp_path / "out", "--lang", "es", "--corpus", more).exit_code == 0


def test_the_corpus_stage_says_where_the_notes_come_from(tmp_path: Path) -> None:
    """D15: "train from templates read" was the only hint that one's own corpus was not in use."""
    corpus = save_notes(tmp_path / "own-notes", 20, 20)
    result = deid("corpus", tmp_path / "out", "--lang", "es", "--corpus", corpus)
    assert result.exit_code == 0, result.output
    told = " ".join(result.stdout.split())
    assert told.count("your corpus: own-notes") == 2  # before the work and after it
    assert told.index("your corpus: own-notes") < told.index("made:") < told.rindex("your corpus: own-notes")
    assert srsly.read_json(tmp_path / "out" / "manifest.json")["source"] == "your corpus: own-notes"


def test_without_a_corpus_of_ones_own_it_says_so_before_anything_is_made(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    result = deid("corpus", tmp_path / "out", "--lang", "sv")  # no config to make notes by, so it ends after that line
    assert result.exit_code == 1
    told = "your corpus: none given; notes are made from templates, with invented persons"
    assert told in " ".join(result.output.split())
