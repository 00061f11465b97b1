"""Drawing a person, and the person's values for the rules of forms.toml."""

import datetime as dt
from collections.abc import Mapping
from random import Random
from typing import Any

from spacy_deid.lang.identity import Person
from spacy_deid.lang.names import Origin, folded, initials_of
from spacy_deid.surrogates.source import ValueSource


def draw_person(source: ValueSource, role: Mapping[str, Any], kin: Person | None, seen: dt.date, rng: Random) -> Person:
    """Draw a person.

    Args:
        source: the lists and rules of the language.
        role: the role in the note, an entry of ``[roles]`` in forms.toml.
        kin: the person's relative in the note; None without one.
        seen: the day of the note.
        rng: draws all that is random.
    """
    gender = "f" if rng.random() < role["female"] else "m"
    related = kin is not None and rng.random() < source.forms["kin"]["same_origin"]
    origin = kin.origin if kin and related else source.origin(rng)
    shared = kin is not None and related and rng.random() < source.forms["kin"]["same_family"]
    masculine = kin.masculine if kin and shared else origin.surname(rng)
    family = origin.agreeing(masculine, gender)
    first = origin.first(gender, rng)
    second = first if rng.random() < source.forms["middle_names"] else ""
    while second == first:
        second = origin.first(gender, rng)
    return Person(
        gender=gender,
        origin=origin,
        first=first,
        middle=second,
        nick=_nick(origin, first, rng),
        masculine=masculine,
        family=family,
        last=_last(source, origin, family, gender, rng),
        birth=_birth(role["ages"], seen, rng),
        seen=seen,
    )


def name_values(person: Person) -> dict[str, str]:
    """Return a person's values for the rules of names."""
    return {
        "first": person.first,
        "given": f"{person.first} {person.middle}" if person.middle else person.first,
        "last": person.last,
        "family": person.family,
        "f": person.first[0],
        "l": next(initials_of(person.last)),
    }


def initials_values(person: Person) -> dict[str, str]:
    """Return a person's values for the rule ``initials``."""
    letters = [*initials_of(person.first), *initials_of(person.last)]
    dotted = "".join(f"{letter}." for letter in letters)
    return {"f": letters[0], "l": letters[-1], "given": "".join(letters), "dotted": dotted}


def email_values(person: Person) -> dict[str, str]:
    """Return a person's values for the rules of e-mail addresses, in ASCII letters."""
    first, family = folded(person.first), folded(person.family)
    return {
        "first": first,
        "first_part": folded(person.first.replace("-", " ").split()[0]) or "a",
        "last": folded(person.last),
        "family": family,
        "f": first[:1] or "a",
        "l": family[:1] or "a",
        "yy": f"{person.birth.year % 100:02}",
        "yyyy": str(person.birth.year),
    }


def _last(source: ValueSource, origin: Origin, family: str, gender: str, rng: Random) -> str:
    if not origin.two_surnames:
        return family
    joiner = source.grammar.draw("between_surnames", rng)
    return f"{family}{joiner}{origin.agreeing(origin.surname(rng), gender)}"


def _nick(origin: Origin, first: str, rng: Random) -> str:
    parts = first.replace("-", " ").split()
    nicks = origin.nicks.get(first) or origin.nicks.get(parts[0])
    return nicks[int(rng.random() * len(nicks))] if nicks else parts[0]


def _birth(ages: list[list[float]], seen: dt.date, rng: Random) -> dt.date:
    """Draw a date of birth from bands of [weight, from, to] in years."""
    (_, low, high) = rng.choices(ages, [band[0] for band in ages])[0]
    return seen - dt.timedelta(days=1 + int(365.25 * (low + rng.random() * (high - low))))
