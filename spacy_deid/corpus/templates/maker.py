"""Generates notes from templates; each depends only on the seed and the note's number."""

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate
from itertools import count as numbers_from
from typing import NamedTuple

from spacy_deid.corpus.note import Note
from spacy_deid.corpus.templates.fill import Piece, fill, join
from spacy_deid.corpus.templates.noise import Noise
from spacy_deid.corpus.templates.parse import templates_of
from spacy_deid.corpus.templates.quotas import Others, expected_spans, weights_within
from spacy_deid.corpus.templates.settings import Recipe
from spacy_deid.corpus.templates.template import Parts, Template
from spacy_deid.corpus.templates.vocabulary import OtherWords
from spacy_deid.corpus.templates.written import with_other_values
from spacy_deid.errors import DeidError
from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.tables import words_of
from spacy_deid.pool import ordered
from spacy_deid.surrogates.cast import Cast

_MOST_TEMPLATES = 3  # in a composed note
_CHUNK = 250  # number of notes that one of several processes makes at a time
_MOST_TRIES = 20  # notes made for each wanted one before giving up
_DIGITS = re.compile(r"\d+")


class Draft(NamedTuple):
    """A note, and the digest of its outline, which is equal for notes that differ only in values, digits and noise."""

    note: Note
    outline: bytes


class Variant(NamedTuple):
    """A way to write a kind of note."""

    template: Template
    parts: Parts
    spans: Mapping[str, float]  # the mean number of spans by category

    @property
    def identifies(self) -> bool:
        """Whether it may hold a span."""
        return bool(self.spans)


class NoteMaker:
    """Makes the notes of one corpus.

    corpus: its name, such as train; with the same seed, corpora of other names are different. Raises DeidError if the
    templates cannot meet the recipe's quotas.
    """

    def __init__(self, lang: str, seed: int, corpus: str, templates: Sequence[Template], recipe: Recipe) -> None:
        self.lang, self.seed, self.corpus = lang, seed, corpus
        self.composed = recipe.composed
        self.noise = Noise(lang, recipe.noise)
        self.vocabulary = OtherWords(lang, recipe.other_words)
        self.variants = [
            Variant(template, parts, expected_spans(parts)) for template in templates for parts in template.variants
        ]
        self.bounds = list(accumulate(_weights(self.variants, recipe)))

    def draft(self, number: int) -> Draft:
        """Return note ``number``, 0 or above."""
        note_id = f"{self.lang}-{self.corpus}-{number:06}"
        rng = random.Random(f"{self.seed}/{note_id}")  # noqa: S311
        (first,) = rng.choices(self.variants, cum_weights=self.bounds)
        if first.template.is_written:
            pieces = with_other_values(first.parts, self.lang, rng)
        else:
            pieces = self._filled(first, rng)
        text, spans = join(self.noise(self.vocabulary(pieces, rng), rng))
        return Draft(Note(note_id, first.template.name, text, spans), _outline_digest(pieces))

    def _filled(self, first: Variant, rng: random.Random) -> list[Piece]:
        parts = first.parts
        if rng.random() < self.composed and first.identifies:
            for other in self._companions(first, rng):
                parts = (*parts, "\n\n", *other.parts)
        mark = pack_of(self.lang).facts.decimal_mark
        return fill(parts, Cast(self.lang, rng), words_of(self.lang), rng, decimal_mark=mark)

    def _companions(self, first: Variant, rng: random.Random) -> list[Variant]:
        """Draw one or more variants of other templates of the same speciality, if there are any."""
        speciality = first.template.speciality
        drawn = {first.template.name: first}
        for variant in rng.choices(self.variants, cum_weights=self.bounds, k=20):
            template = variant.template
            if variant.identifies and template.speciality == speciality and not template.is_written:
                drawn.setdefault(template.name, variant)
        return list(drawn.values())[1 : rng.randint(2, _MOST_TEMPLATES)]


def _weights(variants: Sequence[Variant], recipe: Recipe) -> list[float]:
    """Return the weight of each variant: equal ones for written notes, and those that meet the quotas for templates."""
    written = [variant.spans for variant in variants if variant.template.is_written]
    filled = [variant for variant in variants if not variant.template.is_written]
    if not filled:
        return [1.0] * len(variants)
    others = Others.of(written, recipe.written)
    met = weights_within(
        recipe.quotas,
        recipe.without_identifiers,
        [variant.spans for variant in filled],
        [variant.template.weight / len(variant.template.variants) for variant in filled],
        others,
    )
    rest = iter(met)
    return [
        others.share / len(written) if variant.template.is_written else (1 - others.share) * next(rest)
        for variant in variants
    ]


def _outline_digest(pieces: Sequence[Piece]) -> bytes:
    outline = " ".join([label or text for text, label in pieces])
    return blake2b(_DIGITS.sub("0", outline.casefold()).encode(), digest_size=12).digest()


def generate_notes(
    lang: str,
    count: int,
    seed: int,
    *,
    recipe: Recipe,
    templates: Sequence[Template] | None = None,
    corpus: str = "train",
    n_process: int = 1,
) -> Iterator[Note]:
    """Yield ``count`` different annotated notes; a note's group is the name of its (first) template.

    Note i depends only on seed and i, for any ``n_process``. A note is skipped, and the next number takes its place, if
    its text equals that of an earlier note, or if it has the same outline as ``recipe.repeats`` earlier notes.

    Args:
        lang: Code of the language.
        count: Number of notes, at least 1.
        seed: The same seed gives the same notes.
        recipe: The properties of the notes.
        templates: The package's own unless given.
        corpus: Name that is part of the ids and makes corpora of the same seed differ.
        n_process: Number of processes, at least 1.

    Raises:
        DeidError: The templates cannot meet a quota, or do not yield ``count`` different notes.
    """
    maker = NoteMaker(lang, seed, corpus, templates_of(lang) if templates is None else templates, recipe)
    yield from _different(_drafts(maker, n_process), count, recipe.repeats)


def _drafts(maker: NoteMaker, n_process: int) -> Iterator[Draft]:
    """Yield the drafts in their order, without end; drafts made in advance are dropped if the consumer stops."""
    chunk = 1 if n_process == 1 else _CHUNK
    starts = ((None, range(start, start + chunk)) for start in numbers_from(step=chunk))
    for _, made in ordered(_make, starts, maker, n_process, remedy="a smaller --n-process."):
        yield from made


def _make(numbers: range, maker: NoteMaker) -> list[Draft]:
    return [maker.draft(number) for number in numbers]


def _different(drafts: Iterable[Draft], count: int, repeats: int) -> Iterator[Note]:
    texts: set[bytes] = set()
    outlines: Counter[bytes] = Counter()
    for tried, (note, outline) in enumerate(drafts):
        if len(texts) == count:
            return
        if tried == _MOST_TRIES * count:
            raise DeidError(
                f"The templates yielded only {len(texts)} different notes of {count} in {tried} tries. "
                "Remedy: ask for fewer notes, raise bootstrap.repeats, or write more variants and choices."
            )
        text = blake2b(note.text.encode(), digest_size=16).digest()
        if text not in texts and outlines[outline] < repeats:
            texts.add(text)
            outlines[outline] += 1
            yield note
