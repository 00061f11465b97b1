"""Replaces a template's words by other ordinary and clinical words of the language.

Templates use a few thousand words. A model that knows only these takes an unknown word for a name, above all if it has
a capital, as the first word of a sentence or the name of a drug has.
"""

import random
import re
from collections.abc import Sequence
from functools import cache

from spacy_deid.corpus.templates.fill import Piece
from spacy_deid.lang.tables import CLINICAL_LISTS, words_of
from spacy_deid.surrogates.source import all_names, source_of

WORDS = 60_000  # commonest words of the language; rarer ones are increasingly often names
_SHORTEST = 5  # letters: shorter words are mostly function words
_ACRONYM_LETTERS = "ABCDEFGHIKLMNOPRSTUV"
_CLINICAL, _ACRONYMS, _COMPOUNDS = 0.3, 0.04, 0.1  # shares of the new words
_WORD = re.compile(rf"(?<![\w-])[^\W\d_]{{{_SHORTEST},}}(?![\w-])")


class OtherWords:
    """Replaces words of a note.

    share: mean share of a note's words of five letters and more that are replaced; each note draws its own share.
    """

    def __init__(self, lang: str, share: float) -> None:
        self.share = share
        self.words = ordinary_words(lang)
        self.clinical = clinical_terms(lang)

    def __call__(self, pieces: Sequence[Piece], rng: random.Random) -> list[Piece]:
        """Return the pieces with other words in those that are not labelled."""
        if not self.share:
            return list(pieces)
        share = min(rng.expovariate(1 / self.share), 1)

        def other(match: re.Match[str]) -> str:
            word = match[0]
            if rng.random() >= share or not word[1:].islower():
                return word
            new = self._word(rng)
            return new[0].upper() + new[1:] if word[0].isupper() else new

        return [(text if label else _WORD.sub(other, text), label) for text, label in pieces]

    def _word(self, rng: random.Random) -> str:
        kind = rng.random()
        if kind < _CLINICAL:
            return self.clinical[int(rng.random() * len(self.clinical))]
        if (kind := kind - _CLINICAL) < _ACRONYMS:
            return "".join(rng.choices(_ACRONYM_LETTERS, k=rng.randint(3, 5)))
        word = self.words[int(rng.random() * len(self.words))]
        if kind - _ACRONYMS < _COMPOUNDS:
            word += self.words[int(rng.random() * len(self.words))]
        return word


@cache
def clinical_terms(lang: str) -> tuple[str, ...]:
    """Return the drugs, tests, diagnoses and other clinical terms in the language's words.toml."""
    words = words_of(lang)
    return tuple(term for key in CLINICAL_LISTS for term in words[key])


@cache
def ordinary_words(lang: str) -> tuple[str, ...]:
    """Return the language's commonest words, in lower case, without words of values: names, places, days.

    Source: the wordfreq package's lists (Robyn Speer).
    """
    from wordfreq import top_n_list  # here, because an application that reads only the settings need not have it

    source = source_of(lang)
    values = [name for names in all_names(lang).values() for name in names]
    values += [town.name for town in source.towns]
    values += [text for texts in source.forms["lists"].values() for text in texts]
    identifying = {word for value in values for word in re.findall(r"[^\W\d_]+", value.casefold())}
    days = tuple(source.forms["months"] + source.forms["weekdays"])  # inflected in Swedish: måndagen, måndags
    return tuple(
        word
        for word in top_n_list(lang, WORDS)
        if len(word) >= _SHORTEST
        and word.isalpha()
        and not word.startswith(days)
        and identifying.isdisjoint((word, word.removesuffix("s")))
    )
