"""deid_known: the variants of the values of the caller's record, and words that are not variants."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

from spacy_deid.annotate.known import find_known
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.markup import parse, render
from spacy_deid.text import without_diacritics

TAGS = ["NAME", "ID", "PHONE", "LOCATION", "EMAIL", "DATE", "AGE", "INITIALS"]


def found(text: str, label: str, value: str, lang: str = "sv") -> str:
    """Return the text with the matches marked; initials, which are less certain, as INITIALS."""
    matches = list(find_known(text, [{"label": label, "value": value}], lang))
    assert {match.rule for match in matches} <= {"known"}
    return render(text, [CharSpan(m.start, m.end, label if m.score == 1.0 else "INITIALS") for m in matches])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # whole and in parts, in any case and order
        ("Anna-Karin Svensson", "<NAME>Anna-Karin Svensson</NAME> sov"),
        ("Anna-Karin Svensson", "<NAME>Svensson, Anna-Karin</NAME> sov"),
        ("Anna-Karin Svensson", "<NAME>ANNA KARIN SVENSSON</NAME> sov"),
        ("Anna-Karin Svensson", "<NAME>annakarin</NAME> sov; <NAME>svensson</NAME> ringde"),
        ("Anna-Karin Svensson", "hos <NAME>Anna</NAME> och <NAME>karin</NAME>"),
        ("Anna Karin Svensson", "<NAME>Anna-Karin Svensson</NAME>"),
        ("Svensson, Anna", "<NAME>Anna Svensson</NAME>"),
        ("Anna Svensson", "<NAME>Anna\nSvensson</NAME>"),
        # genitive
        ("Anna Svensson", "<NAME>Annas</NAME> mamma, <NAME>SVENSSONS</NAME> bil, <NAME>Anna Svensson's</NAME> barn"),
        # initials
        ("Anna Svensson", "<NAME>A. Svensson</NAME>; <NAME>A Svensson</NAME>; <NAME>Anna S</NAME>."),
        ("Anna Svensson", "/<INITIALS>AS</INITIALS> <INITIALS>A.S.</INITIALS> <INITIALS>A. S.</INITIALS>"),
        ("Anna-Karin Svensson", "<INITIALS>AKS</INITIALS>, <INITIALS>A.K.S.</INITIALS>, <INITIALS>AS</INITIALS>"),
        ("Anna Svensson", "as, ASA, EAS, A, S, AS1"),
        ("Anna Svensson", "<NAME>Anna</NAME> i rum 3, a"),
        ("Anna Ivarsson", "<NAME>Anna</NAME> i rum 3"),
        # words of their own only
        ("Anna Svensson", "Hanna, Annan, svenssonska, <NAME>Annas</NAME>"),
        ("Ann Berg", "<NAME>Ann</NAME>78 år; <NAME>Berg</NAME>_1"),
        # short names count only as a whole
        ("Bo Ek", "<NAME>Bo Ek</NAME>, <NAME>Ek, Bo</NAME>, <NAME>bo ek</NAME> bor i bo vid ek"),
        ("Bo", "<NAME>Bo</NAME> kan bo kvar"),
        # diacritics
        ("Pär Lund", "<NAME>Par Lund</NAME>; <NAME>Par</NAME>; <NAME>par lund</NAME>; ett par; <NAME>pär</NAME>"),
        ("Par Lund", "<NAME>Pär Lund</NAME>"),
        ("Renée Øst", "<NAME>Rene\u0301e Ost</NAME>"),
        ("René Åberg", "<NAME>Rene\u0301</NAME> och Rene\u0301e"),
        ("Łukasz Đurić", "<NAME>Lukasz Duric</NAME>"),
        ("Zoë O'Brien", "<NAME>O’Brien, Zoe</NAME>; <NAME>obrien</NAME>"),
        # characters that one does not see
        ("Anna Svensson", "<NAME>An\u00adna Svens\u200bson</NAME>"),
        ("מרים כהן", "<NAME>מרים כהן</NAME> sov"),
        # wrapped
        ("Karin Lindqvist", "hos <NAME>Lind-\nqvist</NAME>"),
        # nothing to look for
        ("", "Anna"),
        ("-", "a-b"),
    ],
)
def test_names_are_found_in_their_variants(value: str, expected: str) -> None:
    text, _ = parse(expected, TAGS)
    assert found(text, "NAME", value) == expected


@pytest.mark.parametrize(
    "expected",
    [
        "hijo de <NAME>Juan de la Cruz</NAME>",
        "en la sala de la planta",
        "Sra. <NAME>de la Cruz</NAME>; <NAME>CRUZ, JUAN</NAME> de la planta",
        "con <NAME>Cruz</NAME>, cruzs",
    ],
)
def test_particles_of_a_name_are_words_of_the_language(expected: str) -> None:
    assert found(parse(expected)[0], "NAME", "Juan de la Cruz", "es") == expected


@pytest.mark.parametrize(
    ("label", "value", "expected"),
    [
        ("ID", "19780412-1232", "<ID>19780412-1232</ID>, <ID>780412-1232</ID>, <ID>780412+1232</ID>"),
        (
            "ID",
            "780412-1232",
            "<ID>197804121232</ID>, <ID>7804121232</ID>, <ID>780412 -1232</ID>",
        ),
        ("ID", "19780472-1232", "samordningsnummer <ID>780472 1232</ID>"),
        ("ID", "19780412-1232", "1780412-1232, 780412-12321, 780412-1233"),
        ("ID", "SE2321000131-AB12", "hsa <ID>se2321000131-ab12</ID>, <ID>SE2321000131 AB12</ID>"),
        ("ID", "1234", "<ID>1234</ID>, 12/34, 12 34"),
        ("DATE", "1978-04-12", "<DATE>12 april 1978</DATE>, <DATE>12/4-78</DATE>, <DATE>12:e apr 78</DATE>, 12 april"),
        ("DATE", "19780412", "<DATE>12.4.1978</DATE>, <DATE>4/12/1978</DATE>, <DATE>780412</DATE>, 12478, 13/4/78"),
        ("DATE", "1978-04-12", "<DATE>19780412</DATE>, <DATE>780412</DATE>, <DATE>1978-04-12</DATE>"),
        ("PHONE", "070-123 45 67", "<PHONE>+46701234567</PHONE> <PHONE>0046 70 123 45 67</PHONE>"),
        ("PHONE", "+46 70 123 45 67", "<PHONE>070-1234567</PHONE> <PHONE>+46 (0)70-123 45 67</PHONE>"),
        ("PHONE", "+34 600 123 456", "<PHONE>600123456</PHONE>, <PHONE>600.12.34.56</PHONE>, 6001234567"),
        ("PHONE", "+999 12345", "<PHONE>99912345</PHONE>"),
        (
            "LOCATION",
            "Storgatan 3",
            "<LOCATION>storgatan  3</LOCATION>, Storgatan 31, Östra <LOCATION>Storgatan 3</LOCATION>B",
        ),
        ("LOCATION", "Umeå", "i <LOCATION>UMEÅ</LOCATION>, inte Umeåker"),
        ("EMAIL", "anna.ek@x.se", "<EMAIL>Anna.Ek@x.se</EMAIL>"),
        ("ID", "(?:a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaa!"),
        ("ID", "", "12345"),
    ],
)
def test_numbers_and_other_values_are_found_in_their_variants(label: str, value: str, expected: str) -> None:
    assert found(parse(expected, TAGS)[0], label, value) == expected


NAMES = st.lists(st.text("abcdeåäöéñøÅÄÖ", min_size=3, max_size=8), min_size=1, max_size=4)
AROUND = st.text(alphabet=" .,:;()\n1", max_size=5)


@given(names=NAMES, before=AROUND, after=AROUND)
def test_a_name_is_found_whole_whatever_stands_around_it(names: list[str], before: str, after: str) -> None:
    name = " ".join(names).title()
    text = before + name + after
    matches = list(find_known(text, [{"label": "NAME", "value": name}], "sv"))
    covered = {index for match in matches for index in range(match.start, match.end)}
    assert {index for index in range(len(before), len(before + name)) if text[index].isalpha()} <= covered


@given(text=st.text(), value=st.text(), label=st.sampled_from(["NAME", "ID", "PHONE", "LOCATION", "DATE"]))
def test_no_text_and_no_value_raises(text: str, value: str, label: str) -> None:
    for match in find_known(text, [{"label": label, "value": value}], "sv"):
        assert 0 <= match.start < match.end <= len(text)


@given(text=st.text())
def test_taking_diacritics_off_moves_no_character(text: str) -> None:
    assert len(without_diacritics(text)) == len(text)


@pytest.mark.parametrize(
    "entry", ["Anna Ek", {"label": "NAME"}, {"label": "", "value": "Ek"}, {"label": "ID", "value": 7}]
)
def test_a_malformed_entry_is_named_by_its_number_and_not_shown(entry) -> None:
    with pytest.raises(DeidError, match="entry 2.*Remedy") as error:
        list(find_known("", [{"label": "NAME", "value": "Ek"}, entry], "sv"))
    assert "Ek" not in str(error.value)


def test_an_unknown_label_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(DeidError, match=r"entry 1: the label 'PERSON' is not in labels.toml. Remedy: .*NAME"):
        list(find_known("", [{"label": "PERSON", "value": "Anna Ek"}], "sv"))
    with pytest.raises(DeidError, match="not shown"):  # what may be text is not told
        list(find_known("", [{"label": "Anna Ek", "value": "NAME"}], "sv"))


@pytest.mark.parametrize(("label", "value"), [("NAME", "X"), ("ID", "123"), ("AGE", "78")])
def test_a_value_that_is_never_looked_for_is_told_of(label: str, value: str) -> None:
    with pytest.warns(UserWarning, match=f"entry 1: the value of {label} is too short.*Remedy"):
        assert list(find_known(f"{value} år", [{"label": label, "value": value}], "sv")) == []


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", ["", " ", "-", "..."])
def test_an_empty_value_is_passed_over(value: str) -> None:
    assert list(find_known("Anna - ...", [{"label": "NAME", "value": value}], "sv")) == []


@pytest.mark.parametrize(
    "text", ["1" * 50_000, "anna " * 10_000, "a " * 25_000, "Anna-" * 10_000, " " * 50_000, "A." * 25_000]
)
def test_long_runs_take_no_longer_than_other_text(text: str) -> None:
    record = [{"label": "NAME", "value": "Anna von Anna Ek"}, {"label": "ID", "value": "1" * 11}]
    begun = time.process_time()
    list(find_known(text, [*record, {"label": "PHONE", "value": "+46 11 111 11 12"}], "sv"))
    assert time.process_time() - begun < 2


def test_the_component_finds_what_the_record_knows(nlp: Language) -> None:
    doc = nlp.make_doc("MS-patienten Anna Ek, kod 780412-1234, NRS 7/10")
    doc._.deid_known = [{"label": "NAME", "value": "Anna Ek"}, {"label": "ID", "value": "19780412-1234"}]
    doc = nlp(doc)
    spans = {(span.text, span.label_, span._.deid_score) for span in doc.spans["deid_rules"] if span.id_ == "known"}
    assert spans == {("Anna Ek", "NAME", 1.0), ("780412-1234", "ID", 1.0)}
