"""Rules may name the patterns that they share."""

import pytest

from spacy_deid.lang.recognizer import _filled


def test_a_named_pattern_takes_the_place_of_its_name_within_brackets():
    patterns = {"year": r"(?:19|20)\d\d", "month": "mayo|junio", "day": r"\d{1,2} {month}"}
    assert _filled("{day} {year}", patterns) == r"(?:\d{1,2} (?:mayo|junio)) (?:(?:19|20)\d\d)"


@pytest.mark.parametrize("pattern", [r"\d{2,5}", r"\d{3}", "a{2}b", "[{}]"])
def test_repetitions_are_no_names(pattern):
    assert _filled(pattern, {}) == pattern


def test_a_name_that_the_file_lacks_is_an_error():
    with pytest.raises(KeyError, match="nothing"):
        _filled("{nothing}", {"year": "2020"})
