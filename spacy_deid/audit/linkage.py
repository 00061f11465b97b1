"""Whole persons: a name of somebody and another identifier of the same person in one synthetic note."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from spacy_deid.audit.identifiers import NUMBERS, frequencies, is_rare
from spacy_deid.audit.intervals import with_alone
from spacy_deid.audit.notes import Notes

WITH_NAME = ("DATE", "LOCATION", *NUMBERS)


def measure_linkage(notes: Notes, seed: int) -> dict[str, Any]:
    """Return the share of real notes whose person is found whole in some synthetic note.

    "any": one of the note's names with one of its dates, places or numbers; this happens by chance, as Madrid follows
    María. "rare_name": one of its names that is rare (see `identifiers.is_rare`), with one of the others, rare or not:
    a stranger who has the note knows whom it is about. "rare_name_and_number": with one of its rare numbers.
    """
    frequency = frequencies(notes.real)
    names, others, numbers = (_of_notes(notes, kinds) for kinds in (("NAME",), WITH_NAME, NUMBERS))
    rare_names = [{key for key in keys if is_rare("NAME", key, frequency)} for keys in names]
    rare_numbers = [{key for key in keys if is_rare("ID", key, frequency)} for keys in numbers]
    found = {
        "any": _linked(notes, names, others),
        "rare_name": _linked(notes, rare_names, others),
        "rare_name_and_number": _linked(notes, rare_names, rare_numbers),
    }
    return {name: with_alone(*notes.sides(linked), seed) for name, linked in found.items()}


def _of_notes(notes: Notes, kinds: Collection[str]) -> list[set[str]]:
    return [{key for category, key in note.identifiers if category in kinds} for note in notes.real]


def _linked(notes: Notes, names: list[set[str]], others: list[set[str]]) -> list[bool]:
    owners: dict[str, list[int]] = defaultdict(list)
    for number, keys in enumerate(names):
        for key in keys:
            owners[key].append(number)
    linked = [False] * len(names)
    for found in notes.found:
        for name in found & owners.keys():
            for number in owners[name]:
                # a place that is named like the person, as Santiago is, is no second identifier
                linked[number] = linked[number] or not found.isdisjoint(others[number] - {name})
    return linked
