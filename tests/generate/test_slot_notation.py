"""The notation of slots: a broken slot is repaired as a whole, or counted as malformed and never left as text."""

import pytest

from spacy_deid.corpus.templates.template import Slot
from spacy_deid.generate.slots.notation import labelled_slots, parse, written


@pytest.mark.parametrize(
    ("text", "slots", "repaired", "malformed"),
    [
        ("a {patient.full} b", [("patient", "full")], 0, 0),
        ("{patient.sex.f.letter}", [("patient", "sex.f.letter")], 0, 0),
        ("{patient.full ingresa", [("patient", "full")], 1, 0),
        ("{patient.full\nSexo: {patient.sex}", [("patient", "full"), ("patient", "sex")], 1, 0),
        ("{date.ful}", [("date", None)], 1, 0),
        ("{patient.insurance} {sex.m.letter}", [("number", "insurance"), ("patient", "sex.m.letter")], 2, 0),
        ("{patient.ful}", [], 0, 1),  # a name, an age, a telephone number: nobody can tell
        ("{patient.full.blue}", [("patient", "full")], 1, 0),
        ("{patient.}", [("patient", None)], 1, 0),
        ("patient.full} ingresa", [("patient", "full")], 1, 0),
        (
            "<date.long>, [patient.full.upper] (phone.mobile",
            [("date", "long"), ("patient", "full.upper"), ("phone", "mobile")],
            3,
            0,
        ),
        ("vive: patient.street.", [("patient", "street")], 1, 0),
        ("patient.full@x.es, my.patient.full, ingresa}", [], 1, 0),
        ("{date.long. Alta. {date.long, {date.long;", [("date", "long")] * 3, 3, 0),
        ("{gap} {date}", [("gap", None), ("date", None)], 0, 0),
        ("{nobody.nothing} y {relation.age}", [("patient", "age")], 1, 1),
        ("{dottor.full}", [("patient", "full")], 1, 0),  # somebody's name in any case
        ("{ 3 y {}", [], 0, 2),
        ("sin ninguno", [], 0, 0),
    ],
)
def test_slots_are_read_repaired_or_counted_as_malformed(text, slots, repaired, malformed):
    found = parse(text, "es")
    assert [(part.stem, part.form) for part in found.parts if isinstance(part, Slot)] == slots
    assert (found.repaired, found.malformed) == (repaired, malformed)


@pytest.mark.parametrize(
    "slot",
    [
        "{patient full}",
        "{date full}",
        "{date-long}",
        "{date:long}",
        "{date/long}",
        "{patient.Full}",
        "{Patient.full}",
        "{PATIENT.FULL}",
        "{ patient.full }",
        "{patient. full}",
        "{patient..full}",
        "{patient.full|upper}",
        "{patient.full.upp er}",
        "{patient.full;}",
        "{patient.full,doctor.full}",
        "{pátient.full}",
        "{date.long)",
        "{date.long]",
        "{date long",
        "{date\nlong}",
        "{date-long",
        "Patient.full",
        "patient.Full",
        "PATIENT.FULL",
        "doctor3.full",
        "patient.fulll",
        "patient.fuller",
        "patient.full.wrong",
        "patient_full",
        "care_unit.ward",
        "relative.lower",
        "[number.day_month]",
        "[patient]",
        "<date>",
        "<Date>",
        "[phone]",
        "[ gap ]",
        "date}",
        "doctor2}",
    ],
)
def test_a_broken_slot_is_neither_repaired_in_part_nor_left_as_text_uncounted(slot):
    assert parse(f"A {slot} B.", "es").malformed == 1


@pytest.mark.parametrize(
    "text",
    [
        "paciente (fax) doctor.",
        "Fax: 3. Email: no",
        "Doctor.Ingresa",
        "email.",
        "www.doctor.es/url.html",
        "https://doctor.es",
        "doctor.soto@x.es",
        "doctor.soto-gil@x.es",
        "(patient) relation_ number-",
        "outpatient.clinic",
    ],
)
def test_words_that_are_stems_too_are_no_slots(text):
    found = parse(text, "es")
    assert (found.parts, found.repaired, found.malformed) == ((text,), 0, 0)


def test_a_slot_is_written_as_it_is_read():
    for slot in labelled_slots("es"):
        assert parse(written(slot, "f", "upper"), "es").repaired == 0
