"""The facts of a language: the entries of a language pack's ``language.toml``, checked when it is read."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern, re.VERBOSE)
    except re.error as error:
        message = f"{error} in the pattern"
        raise ValueError(message) from None
    return pattern


_Words = tuple[Annotated[str, Field(min_length=1)], ...]
_Pattern = Annotated[str, AfterValidator(_compiles)]


class _Checked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Genitive(_Checked):
    """The ending of a name's genitive, and the letters after which it is missing: "Anna", "Annas"; "Hans"."""

    ending: str = ""
    bare_after: str = ""

    def of(self, name: str) -> str:
        """Return the genitive of ``name``."""
        return name if name[-1:].lower() in self.bare_after else name + self.ending


class Postcode(_Checked):
    """The digits of a postcode, the ``first`` of which are written as a separate group: "123 45" is 5 and 3."""

    digits: int = Field(default=5, ge=1, le=12)
    first: int = Field(default=5, ge=1, le=12)


class BirthNumber(_Checked):
    """The form of an identity number that begins with its holder's date of birth.

    order: the order of the date's six digits. added_to_day: the number added to the day in some identity numbers (60 in
    a Swedish samordningsnummer, 40 in a Norwegian D-nummer). serial: how many digits follow. century: whether
    the number is also written with the century before the date.
    """

    order: Literal["yymmdd", "ddmmyy"]
    added_to_day: int = Field(default=0, ge=0, le=60)
    serial: int = Field(ge=1, le=8)
    century: bool = False

    def pattern(self) -> str:
        """Return a pattern of the number without century, with the groups year, month and day."""
        days = (range(32), range(self.added_to_day, self.added_to_day + 32) if self.added_to_day else ())
        day = "|".join(f"{number:02}" for numbers in days for number in numbers)
        parts = {"yy": r"(?P<year>\d\d)", "mm": r"(?P<month>0\d|1[0-2])", "dd": f"(?P<day>{day})"}
        return "".join(parts[self.order[at : at + 2]] for at in (0, 2, 4)) + rf"\d{{{self.serial}}}"


class Facts(_Checked):
    """The entries of ``language.toml``. Only ``name`` is required; an empty entry means that the language has none."""

    name: str = Field(min_length=1)
    # the code of the pack that this one extends, by a hospital's wards, staff and case numbers
    extends: str = ""

    # tier 1: rules, and checks of the model's entities
    # categories that pipelines find and leave in the text unless `deid_merge` is told otherwise
    leave: tuple[str, ...] = ()
    # ISO 3166-1; telephone numbers of this country are written without a country code
    country: str = Field(default="", pattern="^([A-Z]{2})?$")
    genitive: Genitive = Genitive()
    # the unit that may follow an age's placeholder: "[90+] years old"
    age_unit: _Pattern = ""
    birth_number: BirthNumber | None = None
    # words in lower case count in any case, those in capitals as they are
    titles: _Words = ()
    title_ends: _Words = ()
    particles: _Words = ()
    between_persons: _Words = ()
    articles: _Words = ()
    not_after_names: _Words = ()
    remarks: _Words = ()

    # tier 2: surrogates
    decimal_mark: Literal[",", "."] = "."
    postcode: Postcode = Postcode()
    # text directly before a date of birth, and words of birth anywhere before it
    birth_cue: _Pattern = ""
    birth_words: _Pattern = ""
