"""Surrogates that agree between notes of one patient: python examples/surrogates_with_a_key.py

It needs the extra "surrogates". Keep the key apart from the output: whoever has it can try values out.
"""

import secrets
from pathlib import Path
from tempfile import TemporaryDirectory

import spacy

NOTES = ["Karin Lind, 470312-9814, kom 12 april 2025.", "Karin Lind kom åter 3 maj 2025. Mobil 070-174 06 33."]

with TemporaryDirectory() as temporary:
    key = Path(temporary) / "deid.key"
    key.touch(mode=0o600)
    key.write_text(secrets.token_hex(32), "ascii")

    nlp = spacy.blank("sv")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    nlp.add_pipe("deid_redact", config={"mode": "surrogate", "key": str(key), "scope": "patient"})

    for note in NOTES:
        doc = nlp.make_doc(note)
        doc._.deid_group = "patient 17"
        print(nlp(doc)._.deid_text)
