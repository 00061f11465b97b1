"""The repaired reading of text that looks broken, and the rules that may use it."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.lang.recognizer import Recognizer
from spacy_deid.lang.rereading import find_all, passages

READ_AS = (
    # over two lines
    ("nr 070-123\n45 67", "nr 070-123 45 67"),
    ("den 2023-04-\n  12 kl 8", "den 2023-04-12 kl 8"),
    ("460324\r\n-4432", "460324-4432"),
    ("Eva Lind-\nqvist", "Eva Lindqvist"),
    ("Anna-\nKarin", "Anna-Karin"),
    ("den 12\nmaj", "den 12 maj"),
    # spaced out
    ("nr 4 6 0 3 2 4 - 4 4 3 2.", "nr 460324-4432."),
    ("A n n a  E k m a n", "Anna Ekman"),
    ("E v a söker", "Eva söker"),
    ("1 2 3 4 5 6 7 8 - Z", "12345678-Z"),  # a check letter, no digit misread
    ("28/12345678/\n40", "28/12345678/40"),
    ("28/1234\n5678/40", "28/1234 5678/40"),
    ("A n n a E k m a n ringer", "Anna Ekman ringer"),
    # misread
    ("O70-l23 45 67", "070-123 45 67"),
    ("07OO-l2 34 S6", "0700-12 34 56"),
    ("8504|2-2386", "850412-2386"),
)

AS_IT_STANDS = (
    "NRS 3\n2. Alvedon 500 mg",
    "Hb 120\nCRP 5",
    "lite ont\n10.10 Sal 3",
    "en lista\n\nen till",
    "A B C",
    "1 2 3",
    "B12 och S72, O2 2 l, L5-S1",
    "Lind",
    "",
)

NUMBER = Recognizer("number", "ID", re.compile(r"(?<!\d)\d{6}-?\d{4}(?!\d)"), score=0.9)
CERTAIN = Recognizer("certain", "ID", re.compile(r"(?<!\d)\d{10}(?!\d)"), score=1.0)
VAGUE = Recognizer("vague", "DATE", re.compile(r"(?<!\d)\d{6}(?!\d)"), score=0.8)
PHONE = Recognizer("phone", "PHONE", re.compile(r"0\d\d-\d\d(?: ?\d){3,7}"), score=0.9)


def found(text, *rules):
    return [text[match.start : match.end] for match in find_all(text, passages(text), rules)]


@pytest.mark.parametrize(("text", "read"), READ_AS)
def test_what_looks_broken_is_read_mended(text, read):
    assert [passage.view.text for passage in passages(text)] == [read]


@pytest.mark.parametrize("text", AS_IT_STANDS)
def test_other_texts_have_no_second_reading(text):
    assert passages(text) == []


def test_what_a_rule_finds_there_stands_in_the_text_as_it_is_written():
    text = "Rad ett.\nPnr 8 5 0 4 1 2 - 2 3 8 6 och 85O412-2387.\nRad tre 850412-2388"
    assert found(text, NUMBER) == ["850412-2388", "8 5 0 4 1 2 - 2 3 8 6", "85O412-2387"]


@pytest.mark.parametrize(
    ("text", "rule", "is_found"),
    [
        ("8504I2 7", VAGUE, False),  # the form of a date alone does not tell that letters are digits
        ("8 5 0 4 1 2 7 1 9 0", NUMBER, True),
        ("2 1 0 3 1 2 3 0 1 2", NUMBER, False),  # answers to ten questions, unless the check digit is right
        ("2 1 0 3 1 2 3 0 1 2", CERTAIN, True),
    ],
)
def test_the_less_sure_the_reading_the_surer_the_rule(text, rule, is_found):
    assert bool(found(text, rule)) == is_found


def test_a_number_that_is_whole_ends_with_its_line_unless_nothing_else_can_follow():
    assert found("090-12 34 56\n75 mg", PHONE) == ["090-12 34 56"]
    assert found("090-12 34\n56 78 ringer", PHONE)[-1] == "090-12 34\n56 78"
    assert found("090-12 34\n56.", PHONE)[-1] == "090-12 34\n56"


@given(st.text(st.sampled_from("abÅOl01 5-\n\r|")))
def test_each_character_of_a_second_reading_stands_within_the_text(text):
    for passage in passages(text):
        places = [passage.view.original(at, at + 1) for at in range(len(passage.view.text))]
        assert places == sorted(places)
        assert all(0 <= start < end <= len(text) for start, end in places)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["1 ", "a ", "O1 ", "1\n", "1-\n", "a-\na", "O1|", " ", "1  -", "A a\n", "+", "O-"])
def test_time_grows_with_length_and_not_its_square(unit):
    def once(text):
        started = time.process_time()
        find_all(text, passages(text), [NUMBER, PHONE])
        return time.process_time() - started

    def seconds(length):
        return min(once(unit * (length // len(unit)) + "x") for _ in range(3))  # what else runs here only adds

    assert seconds(80_000) < 24 * seconds(10_000) + 0.1  # the square would be 64 times
