"""A model's false positives among names, places and numbers: titles, articles, orders of drugs, results."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from spacy_deid.annotate.policy import CERTAIN, MODELS, Claim
from spacy_deid.annotate.ranges import Range, Words, has_text
from spacy_deid.labels import category_of
from spacy_deid.lang.lexicon import is_given_name, is_name_of_any_origin
from spacy_deid.lang.no_names import LONGEST_EPONYM, NoNames, eponyms_of_two

_NAMED = ("NAME", "LOCATION", "CARE_UNIT", "ORGANIZATION")
_RESULT = range(3, 7)  # digits of a laboratory value that looks like an identifier
_BEFORE_RESULT = frozenset(":=<>≈~")
_LONGEST_INITIALS = 4
_FEWEST_SPACED = 3  # single letters of a word spaced out: "M a r í a", in which "a" is not an article
_LONGEST_DOSE = 20  # characters
_ROMAN = re.compile("VII|X{0,2}(?:III|VIII|XII)")  # of a stage or segment; "II", "IV" and "XI" may be initials
_HYPHENS = frozenset("-‐‑–")


class FalseClaims:
    """Drops false claims of a Doc; a claim that a check digit or the caller's record confirms stays.

    - Titles at the ends of a name and articles after it are removed, whatever its source; a name of titles alone is
      dropped.
    - A model's name of articles or prepositions alone ("el") is dropped. Two capitals ("EL") are initials.
    - A model's name, place, unit or organisation is dropped as an order if it consists of a drug, words of its dose,
      route and form, and words of a dictionary. The same applies to an eponym of several persons with such words, and
      to a name of words of diseases, findings and anatomy that are in no list of names. A drug that is also a person's
      name ("Yasmin") is a drug only before a dose; so is an unknown word after a form ("Inj").
    - A model's name of one word is dropped if it is a Roman numeral of three letters or more, or precedes a remark on a
      finding ("Mos ua").
    - A number of three to six digits after the name of a laboratory test is its value and is dropped.
    """

    def __init__(
        self, words: Words, no_names: NoNames, is_ordinary: Callable[[int], bool], *, eponyms: Iterable[Range]
    ) -> None:
        self._words = words
        self._no_names = no_names
        self._is_ordinary = is_ordinary
        self._in_eponym = {at for start, end in eponyms for at in range(start, end)}

    def remaining(self, claims: Iterable[Claim]) -> Iterator[Claim]:
        """Yield the remaining claims, names without titles at their ends."""
        for claim in claims:
            if claim.score == CERTAIN and claim.source not in MODELS:
                yield claim
                continue
            category = category_of(claim.label)
            kept = self._without_titles(claim) if category == "NAME" else claim
            if kept is not None and not self._is_result(kept) and not self._is_no_name(kept, category):
                yield kept

    def _without_titles(self, claim: Claim) -> Claim | None:
        """Return the claim without the titles at its ends; None if it consists of titles."""
        places = [at for at in range(claim.start, claim.end) if has_text(self._words[at])]
        if len(places) >= _FEWEST_SPACED and all(len(self._words[at]) == 1 for at in places):
            return claim
        rest = list(places)
        while rest and self._is_title(rest[0]):
            rest.pop(0)
        while len(rest) > 1 and self._is_no_end(rest[-1]):
            rest.pop()
        if places and not rest:
            return None
        if rest == places:
            return claim
        start = claim.start if rest[0] == places[0] else rest[0]
        return replace(claim, start=start, end=claim.end if rest[-1] == places[-1] else rest[-1] + 1)

    def _is_no_end(self, at: int) -> bool:
        """Whether the token after a name is an article, or a title that is not a surname: not "Vik"."""
        word = self._words[at]
        return word in self._no_names.articles or (
            self._is_title(at) and not (word.istitle() and is_name_of_any_origin(word))
        )

    def _is_title(self, at: int) -> bool:
        """Whether the token is a title, or the first part of one: "ST" of "ST-läkare"."""
        if self._no_names.is_title(self._words[at]):
            return True
        return (
            self._words[at + 1] == "-"
            and not self._words.space_before(at + 1)
            and self._no_names.is_title(self._words[at + 2])
        )

    def _is_no_name(self, claim: Claim, category: str) -> bool:
        """Whether a claim of a person or a place is a drug, an article or medical words."""
        if category not in _NAMED:
            return False
        tokens = self._words.of(claim.start, claim.end)
        words = [word for word in tokens if word.isalpha()]
        if not words:
            return False
        if self._is_drug_before_dose(claim, words):
            return True
        if claim.source not in MODELS:
            return False
        is_name = category == "NAME"
        return (is_name and self._are_articles(tokens)) or self._is_order(claim, words, is_name=is_name)

    def _are_articles(self, words: list[str]) -> bool:
        return all(word.lower() in self._no_names.articles and not word.isupper() for word in words)

    def _is_order(self, claim: Claim, words: list[str], *, is_name: bool) -> bool:
        known = self._no_names
        if is_name and len(words) == 1 and (_ROMAN.fullmatch(words[0]) or self._is_remarked_on(claim)):
            return True
        if is_name and len(words) == 1 and _may_be_initials(words[0]):
            return False
        if all(len(word) > 1 and known.is_form(word) for word in words):
            return True
        if self._is_eponym_or_drug_in_prose(claim):
            return True
        if is_name and all(word.lower() in known.medical or known.is_order_word(word) for word in words):
            return any(word.lower() in known.medical for word in words)
        at = claim.start - 1
        form = self._words[at - 1] if self._words[at] == "." else self._words[at]
        return form.lower() in known.forms and self._dose_follows(claim)

    def _is_remarked_on(self, claim: Claim) -> bool:
        """Whether a remark on an organ or a finding follows, such as "ua"."""
        return self._words[claim.end] in self._no_names.remarks

    def _is_eponym_or_drug_in_prose(self, claim: Claim) -> bool:
        """Whether the claim has a drug or an eponym of several persons, and else words of a dictionary alone."""
        places = [at for at in range(claim.start, claim.end) if self._words[at].isalpha()]
        telling = [at for at in places if at in self._in_eponym or self._words[at].lower() in self._no_names.drugs]
        return bool(telling) and all(at in telling or self._is_prose(at) for at in places)

    def _is_prose(self, at: int) -> bool:
        word, known = self._words[at], self._no_names
        is_known = known.is_order_word(word) or word.lower() in known.medical or word in known.particles
        return is_known or self._is_ordinary(at)

    def _is_drug_before_dose(self, claim: Claim, words: list[str]) -> bool:
        known = self._no_names
        is_drug = all(word.lower() in known.drugs or word.lower() in known.drugs_like_names for word in words)
        return is_drug and self._dose_follows(claim)

    def _dose_follows(self, claim: Claim) -> bool:
        end = self._words.ends[claim.end - 1]
        return self._no_names.dose.match(self._words.text[end : end + _LONGEST_DOSE]) is not None

    def _is_result(self, claim: Claim) -> bool:
        value = self._words[claim.start]
        if claim.end - claim.start != 1 or len(value) not in _RESULT or not value.isdecimal():
            return False
        at = claim.start - 1
        while self._words[at] in _BEFORE_RESULT:
            at -= 1
        return self._words[at].lower() in self._no_names.analytes


def _may_be_initials(word: str) -> bool:
    """Whether the word may be a signature: "KUB", "CvP"."""
    return len(word) <= _LONGEST_INITIALS and sum(map(str.isupper, word)) > 1


def eponyms_at(words: Words, claims: Iterable[Claim]) -> list[Range]:
    """Return the ranges of tokens of the eponyms that touch a claim.

    They are written with hyphens or dashes, or with spaces if the first word is not a first name: "Joel Cohen" may be a
    person.
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
    """Return the index of the word joined by a hyphen or, with_space, a space to the one at ``at``."""
    if words[at + 1] in _HYPHENS and not words.space_before(at + 1):
        return at + 2
    return at + 1 if with_space and at + 1 < len(words) and words.space_before(at + 1) else None


def _is_word(word: str, listed: str, *, genitive: bool) -> bool:
    return word == listed or (genitive and word == f"{listed}s")
