"""What a wheel says of itself: spaCy's metadata and a model card, both made from what the stages measured."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from spacy.language import Language

import spacy_deid
from spacy_deid.release.provenance import Provenance
from spacy_deid.score.compare import side_by_side

PACKAGE_LANG = "deid"  # `spacy package` builds the name as lang_name: deid_es; the pipeline's own language stays
CARD_MEASURES = (
    "strict_f1",
    "strict_precision",
    "strict_recall",
    "token_f1",
    "character_recall",
    "over_redaction",
    "fully_redacted",
)


def package_meta(nlp: Language, name: str, version: str, provenance: Provenance) -> dict[str, Any]:
    """Return the meta.json of the package deid_``name``: scores on gold test notes, sources with their licences."""
    scores = provenance.student.metrics["scores"]
    source = provenance.corpus["inputs"]["source"]
    return {
        **nlp.meta,
        "lang": PACKAGE_LANG,
        "name": name,
        "version": version,
        "description": f"Clinical de-identification ({nlp.lang}), trained on synthetic notes alone.",
        "author": "spacy-deid",
        "license": "see README.md",
        "requirements": [f"spacy-deid>={spacy_deid.__version__}"],
        "sources": [
            {"name": source["name"], "url": source["url"], "author": source["citation"], "license": source["licence"]},
            {
                "name": provenance.lm["model"],
                "url": provenance.lm["url"],
                "author": "",
                "license": provenance.lm["licence"],
            },
        ],
        "performance": {
            "ents_p": scores["strict_precision"]["value"],
            "ents_r": scores["strict_recall"]["value"],
            "ents_f": scores["strict_f1"]["value"],
            **{measure: scores[measure]["value"] for measure in CARD_MEASURES},
        },
    }


def model_card(meta: dict[str, Any], provenance: Provenance) -> str:
    """Return the model card as Markdown."""
    environment = Environment(
        loader=PackageLoader("spacy_deid.release"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - Markdown made of this project's own figures
    )
    environment.filters["figure"] = figure
    lines = {line.measure: line for line in side_by_side([provenance.gold, provenance.student])}
    return environment.get_template("card.md.jinja").render(
        meta=meta,
        provenance=provenance,
        spacy_deid_version=spacy_deid.__version__,
        lines=[lines[measure] for measure in CARD_MEASURES],
    )


def figure(interval: dict[str, Any], sign: bool = False) -> str:
    """Write a value in [-1, 1] with its interval: ``0.945 [0.931, 0.958]``; a share of nothing is a dash."""
    if interval["value"] is None:
        return "–"
    shape = "{:+.3f}" if sign else "{:.3f}"
    value, low, high = (shape.format(interval[name]) for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"
