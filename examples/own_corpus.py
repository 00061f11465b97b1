"""Read an annotated corpus of your own and score a pipeline on it: python examples/own_corpus.py [FOLDER] [PIPELINE]

FOLDER holds notes with inline markup, <NAME>Karin Lind</NAME>; brat, JSONL, CoNLL and DocBin are read in the same way.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import spacy

from spacy_deid.api import evaluate
from spacy_deid.corpus.convert import convert

HAND_WRITTEN = Path(__file__).parents[1] / "assets" / "sv" / "notes"
MEASURES = ("fully_redacted", "character_recall", "over_redaction", "strict_f1")

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HAND_WRITTEN
with TemporaryDirectory() as temporary:
    work = Path(temporary)
    report = convert(folder, work / "notes.spacy", format="markup", lang="sv", quiet=True)
    print(f"{report.notes} notes, {report.spans} spans")

    pipeline = sys.argv[2] if len(sys.argv) > 2 else str(work / "rules")
    if len(sys.argv) <= 2:
        nlp = spacy.blank("sv")
        nlp.add_pipe("deid_rules")
        nlp.add_pipe("deid_merge")
        nlp.to_disk(pipeline)

    metrics = evaluate(pipeline, work / "notes.spacy", work / "metrics.json", quiet=True)
    for measure in MEASURES:
        score = metrics["scores"][measure]
        print(f"{measure:18} {score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]")
