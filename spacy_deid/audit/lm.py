"""The audit of an adapted language model itself; it needs torch, and the two models one after the other in memory."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spacy_deid.audit.canaries import Canary
from spacy_deid.audit.exposure import exposure_section, exposures
from spacy_deid.audit.lm_membership import lm_membership
from spacy_deid.audit.token_losses import Losses, token_losses
from spacy_deid.generate.causal_lm import choose_device, choose_dtype, load_causal_lm


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

    ``base``: the model's directory or local hub name; ``adapter`` None: the base itself, a control that must pass.
    ``members``, ``heldout``: texts, of which ``most_notes`` a side are drawn. Raises DeidError for an adapter of
    another base, and for empty sides.
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
