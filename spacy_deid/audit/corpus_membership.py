"""Membership inference from the synthetic notes alone: all that an outsider has who gets the corpus and nothing else.

A language model is trained on the synthetic notes, and tells for each real note how likely it finds it (Meeus et al.
2025, arXiv 2502.14921, do so with n-grams too).
"""

from typing import Any

from spacy_deid.audit.attack import measure_attack
from spacy_deid.audit.notes import Notes
from spacy_deid.audit.word_model import log_probabilities


def measure_corpus_membership(notes: Notes, seed: int) -> dict[str, Any]:
    """Return AUC and TPR at 1 % FPR of attacks by three scores.

    "likelihood": mean log probability of a word. "calibrated": the same less that by single words, so that notes of
    common words gain nothing. "longest_run": words in a row that a synthetic note repeats.
    """
    whole, single = log_probabilities(notes.real_table, notes.synthetic_table, notes.vocabulary_size)
    scores = {
        "likelihood": whole,
        "calibrated": whole - single,
        "longest_run": notes.longest_runs,
    }
    return {name: measure_attack(*notes.sides(score), seed).as_json() for name, score in scores.items()}
