"""The corpus stage with template-generated notes: they are public, and they are the gold if there is no corpus."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from spacy.util import load_config
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.config import read_config
from spacy_deid.corpus.build import build_corpus
from spacy_deid.corpus.formats import docbin
from spacy_deid.corpus.formats.inline import read
from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.sources import chosen_corpus, known_corpus, own_corpus
from spacy_deid.corpus.templates.settings import TemplateConfig
from spacy_deid.errors import DeidError

REPOSITORY = Path(__file__).parents[2]
ASSETS = REPOSITORY / "assets"
QUICK = REPOSITORY / "configs" / "templates.cfg"
SIZE = {"notes": 120, "held_out": 0.2, "quotas": {}, "without_identifiers": 0.0}
GOLD = 40


def settings(**changes):
    changed = {f"bootstrap.{name}": value for name, value in (SIZE | changes).items()}
    return read_config(QUICK, TemplateConfig, {"vars.lang": "sv"} | changed).bootstrap


def build(out, bootstrap, source=None):
    source = source or replace(known_corpus("sv", ASSETS), template_gold=GOLD)
    return build_corpus(source, out, lang="sv", templates=bootstrap, quiet=True)


def docs_of(out, split):
    return list(docbin.read_docs(out / f"{split}.spacy", Vocab()))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    out = tmp_path_factory.mktemp("corpus") / "sv"
    _, changed = build(out, settings())
    assert changed
    return out


@pytest.fixture
def own_notes(tmp_path):
    path = tmp_path / "notes.jsonl"
    name = {"start": 0, "end": 6, "label": "NAME"}
    rows = [{"id": str(n), "text": f"Ana Ek, nr {n}", "spans": [name]} for n in range(20)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_templates_make_all_but_the_test_notes(built):
    ids = {split: [doc._.deid_id for doc in docs_of(built, split)] for split in ("train", "public", "dev")}
    assert {split: len(of_split) for split, of_split in ids.items()} == {"train": GOLD, "public": 56, "dev": 24}
    assert all(id.startswith("sv-train-") for id in ids["train"] + ids["public"])
    assert all(id.startswith("sv-dev-") for id in ids["dev"])
    assert set(ids["train"]).isdisjoint(ids["public"])


def test_people_wrote_the_test_notes(built):
    written = {note.id: (note.text, note.spans) for note in read(ASSETS / "sv" / "notes", Intake())}
    tested = {doc._.deid_id: (doc.text, tuple(map(tuple, doc._.deid_gold))) for doc in docs_of(built, "test")}
    assert len(tested) >= 40
    assert tested == written


def test_kinds_of_dev_are_in_no_note_to_train_on(built):
    kinds = {split: {doc._.deid_group for doc in docs_of(built, split)} for split in ("train", "public", "dev")}
    assert kinds["dev"]
    assert kinds["dev"].isdisjoint(kinds["train"] | kinds["public"])


def test_the_manifest_says_what_was_made_and_what_was_read(built):
    manifest = json.loads((built / "manifest.json").read_text())
    test = len(docs_of(built, "test"))
    assert manifest["notes"] == {"train": GOLD, "dev": 24, "test": test, "public": 56, "calibration": 24}
    assert {name: counts["notes"] for name, counts in manifest["read"].items()} == {
        "test": manifest["notes"]["test"],
        "train from templates": GOLD + 56,
        "dev from templates": 24,
    }
    assert set(manifest["shared_groups"].values()) == {0}


@pytest.fixture
def mirror(tmp_path):
    """A folder with a calibration note."""
    folder = tmp_path / "mirror" / "sv" / "calibration"
    folder.mkdir(parents=True)
    (folder / "samtal.txt").write_text("Ringer <NAME>Anna Ek</NAME>.\n", "utf8")
    return tmp_path / "mirror"


def test_calibration_notes_are_a_corpus_of_their_own(own_notes, mirror, tmp_path):
    source = chosen_corpus("sv", own=own_notes, mirror=mirror)
    manifest, _ = build(tmp_path / "out", None, source)
    (doc,) = docs_of(tmp_path / "out", "calibration")
    assert (doc._.deid_id, [(ent.text, ent.label_) for ent in doc.ents]) == ("samtal", [("Anna Ek", "NAME")])
    assert manifest["notes"]["calibration"] == manifest["read"]["calibration"]["notes"] == 1
    others = ("train", "dev", "test", "public")
    assert not any(doc.text == other.text for split in others for other in docs_of(tmp_path / "out", split))


def test_another_calibration_note_makes_the_corpus_anew(own_notes, mirror, tmp_path):
    source = chosen_corpus("sv", own=own_notes, mirror=mirror)
    assert build(tmp_path / "out", None, source)[1] and not build(tmp_path / "out", None, source)[1]
    (mirror / "sv" / "calibration" / "brev.txt").write_text("Hej.\n", "utf8")
    assert build(tmp_path / "out", None, source)[1]


def test_without_calibration_notes_they_are_the_held_out_ones(built):
    ids = [[doc._.deid_id for doc in docs_of(built, name)] for name in ("calibration", "dev")]
    assert ids[0] == ids[1] != []


def test_there_is_nothing_to_do_the_second_time(built):
    first = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in built.iterdir()}
    assert not build(built, settings())[1]
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in built.iterdir()} == first


def test_an_absent_file_is_made_again_with_the_same_bytes(built):
    first = (built / "public.spacy").read_bytes()
    (built / "public.spacy").unlink()
    assert build(built, settings())[1]
    assert (built / "public.spacy").read_bytes() == first


def test_another_template_or_setting_makes_the_corpus_anew(own_notes, tmp_path):
    folder, out = tmp_path / "templates", tmp_path / "out"
    folder.mkdir()
    for name in ("besok", "samtal"):
        (folder / f"{name}.txt").write_text(f"# kind: {name}\n{{patient.full}} {{date.iso}} {{#1-999}}.\n", "utf8")
    mine = {"templates": str(folder), "notes": 10, "held_out": 0.5, "repeats": 100}

    def changed(**changes):
        return build(out, settings(**mine | changes), own_corpus(own_notes))[1]

    assert changed() and not changed()
    assert changed(composed=0.5)
    (folder / "samtal.txt").write_text("# kind: call\n{patient.first} ringer {date.iso}, {#1-999}.\n", "utf8")
    assert changed(composed=0.5) and not changed(composed=0.5)


def test_an_own_corpus_is_the_gold_and_the_notes_of_templates_are_public(own_notes, tmp_path):
    manifest, _ = build(tmp_path / "out", settings(), own_corpus(own_notes))
    assert manifest["notes"] == {"train": 16, "dev": 2, "test": 2, "public": 96, "calibration": 2}
    assert {doc.text.split(",")[0] for doc in docs_of(tmp_path / "out", "train")} == {"Ana Ek"}
    assert all(doc._.deid_id.startswith("sv-train-") for doc in docs_of(tmp_path / "out", "public"))


@pytest.mark.parametrize("bootstrap", [None, settings(held_out=0.0)], ids=["no config", "nothing held out"])
def test_a_language_without_gold_needs_templates_for_train_and_dev(bootstrap, tmp_path):
    with pytest.raises(DeidError, match=r"no notes to train on.*Remedy"):
        build(tmp_path / "out", bootstrap)
    assert not list(tmp_path.rglob("*.spacy"))


@pytest.mark.parametrize(("lang", "public"), [("sv", 96), ("es", 96), ("nb", 0)])
def test_the_command_makes_public_notes_where_the_language_has_use_for_them(lang, public, own_notes, tmp_path):
    config = tmp_path / "bootstrap.cfg"
    load_config(QUICK, interpolate=False).merge({"bootstrap": SIZE}).to_disk(config)
    command = ["corpus", str(tmp_path / "out"), "--lang", lang, "--corpus", str(own_notes), "--templates", str(config)]
    for word in ("made", "unchanged"):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 0, result.output
        assert word in result.output and f"public {public}, calibration" in " ".join(result.output.split())
    assert len(docs_of(tmp_path / "out", "public")) == public
