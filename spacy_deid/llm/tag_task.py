"""The spacy-llm task ``deid.Tag.v1``: a language model marks the identifiers of a Doc."""

from typing import Any, Iterable  # noqa: UP035  spacy-llm compares annotations with typing.Iterable

from spacy.tokens import Doc
from spacy_llm.registry import registry

from spacy_deid.annotate.merge import LLM
from spacy_deid.annotate.ranges import TokenRanges
from spacy_deid.extensions import sourced_span
from spacy_deid.generate.note_task import silence_texts
from spacy_deid.llm.passages import Passage, passage_of


class TagTask:
    """Turns a Doc into a passage, and the model's answer into ``doc.spans["deid_llm"]``; the text stays as it is.

    The spans have the source "llm" and as their score the probability that they are identifiers.
    """

    def __init__(self) -> None:
        silence_texts()

    def generate_prompts(self, docs: Iterable[Doc]) -> Iterable[Passage]:
        """Yield one passage for each Doc: its text, and its tokens that are not white space."""
        for doc in docs:
            yield passage_of(doc)

    # each response is a group of one answer; spacy-llm 0.7.4 wants the annotation one level flatter
    def parse_responses(self, docs: Iterable[Doc], responses: Iterable[Any]) -> Iterable[Doc]:
        """Yield each Doc with the answer's spans."""
        for doc, (spans,) in zip(docs, responses, strict=True):
            tokens = TokenRanges(doc)
            placed = [(tokens.expanded(span.start, span.end), span) for span in spans]
            doc.spans[LLM] = [sourced_span(doc, *at, span.label, "llm", span.score) for at, span in placed if at]
            yield doc


@registry.llm_tasks("deid.Tag.v1")
def make_tag_task() -> TagTask:
    """Make the task."""
    return TagTask()
