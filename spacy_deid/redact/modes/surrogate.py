"""Surrogates: made-up values of the same kind. The text stays readable, and a missed identifier is inconspicuous.

With `consistent` surrogates, a name that the model missed once is the only name that occurs once, which gives it away
("hiding in plain sight": Carrell et al. 2013, https://doi.org/10.1136/amiajnl-2012-001034). With `random` ones every
mention has a different one, and the reader cannot tell persons from one another.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.lang.external import check_installed
from spacy_deid.redact.modes.shift import Shift, shift_days
from spacy_deid.surrogates.context import Context, NoSurrogateError
from spacy_deid.surrogates.identifier import Identifier, Scope, identifiers_of
from spacy_deid.surrogates.other_values import surrogate_of

SurrogatePolicy = Literal["consistent", "random"]
POLICIES: tuple[SurrogatePolicy, ...] = get_args(SurrogatePolicy)

_EDGES = " \t\r\n|;:()[]<>"  # kept at the ends of a span, so that lines, columns and brackets stay
_YEAR = re.compile(r"(?:18|19|20)\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Surrogate:
    """Replaces values by made-up ones; a value without a surrogate (SEX, OTHER, an unreadable date) is masked.

    policy: "consistent" or "random": whether the mentions of a value in a document have the same surrogate.
    keep_weekday: as in `Shift`, for dates and dates of birth.
    """

    policy: SurrogatePolicy = "consistent"
    keep_weekday: bool = False

    def __post_init__(self) -> None:
        check_installed()  # now rather than at the first document
        if self.policy not in POLICIES:
            raise DeidError(f"There is no policy {self.policy!r} of surrogates. Remedy: use {' or '.join(POLICIES)}.")
        Shift(self.keep_weekday)  # checks the setting

    def __call__(self, identifiers: Sequence[Identifier], doc: Doc, scope: Scope) -> list[str]:
        """Return a surrogate for each identifier, none of which is an original of the document."""
        read = [_read(each) for each in identifiers]
        days = shift_days(scope, self.keep_weekday)
        context = Context.of(read, identifiers_of(doc), scope, days)
        dates = [each for each in read if each.category == "DATE"]
        moved = iter(Shift(self.keep_weekday)(dates, doc, scope))
        values = [context.people.get(each.start) or (each.category, each.normal) for each in read]
        replacements = [
            next(moved) if each.category == "DATE" else _surrogate_or_mask(each, replace(context, version=version))
            for each, version in zip(read, self._versions(values, doc.text, scope), strict=True)
        ]
        return [_with_edges(each.text, new) for each, new in zip(identifiers, replacements, strict=True)]

    def _versions(self, values: Iterable[Hashable], text: str, scope: Scope) -> Iterator[str]:
        """Yield the version of each mention of a value; equal versions have the same surrogate."""
        # random surrogates are those of one document, whatever the scope
        document = scope.digest("document", text).hex()
        mentions: Counter[Hashable] = Counter()
        for value in values:
            mentions[value] += 1
            yield "" if self.policy == "consistent" else f"{document} {mentions[value]}"


def _surrogate_or_mask(identifier: Identifier, context: Context) -> str:
    try:
        return surrogate_of(identifier, context)
    except NoSurrogateError:
        return identifier.masked


def _read(identifier: Identifier) -> Identifier:
    """Return an identifier without separators at its ends, with its category corrected by its form.

    An e-mail address with a path is a web address. A number that is a year is a date: "f. 1957".
    """
    text = identifier.text.strip(_EDGES)
    category = identifier.category
    if category == "EMAIL" and "/" in text and "@" not in text:
        category = "URL"
    elif category == "ID" and _YEAR.fullmatch(text):
        category = "DATE"
    return replace(identifier, text=text, category=category)


def _with_edges(original: str, surrogate: str) -> str:
    """Return a surrogate with the separators at the ends of the original."""
    core = original.strip(_EDGES)
    before, _, after = original.partition(core) if core else ("", "", "")
    return f"{before}{surrogate}{after}"
