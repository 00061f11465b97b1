"""How many names a model hides, by the names' origin and gender."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language

from spacy_deid.extensions import CharSpan
from spacy_deid.files import sha256, write_json
from spacy_deid.lang.pack import pack_of
from spacy_deid.score.bootstrap import PerNote, intervals
from spacy_deid.score.characters import character_counts, leaks
from spacy_deid.score.measures import Measure
from spacy_deid.score.metrics import DIGITS
from spacy_deid.score.name_frames import GENDERS, NamedText, Origin, read_frames, read_names, texts_of
from spacy_deid.score.note import ScoredNote
from spacy_deid.score.predict import predict
from spacy_deid.score.run import load_model

RECALLS = {
    "characters": Measure(("found",), ("found", "missed")),
    "spans": Measure(("hidden",), ("hidden", "leaked")),
}
_COLUMNS = ("found", "missed", "hidden", "leaked")


def evaluate_names_file(
    model: str, names: Path, frames: Path, output: Path, *, seed: int = 0, quiet: bool = False
) -> dict[str, Any]:
    """Score ``model`` on every name of the file ``names`` in every sentence of ``frames``; write and return the result.

    The result holds figures only, no name. ``seed``: of the bootstrap.
    """
    origins, sentences = read_names(names), read_frames(frames)
    nlp = load_model(model)
    rows = name_recall(nlp, origins, sentences, seed, quiet)
    result = {
        "model": model,
        "version": nlp.meta["version"],
        "names": {"file": names.name, "sha256": sha256(names)},
        "frames": {"file": frames.name, "sha256": sha256(frames), "sentences": len(sentences)},
        "groups": rows,
        "gap": {measure: gap(rows, measure) for measure in RECALLS},
    }
    write_json(output, result)
    return result


def name_recall(
    nlp: Language, origins: dict[str, Origin], frames: Sequence[str], seed: int = 0, quiet: bool = False
) -> list[dict[str, Any]]:
    """Return a row for each origin and gender: the recalls of `RECALLS` in [0, 1] with their 95 % intervals.

    Labels do not count, and a span is found where no letter or digit of it stays readable, as in `evaluate`. The
    bootstrap draws first names with replacement, not sentences: those with the same name are found or missed together.
    """
    groups = [(origin, gender) for origin in origins for gender in GENDERS]
    people = [(group, number) for group in groups for number in range(len(origins[group[0]].first[group[1]]))]
    genitive = pack_of(str(nlp.lang)).facts.genitive
    texts = [list(texts_of(origins[origin], gender, number, frames, genitive)) for (origin, gender), number in people]
    found, _ = predict(nlp, [text for of_name in texts for text, _ in of_name], quiet)
    predicted = iter(found)
    counts: dict[tuple[str, str], list[dict[str, int]]] = {group: [] for group in groups}
    for (group, _), of_name in zip(people, texts, strict=True):
        counts[group].append(_counts(of_name, [next(predicted) for _ in of_name]))
    return [_row(*group, counts[group], seed) for group in groups]


def gap(rows: Sequence[dict[str, Any]], measure: str) -> float:
    """Return how far the worst group is under the best one, in [0, 1]."""
    values = [row[measure]["value"] for row in rows]
    return round(max(values) - min(values), DIGITS)


def _counts(texts: Sequence[NamedText], predicted: Sequence[Sequence[CharSpan]]) -> dict[str, int]:
    total = dict.fromkeys(_COLUMNS, 0)
    for (text, spans), found in zip(texts, predicted, strict=True):
        note = ScoredNote(text, frozenset(spans), frozenset(found))
        characters, leaked = character_counts(note), len(leaks(note))
        of_text = (characters.found, characters.missed, len(note.gold) - leaked, leaked)
        for column, count in zip(_COLUMNS, of_text, strict=True):
            total[column] += count
    return total


def _row(origin: str, gender: str, counts: Sequence[dict[str, int]], seed: int) -> dict[str, Any]:
    per_name: PerNote = {column: [of_name[column] for of_name in counts] for column in _COLUMNS}
    recalls = {
        measure: {key: None if value is None else round(value, DIGITS) for key, value in interval._asdict().items()}
        for measure, interval in intervals(per_name, seed, RECALLS).items()
    }
    return {"origin": origin, "gender": gender, "names": len(counts), **recalls}
