"""Callbacks of training configs, for ``[initialize.before_init]``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from confection import ConfigValidationError
from spacy.language import Language

from spacy_deid.errors import DeidError
from spacy_deid.files import sha256
from spacy_deid.models.resolve import resolve

NlpCallback = Callable[[Language], Language]

TRAINED_ON = "deid_trained_on"  # in the pipeline's meta.json


def make_chain(*callbacks: NlpCallback) -> NlpCallback:
    """Return the callback ``deid.Chain.v1``: it calls each of ``callbacks`` on the result of the one before.

    In a config they are blocks such as ``[initialize.before_init.*.first]``, which are called in their order there.
    """

    def chain(nlp: Language) -> Language:
        for callback in callbacks:
            nlp = callback(nlp)
        return nlp

    return chain


def make_fast_matmul() -> NlpCallback:
    """Return the callback ``deid.FastMatmul.v1``: torch multiplies float32 matrices in bfloat16 steps.

    This is twice as fast on CPUs with AMX, is TF32 on GPUs, and has no effect elsewhere; weights and sums stay
    float32. See torch.set_float32_matmul_precision.
    """

    def enable(nlp: Language) -> Language:
        import torch

        torch.set_float32_matmul_precision("medium")
        return nlp

    return enable


def make_trained_on() -> NlpCallback:
    """Return the callback ``deid.TrainedOn.v1``: it records the SHA-256 of training files in the pipeline's metadata.

    For each block of ``[corpora]``, the metadata gets the hashes of the files that the block names, before any of them
    is read; neither names nor texts. `deid release` compares them with the audited notes.
    """

    def record(nlp: Language) -> Language:
        corpora = nlp.config.interpolate()["corpora"]
        nlp.meta[TRAINED_ON] = {name: _hashes(settings) for name, settings in corpora.items()}
        return nlp

    return record


def _hashes(settings: dict[str, Any]) -> list[str]:
    values = [value for name, value in settings.items() if name != "@readers" and isinstance(value, str | Path)]
    return sorted({sha256(file) for value in values for file in _files(Path(value))})


def _files(path: Path) -> list[Path]:
    """Return a file, or all files in a folder; none if the path does not exist, which the reader reports."""
    return [file for file in (path, *path.rglob("*")) if file.is_file()]


def make_local_encoder() -> NlpCallback:
    """Return the callback ``deid.LocalEncoder.v1``: it opens encoders from this machine, even those with a hub name.

    spacy-transformers would ask the hub for any name that is not a directory. The callback gives each unopened encoder
    the local directory that `spacy_deid.models.resolve` finds. A trained pipeline includes its weights, so that loading
    it needs no encoder.

    A frozen encoder (``frozen_components``) is opened here too, because spaCy does not initialise frozen components.

    The callback raises ConfigValidationError if a model is absent or unsafe to load: `spacy train` shows this error
    without a traceback.
    """
    return _use_local_directories


def _use_local_directories(nlp: Language) -> Language:
    from spacy_transformers.layers import TransformerModel

    components: list[tuple[str, Any]] = nlp.components
    for name, pipe in components:
        model = getattr(pipe, "model", None)
        if isinstance(model, TransformerModel) and not model.attrs["has_transformer"]:
            try:
                model.attrs["name"] = resolve(model.attrs["name"])
            except DeidError as error:
                raise ConfigValidationError(title="The encoder cannot be used", desc=str(error)) from error
            if name in nlp.disabled:
                pipe.initialize(lambda: [])
                for _, other in components:
                    pipe.find_listeners(other)  # they learn the encoder's width
    return nlp
