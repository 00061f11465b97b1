"""The cues that an attacker finds in a redacted text: names, dates and places, without the originals."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from spacy_deid.lang.dates import read_date
from spacy_deid.lang.names import folded
from spacy_deid.lang.places import towns_by_name
from spacy_deid.surrogates.coreference import people_of
from spacy_deid.surrogates.name_lists import known_name, without_unlisted_genitive
from spacy_deid.surrogates.name_words import name_words
from spacy_deid.surrogates.places import is_region, town_named

_UNSAID = dt.date(2023, 1, 1)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name, date or place in a redacted text; ``is_original``: the model missed it, so it was not replaced."""

    note: int
    category: str
    text: str
    is_original: bool


def cues(mentions: Sequence[Mention], lang: str) -> list[list[float]]:
    """Return the cues of mentions, all of one category and one note, in the order of the text.

    These are the number of times that the note has the same value, whether other values are linked to it, whether it is
    in the lists that surrogates are drawn from, and its form.
    """
    texts = [mention.text for mention in mentions]
    own = _OF_CATEGORY[mentions[0].category](texts, lang)
    times = Counter(text.casefold() for text in texts)
    return [
        [
            math.log(times[text.casefold()]),
            float(times[text.casefold()] == 1),
            float(text.islower()),
            float(text.isupper()),
            float(len(text.split())),
            *cue,
        ]
        for text, cue in zip(texts, own, strict=True)
    ]


def _of_names(texts: Sequence[str], lang: str) -> list[list[float]]:
    words = [[folded(word) for word in name_words(text, lang)] for text in texts]
    people = [id(person) for person in people_of(texts, lang)]
    of_person = Counter(people)
    in_names = Counter(word for each in words for word in set(each))
    return [
        [
            math.log(of_person[person]),
            float(max((in_names[word] for word in each), default=1) > 1),
            _share(_is_listed(word, lang) for word in each),
            _share(bool(known_name(word, lang).first) for word in each),
            _share(len(word) == 1 for word in each),
            _share(without_unlisted_genitive(word, lang) != word for word in each),
        ]
        for each, person in zip(words, people, strict=True)
    ]


def _is_listed(word: str, lang: str) -> bool:
    return known_name(without_unlisted_genitive(word, lang), lang).is_listed


def _of_dates(texts: Sequence[str], lang: str) -> list[list[float]]:
    dates = [read_date(text, lang, _UNSAID) for text in texts]
    full = [date.day.toordinal() for date in dates if date is not None and date.is_full]
    cued = []
    for date in dates:
        others = list(full)
        is_full = date is not None and date.is_full
        if date is not None and is_full:
            others.remove(date.day.toordinal())
        day = date.day.toordinal() if date is not None else 0
        away = [abs(day - other) for other in others] if is_full else []
        cued.append(
            [
                float(date is None),
                float(is_full),
                float(date is not None and date.precision == "weekday"),
                math.log1p(min(away, default=0)),
                math.log1p(abs(day - median(others)) if away else 0),
            ]
        )
    return cued


def _of_places(texts: Sequence[str], lang: str) -> list[list[float]]:
    by_name = towns_by_name(lang)
    regions = Counter(town.region for town in map(by_name.get, map(str.casefold, texts)) if town)
    cued = []
    for text in texts:
        town = town_named(text.casefold(), lang)
        cued.append(
            [
                float(town is not None),
                float(town is not None and regions[town.region] > 1),
                float(is_region(text.casefold(), lang)),
                float(any(map(str.isdecimal, text))),
            ]
        )
    return cued


def _share(flags: Iterable[bool]) -> float:
    found = list(flags)
    return sum(found) / len(found) if found else 0.0


_OF_CATEGORY: dict[str, Callable[[Sequence[str], str], list[list[float]]]] = {
    "NAME": _of_names,
    "DATE": _of_dates,
    "LOCATION": _of_places,
}
CATEGORIES = tuple(_OF_CATEGORY)
