"""Dates moved by a number of days that is the same throughout a document, patient or project, and never zero."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.lang.date_lists import WrittenDates, read_dates
from spacy_deid.lang.dates import WrittenDate
from spacy_deid.redact.births import Births
from spacy_deid.surrogates.identifier import Identifier, Scope, identifiers_of

# below a year, so that a day and month without a year, a month or a week never move to themselves
_MOST_DAYS = 350
_UNSAID = dt.date(2023, 1, 1)  # supplies year and month if no date of the document has them


@dataclass(frozen=True, slots=True)
class Shift:
    """Moves dates; a date that cannot be parsed, or would stay the same, is masked.

    keep_weekday: move by whole weeks, so that a date stays on its weekday, and a weekday alone is kept.
    """

    keep_weekday: bool = False

    def __post_init__(self) -> None:
        if type(self.keep_weekday) is not bool:
            raise DeidError(f"keep_weekday = {self.keep_weekday!r} is not true or false. Remedy: use one of these.")

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return each date moved, in its own form; a year of birth still agrees with an age in the text."""
        days = shift_days(scope, self.keep_weekday)
        moved: list[str] = []
        full = _full_dates(identifiers, scope.lang)
        births = Births.of(identifiers_of(doc), full, doc.text, scope.lang)
        reference = full[0][1] if full else _UNSAID
        for identifier in identifiers:
            date = read_dates(identifier.text, scope.lang, reference)
            if date is not None and date.is_full:
                reference = date.day
            moved.append(identifier.masked if date is None else self._moved(date, days, identifier, births))
        return moved

    def _moved(self, date: WrittenDate | WrittenDates, days: int, identifier: Identifier, births: Births) -> str:
        born = births.moved_year(identifier, date, days) if isinstance(date, WrittenDate) else None
        text = born or date.moved(days)
        stays = text.casefold() == identifier.text.casefold()
        is_weekday = isinstance(date, WrittenDate) and date.precision == "weekday"
        return identifier.masked if stays and not (self.keep_weekday and is_weekday) else text


def shift_days(scope: Scope, keep_weekday: bool = False) -> int:
    """Return the number of days, -350 to 350, by which the dates of a scope move.

    It is a multiple of seven if weekdays are kept, and otherwise never, so that every weekday changes.
    """
    choices = [days for days in range(-_MOST_DAYS, _MOST_DAYS + 1) if days and (days % 7 == 0) == keep_weekday]
    return scope.random("shift").choice(choices)


def _full_dates(identifiers: Sequence[Identifier], lang: str) -> list[tuple[Identifier, dt.date]]:
    """Return the dates that have a year, with their day; dates before the first are assumed close to it."""
    dates = ((identifier, read_dates(identifier.text, lang, _UNSAID)) for identifier in identifiers)
    return [(identifier, date.day) for identifier, date in dates if date is not None and date.is_full]
