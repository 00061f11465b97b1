"""The slots of names in one note: the person that each name belongs to, and its form."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from spacy_deid.generate.slots.notation import labelled_slots
from spacy_deid.lang.tables import stems_before
from spacy_deid.surrogates.name_words import WORD
from spacy_deid.surrogates.source import all_names


@dataclass
class _Person:
    stem: str
    first: set[str] = field(default_factory=set)
    last: set[str] = field(default_factory=set)
    initials: str = ""


class People:
    """The people of one note, in the order of their names.

    Names that share a word belong to one person, as do a surname and the first name before it ("Nombre: Ana.
    Apellidos: Ruiz."). If a note has more people than the language has slots, several people share the last slot.
    """

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._people: list[_Person] = []

    def slot(self, name: str, stems: Sequence[str]) -> str:
        """Return the slot of a name; ``stems``: the possible stems of its person."""
        words = [word.casefold() for word in WORD.findall(name)]
        if not any(len(word) > 1 for word in words) or (name.isupper() and len(name) < 5):
            return f"{self._of_initials(words, stems).stem}.initials"
        first, last = self._split_name([word for word in words if len(word) > 1], stems)
        person = self._of_words(first, last, stems)
        person.first |= set(first)
        person.last |= set(last)
        person.initials = person.initials or "".join(word[0] for word in words)
        return f"{person.stem}.{_form(name, words, first, last)}"

    def _split_name(self, words: list[str], stems: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the first names and the surnames among the words of a name; unknown words at the end are surnames."""
        firsts, lasts = _known_names(self._lang)
        met = self._people[-1] if self._people and self._people[-1].stem in stems else None
        only_last = met is not None and bool(met.first) and not met.last
        if all(word in lasts - firsts or (only_last and word not in firsts - lasts) for word in words):
            return [], words
        if len(words) == 1 or all(word in firsts - lasts for word in words):
            known = met is not None and words[0] in met.last
            return ([], words) if known else (words, [])
        return words[:1], words[1:]

    def _of_words(self, first: list[str], last: list[str], stems: Sequence[str]) -> _Person:
        candidates = [person for person in self._people if person.stem in stems]
        words = {*first, *last}
        for person in reversed(candidates):
            if words & (person.first | person.last):
                return person
        if last and not first and candidates and not candidates[-1].last:
            return candidates[-1]
        return self._new(stems)

    def _of_initials(self, words: list[str], stems: Sequence[str]) -> _Person:
        letters = "".join(words)
        same = (person for person in self._people if person.stem in stems and person.initials.startswith(letters))
        return next(same, None) or self._new(stems, letters)

    def _new(self, stems: Sequence[str], initials: str = "") -> _Person:
        taken = {person.stem for person in self._people}
        stem = next((stem for stem in stems if stem not in taken), stems[-1])
        self._people.append(_Person(stem, initials=initials))
        return self._people[-1]


def stems_of_people(lang: str, before: str) -> list[str]:
    """Return the stems of people that the text ``before`` a name announces ("Dr."), or else those of all people."""
    stems = [slot.removesuffix(".full") for slot in labelled_slots(lang) if slot.endswith(".full")]
    announced = stems_before(lang)
    return [stem for stem in stems if stem in announced and announced[stem].search(before)] or stems


def _form(name: str, words: list[str], first: list[str], last: list[str]) -> str:
    if not first:
        return "last"
    if any(len(word) == 1 for word in words):
        return "first_initial"
    if not last:
        return "first"
    return "last_first" if "," in name else "full"


@cache
def _known_names(lang: str) -> tuple[frozenset[str], frozenset[str]]:
    names = all_names(lang)
    return tuple(frozenset(map(str.casefold, names[part])) for part in ("first", "last"))  # type: ignore[return-value]
