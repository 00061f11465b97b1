"""The whole adaptation: reads, packs and trains, checks that only the adapters changed, and writes the adapter."""

import hashlib
import resource
import shutil
import tempfile
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import srsly
import torch
from peft import PeftModel

from spacy_deid.errors import DeidError
from spacy_deid.files import PRIVATE, sha256, write_json
from spacy_deid.generate.adapt.checkpoints import (
    checkpoint_folder,
    full_disk_as_oserror,
    keep_threads,
    kept_threads,
    remove_checkpoints,
)
from spacy_deid.generate.adapt.data import pack, public_sources, public_texts, read_texts, tokenize
from spacy_deid.generate.adapt.network import delta_norms, frozen_digest, open_for_adaptation
from spacy_deid.generate.adapt.optimization import held_out_loss
from spacy_deid.generate.adapt.private import Unit, read_units, train_privately
from spacy_deid.generate.adapt.settings import AdaptSettings, Privacy, Training
from spacy_deid.generate.adapt.threads import choose_threads, trial_step
from spacy_deid.generate.adapt.trainer import make_trainer, report, train
from spacy_deid.generate.causal_lm import MANIFEST, base_identity
from spacy_deid.manifest import read_manifest, versions
from spacy_deid.models.resolve import resolve

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedTokenizerBase


VERSIONED = ("spacy-deid", "torch", "transformers", "peft")
ADAPTER_FILES = ("adapter_model.safetensors", "adapter_config.json")
NOTICES = ("LICEN*", "NOTICE*")  # an adapter is a derivative of its base, whose terms apply to it


def adapt(settings: AdaptSettings, out: Path, *, quiet: bool = False) -> dict[str, Any]:
    """Adapt the base model to the training notes, write the adapter and return its manifest.

    A run that was killed continues from its latest checkpoint, and ends with the same adapter if it uses as many
    threads. A run with differential privacy starts again and ends with another adapter. If ``out`` already holds the
    result of these settings and inputs, nothing is done.

    Args:
        settings: A whole adaptation config.
        out: Folder for the adapter in peft's format and adaptation.json, which holds figures and hashes and no text.
        quiet: Show no progress bar.

    Raises:
        DeidError: An input is unusable, the loss is not a number, a module did not change, or the base changed.
        KeyboardInterrupt: On Ctrl-C (Terminated on SIGTERM), after a checkpoint was written.
    """
    paths, corpus, training = settings.paths, settings.corpus, settings.training
    train_texts = read_texts(paths.train, corpus.text_mode, corpus.lang)
    dev_texts = read_texts(paths.dev, corpus.text_mode, corpus.lang)[: training.held_out or None]
    base = Path(resolve(paths.model))
    made_of = _made_of(settings, base)
    fingerprint = hashlib.sha256(srsly.json_dumps(made_of, sort_keys=True).encode()).hexdigest()
    earlier = finished(out, fingerprint)
    if earlier is not None:
        return earlier

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
        msg = "Adaptation changed the weights of the base model, which it must not do. Remedy: report this defect."
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
        "versions": versions(*VERSIONED),
    }
    write_adapter(model, paths.model, base, manifest, out)
    remove_checkpoints(out)
    return manifest


def _made_of(settings: AdaptSettings, base: Path) -> dict[str, Any]:
    """Return everything that the adapter depends on: the base model, the notes and the settings."""
    return {
        "base": base_identity(base),
        "corpus": {
            "train": sha256(settings.paths.train),
            "dev": sha256(settings.paths.dev),
            "public": public_sources(settings.corpus, settings.training.seed),
        },
        "settings": settings.model_dump(
            mode="json",
            # a run that was stopped may continue in fewer threads
            exclude={"paths": True, "training": {"checkpoint_seconds", "threads"}},
            exclude_none=True,
        ),
    }


def _choose_threads(
    model: "PeftModel", documents: list[list[int]], training: Training, folder: Path, quiet: bool
) -> None:
    """Choose the number of threads on a CPU: that of the run's beginning, unless it is clearly slower now."""
    if model.device.type == "cpu":
        threads, words = choose_threads(
            trial_step(model, documents), wanted=training.threads, usual=kept_threads(folder)
        )
        keep_threads(folder, threads)
        report(f"adapt: {words}", quiet)


def _train_privately(
    model: "PeftModel", units: list[Unit], training: Training, privacy: Privacy, quiet: bool
) -> dict[str, Any]:
    try:
        return train_privately(model, units, training, privacy, quiet=quiet)
    except KeyboardInterrupt as stop:
        msg = "Stopped. Training with differential privacy keeps no checkpoint: the same command starts again."
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


def finished(out: Path, fingerprint: str) -> dict[str, Any] | None:
    """Return the manifest in ``out`` if a run of this ``fingerprint`` wrote it and its adapter still exists."""
    manifest = read_manifest(out / MANIFEST)
    is_whole = all((out / name).is_file() for name in ADAPTER_FILES)
    return manifest if is_whole and manifest.get("fingerprint") == fingerprint else None


def write_adapter(model: PeftModel, base_name: str, base: Path, manifest: dict[str, Any], out: Path) -> None:
    """Write the adapter, complete or not at all.

    The manifest is written last, because it marks the adapter as finished. Only the owner can read the adapter, because
    it may have memorised training data.

    Args:
        model: The trained model.
        base_name: Name of the base in the config.
        base: Directory of the base, whose licences are copied.
        manifest: Contents of adaptation.json.
        out: Folder to write to.
    """
    model.peft_config["default"].base_model_name_or_path = base_name
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".adapter.") as folder:
        with full_disk_as_oserror(out):
            model.save_pretrained(folder, save_embedding_layers=False)
        (out / MANIFEST).unlink(missing_ok=True)
        for name in ADAPTER_FILES:
            written = Path(folder) / name
            written.chmod(PRIVATE)
            written.replace(out / name)
    for notice in (path for pattern in NOTICES for path in base.glob(pattern)):
        shutil.copyfile(notice, out / notice.name)
    write_json(out / MANIFEST, manifest)


def hardware(model: PeftModel) -> dict[str, Any]:
    """Return the device, the type of the weights and the peak memory of this process in bytes."""
    gpu = model.device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name() if gpu else "cpu",
        "threads": torch.get_num_threads(),
        "dtype": str(next(p.dtype for p in model.parameters() if p.requires_grad)).removeprefix("torch."),
        "peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "peak_gpu_memory": torch.cuda.max_memory_allocated() if gpu else 0,
    }
