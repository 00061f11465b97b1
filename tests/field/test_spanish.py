"""The Spanish rules tolerate what the Swedish do: case, separators, line breaks, forms of dates, prose.

Promise: an identifier by its form or by the words around it is found whole, however it is typed, and amounts, codes,
drugs, scales, eponyms and anatomy stay. Persons and numbers are invented; the check digits of numbers are right. The
identifiers of a case are in braces.
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
    "con {1 2 3 4 5 6 7 8 Z}", "con {1 2 3 4 5 6 7 8 - Z}",
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
    "NASS {28/1234\n5678/40}", "NASS {28/12345678/\n40}",
    "nhc {123456}", "N.H.C. {123456}", "HC: {123456}", "Nº Hª {123456}", "número de historia: {123456}",
    "ID del paciente: {123456}", "MRN {1234567}",
    "colegiada número {28/12345}", "N.º de colegiada: {28-12345}", "COLEGIADO {282812345}", "núm. col. {46/12345}",
    "M.N. {123456}", "céd. prof. {1234567}", "póliza {12345678}", "nº de póliza: {0012345678}", "{Adeslas} {12345678}",
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
    "n/ref. {123456/23}", "muestra {23B01234}", "biopsia {23-B-01234}", "n/s {12345AB}",
]  # fmt: skip

BROKEN_LINES = [
    "Tel. {612 345\n678}", "DNI {12345678-\nZ}", "NASS {28 12345678\n40}", "fecha: {2023-04-\n12}",
    "nacido el {12/04/\n2023}", "acude {Mary-\nAnn Smith} sola",
]  # fmt: skip
DATES = [
    "{12-III-2023}", "{3-IV-20}", "{12.III.2023}", "{3 IV 2020}", "{02ABR2022}", "{02/abr/2022}", "{may-21}",
    "el pasado {3/4}", "desde {3/4} hasta {5/4}", "del {3/4} al {5/4}", "entre el {3/4} y el {7/4}", "{28/12-3/1}",
    "ingreso {28/12 - 3/1}", "TAC {12/3}", "fiebre.\n{12/3}: afebril", "{12 - 3 - 2019}", "{12 03 2019}", "{20210503}",
    "el {12 del 3 del 2019}", "{Nochebuena de 2018}", "en {Navidad}", "{semana santa de 2019}", "el {día de Reyes}",
    "{puente de la Constitución}", "{invierno del 92}", "{verano de 2020}", "{otoño 2019}", "{doce de abril}",
    "el {doce de abril de dos mil veinte}", "{veintitrés de mayo}", "{2, 3 y 5 de mayo}",
    "del {3 al 5 de mayo de 2021}", "{3 – 5 de mayo de 2021}", "de {enero} a {marzo}", "a mediados de {abril}",
    "{2019-2021}", "de {2015} a {2018}", "IAM {2012}", "operada {2015}", "desde el {98}", "el {lunes} pasado",
    "fecha de nacimiento: {3-V-1956}", "nacido en el {56}",
]  # fmt: skip
AGES = [
    "Paciente de {sesenta y siete años}", "{varón} de {ochenta años}", "edad: {sesenta años}", "paciente de {67a}",
    "RN de {3 días}", "bebé de {20 días}", "cumple {90 años}", "su madre de {78 años}", "varón ({67 años})",
    "paciente {octogenaria}", "hijos de {4, 6 y 9 años}", "anciano de {93 años}", "{hombre} de {cien años}",
    "con {94 años} camina",
]  # fmt: skip
ADDRESSES = [
    f"{{C/{NO_BREAK_SPACE}Mayor{NO_BREAK_SPACE}12, 3º{NO_BREAK_SPACE}2ª}}, {{28013}}{NO_BREAK_SPACE}{{Madrid}}",
    "{C/ Mayor 12}, {28 013} {Madrid}",
    "Vive en {c/ mayor 12, 3º 2ª}", "{Avda. de la Constitución, 12, esc. B, 4º D}", "{avda. constitución 12}",
    "{Pza. de España 4, bajo}", "{pl. mayor 3}", "{mz 12 lt 4}", "{Manzana 12 Lote 4}, Colonia {Roma Norte}",
    "{Calle 45 # 12-34}", "{Cra. 7 No. 32-16}", "{Jr. Puno 345}", "{Urb. San José, casa 14}", "{Gran Vía 32}",
    "{Polígono Industrial La Red, nave 12}", "Vive en la {calle Luna}", "Natural de {Soria}",
    "procedente de {Torrejón de Ardoz}", "residente en {getafe}", "derivado desde el {Gregorio Marañón}",
    "{CAP Sant Martí}", "{Clínica Ruber}", "{colegio San José}", "trabaja en {Mercadona}", "{Talleres García S.A.}",
]  # fmt: skip
NAMES = [
    "Vive con su esposa {Carmen}", "su vecino {Manuel Ortega} le trae", "{juan antonio garcía} acude",
    "Paciente {juan antonio garcía lópez}, refiere", "{maría del carmen pérez ruiz}", "{dolores garcía} refiere",
    "Acude con su hermano {José Luis}. Se solicita analítica y se cita en consultas externas.",
    "su hija ({Laura}) refiere", "su hijo mayor {Pedro}", "hija, {Ana Mª López}, cuidadora principal",
    "sus hijos {Ana}, {Luis} y {Marta}", "su cuidadora {Svetlana}", "el vecino del quinto {Manuel}", "tía {Paca}",
    "su marido {Abdul Rahman El Amrani}", "su esposa {carmen}", "vive con {carmen}", "Vive con {Carmen} y su hija",
    "acompañada por {Manuel}", "hablo con {Mercedes}, su hija", "se llama {Esperanza}", "refiere {Carmen} que",
    "{O'Connor, Patrick}", "{GARCÍA LÓPEZ, MARÍA}", "{Mary-Ann McDonald}", "{José Luis García de la Torre}",
    "{Herbert Hoover} y {Jane Smith}", "{Gal·la Puig}", "Dra. {M.ª J. Pérez}", "D. {Fco. Javier López}",
    "{Mª Carmen Ruiz}", "Dr {Th. Bergqvist}", "Dr. {Gil}. El paciente", "Dr. {J. M. García-Sanz}", "dr. {garcía} ve",
    "doña {carmen} refiere", "don {josé manuel}", "sr. {lópez}", "la enfermera {Lola Martín}", "psicóloga {Marta Ríos}",
    "{Carmen} refiere dolor", "Hija: {Lucía}", "Paciente {M a r í a} acude", "Nombre: {J u a n   G a r c í a}",
    "Nombre: {D a v i d}",
    "acude {Fco. Javier Ruiz}", "Dr. {J-L Moreno} ve", "Dra. {M.-C. Ortega} ve", "Nombre: {A n a}",
]  # fmt: skip

# numbers that look like these and identify nobody
OTHERS_THAN_IDENTIFIERS = [
    "Leucocitos 10025, plaquetas 245000, CK 12345, ferritina 1234.",
    "Toma 12345678 unidades y sigue; 1000 g y 2000 mg.",
    "Dieta de 200 HC 150 g, 1500 kcal; hc 45.",
    "Habitación doble, sonda nº 18.",
    "Fármaco del lote AB1234.",
    "CI: 85. Cociente intelectual 110. 500 cc de suero. C.C. 500 ml.",
    "Busca 3 soluciones; contacto hace 5 días; ext. 5/5; tel de urgencias 112.",
    "A las 12:30:15 h, FiO2 0,5, TSH 2.123, INR 2.34.",
    "Alta.es decir, sin fiebre. Dolor 8/10 @ reposo.",
    "T2N0M0, CIE-10 C61, HLA-B27, 18F-FDG, 99mTc, CA 15.3, L4-L5, COVID-19, vitamina B12, SpO2 96%.",
    "Un total de 123456 células y 12 345 678 partículas.",
]
# words that look like names, dates or ages and tell nobody
PROSE_WITHOUT_IDENTIFIERS = [
    "El dolor mejora, la fiebre cede. Los vómitos y las náuseas también.",
    "Madre VIH positiva, padre HTA, hermana Diabética, madre Rh negativo, hijo con Síndrome de Down.",
    "La madre Refiere que vive con Ella. Padre con Alzheimer, abuela con Parkinson, tío con Crohn.",
    "Dolores de cabeza, rosa blanca, ojos claros, piel morena, vientre blando, consuelo y paz.",
    "Signo de Babinski negativo, maniobra de Valsalva, saco de Douglas, test de Romberg, Thomas +, Ann Arbor 2.",
    "Inyección de Solu-Cortef 200 mg iv, Nolotil 1 amp, Lantus 10-12-14, Augmentine 875/125 cada 8 h.",
    "ELISA e IgA negativos, CAM 5.2, SARA 3, EVA 7/10, ANA negativos, Barthel 95/100, fuerza 4/5 y 5/5.",
    "Leucocitos 17850, plaquetas 251000, CK 12345, LDH 2033, glucosa 1/2 del valor, 3/4 partes, 1/2 comprimido.",
    "Tercio superior del fémur, cisura de Silvio, acueducto de Silvio, arteria radial, músculo recto anterior.",
    "Revisión en 3 meses; hace cinco años; desde hace veinte días; a los 2 años del trasplante; 32 semanas.",
    "Tratamiento con 2000 ml en 24 h, 1990 kcal, 12.5 mg c/8 h, ciclo 3: R-CHOP, SC 1,57 m2.",
    "Visitado en Urología y en Medicina Interna; contacta con Atención Primaria; acude con Resonancia.",
    "Hospital de día, centro de salud de zona, residencia geriátrica, colegio privado, calle estrecha.",
    "dr. de guardia, la doctora de zona, don de gentes, sra. de la limpieza, madre coraje, hijo único.",
]

# the second round: as users of other tools and of other regions write
MORE_NUMBERS = [
    "DNI {12345678–Z}", "{12345678—Z}", "DNI {l2345678Z}", "D N I {1 2 3 4 5 6 7 8 Z}", "DNI {12345\n678-Z}",
    "NIE {X–1234567–L}",
    "D.N.I.: {I2.34S.678 - Z}", "H.C.: {123.456}", "Historia nº {1.234.567}", "CIPA: {1-234-567-890}", "cc {52345678}",
    "tel {612/345/678}", "TFNO {612_345_678}", "WhatsApp {+52 1 55 1234 5678}", "bastidor {VSSZZZ1PZ7R012345}",
    "NIT {900.123.456-7}", "RUC {1790012345001}",
]  # fmt: skip
MORE_DATES = [
    "{1er trimestre de 2020}", "{2º semestre 2021}", "{segundo cuatrimestre del 21}", "en los años {80}, fumaba",
    "en los {noventa} fumaba", "a mediados de los {90}.", "la década de los {setenta}", "el {Lunes de Pascua}",
    "el {Jueves Santo} de guardia", "el {día de la Inmaculada}", "{miércoles de ceniza}", "el próximo {martes 14}.",
    "{lunes, 12 de abr. de 2021}", "el {3, el 5 y el 9 de enero}", "{12 y 13/05/2021}", "{12-13/05/2021}",
    "{primera quincena de octubre}", "{mayo'19}", "{jun.-2020}", "{DIC 21}", "({14 jul})", "{2021-Feb-10}",
    "{Feb 10, 2021}", "{3 de maig de 2021}", "{12 d'abril de 2020}", "{5 de xaneiro de 2020}",
    "{2021eko martxoaren 3an}", "informe de {2019}",
]  # fmt: skip
MORE_AGES = ["su hermana de {95}.", "la madre ({91})", "padre de {88} con ictus", "{niña} {7a 3m}"]
MORE_ADDRESSES = [
    "Vive en {Écija}", "de {Errenteria};", "({Quetzaltenango})", "cédula, {Caracas}", "natural de {Tánger}",
    "{Carrer d'Aragó 255, 2n 1a}, {l'Hospitalet de Llobregat}", "Cercado de {Lima}", "{Cra. Nacional IV km 23,5}",
    "{A-4 km 230}", "{N-340, p.k. 12}", "{Travessera de Gràcia 112}", "{Nagusia kalea 5}", "{Kale Nagusia 5}",
    "en el {23} de la {calle Preciados}",
]  # fmt: skip
MORE_NAMES = [
    "vecina del rellano, {Encarni}, avisó", "y de la pequeña {Vega}.", "SU ESPOSA {CARMEN} REFIERE DISNEA",
    "conocido como 'el {Chato}'", "alias {Lolo}", "se llama {maría dolores} y", "Entrevista con {Olha Shevchuk} hoy",
    "Dr. {van der Berg}", "Dra. {de la Fuente}", "Dra. {Mª del C. Ruiz}", "Paciente {M.R.T.} de",
    "Dr. {Sjögren} atiende",
    "transcrito por {mcr}", "dictado por {JLG/mcr}", "firma {J.-P. Lefèvre}", "DR. {GÓMEZ} AL DR. {PÉREZ} POR",
    "los Dres. {Solís}, {Mena} y {Arce}", "Hermanos: {Luis} (DM), {Rosa} (asma)", "la hija de {Eusebio}",
    "{Ahmed ben Salah al-Masri}", "{Hafida El Yousfi}", "{Singh Gurpreet}", "{Pere Garcia i Ferrer}", "dr.{soto}",
    "{mª josé pérez} acude", "Le acompaña {Dolores}, su vecina", "{jose luis perez garcia}",
    "{Antonio\nGutiérrez Solana} y",
]  # fmt: skip
MORE_PROSE = [
    "Acude sola, mas serena; vive sola. Dolores abdominales.",
    "Primer trimestre de embarazo, segundo trimestre normal.",
    "De 80 años; en los 90 minutos siguientes; a mediados de los 90 mg.", "Síndrome de Sjögren y test de Schirmer.",
    "Criterios de Roma, hepatitis C, virus de Lassa, clasificación de Los Ángeles.",
    "Valorado por ORL. Dra. de guardia.",
    "LPK 10025, plq 245000, hto 41,2, leucos 12300, trombocitos 150000.", "padre de 3 hijos, madre de 2 niños",
]  # fmt: skip


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


@pytest.mark.parametrize("case", MORE_NUMBERS + DOCUMENTS + HEALTH_SERVICE + LATIN_AMERICA + TELEPHONES + OTHERS)
def test_a_number_is_found_whole_however_it_is_typed(nlp: Language, case: str) -> None:
    text, values = meant(case)
    assert found(nlp, text) == values


@pytest.mark.parametrize("case", DATES + MORE_DATES)
def test_a_date_is_found_whole_in_every_form(nlp: Language, case: str) -> None:
    text, values = meant(case)
    assert found(nlp, text) == values


@pytest.mark.parametrize("case", AGES + MORE_AGES)
def test_an_age_is_found_in_words_too(nlp: Language, case: str) -> None:
    text, values = meant(case)
    assert found(nlp, text) == values


@pytest.mark.parametrize("case", ADDRESSES + MORE_ADDRESSES)
def test_addresses_and_places_are_found_in_every_form(nlp: Language, case: str) -> None:
    text, values = meant(case)
    assert found(nlp, text) == values


@pytest.mark.parametrize("case", NAMES + MORE_NAMES)
def test_names_are_found_in_prose_and_in_lower_case(nlp: Language, case: str) -> None:
    text, values = meant(case)
    assert found(nlp, text) == values


@pytest.mark.parametrize("case", BROKEN_LINES)
def test_a_line_break_halves_nothing(nlp: Language, case: str) -> None:
    text, values = meant(case)
    assert found(nlp, text) == values


@pytest.mark.parametrize("text", OTHERS_THAN_IDENTIFIERS + PROSE_WITHOUT_IDENTIFIERS + MORE_PROSE)
def test_what_identifies_nobody_stays(nlp: Language, text: str) -> None:
    assert found(nlp, text) == []
