"""Field cases of the Swedish rules: an identifier is found whole as people read it, and other text stays.

The promise (SECURITY.md): rules see what people see. Each table is a kind of fault that occurred in the field; persons
and numbers are invented. ``\\n`` is a line break; the identifiers are in tags.
"""

import unicodedata

import pytest
from spacy.language import Language

from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse, render


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    return nlp


def marked(nlp: Language, text: str) -> str:
    return render(text, [(ent.start_char, ent.end_char, ent.label_) for ent in nlp(text).ents])


BROKEN_OVER_LINES = (
    "Ring <PHONE>070-123\n45 67</PHONE> i morgon",
    "tel <PHONE>090-12 34\n56</PHONE>.",
    "nås på <PHONE>0920-\n12 34 56</PHONE>",
    "Mobil <PHONE>+46 70 123\r\n45 67</PHONE>, dagtid",
    "Pat <NAME>Eva Lind-\nqvist</NAME> söker",
    "hustrun <NAME>Birgitta Sten-\nmark</NAME> ringer",
    "<NAME>Anna-\nKarin</NAME> kommer",
    "Åter <DATE>2023-04-\n12</DATE> för kontroll",
    "Åter <DATE>2023-\n04-12</DATE> för kontroll",
    "Åter <DATE>den 12\nmaj 2023</DATE> för kontroll",
    "Åter <DATE>12 maj\n2023</DATE> för kontroll",
    "En <AGE>78-\nårig</AGE> man",
    "En <AGE>78\nårig</AGE> man",
    "sonen <NAME>Erik Lind\u00ad\nqvist</NAME> ringer",
    "Inskriven av jourhavande efter samråd med narkosläkare <NAME>Eva\nRydström</NAME> i natt.",
    "maila <EMAIL>anna.svensson@\ngmail.com</EMAIL>",
    "maila <EMAIL>anna.\nsvensson@gmail.com</EMAIL>",
    "Pnr <ID>850412-\n2386</ID>",
    "Pnr <ID>850412\n-2386</ID>",
    "bor på <LOCATION>Storgatan\n12</LOCATION>, <LOCATION>123 45</LOCATION>\n<LOCATION>Falun</LOCATION>",
)

SPACED_OUT = (
    "Pnr <ID>4 6 0 3 2 4 - 4 4 3 2</ID>",
    "Pat <ID>8 5 0 4 1 2  2 3 8 6</ID> söker",
    "Pnr <ID>4 6 0 3 2 4 4 4 3 2</ID>",
    "Tel <PHONE>+ 4 6 7 0 1 2 3 4 5 6 7</PHONE>",
    "Tel <PHONE>0 7 0 - 1 2 3 4 5 6 7</PHONE>",
    "Tel <PHONE>0 7 0 1 2 3 4 5 6 7</PHONE>",
    "Åter <DATE>2 0 2 3 - 0 4 - 1 2</DATE>.",
    "Pat <NAME>A n n a</NAME> söker",
    "Pat <NAME>E v a</NAME> söker",
    "Namn: <NAME>e v a l u n d k v i s t</NAME>",
    "Namn: <NAME>e v a  l u n d k v i s t</NAME> söker",
    "Pat <NAME>B i r g i t t a L i n d q v i s t</NAME>, ensamboende",
    "Pat <NAME>B i r g i t t a  L i n d q v i s t</NAME>, ensamboende",
)

MISREAD_BY_A_SCANNER = (
    "Tel <PHONE>O70-123 45 67</PHONE>",
    "Tel <PHONE>07O-l23 45 67</PHONE>",
    "Tel <PHONE>O9O-l2 34 S6</PHONE>",
    "Pnr <ID>85O4l2-2386</ID>",
    "Pat <ID>B50412-2386</ID> söker",
    "Pat <ID>8504|2-2386</ID> söker",
    "Åter <DATE>2O23-O4-12</DATE>.",
    "Åter <DATE>12 maj 2O23</DATE>.",
    "Åter <DATE>I2/4 2023</DATE>.",
    "<LOCATION>Box 12</LOCATION>, <LOCATION>123 45</LOCATION>\n<LOCATION>Falun</LOCATION>",
    "Bor <LOCATION>Storgatan 12</LOCATION>, <LOCATION>l23 45</LOCATION> <LOCATION>Falun</LOCATION>",
)

UNCOMMON_CHARACTERS = (
    "Bor <LOCATION>Storgatan\u00a012</LOCATION>, <LOCATION>123\u00a045</LOCATION>\u00a0<LOCATION>Falun</LOCATION>",
    "Pnr <ID>850412\u20112386</ID>",
    "Pnr <ID>85\u200b04\u200b12-2386</ID>",
    "Pnr <ID>\uff18\uff15\uff10\uff14\uff11\uff12\uff0d\uff12\uff13\uff18\uff16</ID>",
    "Mobil <PHONE>070\u2011123\u00a045\u202f67</PHONE>",
    "Pat <NAME>Bir\u00adgitta</NAME> söker",
    unicodedata.normalize("NFD", "Pat <NAME>Göran Åkesson</NAME> från <LOCATION>Örnsköldsvik</LOCATION>"),
)

INITIALS = (
    "Dr <NAME>Ch. Ågren</NAME> undersökte",
    "Remiss till <NAME>Th. Bergqvist</NAME>.",
    "Signerat <NAME>Hj. Lundström</NAME>",
    "Kontakt med <NAME>K-G Lindström</NAME> idag",
    "Enligt <NAME>K.-G. Ågren</NAME>",
    "Möte med <NAME>G.A. Lindström</NAME> och <NAME>Chr. Nyman</NAME>",
    "Hälsar <NAME>A. Lindström</NAME>",
    "Dr. <NAME>Alfr. Åkergren</NAME>",
    "Mor <NAME>Maj-B. Ek</NAME>",
    "Sign <NAME>Erik J:son Berg</NAME>",
    "Överl <NAME>Joh. Åkergren</NAME>",
    "pat heter <NAME>k-g lindström</NAME>, söker",
)

SURNAMES_THAT_ARE_WORDS = (
    "Dr <NAME>Karl Ny</NAME> undersökte.",
    "Doktor <NAME>Eva Lång</NAME> ringde",
    "Ssk <NAME>Anna Ek</NAME> och <NAME>Lars Gran</NAME>",
    "Pat <NAME>Karl Ny</NAME> söker",
    "Överläkare <NAME>Per Ros</NAME> ringde",
    "Tolk <NAME>Birgitta Frisk</NAME>",
    "Patient: <NAME>Ny, Karl</NAME>",
    "<NAME>Ny, Karl</NAME> <ID>850412-2386</ID>",
    "<NAME>Karl Nys</NAME> hustru",
    "/Leg läk <NAME>Eva Ny</NAME>",
    "Dr <NAME>Ny</NAME> bedömer.",
    "Samtal med dr <NAME>Ny</NAME>.",
    "med <NAME>Ny</NAME>, <NAME>Karl</NAME> i går",
)

DATES_IN_WORDS_AND_LISTS = (
    "Pat f. <DATE>19 03 1962</DATE>, söker.",
    "Pat född den <DATE>3 4 1962</DATE>",
    "Pat f. <DATE>1962 03 19 4412</DATE>",
    "Åter <DATE>den tolfte april</DATE>.",
    "Åter <DATE>den tjugoandra i sjätte</DATE>.",
    "Inlagd <DATE>tolfte i fjärde</DATE>.",
    "från <DATE>den första till den tredje juni</DATE>",
    "mellan <DATE>den tjugoförsta och tjugofemte mars 2021</DATE>",
    "<DATE>den trettionde augusti</DATE>",
    "Född <DATE>fjortonde mars nittonhundrafyrtiosex</DATE>.",
    "Åter <DATE>den 12 i fjärde</DATE>.",
    "Åter <DATE>14:e i 3:e</DATE> kl 8",
    "Besök <DATE>2, 3 och 5 maj</DATE>",
    "Besök <DATE>den 3:e och 4:e maj</DATE>",
    "Besök <DATE>den 2, 3 och 5/5</DATE>",
    "bortrest mellan <DATE>2 och 5 maj 2022</DATE>",
    "Pat (f. <DATE>1957</DATE>)",
    "Född <DATE>den 12 mars nittonhundrafemtiosex</DATE>.",
    "Vårdad <DATE>5.3</DATE>-<DATE>9.3.2024</DATE>.",
    "Prover tagna <DATE>1, 3 och 7/6</DATE>.",
)

NUMBERS = (
    "Nationellt reservnummer <ID>22460324AB1C</ID>",
    "Pat <ID>22460324-AB1C</ID> inkom",
    "Pat <ID>23110324XY12</ID> inkom",
    "id <ID>123 456 789-1</ID>",
    "insta <ID>@elsa_berg</ID>",
    "skriver till <ID>@elsaberg98</ID>, svar väntas",
    "Psyk: <CARE_UNIT>Psykiatrisk mottagning Hisingen</CARE_UNIT>",
)

CODES_ARE_WHOLE = (
    "kod <ID>a7c0701234567def</ID> lagras",
    "fil <ID>3f2504e0-4f89-11d3-9a0c-0305e82c3301</ID>.",
    "fil <ID>4F89-11D3-9A0C-0305E82C3301</ID>.",
    "summa <ID>9f86d081884c7d659a2feaa0c55ad015</ID>",
    "serie <ID>G2x850412-2386</ID>",
    "serie <PHONE>x7k0701234567qrs</PHONE>",
)

NO_IDENTIFIERS = (
    # results, doses and scores
    "LPK 10025, Trc 245000, CK 12345",
    "CK 123456, LD 201203",
    "Trop T 10025 ng/l, hs-TnT 12345",
    "P-CK: 230412, B-Trombocyter 201 000",
    "Hb 1O2, CRP l2",
    "Skala 1 2 3 4 5 6 7 8 9 10",
    "PHQ-9: 2 3 0 1 2 1 2 0 1",
    "MADRS 0 0 1 2 3 1 2 0 1 2",
    "NRS 3\n2. Alvedon 500 mg",
    "Alvedon 500 mg\n1-2 tabletter",
    "BT 120\n80 i vila",
    "O2 2 l på grimma, B12 140, L5-S1",
    "Inj Solu-Cortef 200 mg iv",
    "Har legat inne på avdelningen i två dygn för utredning av Parkinson\nStatus gott",
    # letters apart
    "S T A T U S",
    "A B C D E utan anmärkning",
    # lines that end in a hyphen
    "hals-\noch buksmärta",
    "CT-\nbuk",
    # capitals before a word
    "S-K 4,2",
    "A-V Block II",
    "Hepatit B. Remiss skickas",
    "Th. Rygg utan anmärkning",
    # words
    "den första veckan i kuren",
    "den andra i ordningen",
    "Dr Ny tid bokas",
    "Mos ua. Lgl ua.",
    "ST-höjning V1-V4, Q i V2 och V3, V1 0,6",
    "K 3.9 (ref. 3.5-4.4)",
    "ger 2 E SAG",
    "Smiths fraktur, Bennetts fraktur, Fontaine III",
    "Tar 1, 2 och 3/4 tablett",
    "v a d  s ä g e r  m a n",
    "1 tablett 2 och 3 gånger",
    "deadbeef och fasad",
)


@pytest.mark.parametrize(
    "markup",
    (
        *BROKEN_OVER_LINES,
        *SPACED_OUT,
        *MISREAD_BY_A_SCANNER,
        *UNCOMMON_CHARACTERS,
        *INITIALS,
        *SURNAMES_THAT_ARE_WORDS,
        *DATES_IN_WORDS_AND_LISTS,
        *NUMBERS,
        *CODES_ARE_WHOLE,
    ),
)
def test_what_people_read_as_one_identifier_is_found_whole(nlp: Language, markup: str) -> None:
    assert marked(nlp, parse(markup)[0]) == markup


@pytest.mark.parametrize(
    ("markup", "label"),
    [
        ("konto <ID>8327-9,123 456 789-1</ID> hos banken", "ID"),
        ("Användare <ID>evlu01</ID> loggade in (sign <ID>evlu02</ID>)", "ID"),
    ],
)
def test_accounts_are_found_by_the_word_before_them(nlp: Language, markup: str, label: str) -> None:
    text, spans = parse(markup)
    assert [(ent.text, ent.label_) for ent in nlp(text).ents] == [(text[s.start : s.end], label) for s in spans]


@pytest.mark.parametrize("text", NO_IDENTIFIERS)
def test_what_only_looks_like_one_stays(nlp: Language, text: str) -> None:
    assert marked(nlp, text) == render(text, [])


@pytest.mark.parametrize(
    "markup",
    [
        "/<NAME>Leg</NAME> läk <NAME>Peter Nygren</NAME>",
        "<NAME>Överl</NAME>. <NAME>Britt-Marie Sjödin</NAME>",
        "Inj <ORGANIZATION>Solu-Cortef</ORGANIZATION> 200 mg iv",
        "LPK 10025, Trc <DATE>245000</DATE>, CK <ID>12345</ID>",
    ],
)
def test_a_model_does_not_make_names_and_dates_of_titles_drugs_and_results(nlp: Language, markup: str) -> None:
    text, spans = parse(markup)
    doc = nlp.make_doc(text)
    doc.set_ents([doc.char_span(span.start, span.end, label=span.label) for span in spans])
    kept = [span for span in spans if text[span.start : span.end] in ("Peter Nygren", "Britt-Marie Sjödin")]
    assert [ent.text for ent in nlp(doc).ents] == [text[span.start : span.end] for span in kept]
