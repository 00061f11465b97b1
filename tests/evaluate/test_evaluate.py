import json
import math

import pytest
import spacy
from hypothesis import example, given
from hypothesis import strategies as st
from spacy.language import Language
from spacy.scorer import Scorer
from spacy.training import Example
from spacy.util import ignore_error

from spacy_deid.errors import DeidError
from spacy_deid.evaluate.evaluate import Annotated, evaluate_docs, evaluate_model, evaluate_spans
from spacy_deid.evaluate.measures import MEASURES, ScoredNote, note_counts
from spacy_deid.evaluate.metrics import as_metrics
from spacy_deid.extensions import CharSpan


@pytest.fixture(scope="module", autouse=True)
def few_resamples():
    """Use few resamples: the properties need many evaluations, and no good intervals."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spacy_deid.stats.RESAMPLES", 10)
        yield


PERSON = "Ana Sol"
TEXT = f"{PERSON}, de 40 años, vive en C/ Mayor 7-B. Vino el 3/4/2020 con Eva; volverá. Tel. 555-01."

spans = st.builds(
    lambda start, length, label: CharSpan(start, min(start + length, len(TEXT)), label),
    st.integers(0, len(TEXT) - 1),
    st.integers(1, 20),
    st.sampled_from(["DATE", "LOCATION", "NAME"]),
)
sides = st.frozensets(spans, max_size=8)
some = st.frozensets(spans, min_size=1, max_size=8)


def evaluate(gold, predicted):
    return evaluate_spans([Annotated(TEXT, gold)], [predicted])


def values(evaluation):
    return {name: interval.value for name, interval in evaluation.scores.items()}


@given(some, sides)
def test_every_score_and_interval_is_a_share(gold, predicted):
    evaluation = evaluate(gold, predicted)
    for interval in [*evaluation.scores.values(), *evaluation.narrative.values()]:
        assert interval == (None, None, None) or 0 <= interval.low <= interval.high <= 1
    for row in [*evaluation.labels.values(), *evaluation.categories.values()]:
        assert all(value is None or 0 <= value <= 1 for value in row[:4])


@given(some)
def test_perfect_predictions_score_perfectly(gold):
    scores = values(evaluate(gold, gold))
    for name, measure in MEASURES.items():
        assert scores[name] in ({0, None} if measure.lower_is_better else {1, None}), name


@given(some, some)
def test_swapping_the_sides_swaps_precision_and_recall(gold, predicted):
    scores, swapped = values(evaluate(gold, predicted)), values(evaluate(predicted, gold))
    for name in ("strict", "span", "merged", "token"):
        assert scores[f"{name}_precision"] == swapped[f"{name}_recall"]
        assert scores[f"{name}_f1"] == swapped[f"{name}_f1"]


@given(some, some, spans)
@example({CharSpan(0, 1, "FECHAS")}, {CharSpan(8, 9, "FECHAS")}, CharSpan(0, 1, "FECHAS"))  # a space: no token
def test_a_false_span_never_raises_precision_nor_lowers_over_redaction(gold, predicted, extra):
    before = values(evaluate(gold, predicted))
    after = values(evaluate(gold, predicted | {extra._replace(label="FALSE")}))
    assert after["strict_precision"] <= before["strict_precision"]
    assert (after["token_precision"] or 0) <= (1 if before["token_precision"] is None else before["token_precision"])
    assert (after["over_redaction"] or 0) >= (before["over_redaction"] or 0)
    assert after["strict_recall"] == before["strict_recall"]


@given(some, some)
def test_each_span_score_forgives_more_than_the_one_before(gold, predicted):
    scores = values(evaluate(gold, predicted))
    assert scores["merged_f1"] >= scores["span_f1"] >= scores["strict_f1"]


@given(some, sides)
def test_scores_do_not_depend_on_how_gold_is_split_over_notes(gold, predicted):
    once = note_counts(ScoredNote(TEXT, gold, predicted))
    doubled = evaluate_spans([Annotated(TEXT, gold)] * 2, [predicted] * 2)
    assert doubled.per_note == {column: [count, count] for column, count in once.items()}


def test_a_duplicate_counts_once():
    span = CharSpan(0, 7, "FECHAS")
    assert evaluate([span, span], [span]) == evaluate([span], [span, span])


@pytest.mark.parametrize(
    ("gold", "predicted"), [("CALLE", "LOCATION"), ("LOCATION", "CALLE"), ("CALLE", "TERRITORIO"), ("LOC", "PAIS")]
)
def test_labels_of_corpora_are_compared_by_category_on_either_side(gold, predicted):
    evaluation = evaluate([CharSpan(0, 7, gold)], [CharSpan(0, 7, predicted)])
    assert values(evaluation)["strict_f1"] == 1
    assert evaluation.labels == evaluation.categories == {"LOCATION": (1, 1, 1, 1, 1)}


def test_labels_of_two_categories_differ_and_so_do_two_that_labels_toml_lacks():
    for gold, predicted in (("CALLE", "FECHAS"), ("MISTERIO", "ENIGMA")):
        assert values(evaluate([CharSpan(0, 7, gold)], [CharSpan(0, 7, predicted)]))["strict_f1"] == 0


def test_labels_that_labels_toml_lacks_are_other_among_the_categories():
    evaluation = evaluate([CharSpan(0, 7, "MISTERIO")], [CharSpan(0, 7, "ENIGMA")])
    assert evaluation.labels["MISTERIO"] == (None, 0, 0, 1, 1)
    assert evaluation.categories == {"OTHER": (1, 1, 1, 1, 1)}


@pytest.mark.parametrize("gold", [[], [Annotated(TEXT, [])]])
def test_gold_without_a_span_is_refused(gold):
    with pytest.raises(DeidError, match="no marked span"):
        evaluate_spans(gold, [[] for _ in gold])


def test_every_measure_is_a_share_of_counts_of_a_note():
    counted = note_counts(ScoredNote("", frozenset(), frozenset())).keys()
    for measure in MEASURES.values():
        assert counted >= {*measure.part, *measure.whole}
        assert set(measure.part) <= set(measure.whole)


def test_the_measures_that_decide_on_release_come_first():
    """Tables on the page and on the command line follow this order."""
    assert list(MEASURES)[:4] == ["fully_redacted", "leaked_spans", "character_recall", "over_redaction"]


def doc(note_id, text=TEXT, gold=((0, 7, "FECHAS"),)):
    made = spacy.blank("es").make_doc(text)
    made._.deid_id, made._.deid_gold = note_id, gold
    return made


def test_predictions_are_matched_by_note_id_whatever_their_order():
    gold = [doc("a"), doc("b", gold=[(9, 11, "FECHAS")])]
    assert evaluate_docs(gold, gold[::-1]).scores["strict_f1"].value == 1


@pytest.mark.parametrize(
    ("predicted", "message"),
    [
        (["a"], "1 notes are on one side only, first 'b' \\(in the gold\\)"),
        (["a", "b", "c"], "first 'c' \\(in the predictions\\)"),
        (["a", "a"], "2 notes but 1 different ids"),
    ],
)
def test_notes_of_one_side_only_are_an_error(predicted, message):
    with pytest.raises(DeidError, match=message):
        evaluate_docs([doc("a"), doc("b")], [doc(name) for name in predicted])


def test_another_text_is_an_error_that_does_not_show_it():
    with pytest.raises(DeidError, match="Note 'a' has different texts") as error:
        evaluate_docs([doc("a")], [doc("a", text=TEXT + "!")])
    assert PERSON not in str(error.value)


def test_a_model_sees_the_raw_text_only():
    nlp = spacy.blank("es")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "FECHAS", "pattern": PERSON}])
    wordlevel = doc("a")
    wordlevel.ents = [wordlevel.char_span(9, 14, label="WRONG", alignment_mode="expand")]
    evaluation, speed = evaluate_model(nlp, [wordlevel], quiet=True)
    assert evaluation.scores["strict_f1"].value == 1
    assert speed.characters_per_second == pytest.approx(len(TEXT) / speed.seconds)
    assert speed.words_per_second == pytest.approx(len(TEXT.split()) / speed.seconds)


def test_a_metrics_file_holds_neither_text_nor_ids():
    evaluation = evaluate_docs([doc("note-77")], [doc("note-77")])
    written = json.dumps(as_metrics(evaluation, "m", "1", {"characters": 0}, read=0, speed=None))
    assert PERSON not in written
    assert "note-77" not in written


@pytest.mark.slow
@given(st.lists(st.tuples(sides, sides), min_size=1, max_size=3))
def test_strict_scores_are_those_of_spacys_scorer(notes):
    nlp = spacy.blank("xx")
    pairs = [(tokenwise(nlp, gold), tokenwise(nlp, predicted)) for gold, predicted in notes]
    if not any(gold.ents for gold, _ in pairs):
        return
    reference = Scorer.score_spans([Example(predicted, gold) for gold, predicted in pairs], "ents")
    for number, (gold, predicted) in enumerate(pairs):
        gold._.deid_id = predicted._.deid_id = str(number)
    scores = values(evaluate_docs([gold for gold, _ in pairs], [predicted for _, predicted in pairs]))
    for ours, theirs in (("precision", "ents_p"), ("recall", "ents_r"), ("f1", "ents_f")):
        assert math.isclose(scores[f"strict_{ours}"] or 0, reference[theirs] or 0)


@Language.component("test_fails")
def fails(doc):
    raise ValueError(doc.text)


def test_a_pipeline_that_loses_characters_or_notes_is_not_scored():
    gold = [doc("a"), doc("b")]
    shortens = spacy.blank("es")
    tokenizer = shortens.tokenizer
    shortens.tokenizer = lambda text: tokenizer(text[:-1])
    drops = spacy.blank("es")
    drops.add_pipe("test_fails")
    drops.set_error_handler(ignore_error)
    whole, less = 2 * len(TEXT), 2 * len(TEXT) - 2
    for nlp, problem in ((shortens, f"{less} of {whole} characters in 2 of 2 notes"), (drops, "in 0 of 2 notes")):
        with pytest.raises(DeidError, match=problem) as error:
            evaluate_model(nlp, gold, quiet=True)
        assert PERSON not in str(error.value)


def tokenwise(nlp, spans):
    """Return a Doc with the spans' first words that do not overlap."""
    made = nlp.make_doc(TEXT)
    candidates = [made.char_span(start, end, label=label, alignment_mode="expand") for start, end, label in spans]
    made.ents = spacy.util.filter_spans(candidates)
    return made
