"""Adaptation with differential privacy: DP-SGD (Abadi et al. 2016, arXiv 1607.00133) on the adapters.

The protected unit is a patient: all notes of a group together, or a single note if the corpus has no groups. The
gradient of each unit comes from its own backward passes, so that correctness depends on autograd alone; for notes of
hundreds of tokens this is as fast as per-sample gradients by hooks. Opacus does the accounting.

The noise is secret: with a known seed it could be subtracted again. Two runs with the same settings therefore differ,
and a run that was killed starts again.
"""

import math
import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import torch
from spacy.vocab import Vocab
from torch import Tensor
from tqdm import tqdm
from transformers import get_cosine_schedule_with_warmup

from spacy_deid.corpus.formats.docbin import read_docs
from spacy_deid.errors import DeidError
from spacy_deid.extras import how_to_install
from spacy_deid.generate.adapt.data import pack, tokenize
from spacy_deid.generate.adapt.optimization import MasterAdamW, summed_loss
from spacy_deid.generate.adapt.settings import Corpus, Privacy, Training
from spacy_deid.generate.modes import text_of

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase

Unit = Sequence[Sequence[int]]  # a patient's notes as tokens


@dataclass(frozen=True)
class Plan:
    """The number of units, their probability in a step, the number of steps, and the noise that the epsilon needs."""

    units: int
    sample_rate: float
    steps: int
    noise_multiplier: float


def read_units(path: Path, corpus: Corpus, tokenizer: "PreTrainedTokenizerBase") -> list[Unit]:
    """Return the notes of a corpus file as tokens, those of one group together.

    Args:
        path: Corpus file.
        corpus: Mode and language, see `data.read_texts`.
        tokenizer: Tokenizer of the model.
    """
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for number, doc in enumerate(read_docs(path, Vocab())):
        if doc.text.strip():
            groups[doc._.deid_group, -1 if doc._.deid_group else number].append(
                text_of(doc, corpus.text_mode, corpus.lang)
            )
    return [tokenize(texts, tokenizer) for texts in groups.values()]


def plan(units: int, training: Training, privacy: Privacy) -> Plan:
    """Return the plan with the least noise for which the whole training keeps within the epsilon.

    The accountant is Opacus' Renyi accountant. A step takes ``batch_size * gradient_accumulation`` units on average,
    each drawn independently.

    Args:
        units: Number of patients or notes.
        training: Sets the size and number of steps.
        privacy: Sets epsilon and delta.

    Raises:
        DeidError: Opacus is not installed, a step takes more units than there are, or delta is not below 1 / units.
    """
    try:
        from opacus.accountants.utils import get_noise_multiplier
    except ModuleNotFoundError as error:
        msg = f"Differential privacy needs Opacus. Remedy: {how_to_install('opacus')}."
        raise DeidError(msg) from error
    expected = training.batch_size * training.gradient_accumulation
    if expected > units:
        raise DeidError(
            f"A step takes {expected} patients or notes, and there are {units}. "
            "Remedy: a lower training.batch_size or training.gradient_accumulation."
        )
    if privacy.delta >= 1 / units:
        raise DeidError(
            f"privacy.delta is {privacy.delta}: with {units} patients or notes it would allow publishing one of them. "
            f"Remedy: set it well below {1 / units:.1g}."
        )
    rate = expected / units
    steps = math.ceil(training.epochs / rate)
    steps = min(steps, training.max_steps) if training.max_steps else steps
    noise = get_noise_multiplier(
        target_epsilon=privacy.epsilon,
        target_delta=privacy.delta,
        sample_rate=rate,
        steps=steps,
        accountant="rdp",
    )
    return Plan(units, rate, steps, noise)


def train_privately(
    model: "PeftModel", units: Sequence[Unit], training: Training, privacy: Privacy, *, quiet: bool = False
) -> dict[str, Any]:
    """Train the adapters with DP-SGD; return the manifest's part: steps, time and the epsilon spent.

    Args:
        model: The model, whose adapters alone have gradients.
        units: Tokens of the notes of each patient.
        training: Steps and learning rate.
        privacy: Epsilon, delta and clipping.
        quiet: Show no progress bar.

    Raises:
        DeidError: Opacus is not installed, or the settings do not fit the number of units.
    """
    planned = plan(len(units), training, privacy)  # raises an error if Opacus is missing
    from opacus.accountants import RDPAccountant

    accountant = RDPAccountant()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = MasterAdamW(weights, training.learning_rate)
    warmup = math.ceil(training.warmup_ratio * planned.steps)
    schedule = get_cosine_schedule_with_warmup(optimizer, warmup, planned.steps)
    generator = torch.Generator(model.device).manual_seed(secrets.randbits(63))
    model.train()
    tokens, begun = 0, monotonic()
    for _ in tqdm(range(planned.steps), desc="adapt privately", unit="step", disable=quiet):
        drawn = torch.rand(len(units), generator=generator, device=model.device) < planned.sample_rate
        chosen = [units[index] for index in drawn.nonzero().flatten().tolist()]
        tokens += sum(len(note) - 1 for unit in chosen for note in unit)
        total = clipped_sum(model, weights, chosen, training.block_size, privacy.max_grad_norm)
        deviation = planned.noise_multiplier * privacy.max_grad_norm
        for weight, clipped in zip(weights, total, strict=True):
            noise = torch.randn(clipped.shape, generator=generator, device=clipped.device) * deviation
            # divided by the expected size, not by the drawn one, which is secret
            weight.grad = ((clipped + noise) / (planned.sample_rate * len(units))).to(weight.dtype)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        accountant.step(noise_multiplier=planned.noise_multiplier, sample_rate=planned.sample_rate)
    seconds = monotonic() - begun
    return {
        "training": {
            "steps": planned.steps,
            "seconds": round(seconds, 1),
            "tokens_per_second": round(tokens / seconds, 1),
        },
        "privacy": {
            "unit": "patient where the notes say which, else note",
            "epsilon": round(accountant.get_epsilon(delta=privacy.delta), 4),
            "delta": privacy.delta,
            "accountant": "opacus, Renyi",
            "noise_multiplier": round(planned.noise_multiplier, 4),
            "max_grad_norm": privacy.max_grad_norm,
            "sample_rate": round(planned.sample_rate, 6),
        },
    }


def clipped_sum(
    model: "PeftModel", weights: Sequence[Tensor], units: Sequence[Unit], block_size: int, max_norm: float
) -> list[Tensor]:
    """Return the sum of the units' gradients in float32, each clipped to the norm ``max_norm``.

    One unit more or less thus changes the sum by at most ``max_norm``. A unit's gradient is that of its mean loss.

    Args:
        model: The model, whose adapters alone have gradients.
        weights: Weights of the adapters.
        units: Tokens of the notes of each patient.
        block_size: Tokens in each block, at least 1.
        max_norm: Maximum norm of a unit's gradient, above 0.

    Raises:
        DeidError: A gradient is not finite.
    """
    total = [torch.zeros_like(weight, dtype=torch.float32) for weight in weights]
    for unit in units:
        gradient = _gradient(model, weights, unit, block_size)
        norm = math.sqrt(sum(float(part.double().square().sum()) for part in gradient))
        if not math.isfinite(norm):
            msg = "A gradient is not finite. Remedy: a lower training.learning_rate, or training.dtype = 'float32'."
            raise DeidError(msg)
        for summed, part in zip(total, gradient, strict=True):
            summed.add_(part, alpha=min(1.0, max_norm / max(norm, 1e-12)))
    return total


def _gradient(model: "PeftModel", weights: Sequence[Tensor], unit: Unit, block_size: int) -> list[Tensor]:
    gradient = [torch.zeros_like(weight, dtype=torch.float32) for weight in weights]
    predicted = sum(len(note) - 1 for note in unit)
    for inputs, targets in _windows(unit, block_size, model.device):
        loss = summed_loss(model.get_base_model(), inputs, targets) / predicted
        for summed, part in zip(gradient, torch.autograd.grad(loss, weights), strict=True):
            summed.add_(part)
    return gradient


def _windows(unit: Unit, block_size: int, device: torch.device) -> Iterator[tuple[Tensor, Tensor]]:
    for note in unit:
        blocks = pack([note], min(block_size, len(note) - 1), padding=0)
        for inputs, targets in zip(blocks.inputs, blocks.targets, strict=True):
            yield torch.as_tensor(inputs, device=device)[None], torch.as_tensor(targets, device=device)[None]
