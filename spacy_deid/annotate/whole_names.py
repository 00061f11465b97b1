"""Words next to a found name that belong to it ("Mary-" of "Mary-Ann"), and its signatures ("Ann Lee (AnLe)")."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from spacy_deid.annotate.policy import Claim
from spacy_deid.annotate.ranges import Cover, Words
from spacy_deid.labels import category_of
from spacy_deid.lang.lexicon import is_given_name, is_name_of_any_origin
from spacy_deid.lang.no_names import NoNames, is_short_form
from spacy_deid.text import without_diacritics

_APOSTROPHES = frozenset("'’´`")
_GLUE = _APOSTROPHES | frozenset("-‐‑–")
_BULLETS = frozenset("-–—*•·+")
_SHORTEST_IN_CAPITALS = 4  # letters; shorter words in capitals are abbreviations: "BVC", "LAB"
_SHORTEST_UNLISTED = 3  # letters of a word before a name that no list of names holds
_MOST_PARTICLES = 3
SIGNATURE = "signature"
_OPENING = ("(", "[", "/")
_CLOSING = {"(": ")", "[": "]"}
_LONGEST = 8  # letters of a signature
_FEWEST_WORDS = 2  # of the name that a signature begins with


class WholeNames:
    """Widens the names of a Doc by words on the same line, up to the next claim or guard.

    The following belong to a name:

    - a capitalised word joined to it by a hyphen or an apostrophe: "Mary-" of "Mary-Ann", "O'" of "O'Connor";
    - after or before one space, a capitalised word that is in no dictionary or in a list of names; particles ("de la
      Torre") and an initial ("B.") may come between; after an unambiguous particle ("da", "von") a capital is enough;
    - before it, initials and short forms: "Hj.", "K.G.", "K-G".

    After first names alone or a short form ("Th."), and before a name within a sentence, a capital is enough, even if
    the word is in a dictionary ("Karl Ny"). Titles, relations, medical words, and words that begin a heading or precede
    a colon never belong to a name. A word in capitals belongs to a name in capitals, or is a listed name.

    Before a comma and a first name, a surname at the beginning of a line or of an item of a list is a separate name,
    and so is a surname with an apostrophe anywhere: "O'Connor, Patrick".
    """

    def __init__(
        self,
        words: Words,
        no_names: NoNames,
        is_ordinary: Callable[[int], bool],
        *,
        claims: Iterable[Claim],
        guards: Cover,
    ) -> None:
        """Prepare the widening of a Doc's names.

        Args:
            words: The Doc's tokens.
            no_names: The words of its language that are not names; without titles among them nothing is widened.
            is_ordinary: Whether a dictionary has the word of a token.
            claims: All claims of the Doc, without overlaps.
            guards: Ranges of tokens.
        """
        self._words = words
        self._no_names = no_names
        self._is_ordinary = is_ordinary
        self._guards = guards
        self._claims = list(claims)
        self._names = {claim.start for claim in self._claims if category_of(claim.label) == "NAME"}
        self._taken = {token for claim in self._claims for token in range(claim.start, claim.end)}

    def widened(self, fixed: Iterable[int]) -> list[Claim]:
        """Return the claims in order, names widened; a claim with a token of ``fixed`` stays as it is."""
        if not self._no_names.titles:
            return self._claims
        still = frozenset(fixed)
        return [part for claim in self._claims for part in self._widened(claim, still)]

    def _widened(self, claim: Claim, still: frozenset[int]) -> Iterator[Claim]:
        words = [word for word in self._words.of(claim.start, claim.end) if word.isalpha()]
        is_name = category_of(claim.label) == "NAME" and any(word[0].isupper() for word in words)
        if not is_name or not still.isdisjoint(range(claim.start, claim.end)):
            yield claim
            return
        in_capitals = all(map(str.isupper, words)) and max(map(len, words)) >= _SHORTEST_IN_CAPITALS
        start, end = claim.start, claim.end
        while (longer := self._behind(start, end, in_capitals)) > end:
            end = longer
        while (longer := self._before(start, in_capitals)) < start:
            start = longer
        surname = self._surname_before_comma(start, in_capitals)
        self._taken.update(range(surname, end))
        if surname < start:
            yield replace(claim, start=surname, end=start - 1)
        yield replace(claim, start=start, end=end)

    def _behind(self, start: int, end: int, in_capitals: bool) -> int:
        """Return the end of the name that begins at ``start`` with one more word after ``end``, or ``end``."""
        if self._is_glue(end) and self._is_name(end + 1, in_capitals):
            return end + 2
        at = end
        if self._words[at] == "." and not self._words.space_before(at) and is_short_form(self._words[at - 1]):
            at += 1
        if not self._words.space_before(at):
            return end
        first = at
        for _ in range(_MOST_PARTICLES):
            at += self._length_of_particle(at)
        if at > first:
            is_of_names_alone = not self._no_names.articles.issuperset(self._words.of(first, at))
            if is_of_names_alone and at in self._names:
                return at  # the next name is joined later
            is_enough = is_of_names_alone or is_name_of_any_origin(self._words[at])
        else:
            is_enough = at > end or all(map(is_given_name, filter(str.isalpha, self._words.of(start, end))))
        return at + 1 if self._is_name(at, in_capitals, capital_is_enough=is_enough) else end

    def _before(self, start: int, in_capitals: bool) -> int:
        """Return the start of the name with one more word or initial before ``start``, or ``start``."""
        at = start - 1
        if self._is_glued(at):
            is_part = self._is_letter(at - 1) or self._is_name(at - 1, in_capitals)
            return at - 1 if is_part else start
        if self._words[at] == "." and self._is_initial(at - 1):
            return at - 1
        if not self._words.space_before(start):
            return start
        if self._is_letter(at) and self._is_glued(at - 1) and self._is_letter(at - 2):
            return at - 2
        for _ in range(_MOST_PARTICLES):
            if not self._is_particle(at) or not self._words.space_before(at):
                break
            at -= 1
        if len(self._words[at]) < _SHORTEST_UNLISTED and not self._no_names.is_listed_name(self._words[at]):
            return start
        within_sentence = self._words.space_before(at) and self._words[at - 1].islower()
        return at if self._is_name(at, in_capitals, capital_is_enough=within_sentence) else start

    def _surname_before_comma(self, start: int, in_capitals: bool) -> int:
        """Return the start of the surname before a comma and the name at ``start``, or ``start`` without one."""
        at = start - 2
        if self._words[start - 1] != "," or not is_given_name(self._words[start]) or not self._is_name(at, in_capitals):
            return start
        is_sure = self._words[at - 1] in _APOSTROPHES
        while self._is_glued(at - 1) and (self._is_letter(at - 2) or self._is_name(at - 2, in_capitals)):
            at -= 2
        while self._words[at - 1].lower() in self._no_names.particles and self._is_free(at - 1):
            at -= 1
        return at if self._begins_line(at) or (is_sure and self._is_letter(at)) else start

    def _begins_line(self, at: int) -> bool:
        before = self._words[at - 1]
        is_item = before in _BULLETS and self._words[at - 2].strip() == ""
        return is_item or before.strip() in ("", ":", "/") or self._no_names.is_title(before)

    def _length_of_particle(self, at: int) -> int:
        """Return the number of tokens of the particle or initial at a token, before a space; else 0."""
        if self._is_particle(at):
            return 1
        is_initial = self._is_letter(at) and self._words[at + 1] == "." and self._words.space_before(at + 2)
        return 2 if is_initial and not self._words.space_before(at + 1) else 0

    def _is_name(self, at: int, in_capitals: bool, *, capital_is_enough: bool = False) -> bool:
        """Whether the word at a token may be part of a name: not a heading, and listed or in no dictionary."""
        word = self._words[at]
        if not (word.isalpha() and len(word) > 1 and word[0].isupper()) or not self._is_free(at):
            return False
        if self._is_heading(at):
            return False
        listed = self._no_names.is_listed_name(word)
        if word.isupper() and not in_capitals:
            return listed and len(word) >= _SHORTEST_IN_CAPITALS
        return listed or capital_is_enough or not self._is_ordinary(at)

    def _is_heading(self, at: int) -> bool:
        word, following = self._words[at], self._words[at + 1]
        lower = word.lower()
        return (
            following in (":", "@")
            or self._no_names.stands_beside_names(word)
            or (following == "." and lower in self._no_names.abbreviations)
        )

    def _is_free(self, at: int) -> bool:
        return 0 <= at < len(self._words) and at not in self._taken and not self._guards.holds(at, at + 1)

    def _is_glue(self, at: int) -> bool:
        """Whether a token joins its neighbours without a space."""
        is_glue = self._words[at] in _GLUE and self._is_free(at)
        return is_glue and not self._words.space_before(at) and not self._words.space_before(at + 1)

    def _is_glued(self, at: int) -> bool:
        return at > 0 and self._is_glue(at)

    def _is_particle(self, at: int) -> bool:
        return self._words[at] in self._no_names.particles and self._is_free(at) and self._words.space_before(at + 1)

    def _is_letter(self, at: int) -> bool:
        return len(self._words[at]) == 1 and self._words[at].isupper() and self._is_free(at)

    def _is_initial(self, at: int) -> bool:
        """Whether the token, before a full stop, is an initial or a short form, and not a title or abbreviation."""
        word = self._words[at]
        if not is_short_form(word) or not self._is_free(at) or self._words.space_before(at + 1):
            return False
        if len(word) == 1:
            return word.lower() not in self._no_names.titles  # Spanish "D." is Don
        return not (self._no_names.is_title(word) or word.lower() in self._no_names.abbreviations)


def signatures(words: Words, claims: Sequence[Claim]) -> list[Claim]:
    """Return claims for signatures directly after the names among ``claims``, with their labels and scores.

    A signature begins with a capital, is in brackets or after a slash, and consists of the beginnings of two or more
    words of the name, in their order; digits may follow.
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
    """Whether the letters are beginnings of ``fewest`` or more words of the name, in order; words may be missing."""
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
