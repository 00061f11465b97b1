"""An index that finds many values in a text, in all their forms."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from spacy_deid.lang.lexicon import is_ordinary
from spacy_deid.lang.no_names import no_names
from spacy_deid.lang.pack import pack_of
from spacy_deid.lang.same_value import ComparedText, Surroundings, name_parts, particles_and_titles
from spacy_deid.redact.value_forms import Form, Forms, Value, forms_of

_SHORTEST_PIECE = 3  # letters of a name's part in a login or a code
_LONGEST_CODE = 64  # characters; a longer code contains any short word by chance
_TIMES = ("DATE", "AGE")  # a year or an age in a separate column is most often another one
_SENTENCE_ENDS = ".!?:;*•-–\n"
_BEFORE = 20  # characters searched for the end of a sentence


class Occurrence(NamedTuple):
    """An occurrence of a value in a text. value: its index. start, end: in the `plain` text."""

    value: int
    start: int
    end: int


class ValueIndex:
    """Values and the forms in which a text may have them, see `spacy_deid.lang.same_value`.

    A number of seven digits or more may be within a longer one. Short values occur in most notes without identifying
    anybody; hence, the shorter a form, the more strictly it is compared:

    - One letter, and numbers of up to three digits without or two with separators, are not searched for: the age "45"
      is "45 mg" elsewhere, the date "1/2" half a tablet.
    - Two letters, parts of a name of up to three, and other numbers of up to five digits, count only as they are
      written: "12.04" is a time.
    - A word of up to five letters that begins with a capital does not count in lower case: "per", "hans" and "stig" are
      ordinary words. Nor does it count at the beginning of a sentence without its diacritics ("Par") or as one of
      several words of a name: "Ny kontroll". Given names do count there.
    - Short numbers that are years or ages count only in prose: beside it they are most often other ones.
    - Ordinary words in lower case do not count in prose, even if they were redacted as a name; nor do they with a
      capital at the beginning of a sentence, if the value was in lower case or is a particle ("El"). Relations
      ("madre") of category OTHER do not count in prose either.

    Beside prose ("beside") ordinary words count, in any case, within a code and in a text that consists of words of
    redacted names; in other texts beside it the rules of prose apply. In the name of a file ("name") they always count.
    A birth date in a personal number and a login ("asvensson") are searched for only beside prose.
    """

    def __init__(self, values: Sequence[Value], lang: str) -> None:
        self._values = values
        self._lang = lang
        self._words = Forms()
        self._in_numbers = Forms()
        for index, value in enumerate(values):
            for form in forms_of(value, lang):
                (self._in_numbers if form.within_number else self._words).add(form, index)

    @classmethod
    def joined(cls, indices: Sequence["ValueIndex"]) -> "ValueIndex":
        """Return the values of one or more indices of one language, each once."""
        values = dict.fromkeys(value for index in indices for value in index._values)
        return cls(list(values), indices[0]._lang)

    def __bool__(self) -> bool:
        return bool(self._values)

    def __getitem__(self, index: int) -> Value:
        return self._values[index]

    def count(self, text: str, surroundings: Surroundings = "prose") -> Counter[int]:
        """Return how often a text has each value, by the value's index."""
        return Counter(place.value for place in self.places(text, surroundings))

    def places(self, text: str, surroundings: Surroundings = "prose") -> Iterator[Occurrence]:
        """Yield the occurrences of the values in a text."""
        is_code = surroundings == "beside" and len(text) <= _LONGEST_CODE and len(text.split()) == 1
        within = ComparedText.of(text, by_capitals=is_code or surroundings == "name")
        for start in within.starts:
            for form, value in self._words.at(within.letters, start):
                end = within.end_of(start + len(form.letters))
                if end is None or not form.is_separated_in(within, start):
                    continue
                place = Occurrence(value, within.starts[start], end)
                if self._counts(form, within, start, place, surroundings, is_code):
                    yield place
        if self._in_numbers:
            yield from self._places_in_numbers(within, surroundings)

    def _places_in_numbers(self, within: ComparedText, surroundings: Surroundings) -> Iterator[Occurrence]:
        for number in within.numbers:
            for start in number:
                for form, value in self._in_numbers.at(within.letters, start):
                    if surroundings != "prose" or not form.only_beside:
                        first = within.starts[number.start] + start - number.start
                        yield Occurrence(value, first, first + len(form.letters))

    def _counts(
        self, form: Form, within: ComparedText, start: int, place: Occurrence, surroundings: Surroundings, is_code: bool
    ) -> bool:
        found = within.text[place.start : place.end]
        if form.is_number and surroundings != "prose" and self._values[place.value].category in _TIMES:
            return False
        if form.is_number:
            return form.matches(found, "")
        if surroundings == "name":
            return True
        if surroundings == "beside":
            if (is_code and len(form.letters) >= _SHORTEST_PIECE) or self._is_all_names(within):
                return True
        elif form.only_beside or self._is_ordinary(place, within.text):
            return False
        accented = within.accented[start : start + len(form.letters)]
        at_beginning = form.is_doubtful_at_beginning(accented) and _begins_sentence(within.text, place.start)
        return form.matches(found, accented) and not at_beginning

    def _is_all_names(self, within: ComparedText) -> bool:
        return all(word in self._name_words or word.removesuffix("s") in self._name_words for word in within.words())

    def _is_ordinary(self, place: Occurrence, text: str) -> bool:
        """Whether an ordinary word or a relation was redacted as if it were an identifier."""
        if not pack_of(self._lang).has("words.toml"):
            return False
        value, found = self._values[place.value], text[place.start : place.end]
        words = found.lower().split()
        if value.category == "OTHER":
            relations = no_names(self._lang).relations
            return all(word in relations or word.removesuffix("s") in relations for word in words)
        # a capital at the beginning of a sentence means nothing if the value had none or is an article
        is_lower = found.islower() or (
            _begins_sentence(text, place.start)
            and (value.text.islower() or value.text.lower() in particles_and_titles())
        )
        is_name = value.category == "NAME" and is_lower
        return is_name and all(word in particles_and_titles() or is_ordinary(word, self._lang) for word in words)

    @cached_property
    def _name_words(self) -> frozenset[str]:
        """The words of the redacted names, their initials, and all particles and titles."""
        words = {word for value in self._values for word in _words_of(value)}
        return frozenset({*words, *(word[0] for word in words), *particles_and_titles()})


def _words_of(value: Value) -> list[str]:
    """Return the words of a name, with its initials and logins, or of another value."""
    if value.category != "NAME":
        return ComparedText.of(value.text).words()
    parts = name_parts(value.text)
    return ComparedText.of(" ".join([*parts.words, *parts.initials, *parts.logins()])).words()


def _begins_sentence(text: str, start: int) -> bool:
    before = text[max(start - _BEFORE, 0) : start].rstrip(" \t([\"'”»")
    return not before or before[-1] in _SENTENCE_ENDS
