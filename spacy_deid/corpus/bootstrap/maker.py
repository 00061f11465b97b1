"""Makes a note of templates, from the seed and the note's number alone."""

import random
import re
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import NamedTuple

from spacy_deid.corpus.bootstrap.fill import Piece, fill, join
from spacy_deid.corpus.bootstrap.noise import Noise
from spacy_deid.corpus.bootstrap.quotas import expected_spans, weights_within
from spacy_deid.corpus.bootstrap.settings import Recipe
from spacy_deid.corpus.bootstrap.vocabulary import Vocabulary
from spacy_deid.corpus.note import Note
from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.tables import words_of
from spacy_deid.lang.templates import Parts, Template
from spacy_deid.surrogates.cast import Cast

_MOST_TEMPLATES = 3  # in a composed note
_DIGITS = re.compile(r"\d+")


class Draft(NamedTuple):
    """A note, and a digest that notes share which differ in values, digits and noise only."""

    note: Note
    likeness: bytes


class Variant(NamedTuple):
    """A way to write a kind of note."""

    template: Template
    parts: Parts
    identifies: bool  # whether it may hold a span


class NoteMaker:
    """Makes the notes of one corpus.

    corpus: its name, such as train; corpora of other names are different with the same seed. Raises DeidError where
    the templates cannot meet the recipe's quotas.
    """

    def __init__(self, lang: str, seed: int, corpus: str, templates: Sequence[Template], recipe: Recipe) -> None:
        self.lang, self.seed, self.corpus = lang, seed, corpus
        self.composed = recipe.composed
        self.noise = Noise(lang, recipe.noise)
        self.vocabulary = Vocabulary(lang, recipe.other_words)
        spans = [expected_spans(parts) for template in templates for parts in template.variants]
        weights = [template.weight / len(template.variants) for template in templates for _ in template.variants]
        self.weights = weights_within(recipe.quotas, recipe.without_identifiers, spans, weights)
        written = [(template, parts) for template in templates for parts in template.variants]
        self.variants = [
            Variant(template, parts, bool(held)) for (template, parts), held in zip(written, spans, strict=True)
        ]
        self.bounds = list(accumulate(self.weights))

    def draft(self, number: int) -> Draft:
        """Return note ``number``, 0 or above."""
        note_id = f"{self.lang}-{self.corpus}-{number:06}"
        rng = random.Random(f"{self.seed}/{note_id}")  # noqa: S311
        (first,) = rng.choices(self.variants, cum_weights=self.bounds)
        parts = first.parts
        if rng.random() < self.composed and first.identifies:
            for other in self._companions(first, rng):
                parts = (*parts, "\n\n", *other.parts)
        mark = pack_of(self.lang).facts.decimal_mark
        pieces = fill(parts, Cast(self.lang, rng), words_of(self.lang), rng, decimal_mark=mark)
        text, spans = join(self.noise(self.vocabulary(pieces, rng), rng))
        return Draft(Note(note_id, first.template.name, text, spans), _likeness(pieces))

    def drafts(self, start: int, stop: int) -> list[Draft]:
        """Return the notes from number ``start`` to before ``stop``."""
        return [self.draft(number) for number in range(start, stop)]

    def _companions(self, first: Variant, rng: random.Random) -> list[Variant]:
        """Draw one or more variants of other templates of the same speciality, where there are any."""
        speciality = first.template.speciality
        drawn = {first.template.name: first}
        for variant in rng.choices(self.variants, cum_weights=self.bounds, k=20):
            if variant.identifies and variant.template.speciality == speciality:
                drawn.setdefault(variant.template.name, variant)
        return list(drawn.values())[1 : rng.randint(2, _MOST_TEMPLATES)]


def _likeness(pieces: Sequence[Piece]) -> bytes:
    outline = " ".join([label or text for text, label in pieces])
    return blake2b(_DIGITS.sub("0", outline.casefold()).encode(), digest_size=12).digest()
