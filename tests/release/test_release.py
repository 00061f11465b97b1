"""A released pipeline finds what the trained one finds, and holds none of the words it was trained on."""

from pathlib import Path

import pytest
import spacy
import srsly
from made_stages import NOTE, WORDS, release, score
from token_pipeline import operating_points

from spacy_deid.release.release import prune

UNSEEN = ["Nombre: Pía Abellán. Remitida de Ávila.", "", f"{WORDS[1]} y {WORDS[2]}"]


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


def test_metadata_and_card_tell_scores_sources_and_licences(student: Path, stages, tmp_path: Path) -> None:
    result = release(student, tmp_path / "release", stages)

    assert result.exit_code == 0, result.output
    meta = srsly.read_json(tmp_path / "release" / "package.json")
    assert (meta["lang"], meta["name"], meta["version"]) == ("deid", "es", "1.2.3")
    assert meta["performance"]["ents_f"] == 1.0
    assert {source["license"] for source in meta["sources"]} == {"CC0", "Some Terms"}
    assert meta["deid_audit"]["passed"] is True
    card = (tmp_path / "release" / "model" / "README.md").read_text("utf8")
    for promised in (
        "made-up notes, beside 200 made from templates, and wrote 100 synthetic",
        "filters removed 22",
        "trained on the remaining 78 and on 900 notes made from templates",
        "Some Terms",
        "1.000 [1.000",
        "3 sources",
        "kept within every budget",
        "450 member notes",
    ):
        assert promised in card


def test_the_card_of_a_calibrated_pipeline_has_its_operating_points(student: Path, stages, tmp_path: Path) -> None:
    nlp = spacy.load(student)
    nlp.add_pipe("deid_merge").points = operating_points()
    nlp.to_disk(tmp_path / "calibrated")

    release(tmp_path / "calibrated", tmp_path / "release", stages, "--override", "a test")

    card = (tmp_path / "release" / "model" / "README.md").read_text()
    assert "| careful | 0.2 | 0.950 [0.000, 0.020] | 0.010 [0.000, 0.020] | 0.010 [0.000, 0.020] |" in card
    assert "chosen on 3 other held-out notes" in card
    assert srsly.read_json(tmp_path / "release" / "model" / "deid_merge" / "operating_points.json")


def test_a_pipeline_that_holds_an_encoder_carries_its_licence(student: Path, stages, tmp_path: Path) -> None:
    nlp = spacy.load(student)
    nlp.add_pipe("sentencizer", name="transformer", first=True)  # in place of an encoder: only the name counts here
    nlp.to_disk(tmp_path / "with_encoder")
    (stages["encoder"] / "NOTICE").write_text("the encoder's notice")
    score(tmp_path / "with_encoder", tmp_path)

    release(tmp_path / "with_encoder", tmp_path / "release", stages)

    meta = srsly.read_json(tmp_path / "release" / "package.json")
    assert "Encoder Terms" in {source["license"] for source in meta["sources"]}
    assert (tmp_path / "release" / "model" / "LICENSES_SOURCES").read_text() == "the encoder's notice"


def test_a_run_from_before_public_notes_has_a_card_too(student: Path, stages, tmp_path: Path) -> None:
    for manifest in ("corpus/manifest.json", "adapter/adaptation.json"):
        found = srsly.read_json(tmp_path / manifest)
        del found["notes"]["public"]
        srsly.write_json(tmp_path / manifest, found)

    assert release(student, tmp_path / "release", stages).exit_code == 0
    assert "templates" not in (tmp_path / "release" / "model" / "README.md").read_text("utf8")


def test_a_second_release_leaves_nothing_of_the_first(student: Path, stages, tmp_path: Path) -> None:
    release(student, tmp_path / "release", stages)
    (tmp_path / "release" / "package" / "stale").write_text("left by a build")

    release(student, tmp_path / "release", stages)

    assert list((tmp_path / "release" / "package").iterdir()) == []


def test_a_folder_with_other_things_in_it_is_not_replaced(student: Path, stages, tmp_path: Path) -> None:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "weights").write_text("of weeks")

    result = release(student, tmp_path / "training", stages)

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

    result = release(student, tmp_path / "release", stages)

    assert result.exit_code == 1
    assert broken in result.output
    assert remedy in result.output
    assert not (tmp_path / "release").exists()


def test_an_unfinished_generation_is_refused(student: Path, stages, tmp_path: Path) -> None:
    srsly.write_json(tmp_path / "synthetic" / "manifest.json", {"shards": [], "corpus": None})

    result = release(student, tmp_path / "release", stages)

    assert result.exit_code == 1
    assert "not finished" in result.output


def test_a_folder_without_a_pipeline_is_refused(stages, tmp_path: Path) -> None:
    result = release(tmp_path / "nothing", tmp_path / "release", stages)

    assert result.exit_code == 1
    assert "train it first" in result.output
