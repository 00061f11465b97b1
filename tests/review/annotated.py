"""Notes with annotations, before a review and after it."""

import json

from spacy_deid.corpus.convert import read_corpus
from spacy_deid.corpus.intake import Intake
from spacy_deid.extensions import char_spans

WARD = "Anna Ek kom till Borås 3/4. Bo Ek ringde. Borås är långt. Anna sover."
CALL = "Bo ringde från Borås. Anna Ek svarade inte. Uppföljning 3/4."


def write_notes(path, **notes):
    """Write name=(text, [(string, label)...]): spans by the first place where a string stands."""
    records = []
    for name, (text, marked) in notes.items():
        spans = [
            {"start": text.index(string), "end": text.index(string) + len(string), "label": label, **about}
            for string, label, about in ((*span, {})[:3] for span in marked)
        ]
        records.append(json.dumps({"id": name, "text": text, "spans": spans}))
    path.write_text("\n".join(records), "utf8")
    return path


def spans_of(path):
    """Return {note id: [(string, label)...]} as `deid convert` reads a file."""
    docs = read_corpus(path, Intake(), lang="sv", quiet=True)
    return {doc._.deid_id: [(doc.text[start:end], label) for start, end, label in char_spans(doc)] for doc in docs}


def records(path):
    return [json.loads(line) for line in path.read_text("utf8").split("\n") if line]
