"""An error that a user can fix is one line without note text and exit status 1; earlier results are kept."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import spacy
from typer.testing import CliRunner

from spacy_deid.cli import app

PERSON = "Zutana Quiroga"
QUICK = Path(__file__).parents[2] / "configs" / "quick"
INPUTS = ("brat", "notes.spacy", "model", "gold.json")


def deid(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def save_brat(folder, notes, more=""):
    folder.mkdir(exist_ok=True)
    for number in range(notes):
        (folder / f"s{number}.txt").write_text(f"Nombre: {PERSON}. Ingresa hoy {number}. {more}")
        (folder / f"s{number}.ann").write_text(f"T1\tNOMBRE_SUJETO_ASISTENCIA 8 22\t{PERSON}\n")


def snapshot(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in INPUTS
    }


def errors_of(result):
    """Return the one line on stderr, after the checks that hold for every error."""
    assert result.exit_code == 1, result.output
    assert PERSON.split()[0] not in result.output
    (line,) = result.stderr.strip().splitlines()
    return line


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A folder, and the working directory, with what the commands read."""
    monkeypatch.chdir(tmp_path)
    save_brat(tmp_path / "brat", 20)
    assert deid("convert", "brat", "notes.spacy", "--format", "brat", "--lang", "es", "--quiet").exit_code == 0
    nlp = spacy.blank("es")
    pattern = [{"ORTH": word} for word in PERSON.split()]
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "NOMBRE_SUJETO_ASISTENCIA", "pattern": pattern}])
    nlp.to_disk("model")
    assert deid("evaluate", "model", "notes.spacy", "gold.json", "--quiet").exit_code == 0
    return tmp_path


WRITING = {
    "convert": ("convert", "brat", "out/x.spacy", "--format", "brat"),
    "convert to jsonl": ("convert", "brat", "out/x.jsonl", "--format", "brat"),
    "convert to conll": ("convert", "brat", "out/x.conll", "--format", "brat"),
    "split": ("split", "notes.spacy", "out", "--seed", "{seed}"),
    "corpus": ("corpus", "out", "--lang", "es", "--corpus", "brat", "--seed", "{seed}"),
    "seed": ("seed", "notes.spacy", "out/seeds.spacy", "--seed", "{seed}", "--samples", "2"),
    "evaluate": ("evaluate", "model", "notes.spacy", "out/m.json", "--seed", "{seed}"),
    "report": ("report", "out/index.html", "gold=gold.json"),
}


def arguments(command, seed):
    return [word.format(seed=seed) for word in WRITING[command]]


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize("command", WRITING)
def test_quiet_commands_print_nothing(command):
    result = deid(*arguments(command, seed=0), "--quiet")
    assert (result.exit_code, result.output) == (0, "")


def no_space(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("command", WRITING)
def test_a_full_disk_leaves_the_earlier_result_whole(command, work, monkeypatch):
    assert deid(*arguments(command, seed=0), "--quiet").exit_code == 0
    before = snapshot(work)
    assert before
    monkeypatch.setattr("os.fsync", no_space)

    line = errors_of(deid(*arguments(command, seed=1), "--quiet"))

    assert line.startswith("✘ The disk is full while writing out")
    assert snapshot(work) == before


@pytest.mark.parametrize("command", ["split", "corpus"])
def test_a_disk_with_room_for_the_first_split_only_leaves_all_earlier_ones(command, work, monkeypatch):
    assert deid(*arguments(command, seed=0), "--quiet").exit_code == 0
    before = snapshot(work)
    write_whole, written = Path.write_bytes, []

    def write_once(path, data):
        if written:
            no_space()
        written.append(path)
        write_whole(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_once)

    line = errors_of(deid(*arguments(command, seed=1), "--quiet"))

    assert line.startswith("✘ The disk is full while writing out/dev.spacy")
    assert snapshot(work) == before


def test_a_full_disk_leaves_no_half_of_a_brat_folder(work, monkeypatch):
    monkeypatch.setattr(Path, "write_text", no_space)
    line = errors_of(deid("convert", "notes.spacy", "out", "--to", "brat", "--quiet"))
    assert line.startswith("✘ The disk is full")
    assert sorted(path.name for path in work.iterdir()) == sorted(INPUTS)


@pytest.mark.parametrize("command", WRITING)
def test_an_output_that_is_no_file_is_an_error_and_not_replaced(command, work):
    words = arguments(command, seed=0)
    out = Path(next(word for word in words if word.startswith("out")))
    taken = out if out.suffix else out / "train.spacy"
    taken.mkdir(parents=True)
    assert f"{taken} is a folder" in errors_of(deid(*words, "--quiet"))
    assert taken.is_dir()
    assert snapshot(work) == {}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda brat: (brat / "s3.txt").unlink(), "s3.ann has no s3.txt"),
        (
            lambda brat: (brat / "s3.txt").write_bytes(b"Zut\xe1na"),
            "s3.txt: the byte at offset 3",
        ),
        (lambda brat: (brat / "s3.txt").write_text(""), "s3.ann, line 1: the span 8-22"),
        (
            lambda brat: (brat / "s3.ann").write_text("T1\tNOBODY 8 9\tZ\n"),
            "s3.ann, line 1: the label 'NOBODY'",
        ),
        (lambda brat: (brat / "s3.ann").write_text(f"T1\tNOMBRE {PERSON}\n"), "s3.ann, line 1: not a brat annotation"),
        (lambda brat: [path.unlink() for path in brat.iterdir()], "brat holds no note"),
    ],
    ids=["no .txt", "not UTF-8", "outside the text", "unknown label", "no annotation", "empty corpus"],
)
@pytest.mark.parametrize("command", ["convert", "corpus"])
def test_a_bad_corpus_is_named_by_file_and_line_and_changes_nothing(command, edit, expected, work):
    assert deid(*arguments(command, seed=0), "--quiet").exit_code == 0
    before = snapshot(work)
    edit(work / "brat")
    line = errors_of(deid(*arguments(command, seed=0), "--quiet"))
    assert expected in line
    assert "Remedy" in line
    assert snapshot(work) == before


def test_overlapping_and_duplicate_spans_are_counted_and_converted(work):
    ann = f"T1\tNOMBRE_SUJETO_ASISTENCIA 8 22\t{PERSON}\n"
    (work / "brat" / "s3.ann").write_text(ann + ann.replace("T1", "T2") + "T3\tFECHAS 15 22\tQuiroga\n")
    result = deid(*arguments("convert", seed=0))
    assert result.exit_code == 0
    counts = dict(line.split() for line in result.stdout.splitlines() if len(line.split()) == 2)
    assert (counts["duplicates"], counts["overlapping"]) == ("1", "1")


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize(
    "words",
    [
        ("convert", "absent", "out/x.spacy"),
        ("split", "absent.spacy", "out"),
        ("corpus", "out", "--lang", "es", "--corpus", "absent"),
        ("corpus", "out", "--lang", "es", "--mirror", "absent"),
        ("seed", "absent.spacy", "out/x.spacy"),
        ("evaluate", "model", "absent.spacy", "out/x.json"),
        ("evaluate", "absent", "notes.spacy", "out/x.json"),
        ("report", "out/x.html", "gold=absent.json"),
        ("generate", "absent", "absent.spacy", "out"),
        ("adapt", "absent.cfg", "out"),
        ("adapt", str(QUICK / "adapt.cfg"), "out", "--paths.train", "absent.spacy"),
        ("adapt", str(QUICK / "adapt.cfg"), "out", *["--paths.train", "notes.spacy", "--paths.dev", "notes.spacy"]),
    ],
    ids=" ".join,
)
def test_what_is_absent_is_named_with_a_remedy_and_nothing_is_made(words):
    line = errors_of(deid(*words, "--quiet"))
    assert "absent" in line or "assets/models/lm" in line
    assert "Remedy" in line
    assert not Path("out").exists()


@pytest.mark.slow
def test_training_on_an_absent_encoder_says_so_and_asks_no_network(work):
    settings = {"paths.train": "notes.spacy", "paths.dev": "notes.spacy", "paths.encoder": "nowhere", "nlp.lang": "es"}
    overrides = [word for name, value in settings.items() for word in (f"--{name}", value)]
    command = [sys.executable, "-m", "spacy", "train", str(QUICK / "ner_trf.cfg"), "--output", "out", *overrides]
    process = subprocess.run(command, capture_output=True, text=True, cwd=work)
    assert process.returncode == 1
    assert "Model 'nowhere' is neither a directory nor in the local Hugging Face cache" in process.stdout
    assert process.stderr == ""


@pytest.mark.slow
def test_ctrl_c_ends_a_conversion_in_one_line_and_keeps_the_earlier_result(work):
    save_brat(work / "brat", 20, more="palabra " * 25_000)  # notes of 200,000 characters: seconds
    (work / "x.spacy").write_bytes(b"earlier")
    command = [sys.executable, "-m", "spacy", "deid", "convert", "brat", "x.spacy", "--format", "brat"]
    process = subprocess.Popen(command, cwd=work, stderr=subprocess.PIPE, text=True)
    while process.stderr.read(1) != "r":  # of the progress bar's first "read brat"
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    stderr = process.stderr.read()
    assert process.wait() == 130
    assert stderr.splitlines()[-1].startswith("Stopped.")
    assert "Traceback" not in stderr
    assert (work / "x.spacy").read_bytes() == b"earlier"
    assert [path.name for path in work.glob(".*")] == []
