"""Whole persons: a name of somebody and another identifier of the same person in one synthetic note."""

from collections import defaultdict
from typing import Any

from spacy_deid.audit.identifiers import NUMBERS, frequencies, is_rare
from spacy_deid.audit.intervals import compare_means
from spacy_deid.audit.notes import Notes

WITH_NAME = ("DATE", "LOCATION", *NUMBERS)


def measure_linkage(notes: Notes, seed: int) -> dict[str, Any]:
    """Return the share of real notes whose person is found whole in some synthetic note.

    "any": one of the note's names with one of its dates, places or numbers; this happens by chance, as Madrid follows
    María. "rare_name": one of its names that is rare (see `identifiers.is_rare`), with one of the others, which need
    not be rare: a stranger who has the note knows whom it is about.
    """
    frequency = frequencies(notes.real)
    names = [{key for category, key in note.identifiers if category == "NAME"} for note in notes.real]
    rare = [{key for key in keys if is_rare("NAME", key, frequency)} for keys in names]
    linked = {"any": _linked(notes, names), "rare_name": _linked(notes, rare)}
    return {name: compare_means(*notes.sides(found), seed).as_json() for name, found in linked.items()}


def _linked(notes: Notes, names: list[set[str]]) -> list[bool]:
    others = [{key for category, key in note.identifiers if category in WITH_NAME} for note in notes.real]
    owners: dict[str, list[int]] = defaultdict(list)
    for number, keys in enumerate(names):
        for key in keys:
            owners[key].append(number)
    linked = [False] * len(names)
    for found in notes.found:
        for name in found & owners.keys():
            for number in owners[name]:
                # a place that is named like the person, as Santiago is, is no second identifier
                linked[number] = linked[number] or not found.isdisjoint(others[number] - names[number])
    return linked
