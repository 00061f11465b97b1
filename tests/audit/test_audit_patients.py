"""Patients with several notes each: rarity is counted by patients, not by notes."""

import pytest

from spacy_deid.audit.run import audit
from spacy_deid.corpus.formats.docbin import write


@pytest.mark.slow
@pytest.mark.parametrize("notes_each", [1, 3])
def test_a_patient_s_name_and_number_are_found_however_many_notes_hold_them(
    notes_each, save, made_note, heldout, strangers
):
    patients = [made_note(seed).person for seed in range(20)]
    docs = [made_note(600 + n, person=patients[n % 20]).doc() for n in range(20 * notes_each)]
    for n, doc in enumerate(docs):
        doc._.deid_group = f"patient{n % 20}"
    leaked = [made_note(700 + n, person=patients[n][:2]) for n in range(20)]
    synthetic, members = save(strangers + leaked, "synthetic"), save([], "members")
    write(docs, members)
    found = audit(synthetic, members, save(heldout, "heldout"), quiet=True)
    assert {
        "identifiers.rare_names.difference.low",
        "identifiers.rare_numbers.difference.low",
        "linkage.rare_name_and_number.alone",
    } <= set(found["verdict"]["over"])
