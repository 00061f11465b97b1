"""The word lists that select the pieces."""

import pytest

from spacy_deid.errors import DeidError
from spacy_deid.models.vocabulary import check_languages, common_words, written_forms

pytest.importorskip("wordfreq")


def test_common_words_come_first_and_the_count_holds():
    words = common_words("es", 50)
    assert len(words) == 50
    assert "de" in words[:3]


def test_words_are_also_written_with_a_capital_and_the_commonest_in_capitals():
    forms = written_forms([f"ord{letter}" for letter in "abcdefghijklmnop"])
    assert {"orda", "Orda", "ORDA", "Ordp"} <= set(forms)
    assert "ORDP" not in forms


@pytest.mark.parametrize("languages", [["xx"], ["es", "tlh"], [""], []])
def test_a_language_without_a_list_is_an_error_that_names_the_known_ones(languages):
    with pytest.raises(DeidError, match="Choose among: .*sv"):
        check_languages(languages)


@pytest.mark.parametrize("count", [0, -3])
def test_no_words_is_an_error(count):
    with pytest.raises(DeidError, match=f"number of words is {count}"):
        common_words("sv", count)
