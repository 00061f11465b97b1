"""Eponyms of several persons, which are nobody of a record: "Budd-Chiari"."""

from collections.abc import Iterable, Iterator

from spacy_deid.annotate.policy import Claim
from spacy_deid.annotate.ranges import Range
from spacy_deid.annotate.words import Words
from spacy_deid.lang.lexicon import is_given_name
from spacy_deid.lang.no_names import LONGEST_EPONYM, eponyms_of_two

_HYPHENS = frozenset("-‐‑–")


def eponyms_at(words: Words, claims: Iterable[Claim]) -> list[Range]:
    """Return the ranges of tokens of the eponyms that touch a claim.

    They are written with hyphens or dashes, or with spaces where the first word is not a first name: "Joel Cohen" may
    be somebody.
    """
    reach = 2 * LONGEST_EPONYM
    starts = {at for claim in claims for at in range(max(0, claim.start - reach), claim.end)}
    return [place for at in sorted(starts) for place in _at(words, at)]


def _at(words: Words, start: int) -> Iterator[Range]:
    first = words[start].lower()
    for others in eponyms_of_two().get(first, ()):
        at: int | None = start
        for other in others:
            at = at if at is None else _next_of(words, at, with_space=not is_given_name(first))
            is_last = other is others[-1]
            if at is None or not _is_word(words[at].lower(), other, genitive=is_last):
                break
        else:
            if at is not None:
                yield start, at + 1


def _next_of(words: Words, at: int, *, with_space: bool) -> int | None:
    """Return the place of the word that a hyphen or, with_space, a space joins to the one at ``at``."""
    if words[at + 1] in _HYPHENS and not words.space_before(at + 1):
        return at + 2
    return at + 1 if with_space and at + 1 < len(words) and words.space_before(at + 1) else None


def _is_word(word: str, listed: str, *, genitive: bool) -> bool:
    return word == listed or (genitive and word == f"{listed}s")
