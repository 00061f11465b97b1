"""Membership inference on an adapted language model. Imports torch; one of the two models is in memory at a time.

Three attacks score a note by the losses of its tokens; the higher the score, the more likely the note is a member:
loss: minus the mean loss of its tokens (Yeom et al. 2018, arXiv 1709.01604);
reference: the mean loss under the base model minus that under the adapted model, which removes the difficulty of the
note itself (Mireshghallah et al. 2022, arXiv 2203.03929);
min_k: minus the mean loss of the hardest fifth of its tokens (Shi et al. 2024, arXiv 2310.16789).

The exposure of a planted canary (Carlini et al. 2019, arXiv 1802.08232): log2 of the number of candidates minus log2 of
the canary's rank among them by the model's loss. A model that never saw the canary gives it any rank: 1.4 bits on
average with many candidates. With 128 candidates, 7 bits is the maximum: the model ranks the planted secret first.
"""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from spacy.vocab import Vocab

from spacy_deid.audit.canaries import Canary
from spacy_deid.audit.intervals import Values, interval_of, resamples
from spacy_deid.audit.membership import measure_attack
from spacy_deid.audit.token_losses import Losses, token_losses
from spacy_deid.corpus.formats.docbin import read_docs
from spacy_deid.errors import DeidError
from spacy_deid.generate.causal_lm import choose_device, choose_dtype, load_causal_lm
from spacy_deid.generate.modes import Mode, text_of

HARDEST = 0.2  # share of tokens, as in the paper's main results

LossesOf = Callable[[Sequence[str]], Sequence[Losses]]


def members_and_heldout(members: Path, heldout: Path, mode: Mode, lang: str) -> tuple[list[str], list[str]]:
    """Return the texts of members and of held-out notes, without held-out notes of members' patients.

    Args:
        members: Corpus file of the notes that the model was adapted on.
        heldout: Corpus file of notes that the model never saw.
        mode: The generation mode that it was adapted to, which decides the form of the texts, see `text_of`.
        lang: Language code of the notes.
    """
    ours, theirs = (list(read_docs(path, Vocab())) for path in (members, heldout))
    known = {doc._.deid_group for doc in ours} - {""}
    others = [doc for doc in theirs if doc._.deid_group not in known]
    return [text_of(doc, mode, lang) for doc in ours], [text_of(doc, mode, lang) for doc in others]


def audit_lm(
    base: str,
    adapter: Path | None,
    members: Sequence[str],
    heldout: Sequence[str],
    canaries: Sequence[Canary] = (),
    *,
    most_notes: int,
    seed: int,
    quiet: bool = False,
) -> dict[str, Any]:
    """Return the section "lm_membership" and, where there are canaries, "exposure".

    Args:
        base: Directory of the base model, or its name.
        adapter: Directory of the adapter; None audits the base itself, a control that must pass.
        members: Texts that the model was adapted on.
        heldout: Texts that the model never saw.
        canaries: The canaries planted in the members.
        most_notes: The maximum number of texts to draw from either side.
        seed: Of the drawing and the resampling.
        quiet: Whether to show no progress bars.

    Raises:
        DeidError: The adapter is of another base, or a side is empty.
    """
    sides = {"members": _sample(members, most_notes, seed), "heldout": _sample(heldout, most_notes, seed)}
    device = choose_device("auto", quantize=False)
    dtype = choose_dtype("auto", device)

    def losses_of_sides(model: Any, tokenizer: Any, name: str) -> Mapping[str, list[Losses]]:
        texts = [*sides["members"], *sides["heldout"]]
        losses = token_losses(model, tokenizer, texts, name=name, quiet=quiet)
        return {"members": losses[: len(sides["members"])], "heldout": losses[len(sides["members"]) :]}

    before = losses_of_sides(*load_causal_lm(base, dtype=dtype, device=device), "the base model")
    model, tokenizer = load_causal_lm(base, str(adapter) if adapter else None, dtype=dtype, device=device)
    after = losses_of_sides(model, tokenizer, "the adapted model")
    sections = {"lm_membership": lm_membership(after, before, seed)}
    if canaries:
        bits = exposures(canaries, lambda texts: token_losses(model, tokenizer, texts, name="canaries", quiet=quiet))
        sections["exposure"] = exposure_section(canaries, bits, seed)
    return sections


def _sample(texts: Sequence[str], most: int, seed: int) -> list[str]:
    written = [text for text in texts if text.strip()]
    return random.Random(f"{seed}/lm").sample(written, min(most, len(written)))  # noqa: S311


def lm_membership(
    adapted: Mapping[str, Sequence[Losses]], base: Mapping[str, Sequence[Losses]], seed: int
) -> dict[str, Any]:
    """Return AUC and TPR at 1 % FPR of each attack.

    Args:
        adapted: Token losses of the "members" and of the "heldout" notes, by the adapted model.
        base: The same by the base model, of the same notes in the same order.
        seed: Of the resampling.
    """
    return {
        "notes": {side: len(losses) for side, losses in adapted.items()},
        **{
            name: measure_attack(scores["members"], scores["heldout"], seed).as_json()
            for name, scores in _scores(adapted, base).items()
        },
    }


def _scores(
    adapted: Mapping[str, Sequence[Losses]], base: Mapping[str, Sequence[Losses]]
) -> dict[str, dict[str, list[float]]]:
    loss = {side: [-_mean(note) for note in notes] for side, notes in adapted.items()}
    harder = {side: [_mean(note) for note in notes] for side, notes in base.items()}
    return {
        "loss": loss,
        "reference": {side: [a + b for a, b in zip(loss[side], harder[side], strict=True)] for side in loss},
        "min_k": {side: [-_hardest(note) for note in notes] for side, notes in adapted.items()},
    }


def _mean(losses: Losses) -> float:
    mean = float(losses.mean())
    if not math.isfinite(mean):
        msg = "A loss is not a finite number. Remedy: check the model's weights and dtype."
        raise DeidError(msg)
    return mean


def _hardest(losses: Losses) -> float:
    count = math.ceil(HARDEST * losses.size)
    return float(np.partition(losses, losses.size - count)[-count:].mean())


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
    """Return the mean exposure in bits if all ranks are equally likely."""
    sizes = [1 + len(canary.candidates) for canary in canaries]
    return float(np.mean([np.log2(size) - np.log2(np.arange(1, size + 1)).mean() for size in sizes]))


def exposure_section(canaries: Sequence[Canary], found: Sequence[float], seed: int) -> dict[str, Any]:
    """Return the mean exposure of all canaries, and of those planted equally often, each with a 95 % interval.

    Args:
        canaries: The canaries.
        found: The exposure of each, in bits.
        seed: Of the resampling.

    Returns:
        Figures in bits; "above_chance" is the mean over all canaries minus the mean by chance.
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


def _mean_of(values: Values, rng: np.random.Generator) -> dict[str, float | None]:
    return interval_of(resamples(len(values), rng) @ values / len(values)).rounded()
