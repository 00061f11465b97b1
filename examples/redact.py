"""Redact a note in Python: python examples/redact.py [PIPELINE]

Without an argument the pipeline has rules alone, which find numbers, dates, addresses and listed names. A packaged
pipeline such as deid_sv has a trained model as well.
"""

import sys

import spacy

from spacy_deid.api import redact

NOTE = """Karin Lind, 470312-9814, ringde 12 april 2025.
Nås på 070-174 06 33 eller karin.lind@example.se. BT 135/80, NRS 3/10."""

if len(sys.argv) > 1:
    nlp = spacy.load(sys.argv[1])
else:
    nlp = spacy.blank("sv")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")

doc = nlp(NOTE)
for ent in doc.ents:
    print(f"{ent.start_char:3} {ent.end_char:3}  {ent.label_:8} {ent._.deid_source:28} {ent.text}")

print(redact(NOTE, nlp))
