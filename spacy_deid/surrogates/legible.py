"""Surrogates that read as what they are: the rules of ``deid_rules`` know them by their form alone."""

from functools import cache, lru_cache

from spacy_deid.labels import category_of
from spacy_deid.lang.recognizer import Recognizer, load_rules


@lru_cache(maxsize=10_000)
def is_legible(surrogate: str, category: str, lang: str) -> bool:
    """Whether a rule of the language takes all of ``surrogate`` for a value of the category, without any context."""
    whole = (0, len(surrogate))
    return any(
        (match.start, match.end) == whole
        for recognizer in _recognizers(category, lang)
        for match in recognizer.find(surrogate)
    )


@cache
def _recognizers(category: str, lang: str) -> tuple[Recognizer, ...]:
    return tuple(
        recognizer
        for recognizer in load_rules(lang).recognizers
        if category_of(recognizer.label) == category and recognizer.context is None
    )
