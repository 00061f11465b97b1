"""Signatures made of the name that they follow: "Johan Ek (JoEk)", "Anna Svensson/ANSV01"."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from spacy_deid.annotate.policy import Claim
from spacy_deid.annotate.words import Words
from spacy_deid.labels import category_of
from spacy_deid.text import without_diacritics

SIGNATURE = "signature"
_OPENING = ("(", "[", "/")
_CLOSING = {"(": ")", "[": "]"}
_LONGEST = 8  # letters of a signature
_FEWEST_WORDS = 2  # of the name that a signature begins with


def signatures(words: Words, claims: Sequence[Claim]) -> list[Claim]:
    """Return claims for signatures directly behind the names among ``claims``, with the label and score of these.

    A signature begins with a capital, stands in brackets or behind a slash, and consists of the beginnings of two or
    more words of the name, in their order; digits may follow.
    """
    return list(_found(words, claims, {token for claim in claims for token in range(claim.start, claim.end)}))


def _found(words: Words, claims: Iterable[Claim], taken: Collection[int]) -> Iterator[Claim]:
    for claim in claims:
        at = claim.end + 1
        written = words[at]
        if category_of(claim.label) != "NAME" or words[claim.end] not in _OPENING or at in taken:
            continue
        if not (written.isalpha() and written[0].isupper() and len(written) <= _LONGEST):
            continue
        end = at + 2 if words[at + 1].isdecimal() and not words.space_before(at + 1) else at + 1
        is_closed = words[end] == _CLOSING.get(words[claim.end], words[end])
        name = [_folded(word) for word in words.of(claim.start, claim.end) if word.isalpha()]
        if is_closed and _begins(_folded(written), name, _FEWEST_WORDS):
            yield replace(claim, start=at, end=end, source=SIGNATURE)


def _begins(letters: str, name: Sequence[str], fewest: int) -> bool:
    """Whether the letters are the beginnings of at least so many words of the name, some left out."""
    if not letters:
        return fewest <= 0
    return any(
        _begins(letters[length:], name[number + 1 :], fewest - 1)
        for number, word in enumerate(name)
        for length in range(1, min(len(word), len(letters)) + 1)
        if letters[:length] == word[:length]
    )


def _folded(word: str) -> str:
    return without_diacritics(word).casefold()
