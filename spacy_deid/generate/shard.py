"""One shard of a run: seeds to annotated and judged notes."""

from collections.abc import Sequence
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.generate.llm_models import NoteModel

LLM = "llm"
FILTER = "deid_filter"


def note_model(nlp: Language) -> NoteModel:
    """Return the model that the pipeline samples from.

    Raises DeidError unless the pipeline can write notes and keeps their texts to itself: it needs an llm
    component with one of this package's models and a deid_filter; spacy-llm's cache and save_io must be off.
    """
    for name in (LLM, FILTER):
        if name not in nlp.pipe_names:
            raise DeidError(
                f"The pipeline has no component {name!r} (it has: {', '.join(nlp.pipe_names) or 'none'}). "
                "Remedy: make it with `spacy assemble` from one of the generator.cfg files."
            )
    settings = nlp.config["components"][LLM]
    if settings["save_io"] or settings["cache"]["path"] is not None:
        message = (
            "The pipeline's llm component has save_io or a cache path set: both keep texts in clear. "
            "Remedy: set save_io = false and leave the cache out of the config."
        )
        raise DeidError(message)
    model = nlp.get_pipe(LLM)._model  # type: ignore[attr-defined]  # spacy-llm has no public way to it
    if not isinstance(model, NoteModel):
        raise DeidError(
            f"The pipeline's llm component has a model of type {type(model).__name__}. "
            "Remedy: use deid.CausalLM.v1 or deid.VLLM.v1."
        )
    return model


def make_notes(nlp: Language, seeds: Sequence[Doc]) -> tuple[list[Doc], dict[str, str]]:
    """Return the notes of the seeds, in their order, and the ids of those that a component failed on.

    An error of the language model is everybody's, and raised; one of a later component sets its note aside.
    """
    notes = list(nlp.get_pipe(LLM).pipe(seeds, batch_size=len(seeds)))  # type: ignore[attr-defined]
    return _annotate(nlp, notes)


def _annotate(nlp: Language, notes: Sequence[Doc]) -> tuple[list[Doc], dict[str, str]]:
    failed: dict[str, str] = {}

    def set_aside(name: str, component: Any, docs: Sequence[Doc], error: Exception) -> None:
        failed.update({doc._.deid_id: f"{name}: {type(error).__name__}" for doc in docs})

    with nlp.select_pipes(disable=[LLM]):
        nlp.set_error_handler(set_aside)
        done = list(nlp.pipe(notes))
        # a component drops the whole batch that it fails on: alone, all but the culprit pass
        again = [note for note in notes if note._.deid_id in failed]
        failed.clear()
        done += nlp.pipe(again, batch_size=1)
    order = {note._.deid_id: number for number, note in enumerate(notes)}
    return sorted(done, key=lambda note: order[note._.deid_id]), failed
