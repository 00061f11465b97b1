"""Other words replace those of a template; labelled pieces stay, and no new word is an identifier."""

import random

import pytest

from spacy_deid.corpus.templates.vocabulary import OtherWords, clinical_terms, ordinary_words
from spacy_deid.surrogates.source import all_names

PIECES = [("Patienten besöker dottern ", ""), ("Anna Långström", "NAME"), (" och sover dåligt. Känner oro i BUP.", "")]


def varied(share: float, seed: int = 0) -> list[tuple[str, str]]:
    return OtherWords("sv", share)(PIECES, random.Random(seed))


def test_nothing_changes_without_a_share() -> None:
    assert varied(0) == PIECES


@pytest.mark.parametrize("seed", range(20))
def test_labelled_pieces_and_short_words_stay(seed: int) -> None:
    (before, _), name, (after, _) = varied(1, seed)
    assert name == PIECES[1]
    assert before.endswith(" ")
    assert " och " in after
    assert after.endswith(" oro i BUP.")


def test_words_at_the_start_of_a_sentence_keep_their_capital() -> None:
    assert all(varied(1, seed)[0][0][0].isupper() for seed in range(50))


def test_the_share_is_that_of_the_words_replaced() -> None:
    text = "vilken " * 1000
    vocabulary = OtherWords("sv", 0.3)
    replaced = [1000 - vocabulary([(text, "")], random.Random(seed))[0][0].count("vilken ") for seed in range(300)]
    assert 0.25 < sum(replaced) / 300_000 < 0.32  # a share above one is cut


@pytest.mark.parametrize("lang", ["sv", "es"])
def test_no_ordinary_word_is_a_name(lang: str) -> None:
    names = {name.casefold() for names in all_names(lang).values() for name in names}
    assert len(ordinary_words(lang)) > 20_000
    assert names.isdisjoint(ordinary_words(lang))
    assert len(clinical_terms(lang)) > 500


@pytest.mark.parametrize("word", ["stockholm", "finland", "måndagen", "januari", "karins"])
def test_places_and_days_are_no_ordinary_words(word: str) -> None:
    assert word not in ordinary_words("sv")
