"""Lists of words are sorted and without duplicates, so that a diff shows each change and no word is added twice."""

import re
from collections import Counter
from importlib.resources import files

import pytest

LISTS = [
    file
    for folder in files("spacy_deid.lang").iterdir()
    if folder.joinpath("lists").is_dir()
    for file in folder.joinpath("lists").iterdir()
]


def read(file):
    """Return the comments at the head and the entries."""
    lines = file.read_text("utf8").splitlines()
    length = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    return lines[:length], lines[length:]


def name_of(entry):
    """Return the name of an entry, without the mark "?" and the further fields of a town or hospital."""
    return re.split("[;=]", entry.removeprefix("?"))[0].strip().casefold()


@pytest.mark.parametrize("file", LISTS, ids=lambda file: f"{file.parent.parent.name}/{file.name}")
class TestList:
    def test_its_head_says_what_it_holds(self, file):
        assert read(file)[0]

    def test_each_line_is_an_entry(self, file):
        assert [entry for entry in read(file)[1] if entry != entry.strip() or not name_of(entry) or "#" in entry] == []

    def test_it_is_sorted(self, file):
        names = [name_of(entry) for entry in read(file)[1]]
        assert names == sorted(names)

    def test_no_entry_is_there_twice(self, file):
        names = [name_of(entry) for entry in read(file)[1]]
        assert [name for name, count in Counter(names).items() if count > 1] == []


def test_swedish_lists_are_among_them():
    of_swedish = {file.name for file in LISTS if file.parent.parent.name == "sv"}
    assert {"towns.txt", "terms.txt", "surnames.txt"} <= of_swedish


def test_a_swedish_place_is_in_one_list():
    folder = files("spacy_deid.lang").joinpath("sv", "lists")
    towns, places = ({name_of(entry) for entry in read(folder / name)[1]} for name in ("towns.txt", "places.txt"))
    assert towns & places == set()
