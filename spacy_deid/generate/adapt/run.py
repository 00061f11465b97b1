"""The whole adaptation: read, pack, train, prove, write."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import srsly

from spacy_deid.errors import DeidError
from spacy_deid.files import sha256
from spacy_deid.generate.adapt.callbacks import tell
from spacy_deid.generate.adapt.checkpoints import checkpoint_folder, keep_threads, kept_threads, remove_checkpoints
from spacy_deid.generate.adapt.network import open_for_adaptation
from spacy_deid.generate.adapt.output import finished, hardware, write_adapter
from spacy_deid.generate.adapt.packing import pack
from spacy_deid.generate.adapt.private import Unit, read_units, train_privately
from spacy_deid.generate.adapt.proof import delta_norms, frozen_digest, held_out_loss
from spacy_deid.generate.adapt.public import public_sources, public_texts
from spacy_deid.generate.adapt.settings import Privacy, Settings, Training
from spacy_deid.generate.adapt.texts import read_texts, tokenize
from spacy_deid.generate.adapt.threads import choose_threads, trial_step
from spacy_deid.generate.adapt.trainer import make_trainer, train
from spacy_deid.generate.base_model import base_identity
from spacy_deid.models.resolve import resolve

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase

VERSIONED = ("spacy-deid", "torch", "transformers", "peft")


def adapt(settings: Settings, out: Path, *, quiet: bool = False) -> dict[str, Any]:
    """Adapt the base model to the training notes and write the adapter to ``out``; return its manifest.

    ``out`` gets the adapter in peft's format and adaptation.json, which holds figures and hashes and no text. A run
    that was killed goes on from its latest checkpoint and ends with the same adapter, as long as it can keep to as many
    threads; one with differential privacy begins anew and ends with another. Where ``out`` already holds what these
    settings and inputs give, nothing is done.

    Raises DeidError for unusable input, a loss that is no number, a module that did not change and a base that did;
    KeyboardInterrupt or Terminated on Ctrl-C or SIGTERM, which leave a checkpoint.
    """
    paths, corpus, training = settings.paths, settings.corpus, settings.training
    train_texts = read_texts(paths.train, corpus.mode, corpus.lang)
    dev_texts = read_texts(paths.dev, corpus.mode, corpus.lang)[: training.held_out or None]
    base = Path(resolve(paths.model))
    made_of = {
        "base": base_identity(base),
        "corpus": {
            "train": sha256(paths.train),
            "dev": sha256(paths.dev),
            "public": public_sources(corpus, training.seed),
        },
        "settings": settings.model_dump(
            mode="json",
            # a run that was stopped may go on in fewer threads
            exclude={"paths": True, "training": {"checkpoint_seconds", "threads"}},
            exclude_none=True,
        ),
    }
    fingerprint = hashlib.sha256(srsly.json_dumps(made_of, sort_keys=True).encode()).hexdigest()
    manifest = finished(out, fingerprint)
    if manifest is not None:
        return manifest

    model, tokenizer = open_for_adaptation(settings, base)
    held_out = tokenize(dev_texts, tokenizer)
    folder = checkpoint_folder(out, fingerprint)
    _choose_threads(model, held_out, training, folder, quiet)
    frozen_before = frozen_digest(model)
    loss_before = held_out_loss(model, held_out, training.block_size, quiet=quiet)

    if settings.privacy is None:
        documents = tokenize([*train_texts, *public_texts(corpus, training.seed)], tokenizer)
        trained = _train_packed(model, documents, tokenizer, training, folder, quiet)
    else:
        units = read_units(paths.train, corpus, tokenizer)
        trained = _train_privately(model, units, training, settings.privacy, quiet)

    changes = delta_norms(model)
    if frozen_digest(model) != frozen_before:
        msg = "Adaptation changed the base model's weights, which it must not. Remedy: report this defect."
        raise DeidError(msg)
    loss_after = held_out_loss(model, held_out, training.block_size, quiet=quiet)
    manifest = {
        "fingerprint": fingerprint,
        **made_of,
        "notes": {"train": len(train_texts), "public": corpus.public, "held_out": len(dev_texts)},
        **trained,
        "held_out_loss": {
            "unit": "nats per token",
            "before": round(loss_before, 6),
            "after": round(loss_after, 6),
        },
        "weight_change": {"modules": len(changes), "least": min(changes.values()), "norms": changes},
        "hardware": hardware(model),
        "versions": {name: version(name) for name in VERSIONED},
    }
    write_adapter(model, paths.model, base, manifest, out)
    remove_checkpoints(out)
    return manifest


def _choose_threads(
    model: "PeftModel", documents: list[list[int]], training: Training, folder: Path, quiet: bool
) -> None:
    """Choose how many threads a CPU computes in: those that the run was begun in unless they are clearly slower now."""
    if model.device.type == "cpu":
        threads, words = choose_threads(
            trial_step(model, documents), wanted=training.threads, usual=kept_threads(folder)
        )
        keep_threads(folder, threads)
        tell(f"adapt: {words}", quiet)


def _train_privately(
    model: "PeftModel", units: list[Unit], training: Training, privacy: Privacy, quiet: bool
) -> dict[str, Any]:
    try:
        return train_privately(model, units, training, privacy, quiet=quiet)
    except KeyboardInterrupt as stop:
        msg = "Stopped. Training with differential privacy keeps no checkpoint: the same command begins anew."
        raise type(stop)(msg) from None


def _train_packed(
    model: "PeftModel",
    documents: list[list[int]],
    tokenizer: "PreTrainedTokenizerBase",
    training: Training,
    folder: Path,
    quiet: bool,
) -> dict[str, Any]:
    """Train on the documents in packed blocks, from the latest checkpoint in ``folder``; return the manifest's part."""
    blocks = pack(documents, training.block_size, padding=tokenizer.eos_token_id)
    trainer = make_trainer(model, blocks, training, folder, quiet)
    begun = monotonic()
    first_step = train(trainer, folder, training.checkpoint_seconds)
    seconds = monotonic() - begun
    steps = trainer.state.global_step
    tokens = (steps - first_step) * training.batch_size * training.gradient_accumulation * training.block_size
    return {
        "packing": {
            "blocks": len(blocks.inputs),
            "tokens": blocks.predicted,
            "padding_share": round(blocks.padding_share, 6),
        },
        "training": {
            "steps": steps,
            "resumed_from_step": first_step,
            "seconds": round(seconds, 1),
            "tokens_per_second": round(tokens / seconds, 1),
        },
    }
