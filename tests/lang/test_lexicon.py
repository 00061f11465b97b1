"""A dictionary's word is told from what identifies, by flags that lexemes carry."""

import pytest

from spacy_deid.lang.lexicon import ORDINARY, ORDINARY_END
from spacy_deid.lang.tokenization import fine_blank


@pytest.mark.parametrize(
    ("lang", "word", "ordinary", "ordinary_end"),
    [
        ("sv", "Mamman", True, False),
        ("sv", "PATIENTEN", True, False),
        ("sv", "levervärdena", False, True),  # a compound that no dictionary holds
        ("sv", "Karin", False, False),  # dictionaries hold names too
        ("sv", "Karins", False, False),
        ("sv", "Lindström", False, False),
        ("sv", "Umeå", False, False),
        ("sv", "måndag", False, False),
        ("sv", "Mehmet", False, False),
        ("sv", "120", False, False),
        ("sv", "", False, False),
        ("es", "Paciente", True, False),
        ("es", "García", False, False),
        ("es", "Zamora", False, False),
        ("fi", "potilas", False, False),  # a language without lists
    ],
)
def test_flags_of_a_word(lang: str, word: str, ordinary: bool, ordinary_end: bool) -> None:
    lexeme = fine_blank(lang).vocab[word]
    assert (lexeme.check_flag(ORDINARY), lexeme.check_flag(ORDINARY_END)) == (ordinary, ordinary_end)


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
