"""Directories that are replaced whole or not at all."""

import pytest

from spacy_deid.errors import DeidError
from spacy_deid.models.directories import replaced_directory

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
