"""The Norwegian pack on notes of hospitals and municipalities, written by hand before its rules were.

All people, numbers and addresses are invented; identity numbers are of the form of Skatteetaten's test persons (Tenor:
80 is added to the month), so that nobody has them. Written before the rules, save in two cases that follow the other
packs' rules since: "den" belongs to a date and "gammel" to an age.
"""

import datetime as dt
import re
from random import Random

import pytest
import spacy
from stdnum.no import fodselsnummer

from spacy_deid.lang.nb.identity import is_identity_number, phone, replaced
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse, render

CASES = [
    # identity numbers and other numbers
    "Pas. f.nr <ID>12845600021</ID>, innlagt akutt.",
    "Fødselsnummer: <ID>128456 00102</ID>",
    "D-nummer <ID>438985 00188</ID>, bosatt på mottak.",
    "Fnr. <ID>12845600022</ID> (tastefeil?)",
    "Hjelpenummer: <ID>12445600049</ID>",
    "Journalnr. <ID>1029384</ID>, NPR-id <ID>445566778</ID>",
    "HPR-nr: <ID>1234567</ID>",
    "Henvisningsid <ID>8844221</ID>. Rekvisisjonsnr: <ID>R2345678</ID>",
    "Prøvenr. <ID>24H12345</ID> sendt patologen",
    "Org.nr <ID>312 345 676</ID>",
    "Saksnr. <ID>2023/4512</ID> hos Statsforvalteren",
    "Kontonr <ID>1234 56 78903</ID>",
    "Bilen, regnr. <ID>DN 12345</ID>, kjørte av veien",
    "Pacemaker, serienr <ID>PJN123456</ID>",
    # telephones and the like
    "Ring datter på <PHONE>912 34 567</PHONE>.",
    "Tlf: <PHONE>+47 22 85 50 01</PHONE>",
    "mob. <PHONE>91234567</PHONE>, arbeid <PHONE>55 97 12 34</PHONE>",
    "Calling <PHONE>7712</PHONE>, sentralbord <PHONE>02770</PHONE>",
    "faks <PHONE>73 86 12 34</PHONE>",
    "E-post: <EMAIL>kari.bratland@example.no</EMAIL>, se <URL>www.example.no/time</URL>",
    # addresses and places
    "Adresse: <LOCATION>Storgata 12B</LOCATION>, <LOCATION>0184</LOCATION> <LOCATION>Oslo</LOCATION>",
    "Bor i <LOCATION>Kirkeveien 64</LOCATION>, <LOCATION>5072</LOCATION> <LOCATION>Bergen</LOCATION>.",
    "Flyttet fra <LOCATION>Hammerfest</LOCATION> til <LOCATION>Alta</LOCATION> i fjor.",
    "Postboks <LOCATION>4950</LOCATION> <LOCATION>Nydalen</LOCATION>",
    "Oppvokst i <LOCATION>Polen</LOCATION>, bor nå på <LOCATION>Grünerløkka</LOCATION>.",
    "Hjemmesykepleien i <LOCATION>Bærum kommune</LOCATION> varslet.",
    "Søskenbarn i <LOCATION>Mo i Rana</LOCATION>.",
    # dates
    "Innlagt <DATE>12.04.2023</DATE>, utskrevet <DATE>15.04.23</DATE>.",
    "Poliklinisk kontroll <DATE>3. mai 2022</DATE> kl. 10.30.",
    "Operert <DATE>12/4-21</DATE>, ny time <DATE>uke 34</DATE>.",
    "Debut <DATE>mars 2019</DATE>, residiv <DATE>høsten 2021</DATE>.",
    "Falt <DATE>tirsdag 4. juni</DATE> på isen.",
    "<DATE>Den tolvte april</DATE> var hun hos fastlegen.",
    "f. <DATE>03.09.85</DATE>, ugift",
    "født i <DATE>1947</DATE> som nummer tre",
    "Time <DATE>2024-02-08</DATE>. Sykmeldt f.o.m. <DATE>8.2.</DATE> t.o.m. <DATE>22.2.</DATE>",
    "Kommer tilbake <DATE>1. juledag</DATE>, evt. <DATE>onsdag</DATE>.",
    "Sett sist i <DATE>januar</DATE>, MR <DATE>020323</DATE> uten funn.",
    # ages
    "<AGE>78 år gammel</AGE> mann med KOLS.",
    "<AGE>78-årig</AGE> kvinne, tidligere frisk.",
    "En <AGE>45-åring</AGE> innlegges etter fall.",
    "Gutt <AGE>18 mnd</AGE> med feber. Alder: <AGE>1 1/2 år</AGE>",
    "<AGE>Fireårig</AGE> jente; bror på <AGE>7 år</AGE>.",
    # wards, hospitals, organisations
    "Overflyttes til <CARE_UNIT>Rikshospitalet</CARE_UNIT> fra <CARE_UNIT>Ullevål</CARE_UNIT>.",
    "Ligger på <CARE_UNIT>sengepost 3B</CARE_UNIT>, <CARE_UNIT>Haukeland universitetssjukehus</CARE_UNIT>.",
    "Henvist <CARE_UNIT>UNN Tromsø</CARE_UNIT>, tidligere <CARE_UNIT>St. Olavs hospital</CARE_UNIT>.",
    "Fastlege ved <CARE_UNIT>Sagene legesenter</CARE_UNIT>; bor på <CARE_UNIT>Solvang sykehjem</CARE_UNIT>.",
    "Følges ved <CARE_UNIT>DPS Follo</CARE_UNIT> og <CARE_UNIT>BUP Nord</CARE_UNIT>.",
    "Arbeider i <ORGANIZATION>Fjellbygg AS</ORGANIZATION>, sønn går på <ORGANIZATION>Granli skole</ORGANIZATION>.",
    "Elev ved <ORGANIZATION>Lambertseter videregående</ORGANIZATION>, og i <ORGANIZATION>Vestby IL</ORGANIZATION>.",
    # names
    "Overlege <NAME>Kari Bratland</NAME> tilkalt.",
    "Pasient: <NAME>Nilsen, Odd Arne</NAME>",
    "Navn: <NAME>Solveig Haugen</NAME> Kjønn: K",
    "Datteren <NAME>Turid</NAME> og svigersønnen <NAME>Per Erik</NAME> er pårørende.",
    "Ektefelle <NAME>Bjørn Lie</NAME> ringte. Sønn <NAME>Jonas</NAME> til stede.",
    "Tilsyn av lege i spesialisering <NAME>T. Aasen</NAME>.",
    "Vennlig hilsen\n<NAME>Gunnar Myhre</NAME>\nspesialist i allmennmedisin",
    "Mvh <NAME>Lise Moe</NAME>, sykepleier",
    "Signert av <NAME>Ingrid Vik</NAME>. Sign. <NAME>IV</NAME>",
    "spl. <NAME>Marit Dahl</NAME> og hjelpepleier <NAME>Hodan Warsame</NAME> på vakt",
    "Hei <NAME>Astrid</NAME>! Minner om timen.",
    "<NAME>Håkon</NAME> sover godt, <NAME>Bratlands</NAME> prøver er fine.",
    "Tolk <NAME>Amina Yusuf</NAME> deltok via telefon.",
    # what identifies nobody
    "BT 140/85, puls 72, SpO2 96 %, NEWS 2, VAS 7/10.",
    "Paracet 1 g x 4, Marevan etter INR 2-3, Furix 40 mg 1+0+1.",
    "Parkinsons sykdom, Alzheimers og Crohns. Babinski negativ.",
    "Hb 12,4, CRP 123, LPK 10,2, kreatinin 88 og Na 138 mmol/l.",
    "Apgar 9-10-10, svangerskapsuke 38+4, GCS 15.",
    "Røntgen L4-L5, ICD-10 F32.1, N02BE01, dosett x 1 i uken i 3 år.",
    "Norsk Helsenett er nede; Vurderes på nytt. Ingen feber.",
]


@pytest.fixture(scope="module")
def nlp():
    nlp = fine_blank("nb")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge", config={"propagate": False})
    return nlp


def marked(nlp, text):
    return render(text, [(ent.start_char, ent.end_char, ent.label_) for ent in nlp(text).ents])


@pytest.mark.parametrize("markup", CASES)
def test_the_pipeline_marks_each_identifier_whole_and_nothing_else(nlp, markup):
    assert marked(nlp, parse(markup)[0]) == markup


NOTE = """Pasient: Nilsen, Odd Arne, f.nr 128456 00102.
Innlagt 12.04.2023 på sengepost 3B, Haukeland universitetssjukehus. Utskrevet 3. mai 2023.
Bor i Kirkeveien 64, 5072 Bergen. Datteren Turid (tlf. 912 34 567) er pårørende. BT 140/85, CRP 123."""
IDENTIFIERS = (
    "Nilsen",
    "Odd",
    "00102",
    "12.04.2023",
    "3. mai 2023",
    "Kirkeveien",
    "5072",
    "Bergen",
    "Turid",
    "912 34 567",
)


@pytest.mark.parametrize("policy", ["mask", "index", "surrogate", "research"])
def test_a_note_is_redacted_by_a_pipeline_of_spacy_alone(policy, monkeypatch):
    monkeypatch.setenv("SPACY_DEID_KEY", "0" * 64)
    nlp = spacy.blank("nb")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    nlp.add_pipe("deid_redact", config={"policy": policy})
    redacted = nlp(NOTE)._.deid_text
    assert [value for value in IDENTIFIERS if value in redacted] == []
    assert "BT 140/85, CRP 123." in redacted


@pytest.mark.parametrize("number", ["128456 00102", "12845600102", "438985-00188", "124456 00049", "128456 00102."])
@pytest.mark.parametrize("days", [0, 200, -400])
def test_an_identity_number_becomes_that_of_a_test_person_in_the_same_form(number, days):
    drawn = replaced(number, days, Random(1))
    assert re.sub(r"\d", "#", drawn) == re.sub(r"\d", "#", number)
    digits = re.sub(r"\D", "", drawn)
    assert is_identity_number(digits)
    assert not fodselsnummer.is_valid(digits)  # python-stdnum knows real numbers alone
    assert 81 <= int(digits[2:4]) <= 92
    assert int(digits[8]) % 2 == int(re.sub(r"\D", "", number)[8]) % 2


def test_a_birth_date_in_a_number_moves_with_the_dates():
    digits = replaced("12845600021", 30, Random(1))
    assert dt.date(1900 + int(digits[4:6]), int(digits[2:4]) - 80, int(digits[:2])) == dt.date(1956, 5, 12)


@pytest.mark.parametrize("text", ["4711", "129956 00022", "+47 912 34 567"])
def test_what_is_no_identity_number_is_not_replaced_as_one(text):
    assert replaced(text, 0, Random(1)) is None


@pytest.mark.parametrize(
    ("number", "opening"),
    [("912 34 567", "680 5"), ("22 85 50 01", "68 05"), ("+47 91234567", "+47 6805"), ("7712", "7")],
)
def test_a_telephone_number_becomes_one_reserved_for_fiction(number, opening):
    drawn = phone(number, Random(1))
    assert drawn.startswith(opening)
    assert re.sub(r"\d", "#", drawn) == re.sub(r"\d", "#", number)
    assert drawn != number
