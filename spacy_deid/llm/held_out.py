"""The choice of a reader's weights: the ones with the highest character recall on held-out notes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import srsly
from numpy.typing import NDArray
from spacy.tokens import Doc
from transformers import TrainerCallback

from spacy_deid.extensions import char_spans
from spacy_deid.generate.adapt.trainer import report
from spacy_deid.llm.decide import NOTHING, Reading, Unit
from spacy_deid.llm.echo import EchoTagger
from spacy_deid.llm.passages import passage_of
from spacy_deid.llm.reader import EchoReader

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_WEIGHTS, _FIGURES = "best.safetensors", "best.json"


@dataclass(frozen=True)
class Best:
    """Held-out figures of the kept weights.

    step: the step after which they were checked. recall: the share of identifier characters found at the bias of the
    config's over-redaction. bias: this bias, in nats. over_redaction: the share of other characters found at it.
    """

    step: int
    recall: float
    bias: float
    over_redaction: float

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for a manifest."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


class HeldOut:
    """Held-out notes, on which readers are compared."""

    def __init__(
        self, docs: Sequence[Doc], tokenizer: "PreTrainedTokenizerBase", batch_tokens: int, over_redaction: float
    ) -> None:
        """Prepare the notes.

        Args:
            docs: Annotated notes.
            tokenizer: Tokenizer of the model.
            batch_tokens: Tokens of a batch.
            over_redaction: The share of the characters of no identifier that may be found, 0 to 1.
        """
        self._passages = [passage_of(doc) for doc in docs]
        self._gold = [
            _characters_of_identifiers(doc, note.units) for doc, note in zip(docs, self._passages, strict=True)
        ]
        self._tokenizer = tokenizer
        self._batch_tokens = batch_tokens
        self._most = over_redaction

    def check(self, tagger: EchoTagger, step: int) -> Best:
        """Return the figures of a model."""
        reader = EchoReader(tagger, self._tokenizer, batch_tokens=self._batch_tokens, threads=1)
        readings = reader.read(self._passages)
        margins = np.concatenate([_margins(reading) for reading in readings])
        identifying = np.concatenate(self._gold)
        lengths = np.array([unit.end - unit.start for note in self._passages for unit in note.units])
        return recall_at(margins, identifying, lengths - identifying, self._most, step)


def recall_at(
    margins: NDArray[np.float32],
    identifying: NDArray[np.int64],
    other: NDArray[np.int64],
    most: float,
    step: int,
) -> Best:
    """Return the highest recall of a threshold on the margins at which at most the share ``most`` is over-redacted.

    Args:
        margins: For each unit, the log-probability of its best label less that of "no identifier".
        identifying: For each unit, its characters that belong to an identifier.
        other: For each unit, its other characters.
        most: Over-redaction, 0 to 1.
        step: For the result.
    """
    order = np.argsort(-margins, kind="stable")
    # a threshold lies between two different margins
    ends = np.append(np.diff(margins[order]) != 0, True)
    found = np.cumsum(identifying[order]) / max(identifying.sum(), 1)
    over = np.cumsum(other[order]) / max(other.sum(), 1)
    allowed = np.flatnonzero(ends & (over <= most))
    if not len(allowed):
        return Best(step, 0.0, 0.0, 0.0)
    last = allowed[-1]
    return Best(step, float(found[last]), float(-margins[order][last]) + 1e-4, float(over[last]))


def _margins(reading: Reading) -> NDArray[np.float32]:
    others = np.delete(reading.log_probabilities, NOTHING, axis=1)
    margins: NDArray[np.float32] = others.max(axis=1) - reading.log_probabilities[:, NOTHING]
    return margins


def _characters_of_identifiers(doc: Doc, units: Sequence[Unit]) -> NDArray[np.int64]:
    marked = np.zeros(len(doc.text) + 1, dtype=np.int64)
    for span in char_spans(doc):
        marked[span.start : span.end] = 1
    before = np.concatenate([[0], np.cumsum(marked)])
    return np.array([before[unit.end] - before[unit.start] for unit in units], dtype=np.int64)


class KeepBest(TrainerCallback):
    """Reads the held-out notes a few times during training, and keeps the weights with the highest recall."""

    def __init__(self, held_out: HeldOut, tagger: EchoTagger, folder: Path, checks: int, *, quiet: bool) -> None:
        """Store the arguments.

        Args:
            held_out: The notes.
            tagger: The model in training.
            folder: Folder of the run's checkpoints, which a resumed run finds again.
            checks: Number of checks, the last after the last step.
            quiet: Print no figures.
        """
        self._held_out = held_out
        self._tagger = tagger
        self._folder = folder
        self._checks = checks
        self._quiet = quiet

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Check after each of ``checks`` equal parts of the steps."""
        every = max(1, state.max_steps // self._checks)
        if state.global_step % every == 0 or state.global_step == state.max_steps:
            self._check(state.global_step)

    def _check(self, step: int) -> None:
        from safetensors.torch import save_file

        found = self._held_out.check(self._tagger, step)
        self._tagger.train()
        report(
            f"step {step}: held-out character recall {found.recall:.4f} at over-redaction {found.over_redaction:.4f} "
            f"(bias {found.bias:.2f})",
            self._quiet,
        )
        earlier = self._best()
        # of equal weights the later: a run that resumes from an earlier checkpoint checks the same step again
        if earlier is None or found.recall >= earlier.recall:
            weights = {name: weight.detach().contiguous() for name, weight in self._trained()}
            save_file(weights, self._folder / _WEIGHTS)
            srsly.write_json(self._folder / _FIGURES, asdict(found))

    def _best(self) -> Best | None:
        path = self._folder / _FIGURES
        return Best(**srsly.read_json(path)) if path.is_file() else None

    def _trained(self) -> list[tuple[str, Any]]:
        return [(name, weight) for name, weight in self._tagger.named_parameters() if weight.requires_grad]

    def restore(self) -> Best:
        """Give the model the kept weights, and return their figures."""
        import torch
        from safetensors.torch import load_file

        weights, best = load_file(self._folder / _WEIGHTS), self._best()
        assert best is not None  # noqa: S101  the weights are written first
        with torch.no_grad():
            for name, weight in self._trained():
                weight.copy_(weights[name])
        return best
