"""Calibration: the temperature is found that makes probabilities reliable, and reliability is measured as it is."""

import numpy as np
import pytest
from token_pipeline import NOTES, trained

from spacy_deid.annotate.decoding import calibrated, of_identifier
from spacy_deid.evaluate.evaluate import Annotated
from spacy_deid.evaluate.reliability import BINS, bins, fitted_temperature, reliability
from spacy_deid.markup import parse


@pytest.fixture(scope="module")
def reliable() -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of 3 tags for 20,000 tokens, and tokens that are in an identifier as often as they say."""
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet((1, 1, 1), 20_000)
    return probabilities, rng.random(20_000) < of_identifier(probabilities)


@pytest.mark.parametrize("sharpened", [0.5, 1, 2])
def test_the_temperature_undoes_a_model_that_is_too_sure_or_too_unsure(reliable, sharpened) -> None:
    probabilities, is_identifier = reliable

    temperature = fitted_temperature(calibrated(probabilities, 1 / sharpened), is_identifier)

    assert temperature == pytest.approx(sharpened, rel=0.06)


def test_reliable_probabilities_have_a_small_error_and_others_a_large_one(reliable) -> None:
    probabilities, is_identifier = reliable
    assert bins(of_identifier(probabilities), is_identifier)["error"] < 0.01
    assert bins(of_identifier(calibrated(probabilities, 0.3)), is_identifier)["error"] > 0.05


def test_a_bin_has_its_tokens_their_mean_probability_and_the_share_in_identifiers() -> None:
    found = bins(np.array([0.02, 0.04, 0.95, 1.0]), np.array([False, True, True, True]))

    assert len(found["bins"]) == BINS
    assert found["bins"][0] == {"tokens": 2, "probability": pytest.approx(0.03), "share": 0.5}
    assert found["bins"][5] == {"tokens": 0, "probability": None, "share": None}
    assert found["bins"][9] == {"tokens": 2, "probability": pytest.approx(0.975), "share": 1}
    assert found["error"] == pytest.approx((2 * 0.47 + 2 * 0.025) / 4)


def test_tokens_are_those_with_text_of_all_notes() -> None:
    gold = [
        Annotated(f"\n{text}\n", [span._replace(start=span.start + 1, end=span.end + 1) for span in spans])
        for text, spans in map(parse, NOTES)
    ]

    found = reliability(trained(), "deid_ner", gold)

    assert sum(row["tokens"] for row in found["calibrated"]["bins"]) == 8 + 3 + 8
    assert sum(row["tokens"] * (row["share"] or 0) for row in found["calibrated"]["bins"]) == pytest.approx(8)
