"""The names that measure recall by origin and gender are in no list that training notes are drawn from."""

import re
import unicodedata
from pathlib import Path

import pytest

from spacy_deid.evaluate.names import read_frames, read_names
from spacy_deid.lang.pack import pack_of
from spacy_deid.surrogates.source import all_names

ASSETS = Path(__file__).parents[2] / "assets" / "sv"


@pytest.fixture(scope="module")
def origins():
    return read_names(ASSETS / "unseen_names.toml")


def bare(name):
    """Return a name without case and accents, which the noise of training notes changes."""
    letters = (letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return "".join(letters).casefold().translate(str.maketrans("łđı", "ldi"))


def evaluated(origins):
    return [name for origin in origins.values() for part in (*origin.first.values(), origin.last) for name in part]


def test_there_are_twenty_names_of_each_kind_and_none_twice(origins):
    assert len(origins) == 10
    for origin in origins.values():
        assert [len(set(names)) for names in (*origin.first.values(), origin.last)] == [20, 20, 20]
        assert not set(origin.first["f"]) & set(origin.first["m"])


def test_none_of_them_stands_in_a_list_used_in_training(origins):
    names = (name for kind in all_names("sv").values() for name in kind)
    seen = {bare(part) for name in names for part in [name, *re.split("[- ]", name)]}
    assert [name for name in evaluated(origins) if bare(name) in seen] == []


@pytest.mark.parametrize("names", ["first_names", "surnames", "name_words"])
def test_none_of_them_stands_in_a_list_of_the_rules(origins, names):
    seen = {bare(name) for name in pack_of("sv").list(names).entries}
    assert len(seen) > 200
    assert [name for name in evaluated(origins) if bare(name) in seen] == []


def test_there_are_forty_frames_and_each_form_of_a_name_occurs():
    frames = read_frames(ASSETS / "unseen_frames.txt")
    assert len(frames) == 40
    assert all(any(f"{{{slot}}}" in frame for frame in frames) for slot in ("first", "last", "full", "first_gen"))
