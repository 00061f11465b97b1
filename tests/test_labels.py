"""labels.toml: labels to categories, and a label of one corpus in the words of another."""

import pytest

from spacy_deid.labels import label_in_corpus


@pytest.mark.parametrize(
    ("label", "counts", "expected"),
    [
        ("NOMBRE_SUJETO_ASISTENCIA", {"NAME": 3}, "NAME"),
        ("NOMBRE_SUJETO_ASISTENCIA", {"NAME": 30, "NOMBRE_SUJETO_ASISTENCIA": 1}, "NOMBRE_SUJETO_ASISTENCIA"),
        ("NAME", {"NOMBRE_SUJETO_ASISTENCIA": 3, "NOMBRE_PERSONAL_SANITARIO": 4}, "NOMBRE_PERSONAL_SANITARIO"),
        ("NAME", {"PER": 2, "NOMBRE_SUJETO_ASISTENCIA": 2}, "NOMBRE_SUJETO_ASISTENCIA"),  # a tie: by the alphabet
        ("FECHAS", {"NAME": 3}, "FECHAS"),
        ("FECHAS", {}, "FECHAS"),
    ],
)
def test_a_label_becomes_the_commonest_of_its_category_where_the_corpus_does_not_have_it(label, counts, expected):
    assert label_in_corpus(label, counts) == expected


def test_a_label_that_nobody_listed_is_not_made_another():
    assert label_in_corpus("MISTERIO", {"OTHER": 3, "MISC": 9}) == "MISTERIO"
