import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.corpus.note import ConversionReport, Note, to_doc
from spacy_deid.corpus.templates import typing_errors
from spacy_deid.corpus.templates.fill import join
from spacy_deid.corpus.templates.noise import Noise, hasty_writing_of
from spacy_deid.corpus.templates.settings import NoiseRates
from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank

SILENT = dict.fromkeys(NoiseRates.model_fields, 0.0)
TOKENIZER = fine_blank("sv").tokenizer

PIECES = [
    ("Patienten ", ""),
    ("Anna-Karin Åkesson", "NAME"),
    (", ", ""),
    ("19450812-1239", "ID"),
    (", kom till undersökning av höger öga. Temp 38,5, mår bra.\nRinger: ", ""),
    ("070-123 45 67", "PHONE"),
    (" eller ", ""),
    ("anna.ek@example.com", "EMAIL"),
    (".\nÅter ", ""),
    ("2023-04-12", "DATE"),
    (" enligt Bo", ""),
]

words = st.text("abcåäöñABCÅ12,.:-/ \n", min_size=1, max_size=30)
values = words.filter(lambda text: text[0].isalnum() and text[-1].isalnum() and "\n" not in text)
labels = st.sampled_from(["NAME", "DATE", "PHONE", "ID", "EMAIL", "CARE_UNIT"])
# a value stands apart from its neighbours, as the templates have it
plain = words.map(lambda text: f" {text} ")
notes = st.tuples(plain, st.lists(st.tuples(values, labels, plain), max_size=5)).map(
    lambda drawn: [
        (drawn[0], ""),
        *(piece for value, label, text in drawn[1] for piece in ((value, label), (text, ""))),
    ]
)
rates = st.builds(
    NoiseRates,
    **{name: st.just(0.0) if name == "clean" else st.sampled_from([0.0, 0.2, 1.0]) for name in NoiseRates.model_fields},
)


def noisy(seed=0, pieces=PIECES, **only):
    return Noise("sv", NoiseRates(**{**SILENT, **only}))(pieces, random.Random(seed))


def letters(text):
    """Return what typos, a change of case and lost diacritics leave of a text: roughly its letters and digits."""
    return sorted(c for c in unicodedata.normalize("NFD", text.upper().lower()) if c.isalnum())


@given(pieces=notes, rates=rates, seed=st.integers(0, 99))
def test_every_span_is_the_value_that_was_put_in_but_for_its_own_noise(pieces, rates, seed):
    made = Noise("sv", rates)(pieces, random.Random(seed))
    assert [label for _, label in made] == [label for _, label in pieces]
    text, spans = join(made)
    assert [span.label for span in spans] == [label for _, label in pieces if label]
    for (start, end, label), (value, _) in zip(spans, [piece for piece in pieces if piece[1]], strict=True):
        found = text[start:end]
        assert found.strip()
        assert "\n" not in found or rates.wrapped
        if label in ("EMAIL", "ID"):
            assert letters(found) == letters(value)


@given(pieces=notes, rates=rates, seed=st.integers(0, 99))
def test_no_span_grows_together_with_the_word_beside_it(pieces, rates, seed):
    text, spans = join(Noise("sv", rates)(pieces, random.Random(seed)))
    report = ConversionReport()
    doc = to_doc(Note("n", "g", text, spans), TOKENIZER, report)
    assert doc.text == text
    assert report.widened == 0


def test_a_rate_of_nothing_and_a_clean_note_change_nothing():
    assert noisy() == PIECES
    everything = dict.fromkeys(NoiseRates.model_fields, 1.0)
    assert noisy(**everything) == PIECES
    assert noisy(**{**everything, "clean": 0.0}) != PIECES


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("abbreviations", "us av hö öga"),
        ("decimal_points", "38.5"),
        ("lower_names", "anna-karin åkesson"),
        ("upper_names", "ANNA-KARIN ÅKESSON"),
        ("lower_case", "patienten anna-karin"),
        ("upper_case", "TILL UNDERSÖKNING AV HÖGER ÖGA"),
        ("shouted_lines", "ÅTER 2023-04-12 ENLIGT BO"),
        ("one_line", "mår bra. Ringer: "),
        ("no_diacritics", "Akesson, 19450812-1239, kom till undersokning"),
        ("crlf", "mår bra.\r\nRinger: "),
        ("separators", "194508121239"),
        ("separators", "070 123 45 67"),
        ("separators", "2023/04/12"),
        ("joined_sentences", "Anna-Karin Åkesson,19450812-1239"),
        ("joined_words", "komtill"),
        ("double_spaces", "  "),
        ("line_breaks", "Patienten\nAnna"),
        ("wrapped", "-\n"),
        ("dropped_marks", "bra\nRinger"),
    ],
)
def test_each_rate_makes_its_own_noise(rate, expected):
    texts = [join(noisy(seed, **{rate: 1.0}))[0] for seed in range(200)]
    assert any(expected in text for text in texts)


def test_most_noisy_notes_are_mild_and_some_are_bad():
    added = [len(join(noisy(seed, double_spaces=0.2))[0]) - len(join(PIECES)[0]) for seed in range(500)]
    assert sorted(added)[250] <= 4
    assert max(added) >= 10


def test_typos_are_one_key_away_and_keep_the_borders_of_words():
    neighbours = hasty_writing_of("sv").neighbours
    assert set(neighbours["a"]) == set("qsz")
    assert set(neighbours["å"]) == set("pä")
    texts = {typing_errors.typo("Anna ringde", 6, random.Random(seed), neighbours) for seed in range(100)}
    assert {"Anna rngde", "Anna rnigde", "Anna riingde", "Anna rungde"} <= texts
    for at in (0, 3, 4, 5, 10):
        assert typing_errors.typo("Anna ringde", at, random.Random(0), neighbours) == "Anna ringde"


def test_abbreviations_keep_the_capital_and_double_no_full_stop():
    abbreviated = {
        hasty_writing_of("sv").abbreviated("Höger öga, patienten.", 1.0, random.Random(n)) for n in range(50)
    }
    assert "Hö öga, pat." in abbreviated
    assert not any(".." in text for text in abbreviated)


def test_a_language_without_noise_toml_is_an_error():
    with pytest.raises(DeidError, match="'xx' has no noise.toml"):
        hasty_writing_of("xx")
