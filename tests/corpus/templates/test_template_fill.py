import random

import pytest

from spacy_deid.corpus.templates.fill import fill, join
from spacy_deid.corpus.templates.parse import read_templates
from spacy_deid.extensions import CharSpan

SLOTS = {"patient.first": "NAME", "relative.first": "NAME", "date": "DATE", "unit": ""}
WORDS = {"drug": ("Alvedon", "Ipren")}


class People:
    """A fake Cast: it always has the same values, and no name for the relative."""

    def value(self, stem, form):
        return {"patient": "Anna Ek", "relative": "", "date": "12/4"}.get(stem, stem)

    def gender(self, stem):
        return "f" if stem == "patient" else "m"


@pytest.fixture
def filled(tmp_path):
    def fill_in(text, seed=0):
        (tmp_path / "visit.txt").write_text(f"# kind: visit\n{text}")
        (template,) = read_templates(tmp_path, SLOTS, WORDS)
        return fill(template.variants[0], People(), WORDS, random.Random(seed), decimal_mark=",")

    return fill_in


def test_spans_are_what_was_put_in(filled):
    text, spans = join(filled("Pat {patient.first} sågs {date} på {unit}."))
    assert text == "Pat Anna Ek sågs 12/4 på unit."
    assert spans == (CharSpan(4, 11, "NAME"), CharSpan(17, 21, "DATE"))


def test_text_and_unlabelled_values_are_one_piece_and_nothing_is_empty(filled):
    pieces = filled("{relative.first}{patient.first}{unit} [[|]]{unit}[[|]]{date}")
    assert pieces == [("Anna Ek", "NAME"), ("unit unit", ""), ("12/4", "DATE")]


def test_words_go_by_the_persons_gender(filled):
    assert filled("{patient~Hon|Han} och {relative~hon|han}") == [("Hon och han", "")]


def test_choices_words_and_numbers_reach_every_value_and_no_other(filled):
    texts = {join(filled("[[a|[[b|c]]]]{#1-3}", seed))[0] for seed in range(300)}
    assert texts == {f"{letter}{number}" for letter in "abc" for number in "123"}
    assert {join(filled("{#36.9-37.1}", seed))[0] for seed in range(100)} == {"36,9", "37,0", "37,1"}
    assert {join(filled("{word.drug}", seed))[0] for seed in range(50)} == set(WORDS["drug"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a [[|]] b", "a b"),
        ("a [[|]] [[|]] b", "a b"),
        ("a [[|]].", "a."),
        ("a [[|]]\nb", "a\nb"),
        ("a\n[[|]]\nb", "a\nb"),
        ("a\n[[|]] b", "a\nb"),
        ("a [[|]]{patient.first}", "a Anna Ek"),
        ("{patient.first}[[|]] a", "Anna Ek a"),
        ("a  b\n\nc", "a  b\n\nc"),
    ],
)
def test_an_option_of_nothing_leaves_no_white_space_behind(filled, text, expected):
    assert join(filled(text))[0] == expected
