"""Directories that are replaced whole or not at all, hashes of many files, remnants of killed writes."""

from pathlib import Path

import pytest

from spacy_deid.errors import DeidError
from spacy_deid.files import remove_remnants, replaced_directory, sha256_tree

MARK = "manifest.json"


def fill(path, text):
    with replaced_directory(path, MARK) as work:
        (work / MARK).write_text(text)


def test_a_directory_appears_when_it_is_complete(tmp_path):
    target = tmp_path / "models" / "lm"
    with replaced_directory(target, MARK) as work:
        (work / MARK).write_text("new")
        assert not target.exists()
    assert (target / MARK).read_text() == "new"
    assert [path.name for path in target.parent.iterdir()] == ["lm"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_earlier_result_and_nothing_else(tmp_path, error):
    fill(tmp_path / "lm", "old")
    with pytest.raises(error), replaced_directory(tmp_path / "lm", MARK) as work:
        (work / MARK).write_text("half")
        raise error
    assert (tmp_path / "lm" / MARK).read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["lm"]


def test_an_earlier_result_is_replaced(tmp_path):
    fill(tmp_path / "lm", "old")
    (tmp_path / "lm" / "stray").touch()
    fill(tmp_path / "lm", "new")
    assert [path.name for path in (tmp_path / "lm").iterdir()] == [MARK]
    assert (tmp_path / "lm" / MARK).read_text() == "new"


def test_somebody_elses_directory_is_left_alone(tmp_path):
    (tmp_path / "lm").mkdir()
    (tmp_path / "lm" / "thesis.txt").write_text("mine")
    with pytest.raises(DeidError, match="not made by this command"):
        fill(tmp_path / "lm", "new")
    assert (tmp_path / "lm" / "thesis.txt").read_text() == "mine"


def test_a_file_in_the_way_is_left_alone(tmp_path):
    (tmp_path / "lm").write_text("mine")
    with pytest.raises(DeidError, match="not made by this command"):
        fill(tmp_path / "lm", "new")


def test_an_empty_directory_is_filled(tmp_path):
    (tmp_path / "lm").mkdir()
    fill(tmp_path / "lm", "new")
    assert (tmp_path / "lm" / MARK).read_text() == "new"


@pytest.mark.parametrize("interrupted", [1, 2])
@pytest.mark.parametrize("done", [False, True], ids=["before the rename", "behind it"])
def test_an_interrupt_while_directories_change_places_leaves_a_whole_one(tmp_path, monkeypatch, interrupted, done):
    fill(tmp_path / "lm", "old")
    rename, renames = Path.rename, []

    def interrupted_rename(path, target):
        renames.append(target)
        if len(renames) == interrupted and not done:
            raise KeyboardInterrupt
        rename(path, target)
        if len(renames) == interrupted:
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", interrupted_rename)
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path / "lm", "new")
    assert (tmp_path / "lm" / MARK).read_text() == ("new" if done and interrupted == 2 else "old")
    assert [path.name for path in tmp_path.iterdir()] == ["lm"]


def test_files_of_one_name_that_change_places_change_the_hash(tmp_path):
    files = [tmp_path / folder / "cfg" for folder in "ab"]
    for file in files:
        file.parent.mkdir()
        file.write_text(file.parent.name)
    before = sha256_tree(files, tmp_path)
    assert sha256_tree(reversed(files), tmp_path) == before
    files[0].write_text("b")
    files[1].write_text("a")
    assert sha256_tree(files, tmp_path) != before


def test_only_remnants_of_the_same_file_are_removed(tmp_path):
    for name in (".a.spacy.x1", "a.spacy", ".b.spacy.x1", ".a.spacy2.x1"):
        (tmp_path / name).touch()
    remove_remnants(tmp_path / "a.spacy")
    assert {path.name for path in tmp_path.iterdir()} == {"a.spacy", ".b.spacy.x1", ".a.spacy2.x1"}
