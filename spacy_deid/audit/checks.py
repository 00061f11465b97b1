"""Refuses inputs for which the figures of an audit would be empty or wrong, with the reason."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spacy_deid.audit.inputs import Notes
from spacy_deid.errors import DeidError

FEWEST_NOTES = 20  # of each kind: with fewer, intervals are too wide to mean anything
_COMMON_WORDS = 100
_LEAST_USED = 0.1  # share of a word's frequency among the members
_SAME_LANGUAGE = (
    0.4  # share of the common words; measured: Spanish and Spanish .6 or more, and Portuguese or Catalan .3
)
_GRAM = 8  # words in a row
_FORM = 2  # members: a passage of more of them is a form, not the text of one
_SAME_NOTE = 0.5  # share of a held-out note's grams; measured: at most .15, .63 with every twentieth word changed


def check(notes: Notes) -> None:
    """Raise DeidError for too few notes, no annotations, held-out notes that are members, or another language."""
    _check_sizes(notes)
    _check_annotated(notes)
    _check_disjoint(notes)
    _check_language(notes)


def _check_sizes(notes: Notes) -> None:
    sizes = {"synthetic": notes.synthetic, "members": notes.members, "held-out": notes.heldout}
    for name, some in sizes.items():
        if len(some) < FEWEST_NOTES:
            aside = f" ({notes.set_aside} more share their patient with a member)" if name == "held-out" else ""
            raise DeidError(
                f"The {name} notes are {len(some)}{aside}; an audit needs at least {FEWEST_NOTES}, better 100 or more."
                " Remedy: give more notes."
            )


def _check_annotated(notes: Notes) -> None:
    for name, some in (("members", notes.members), ("held-out notes", notes.heldout)):
        if not any(note.identifiers for note in some):
            raise DeidError(
                f"The {name} have no annotated identifier, so the audit could find none in the synthetic notes. "
                "Remedy: give annotated notes."
            )


def _check_disjoint(notes: Notes) -> None:
    same_id = {note.id for note in notes.members if note.id} & {note.id for note in notes.heldout}
    copies = int((_shares_of_members(notes) >= _SAME_NOTE).sum())
    if same_id or copies:
        raise DeidError(
            f"The held-out notes overlap the members: {len(same_id)} have the id of a member, {copies} half of the "
            "text of one. Leaked text would look like chance. Remedy: give notes that the language model never saw."
        )


def _shares_of_members(notes: Notes) -> NDArray[np.float64]:
    """Return for each held-out note the share of its grams that a member has too; grams of forms are left out."""
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
                f"The {name} notes seem to be of another language or kind than the members: they use {used:.0%} of the "
                f"members' {common.size} commonest words. Remedy: compare notes of one language."
            )


def _counts(notes: Sequence[NDArray[np.int32]], words: int) -> NDArray[np.int64]:
    return np.bincount(np.concatenate([*notes, np.empty(0, np.int32)]), minlength=words)
