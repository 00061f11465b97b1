"""`deid audit` with canaries, with an adapter, and as a stage that leaves the refusal to the release."""

import random
from pathlib import Path

import pytest
import srsly
from decoders import save_gemma
from typer.testing import CliRunner

from spacy_deid.audit.canaries import make_canaries, plant, write_canaries
from spacy_deid.audit.inputs import heldout_file
from spacy_deid.cli import app
from spacy_deid.corpus.formats.docbin import write
from spacy_deid.corpus.note import ConversionReport, Note, to_doc
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.generate.adapt.run import adapt
from spacy_deid.generate.adapt.settings import read_settings
from spacy_deid.lang.tokenization import fine_blank

CONFIG = Path(__file__).parents[2] / "configs" / "quick" / "adapt.cfg"
WORDS = [
    start + end
    for start in ("fie", "to", "do", "pe", "in", "al", "me", "gra", "di", "ca")
    for end in ("bre", "s", "lor", "cho", "gresa", "ta", "jora", "mo", "a", "ma")
]
CANARIES = make_canaries("es", 4, [1], seed=0)


def notes(name: str, number: int = 24) -> list[Note]:
    draw = random.Random(name)
    return [_note(f"{name}{i}", " ".join(draw.choices(WORDS, k=30)), draw) for i in range(number)]


def _note(note_id: str, text: str, draw: random.Random) -> Note:
    """A note that ends with a name, a number and a date of its own, marked."""
    name = "".join(draw.choices("abdelmnorstu", k=9)).title()
    number, day = str(draw.randrange(10**7, 10**8)), f"{draw.randint(10, 28)}/0{draw.randint(1, 9)}/2015"
    spans = []
    for value, label in ((name, "NAME"), (number, "ID"), (day, "DATE")):
        spans.append(CharSpan(len(text) + 1, len(text) + 1 + len(value), label))
        text += f" {value}"
    return Note(note_id, "", text + ".\n", tuple(spans))


def save(some: list[Note], path: Path) -> Path:
    tokenizer = fine_blank("es").tokenizer
    write((to_doc(note, tokenizer, ConversionReport()) for note in some), path)
    return path


@pytest.fixture
def work(tmp_path: Path) -> Path:
    save(plant(notes("member"), CANARIES, seed=0), tmp_path / "members.spacy")
    save(notes("held-out"), tmp_path / "heldout.spacy")
    save(notes("synthetic"), tmp_path / "synthetic.spacy")
    write_canaries(CANARIES, tmp_path / "canaries.jsonl")
    return tmp_path


def run(work: Path, *options):
    files = [work / name for name in ("synthetic.spacy", "members.spacy", "heldout.spacy", "audit.json")]
    return CliRunner().invoke(app, ["audit", *map(str, files), "--quiet", *map(str, options)], catch_exceptions=False)


def found(work: Path) -> dict:
    return srsly.read_json(work / "audit.json")


@pytest.mark.slow
def test_a_canary_in_a_synthetic_note_is_over_budget(work: Path) -> None:
    within = run(work, "--canaries", work / "canaries.jsonl")
    assert within.exit_code == 0, within.output
    assert found(work)["canaries"]["generated"] == 0

    leaked = Note("leak", "", CANARIES[2].text, CANARIES[2].spans)
    save([*notes("synthetic"), leaked], work / "synthetic.spacy")

    assert run(work, "--canaries", work / "canaries.jsonl").exit_code == 2
    assert found(work)["canaries"]["which"] == ["ID planted 1 times"]
    assert not any(value in (work / "audit.json").read_text() for value in CANARIES[2].values)
    assert run(work, "--canaries", work / "canaries.jsonl", "--no-fail").exit_code == 0
    assert not found(work)["verdict"]["within_budget"]


@pytest.mark.slow
def test_an_adapter_is_audited_with_its_base_and_no_other(work: Path) -> None:
    base, other = save_gemma(work / "base"), save_gemma(work / "other", seed=1)
    overrides = {"paths.train": str(work / "members.spacy"), "paths.dev": str(work / "heldout.spacy")}
    overrides |= {"paths.model": str(base), "training.max_steps": 2, "training.dtype": "float32"}
    adapt(read_settings(CONFIG, overrides), work / "adapter", quiet=True)

    assert run(work, "--adapter", work / "adapter", "--base", base, "--lm-notes", 20).exit_code in (0, 2)
    assert found(work)["lm_membership"]["notes"] == {"members": 20, "heldout": 20}
    assert set(found(work)["inputs"]) == {"synthetic", "members", "heldout", "adapter"}

    refused = run(work, "--adapter", work / "adapter", "--base", other)
    assert refused.exit_code == 1
    assert "was trained on another base model" in refused.output


def test_notes_unfit_for_an_audit_are_left_to_the_release(work: Path) -> None:
    save(notes("held-out", number=3), work / "heldout.spacy")

    assert run(work).exit_code == 1
    assert run(work, "--no-fail").exit_code == 0
    assert "held-out notes are 3" in found(work)["refused"]


@pytest.mark.parametrize(("made", "compared"), [("", "test.spacy"), ("from templates", "dev.spacy")])
def test_members_made_of_templates_are_compared_with_others_made_of_templates(tmp_path, made, compared) -> None:
    srsly.write_json(tmp_path / "manifest.json", {"inputs": {"source": {"made": made}}})

    assert heldout_file(tmp_path) == tmp_path / compared
    assert heldout_file(tmp_path / "some.spacy") == tmp_path / "some.spacy"


def test_a_folder_that_is_no_corpus_is_refused(tmp_path) -> None:
    with pytest.raises(DeidError, match="is not a folder of `deid corpus`"):
        heldout_file(tmp_path)


@pytest.mark.parametrize("wrong", [["only-one.spacy"], ["a", "b", "c", "d", "--no-such"], [*"abcd", "--lm-notes", "3"]])
def test_a_command_called_wrongly_does_not_end_as_one_over_budget(wrong) -> None:
    assert CliRunner().invoke(app, ["audit", *wrong]).exit_code == 1
