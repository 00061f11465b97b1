"""Difficult cases by kind, and the consistency of a pipeline on variants of them that hardly differ.

A kind is a file of a folder, in inline markup, with ``---`` lines between the cases. An invisible character is written
as its code, ``\\u200b``, so that an editor shows it and keeps it.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from spacy.language import Language

from spacy_deid import markup
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.consistency import CHANGES, Alike, alike, changed
from spacy_deid.evaluate.evaluate import Annotated, predict
from spacy_deid.evaluate.measures import MEASURES, ScoredNote, hiding_counts, leaks
from spacy_deid.evaluate.metrics import DIGITS
from spacy_deid.extensions import CharSpan
from spacy_deid.files import read_utf8, sha256_folder, write_json
from spacy_deid.labels import category_of
from spacy_deid.pipelines import at_operating_point, left_categories, load_pipeline
from spacy_deid.stats import Share, intervals

SCORES: Mapping[str, Share] = {
    "character_recall": MEASURES["character_recall"],
    "over_redaction": MEASURES["over_redaction"],
    "wholly_right": Share(("right",), ("cases",)),
}
AGREEMENT = {
    "inside": Share(("inside_alike",), ("inside",)),
    "outside": Share(("outside_alike",), ("outside",)),
    "whole_cases": Share(("case_alike",), ("cases",)),
}
_BETWEEN_CASES = re.compile(r"^---\n", re.MULTILINE)
_CODE = re.compile(r"\\u([0-9a-f]{4})")


class Case(NamedTuple):
    """A text with its identifiers, and its kind."""

    kind: str
    note: Annotated


def challenge_file(
    model: str, cases: Path | None, output: Path, *, operating_point: str = "", seed: int = 0, quiet: bool = False
) -> dict[str, Any]:
    """Score a pipeline on difficult cases, write the figures and return them; they hold no text.

    Args:
        model: Directory or package of the pipeline.
        cases: Folder of the cases; None for assets/challenge/LANG, of the pipeline's language.
        output: JSON file to write.
        operating_point: Operating point of the pipeline, see ``deid_merge``; "" for the one that it has.
        seed: Of the variants and of the bootstrap.
        quiet: Whether to show no progress bar.
    """
    nlp = load_pipeline(model)
    folder = cases or Path("assets", "challenge", str(nlp.lang))
    read = read_cases(folder)
    with at_operating_point(nlp, operating_point):
        result = {
            "model": model,
            "version": nlp.meta["version"],
            "model_sha256": sha256_folder(nlp.path),
            "operating_point": operating_point,
            "left": sorted(left_categories(nlp)),
            "cases": {"folder": folder.name, "sha256": sha256_folder(folder), "number": len(read)},
            "seed": seed,
            **challenge(nlp, read, seed, quiet),
        }
    write_json(output, result)
    return result


def read_cases(folder: Path) -> list[Case]:
    """Return the cases of all files ``<kind>.txt`` in a folder.

    Raises DeidError for a folder without cases, and for malformed markup, with the file.
    """
    cases = []
    for path in sorted(folder.glob("*.txt")):
        for number, block in enumerate(_BETWEEN_CASES.split(read_utf8(path)), start=1):
            written = _CODE.sub(lambda code: chr(int(code[1], 16)), block.strip())
            try:
                cases.append(Case(path.stem, Annotated(*markup.parse(written))))
            except markup.MarkupError as error:
                raise DeidError(f"{path}, case {number}: {error}") from None
    if not cases:
        raise DeidError(f"{folder} has no cases. Remedy: name a folder of <kind>.txt, such as assets/challenge/sv.")
    return cases


def challenge(nlp: Language, cases: Sequence[Case], seed: int = 0, quiet: bool = False) -> dict[str, Any]:
    """Measure the results of each kind, and the consistency under each change of `CHANGES`.

    Categories that the pipeline leaves in the text by its settings do not count.

    Args:
        nlp: The pipeline.
        cases: The cases.
        seed: Of the variants and of the bootstrap.
        quiet: Whether to show no progress bar.

    Returns:
        "kinds" and "all" with the shares of `SCORES`, and "consistency" with those of `AGREEMENT` for each change, each
        in [0, 1] with its 95 % interval over cases. A case that a change leaves as it is does not count there.
    """
    notes = _without(left_categories(nlp), [case.note for case in cases])
    found, _ = predict(nlp, [note.text for note in notes], quiet)
    counts = [
        _score(ScoredNote(note.text, frozenset(note.spans), frozenset(spans)))
        for note, spans in zip(notes, found, strict=True)
    ]
    of_kind: dict[str, list[dict[str, int]]] = {}
    for case, of_case in zip(cases, counts, strict=True):
        of_kind.setdefault(case.kind, []).append(of_case)
    return {
        "kinds": {kind: _shares(of_cases, SCORES, seed) for kind, of_cases in of_kind.items()},
        "all": _shares(counts, SCORES, seed),
        "consistency": {name: _consistency(nlp, notes, found, name, seed, quiet) for name in CHANGES},
    }


def _without(categories: frozenset[str], notes: Sequence[Annotated]) -> list[Annotated]:
    return [
        Annotated(text, [span for span in spans if category_of(span.label) not in categories]) for text, spans in notes
    ]


def _score(note: ScoredNote) -> dict[str, int]:
    superfluous = leaks(ScoredNote(note.text, note.predicted, note.gold))  # a letter or digit outside identifiers
    return hiding_counts(note) | {"right": int(not leaks(note) and not superfluous), "cases": 1}


def _consistency(
    nlp: Language, notes: Sequence[Annotated], found: Sequence[list[CharSpan]], name: str, seed: int, quiet: bool
) -> dict[str, Any]:
    chances = [Random(f"{seed} {name} {number}") for number in range(len(notes))]  # noqa: S311
    changes = [CHANGES[name](note, str(nlp.lang), rng) for note, rng in zip(notes, chances, strict=True)]
    texts = [changed(pairs) for pairs in changes]
    found_after, _ = predict(nlp, texts, quiet)
    counts = [
        _agreement(alike(note, pairs, before, after))
        for note, pairs, text, before, after in zip(notes, changes, texts, found, found_after, strict=True)
        if text != note.text
    ]
    return _shares(counts, AGREEMENT, seed)


def _agreement(decisions: Alike) -> dict[str, int]:
    case_alike = decisions.inside == decisions.inside_alike and decisions.outside == decisions.outside_alike
    return decisions._asdict() | {"case_alike": int(case_alike), "cases": 1}


def _shares(counts: Sequence[dict[str, int]], shares: Mapping[str, Share], seed: int) -> dict[str, Any]:
    columns = {column for share in shares.values() for column in (*share.part, *share.whole)}
    per_case = {column: [of_case[column] for of_case in counts] for column in sorted(columns)}
    found = {name: figure.rounded(DIGITS) for name, figure in intervals(per_case, shares, seed).items()}
    return {"cases": len(counts), **found}
