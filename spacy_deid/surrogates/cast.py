"""The persons, places and days of one note, consistent with one another."""

import datetime as dt
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from spacy_deid.errors import DeidError
from spacy_deid.lang.identity import Person
from spacy_deid.lang.names import folded, genitive
from spacy_deid.lang.places import Town, postcodes
from spacy_deid.lang.tables import slots_of
from spacy_deid.surrogates.made_up_person import draw_person, email_values, initials_values, name_values
from spacy_deid.surrogates.source import source_of

_FIRST_DAY = dt.date(2004, 1, 1).toordinal()
_LAST_DAY = dt.date(2026, 6, 30).toordinal()
_PERSON_FACTS = {"id", "phone", "email", "street", "postcode"}


class Cast:
    """The people and things in one note, each drawn from ``rng`` at its first use.

    A stem is the same person, day or unit throughout. Its written form is drawn at each call, except that of numbers,
    addresses and units, which keep their first form. The same state of ``rng`` and the same calls give the same values
    in every process.
    """

    def __init__(self, lang: str, rng: Random) -> None:
        self._lang = lang
        self._source = source_of(lang)
        self._slots = slots_of(lang)
        self._rng = rng
        self._people: dict[str, Person] = {}
        self._towns: dict[str, Town] = {}
        self._days: list[dt.date] = []
        self._kept: dict[tuple[str, str], str] = {}

    def value(self, stem: str, form: str | None = None) -> str:
        """Return a text for ``{stem}`` or ``{stem.form}``; DeidError for a slot that slots.toml does not list."""
        slot = stem if form is None else f"{stem}.{form}"
        if slot not in self._slots:
            raise DeidError(f"There is no slot {slot!r}. Remedy: use one of lang/{self._lang}/slots.toml.")
        kind = stem.rstrip("0123456789")
        if kind in self._source.forms["roles"]:
            return self._of_person(stem, form)
        if kind == "date":
            return self._date(stem, form)
        return self._thing(stem, kind, form)

    def gender(self, stem: str) -> str:
        """Return "f" or "m" for the person ``stem``."""
        return self._person(stem).gender

    def _person(self, stem: str) -> Person:
        person = self._people.get(stem)
        if person is None:
            kin = self._person("patient") if stem.startswith("relative") else None
            role = self._source.forms["roles"][stem.rstrip("0123456789")]
            person = self._people[stem] = draw_person(self._source, role, kin, self._day(0), self._rng)
        return person

    def _of_person(self, stem: str, form: str | None) -> str:
        person = self._person(stem)
        if form is None:
            usual = self._source.forms["usual"]
            form = self._pick(usual.get(stem.rstrip("0123456789"), usual["person"]))
        if form.endswith("_gen"):
            return genitive(self._name(person, form.removesuffix("_gen")), self._lang)
        if form in {"age", "age_adj", "age_number"}:
            return self._age(person, form)
        if form == "birth":
            return self._draw("birth", day_values(person.birth, self._source.forms))
        if form == "sex":
            age = "child" if person.years < 14 else "adult"
            return self._draw(f"sex_{age}_{person.gender}")
        if form == "city":
            return self._home(stem).name
        if form in _PERSON_FACTS:
            return self._keep(stem, form, lambda: self._fact(stem, person, form))
        return self._name(person, form)

    def _name(self, person: Person, form: str) -> str:
        given = {"first": person.first, "last": person.last, "nick": person.nick}
        if form in given:
            return given[form] if form != "last" else self._draw("last", name_values(person))
        if form == "initials":
            return self._draw("initials", initials_values(person))
        return self._draw(form, name_values(person))

    def _age(self, person: Person, form: str) -> str:
        for limit, unit, days in self._source.forms["age_units"]:
            if person.days < limit * 365.25:
                return self._draw(f"{form}_{unit}", {"n": str(max(1, int(person.days / days)))})
        return self._draw(f"{form}_years", {"n": str(person.years)})

    def _fact(self, stem: str, person: Person, form: str) -> str:
        kind = stem.rstrip("0123456789")
        staff = self._source.forms["roles"][kind]["staff"]
        town = self._home(stem)
        if form == "id" and staff:
            return self._draw("licence", self._source.numbers.licence(town, self._rng))
        if form == "id":
            parts = self._source.numbers.made(person, self._rng)
            return self._draw(parts["rule"], parts)
        if form == "email":
            return self._email(person, "email_staff" if staff else "email_private")
        if form == "phone":
            return self._draw("phone_staff" if staff else "phone", self._town_values(town))
        return self._draw(form, self._town_values(town))

    def _email(self, person: Person, rule: str) -> str:
        home = self._town("home")
        given = email_values(person) | {"town": folded(home.name), "region": folded(home.region)}
        return self._draw(rule, given)

    def _home(self, stem: str) -> Town:
        if stem not in self._towns:
            same = stem == "patient" or self._rng.random() < self._source.forms["same_town"]
            self._towns[stem] = self._town("home" if same else f"home of {stem}")
        return self._towns[stem]

    def _town(self, key: str) -> Town:
        if key not in self._towns:
            self._towns[key] = self._source.towns[int(self._rng.random() * len(self._source.towns))]
        return self._towns[key]

    def _town_values(self, town: Town) -> dict[str, str]:
        return town.values(int(self._rng.random() * postcodes(self._lang)), self._lang)

    def _day(self, index: int) -> dt.date:
        """Return the day of the note and those after it, each some days after the one before."""
        while len(self._days) <= index:
            if not self._days:
                day = dt.date.fromordinal(self._rng.randrange(_FIRST_DAY, _LAST_DAY))
            else:
                day = self._days[-1] + dt.timedelta(days=1 + int(90 * self._rng.random() ** 3))
            self._days.append(day)
        return self._days[index]

    def _date(self, stem: str, form: str | None) -> str:
        index = int(stem.removeprefix("date") or 1) - 1
        form = form or self._pick(self._source.forms["usual"]["date"])
        return self._draw(f"date_{form}", day_values(self._day(index), self._source.forms))

    def _thing(self, stem: str, kind: str, form: str | None) -> str:
        if form is None and kind in self._source.forms["usual"]:
            form = self._kept_form(stem, kind)
        if kind == "care_unit" and form in {"hospital", "short"}:
            return self._hospital(stem, form)
        if kind == "place":
            return self._place(stem, form or "city")
        if kind == "relation":
            kin = stem.replace("relation", "relative")
            return self._keep(stem, "", lambda: self._draw(f"relation_{self.gender(kin)}"))
        if kind == "number":
            person = self._person("patient")
            return self._keep(stem, form or "", lambda: self._number(person, form or "case"))
        if kind == "email":
            return self._keep(stem, "", lambda: self._email(self._person("other"), "email"))
        return self._keep(stem, form or "", lambda: self._draw(form or kind, self._town_values(self._town("home"))))

    def _kept_form(self, stem: str, kind: str) -> str:
        return self._keep(stem, "form", lambda: self._pick(self._source.forms["usual"][kind]))

    def _number(self, person: Person, form: str) -> str:
        return self._draw(f"number_{form}", self._source.numbers.registered(person, self._rng))

    def _hospital(self, stem: str, form: str) -> str:
        if (stem, form) not in self._kept:
            known = self._source.hospitals
            if self._rng.random() < self._source.forms["known_hospitals"]:
                name, shorts = known[int(self._rng.random() * len(known))]
                short = shorts[int(self._rng.random() * len(shorts))]
            else:
                values = self._town_values(self._town("home"))
                name, short = self._draw("hospital", values), self._draw("hospital_short", values)
            self._kept[stem, "hospital"], self._kept[stem, "short"] = name, short
        return self._kept[stem, form]

    def _place(self, stem: str, form: str) -> str:
        town = self._town(stem)
        return self._keep(stem, form, lambda: self._draw(form, self._town_values(town)))

    def _keep(self, stem: str, form: str, draw: Callable[[], str]) -> str:
        if (stem, form) not in self._kept:
            self._kept[stem, form] = draw()
        return self._kept[stem, form]

    def _pick(self, weights: Mapping[str, float]) -> str:
        return self._rng.choices(list(weights), list(weights.values()))[0]

    def _draw(self, rule: str, given: Mapping[str, str] | None = None) -> str:
        return self._source.grammar.draw(rule, self._rng, given or {})


def day_values(day: dt.date, forms: Mapping[str, Any]) -> dict[str, str]:
    """Return day, month, year, ISO week and weekday as digits (dd: padded) and words of forms.toml."""
    endings = forms["ordinal_endings"]
    return {
        "d": str(day.day),
        "dd": f"{day.day:02}",
        "m": str(day.month),
        "mm": f"{day.month:02}",
        "yy": f"{day.year % 100:02}",
        "yyyy": str(day.year),
        "month": forms["months"][day.month - 1],
        "mon": forms["months_short"][day.month - 1],
        "weekday": forms["weekdays"][day.weekday()],
        "wd": forms["weekdays_short"][day.weekday()],
        "week": str(day.isocalendar().week),
        "ending": endings.get(str(day.day), endings["other"]),
    }
