"""One shard of a run: turns seeds into annotated and filtered notes, with a progress bar."""

import threading
import time
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

    Raises DeidError unless the pipeline can write notes and stores no texts: it needs a deid_filter and an llm
    component with one of this package's models; spacy-llm's cache and save_io must be off.
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
            "The pipeline's llm component has save_io or a cache path set: both store texts in clear. "
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
    """Return the notes of the seeds, in their order, and id -> error for notes on which a component failed.

    An error of the language model concerns all notes and is raised; an error of a later component excludes its note.
    """
    notes = list(nlp.get_pipe(LLM).pipe(seeds, batch_size=len(seeds)))  # type: ignore[attr-defined]
    return _annotate(nlp, notes)


def _annotate(nlp: Language, notes: Sequence[Doc]) -> tuple[list[Doc], dict[str, str]]:
    with nlp.select_pipes(disable=[LLM]):
        try:
            return list(nlp.pipe(notes)), {}
        except Exception:  # of any component and kind; in a batch it is not known which note caused it
            return _annotate_singly(nlp, notes)


def _annotate_singly(nlp: Language, notes: Sequence[Doc]) -> tuple[list[Doc], dict[str, str]]:
    done: list[Doc] = []
    failed: dict[str, str] = {}
    for note in notes:
        try:
            done.append(nlp(note))
        except Exception as error:  # of any component and kind; reported by id at the end
            failed[note._.deid_id] = _without_text(error)
    return done, failed


def _without_text(error: Exception) -> str:
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, DeidError) else kind  # other messages may hold text


class NoteMeter:
    """Moves a tqdm bar with every note that ends, and shows the tokens and the tokens per second.

    Engines may call it from several threads.
    """

    _REFRESH = 0.5  # seconds

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._tokens = 0
        self._start = self._shown = time.perf_counter()
        self._lock = threading.Lock()

    def __call__(self, tokens: int, notes: int) -> None:
        """Add ``tokens`` and ``notes`` to the counts."""
        with self._lock:
            self._tokens += tokens
            self._bar.update(notes)
            now = time.perf_counter()
            if now - self._shown >= self._REFRESH:
                self._shown = now
                speed = self._tokens / (now - self._start)
                self._bar.set_postfix_str(f"{self._tokens:,} tokens, {speed:.0f} tokens/s")
