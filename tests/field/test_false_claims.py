"""Titles, articles, drugs, doses, results and eponyms stay in the text, though a model takes them for identifiers.

Left: what a model marked in the text, right: what comes out, see test_bounds.py.
"""

import pytest
from marked_text import Merge
from spacy.language import Language

from spacy_deid.markup import parse

# --- a title alone is nobody's name, and neither is an article


@pytest.mark.parametrize(
    ("lang", "model", "right"),
    [
        ("sv", "/<NAME>Leg</NAME> läk <NAME>Peter Zyrkan</NAME>", "/Leg läk <NAME>Peter Zyrkan</NAME>"),
        ("sv", "/<NAME>Leg läk Peter Zyrkan</NAME>", "/Leg läk <NAME>Peter Zyrkan</NAME>"),
        ("sv", "<NAME>Överl</NAME>. <NAME>Britt Zyrkan</NAME>", "Överl. <NAME>Britt Zyrkan</NAME>"),
        ("sv", "<NAME>Leg psykolog</NAME>", "Leg psykolog"),
        ("sv", "<NAME>ST-läkare Omar Zyrkan</NAME>", "ST-läkare <NAME>Omar Zyrkan</NAME>"),
        ("sv", "<NAME>Omar Zyrkan, spec läk</NAME>", "<NAME>Omar Zyrkan</NAME>, spec läk"),
        ("sv", "<NAME>ssk</NAME> ringer <NAME>Dr. Zyrkan</NAME>", "ssk ringer Dr. <NAME>Zyrkan</NAME>"),
        ("sv", "<NAME>Distriktssköterskan</NAME> kom", "Distriktssköterskan kom"),
        (
            "es",
            "ve a <NAME>Sra. Zyrkan y</NAME> <NAME>Sr. Qvalund</NAME>",
            "ve a Sra. <NAME>Zyrkan</NAME> y Sr. <NAME>Qvalund</NAME>",
        ),
        ("es", "<NAME>Médico</NAME> de guardia", "Médico de guardia"),
        ("es", "toma <NAME>el</NAME> día, <NAME>La</NAME> paciente", "toma el día, La paciente"),
        # initials look like titles
        ("sv", "/<NAME>UL</NAME>, <NAME>KUB</NAME>", "/<NAME>UL</NAME>, <NAME>KUB</NAME>"),
        ("es", "<NAME>EL</NAME>", "<NAME>EL</NAME>"),
        ("sv", "<NAME>Pal</NAME> sover", "<NAME>Pal</NAME> sover"),
    ],
)
def test_titles_and_articles_are_no_names(merged: Merge, lang: str, model: str, right: str) -> None:
    assert merged(model, lang) == right


# --- drugs, doses and results stay: a surrogate would make false medical text of them


@pytest.mark.parametrize(
    ("lang", "model"),
    [
        ("sv", "<ORGANIZATION>Inj Solu-Cortef 200 mg iv</ORGANIZATION>"),
        ("sv", "Inj <ORGANIZATION>Solu-Cortef</ORGANIZATION> 200 mg iv"),
        ("sv", "Insatt på <LOCATION>Lyrica</LOCATION> och <NAME>Stelara</NAME>"),
        ("sv", "<CARE_UNIT>Inf Perfalgan</CARE_UNIT> 1 g"),
        ("sv", "<NAME>Inj</NAME> 2 ml"),
        ("sv", "Tabl <NAME>Zyrkanol</NAME> 50 mg"),  # no list holds it
        ("sv", "<NAME>Yasmin</NAME> 1 tabl, <NAME>Diane</NAME> 2 mg"),
        ("sv", "<NAME>Hypertoni</NAME>, <NAME>Kolecystit</NAME>"),
        ("es", "<NAME>Urbason</NAME> 40 mg iv, <ORGANIZATION>Nolotil</ORGANIZATION>"),
        ("sv", "LPK <ID>10025</ID>, Trc <ID>245000</ID>, CK <LOCATION>12345</LOCATION>"),
        ("sv", "NT-proBNP: <ID>35000</ID>, ferritin=<DATE>10250</DATE>"),
        ("es", "plaquetas <ID>245000</ID>, CPK <ID>12345</ID>"),
    ],
)
def test_drugs_and_results_stay(merged: Merge, lang: str, model: str) -> None:
    assert merged(model, lang) == parse(model)[0]


@pytest.mark.parametrize(
    ("lang", "model"),
    [
        ("sv", "<NAME>Yasmin</NAME> ringer"),  # a drug, and a woman
        ("sv", "gav <NAME>Anna</NAME> 5 mg Stesolid"),
        ("sv", "<NAME>Per</NAME> och <NAME>Dag</NAME>"),  # words of doses, and men
        ("sv", "<NAME>Anna Hypertoni</NAME>"),
        ("sv", "rum <ID>10025</ID>"),
        ("sv", "<CARE_UNIT>Kirurgen</CARE_UNIT>"),
    ],
)
def test_what_may_be_somebody_does_not_stay(merged: Merge, lang: str, model: str) -> None:
    assert merged(model, lang) == model


def test_the_callers_record_is_right_about_drugs_and_titles(pipelines: dict[str, Language]) -> None:
    doc = pipelines["sv"].make_doc("Lyrica 50 mg, Överläkare, CK 12345")
    known = (("NAME", "Lyrica"), ("NAME", "Överläkare"), ("ID", "12345"))
    doc._.deid_known = [{"label": label, "value": value} for label, value in known]
    assert [ent.text for ent in pipelines["sv"](doc).ents] == ["Lyrica", "Överläkare", "12345"]


# --- eponyms of several persons are nobody's name


@pytest.mark.parametrize("lang", ["sv", "es"])
@pytest.mark.parametrize(
    "model",
    [
        "<NAME>Budd-Chiari</NAME>",
        "<NAME>Budd</NAME>-Chiari",
        "Budd-<NAME>Chiari</NAME>",
        "<NAME>Budd Chiari</NAME>",
        "<NAME>Budd–Chiaris</NAME> syndrom",
        "<NAME>budd-chiari</NAME>",
        "<LOCATION>Klippel-Trenaunay-Weber</LOCATION>",
        "<NAME>Sturge-Weber</NAME>, <NAME>Peutz-Jeghers</NAME>",
        "<NAME>von Hippel-Lindau</NAME>",
    ],
)
def test_an_eponym_stays(merged: Merge, lang: str, model: str) -> None:
    assert merged(model, lang) == parse(model)[0]


@pytest.mark.parametrize("model", ["<NAME>Joel Cohen</NAME>", "<NAME>Miller</NAME>", "<NAME>Budd Zyrkan</NAME>"])
def test_a_person_named_like_a_part_of_an_eponym_does_not_stay(merged: Merge, model: str) -> None:
    assert merged(model) == model
