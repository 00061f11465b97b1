"""Surrogates of places, care units, organisations, professions and addresses of the web."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from random import Random

from spacy_deid.lang.identity import in_form
from spacy_deid.lang.names import genitive, without_genitive
from spacy_deid.lang.places import postcodes
from spacy_deid.surrogates.context import Context, Draw, NoSurrogateError, in_case_of, is_recognised
from spacy_deid.surrogates.frames import Gap, draw_unlike, frame_of, other_letters, other_number
from spacy_deid.surrogates.identifier import Identifier
from spacy_deid.surrogates.places import is_nominative, is_region, other_region, other_town, town_around, town_named
from spacy_deid.surrogates.rules import grammar_of, rule_of, rule_of_list

_DRAWS_TO_BE_RECOGNISED = 20
_LONGEST_ACRONYM = 5  # longer words in capitals are text in capitals; NUS is not
_LONGEST_ACRONYM_OF_PLACE = 3  # USA; OSLO is Oslo in capitals


def thing(identifier: Identifier, context: Context) -> str:
    """Return a surrogate, if possible one that the language's rules recognise as of its category.

    It has the case of the value, on which the draw does not depend. Raises NoSurrogateError if the language has no
    rule for the value.
    """
    if nominative := _nominative(identifier, context.lang):
        return _in_genitive(thing(nominative, context), identifier, context.lang)
    rng = context.random_of(identifier)
    draw = _draw_of(identifier, context)
    for _ in range(_DRAWS_TO_BE_RECOGNISED):
        drawn = context.draw(draw, rng)
        if is_recognised(drawn, identifier.category, context.lang):
            break
    return _in_case_of(identifier, drawn)


def _draw_of(identifier: Identifier, context: Context) -> Draw:
    """Return the draw of a surrogate: from the value's list, in its frame, or by its category's rule."""
    if known := _of_known(identifier, context):
        return known
    if frame := frame_of(identifier.text, identifier.category, context.lang):
        return partial(_framed, frame, identifier, context)
    if rule := rule_of(identifier, context.lang):
        return _by_rule(rule, identifier, context)
    raise NoSurrogateError


def _of_known(identifier: Identifier, context: Context) -> Draw | None:
    """Return the draw for a listed value: of a town for a town, of a country for a country."""
    if identifier.category == "LOCATION" and town_named(identifier.normal, context.lang):
        name = other_town(identifier.normal, context).name
        return lambda rng: name
    if identifier.category == "LOCATION" and is_region(identifier.normal, context.lang):
        return partial(other_region, identifier, context)
    if rule := rule_of_list(identifier, context.lang):
        return _by_rule(rule, identifier, context)
    return _with_town(identifier, context)


def _with_town(identifier: Identifier, context: Context) -> Draw | None:
    """Return the draw for a listed value with a town after it: "Willys Lund" for "Volvo Umeå"."""
    listed, _, last = identifier.text.rpartition(" ")
    town = replace(identifier, text=last, category="LOCATION").normal
    known = _of_known(replace(identifier, text=listed), context) if listed else None
    if known is None or town_named(town, context.lang) is None:
        return None
    name = other_town(town, context).name
    return lambda rng: f"{known(rng)} {name}"


def _by_rule(rule: str, identifier: Identifier, context: Context) -> Draw:
    """Return the draw by a rule, in the town around the value."""
    town = town_around(identifier, context)
    if rule == "postcode":
        digits = sum(character.isdecimal() for character in identifier.text)
        return lambda rng: in_form(town.postcode(rng.randrange(10**digits), digits), identifier.text)
    grammar = grammar_of(context.lang)
    return lambda rng: grammar.draw(rule, rng, town.values(rng.randrange(postcodes(context.lang)), context.lang))


def _framed(frame: Sequence[str | Gap], identifier: Identifier, context: Context, rng: Random) -> str:
    """Return a frame with each of its gaps filled with a new value."""
    return "".join(
        part if isinstance(part, str) else draw_unlike(part.text, _draw_gap(part, identifier, context), rng)
        for part in frame
    )


def _draw_gap(gap: Gap, identifier: Identifier, context: Context) -> Draw:
    if gap.kind == "number":
        return partial(other_number, gap.text)
    if gap.kind == "letters":
        return partial(other_letters, gap.text)
    draw = {"name": _name, "name before word": _name_before_word, "start": _start}[gap.kind]
    return partial(draw, gap.rule, replace(identifier, text=gap.text), context)


def _start(rule: str, identifier: Identifier, context: Context, rng: Random) -> str:
    return in_case_of(identifier.text, _by_rule(rule, identifier, context)(rng))


def _name(rule: str, identifier: Identifier, context: Context, rng: Random) -> str:
    """Return a surrogate of a name within a value."""
    if town_named(identifier.normal, context.lang) or is_region(identifier.normal, context.lang):
        identifier = replace(identifier, category="LOCATION")
    known = _of_known(identifier, context)
    return _in_case_of(identifier, context.draw(known or _by_rule(rule, identifier, context), rng))


def _name_before_word(rule: str, identifier: Identifier, context: Context, rng: Random) -> str:
    """Return the surrogate of a name, in the genitive if the name has its ending and is not listed with it."""
    drawn = _name(rule, identifier, context, rng)
    is_genitive = without_genitive(identifier.normal, context.lang) != identifier.normal
    if not is_genitive or is_nominative(identifier.normal, context.lang):
        return drawn
    return _in_genitive(drawn, identifier, context.lang)


def _nominative(identifier: Identifier, lang: str) -> Identifier | None:
    """Return the nominative of a listed value in the genitive; None for any other value."""
    folded = identifier.text.casefold()
    ending = len(folded) - len(without_genitive(folded, lang))
    if not ending or _is_listed(identifier, lang):
        return None
    nominative = replace(identifier, text=identifier.text[:-ending])
    return nominative if _is_listed(nominative, lang) else None


def _is_listed(identifier: Identifier, lang: str) -> bool:
    is_place = identifier.category == "LOCATION" and is_nominative(identifier.normal, lang)
    return is_place or rule_of_list(identifier, lang) is not None


def _in_genitive(drawn: str, identifier: Identifier, lang: str) -> str:
    ending = genitive(drawn, lang).removeprefix(drawn)
    return drawn + in_case_of(identifier.text, ending)


def _in_case_of(identifier: Identifier, drawn: str) -> str:
    longest = _LONGEST_ACRONYM_OF_PLACE if identifier.category == "LOCATION" else _LONGEST_ACRONYM
    is_acronym = identifier.text.isupper() and len(identifier.text) <= longest
    return drawn if is_acronym else in_case_of(identifier.text, drawn)
