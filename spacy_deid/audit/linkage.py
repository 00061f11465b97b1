"""Whole persons: a name of somebody and another identifier of the same person in one synthetic note."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from spacy_deid.audit.identifiers import NUMBERS, frequencies, is_rare
from spacy_deid.audit.intervals import with_alone
from spacy_deid.audit.notes import Notes

WITH_NAME = ("DATE", "LOCATION", *NUMBERS)
MANY_FACTS = 3  # beside a rare name: town, country and a day in one note may come by chance, a street more seldom


def measure_linkage(notes: Notes, seed: int) -> dict[str, Any]:
    """Return the share of real notes whose person is found whole in some synthetic note.

    "any": one of the note's names with one of its dates, places or numbers; this happens by chance, as Madrid follows
    María. "rare_name": one of its names that is rare (see `identifiers.is_rare`), with one of the others, rare or not:
    a stranger who has the note knows whom it is about. The others hardly come by chance, and leave out names and
    numbers that stand on both sides, as a doctor's do: "rare_name_and_number", with one of its rare numbers;
    "rare_name_and_facts", with `MANY_FACTS` of its dates, places and numbers; "rare_numbers", two of these.
    """
    frequency = frequencies(notes.real)
    names, others, numbers = (_of_notes(notes, kinds) for kinds in (("NAME",), WITH_NAME, NUMBERS))
    rare_names = [{key for key in keys if is_rare("NAME", key, frequency)} for keys in names]
    rare_numbers = [{key for key in keys if is_rare("ID", key, frequency)} for keys in numbers]
    own_names, own_numbers = _of_one_side(notes, rare_names), _of_one_side(notes, rare_numbers)
    found = {
        "any": _linked(notes, names, others),
        "rare_name": _linked(notes, rare_names, others),
        "rare_name_and_number": _linked(notes, own_names, own_numbers),
        "rare_name_and_facts": _linked(notes, own_names, others, MANY_FACTS),
        "rare_numbers": _linked(notes, own_numbers, own_numbers),
    }
    return {name: with_alone(*notes.sides(linked), seed) for name, linked in found.items()}


def _of_one_side(notes: Notes, keys: list[set[str]]) -> list[set[str]]:
    """Leave out the keys that both a member and a held-out note have."""
    ours, theirs = (frozenset[str]().union(*side) for side in notes.sides(keys))
    return [of_note - (ours & theirs) for of_note in keys]


def _of_notes(notes: Notes, kinds: Collection[str]) -> list[set[str]]:
    return [{key for category, key in note.identifiers if category in kinds} for note in notes.real]


def _linked(notes: Notes, names: list[set[str]], others: list[set[str]], least: int = 1) -> list[bool]:
    """Return for each real note whether a synthetic one holds one of its names and ``least`` of its others."""
    owners: dict[str, list[int]] = defaultdict(list)
    for number, keys in enumerate(names):
        for key in keys:
            owners[key].append(number)
    linked = [False] * len(names)
    for found in notes.found:
        for name in found & owners.keys():
            for number in owners[name]:
                # a place that is named like the person, as Santiago is, is no second identifier
                linked[number] = linked[number] or len(found & (others[number] - {name})) >= least
    return linked
