"""An identifier that was found once in a document is found wherever it occurs in it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from spacy_deid.annotate.policy import Claim
from spacy_deid.annotate.ranges import Cover, TokenRanges
from spacy_deid.labels import category_of
from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.same_value import national, number_ranges

REPEATED = "repeated"
_SHORTEST_NAME = 3  # letters
_SHORTEST_STEM = 4  # letters of a word whose genitive ending is removed: "Hans" is not Han's
_SHORTEST_NUMBER = 7  # digits of a number that is found in other forms
_SHORTEST_VALUE = 5  # letters and digits of a number or address
_VALUES = ("ID", "PHONE", "EMAIL", "URL")


def repetitions(doc: Doc, claims: list[Claim], guards: Cover) -> list[Claim]:
    """Return claims for further occurrences of the given claims.

    Names: each capitalised word of at least three letters in a claim of the category NAME is found as it is, in
    capitals, and in the genitive or nominative. Numbers and addresses: the same tokens in a row are found; a number of
    seven digits or more in any form, see `spacy_deid.lang.same_value`. Occurrences within a guard are not.

    A model's single error must not spread. Hence a name's word counts only if it does not occur in lower case in the
    document, and if it was in a claim of several capitalised words, twice in claims, or in claims at least half of the
    times it occurs.

    Args:
        doc: The document.
        claims: Its claims, without overlaps.
        guards: Ranges of tokens.

    Returns:
        Claims that touch neither each other nor the given ones, with the label and score of their original and the
        source "repeated".
    """
    values, names = _values(doc, claims), _names(doc, claims)
    if not values and not names:
        return []
    places = _Places(doc, claims, guards)
    ending = pack_of(doc.lang_ or "").facts.genitive.ending
    found = [claim for row, origin in values.items() for claim in places.take_row(row, origin)]
    found += _numbers(doc, values.values(), places)
    words = [
        claim
        for name in names
        if _is_reliable(name, places)
        for form in _forms(name.word, ending)
        for token in places.of(form)
        for claim in places.take(token, token + 1, name.claim)
    ]
    return found + _in_a_row(words)


@dataclass
class _NameWord:
    """A word of names: the first claim with it, the number of claims, and whether one has other words as well."""

    word: str
    claim: Claim
    count: int = 0
    in_full_name: bool = False


class _Places:
    """The occurrences of words in a document, and the tokens that are still free."""

    def __init__(self, doc: Doc, claims: Iterable[Claim], guards: Cover) -> None:
        self._strings = doc.vocab.strings
        self._orths: list[int] = doc.to_array("ORTH").tolist()
        self._at: dict[int, list[int]] = defaultdict(list)
        for index, orth in enumerate(self._orths):
            self._at[orth].append(index)
        self._taken = {token for claim in claims for token in range(claim.start, claim.end)}
        self._guards = guards

    def of(self, word: str) -> list[int]:
        """Return the tokens that are the word."""
        return self._at.get(self._strings[word], []) if word in self._strings else []

    def is_free(self, start: int, end: int) -> bool:
        """Whether all tokens of the range are free."""
        return self._taken.isdisjoint(range(start, end))

    def take(self, start: int, end: int, origin: Claim) -> Iterator[Claim]:
        """Take the range and yield its claim if it is free and not within a guard."""
        if self.is_free(start, end) and not self._guards.holds(start, end):
            self._taken.update(range(start, end))
            yield replace(origin, start=start, end=end, source=REPEATED)

    def take_row(self, row: tuple[int, ...], origin: Claim) -> Iterator[Claim]:
        """Take each occurrence of the tokens of ``row`` in a row."""
        for start in self._at[row[0]]:
            if tuple(self._orths[start : start + len(row)]) == row:
                yield from self.take(start, start + len(row), origin)


def _values(doc: Doc, claims: Iterable[Claim]) -> dict[tuple[int, ...], Claim]:
    """Return the numbers and addresses, as rows of tokens, each with its first claim."""
    values: dict[tuple[int, ...], Claim] = {}
    for claim in claims:
        span = doc[claim.start : claim.end]
        if category_of(claim.label) in _VALUES and sum(map(str.isalnum, span.text)) >= _SHORTEST_VALUE:
            values.setdefault(tuple(token.orth for token in span), claim)
    return values


def _numbers(doc: Doc, origins: Iterable[Claim], places: _Places) -> list[Claim]:
    """Take the occurrences of the numbers of ``origins`` in other forms."""
    known: dict[str, Claim] = {}
    for origin in origins:
        text = doc[origin.start : origin.end].text
        if not any(map(str.isalpha, text)) and len(number := national(text)) >= _SHORTEST_NUMBER:
            known.setdefault(number, origin)
    if not known:
        return []
    tokens = TokenRanges(doc)
    ranges = ((start, end, known.get(national(tokens.text[start:end]))) for start, end in number_ranges(tokens.text))
    found = ((tokens.expanded(start, end), origin) for start, end, origin in ranges if origin is not None)
    return [claim for place, origin in found if place is not None for claim in places.take(*place, origin)]


def _names(doc: Doc, claims: Iterable[Claim]) -> list[_NameWord]:
    names: dict[str, _NameWord] = {}
    for claim in claims:
        if category_of(claim.label) == "NAME":
            words = [token.text for token in doc[claim.start : claim.end] if _may_be_name(token.text)]
            for word in words:
                name = names.setdefault(word, _NameWord(word, claim))
                name.count += 1
                name.in_full_name |= len(words) > 1
    return list(names.values())


def _may_be_name(word: str) -> bool:
    return len(word) >= _SHORTEST_NAME and word[0].isalpha() and not word[0].islower()


def _is_reliable(name: _NameWord, places: _Places) -> bool:
    lower = name.word.lower()
    if lower != name.word and any(places.is_free(token, token + 1) for token in places.of(lower)):
        return False
    return name.in_full_name or name.count > 1 or 2 * name.count >= len(places.of(name.word))


def _forms(word: str, ending: str) -> list[str]:
    """Return the forms of a name's word; ``ending``: of the language's genitive, "" for none."""
    forms = [word]
    if ending and not word.lower().endswith(ending):
        forms.append(word + ending)
    elif ending and len(word) > _SHORTEST_STEM:
        forms.append(word[: -len(ending)])
    in_capitals = [form.upper() for form in forms]
    return forms + in_capitals + ([form.capitalize() for form in forms] if word.isupper() else [])


def _in_a_row(claims: list[Claim]) -> list[Claim]:
    """Join adjacent claims: "Anna" and "Ek"."""
    joined: list[Claim] = []
    for claim in sorted(claims, key=lambda claim: claim.start):
        if joined and joined[-1].end == claim.start and joined[-1].label == claim.label:
            claim = replace(joined.pop(), end=claim.end)
        joined.append(claim)
    return joined
