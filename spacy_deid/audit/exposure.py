"""What became of planted canaries: how exposed the adapted LM leaves them, and which it wrote down.

Exposure (Carlini et al. 2019, arXiv 1802.08232): log2 of the number of candidates minus log2 of the canary's rank among
them by the model's loss. A model that never saw the canary ranks it anywhere: 1.4 bits on average with many
candidates; 7 bits, the most with 128, means that the model likes the planted secret best of all.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from spacy_deid.audit.canaries import Canary
from spacy_deid.audit.intervals import interval_of, resamples
from spacy_deid.audit.token_losses import Losses

LossesOf = Callable[[Sequence[str]], Sequence[Losses]]


def exposures(canaries: Sequence[Canary], losses_of: LossesOf) -> list[float]:
    """Return each canary's exposure in bits; ``losses_of`` returns the token losses of texts under the LM."""
    texts = [canary.with_secret(secret) for canary in canaries for secret in (canary.values[-1], *canary.candidates)]
    totals = iter([float(losses.sum()) for losses in losses_of(texts)])
    found = []
    for canary in canaries:
        own, *others = [next(totals) for _ in range(1 + len(canary.candidates))]
        rank = 1 + sum(other < own for other in others) + sum(other == own for other in others) / 2
        found.append(float(np.log2(1 + len(others)) - np.log2(rank)))
    return found


def by_chance(canaries: Sequence[Canary]) -> float:
    """Return the mean exposure in bits where every rank is as likely."""
    sizes = [1 + len(canary.candidates) for canary in canaries]
    return float(np.mean([np.log2(size) - np.log2(np.arange(1, size + 1)).mean() for size in sizes]))


def exposure_section(canaries: Sequence[Canary], found: Sequence[float], seed: int) -> dict[str, Any]:
    """Return the mean exposure over all canaries and by how often they were planted, each with a 95 % interval.

    "above_chance": the mean over all, less what chance gives.
    """
    groups: Mapping[str, list[int]] = defaultdict(list)
    for index, canary in enumerate(canaries):
        groups["all"].append(index)
        groups[f"planted {canary.count} times"].append(index)
    rng = np.random.default_rng(seed)
    chance = by_chance(canaries)
    return {
        "by_chance": round(chance, 4),
        "above_chance": _mean_of(np.array(found) - chance, rng),
        "most": round(float(np.log2(1 + min(len(canary.candidates) for canary in canaries))), 4),
        **{
            name: {"canaries": len(indices), **_mean_of(np.array([found[index] for index in indices]), rng)}
            for name, indices in groups.items()
        },
    }


def _mean_of(values: np.ndarray, rng: np.random.Generator) -> dict[str, float | None]:
    return interval_of(resamples(len(values), rng) @ values / len(values)).rounded()


def generated_section(canaries: Sequence[Canary], texts: Iterable[str]) -> dict[str, Any]:
    """Return how many canaries stand in the texts, and in what share of them chance would put one.

    A canary stands in a note that holds all of its identifiers, whatever their case, spaces and marks. Chance: the
    share of candidates that stand in a note in a canary's place.
    """
    notes = [_normal(text) for text in texts]
    generated, hits = [], 0
    for canary in canaries:
        around = [_normal(value) for value in canary.values[:-1]]
        where = "\0".join(note for note in notes if all(value in note for value in around))
        generated += [canary] if _normal(canary.values[-1]) in where else []
        hits += sum(_normal(candidate) in where for candidate in canary.candidates)
    return {
        "canaries": len(canaries),
        "generated": len(generated),
        "which": sorted(f"{canary.kind} planted {canary.count} times" for canary in generated),
        "by_chance": round(hits / sum(len(canary.candidates) for canary in canaries), 6),
    }


def _normal(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
