"""Other values in place of those of an invented note: its text stays, its people, places, days and numbers change.

A redacted note must not show its originals. An invented one may: a value without a surrogate keeps its text, and a
place or an organisation keeps it in half of the notes, so that no list of names limits the places that are learned.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

from spacy_deid.extensions import CharSpan
from spacy_deid.labels import category_of
from spacy_deid.lang.date_lists import read_dates
from spacy_deid.lang.identity import other_phone
from spacy_deid.surrogates.context import Context, NoSurrogateError
from spacy_deid.surrogates.frames import frame_of
from spacy_deid.surrogates.identifier import HIGHEST_AGE, Identifier, Scope
from spacy_deid.surrogates.name_words import name_words
from spacy_deid.surrogates.numbers import age, number, phone
from spacy_deid.surrogates.people import email, name
from spacy_deid.surrogates.things import thing

_OF_CATEGORY: Mapping[str, Callable[[Identifier, Context], str]] = {
    "NAME": name,
    "EMAIL": email,
    "ID": number,
    "PHONE": phone,
    "AGE": age,
    "LOCATION": thing,
    "CARE_UNIT": thing,
    "ORGANIZATION": thing,
    "PROFESSION": thing,
    "URL": thing,
}
_KEPT_IN_HALF = ("LOCATION", "CARE_UNIT", "ORGANIZATION", "PROFESSION")
_WITH_OTHER_DIGITS = ("LOCATION", "CARE_UNIT", "ORGANIZATION", "ID")
_DAYS = [days for days in range(-3000, 300) if days % 7]  # by which dates move, so that their weekdays change
_UNSAID = dt.date(2023, 1, 1)  # supplies the year and month that a date leaves out
_DIGITS = re.compile("[0-9]+")
_LETTER_BY_LETTER = re.compile(r"[^\W_](?:[-–.,\s]+[^\W_]){3,}\.?")
_WORD = re.compile(r"[^\W\d_]{4}")


def surrogate_of(identifier: Identifier, context: Context) -> str:
    """Return a made-up value of the same category and form as a value that is not a date.

    The value never contains an original value of the document. Raises NoSurrogateError if there is no such value.
    """
    draw = _OF_CATEGORY.get(identifier.category)
    if draw is None:
        raise NoSurrogateError
    return draw(identifier, context)


def other_values(text: str, spans: Sequence[CharSpan], lang: str, rng: Random) -> list[str]:
    """Return another value in place of each span of an invented note, or the same.

    The mentions of a person or a value agree, and a first name keeps its gender where a list has it.

    Args:
        text: The note.
        spans: Its values, in order.
        lang: Code of the language, from whose public sources all values are drawn.
        rng: The same state gives the same values.
    """
    identifiers = [Identifier(start, end, text[start:end], label, category_of(label)) for start, end, label in spans]
    scope = Scope(rng.randbytes(16), "", lang)
    # no entities: an invented value may show in another one's place, and the search for it takes most of the time
    context = Context.of(identifiers, [], scope, rng.choice(_DAYS))
    return [_other(each, context) for each in identifiers]


def _other(identifier: Identifier, context: Context) -> str:
    if not _is_beyond_surrogates(identifier, context.lang) and not _stays(identifier, context):
        try:
            return _drawn(identifier, context)
        except NoSurrogateError:
            pass
    if identifier.category not in _WITH_OTHER_DIGITS:
        return identifier.text
    return _with_other_digits(identifier.text, context.random("digits", identifier.normal))


def _is_beyond_surrogates(identifier: Identifier, lang: str) -> bool:
    """Whether a surrogate would not have the form of a value: a name that is spelled out, a spoken number, "box 3"."""
    match identifier.category:
        case "NAME":
            odd = _DIGITS.search(identifier.text) or _LETTER_BY_LETTER.fullmatch(identifier.text)
            return bool(odd) or _has_other_words(identifier.text, lang)
        case "ID":
            return bool(_WORD.search(identifier.text))
        case "EMAIL":
            return identifier.text.count("@") != 1 or " " in identifier.text
        case "AGE":
            return any(int(digits) > HIGHEST_AGE for digits in _DIGITS.findall(identifier.text))
        case "LOCATION" | "CARE_UNIT" | "ORGANIZATION":
            return bool(_DIGITS.search(identifier.text)) and not frame_of(identifier.text, identifier.category, lang)
    return False


def _has_other_words(name: str, lang: str) -> bool:
    """Whether words in lower case stand beside names with a capital: "farmor Elsa"."""
    words = name_words(name, lang)
    return any(word[0].isupper() for word in words) and any(word.islower() for word in words)


def _stays(identifier: Identifier, context: Context) -> bool:
    """Whether a value stays in this note, as half of the places and organisations do."""
    rng = context.random("stays", identifier.category, identifier.normal)
    return identifier.category in _KEPT_IN_HALF and rng.random() < 0.5


def _drawn(identifier: Identifier, context: Context) -> str:
    if identifier.category == "PHONE":  # a country may have numbers for fiction, but a few, and in one form
        return other_phone(identifier.text, context.random_of(identifier))
    if identifier.category != "DATE":
        return surrogate_of(identifier, context)
    date = read_dates(identifier.text, context.lang, _UNSAID)
    if date is None:
        raise NoSurrogateError
    return date.moved(context.days)


def _with_other_digits(text: str, rng: Random) -> str:
    """Return a text with new digits; a number begins with zero only if the old one does."""

    def other(run: re.Match[str]) -> str:
        first = "0" if run[0].startswith("0") else str(rng.randint(1, 9))
        return first + "".join(str(rng.randrange(10)) for _ in run[0][1:])

    return _DIGITS.sub(other, text)
