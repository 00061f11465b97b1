"""The metadata and the model card of a wheel, from the figures of the earlier stages."""

from typing import Any

from spacy.language import Language

import spacy_deid
from spacy_deid.evaluate.metrics import side_by_side
from spacy_deid.evaluate.operating_points import points_of
from spacy_deid.pages import figure, read_template
from spacy_deid.release.gate import Gate
from spacy_deid.release.provenance import Provenance

PACKAGE_LANG = "deid"  # `spacy package` builds the name as lang_name: deid_es; the pipeline's own language is kept
CARD_MEASURES = (
    "strict_f1",
    "strict_precision",
    "strict_recall",
    "token_f1",
    "character_recall",
    "over_redaction",
    "fully_redacted",
)


def package_meta(nlp: Language, name: str, version: str, provenance: Provenance, gate: Gate) -> dict[str, Any]:
    """Return the meta.json of the package deid_NAME: scores on gold notes, audit, sources, licences.

    Args:
        nlp: The pruned pipeline.
        name: The package's name without deid_.
        version: The package's version.
        provenance: The figures of the earlier stages.
        gate: The gate's finding.
    """
    scores, points = provenance.student.metrics["scores"], points_of(nlp)
    return {
        **nlp.meta,
        "lang": PACKAGE_LANG,
        "name": name,
        "version": version,
        "description": f"Clinical de-identification ({nlp.lang}), trained on {_training_data(provenance)}.",
        "author": "spacy-deid",
        "license": "see README.md",
        "requirements": [f"spacy-deid>={spacy_deid.__version__}"],
        "sources": _sources(nlp, provenance),
        "performance": {
            "ents_p": scores["strict_precision"]["value"],
            "ents_r": scores["strict_recall"]["value"],
            "ents_f": scores["strict_f1"]["value"],
            **{measure: scores[measure]["value"] for measure in CARD_MEASURES},
        },
        "deid_audit": gate.summary(),
        "deid_operating_points": points.written() if points else None,
    }


def _training_data(provenance: Provenance) -> str:
    """Return the training data with numbers: synthetic notes and, if there were any, notes made from templates."""
    public = provenance.corpus["notes"].get("public")
    synthetic = f"{provenance.trained_on:,} synthetic notes"
    return f"{synthetic} and {public:,} made from templates" if public else f"{synthetic} alone"


def holds_encoder(nlp: Language) -> bool:
    """Whether a pretrained encoder, with its licence, is part of the pipeline."""
    return "transformer" in nlp.pipe_names


def _sources(nlp: Language, provenance: Provenance) -> list[dict[str, str]]:
    corpus = provenance.corpus["inputs"]["source"]
    models = [provenance.lm, provenance.encoder] if holds_encoder(nlp) else [provenance.lm]
    return [
        {"name": corpus["name"], "url": corpus["url"], "author": corpus["citation"], "license": corpus["licence"]},
        *({"name": of["model"], "url": of["url"], "author": "", "license": of["licence"]} for of in models),
    ]


def model_card(meta: dict[str, Any], provenance: Provenance, gate: Gate) -> str:
    """Return the model card as Markdown.

    Args:
        meta: The metadata of the package.
        provenance: The figures of the earlier stages.
        gate: The gate's finding.
    """
    lines = {line.measure: line for line in side_by_side([provenance.gold, provenance.student])}
    return read_template("spacy_deid.release", "templates/card.md.jinja", figure=figure).render(
        meta=meta,
        provenance=provenance,
        gate=gate,
        spacy_deid_version=spacy_deid.__version__,
        lines=[lines[measure] for measure in CARD_MEASURES],
    )
