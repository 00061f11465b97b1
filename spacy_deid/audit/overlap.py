"""Word sequences that synthetic and real notes have in common."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from spacy_deid.audit.inputs import Notes
from spacy_deid.audit.intervals import compare_means, compare_rates, with_alone

GRAMS = (3, 5, 8, 13)
LONG_RUN = 25  # words
COPIED_RUN = 50
_STEPS = (0, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 200)


def measure_overlap(notes: Notes, seed: int) -> dict[str, Any]:
    """Return n-gram recall for each n of `GRAMS`, and figures of the longest common runs of words.

    Recall: the share of a note's different n-grams that also occur in any synthetic note. ``long_runs``: the share of
    notes of which some synthetic note repeats at least `LONG_RUN` words in a row. ``copied``: the same with at least
    `COPIED_RUN` words that no note of the other side has, as it would have those of a form. ``longest_run``: the mean
    length in words. ``run_lengths``: the number of notes whose longest run has each length.
    """
    members, heldout = notes.sides(notes.longest_runs)
    return {
        **{f"recall_{n}": compare_rates(*notes.sides(_recalls(notes, n)), seed).as_json() for n in GRAMS},
        "long_runs": compare_means(members >= LONG_RUN, heldout >= LONG_RUN, seed).as_json(),
        "copied": with_alone(*notes.sides(_copied(notes)), seed),
        "longest_run": compare_means(members, heldout, seed).as_json(),
        "run_lengths": {
            "from": list(_STEPS),
            "members": _histogram(members),
            "heldout": _histogram(heldout),
        },
    }


def _recalls(notes: Notes, n: int) -> list[tuple[int, int]]:
    """Return for each real note the number of its different n-grams in synthetic notes, and the number of all."""
    synthetic = np.unique(notes.synthetic_table.windows(n)[0])
    hashes, owners = notes.real_table.windows(n)
    different = np.unique(np.stack([owners.astype(np.uint64), hashes]), axis=1)
    owner, held = different[0].astype(np.int64), np.isin(different[1], synthetic)
    parts = np.bincount(owner[held], minlength=notes.real_table.count)
    wholes = np.bincount(owner, minlength=notes.real_table.count)
    return list(zip(parts.tolist(), wholes.tolist(), strict=True))


def _copied(notes: Notes) -> list[bool]:
    """Return for each real note whether a synthetic one repeats a long run of it that the other side lacks."""
    runs, owners = notes.real_table.windows(COPIED_RUN)
    of_member = owners < len(notes.members)
    on_both_sides = np.intersect1d(runs[of_member], runs[~of_member])
    copied = np.isin(runs, notes.synthetic_table.windows(COPIED_RUN)[0]) & ~np.isin(runs, on_both_sides)
    is_copied: list[bool] = (np.bincount(owners[copied], minlength=len(notes.real)) > 0).tolist()
    return is_copied


def _histogram(runs: Sequence[int]) -> list[int]:
    return np.histogram(runs, bins=[*_STEPS, np.inf])[0].tolist()
