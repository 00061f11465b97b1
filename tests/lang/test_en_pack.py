"""What the English rules find together in sentences of British and American notes, and what surrogates keep.

The cases were written before the rules, from public knowledge; every person, number and address in them is invented or
published for tests. A title is no part of a name.
"""

import re
from random import Random

import pytest
from stdnum.gb import nhs

from spacy_deid.lang.en.identity import phone, replaced
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse, render

CASES = """
NHS number: <ID>999 000 0018</ID>
NHS No <ID>943 476 5919</ID> confirmed
Patient identified by <ID>9434765919</ID> on the wristband
NHS number <ID>943 476 5918</ID> mistyped in referral
SSN: <ID>536-90-4399</ID>
CHI <ID>0101011237</ID> checked
MRN: <ID>00482913</ID>
Hospital no: <ID>RX1482913</ID>
GMC <ID>7654321</ID>
NPI: <ID>1234567893</ID>
DEA # <ID>AB1234563</ID>
Account number <ID>55012893</ID>, policy no. <ID>XKJ204419</ID>
Case <ID>C-20419</ID> reviewed
Tel: <PHONE>020 7946 0123</PHONE>
Mobile <PHONE>07700 900123</PHONE>
Call <PHONE>(212) 555-0147</PHONE> with results
Phone: <PHONE>212-555-0147</PHONE> ext 12
Ring <PHONE>+44 20 7946 0958</PHONE> after 5pm
Bleep <PHONE>4417</PHONE>
Fax: <PHONE>0113 496 0999</PHONE>
Contact <PHONE>+1 415-555-0132</PHONE>
Email <EMAIL>j.harlow@example.org</EMAIL>
Address: <LOCATION>14 Larkfield Road</LOCATION>, <LOCATION>Leeds</LOCATION> <LOCATION>LS6 2XX</LOCATION>
Lives at <LOCATION>221 Maple Street, Apt 4B</LOCATION>, <LOCATION>Springfield</LOCATION>, <LOCATION>IL 62704</LOCATION>
Moved to <LOCATION>Boston</LOCATION>, <LOCATION>MA 02115-4321</LOCATION>
lives in <LOCATION>Norwich</LOCATION> with her sister
lives in <LOCATION>Reading</LOCATION> near the station
Flat at <LOCATION>Flat 3, 27 Queens Avenue</LOCATION>
postcode <LOCATION>sw1a 1aa</LOCATION>
Mr <NAME>Harlow</NAME> positive for influenza
<NAME>Jennifer Harlow</NAME> test result awaited
<NAME>Mary Ann Lee</NAME> sign here
Parkinson's disease, Thomas test negative, Guillain Barre syndrome
Seen on <DATE>12/04/2023</DATE> in clinic
DOB: <DATE>03/27/1958</DATE>
d.o.b. <DATE>27.03.58</DATE>
Admitted <DATE>4th March 2022</DATE>
Discharged on <DATE>March 9, 2022</DATE>
Echo in <DATE>June 2019</DATE> was normal
Review <DATE>2023-05-17</DATE>
Last seen <DATE>Tuesday 6 June</DATE>
CT <DATE>14-Feb-2021</DATE> no change
Diagnosed in <DATE>1998</DATE>
Surgery on <DATE>3/14</DATE> without complications
<AGE>65yo</AGE> man with chest pain
This <AGE>72-year-old</AGE> woman fell
F/<AGE>72</AGE> collapsed at home
<AGE>6 month old</AGE> infant with cough
aged <AGE>43</AGE>, non-smoker
<AGE>81F</AGE> with delirium
Seen by Dr <NAME>Harlow</NAME> today
Discussed with Mr. <NAME>Tobias Fennick</NAME>, surgeon
Patient: <NAME>Harlow, Jennifer</NAME>
Name: <NAME>Oliver Brackenridge</NAME>
Her daughter <NAME>Emily</NAME> visits daily
Mother, <NAME>Patricia Dunmore</NAME>, was present
NOK: <NAME>Susan Fairweather</NAME> (wife)
Electronically signed by <NAME>Rebecca Thornbury</NAME>, MD
<NAME>Daniel O'Rourke</NAME>, RN
cc: Mrs <NAME>M. Pettigrew</NAME>
<NAME>Margaret Walker</NAME> was seen at home
Dear Dr <NAME>Ashcombe</NAME>,
Transferred to <CARE_UNIT>Leeds General Infirmary</CARE_UNIT>
Admitted to <CARE_UNIT>St Botolph's Hospital</CARE_UNIT> overnight
Moved to <CARE_UNIT>Ward 7B</CARE_UNIT>
Seen at <CARE_UNIT>Riverbend Medical Center</CARE_UNIT>
GP at <CARE_UNIT>Elm Tree Surgery</CARE_UNIT>
Attends <ORGANIZATION>Oakfield Primary School</ORGANIZATION>
Works for <ORGANIZATION>Brightwater Logistics Ltd</ORGANIZATION>
Retired <PROFESSION>plumber</PROFESSION>
Works as a <PROFESSION>bus driver</PROFESSION>
BP 120/80, HR 72, sats 98% on room air
Parkinson's disease and Crohn's, on levodopa
GCS 15/15, NEWS 2, pain 7/10
Paracetamol 1 g QDS, warfarin 3/4 mg alternate days
Na 138, K 4.1, creatinine 112, eGFR 59
Babinski negative, Murphy's sign positive, Glasgow Coma Scale 14
Foley catheter in situ; visual acuity 6/9 and 20/40
L4/5 disc prolapse, C5-6 fusion, T12 fracture
Take 1-2 tablets every 4-6 hours for 10 days
Ratio 1:1000, INR 2.5, FEV1/FVC 0.62
"""
# what the rules cannot do yet, written after them
KNOWN_LIMITS = {
    "<NAME>jennifer harlow</NAME> rang": "a whole name in lower case",
    "dob <DATE>twelfth of May 1958</DATE>": "an ordinal in words",
}


def _cases():
    yield from CASES.strip().splitlines()
    for line, reason in KNOWN_LIMITS.items():
        yield pytest.param(line, marks=pytest.mark.xfail(strict=True, reason=reason))


@pytest.fixture(scope="module")
def nlp():
    nlp = fine_blank("en")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    return nlp


@pytest.mark.parametrize("case", _cases())
def test_the_rules_find_each_identifier_and_nothing_else(nlp, case):
    text, _ = parse(case)
    doc = nlp(text)
    assert render(text, [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]) == case


TEXT = (
    "Patient: Jennifer Harlow, NHS number 943 476 5919, seen 4th March 2022 at Larkmoor Hospital, LS6 2XX, "
    "07712 345678."
)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("SPACY_DEID_KEY", "3a" * 32)


def redacted(mode):
    nlp = fine_blank("en")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    nlp.add_pipe("deid_redact", config={"mode": mode})
    return nlp(TEXT)._.deid_text


@pytest.mark.parametrize("mode", ["mask", "surrogate", "shift", "index"])
def test_each_mode_hides_every_identifier(mode):
    text = redacted(mode)
    for original in ("Jennifer", "Harlow", "943 476 5919", "March 2022", "Larkmoor", "LS6 2XX", "07712"):
        assert original not in text


def test_surrogates_keep_the_form():
    form = (
        r"Patient: \w[\w'-]+ \w[\w'-]+, NHS number 999 \d{3} \d{4}, seen \d+(?:st|nd|rd|th) [A-Z][a-z]+ \d{4} at "
        r"[A-Z].*, [A-Z]{1,2}\d+ \d[A-Z]{2}, 07700 900\d{3}\."
    )
    assert re.fullmatch(form, redacted("surrogate"))


def test_replaced_numbers_are_of_ranges_that_nobody_has():
    rng = Random(0)
    number = replaced("943-476-5919", 0, rng)
    assert nhs.is_valid(number)
    assert number.startswith("999-")
    assert replaced("536-90-4399", 0, rng).startswith("666-")
    assert replaced("AB 12 34 56 C", 0, rng).startswith("QQ ")
    assert replaced("00482913", 0, rng) is None


@pytest.mark.parametrize(
    ("given", "form"),
    [
        ("020 7123 4567", r"020 7946 0\d{3}"),
        ("07712 345678", r"07700 900\d{3}"),
        ("+44 7712 345678", r"\+44 7700 900\d{3}"),
        ("01603 123456", r"01632 960\d{3}"),
        ("(617) 726-2000", r"\([2-9]\d\d\) 555-01\d\d"),
        ("+1 617-726-2000", r"\+1 [2-9]\d\d-555-01\d\d"),
        ("726-2000", r"555-01\d\d"),
    ],
)
def test_replaced_telephones_are_reserved_for_fiction(given, form):
    assert re.fullmatch(form, phone(given, Random(0)))
