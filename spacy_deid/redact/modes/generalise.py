"""Generalise: a town becomes its region, a date its year."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.lang.dates import read_date
from spacy_deid.lang.places import listed_towns
from spacy_deid.surrogates.identifier import HIGHEST_AGE, Identifier, Scope

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Generalise:
    """ "Umeå" becomes its region (by the pack's list of towns; a region stays), "12/4-23" its year, all else a mask.

    A year is masked if a person born in it is older than 89 today, since it would reveal such an age.
    """

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return regions, years and masks."""
        return [self._general(each, scope.lang) or each.masked for each in identifiers]

    @staticmethod
    def _general(identifier: Identifier, lang: str) -> str:
        if identifier.category == "LOCATION":
            return _regions(lang).get(identifier.text.casefold(), "")
        return _year(identifier.text, lang) if identifier.category == "DATE" else ""


def _year(text: str, lang: str) -> str:
    """Return the only year of a date in four digits; "" without one, or for one too long ago or in the future."""
    this_year = dt.date.today().year
    years = {int(year) for year in _YEAR.findall(text)} or _years_in_form(text, lang, this_year)
    shown = [year for year in years if this_year - HIGHEST_AGE <= year <= this_year]
    return str(shown[0]) if len(shown) == len(years) == 1 else ""


def _years_in_form(text: str, lang: str, latest: int) -> set[int]:
    """Return the years of a date that have two digits or adjoin other digits: 12/4-23, 20230412."""
    try:
        date = read_date(text, lang, dt.date(latest, 1, 1))
    except DeidError:  # a language without forms of dates
        return set()
    fields = [(kind, text[start:end]) for kind, start, end in date.fields] if date else []
    return {
        int(digits) if kind == "yyyy" else latest - (latest - int(digits)) % 100
        for kind, digits in fields
        if kind in ("yy", "yyyy")
    }


@cache
def _regions(lang: str) -> Mapping[str, str]:
    """Return the region of each listed town, and of each region itself, by name in one case."""
    regions = {town.name.casefold(): town.region for town in listed_towns(lang)}
    return regions | {region.casefold(): region for region in regions.values()}
