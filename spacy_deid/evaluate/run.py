"""Evaluation of files: reads models, corpora and metrics files, and writes metrics files."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_deid.corpus.formats.docbin import read_docs
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.evaluate import Annotated, evaluate_docs, evaluate_model, leave_out
from spacy_deid.evaluate.metrics import Contender, Metrics, as_metrics, describe_gold, read_metrics
from spacy_deid.evaluate.operating_points import curve_of, points_of
from spacy_deid.extensions import char_spans
from spacy_deid.files import sha256_folder, write_json
from spacy_deid.lang.pack import pack_of
from spacy_deid.manifest import MANIFEST, read_manifest
from spacy_deid.pipelines import at_operating_point, left_categories, load_pipeline

WITH_RULES = ("deid_rules", "deid_merge")


def evaluate_file(
    model: str,
    gold: Path,
    output: Path,
    *,
    made: str = "",
    model_alone: bool = False,
    operating_point: str = "",
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    quiet: bool = False,
) -> Metrics:
    """Score a model on a corpus file, write the metrics and return them.

    Args:
        model: Directory or installed package of a pipeline, or a .spacy file of predictions made elsewhere.
        gold: Corpus file of annotated notes.
        output: JSON file to write.
        made: How the gold notes were made, if they are not real; by default from the manifest of `deid corpus` beside
            the file.
        model_alone: Whether to leave out the pipeline's rules, which do not come from the training data.
        operating_point: Operating point of the pipeline, see ``deid_merge``; "" for the one that it has.
        settings: Changes to the pipeline's config, see `load_pipeline`.
        seed: Of the bootstrap.
        quiet: Whether to show no progress bar.

    Returns:
        The metrics, see `as_metrics`. "left" has the categories that the pipeline leaves in the text by its settings;
        the gold is compared without them. If the pipeline has operating points, "operating_points" has its figures on
        these notes at each threshold.

    Raises:
        DeidError: ``model_alone`` or ``operating_point`` with a file of predictions, a pipeline without that operating
            point, or a file or pipeline that cannot be read.
    """
    docs = list(read_docs(gold, Vocab()))
    points, left = None, frozenset[str]()
    if Path(model).suffix == ".spacy":
        if model_alone or operating_point:
            setting = "rules to leave out" if model_alone else "operating points"
            raise DeidError(f"{model!r} has predictions and no {setting}. Remedy: name the pipeline.")
        predicted = list(read_docs(Path(model), Vocab()))
        version, digest, speed, read = "", "", None, sum(len(doc.text) for doc in predicted)
        evaluation = evaluate_docs(docs, predicted, seed)
    else:
        nlp = load_pipeline(model, WITH_RULES if model_alone else (), settings)
        version, digest = nlp.meta["version"], sha256_folder(nlp.path)
        # the model alone has no deid_merge: it is compared on the categories on which the pipeline is
        left = frozenset(pack_of(nlp.lang).facts.leave) if model_alone else left_categories(nlp)
        leave_out(docs, left)
        with at_operating_point(nlp, operating_point):
            evaluation, speed = evaluate_model(nlp, docs, seed, quiet, left)
        read, points = speed.characters, points_of(nlp)
    described = describe_gold(gold, docs, made or how_made(gold))
    metrics = as_metrics(evaluation, model, version, described, read=read, speed=speed)
    metrics |= {"model_sha256": digest, "operating_point": operating_point, "left": sorted(left)}
    if points is not None:
        annotated = [Annotated(doc.text, char_spans(doc)) for doc in docs]
        curve = [asdict(point) for point in curve_of(nlp, annotated, seed, quiet)]
        metrics["operating_points"] = {"thresholds": points.thresholds, "curve": curve}
    write_json(output, metrics)
    return metrics


def how_made(corpus: Path) -> str:
    """Return how the notes of a corpus file were made, by the manifest beside it; "" for real notes."""
    return read_manifest(corpus.parent / MANIFEST).get("inputs", {}).get("source", {}).get("made", "")


def read_contender(named: str) -> Contender:
    """Read the metrics file of one ``NAME=METRICS.json``."""
    name, equals, path = named.partition("=")
    if not (name and equals and path):
        raise DeidError(f"{named!r} is not NAME=METRICS.json. Remedy: for example gold=metrics/es/annotator.json.")
    return Contender(name, read_metrics(Path(path)))


def read_synthetic(path: Path) -> Iterator[Doc]:
    """Yield the Docs of one .spacy file, or of all files in a folder, in the order of their names."""
    files = sorted(path.glob("*.spacy")) if path.is_dir() else [path]
    if not files:
        raise DeidError(f"{path} has no .spacy file. Remedy: give the folder that `deid generate` wrote.")
    for file in files:
        yield from read_docs(file, Vocab())
