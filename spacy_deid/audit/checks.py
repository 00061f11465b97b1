"""Refuses inputs for which the figures of an audit would be empty or false, with the reason."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spacy_deid.audit.inputs import Notes
from spacy_deid.errors import DeidError

FEWEST_NOTES = 20  # of each kind: with fewer, intervals are too wide to mean anything
_COMMON_WORDS = 100
_LEAST_USED = 0.1  # of how often members use a word
_SAME_LANGUAGE = 0.4  # of the common words; seen: Spanish beside Spanish .6 and more, beside Portuguese or Catalan .3
_GRAM = 8  # words in a row
_FORM = 2  # a passage of more members is a form, not the text of one of them
_SAME_NOTE = 0.5  # of a held-out note's grams; seen: .15 at most, .63 in a member with every twentieth word changed


def check(notes: Notes) -> None:
    """Raise DeidError for too few notes, no annotations, held-out notes that are members, and another language."""
    _check_sizes(notes)
    _check_annotated(notes)
    _check_apart(notes)
    _check_language(notes)


def _check_sizes(notes: Notes) -> None:
    sizes = {"synthetic": notes.synthetic, "members": notes.members, "held-out": notes.heldout}
    for name, some in sizes.items():
        if len(some) < FEWEST_NOTES:
            aside = f" ({notes.set_aside} more share their patient with a member)" if name == "held-out" else ""
            raise DeidError(
                f"The {name} notes are {len(some)}{aside}; an audit needs at least {FEWEST_NOTES}, better 100 and more."
                " Remedy: give more notes."
            )


def _check_annotated(notes: Notes) -> None:
    for name, some in (("members", notes.members), ("held-out notes", notes.heldout)):
        if not any(note.identifiers for note in some):
            raise DeidError(
                f"The {name} have no annotated identifier, so none could be found in the synthetic notes. "
                "Remedy: give annotated notes."
            )


def _check_apart(notes: Notes) -> None:
    same_id = {note.id for note in notes.members if note.id} & {note.id for note in notes.heldout}
    copies = int((_shares_of_members(notes) >= _SAME_NOTE).sum())
    if same_id or copies:
        raise DeidError(
            f"The held-out notes overlap the members: {len(same_id)} have the id of a member, {copies} half of the "
            "text of one. Leaked text would pass for chance. Remedy: give notes that the language model never saw."
        )


def _shares_of_members(notes: Notes) -> NDArray[np.float64]:
    """Return for each held-out note the share of its grams, forms left out, that a member has."""
    grams, owners = notes.real_table.windows(_GRAM)
    of_member = owners < len(notes.members)
    different = np.unique(np.stack([grams[of_member], owners[of_member].astype(np.uint64)]), axis=1)[0]
    known, holders = np.unique(different, return_counts=True)
    heldout, owner = grams[~of_member], owners[~of_member] - len(notes.members)
    is_form, is_known = np.isin(heldout, known[holders > _FORM]), np.isin(heldout, known)
    shared = np.bincount(owner[is_known & ~is_form], minlength=len(notes.heldout))
    wholes = np.bincount(owner[~is_form], minlength=len(notes.heldout))
    return shared / np.maximum(wholes, 1)


def _check_language(notes: Notes) -> None:
    members = _counts([note.words for note in notes.members], notes.vocabulary_size)
    common = np.argsort(-members)[:_COMMON_WORDS]
    expected = members[common] / members.sum()
    for name, some in (("held-out", [note.words for note in notes.heldout]), ("synthetic", notes.synthetic)):
        theirs = _counts(some, notes.vocabulary_size)
        used = float((theirs[common] > _LEAST_USED * expected * theirs.sum()).mean())
        if used < _SAME_LANGUAGE:
            raise DeidError(
                f"The {name} notes seem to be of another language or kind than the members: of the members' commonest "
                f"{common.size} words they use {used:.0%}. Remedy: compare notes of one language."
            )


def _counts(notes: Sequence[NDArray[np.int32]], words: int) -> NDArray[np.int64]:
    return np.bincount(np.concatenate([*notes, np.empty(0, np.int32)]), minlength=words)
