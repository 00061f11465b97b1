"""Fine-tuning of a `Reader`: LoRA and a new head learn the labels of a note's second reading.

The loss is on labels alone. No word of a note is ever a target, so that the adapter does not learn to write notes.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import srsly
import torch
from spacy.tokens import Doc
from spacy.vocab import Vocab
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from transformers import Trainer

from spacy_deid.corpus.formats.docbin import read_docs
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan, char_spans
from spacy_deid.files import PRIVATE, sha256
from spacy_deid.generate.adapt.checkpoints import (
    checkpoint_folder,
    full_disk_as_oserror,
    keep_threads,
    kept_threads,
    remove_checkpoints,
)
from spacy_deid.generate.adapt.network import delta_norms, frozen_digest, open_for_adaptation
from spacy_deid.generate.adapt.run import VERSIONED, finished, hardware, write_adapter
from spacy_deid.generate.adapt.settings import AdaptSettings
from spacy_deid.generate.adapt.threads import choose_threads
from spacy_deid.generate.adapt.trainer import report, require_finite, train, trainer_of
from spacy_deid.generate.causal_lm import MANIFEST, base_identity
from spacy_deid.generate.slots.encode import without_overlaps
from spacy_deid.labels import categories, category_of
from spacy_deid.llm.echo import HEAD, Batch, EchoTagger, Frame, TagHead, batch_of, frame_of, save_head
from spacy_deid.llm.held_out import HeldOut, KeepBest
from spacy_deid.llm.pieces import labels_of_pieces, pieces_of
from spacy_deid.llm.reader import LONGEST_ROW, OVERLAP
from spacy_deid.llm.windows import cut
from spacy_deid.manifest import versions
from spacy_deid.models.resolve import resolve

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase

_BEGIN_WEIGHT = 0.2  # of the loss of "begins here", which decides only whether neighbours are one


@dataclass(frozen=True)
class GoldWindow:
    """The pieces of a window, the column of each piece's label, and whether an identifier begins at it."""

    ids: list[int] = field(repr=False)
    columns: list[int] = field(repr=False)
    begins: list[bool] = field(repr=False)


def adapt_reader(settings: AdaptSettings, out: Path, *, quiet: bool = False) -> dict[str, Any]:
    """Train a reader on annotated notes, write its adapter and head, and return the manifest.

    A run that was killed continues from its latest checkpoint. If ``out`` already holds the result of these settings
    and inputs, nothing is done.

    Args:
        settings: A whole adaptation config with the mode "read".
        out: Folder for adapter, tag_head.safetensors and adaptation.json, which holds figures and hashes and no text.
        quiet: Show no progress bar.

    Raises:
        DeidError: An input is unusable, a note lacks annotation, the loss is not a number, or a module did not change.
        KeyboardInterrupt: On Ctrl-C (Terminated on SIGTERM), after a checkpoint was written.
    """
    base = Path(resolve(settings.paths.model))
    made_of = _made_of(settings, base)
    fingerprint = hashlib.sha256(srsly.json_dumps(made_of, sort_keys=True).encode()).hexdigest()
    earlier = finished(out, fingerprint)
    if earlier is not None and (out / HEAD).is_file():
        return earlier

    train_docs = [doc for path in _training_files(settings) for doc in _annotated(path)]
    held_out = _annotated(settings.paths.dev)[: settings.training.held_out or None]
    labels = labels_in(train_docs)
    adapters, tokenizer = open_for_adaptation(settings, base)
    tagger = _tagger(adapters, labels)
    frozen_before = frozen_digest(adapters)
    folder = checkpoint_folder(out, fingerprint)
    frame = frame_of(tokenizer)
    windows = [window for doc in train_docs for window in gold_windows(doc, tokenizer, frame, labels)]
    batches = list(batches_of(windows, settings.training.block_size, settings.training.seed))
    _choose_threads(tagger, batches, frame, settings, folder, quiet)

    trainer = trainer_of(
        ReaderTrainer,
        tagger,
        [tensors_of(batch, frame) for batch in batches],
        settings.training,
        folder,
        collator=_only,
        quiet=quiet,
    )
    checks = HeldOut(held_out, tokenizer, settings.training.block_size, settings.reading.over_redaction)
    best = KeepBest(checks, tagger, folder, settings.reading.checks, quiet=quiet)
    trainer.add_callback(best)
    begun = monotonic()
    first_step = train(trainer, folder, settings.training.checkpoint_seconds)
    seconds = monotonic() - begun
    kept = best.restore()
    changes = delta_norms(adapters)
    if frozen_digest(adapters) != frozen_before:
        msg = "Adaptation changed the weights of the base model, which it must not do. Remedy: report this defect."
        raise DeidError(msg)
    manifest = {
        "fingerprint": fingerprint,
        **made_of,
        "labels": list(labels),
        "notes": {"train": len(train_docs), "held_out": len(held_out)},
        "pieces": sum(len(window.ids) for window in windows),
        "training": {
            "steps": trainer.state.global_step,
            "resumed_from_step": first_step,
            "seconds": round(seconds, 1),
        },
        "held_out": kept.as_dict(),
        "weight_change": {"modules": len(changes), "least": min(changes.values()), "norms": changes},
        "hardware": hardware(adapters),
        "versions": versions(*VERSIONED),
    }
    _write(tagger, adapters, settings.paths.model, base, manifest, out)
    remove_checkpoints(out)
    return manifest


def _write(
    tagger: EchoTagger, adapters: "PeftModel", base_name: str, base: Path, manifest: dict[str, Any], out: Path
) -> None:
    """Write head and adapter; the manifest, which marks both as finished, is absent meanwhile."""
    out.mkdir(parents=True, exist_ok=True)
    (out / MANIFEST).unlink(missing_ok=True)
    with full_disk_as_oserror(out):
        save_head(tagger.head, out / HEAD)
    (out / HEAD).chmod(PRIVATE)
    write_adapter(adapters, base_name, base, manifest, out)


def _made_of(settings: AdaptSettings, base: Path) -> dict[str, Any]:
    """Return everything that the reader depends on: the base model, the notes and the settings."""
    return {
        "base": base_identity(base),
        "corpus": {
            "train": [sha256(path) for path in _training_files(settings)],
            "dev": sha256(settings.paths.dev),
        },
        "settings": settings.model_dump(
            mode="json",
            # a run that was stopped may continue in fewer threads
            exclude={"paths": True, "training": {"checkpoint_seconds", "threads"}},
            exclude_none=True,
        ),
    }


def _training_files(settings: AdaptSettings) -> list[Path]:
    return [path for path in (settings.paths.train, settings.paths.public) if path is not None]


def _annotated(path: Path) -> list[Doc]:
    docs = [doc for doc in read_docs(path, Vocab()) if doc.text.strip()]
    if not any(char_spans(doc) for doc in docs):
        raise DeidError(
            f"{path} holds no annotated identifier, from which a reader could learn. "
            "Remedy: give a corpus with annotation, such as `deid convert` writes."
        )
    return docs


def labels_in(docs: Sequence[Doc]) -> tuple[str, ...]:
    """Return the categories of the notes' annotation, in the order of labels.toml."""
    found = {category_of(span.label) for doc in docs for span in char_spans(doc)}
    return tuple(category for category in categories() if category in found)


def gold_windows(
    doc: Doc, tokenizer: "PreTrainedTokenizerBase", frame: Frame, labels: Sequence[str]
) -> Iterator[GoldWindow]:
    """Yield the windows of an annotated note, cut as the reader cuts it."""
    text = doc.text
    note = pieces_of(text, tokenizer)
    spans = [CharSpan(span.start, span.end, category_of(span.label)) for span in without_overlaps(char_spans(doc))]
    columns = {label: number for number, label in enumerate(labels, 1)}
    column, begins = labels_of_pieces(text, note.offsets, spans, columns)
    for start, end in cut(text, note.offsets, frame.longest_window(LONGEST_ROW), OVERLAP):
        yield GoldWindow(note.ids[start:end], column[start:end].tolist(), begins[start:end].tolist())


def batches_of(windows: Sequence[GoldWindow], tokens: int, seed: int) -> Iterator[list[GoldWindow]]:
    """Yield the windows in random batches of similar length: at most ``tokens`` tokens, or a single window."""
    rng = random.Random(seed)  # noqa: S311
    order = list(windows)
    rng.shuffle(order)
    order.sort(key=lambda window: len(window.ids) + rng.random() * 40)
    batch: list[GoldWindow] = []
    for window in order:
        width = 2 * max(len(window.ids), *(len(other.ids) for other in batch), 0) + 2
        if batch and width * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def tensors_of(windows: Sequence[GoldWindow], frame: Frame) -> dict[str, Tensor]:
    """Return a batch as tensors: ids (rows, width), decided (pieces,), labels (pieces,), begins (pieces,)."""
    batch = batch_of([window.ids for window in windows], frame)
    return {
        "ids": batch.ids,
        "decided": batch.decided,
        "labels": torch.tensor([column for window in windows for column in window.columns]),
        "begins": torch.tensor([float(begin) for window in windows for begin in window.begins]),
    }


def summed_tag_loss(tagger: EchoTagger, inputs: dict[str, Tensor]) -> Tensor:
    """Return the cross entropy of the labels in nats, summed over pieces, and a share of that of "begins here"."""
    labels, begins = tagger(Batch(inputs["ids"], inputs["decided"]))
    loss = cross_entropy(labels, inputs["labels"], reduction="sum")
    inside = inputs["labels"] != 0
    beginnings = binary_cross_entropy_with_logits(begins[inside], inputs["begins"][inside], reduction="sum")
    return loss + _BEGIN_WEIGHT * beginnings


class ReaderTrainer(Trainer):
    """Trainer with `summed_tag_loss`. A checkpoint's weights are those of the optimizer."""

    def compute_loss(
        self,
        model: EchoTagger,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | None = None,
    ) -> Tensor:
        """Return the mean loss over the step's pieces; ``num_items_in_batch``: their number in the whole step."""
        count = len(inputs["labels"]) if num_items_in_batch is None else num_items_in_batch
        loss = summed_tag_loss(model, inputs) / count
        require_finite(loss, self.state.global_step + 1)
        return loss

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Make the checkpoint's folder: MasterAdamW stores the weights."""
        Path(output_dir or str(self.args.output_dir)).mkdir(parents=True, exist_ok=True)

    def _load_from_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: MasterAdamW restores the weights."""


def _tagger(adapters: "PeftModel", labels: Sequence[str]) -> EchoTagger:
    base = adapters.get_base_model()
    head = TagHead(base.config.hidden_size, labels).to(base.device)
    return EchoTagger(base, head)


def _choose_threads(
    tagger: EchoTagger,
    batches: Sequence[Sequence[GoldWindow]],
    frame: Frame,
    settings: AdaptSettings,
    folder: Path,
    quiet: bool,
) -> None:
    """Choose the number of threads on a CPU: that of the run's beginning, unless it is clearly slower now."""
    if tagger.network.device.type != "cpu":
        return
    weights = [weight for weight in tagger.parameters() if weight.requires_grad]
    trial = tensors_of(batches[0][:1], frame)

    def step() -> object:
        return torch.autograd.grad(summed_tag_loss(tagger, trial), weights, allow_unused=True)

    threads, words = choose_threads(step, wanted=settings.training.threads, usual=kept_threads(folder))
    keep_threads(folder, threads)
    report(f"adapt: {words}", quiet)


def _only(batches: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return the batch of a step: each row of the training data is one already."""
    (batch,) = batches
    return batch
