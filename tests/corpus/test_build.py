import json
import shutil

import pytest
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.corpus.build import build_corpus
from spacy_deid.corpus.formats import docbin
from spacy_deid.corpus.sources import SPLITS, known_corpus, own_corpus
from spacy_deid.errors import DeidError

FORTY = {f"s{n // 2}-{n % 2}": ("Ana Ek sover", "T1\tNAME 0 6\tAna Ek\n") for n in range(40)}


def without_calibration(manifest):
    """Return the numbers of notes of all files but one, which depends on the folder in which the tests run."""
    return {name: count for name, count in manifest["notes"].items() if name != "calibration"}


def groups(out):
    return [{doc._.deid_group for doc in docbin.read_docs(out / f"{name}.spacy", Vocab())} for name in SPLITS]


def test_a_corpus_without_splits_is_split_by_group(brat_folder, tmp_path):
    out = tmp_path / "out"
    manifest, changed = build_corpus(own_corpus(brat_folder(**FORTY), "brat", r"(.+)-\d"), out, lang="sv", quiet=True)
    assert changed
    assert without_calibration(manifest) == {"train": 32, "dev": 4, "test": 4, "public": 0}
    assert set(manifest["shared_groups"].values()) == {0}
    assert [len(names) for names in groups(out)] == [16, 2, 2]
    assert json.loads((out / "manifest.json").read_text()) == manifest


def test_a_corpus_with_splits_keeps_them(brat_folder, tmp_path):
    folder = brat_folder(**FORTY)
    own = tmp_path / "own"
    for name in SPLITS:
        (own / name).mkdir(parents=True)
    for path in folder.iterdir():
        split = {"s1": "dev", "s2": "test"}.get(path.stem.partition("-")[0], "train")
        path.rename(own / split / path.name)
    manifest, _ = build_corpus(own_corpus(own), tmp_path / "out", lang="sv", quiet=True)
    assert without_calibration(manifest) == {"train": 36, "dev": 2, "test": 2, "public": 0}


def test_a_second_run_does_nothing_until_something_changes(brat_folder, tmp_path):
    folder, out = brat_folder(**FORTY), tmp_path / "out"
    source = own_corpus(folder)
    build_corpus(source, out, lang="sv", quiet=True)
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    assert not build_corpus(source, out, lang="sv", quiet=True)[1]
    assert first == {path.name: path.read_bytes() for path in out.iterdir()}
    (out / "dev.spacy").unlink()
    assert build_corpus(source, out, lang="sv", quiet=True)[1]
    assert (out / "dev.spacy").read_bytes() == first["dev.spacy"]
    assert build_corpus(source, out, lang="sv", seed=1, quiet=True)[1]
    (folder / "s0-0.ann").write_text("")
    assert build_corpus(source, out, lang="sv", seed=1, quiet=True)[1]


@pytest.mark.parametrize("remnant", [".train.spacy.k1ll3d", ".manifest.json.k1ll3d"])
def test_what_a_killed_run_left_is_removed(brat_folder, tmp_path, remnant):
    source, out = own_corpus(brat_folder(**FORTY)), tmp_path / "out"
    for _ in range(2):  # with something to do, and with nothing
        out.mkdir(exist_ok=True)
        (out / remnant).write_text("Ana Ek")
        build_corpus(source, out, lang="sv", quiet=True)
        assert not (out / remnant).exists()


@pytest.mark.slow
def test_meddocan_train_becomes_450_and_50_and_its_dev_our_test(mirror, tmp_path):
    manifest, _ = build_corpus(known_corpus("es", mirror), tmp_path, lang="es", quiet=True)
    assert without_calibration(manifest) == {"train": 450, "dev": 50, "test": 250, "public": 0}
    assert manifest["shared_groups"]["train/dev"] == 0


def test_an_altered_public_corpus_is_an_error(meddocan, tmp_path):
    for split in ("train", "dev"):
        shutil.copytree(meddocan / split / "brat", tmp_path / "meddocan" / "corpus" / split / "brat")
    known_corpus("es", tmp_path)
    next((tmp_path / "meddocan" / "corpus" / "dev" / "brat").glob("*.ann")).write_text("")
    with pytest.raises(DeidError, match="wrong checksum"):
        known_corpus("es", tmp_path)


def test_an_absent_or_unknown_corpus_is_an_error_with_its_remedies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DeidError, match=r"^assets/meddocan.*project assets.*--mirror DIR.*--corpus DIR"):
        known_corpus("es")
    with pytest.raises(DeidError, match="'fr'.*--corpus DIR"):
        known_corpus("fr")
    with pytest.raises(DeidError, match="does not exist"):
        own_corpus(tmp_path / "nowhere")
    (tmp_path / "test").mkdir()
    with pytest.raises(DeidError, match="test but no train"):
        own_corpus(tmp_path)


def test_commands_take_empty_options_for_absent_ones_and_split_files(brat_folder, tmp_path):
    out = tmp_path / "out"
    command = [
        "corpus",
        str(out),
        "--lang",
        "sv",
        "--mirror",
        "",
        "--corpus",
        str(brat_folder(**FORTY)),
        "--format",
        "",
    ]
    for word in ("made", "unchanged"):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 0, result.output
        assert word in result.output
    split = ["split", str(out / "train.spacy"), str(tmp_path / "halves"), "--fractions", "0.5,0.5"]
    assert CliRunner().invoke(app, split).exit_code == 0
    assert sorted(path.name for path in (tmp_path / "halves").iterdir()) == ["dev.spacy", "train.spacy"]
    result = CliRunner().invoke(app, [*split[:-1], "half"])
    assert result.exit_code == 1
    assert "--fractions 'half'" in result.output


def test_a_few_notes_to_train_on_leave_the_other_splits_as_they_are(brat_folder, tmp_path):
    source = own_corpus(brat_folder(**FORTY), "brat", r"(.+)-\d")
    build_corpus(source, tmp_path / "all", lang="sv", quiet=True)
    manifest, _ = build_corpus(source, tmp_path / "few", lang="sv", notes=6, quiet=True)
    assert without_calibration(manifest) == {"train": 6, "dev": 4, "test": 4, "public": 0}
    (few, *others), (all_notes, *same) = groups(tmp_path / "few"), groups(tmp_path / "all")
    assert len(few) == 3 and few < all_notes and others == same
    with pytest.raises(DeidError, match="33 notes to train on: there are 32"):
        build_corpus(source, tmp_path / "many", lang="sv", notes=33, quiet=True)
