"""Identifiers of real notes in synthetic ones: single ones, and several of one person in one note (linkage)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from spacy_deid.audit.inputs import Notes, RealNote
from spacy_deid.audit.intervals import compare_rates, with_alone
from spacy_deid.labels import categories
from spacy_deid.leakage.keys import by_patient, identifies, public_keys

RARE_IN = 2  # patients: two may belong to one family
NUMBERS = ("ID", "PHONE", "EMAIL", "URL")
WITH_NAME = ("DATE", "LOCATION", *NUMBERS)
MANY_FACTS = 3  # beside a rare name: a town, a country and a day in one note may occur by chance, a street seldom does
Kind = Callable[[str, str], bool]  # of a category and a key


def measure_identifiers(notes: Notes, seed: int) -> dict[str, Any]:
    """Return, by group, the share of a note's different identifiers that occur in some synthetic note.

    Groups: "all"; "rare", see `is_rare`; of those, "rare_names" and "rare_numbers"; each category; and all identifiers
    by the number of real notes in which they occur, and by their presence in a public list.
    """
    present = frozenset[str]().union(*notes.found)
    return {name: _measure(notes, kind, present, seed) for name, kind in _kinds(notes).items()}


def frequencies(notes: Sequence[RealNote]) -> Counter[str]:
    """Return the number of patients in whose notes each identifier occurs, marked or not.

    Members and held-out notes are counted together. If each side were counted by itself, the larger one would have
    fewer rare identifiers, and the two could not be compared.
    """
    patients = by_patient((note.keys for note in notes), (note.group for note in notes))
    return Counter(key for keys in patients for key in frozenset[str]().union(*keys))


def is_rare(category: str, key: str, frequency: Counter[str]) -> bool:
    """Whether an identifier identifies a person: of at most `RARE_IN` patients and in no public list."""
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


def measure_linkage(notes: Notes, seed: int) -> dict[str, Any]:
    """Return the share of real notes of which several identifiers occur together in one synthetic note.

    "any": one of the note's names and one of its dates, places or numbers; this often happens by chance. "rare_name":
    one of its rare names (see `is_rare`) and one of its dates, places or numbers, rare or not. The other three hardly
    occur by chance, and leave out names and numbers of both sides, such as a doctor's: "rare_name_and_number", a rare
    name and a rare number; "rare_name_and_facts", a rare name and `MANY_FACTS` dates, places and numbers;
    "rare_numbers", two rare numbers.
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
    """Leave out the keys that occur on both sides."""
    ours, theirs = (frozenset[str]().union(*side) for side in notes.sides(keys))
    return [of_note - (ours & theirs) for of_note in keys]


def _of_notes(notes: Notes, kinds: Collection[str]) -> list[set[str]]:
    return [{key for category, key in note.identifiers if category in kinds} for note in notes.real]


def _linked(notes: Notes, names: list[set[str]], others: list[set[str]], least: int = 1) -> list[bool]:
    """Return for each real note whether one of its names and ``least`` of its others occur in one synthetic note."""
    owners: dict[str, list[int]] = defaultdict(list)
    for number, keys in enumerate(names):
        for key in keys:
            owners[key].append(number)
    linked = [False] * len(names)
    for found in notes.found:
        for name in found & owners.keys():
            for number in owners[name]:
                # Santiago, for example, is a name and a place: one key, not two identifiers
                linked[number] = linked[number] or len(found & (others[number] - {name})) >= least
    return linked
