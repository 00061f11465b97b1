"""Encoders come from this machine, also where a config gives the name of a hub model."""

from typing import Any

from confection import ConfigValidationError
from spacy.language import Language

from spacy_deid.errors import DeidError
from spacy_deid.models.resolve import resolve
from spacy_deid.training.chain import NlpCallback


def make_local_encoder() -> NlpCallback:
    """Return the callback ``deid.LocalEncoder.v1`` for ``[initialize.before_init]``.

    spacy-transformers would ask the hub for any name that is no directory. Here each encoder that is yet to be opened
    gets the local directory that `spacy_deid.models.resolve` finds. A trained pipeline carries its weights, so loading
    one needs no encoder.

    An encoder that the training keeps as it is (``frozen_components``) is opened here as well: spaCy initialises no
    frozen component.

    The callback raises ConfigValidationError when a model is absent or unsafe to load: `spacy train` shows it without
    a traceback.
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
                    pipe.find_listeners(other)  # tells them the encoder's width
    return nlp
