"""labels.toml: labels of corpora become categories."""

import pytest

from spacy_deid.labels import categories, category_of, in_categories


@pytest.mark.parametrize(
    ("label", "category"),
    [("NOMBRE_PERSONAL_SANITARIO", "NAME"), ("FECHAS", "DATE"), ("DIREC_PROT_INTERNET", "ID"), ("PER", "NAME")],
)
def test_a_label_of_a_corpus_has_a_category(label, category):
    assert category_of(label) == in_categories(label) == category


def test_a_category_is_its_own():
    assert [*map(in_categories, categories())] == [*map(category_of, categories())] == [*categories()]


def test_a_label_that_nobody_listed_keeps_its_name_and_is_treated_as_other():
    assert in_categories("MISTERIO") == "MISTERIO"
    assert category_of("MISTERIO") == "OTHER"
