"""Flags of lexemes distinguish ordinary words from identifying ones."""

import tomllib
from pathlib import Path

import pytest

from spacy_deid.lang.lexicon import EPONYM, ORDINARY, ORDINARY_FORM, has_ordinary_form, is_ordinary
from spacy_deid.lang.tokenization import fine_blank


@pytest.mark.parametrize(
    ("lang", "word", "flags"),
    [
        ("sv", "Mamman", {ORDINARY}),
        ("sv", "PATIENTEN", {ORDINARY}),
        ("sv", "Iktorivil", {ORDINARY}),  # a clinical term
        ("sv", "levervärdena", {ORDINARY_FORM}),  # a compound that no dictionary holds
        ("sv", "Kolecystojejunostomi", {ORDINARY_FORM}),  # made of clinical parts
        ("sv", "Fenazocillin", {ORDINARY_FORM}),  # the end of a drug's name
        ("sv", "sjuksköterkska", {ORDINARY_FORM}),  # a slip
        ("sv", "McBurneys", {EPONYM}),
        ("sv", "Gustilo", {EPONYM}),
        ("sv", "Karin", set()),  # dictionaries hold names too
        ("sv", "Karins", set()),
        ("sv", "Lindström", set()),
        ("sv", "Adeyemi", set()),  # ends as "anemi" does
        ("sv", "Demetriou", set()),
        ("sv", "Umeå", set()),
        ("sv", "måndag", set()),
        ("sv", "Mehmet", set()),
        ("sv", "120", set()),
        ("sv", "", set()),
        ("es", "Paciente", {ORDINARY}),
        ("es", "Hepatoyeyunostomía", {ORDINARY_FORM}),
        ("es", "García", set()),
        ("es", "Zamora", set()),
        ("fi", "potilas", set()),  # a language without lists
    ],
)
def test_flags_of_a_word(lang: str, word: str, flags: set[int]) -> None:
    lexeme = fine_blank(lang).vocab[word]
    found = {flag for flag in (ORDINARY, ORDINARY_FORM, EPONYM) if lexeme.check_flag(flag)}
    # the form of a word that is known anyway says nothing more
    assert found - ({ORDINARY_FORM} if ORDINARY in flags else set()) == flags


UNSEEN = tomllib.loads(Path("assets/sv/unseen_names.toml").read_text("utf8"))


def test_few_names_are_taken_for_ordinary_words() -> None:
    """Of 600 names that no list of the package holds; some are words of the dictionary as well (Snorre, Embla)."""
    names = [word for group in UNSEEN.values() for part in group.values() for name in part for word in name.split("-")]
    ordinary = [name for name in names if is_ordinary(name, "sv") or has_ordinary_form(name, "sv")]
    assert len(names) >= 500
    assert len(ordinary) / len(names) < 0.05


def test_flags_survive_a_round_trip_of_the_pipeline(tmp_path) -> None:
    nlp = fine_blank("sv")
    nlp.to_disk(tmp_path)
    again = fine_blank("sv").from_disk(tmp_path)
    assert again("Patienten mår bra")[0].check_flag(ORDINARY)


def test_the_dictionary_is_not_read_before_a_word_is(monkeypatch) -> None:
    import simplemma

    monkeypatch.setattr(simplemma, "is_known", lambda word, lang: pytest.fail("read"))
    fine_blank("sv")


def test_processes_share_the_flags() -> None:
    nlp = fine_blank("sv")
    docs = list(nlp.pipe(["Patienten mår bra"] * 4, n_process=2))
    assert all(doc[0].check_flag(ORDINARY) for doc in docs)
