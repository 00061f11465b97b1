"""Spanish numbers are found in every case and with every separator, as Swedish ones are.

Promise: what is an identifier by its form or by the word before it is found whole, however it is typed. The numbers are
invented; where a number has check digits, they are right.
"""

import pytest
from spacy.language import Language

from spacy_deid.lang.tokenization import fine_blank

NO_BREAK_SPACE, NO_BREAK_HYPHEN = "\u00a0", "\u2011"

DOCUMENTS = [
    "{12345678z}, acude", "aporta {12345678z} y", "DNI {12 345 678 Z}", "DNI {12.345.678-Z}", "{12.345.678 z}",
    "{12 345 678-z}", f"{{12345678{NO_BREAK_HYPHEN}Z}}", f"{{12345678{NO_BREAK_SPACE}Z}}", "dni {12 345 678}",
    "dni {12345678a} (mal)", "nif {12345678-z}", "DNI del padre: {12.345.678}", "documento de identidad {12345678}",
    "NIE {x1234567l}", "{x-1234567-l}", "con {y1234567x}", f"NIE {{X{NO_BREAK_HYPHEN}1234567{NO_BREAK_HYPHEN}L}}",
    "{X-1.234.567-L}", "nie: {x1234567a}", "{K0867756N}", "nif {k0867756n}", "{1234567L}.",
    "pasaporte {aab123456}", "pasaporte español {PAA 123456}", "pasaporte nº: {XDA123456}", "passport no. {N1234567}",
]  # fmt: skip
HEALTH_SERVICE = [
    "CIP: {bbbb850412 1234}", "cip {bbbb850412123}", "con {galo1510503004123} y", "CIP {GALO 1 510503 00 4}",
    f"{{BBBB{NO_BREAK_SPACE}850412{NO_BREAK_SPACE}1234}}", f"{{BBBB{NO_BREAK_HYPHEN}850412{NO_BREAK_HYPHEN}1234}}",
    "{bbbbbbbbqr648597}", "CIP SNS {AAAA123456BB7890}", "CIP: {BBBBBBBBXL123456}", "cipa: {1234567890}",
    "TIS {1234567}", "tarjeta sanitaria individual nº {12345678}", "sip {12345678}", "nº SIP {1234567}",
    "nuhsa {an0123456789}", "{AN 01 2345 6789}", "nass {28 12345678 40}", f"NASS {{28{NO_BREAK_SPACE}12345678/40}}",
    f"NASS {{28{NO_BREAK_HYPHEN}12345678{NO_BREAK_HYPHEN}40}}", "nuss: {28 1234567840}", "nss {28 12345678 40}",
    "NSS (IMSS) {12345678901}", "núm. de afiliación {28/12345678/40}", "{281234567840}",
    "nhc {123456}", "N.H.C. {123456}", "HC: {123456}", "Nº Hª {123456}", "número de historia: {123456}",
    "ID del paciente: {123456}", "MRN {1234567}",
    "colegiada número {28/12345}", "N.º de colegiada: {28-12345}", "COLEGIADO {282812345}", "núm. col. {46/12345}",
    "M.N. {123456}", "céd. prof. {1234567}", "póliza {12345678}", "nº de póliza: {0012345678}", "Adeslas {12345678}",
]  # fmt: skip
LATIN_AMERICA = [
    "CURP {BOXW310820HNERXN09}", "curp {boxw310820hnerxn09}", "RFC {GODE561231GR8}", "rfc {gode561231gr8}",
    "RUT {12.345.678-5}", "rut {12345678-5}", "con {12.531.909-2} en", "RUN {12531909-k}", "CUIL {20-05536168-2}",
    "cuit {20055361682}", "DNI {20.123.456}", "cédula {1710034065}", "cédula de ciudadanía {52.345.678}",
    "C.C. {1.020.345.678}", "ci: {1.234.567-8}", "cédula {001-1391820-5}", "RIF {V-12345678-9}", "{V-12.345.678}",
    "DPI {1234 56789 0101}",
]  # fmt: skip
TELEPHONES = [
    f"Tel. {{612{NO_BREAK_SPACE}345{NO_BREAK_SPACE}678}}", f"tel {{612{NO_BREAK_HYPHEN}345{NO_BREAK_HYPHEN}678}}",
    "móvil {6 1 2 3 4 5 6 7 8}", "{+34 612–345–678}", "{(91) 234 56 78}", "cel. {55 1234 5678}", "cel: {3001234567}",
    "ext. {34512}", "busca {4521}", "TELÉFONO: {912345678}", "llamar al {612 345 678} o al {91 234 56 78}",
]  # fmt: skip
OTHERS = [
    "IBAN {ES91 2100 0418 4502 0005 1332}", "cuenta {es9121000418450200051332}", "{2100 0418 45 0200051332}",
    "tarjeta {4111 1111 1111 1111}", "MAC {00:1A:2B:3C:4D:5E}", "desde {2001:db8::8a2e:370:7334} entra",
    "matrícula {1234-bcd}", "coche {1234bcd}", "el {1234BCD} rojo", "{M-1234-AB}",
    "escribe a {@carmen_ruiz85}", "Instagram: {carmenruiz_85}", "{facebook.com/carmen.ruiz}", "en {consulta.es}.",
    "{ana.perez arroba correo.es}", "{ana.perez [at] correo.com}", "{ana.perez @ correo.com}",
    "expediente {2023/1234}", "exp. nº {345/2022}", "nº de expediente: {12/345678-A}", "autos {123/2021}",
    "n/ref. {123456/23}", "muestra {23B01234}", "biopsia {23-B-01234}", "lote {AB1234}", "n/s {12345AB}",
]  # fmt: skip

# numbers that look like these and identify nobody
OTHERS_THAN_IDENTIFIERS = [
    "Leucocitos 10025, plaquetas 245000, CK 12345, ferritina 1234.",
    "Toma 12345678 unidades y sigue; 1000 g y 2000 mg.",
    "Dieta de 200 HC 150 g, 1500 kcal; hc 45.",
    "Cama 2, box 4, habitación doble, sonda nº 18.",
    "CI: 85. Cociente intelectual 110. 500 cc de suero. C.C. 500 ml.",
    "Busca 3 soluciones; contacto hace 5 días; ext. 5/5; tel de urgencias 112.",
    "A las 12:30:15 h, FiO2 0,5, TSH 2.123, INR 2.34.",
    "Alta.es decir, sin fiebre. Dolor 8/10 @ reposo.",
    "T2N0M0, CIE-10 C61, HLA-B27, 18F-FDG, 99mTc, CA 15.3, L4-L5, COVID-19, vitamina B12, SpO2 96%.",
    "De 2010 a las consultas, en un total de 123456 células y 12 345 678 partículas.",
]


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = fine_blank("es")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    return nlp


def found(nlp: Language, text: str) -> list[str]:
    return [ent.text for ent in nlp(text).ents]


def meant(marked: str) -> tuple[str, list[str]]:
    """Return the text of a case and what stands in braces in it."""
    values = [part.partition("}")[0] for part in marked.split("{")[1:]]
    return marked.replace("{", "").replace("}", ""), values


@pytest.mark.parametrize("case", DOCUMENTS + HEALTH_SERVICE + LATIN_AMERICA + TELEPHONES + OTHERS)
def test_a_number_is_found_whole_however_it_is_typed(nlp: Language, case: str) -> None:
    text, values = meant(case)
    assert found(nlp, text) == values


@pytest.mark.parametrize("text", OTHERS_THAN_IDENTIFIERS)
def test_amounts_and_codes_stay(nlp: Language, text: str) -> None:
    dates = {"2010"}
    assert set(found(nlp, text)) <= dates
