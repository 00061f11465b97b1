"""The augmenter ``deid.Refill.v1``: a training note with other people, dates, places and numbers."""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from spacy.language import Language
from spacy.training import Example
from spacy.util import registry

from spacy_deid.corpus.templates.fill import Piece, join
from spacy_deid.corpus.templates.template import Slot
from spacy_deid.extensions import CharSpan
from spacy_deid.generate.slots.encode import slots_at
from spacy_deid.generate.slots.fill import values_for
from spacy_deid.generate.slots.notation import GAP, parse


@registry.augmenters("deid.Refill.v1")
def create_refill() -> Callable[[Language, Example], Iterator[Example]]:
    """Return the augmenter ``deid.Refill.v1``: it replaces the entities of an example by invented ones.

    New values agree with one another, and each has the label and the form of the one that it replaces. The text
    between entities stays. So does an entity for which the pipeline's language has no values, among them those of the
    category OTHER, which may be anything ("de raza negra"). A note in which a new value is not a run of whole tokens
    stays as it is. The augmenter draws from Python's global generator, as spaCy's own augmenters do; spaCy seeds it for
    a training.
    """

    @cache  # a few notes are refilled many times, and finding the slots of one takes longer than filling them
    def slots(text: str, spans: tuple[CharSpan, ...], lang: str) -> tuple[Slot, ...]:
        parts = parse("".join(slots_at(spans, text, lang)), lang).parts
        return tuple(part for part in parts if isinstance(part, Slot))

    def refill(nlp: Language, example: Example) -> Iterator[Example]:
        doc = example.reference
        text = doc.text
        spans = tuple(CharSpan(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents)
        yield _refilled(text, spans, slots(text, spans, nlp.vocab.lang), nlp) or example

    return refill


def _refilled(text: str, spans: Sequence[CharSpan], slots: tuple[Slot, ...], nlp: Language) -> Example | None:
    """Return the note with new values at the spans; None where one of them is not a run of whole tokens."""
    values = values_for(slots, nlp.vocab.lang, random.Random(random.getrandbits(32)))  # noqa: S311
    pieces: list[Piece] = []
    end = 0
    for span, slot in zip(spans, slots, strict=True):
        old = text[span.start : span.end]
        new = old if slot.stem == GAP else values.value(slot.stem, slot.form)
        pieces += [(text[end : span.start], ""), (new, span.label)]
        end = span.end
    refilled, places = join([*pieces, (text[end:], "")])
    reference = nlp.make_doc(refilled)
    predicted = reference.copy()
    ents = [ent for place in places if (ent := reference.char_span(*place)) is not None]
    if len(ents) < len(places):
        return None
    reference.set_ents(ents)
    return Example(predicted, reference)
