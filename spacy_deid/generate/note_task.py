"""The spacy-llm task that writes notes: seed Docs in, *new* Docs out."""

import logging
import re
from collections.abc import Callable
from typing import Any, Iterable  # noqa: UP035  spacy-llm compares annotations with typing.Iterable

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy_llm.registry import registry

from spacy_deid.annotate.merge import WRITTEN
from spacy_deid.annotate.policy import CERTAIN
from spacy_deid.annotate.ranges import TokenRanges
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan, sourced_span
from spacy_deid.generate.engines.protocol import Completion, Prompt
from spacy_deid.generate.modes import read_written
from spacy_deid.generate.seeds import is_seed

# the end of a line or of a sentence, at which a truncated note can stop
_STOP = re.compile(r"\n|[.!?](?=\s|$)")
_SOURCES = {"slots": "slot", "inline": "inline"}  # by mode


class _NoTexts(logging.Filter):
    """Drops DEBUG records: spacy-llm logs each prompt, response and document at that level."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.DEBUG


_NO_TEXTS = _NoTexts()


def silence_texts() -> None:
    """Keep note texts out of spacy-llm's log; to be called before the first prompt, a second call changes nothing."""
    logging.getLogger("spacy_llm").addFilter(_NO_TEXTS)


class NoteTask:
    """Turns a seed Doc into a prompt, and the completion of the prompt into a new Doc.

    The text of a seed Doc is the beginning of the note; its ``deid_meta`` holds "seed" and "mode" (see `modes`). The
    new Doc has the seed's ``deid_id`` and ``deid_group``. Its ``deid_meta`` also holds "finished" (whether the model
    ended the note itself), "tokens", and the numbers of the model's marks that were "repaired" and "malformed".

    The model's own marks are in ``doc.spans["deid_written"]``, with the source "slot" or "inline". ``doc.ents`` stays
    empty, because an annotator would not change entities that are already set.
    """

    def __init__(self, tokenizer: Callable[[Language], Tokenizer]) -> None:
        silence_texts()
        self._make_tokenizer = tokenizer
        self._tokenizer: Tokenizer | None = None

    def generate_prompts(self, docs: Iterable[Doc]) -> Iterable[Prompt]:
        """Yield one prompt for each seed Doc; raises DeidError for a Doc that is not a seed."""
        for doc in docs:
            if not is_seed(doc):
                raise DeidError(f"The Doc {doc._.deid_id!r} is not a seed. Remedy: make seeds with `spacy deid seed`.")
            yield Prompt(doc.text, doc._.deid_meta["seed"])

    # each response is a group of one completion; spacy-llm 0.7.4 wants the annotation one level flatter
    def parse_responses(self, docs: Iterable[Doc], responses: Iterable[Any]) -> Iterable[Doc]:
        """Yield the new Doc of each seed Doc."""
        for seed, (completion,) in zip(docs, responses, strict=True):
            mode, number = seed._.deid_meta.get("mode", "prefix"), seed._.deid_meta["seed"]
            written = read_written(note_text(seed.text, completion), mode, seed.vocab.lang, number)
            note = self._tokenize(seed, written.text)
            note._.deid_id = seed._.deid_id
            note._.deid_group = seed._.deid_group
            note._.deid_meta = {
                **seed._.deid_meta,
                "finished": completion.finished,
                "tokens": completion.tokens,
            }
            if mode != "prefix":
                note._.deid_meta |= {"repaired": written.repaired, "malformed": written.malformed}
                self._mark(note, written.spans, _SOURCES[mode])
            yield note

    def _mark(self, note: Doc, spans: Iterable[CharSpan], source: str) -> None:
        tokens = TokenRanges(note)
        placed = [(tokens.expanded(start, end), label) for start, end, label in spans]
        note.spans[WRITTEN] = [sourced_span(note, *at, label, source, CERTAIN) for at, label in placed if at]

    def _tokenize(self, seed: Doc, text: str) -> Doc:
        if self._tokenizer is None:
            # a task cannot reach its pipeline: a bare one over the same vocab makes the tokenizer
            self._tokenizer = self._make_tokenizer(spacy.blank(seed.vocab.lang, vocab=seed.vocab))
        return self._tokenizer(text)


def note_text(prefix: str, completion: Completion) -> str:
    """Return prefix and continuation as one note.

    A note that max_tokens truncated ends at the last end of a line or sentence that the model wrote, if there is one:
    half a name is an identifier that the annotator cannot recognise.
    """
    written = completion.text
    if not completion.finished:
        stops = [match.end() for match in _STOP.finditer(written)]
        written = written[: stops[-1]] if stops else written
    return prefix + written


@registry.llm_tasks("deid.Note.v1")
def make_note_task(tokenizer: Callable[[Language], Tokenizer]) -> NoteTask:
    """Make the task; ``tokenizer``: the pipeline's own, in a config ``tokenizer = ${nlp.tokenizer}``."""
    return NoteTask(tokenizer)
