"""Name recall by origin and gender.

Every first name of an origin is put into every sentence of a file of frames, with the origin's surnames in turn.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spacy.language import Language

from spacy_deid.errors import DeidError
from spacy_deid.evaluate.evaluate import predict
from spacy_deid.evaluate.measures import ScoredNote, character_counts, leaks
from spacy_deid.evaluate.metrics import DIGITS
from spacy_deid.extensions import CharSpan
from spacy_deid.files import read_lines, read_utf8, sha256, write_json
from spacy_deid.lang.facts import Genitive
from spacy_deid.lang.pack import pack_of
from spacy_deid.pipelines import load_pipeline
from spacy_deid.stats import PerNote, Share, intervals

RECALLS = {
    "characters": Share(("found",), ("found", "missed")),
    "spans": Share(("hidden",), ("hidden", "leaked")),
}
_COLUMNS = ("found", "missed", "hidden", "leaked")

GENDERS = ("f", "m")
LABEL = "NAME"
_SLOT = re.compile(r"\{([^{}]*)\}")
_SLOTS = ("first", "last", "full", "first_gen")
_TABLE = 'a table for each origin, such as [finnish] f = ["Aamu"], m = ["Otso"], last = ["Muilu"]'


class NamesOfOrigin(NamedTuple):
    """First names by gender (the keys are `GENDERS`) and surnames."""

    first: Mapping[str, Sequence[str]]
    last: Sequence[str]


class NamedText(NamedTuple):
    """A text and the spans of one person's name in it."""

    text: str
    spans: list[CharSpan]


def evaluate_names_file(
    model: str, names: Path, frames: Path, output: Path, *, seed: int = 0, quiet: bool = False
) -> dict[str, Any]:
    """Score a pipeline on every name in every sentence, write the figures and return them; they hold no name.

    Args:
        model: Directory or package of the pipeline.
        names: TOML file of names, see `read_names`.
        frames: File of sentences, see `read_frames`.
        output: JSON file to write.
        seed: Of the bootstrap.
        quiet: Whether to show no progress bar.
    """
    origins, sentences = read_names(names), read_frames(frames)
    nlp = load_pipeline(model)
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
    nlp: Language, origins: dict[str, NamesOfOrigin], frames: Sequence[str], seed: int = 0, quiet: bool = False
) -> list[dict[str, Any]]:
    """Measure the recall of names by origin and gender.

    Labels are ignored, and a span is found if no letter or digit of it stays readable. The bootstrap resamples first
    names, not sentences: the sentences of one name are found or missed together.

    Args:
        nlp: The pipeline.
        origins: Names by origin.
        frames: Sentences with slots.
        seed: Of the bootstrap.
        quiet: Whether to show no progress bar.

    Returns:
        A row for each origin and gender: the recalls of `RECALLS` in [0, 1] with their 95 % intervals.
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
    """Return the difference between the best and the worst group, in [0, 1]."""
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
    recalls = {name: recall.rounded(DIGITS) for name, recall in intervals(per_name, RECALLS, seed).items()}
    return {"origin": origin, "gender": gender, "names": len(counts), **recalls}


def read_names(path: Path) -> dict[str, NamesOfOrigin]:
    """Return each origin of a TOML file: ``f`` and ``m`` have first names, ``last`` surnames; none may be empty."""
    try:
        table = tomllib.loads(read_utf8(path))
    except tomllib.TOMLDecodeError as error:
        raise DeidError(f"{path} is not TOML: {error}. Remedy: {_TABLE}.") from None
    for origin, lists in table.items():
        if (
            not isinstance(lists, dict)
            or lists.keys() != {*GENDERS, "last"}
            or not all(map(_are_names, lists.values()))
        ):
            raise DeidError(f"{path}: {origin!r} is not three lists of names. Remedy: {_TABLE}.")
    if not table:
        raise DeidError(f"{path} holds no names. Remedy: {_TABLE}.")
    return {
        origin: NamesOfOrigin({gender: lists[gender] for gender in GENDERS}, lists["last"])
        for origin, lists in table.items()
    }


def _are_names(names: object) -> bool:
    return isinstance(names, list) and bool(names) and all(isinstance(name, str) and name.strip() for name in names)


def read_frames(path: Path) -> list[str]:
    """Return the sentences of a file, one a line, each with at least one slot: {first}, {last}, {full}, {first_gen}."""
    frames = []
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        slots = _SLOT.findall(line)
        if not slots or not set(slots) <= set(_SLOTS):
            raise DeidError(
                f"{path}, line {number}: no slot, or an unknown one. "
                f"Remedy: use {', '.join(f'{{{slot}}}' for slot in _SLOTS)}."
            )
        frames.append(line)
    if not frames:
        raise DeidError(f"{path} holds no sentence. Remedy: one a line, with a slot such as {{first}}.")
    return frames


def texts_of(
    origin: NamesOfOrigin, gender: str, number: int, frames: Sequence[str], genitive: Genitive
) -> Iterator[NamedText]:
    """Yield every frame with one first name and the origin's surnames in turn.

    Args:
        origin: The names.
        gender: A key of `GENDERS`.
        number: Index of the first name.
        frames: Sentences with slots.
        genitive: The genitive of the sentences' language, for {first_gen}.
    """
    first = origin.first[gender][number]
    for position, frame in enumerate(frames):
        yield fill(frame, first, origin.last[(number + position) % len(origin.last)], genitive)


def fill(frame: str, first: str, last: str, genitive: Genitive) -> NamedText:
    """Fill the slots of a frame with one person's names.

    Args:
        frame: A sentence with slots.
        first: The first name.
        last: The surname.
        genitive: The genitive of the frame's language, for {first_gen}.
    """
    values = {"first": first, "last": last, "full": f"{first} {last}", "first_gen": genitive.of(first)}
    pieces: list[str] = []
    spans = []
    length = read = 0
    for match in _SLOT.finditer(frame):
        before, name = frame[read : match.start()], values[match[1]]
        start = length + len(before)
        spans.append(CharSpan(start, start + len(name), LABEL))
        pieces += before, name
        length, read = start + len(name), match.end()
    return NamedText("".join([*pieces, frame[read:]]), spans)
