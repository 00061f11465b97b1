"""Surrogates: made-up values of the same kind, so that the text reads on and what was missed does not stand out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.lang.external import check_installed
from spacy_deid.redact.modes.shift import Shift, shift_days
from spacy_deid.surrogates.coreference import people_of
from spacy_deid.surrogates.draw import NoSurrogateError, hidden_by
from spacy_deid.surrogates.identifier import Identifier, Scope, identifiers_of
from spacy_deid.surrogates.people import People
from spacy_deid.surrogates.places import Places
from spacy_deid.surrogates.policy import POLICIES, SurrogatePolicy, Versions
from spacy_deid.surrogates.values import Values

_EDGES = " \t\r\n|;:()[]<>"  # where a span is too wide by a separator, lines, columns and brackets are kept
_OF_PEOPLE = ("NAME", "EMAIL")
_YEAR = re.compile(r"(?:18|19|20)\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Surrogate:
    """Replaces values by made-up ones; what has no surrogate (SEX, OTHER, what cannot be read) is masked.

    policy: "consistent", "random" or "markov"; see `Versions`. stay: the probability, 0 to 1, with which markov goes
    on with a surrogate at the next mention. keep_weekday: as `Shift` has it, for dates and dates of birth.
    """

    policy: SurrogatePolicy = "consistent"
    stay: float = 0.5
    keep_weekday: bool = False

    def __post_init__(self) -> None:
        check_installed()  # now, rather than at the first document
        if self.policy not in POLICIES:
            raise DeidError(f"There is no policy {self.policy!r} of surrogates. Remedy: use {', '.join(POLICIES)}.")
        if type(self.stay) not in (int, float) or not 0 <= self.stay <= 1:
            raise DeidError(f"stay = {self.stay!r} is no probability. Remedy: use a number from 0 to 1.")
        Shift(self.keep_weekday)  # an error for what is not true or false

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return a surrogate for each identifier, none of which is an original of the document."""
        whole = [each.text for each in identifiers]
        identifiers = [_read(each) for each in identifiers]
        hidden = hidden_by(identifiers_of(doc), scope.lang)
        people = People(scope, hidden)
        persons = iter(people_of([each.text for each in identifiers if each.category in _OF_PEOPLE], scope.lang))
        dates = [each for each in identifiers if each.category == "DATE"]
        moved = iter(Shift(self.keep_weekday)(dates, doc, scope))
        values = Values(scope, hidden, Places(identifiers, scope, hidden), shift_days(scope, self.keep_weekday))
        versions = Versions(self.policy, self.stay, doc.text, scope)
        replacements: list[str] = []
        for each in identifiers:
            try:
                if each.category in _OF_PEOPLE:
                    person = next(persons)
                    write = people.name if each.category == "NAME" else people.email
                    replacement = write(each.text, person, versions.next(person))
                elif each.category == "DATE":
                    replacement = next(moved)
                else:
                    replacement = values.draw(each, versions.next((each.category, each.normal)))
            except NoSurrogateError:
                replacement = each.masked
            replacements.append(replacement)
        return [_with_edges(*each) for each in zip(whole, replacements, strict=True)]


def _read(identifier: Identifier) -> Identifier:
    """Return an identifier without separators at its ends, by the category that its form has.

    A path says that an e-mail address is a web address. A number that is a year is a date: "f. 1957".
    """
    text = identifier.text.strip(_EDGES)
    category = identifier.category
    if category == "EMAIL" and "/" in text and "@" not in text:
        category = "URL"
    elif category == "ID" and _YEAR.fullmatch(text):
        category = "DATE"
    return replace(identifier, text=text, category=category)


def _with_edges(original: str, surrogate: str) -> str:
    core = original.strip(_EDGES)
    before, _, after = original.partition(core) if core else ("", "", "")
    return f"{before}{surrogate}{after}"
