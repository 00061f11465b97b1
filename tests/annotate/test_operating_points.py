"""deid_merge at an operating point: a stricter one finds all that a laxer one finds, and none is made up."""

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc
from token_pipeline import NOTES, operating_points, trained

from spacy_deid.annotate.operating_points import NAMES, OperatingPoints
from spacy_deid.annotate.policy import Claim, with_all_of
from spacy_deid.annotate.token_ner import CANDIDATES
from spacy_deid.errors import DeidError
from spacy_deid.extensions import sourced_span
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse

TEXT = parse(NOTES[0])[0]
POINTS = operating_points(balanced=0.9, careful=0.5, strict=0.05)


@pytest.fixture(scope="module")
def calibrated() -> Language:
    nlp = trained("deid_rules", "deid_merge", steps=4)
    nlp.get_pipe("deid_ner").calibrate(1.0, list(POINTS.thresholds.values()))
    nlp.get_pipe("deid_merge").points = POINTS
    return nlp


def at(nlp: Language, point, text: str | Doc = TEXT) -> Doc:
    nlp.get_pipe("deid_merge").operating_point = point
    return nlp(text)


def hidden(doc: Doc) -> set[int]:
    """Return the characters of entities, white space aside."""
    return {at for ent in doc.ents for at in range(ent.start_char, ent.end_char) if not doc.text[at].isspace()}


# --- monotone

WORDS = st.sampled_from(
    ["Anna", "Ek", "ek", "Lund", "(AnEk)", "D", "dr", "Alvedon", "Parkinsons", "sjukdom", "sov", ".", ",", "-", "\n"]
) | st.sampled_from(
    ["12/4", "kl", "780412-1234", "K0867756N", "070-1740633", "anna.ek@x.se", "avd", "3", "Hb", "120", "\n\n"]
)
LABELS = st.sampled_from(["NAME", "DATE", "ID", "CARE_UNIT", "LOCATION", "PHONE"])
GUESSES = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6), LABELS, st.floats(0.01, 0.999)), max_size=12)


@pytest.fixture(scope="module")
def merging() -> Language:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge").points = operating_points()
    return nlp


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(WORDS, min_size=1, max_size=20), GUESSES)
def test_strict_finds_all_that_careful_finds_and_careful_all_that_balanced_finds(merging, words, guesses) -> None:
    found = []
    for point in NAMES:
        doc = merging.make_doc(" ".join(words))
        spans = [(start, min(start + length, len(doc)), *rest) for start, length, *rest in guesses if start < len(doc)]
        doc.spans[CANDIDATES] = [sourced_span(doc, start, end, label, "model", p) for start, end, label, p in spans]
        found.append(hidden(at(merging, point, doc)))

    balanced, careful, strict = found
    assert balanced <= careful <= strict


def test_a_stricter_point_finds_more(calibrated) -> None:
    balanced, careful, strict = (hidden(at(calibrated, point)) for point in NAMES)
    assert balanced < strict
    assert balanced <= careful <= strict


def test_what_a_laxer_point_covered_stays_where_a_longer_guess_takes_a_part_of_it(merging) -> None:
    """The longer claim takes "12" of the rule's date, of which "4" would be left, and "/" would not."""

    def doc_with_a_guess() -> Doc:
        doc = merging.make_doc("Anna Bo Eva 12/4")
        doc.spans[CANDIDATES] = [sourced_span(doc, 0, 4, "NAME", "model", 0.1)]
        return doc

    assert {*range(12, 16)} <= hidden(at(merging, "balanced", doc_with_a_guess()))
    strict = at(merging, "strict", doc_with_a_guess())
    assert [(ent.text, ent.label_) for ent in strict.ents] == [("Anna Bo Eva 12/", "NAME"), ("4", "DATE")]


@pytest.mark.parametrize(
    ("own", "other", "result"),
    [
        ([(0, 2)], [(3, 4)], [(0, 2), (3, 4)]),
        ([(1, 2)], [(0, 3)], [(0, 1), (1, 2), (2, 3)]),
        ([(0, 3)], [(1, 2)], [(0, 3)]),
        # a mark widens the claim beside it, behind or before it
        ([(0, 2)], [(0, 5)], [(0, 2), (2, 5)]),
        ([(2, 3)], [(2, 4)], [(2, 4)]),
        ([(4, 5)], [(3, 5)], [(3, 5)]),
        # white space is left out
        ([(7, 8)], [(5, 8)], [(5, 6), (7, 8)]),
        ([], [(6, 7)], []),
    ],
)
def test_a_rest_is_a_claim_of_its_own_or_widens_its_neighbour(own, other, result) -> None:
    words = ["Anna", "Ek", "D", ".", "Al", "Bo", "\n", "kl", "3"]

    def claims(ranges):
        return [Claim(start, end, "NAME", "model", 0.5) for start, end in ranges]

    found = with_all_of(
        claims(own),
        claims(other),
        is_space=lambda at: words[at].isspace(),
        has_text=lambda at: words[at].isalnum(),
    )
    assert [(claim.start, claim.end) for claim in found] == result


# --- setting it


def test_without_a_point_the_entities_of_the_model_count(calibrated) -> None:
    doc = at(calibrated, None)
    with calibrated.select_pipes(disable="deid_merge"):
        alone = calibrated(TEXT)
    assert [span.text for span in doc.spans["deid_model"]] == [ent.text for ent in alone.ents]


def test_a_recall_takes_the_highest_threshold_that_reached_it_on_the_held_out_notes() -> None:
    points = operating_points(balanced=0.5, careful=0.2, strict=0.05)
    assert [points.threshold(recall) for recall in (0.8, 0.9, 0.91, 0.95, 0.99)] == [0.5, 0.5, 0.2, 0.2, 0.05]
    assert points.down_to("strict") == [0.5, 0.2, 0.05]
    assert points.down_to(0.95) == [0.5, 0.2]
    with pytest.raises(DeidError, match=r"recall of 0\.999.*ends at 0\.9900"):
        points.threshold(0.999)


@pytest.mark.parametrize("override", [{"components": {"deid_merge": {"operating_point": "careful"}}}, None])
def test_a_pipeline_is_loaded_at_a_point(calibrated, tmp_path, override) -> None:
    at(calibrated, None)
    calibrated.to_disk(tmp_path)

    loaded = spacy.load(tmp_path, config=override or {"components.deid_merge.operating_point": "careful"})

    assert hidden(loaded(TEXT)) == hidden(at(calibrated, "careful"))


def test_a_recall_may_be_written_as_text(calibrated) -> None:
    calibrated.get_pipe("deid_merge").operating_point = "0.95"
    assert calibrated.get_pipe("deid_merge").operating_point == 0.95


def test_files_and_bytes_keep_the_points(calibrated, tmp_path) -> None:
    at(calibrated, None)
    calibrated.to_disk(tmp_path)
    blank = fine_blank("sv").from_config(calibrated.config)
    for loaded in (spacy.load(tmp_path), blank.from_bytes(calibrated.to_bytes())):
        assert loaded.get_pipe("deid_merge").points == POINTS
    assert OperatingPoints.read(POINTS.written()) == POINTS


def test_a_pipeline_written_without_points_over_one_with_them_has_none(calibrated, tmp_path) -> None:
    at(calibrated, None)
    calibrated.to_disk(tmp_path)
    trained("deid_rules", "deid_merge", steps=1).to_disk(tmp_path)
    assert spacy.load(tmp_path).get_pipe("deid_merge").points is None


# --- what cannot be done is an error, never a laxer point


@pytest.mark.parametrize("point", ["lenient", "", 0, 1.5, "-0.2", "nan"])
def test_an_unknown_point_is_an_error(point) -> None:
    with pytest.raises(DeidError, match=r"operating_point is .*balanced, careful, strict"):
        fine_blank("sv").add_pipe("deid_merge", config={"operating_point": point})


def test_a_pipeline_without_points_has_no_point_to_choose(tmp_path) -> None:
    nlp = trained("deid_rules", "deid_merge", steps=1)
    nlp.to_disk(tmp_path)

    with pytest.raises(DeidError, match="no operating points.*deid calibrate"):
        spacy.load(tmp_path, config={"components": {"deid_merge": {"operating_point": "careful"}}})
    with pytest.raises(DeidError, match="no operating points.*deid calibrate"):
        at(nlp, "careful")


def test_a_recall_that_was_not_reached_is_an_error_when_the_pipeline_is_loaded(calibrated, tmp_path) -> None:
    at(calibrated, None)
    calibrated.to_disk(tmp_path)
    with pytest.raises(DeidError, match=r"ends at 0\.9900"):
        spacy.load(tmp_path, config={"components": {"deid_merge": {"operating_point": 0.999}}})


def test_a_doc_without_candidates_is_an_error_at_a_point(calibrated) -> None:
    with calibrated.select_pipes(disable="deid_ner"), pytest.raises(DeidError, match="no 'deid_candidates'"):
        at(calibrated, "strict")
