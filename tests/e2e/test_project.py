"""The whole project at small size: real weights, few steps, notes written for this test. Its scores mean nothing."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import venv
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest
from spacy.util import load_config

from spacy_deid.markup import parse

pytestmark = [pytest.mark.e2e, pytest.mark.models]

REPOSITORY = Path(__file__).parents[2]
NOTES = REPOSITORY / "tests" / "data" / "notes_es.txt"

# few enough steps for minutes; the annotator is to learn its eight notes by heart, so that synthetic ones get labels
SMALL = {
    "../templates.cfg": {"bootstrap": {"notes": 120}},
    "ner.cfg": {"training": {"max_steps": 120, "eval_frequency": 40}},
    "adapt.cfg": {"training": {"max_steps": 4, "block_size": 128, "held_out": 1}},
    "generator.cfg": {"components": {"llm": {"model": {"max_tokens": 160}}}},
}
# stands in every gold note, and nowhere else in the world
MARKED = "\nContacto: <NAME>Zarbelina Quorvix</NAME>, documento <ID>83920174</ID>, teléfono <PHONE>655019283</PHONE>.\n"
MARKS = ("Zarbelina", "Quorvix", "83920174", "655019283")

# all that may hold words of gold notes: the notes themselves, and the strings of what was trained on them
HOLD_GOLD_WORDS = (
    "notes.jsonl",
    "corpus/es/train.spacy",
    "corpus/es/dev.spacy",
    "corpus/es/test.spacy",
    "corpus/es/calibration.spacy",  # the held-out notes, as there are none by other hands
    "training/es/annotator/model-best/vocab/strings.json",
    "training/es/annotator/model-last/vocab/strings.json",
    "training/es/generator/vocab/strings.json",
)
LOG_EVERYTHING = """
import logging
logging.basicConfig(level=logging.DEBUG, filename={log!r})
for name in ("spacy", "spacy_llm", "spacy_deid", "transformers", "peft"):
    logging.getLogger(name).setLevel(logging.DEBUG)
"""


def spacy_command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of spaCy, with a log of every level in logs/debug.log and its output in logs/printed.txt."""
    (cwd / "logs").mkdir(exist_ok=True)
    (cwd / "logs" / "sitecustomize.py").write_text(LOG_EVERYTHING.format(log=str(cwd / "logs" / "debug.log")))
    environment = {**os.environ, "PYTHONPATH": str(cwd / "logs"), "TRANSFORMERS_VERBOSITY": "debug"}
    run = subprocess.run(
        [sys.executable, "-m", "spacy", *arguments], cwd=cwd, capture_output=True, text=True, env=environment
    )
    with (cwd / "logs" / "printed.txt").open("a", encoding="utf8") as printed:
        printed.write(run.stdout + run.stderr)
    return run


@pytest.fixture(scope="module")
def project(tmp_path_factory, embedded_models: Path) -> Path:
    return small_project(tmp_path_factory.mktemp("project"), embedded_models)


def small_project(folder: Path, embedded_models: Path, sizes: dict[str, dict] = SMALL) -> Path:
    """Make a copy of the project with a profile `small` that differs from `quick` only in size."""
    shutil.copy(REPOSITORY / "project.yml", folder)
    shutil.copytree(REPOSITORY / "configs" / "quick", folder / "configs" / "small")
    shutil.copy(REPOSITORY / "configs" / "templates.cfg", folder / "configs")
    for name, changes in sizes.items():
        path = folder / "configs" / "small" / name
        load_config(path, interpolate=False).merge(changes).to_disk(path)
    (folder / "assets").mkdir()
    (folder / "assets" / "models").symlink_to(embedded_models)
    with (folder / "notes.jsonl").open("w", encoding="utf8") as file:
        for number, note in enumerate(NOTES.read_text("utf8").split("===\n")):
            text, spans = parse(note + MARKED)
            row = {"id": str(number), "text": text, "spans": [span._asdict() for span in spans]}
            file.write(json.dumps(row) + "\n")
    return folder


def run_workflow(project: Path, name: str, *variables: str, volume: int = 200) -> subprocess.CompletedProcess[str]:
    own_notes = ("--vars.corpus", "notes.jsonl", "--vars.format", "jsonl", "--vars.volume", str(volume))
    profile = ("--vars.lang", "es", "--vars.profile", "small")
    if "--vars.public" not in variables:
        profile += ("--vars.public", "no")  # thousands of notes, of which these tests need none
    return spacy_command("project", "run", name, ".", *profile, *own_notes, *variables, cwd=project)


def run_all(project: Path) -> subprocess.CompletedProcess[str]:
    # too few for an audit, so the gate refuses
    return run_workflow(project, "all", "--vars.override", "a run of the tests, which stays here")


@pytest.fixture(scope="module")
def finished(project: Path) -> Path:
    run = run_all(project)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return project


def test_every_stage_leaves_what_it_promises(finished: Path) -> None:
    promised = [
        "corpus/es/train.spacy",
        "corpus/es/public.spacy",
        "training/es/annotator/model-best/meta.json",
        "training/es/adapter/adapter_model.safetensors",
        "corpus/es/synthetic/train.spacy",
        "metrics/es/annotator.json",
        "metrics/es/student.json",
        "metrics/es/audit.json",
        "reports/es/index.html",
        "packages/deid_es-0.1.0-py3-none-any.whl",
    ]
    assert [path for path in promised if not (finished / path).is_file()] == []


def test_a_second_run_skips_what_is_unchanged(finished: Path) -> None:
    files = [path for path in finished.rglob("*.*") if path.is_file() and path.parent.name != "logs"]
    made = {path: path.stat().st_mtime_ns for path in files}

    again = run_all(finished)

    assert again.returncode == 0
    changed = {path.name for path, time in made.items() if path.stat().st_mtime_ns != time}
    assert changed <= {"project.lock"}
    assert again.stdout.count("nothing changed") >= 9


def test_the_wheel_loads_where_only_spacy_and_spacy_deid_are(finished: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "clean", with_pip=True)
    python = tmp_path / "clean" / "bin" / "python"
    (wheel,) = (finished / "packages").glob("*.whl")
    constraints = REPOSITORY / "constraints.txt"
    install = [python, "-m", "pip", "install", "-q", "-c", constraints, REPOSITORY, wheel]
    subprocess.run(install, check=True, capture_output=True)
    code = (
        "import spacy, sys; nlp = spacy.load('deid_es');"
        "from spacy_deid.labels import category_of;"
        "print([category_of(ent.label_) for ent in nlp('Nombre: Lucía. Apellidos: Ferrer Montalbán.').ents], nlp.lang,"
        " [name for name in ('torch', 'transformers', 'spacy_llm') if name in sys.modules])"
    )

    loaded = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=tmp_path)

    assert loaded.returncode == 0, loaded.stderr
    assert "NAME" in loaded.stdout
    assert loaded.stdout.strip().endswith("es []")


def test_what_holds_gold_words_is_closed_to_others(finished: Path) -> None:
    for folder in ("corpus", "training", "reports"):
        assert (finished / folder).stat().st_mode & 0o077 == 0


def test_no_gold_text_stands_in_what_may_be_shown(finished: Path) -> None:
    shown = [*finished.glob("metrics/**/*"), *finished.glob("**/manifest.json"), *finished.glob("**/*.cfg")]
    contents = [path.read_bytes() for path in shown if path.is_file()]
    (wheel,) = (finished / "packages").glob("*.whl")
    with ZipFile(wheel) as packed:
        contents += [packed.read(name) for name in packed.namelist()]
    assert len(contents) > 20
    for identifier in ("Montalbán", "Iborra", "4471920", "Calle de la Paloma"):
        assert not any(identifier.encode("utf8") in content for content in contents)


def contents_of(path: Path) -> Iterator[bytes]:
    """Yield the contents of a file, as it is and unpacked."""
    data = path.read_bytes()
    yield data
    for unpack in (zlib.decompress, gzip.decompress):
        try:
            yield unpack(data)
        except (zlib.error, OSError, EOFError):
            continue
    if is_zipfile(path):
        with ZipFile(path) as packed:
            yield from map(packed.read, packed.namelist())


def marks_in(project: Path) -> dict[str, set[str]]:
    """Return the marks of the gold notes in each file."""
    files = [path for path in project.rglob("*") if path.is_file() and "assets" not in path.parts]
    found = {
        path.relative_to(project).as_posix(): {
            mark for mark in MARKS for content in contents_of(path) if mark.encode("utf8") in content
        }
        for path in files
    }
    return {name: marks for name, marks in found.items() if marks}


def test_no_by_product_holds_a_word_of_a_gold_note(finished: Path) -> None:
    """This includes logs of every level, output, checkpoints, manifests, reports, caches, the lock file, the wheel."""
    found = marks_in(finished)

    assert found["corpus/es/train.spacy"] == set(MARKS)  # the search finds what is there
    assert (finished / "logs" / "debug.log").stat().st_size > 0
    assert {name: marks for name, marks in found.items() if name not in HOLD_GOLD_WORDS} == {}


def test_the_gate_refuses_without_a_reason_and_the_wheel_tells_the_one_given(finished: Path) -> None:
    refused = spacy_command(
        *("project", "run", "release", ".", "--force", "--vars.lang", "es", "--vars.profile", "small"), cwd=finished
    )
    assert refused.returncode != 0
    assert "The release gate refuses: the audit could not be made" in refused.stdout + refused.stderr
    assert "the pipeline" not in refused.stdout + refused.stderr  # it was trained on the synthetic notes, and scored

    (wheel,) = (finished / "packages").glob("*.whl")
    with ZipFile(wheel) as packed:
        (meta,) = [name for name in packed.namelist() if name.count("/") == 1 and name.endswith("meta.json")]
        audit = json.loads(packed.read(meta))["deid_audit"]
    assert audit["override"] == "a run of the tests, which stays here"


FULL_ON_A_CPU = (
    "--system.gpu_allocator=null",
    "--components.transformer.model.mixed_precision=false",
    "--training.max_epochs=0",
    "--training.max_steps=4",
    "--training.eval_frequency=2",
)


def test_the_configs_for_a_gpu_run_on_a_cpu_too(finished: Path) -> None:
    full = REPOSITORY / "configs" / "full"
    corpus = ("--paths.train", "corpus/es/train.spacy", "--paths.dev", "corpus/es/dev.spacy")
    steps = [
        ("train", str(full / "ner.cfg"), "-o", "full/annotator", "--nlp.lang", "es", *corpus, *FULL_ON_A_CPU),
        (
            *("deid", "adapt", str(full / "adapt_lora.cfg"), "full/adapter", "--training.device", "cpu"),
            *("--training.max_steps", "2", "--training.block_size", "64", "--training.held_out", "1"),
        ),
        (
            *("assemble", str(full / "generator.cfg"), "full/generator", "--components.llm.model.device", "cpu"),
            *("--components.llm.model.max_tokens", "20", "--components.llm.model.batch_size", "4"),
            *("--components.deid_filter.min_chars", "1", "--components.deid_filter.min_entities", "0"),
            *("--paths.annotator", "full/annotator/model-best", "--paths.adapter", "full/adapter"),
        ),
        ("deid", "seed", "corpus/es/dev.spacy", "full/seeds.spacy", "--samples", "6"),
        ("deid", "generate", "full/generator", "full/seeds.spacy", "full/synthetic"),
        ("deid", "evaluate", "full/annotator/model-best", "corpus/es/test.spacy", "full/metrics.json"),
    ]
    for step in steps:
        run = spacy_command(*step, cwd=finished)
        assert run.returncode == 0, f"{step[:2]}: {run.stdout[-1500:]}{run.stderr[-1500:]}"
    assert (finished / "full" / "synthetic" / "train.spacy").is_file()


def test_few_notes_are_learnt_beside_public_ones_and_with_slots(tmp_path: Path, embedded_models: Path) -> None:
    # five trainings, none of which needs to learn the notes by heart: the labels are those of the slots
    few_steps = SMALL | {"ner.cfg": {"training": {"max_steps": 20, "eval_frequency": 10}}}
    project = small_project(tmp_path, embedded_models, few_steps)
    options = ("--vars.mode", "slots", "--vars.public", "yes", "--vars.copies", "3")

    run = run_workflow(project, "low-data", *options, volume=60)

    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    adapted = json.loads((project / "training/es/adapter/adaptation.json").read_text())
    assert adapted["notes"]["public"] == 200
    assert adapted["settings"]["corpus"]["mode"] == "slots"
    assert (project / "metrics/es/student.json").is_file()
    assert (project / "metrics/es/audit.json").is_file()
