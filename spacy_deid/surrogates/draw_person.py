"""Drawing a person."""

import datetime as dt
from collections.abc import Mapping
from random import Random
from typing import Any

from spacy_deid.lang.names import Origin
from spacy_deid.lang.person import Person
from spacy_deid.surrogates.source import Source


def draw_person(source: Source, role: Mapping[str, Any], kin: Person | None, seen: dt.date, rng: Random) -> Person:
    """Draw a person for a role of forms.toml, seen on a day; ``kin`` is whose relative it is."""
    gender = "f" if rng.random() < role["female"] else "m"
    related = kin is not None and rng.random() < source.forms["kin"]["same_origin"]
    origin = kin.origin if kin and related else rng.choices(source.origins, source.origin_weights)[0]
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


def _last(source: Source, origin: Origin, family: str, gender: str, rng: Random) -> str:
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
