"""What the Spanish rules find, what they leave alone, and how fast."""

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.es import dni, nie

from spacy_deid.corpus.brat import read
from spacy_deid.corpus.intake import Intake
from spacy_deid.lang.es.validators import is_date, is_dni, is_nass, is_nie, is_phone
from spacy_deid.lang.recognizer import load_rules

RULES = load_rules("es")
LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # of a DNI, by the rest of its number by 23


def matches(text):
    """What the rules find, without what lies in a guard."""
    guards = [guard for rule in RULES.guards for guard in rule.find(text)]
    return [
        match
        for rule in RULES.recognizers
        for match in rule.find(text)
        if match.score == 1 or not any(guard.start <= match.start and match.end <= guard.end for guard in guards)
    ]


def found(text):
    return {(text[match.start : match.end], match.label) for match in matches(text)}


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        ("DNI: 12345678Z", "12345678Z", "ID_SUJETO_ASISTENCIA"),
        ("con documento 12.345.678-Z aportado", "12.345.678-Z", "ID_SUJETO_ASISTENCIA"),
        ("DNI 12345678A (letra errónea)", "12345678A", "ID_SUJETO_ASISTENCIA"),
        ("D.N.I.: 12345678", "12345678", "ID_SUJETO_ASISTENCIA"),
        ("NIE X1234567L", "X1234567L", "ID_SUJETO_ASISTENCIA"),
        ("Aporta Y-1234567-X.", "Y-1234567-X", "ID_SUJETO_ASISTENCIA"),
        ("NIE: X1234567A", "X1234567A", "ID_SUJETO_ASISTENCIA"),
        ("Pasaporte: AAB123456", "AAB123456", "ID_SUJETO_ASISTENCIA"),
        ("NHC:  368503.", "368503", "ID_SUJETO_ASISTENCIA"),
        ("CIPA: nhc-150679.", "150679", "ID_SUJETO_ASISTENCIA"),
        ("Hª clínica: 458123", "458123", "ID_SUJETO_ASISTENCIA"),
        ("Nº de historia clínica: 458123/12", "458123/12", "ID_SUJETO_ASISTENCIA"),
        ("NASS: 26 63514095.", "26 63514095", "ID_ASEGURAMIENTO"),
        ("NUSS 28-12345678-40", "28-12345678-40", "ID_ASEGURAMIENTO"),
        ("afiliada con 28 12345678 40 desde", "28 12345678 40", "ID_ASEGURAMIENTO"),
        ("CIP: BBBB850412 1234", "BBBB850412 1234", "ID_ASEGURAMIENTO"),
        ("CIP: GALO 1510503004", "GALO 1510503004", "ID_ASEGURAMIENTO"),
        ("SIP 12345678", "12345678", "ID_ASEGURAMIENTO"),
        ("Tarjeta sanitaria: 1234567890", "1234567890", "ID_ASEGURAMIENTO"),
        ("NUHSA AN0123456789", "AN0123456789", "ID_ASEGURAMIENTO"),
        ("Informe nº 2023/12345", "2023/12345", "ID_CONTACTO_ASISTENCIAL"),
        ("Episodio: 358784.", "358784", "ID_CONTACTO_ASISTENCIAL"),
        ("Nº de petición: 18B1234-5", "18B1234-5", "ID_CONTACTO_ASISTENCIAL"),
        ("Médico: Ana Ruiz NºCol: 28 28 70973.", "28 28 70973", "ID_TITULACION_PERSONAL_SANITARIO"),
        ("Dr. Ruiz (Col. 28-12345)", "28-12345", "ID_TITULACION_PERSONAL_SANITARIO"),
        ("Nº de colegiado 282812345", "282812345", "ID_TITULACION_PERSONAL_SANITARIO"),
        ("marcapasos, nº de serie: PJN-4412890", "PJN-4412890", "IDENTIF_DISPOSITIVOS_NRSERIE"),
        ("atropellado por un turismo matrícula 1234 BCD", "1234 BCD", "IDENTIF_VEHICULOS_NRSERIE_PLACAS"),
        ("vehículo M-1234-AB", "M-1234-AB", "IDENTIF_VEHICULOS_NRSERIE_PLACAS"),
        ("acceso desde la IP 192.168.10.254.", "192.168.10.254", "DIREC_PROT_INTERNET"),
        ("E-mail: nnavcu@hotmail.com.", "nnavcu@hotmail.com", "CORREO_ELECTRONICO"),
        ("véase https://www.ejemplo.es/citas?id=3.", "https://www.ejemplo.es/citas?id=3", "URL_WEB"),
        ("en www.ejemplo.es, apartado", "www.ejemplo.es", "URL_WEB"),
    ],
)
def test_numbers_and_addresses_of_the_net(text, value, label):
    assert (value, label) in found(text)


@pytest.mark.parametrize(
    "phone",
    [
        "612345678", "612 345 678", "612 34 56 78", "612-34-56-78", "912 345 678", "91 234 56 78", "91 2345678",
        "976.22.33.44", "+34 612 345 678", "+34612345678", "0034 912 34 56 78", "986413144 ext 1530",
        "34612345678", "34 601 962 965",
    ],
)  # fmt: skip
def test_phones(phone):
    assert (phone, "NUMERO_TELEFONO") in found(f"Tel.: {phone}.")


def test_nine_digits_need_a_word_before():
    assert found("Niveles 612345678 basal") == set()


def test_several_phones_after_one_word():
    assert {value for value, _ in found("Telfs.: 918823884 / 918823984 / 619128686.")} == {
        "918823884",
        "918823984",
        "619128686",
    }


@pytest.mark.parametrize(
    ("text", "label"),
    [("Soriano Mora {}; Lobo", "NUMERO_TELEFONO"), ("NASS {}", "ID_ASEGURAMIENTO")],
)
def test_a_mobile_after_its_country_code_may_be_a_social_security_number_as_well(text, label):
    assert is_nass("34601962965") and is_phone("34601962965")
    assert max(matches(text.format("34601962965")), key=lambda match: match.score).label == label


def test_a_fax_is_no_phone():
    assert found("Fax: 967 596 685") == {("967 596 685", "NUMERO_FAX")}


@pytest.mark.parametrize(
    "street",
    [
        "C/ Mayor, 3", "C/Mayor 3, 2ºB", "c/ del Abedul 5-7, 2º dcha", "Calle de la Sal nº 35, 8º C",
        "Avda. de Elvas s/n",
        "Av. Gaspar Aguilar, 90", "Avenida de América, 12, piso 3, puerta 4", "Plaza del Hospital Civil, s/n",
        "Pza. Nueva 4, bajo A", "Paseo de la Castellana, 261", "Pº de Gracia 12, 3º 1ª", "Camino Viejo 7",
        "Ronda Norte, 2",
        "Travesía del Prado 1", "Urb. Los Olivos, 14", "Carretera de Toledo km 12,500", "Glorieta del Ejército 1",
        "Carrer del Dr. Castany 28, 8A", "Rúa San Pedro 40, 3.º C",
    ],
)  # fmt: skip
def test_streets(street):
    assert (street, "CALLE") in found(f"Vive en {street}. Acude a consulta.")
    assert (street, "CALLE") in found(f"Domicilio: {street}.\nLocalidad/ Provincia: Madrid.")


def test_a_street_in_lower_case_needs_a_word_before():
    assert ("calle mayor 12", "CALLE") in found("con domicilio en calle mayor 12 de Toledo")
    assert found("cayó en la calle durante 3 minutos") == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CP: 28016.", {("28016", "TERRITORIO")}),
        ("Localidad/ Provincia: Alcalá, Madrid.", {("Alcalá", "TERRITORIO"), ("Madrid", "TERRITORIO")}),
        (
            "C/ Mayor 3, 46017 Valencia, España",
            {
                ("C/ Mayor 3", "CALLE"),
                ("46017", "TERRITORIO"),
                ("Valencia", "TERRITORIO"),
                ("España", "PAIS"),
            },
        ),
        ("País de nacimiento: Ecuador.", {("Ecuador", "PAIS")}),
    ],
)
def test_places(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "day",
    [
        "12/03/2019", "12-3-19", "1.2.2015", "2019-03-12", "12 de marzo de 2019", "12 marzo 2019", "23-enero-2004",
        "1º de mayo",
        "12 de marzo", "3 de sept. de 2021", "marzo de 2019", "Abril del 2010", "noviembre 06", "enero del año 2001",
        "lunes 12/3", "12.01.23", "20 al 25 de febrero de 2023", "12/2022", "martes, 4 de junio", "año 2004",
    ],
)  # fmt: skip
def test_dates(day):
    text = f"Ingresa el {day}, sin fiebre."
    assert (day, "FECHAS") in found(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Fue operado en 2015.", "2015"),
        ("Colecistectomía (1998).", "1998"),
        ("Se revisa el 12/4 en consulta", "12/4"),
        ("Intervenido en marzo, sin incidencias", "marzo"),
        ("Acude el lunes a urgencias", "lunes"),
        ("Fecha de nacimiento:12/04 /2011.", "12/04 /2011"),
    ],
)
def test_parts_of_dates_in_their_context(text, value):
    assert found(text) == {(value, "FECHAS")}


def test_both_ends_of_a_span_of_years():
    assert found("Diálisis desde 1980 a 1983, y") == {("1980", "FECHAS"), ("1983", "FECHAS")}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Edad: 70 años Sexo:", "70 años"),
        ("Edad: 65\nSexo:", "65"),
        ("Paciente de 67 años de edad", "67 años"),
        ("Lactante de 18 meses que acude", "18 meses"),
        ("Varón 45a con dolor torácico", "45a"),
        ("Recién nacido de 3 días", "3 días"),
        ("Varón, de 13 años y 7 meses", "13 años y 7 meses"),
        ("Niña de tres meses y medio", "tres meses y medio"),
        ("paciente mujer de raza caucásica de 61 años", "61 años"),
    ],
)
def test_ages(text, value):
    assert {value for value, label in found(text) if label == "EDAD_SUJETO_ASISTENCIA"} == {value}


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        ("Nombre:  Ernesto.", "Ernesto", "NOMBRE_SUJETO_ASISTENCIA"),
        ("Nombre: José Luis Apellidos: Ruiz", "José Luis", "NOMBRE_SUJETO_ASISTENCIA"),
        ("Apellidos: Rivera de la O.", "Rivera de la O", "NOMBRE_SUJETO_ASISTENCIA"),
        ("Paciente: PÉREZ GARCÍA, ANA\n", "PÉREZ GARCÍA, ANA", "NOMBRE_SUJETO_ASISTENCIA"),
        ("Paciente: PÉREZ GARCÍA, ANA   F. Nac.: 03-05-1951", "PÉREZ GARCÍA, ANA", "NOMBRE_SUJETO_ASISTENCIA"),
        ("Enfermera: Lola Martínez\n", "Lola Martínez", "NOMBRE_PERSONAL_SANITARIO"),
        ("Doña Carmen Ruiz acude", "Carmen Ruiz", "NOMBRE_SUJETO_ASISTENCIA"),
        ("Médico:  Ana Mª Gómez NºCol: 28", "Ana Mª Gómez", "NOMBRE_PERSONAL_SANITARIO"),
        ("Remitido por: Dr. Raúl Íñigo C/ Mayor 3", "Raúl Íñigo", "NOMBRE_PERSONAL_SANITARIO"),
        ("valorado por la Dra. Lucía Saint-Gerons. Alta", "Lucía Saint-Gerons", "NOMBRE_PERSONAL_SANITARIO"),
        ("Médico: M.ª Jesús de la Calle Correa\n", "M.ª Jesús de la Calle Correa", "NOMBRE_PERSONAL_SANITARIO"),
        ("Servicio de Urología. Hospital General de Elche.", "Hospital General de Elche", "HOSPITAL"),
    ],
)
def test_names(text, value, label):
    assert (value, label) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "TA 120/80, FC 98 lpm, FR 18 rpm, Tª 36,7 ºC, SatO2 96%.",
        "Glasgow 15/15, Barthel 95/100, EVA 7/10, Apgar 9/10/10.",
        "Insulina Lantus 10-12-14, paracetamol 1-0-1, 10-12-14 UI al día, 1/2 comprimido, 3/4 partes.",
        "Leucocitos 17850 Neutrófilos 86%, plaquetas 251000, LDH 2033 UI/l, CPK 1987 U/l en sangre.",
        "Enfermedad de Parkinson, Crohn, síndrome de Sjögren, Babinski negativo, Barrett, esófago de Barrett.",
        "G2P1A0, FUR desconocida, gestante de 32 semanas, 32+4 semanas de gestación.",
        "Dolor de 3 años de evolución, desde hace 5 años; hace 20 días; cada 8 horas.",
        "CIE-10: C61, I21.4, E11.9; pT2N0M0; HLA-B27; CA 19.9 de 37; L4-L5; factor II G20210A.",
        "A los 3 meses de la cirugía, a los 2 años del trasplante y tras 10 días de antibiótico.",
        "Ingesta de 2000 ml en 1990 kcal, dosis de 12.5 mg c/8 h; AV OD 0,3; estadio III-B/IV-A.",
        "La paciente falleció 6 meses más tarde. Vitamina D. Calcio Sandoz diario.",
        "Suero 612345678901234567890 y versión 1.2.3.4.5",
    ],
)
def test_what_is_no_identifier(text):
    assert found(text) == set()


@given(st.integers(10**7, 10**8 - 1))
def test_the_letter_of_a_dni(number):
    right = f"{number}{LETTERS[number % 23]}"
    assert is_dni(right) and is_dni(f"{number:,}".replace(",", ".") + "-" + right[-1])
    assert not any(is_dni(f"{number}{letter}") for letter in LETTERS.replace(right[-1], ""))
    assert is_dni(right) == dni.is_valid(right)


@given(st.integers(0, 10**7 - 1), st.sampled_from("XYZ"))
def test_the_letter_of_a_nie(number, first):
    check = nie.calc_check_digit(f"{first}{number:07}")
    assert is_nie(f"{first}-{number:07}-{check}")
    assert not is_nie(f"{first}{number:07}{'A' if check != 'A' else 'B'}")


@given(st.integers(1, 52), st.integers(0, 10**8 - 1))
def test_the_check_digits_of_a_social_security_number(province, serial):
    digits = f"{province:02}{serial:08}"
    body = int(f"{province}{serial:07}") if serial < 10**7 else int(digits)
    assert is_nass(f"{digits[:2]} {digits[2:]} {body % 97:02}")
    assert not is_nass(f"{digits}{(body + 1) % 97:02}")


@pytest.mark.parametrize("text", ["", "x", "²2/1/2019", "31/02/2019", "12/13/2019", "1/1/1850", "12/12", "0/10/2017"])
def test_what_is_no_date(text):
    assert not is_date(text)


@pytest.mark.parametrize("text", ["", "+", "999 999 999", "612", "+999 12345678"])
def test_what_is_no_phone(text):
    assert not is_phone(text)


@given(st.text(max_size=80))
def test_validators_take_any_text(text):
    for check in (is_dni, is_nie, is_nass, is_phone, is_date):
        assert check(text) in (True, False)


@given(st.text(st.sampled_from("aAñ é1/2.-,:;@+º()\n\u200b🙂אC Dr. Edad años "), max_size=60))
def test_spans_lie_in_the_text(text):
    for match in matches(text):
        assert 0 <= match.start < match.end <= len(text)


@pytest.mark.parametrize(
    "unit",
    [
        "1", "a", "A", " ", "\n", "1 ", "1/", "12-", "a.", "@", "a@", "a@a.", "Aa ", "De la ", "C/ A ", "C/ A a ",
        "Dr. A", "Médico: A",
        "Nombre: a ", "Domicilio: a", "Hospital de ", "síndrome de A ", "6 1", "+34 ", "12 de ", "niña de ", "www.",
        "Av. 1, 1º ", "E-28 ", "é", "\u0301",
    ],
)  # fmt: skip
def test_no_text_makes_a_rule_slow(unit):
    text = unit * (100_000 // len(unit))
    started = time.process_time()
    for rule in (*RULES.recognizers, *RULES.guards):
        begun = time.process_time()
        for _ in rule.find(text):
            pass
        assert time.process_time() - begun < 1.5, rule.id
    assert time.process_time() - started < 6


def test_precision_and_speed_on_real_notes(meddocan):
    notes = list(read(meddocan / "train" / "brat", Intake()))[:150]
    right, wrong = Counter(), Counter()
    seconds = 0.0
    for note in notes:
        started = time.process_time()
        found_here = matches(note.text)
        seconds += time.process_time() - started
        gold = set(note.spans)
        for match in found_here:
            (right if (match.start, match.end, match.label) in gold else wrong)[match.rule] += 1
    precision = {rule: right[rule] / (right[rule] + wrong[rule]) for rule in right if right[rule] + wrong[rule] >= 50}
    assert len(precision) > 15
    assert {rule: share for rule, share in precision.items() if share < 0.9} == {}
    for rule in ("nass_after_word", "licence", "health_record", "date_numeric", "month_year", "age_after_word"):
        assert precision[rule] >= 0.98, rule
    words = sum(len(note.text.split()) for note in notes)
    assert seconds / words < 40e-6  # 12 microseconds on a quiet machine
