"""Slots replace identifiers, and values replace slots: no identifier of a note passes through."""

import random
import re

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.generate.modes import read_written, text_of
from spacy_deid.generate.slots.encode import slot_text, with_repeats, without_overlaps
from spacy_deid.generate.slots.notation import STYLES, labelled_slots, written
from spacy_deid.labels import category_of, known_labels
from spacy_deid.markup import parse as parse_markup
from spacy_deid.markup import render
from spacy_deid.surrogates.cast import Cast

BLANK = spacy.blank("xx")


def note(markup: str):
    """Return an annotated note; P, D, T ... are short for longer labels, most of them MEDDOCAN's."""
    text, spans = parse_markup(markup, {*SHORT, *known_labels()})
    doc = BLANK.make_doc(text)
    doc._.deid_gold = [[start, end, SHORT.get(label, label)] for start, end, label in spans]
    return doc


SHORT = {
    "P": "NOMBRE_SUJETO_ASISTENCIA",
    "D": "NOMBRE_PERSONAL_SANITARIO",
    "T": "TERRITORIO",
    "F": "FECHAS",
    "S": "SEXO_SUJETO_ASISTENCIA",
    "A": "EDAD_SUJETO_ASISTENCIA",
    "ID": "ID_SUJETO_ASISTENCIA",
    "TEL": "NUMERO_TELEFONO",
    "MAIL": "CORREO_ELECTRONICO",
    "H": "HOSPITAL",
    "C": "CALLE",
    "O": "MISTERIO",
}


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Nombre: <P>Ana</P>. Apellidos: <P>Ruiz Gil</P>.", "Nombre: {patient.first}. Apellidos: {patient.last}."),
        ("<P>Ana Ruiz Gil</P>, <P>Ruiz</P>, <P>A.R.G.</P>", "{patient.full}, {patient.last}, {patient.initials}"),
        ("<P>RUIZ GIL, ANA</P>", "{patient.last_first.upper}"),
        (
            "Dr. <D>Juan Soto</D> y Dra. <D>Eva Mas</D>; <D>Soto</D>",
            "Dr. {doctor.full} y Dra. {doctor2.full}; {doctor.last}",
        ),
        ("<P>Ana Ruiz</P>, <P>Luis Vega</P>", "{patient.full}, {relative.full}"),
        (
            "Sexo: <S>M</S>. <S>Varón</S>, <S>mujer</S>",
            "Sexo: {patient.sex.f.letter}. {patient.sex.m}, {patient.sex.f.lower}",
        ),
        ("<F>12/10/1946</F>, <F>3 de mayo de 2010</F>, <F>2009</F>", "{date.numeric}, {date.long}, {date.year}"),
        ("Fecha de nacimiento: <F>12/10/1946</F>", "Fecha de nacimiento: {patient.birth}"),
        ("<T>28001</T> <T>Madrid</T>, <T>Zaragoza</T>", "{patient.postcode} {patient.city}, {patient.city}"),
        (
            "Dr. <D>Juan Soto</D>, <T>28001</T>, <MAIL>x@y.es</MAIL>",
            "Dr. {doctor.full}, {doctor.postcode}, {doctor.email}",
        ),
        ("<ID>12345678Z</ID> y <ID>4763954</ID>", "{patient.id} y {number.reserve}"),
        ("<H>Hospital Gil</H>, <H>Hospital Ruiz</H>", "{care_unit.hospital}, {care_unit2.hospital}"),
        ("de <O>X</O>", "de {gap}"),  # a label that nobody listed
        ("Correo: <EMAIL>ana@x.es</EMAIL>", "Correo: {patient.email}"),  # the label of another corpus
        ("Un {texto} cualquiera", "Un (texto) cualquiera"),
        ("", ""),
    ],
)
def test_each_identifier_becomes_the_slot_of_its_kind_form_and_looks(markup, expected):
    assert slot_text(note(markup), "es") == expected


def test_what_is_said_again_is_a_slot_again_though_nobody_marked_it():
    text = slot_text(note("<P>Ana Ruiz</P>, nhc <ID>4763954</ID>. Ruiz duerme. Nhc 4763954. Ruizgil."), "es")
    assert text == "{patient.full}, nhc {number.reserve}. {patient.last} duerme. Nhc {number.reserve}. Ruizgil."


def test_common_words_and_short_values_are_not_sought_elsewhere():
    text = "Una mujer de 4 años: mujer, 4."
    spans = [CharSpan(4, 9, "SEXO_SUJETO_ASISTENCIA"), CharSpan(13, 14, "EDAD_SUJETO_ASISTENCIA")]
    assert with_repeats(text, spans) == spans


def test_spans_that_overlap_hide_all_that_any_of_them_covers():
    spans = [CharSpan(0, 4, "NAME"), CharSpan(2, 9, "DATE"), CharSpan(9, 12, "ID")]
    assert without_overlaps(spans) == [CharSpan(0, 9, "DATE"), CharSpan(9, 12, "ID")]


def a_note(seed):
    """Return a note of random values between words of their own, and these words."""
    draw = random.Random(seed)
    cast = Cast("es", draw)
    slots = draw.sample(sorted(labelled_slots("es")), k=8)
    pieces = [
        (f"clinica{number}x ", cast.value(*[*slot.split("."), None][:2]), slot) for number, slot in enumerate(slots)
    ]
    text, spans = "", []
    for word, value, slot in pieces:
        start = len(text) + len(word)
        spans.append([start, start + len(value), labelled_slots("es")[slot]])
        text += f"{word}{value} "
    doc = BLANK.make_doc(text)
    doc._.deid_gold = spans
    return doc, pieces


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_the_model_sees_words_and_slots_of_the_closed_set_and_no_value(seed):
    doc, pieces = a_note(seed)
    text = slot_text(doc, "es")
    assert re.sub(r"\{[^{}]*\}", "{}", text) == "".join(f"{word}{{}} " for word, _, _ in pieces)
    closed = {*labelled_slots("es"), "gap"}
    for name in re.findall(r"\{([^{}]*)\}", text):
        parts = name.split(".")
        while parts[-1] in STYLES:
            parts.pop()
        assert ".".join(parts) in closed


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_a_note_with_slots_filled_has_the_labels_of_the_note_it_was_made_of(seed):
    doc, _ = a_note(seed)
    made = read_written(slot_text(doc, "es"), "slots", "es", seed)
    assert (made.repaired, made.malformed) == (0, 0)
    expected = [category_of(label) for _, _, label in doc._.deid_gold]
    assert [category_of(span.label) for span in made.spans] == expected


@given(st.text(alphabet="{}. \nabpatient_full"))
def test_whatever_the_model_writes_is_read_without_an_error(text):
    made = read_written(text, "slots", "es", 0)
    assert all(made.text[span.start : span.end].strip() for span in made.spans)


def filled(text, seed=0):
    made = read_written(text, "slots", "es", seed)
    return made.text, [made.text[span.start : span.end] for span in made.spans]


def test_a_person_is_one_person_throughout_a_note_and_another_in_the_next():
    _, (first, last, full) = filled("{patient.first}, {patient.last}, {patient.full}")
    assert full.startswith(first) and last.split()[0] in full
    assert filled("{patient.full}", seed=1) != filled("{patient.full}", seed=2)
    assert filled("{patient.full}", seed=1) == filled("{patient.full}", seed=1)


@pytest.mark.parametrize("seed", range(5))
def test_a_value_looks_as_the_slot_says(seed):
    _, (sex, name, word) = filled("{patient.sex.f.letter} {patient.full.upper} {patient.sex.f.lower}", seed)
    assert sex in ("M", "F")
    assert name.isupper()
    assert word in ("mujer", "niña", "femenino")


@pytest.mark.parametrize("look", STYLES)
def test_a_look_does_no_harm_where_the_model_put_it_on_another_slot(look):
    for slot in labelled_slots("es"):
        assert filled(written(slot, look))[1]


def test_the_spans_are_exactly_the_values_whatever_stands_beside_them():
    made = read_written("Dr.{doctor.full}({date.iso})", "slots", "es", 0)
    assert re.fullmatch(
        r"Dr\.<NAME>[^<]+</NAME>\(<DATE>\d{4}-\d\d-\d\d</DATE>\)",
        render(made.text, made.spans),
    )


def test_what_cannot_be_made_up_leaves_nothing():
    assert read_written("de raza {gap}.", "slots", "es", 0).text == "de raza ."


def test_a_note_nobody_annotated_is_refused():
    for mode in ("slots", "inline"):
        with pytest.raises(DeidError, match="carry no annotation"):
            text_of(BLANK.make_doc("Ana"), mode, "es")


def test_swedish_notes_have_slots_too():
    doc = note("<NAME>Anna Ek</NAME>, tel <PHONE>070-123 45 67</PHONE>")
    made = read_written(slot_text(doc, "sv"), "slots", "sv", 3)
    assert [span.label for span in made.spans] == ["NAME", "PHONE"]


@pytest.mark.parametrize(
    ("text", "expected", "repaired", "malformed"),
    [
        ("Dr. <NAME>Ek</NAME>, 3 &lt; 4", "Dr. Ek, 3 < 4", 0, 0),
        ("Dr. <NAME>Ek", "Dr. Ek", 1, 0),
        ("Dr. <NAME>Ek</DATE>", "Dr. <NAME>Ek</DATE>", 0, 1),
        ("Dr. <NADIE>Ek</NADIE>", "Dr. <NADIE>Ek</NADIE>", 0, 1),
    ],
)
def test_inline_tags_are_read_repaired_or_counted_as_malformed(text, expected, repaired, malformed):
    made = read_written(text, "inline", "es", 0)
    assert (made.text, made.repaired, made.malformed) == (expected, repaired, malformed)


def test_inline_text_comes_back_as_it_was():
    doc = note("A & B: <P>Ana Ruiz</P>, <F>3/5</F> &lt; 4".replace("&", "&amp;").replace("&amp;lt;", "&lt;"))
    made = read_written(text_of(doc, "inline", "es"), "inline", "es", 0)
    assert made.text == doc.text
    assert [list(span) for span in made.spans] == doc._.deid_gold
