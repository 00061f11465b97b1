"""Token-level F1, the measure of Vakili et al. 2025: micro-averaged over the tokens of identifiers."""

import re
from collections.abc import Iterable

from spacy_deid.evaluate.counts import Counts
from spacy_deid.evaluate.note import ScoredNote
from spacy_deid.extensions import CharSpan

# A rule of thumb instead of a pipeline's tokenizer, so that two pipelines are counted alike:
# a run of letters and digits, or a single mark.
TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")


def token_counts(note: ScoredNote) -> Counts:
    """Count (token, label) pairs; a token carries the label of each span that touches it."""
    tokens = [match.span() for match in TOKEN.finditer(note.text)]
    return Counts.of(_labelled(tokens, note.gold), _labelled(tokens, note.predicted))


def _labelled(tokens: list[tuple[int, int]], spans: Iterable[CharSpan]) -> set[tuple[int, str]]:
    owner = {offset: number for number, (start, end) in enumerate(tokens) for offset in range(start, end)}
    return {(owner[offset], span.label) for span in spans for offset in range(span.start, span.end) if offset in owner}
