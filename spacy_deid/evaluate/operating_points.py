"""Operating points: the curve of recall against over-redaction, the thresholds chosen on it, and `deid calibrate`."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab
from tqdm import tqdm

from spacy_deid.annotate.merge import DeidMerge
from spacy_deid.annotate.operating_points import NAMES, CurvePoint, OperatingPoints
from spacy_deid.annotate.token_ner import CANDIDATES, DeidNer
from spacy_deid.corpus.formats.docbin import read_docs
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.evaluate import BATCH_SIZE, Annotated, check_all_read, leave_out
from spacy_deid.evaluate.measures import MEASURES, ScoredNote, hiding_counts
from spacy_deid.evaluate.metrics import CURVE, DIGITS
from spacy_deid.evaluate.reliability import reliability
from spacy_deid.extensions import CharSpan, char_spans
from spacy_deid.files import replaced_directory, sha256
from spacy_deid.pipelines import MERGE, component_of, left_categories, load_pipeline
from spacy_deid.stats import intervals
from spacy_deid.training.callbacks import TRAINED_ON

THRESHOLDS = (
    *(0.99, 0.97, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.35, 0.3, 0.25),
    *(0.2, 0.17, 0.14, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02, 0.01),
)
LIMITS = {"balanced": 0.015, "careful": 0.03, "strict": 0.06}
_MEASURES = {name: MEASURES[name] for name in CURVE}
_EARLY_STOPPING = "dev"  # the block of [corpora] whose notes choose a checkpoint and train nothing


Counts = Mapping[str, int]


class ReadNotes(NamedTuple):
    """Gold notes, their Docs as the pipeline left them before ``deid_merge``, and what was counted in each so far."""

    gold: Sequence[Annotated]
    docs: Sequence[Doc]
    known: Sequence[dict[tuple[int, ...], Counts]]


def calibrate(
    pipeline: str,
    held_out: Path,
    out: Path,
    *,
    limits: Mapping[str, float] = LIMITS,
    made: str = "",
    seed: int = 0,
    quiet: bool = False,
) -> OperatingPoints:
    """Write a pipeline with calibrated probabilities and operating points chosen on held-out notes.

    Args:
        pipeline: Directory or package of a pipeline with ``deid_ner`` and ``deid_merge``.
        held_out: Corpus file of annotated notes that the pipeline was not trained on.
        out: Directory to write.
        limits: The greatest over-redaction of each operating point on the held-out notes, from 0 to 1.
        made: Origin of the held-out notes if they are not real.
        seed: Of the bootstrap.
        quiet: Whether to show no progress bar.

    Returns:
        The operating points, as they are stored in the pipeline.

    Raises:
        DeidError: The pipeline has no such components or was trained on the notes, or no threshold is within a limit.
    """
    nlp = load_pipeline(pipeline)
    ner, merge = component_of(nlp, "deid_ner"), component_of(nlp, MERGE)
    _refuse_training_notes(nlp, held_out)
    docs = list(read_docs(held_out, Vocab()))
    # of all categories: deid_ner knows nothing of those that deid_merge leaves in the text
    found = reliability(nlp, ner, [Annotated(doc.text, char_spans(doc)) for doc in docs])
    leave_out(docs, left_categories(nlp))
    gold = [Annotated(doc.text, char_spans(doc)) for doc in docs]
    of_ner, of_merge = _components(nlp, ner, merge)
    of_ner.calibrate(found["temperature"], THRESHOLDS)
    thresholds, curve = _chosen(of_merge, read_notes(nlp, gold, quiet), limits, seed)
    notes = {"notes": len(gold), "made": made}
    points = OperatingPoints(thresholds, dict(limits), tuple(curve), notes, found)
    _write(pipeline, out, ner, merge, points)
    return points


def _refuse_training_notes(nlp: Language, held_out: Path) -> None:
    recorded: Mapping[str, Sequence[str]] = nlp.meta.get(TRAINED_ON, {})
    if any(sha256(held_out) in hashes for name, hashes in recorded.items() if name != _EARLY_STOPPING):
        raise DeidError(
            f"{held_out} is among the training notes of the pipeline, on which it is far surer than on others. "
            "Remedy: give notes that it was not trained on."
        )


def _write(pipeline: str, out: Path, ner: str, merge: str, points: OperatingPoints) -> None:
    """Write the pipeline as it was trained, with the points: one that read the notes has their words in its strings."""
    nlp = load_pipeline(pipeline)
    of_ner, of_merge = _components(nlp, ner, merge)
    of_ner.calibrate(points.reliability["temperature"], THRESHOLDS)
    of_merge.points = points
    with replaced_directory(out, "meta.json") as new:
        nlp.to_disk(new)


def _components(nlp: Language, ner: str, merge: str) -> tuple[DeidNer, DeidMerge]:
    components: Any = dict(nlp.pipeline)
    return components[ner], components[merge]


def read_notes(nlp: Language, gold: Sequence[Annotated], quiet: bool = False) -> ReadNotes:
    """Return the notes as the components before ``deid_merge`` leave them.

    Args:
        nlp: The pipeline.
        gold: The gold notes.
        quiet: Whether to show no progress bar.

    Raises:
        DeidError: The pipeline did not read all characters.
    """
    names, texts = nlp.pipe_names, [text for text, _ in gold]
    with nlp.select_pipes(enable=names[: names.index(component_of(nlp, MERGE))]):
        stream = nlp.pipe(texts, batch_size=BATCH_SIZE)
        docs = list(tqdm(stream, total=len(texts), desc="read", unit="note", disable=quiet))
    check_all_read(texts, [doc.text for doc in docs])
    return ReadNotes(gold, docs, [{} for _ in docs])


def points_of(nlp: Language) -> OperatingPoints | None:
    """Return the operating points of a pipeline, or None if it has none."""
    merges = [component for _, component in nlp.pipeline if isinstance(component, DeidMerge)]
    return merges[0].points if merges else None


def curve_of(nlp: Language, gold: Sequence[Annotated], seed: int = 0, quiet: bool = False) -> list[CurvePoint]:
    """Return the figures of a calibrated pipeline on gold notes at each threshold of its curve, as it is used.

    Args:
        nlp: The pipeline, with operating points.
        gold: The notes.
        seed: Of the bootstrap.
        quiet: Whether to show no progress bar.
    """
    merge: Any = nlp.get_pipe(component_of(nlp, MERGE))
    points: OperatingPoints = merge.points
    notes = read_notes(nlp, gold, quiet)
    return [_measured(merge, notes, points.above(of.threshold), seed) for of in points.curve]


def _chosen(
    merge: DeidMerge, notes: ReadNotes, limits: Mapping[str, float], seed: int
) -> tuple[dict[str, float], list[CurvePoint]]:
    """Return for each name the lowest threshold within its limit, and the curve.

    A threshold below a chosen one is measured as it will be used: with all that the chosen one covers.
    """
    chosen: dict[str, float] = {}
    curve: list[CurvePoint] = []
    remaining = list(NAMES)
    for threshold in THRESHOLDS:
        point = _measured(merge, notes, [*_distinct(chosen.values()), threshold], seed)
        while remaining and (point.over_redaction["value"] or 0) > limits[remaining[0]]:
            if not curve:
                raise DeidError(
                    f"At a threshold of {threshold} the over-redaction of the held-out notes is "
                    f"{point.over_redaction['value']:.4f}, above the limit {limits[remaining[0]]} of {remaining[0]!r}. "
                    f"Remedy: a higher limit (--{remaining[0]}), or a pipeline that is more precise."
                )
            chosen[remaining.pop(0)] = curve[-1].threshold
            point = _measured(merge, notes, [*_distinct(chosen.values()), threshold], seed)
        curve.append(point)
    return chosen | dict.fromkeys(remaining, THRESHOLDS[-1]), curve


def _distinct(thresholds: Iterable[float]) -> list[float]:
    return sorted(set(thresholds), reverse=True)


def _measured(merge: DeidMerge, notes: ReadNotes, thresholds: Sequence[float], seed: int) -> CurvePoint:
    """Measure the last threshold, with all that the ones before it cover."""
    each = zip(notes.gold, notes.docs, notes.known, strict=True)
    counts = [_counts(merge, gold, doc, thresholds, known) for gold, doc, known in each]
    columns = {column: [of[column] for of in counts] for measure in _MEASURES.values() for column in measure.whole}
    figures: Mapping[str, Any] = intervals(columns, _MEASURES, seed)
    return CurvePoint(thresholds[-1], **{name: figure.rounded(DIGITS) for name, figure in figures.items()})


def _counts(
    merge: DeidMerge, gold: Annotated, doc: Doc, thresholds: Sequence[float], known: dict[tuple[int, ...], Counts]
) -> Counts:
    """Return the counts of a note; ``known``: those of thresholds at which the same candidates counted."""
    scores = [span._.deid_score for span in doc.spans[CANDIDATES]]
    reached = tuple(dict.fromkeys(sum(score >= threshold for score in scores) for threshold in thresholds))
    if reached not in known:
        entities = merge.merge_at(doc, thresholds).ents
        predicted = frozenset(CharSpan(ent.start_char, ent.end_char, ent.label_) for ent in entities)
        known[reached] = hiding_counts(ScoredNote(gold.text, frozenset(gold.spans), predicted))
    return known[reached]
