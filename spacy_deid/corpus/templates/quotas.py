"""Weights of note variants that make rare labels frequent enough."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spacy_deid.corpus.templates.template import Choice, Marked, Parts, Slot
from spacy_deid.errors import DeidError
from spacy_deid.labels import categories, category_of

Vector = NDArray[np.float64]  # shape (variants,)

_SLACK = 1e-4  # tolerance of a quota
_HIGHEST_MULTIPLIER = 64.0  # above it, only the single best variant would meet a quota
_ROUNDS = 500


class Others(NamedTuple):
    """The other notes of a corpus, whose mixture no quota changes.

    share: their share of all notes, 0 or more and below 1. without: the share of them without a span. spans: the mean
    number of spans in them, by category.
    """

    share: float
    without: float
    spans: Mapping[str, float]

    @classmethod
    def of(cls, spans: Sequence[Mapping[str, float]], share: float) -> "Others":
        """Return the others with these numbers of spans by category; no others without any note."""
        if not spans:
            return NO_OTHERS
        held = {category for of in spans for category in of}
        means = {category: sum(of.get(category, 0.0) for of in spans) / len(spans) for category in sorted(held)}
        return cls(share, sum(not of for of in spans) / len(spans), means)


NO_OTHERS = Others(0.0, 0.0, {})


def expected_spans(parts: Parts) -> dict[str, float]:
    """Return the mean number of spans of each category in the parts."""
    expected: defaultdict[str, float] = defaultdict(float)
    for part in parts:
        if isinstance(part, Slot | Marked) and part.label:
            expected[category_of(part.label)] += 1
        elif isinstance(part, Choice):
            for option in part.options:
                for category, spans in expected_spans(option).items():
                    expected[category] += spans / len(part.options)
    return dict(expected)


def weights_within(
    quotas: Mapping[str, float],
    without_identifiers: float,
    spans: Sequence[Mapping[str, float]],
    weights: Sequence[float],
    others: Others = NO_OTHERS,
) -> list[float]:
    """Return weights with a sum of 1 with which a corpus meets every quota on average, with the least change.

    The least change is that of the smallest Kullback-Leibler divergence (Csiszar 1975, I-projection): a weight times
    exp(sum of multiplier * surplus), where each multiplier in turn is made just large enough for its quota.

    Args:
        quotas: Category -> its least share of all spans.
        without_identifiers: The least share of notes without a span.
        spans: The expected number of spans by category, for each variant.
        weights: The weight of each variant without quotas.
        others: The notes of the corpus that are not of these variants.

    Raises:
        DeidError: A category is unknown, or no weights meet a quota.
    """
    for category in quotas:
        if category not in categories():
            raise DeidError(f"quotas.{category} is not a category. Remedy: use one of {', '.join(categories())}.")
    totals = np.array([sum(of.values()) for of in spans])
    chances = np.array(weights, dtype=float) / sum(weights)
    identifying = totals > 0
    least = max(0.0, (without_identifiers - others.share * others.without) / (1 - others.share))
    without = max(least, chances[~identifying].sum())
    if least and identifying.all():
        raise _unmet(f"without_identifiers = {without_identifiers}")
    if quotas and not identifying.any():
        raise _unmet(f"quotas.{next(iter(quotas))}")
    if identifying.any():
        chances[~identifying] *= without / max(chances[~identifying].sum(), _SLACK)
        held = [of for of, some in zip(spans, identifying, strict=True) if some]
        # the surplus of the others, for each identifying note of these variants
        per_note = others.share / ((1 - others.share) * max(1 - without, _SLACK))
        more = {category: per_note * count for category, count in others.spans.items()}
        chances[identifying] = (1 - without) * _met(quotas, held, totals[identifying], chances[identifying], more)
    return [float(chance) for chance in chances]


def _met(
    quotas: Mapping[str, float],
    spans: Sequence[Mapping[str, float]],
    totals: Vector,
    chances: Vector,
    more: Mapping[str, float],
) -> Vector:
    """Return the probabilities of variants with spans that, with ``more`` spans for each note, meet every quota."""
    # the amount by which each variant exceeds each quota: a mixture meets a quota if the mean is not below 0
    total = totals + sum(more.values())
    held = np.array([[of.get(category, 0.0) + more.get(category, 0.0) for of in spans] for category in quotas])
    surplus = held.reshape(len(quotas), len(spans)) - np.outer(list(quotas.values()), total)
    prior = np.log(chances)
    multipliers = np.zeros(len(quotas))
    for _ in range(_ROUNDS):
        before = multipliers.copy()
        for n, column in enumerate(surplus):
            others = prior + multipliers @ surplus - multipliers[n] * column
            multipliers[n] = _smallest_multiplier(others, column)
        if np.abs(multipliers - before).max(initial=0) < _SLACK:
            break
    met = _normal(prior + multipliers @ surplus)
    for (category, share), column in zip(quotas.items(), surplus, strict=True):
        if met @ column < -10 * _SLACK * (met @ total):
            raise _unmet(f"quotas.{category} = {share}")
    return met


def _unmet(what: str) -> DeidError:
    return DeidError(f"No mixture of the templates reaches {what}. Remedy: lower it, or write templates that do.")


def _smallest_multiplier(others: Vector, column: Vector) -> float:
    """Return the smallest multiplier of ``column``, 0 or above, at which its mean is not below 0."""
    if _normal(others) @ column >= 0:
        return 0.0
    low, high = 0.0, _HIGHEST_MULTIPLIER
    while high - low > _SLACK / 10:
        middle = (low + high) / 2
        low, high = (low, middle) if _normal(others + middle * column) @ column >= 0 else (middle, high)
    return high


def _normal(log_weights: Vector) -> Vector:
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum()
