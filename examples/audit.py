"""Audit a corpus for leaked information: python examples/audit.py

The "synthetic" notes are real ones with surrogates in place of names, dates and numbers. Their stories are still those
of the members, and the audit says so: copied passages are over their budget. It needs the extras "generate" (for the
audit) and "surrogates".
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import spacy
from spacy.tokens import DocBin

from spacy_deid.api import audit
from spacy_deid.corpus.convert import convert

HAND_WRITTEN = Path(__file__).parents[1] / "assets" / "sv" / "tuning"

with TemporaryDirectory() as temporary:
    work = Path(temporary)
    convert(HAND_WRITTEN, work / "all.spacy", format="markup", lang="sv", quiet=True)
    nlp = spacy.blank("sv")
    docs = list(DocBin(store_user_data=True).from_disk(work / "all.spacy").get_docs(nlp.vocab))
    members, heldout = docs[0::2], docs[1::2]

    nlp.add_pipe("deid_redact", config={"mode": "surrogate"})
    synthetic = [nlp.make_doc(nlp(doc.copy())._.deid_text) for doc in members]

    for name, side in {"members": members, "heldout": heldout, "synthetic": synthetic}.items():
        DocBin(store_user_data=True, docs=side).to_disk(work / f"{name}.spacy")
    found = audit(work / "synthetic.spacy", work / "members.spacy", work / "heldout.spacy", quiet=True)

MARKS = {True: "over", False: "within", None: "not measured"}
for row in found["verdict"]["budgets"]:
    print(f"{MARKS[row['over']]:12} {row['title']}")
