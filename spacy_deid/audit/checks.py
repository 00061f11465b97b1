"""Inputs of which an audit would tell nothing, or something false: refused, with the reason."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spacy_deid.audit.longest_runs import longest_runs
from spacy_deid.audit.notes import Notes, RealNote
from spacy_deid.audit.word_table import WordTable, word_table
from spacy_deid.errors import DeidError

FEWEST_NOTES = 20  # of each kind: intervals of fewer tell nothing
_COMMON_WORDS = 100
_SAME_LANGUAGE = 0.5  # of the share that common words have in the members
_SAME_NOTE = 0.5  # of a held-out note's words, in a row in a member


def check(notes: Notes) -> None:
    """Raise DeidError for too few notes, for held-out notes that are members, and for notes of another language."""
    _check_sizes(notes)
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


def _check_apart(notes: Notes) -> None:
    same_id = {note.id for note in notes.members if note.id} & {note.id for note in notes.heldout}
    runs = longest_runs(_table(notes.heldout), _table(notes.members))
    copies = sum(run >= max(1, _SAME_NOTE * note.words.size) for run, note in zip(runs, notes.heldout, strict=True))
    if same_id or copies:
        raise DeidError(
            f"The held-out notes overlap the members: {len(same_id)} have the id of a member, {copies} the text of one "
            "or half of it. What leaked would pass for chance. Remedy: give notes that the language model never saw."
        )


def _table(notes: Sequence[RealNote]) -> WordTable:
    return word_table([note.words for note in notes])


def _check_language(notes: Notes) -> None:
    members = Counter(number for note in notes.members for number in note.words.tolist())
    common = [number for number, _ in members.most_common(_COMMON_WORDS)]
    expected = _share([note.words for note in notes.members], common)
    for name, some in (("held-out", [note.words for note in notes.heldout]), ("synthetic", notes.synthetic)):
        share = _share(some, common)
        if share < _SAME_LANGUAGE * expected:
            raise DeidError(
                f"The {name} notes seem to be of another language or kind than the members: the members' commonest "
                f"{_COMMON_WORDS} words are {expected:.0%} of the members' text and {share:.0%} of theirs. "
                "Remedy: compare notes of one language."
            )


def _share(notes: Sequence[NDArray[np.int32]], common: list[int]) -> float:
    words = np.concatenate([*notes, np.empty(0, np.int32)])
    return float(np.isin(words, common).mean()) if words.size else 0.0
