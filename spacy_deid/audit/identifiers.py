"""Identifiers of real notes that stand in synthetic ones."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from spacy_deid.audit.intervals import compare_rates
from spacy_deid.audit.notes import Notes, RealNote
from spacy_deid.labels import categories
from spacy_deid.leakage.keys import by_patient, identifies, public_keys

RARE_IN = 2  # patients: two may be of one family
NUMBERS = ("ID", "PHONE", "EMAIL", "URL")
Kind = Callable[[str, str], bool]  # of a category and a key


def measure_identifiers(notes: Notes, seed: int) -> dict[str, Any]:
    """Return, by group, the share of different identifiers of a note that some synthetic note holds.

    Groups: "all"; "rare", see `is_rare`; "rare_names" and "rare_numbers" of those; every category; and all by how many
    real notes hold them and by whether a public list has them.
    """
    present = frozenset[str]().union(*notes.found)
    return {name: _measure(notes, kind, present, seed) for name, kind in _kinds(notes).items()}


def frequencies(notes: Sequence[RealNote]) -> Counter[str]:
    """Return how many patients' notes hold each identifier, marked or not.

    Members and held-out notes are counted together: counted apart, the larger side would have fewer rare ones, and the
    two could not be compared.
    """
    patients = by_patient((note.keys for note in notes), (note.group for note in notes))
    return Counter(key for keys in patients for key in frozenset[str]().union(*keys))


def is_rare(category: str, key: str, frequency: Counter[str]) -> bool:
    """Whether an identifier tells who somebody is: of at most `RARE_IN` patients and in no public list."""
    return identifies(category, key) and frequency[key] <= RARE_IN and key not in public_keys()


def _kinds(notes: Notes) -> dict[str, Kind]:
    frequency, public = frequencies(notes.real), public_keys()
    notes_with = Counter(key for note in notes.real for key in note.keys)

    def rare(category: str, key: str) -> bool:
        return is_rare(category, key, frequency)

    return {
        "all": lambda category, key: True,
        "rare": rare,
        "rare_names": lambda category, key: category == "NAME" and rare(category, key),
        "rare_numbers": lambda category, key: category in NUMBERS and rare(category, key),
        **{name: partial(_is_of, name) for name in categories()},
        "in_1_note": lambda category, key: notes_with[key] == 1,
        "in_2_to_5_notes": lambda category, key: 2 <= notes_with[key] <= 5,
        "in_more_notes": lambda category, key: notes_with[key] > 5,
        "in_public_lists": lambda category, key: key in public,
        "in_no_public_list": lambda category, key: key not in public,
    }


def _is_of(wanted: str, category: str, key: str) -> bool:
    return category == wanted


def _measure(notes: Notes, kind: Kind, present: frozenset[str], seed: int) -> dict[str, Any]:
    members, heldout = (_counts(side, kind, present) for side in (notes.members, notes.heldout))
    return {
        **compare_rates(members, heldout, seed).as_json(),
        "counts": {
            name: {"found": sum(part for part, _ in side), "of": sum(whole for _, whole in side)}
            for name, side in (("members", members), ("heldout", heldout))
        },
    }


def _counts(notes: Sequence[RealNote], kind: Kind, present: frozenset[str]) -> list[tuple[int, int]]:
    of_kind = [{key for category, key in note.identifiers if kind(category, key)} for note in notes]
    return [(len(keys & present), len(keys)) for keys in of_kind]
