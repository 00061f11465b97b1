"""Swedish rules as the pipeline runs them together; each rule's own examples are in lang/sv/rules."""

import random
import time
from pathlib import Path

import pytest
import spacy

from spacy_deid.lang.lexicon import is_ordinary
from spacy_deid.lang.recognizer import load_rules
from spacy_deid.lang.sv import checks
from spacy_deid.markup import parse, render

CASES = Path(__file__).parents[1] / "data" / "sv_rules"
PROSE = """\
Patienten är en tidigare väsentligen frisk kvinna som inkommer på grund av bröstsmärta med utstrålning mot vänster arm.
Hon har inte haft feber eller hosta. I status noteras opåverkad patient, regelbunden rytm utan blåsljud.
Lungor rena. Buken mjuk och oöm. Planering: fortsatt övervakning, nya prover i morgon. Får gå hem om proverna är bra."""


def lines(name):
    return [line.replace("\\n", "\n") for line in (CASES / f"{name}.txt").read_text("utf8").splitlines()]


@pytest.fixture(scope="module")
def nlp():
    config = {"nlp": {"tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}}
    nlp = spacy.blank("sv", config=config)
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge", config={"propagate": False})
    return nlp


def marked(nlp, text):
    return render(text, [(ent.start_char, ent.end_char, ent.label_) for ent in nlp(text).ents])


@pytest.mark.parametrize("markup", lines("whole_pipeline"))
def test_identifiers_that_several_rules_find_are_whole_and_nothing_else_is_one(nlp, markup):
    assert marked(nlp, parse(markup)[0]) == markup


@pytest.mark.parametrize("text", lines("no_identifiers"))
def test_measurements_codes_and_durations_are_no_identifiers(nlp, text):
    assert marked(nlp, text) == render(text, [])


@pytest.mark.parametrize(
    "markup",
    [
        "<NAME>Weber</NAME>",
        "<NAME>Anna Sjögren</NAME>",
        "<NAME>Karin Berg</NAME>",
        "<NAME>Bell</NAME>",
        "<NAME>Thomas</NAME>",
    ],
)
@pytest.mark.parametrize("before", ["hustrun ", "dr "])
def test_names_that_are_eponyms_too_are_not_guarded(nlp, before, markup):
    text = before + parse(markup)[0] + " ringer"
    assert marked(nlp, text) == before + markup + " ringer"


def test_guards_never_hold_the_name_that_a_measure_or_duration_goes_with():
    text = "BT taget av Anna 120/80. Karins test visar 7/10. Vårdats av Erik i 3 år. Ali neg, Eriks sjukdom."
    names = [(text.index(name), text.index(name) + 4) for name in ("Anna", "Karins", "Erik i", "Ali", "Eriks")]
    held = [guard for rule in load_rules("sv").guards for guard in rule.find(text)]
    assert not [start for start, end in names if any(g.start <= start and end <= g.end for g in held)]


def check_digit(digits):
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return str(-sum(number - 9 * (number > 9) for number in doubled) % 10)


@pytest.mark.parametrize("form", ["{0}-{1}", "{0}{1}", "{0} {1}", "{0} - {1}", "{0}+{1}", "19{0}-{1}", "19{0}{1}"])
def test_every_valid_personal_number_has_score_one(form):
    rng = random.Random(1)
    rule = next(rule for rule in load_rules("sv").recognizers if rule.id == "personal_number")
    for _ in range(200):
        born = f"{rng.randrange(20, 100)}{rng.randrange(1, 13):02}{rng.randrange(1, 29) + rng.choice([0, 60]):02}"
        serial = f"{rng.randrange(1000):03}"
        number = form.format(born, serial + check_digit(born + serial))
        (match,) = rule.find(f"Pat {number} söker.")
        assert (match.end - match.start, match.score) == (len(number), 1.0)


def test_ten_digits_that_are_no_personal_number_are_seldom_taken_for_one():
    rng = random.Random(2)
    rule = next(rule for rule in load_rules("sv").recognizers if rule.id == "personal_number")
    numbers = [f"{rng.randrange(10**10):010}" for _ in range(20_000)]
    taken = [number for number in numbers if list(rule.find(f"nr {number}."))]
    # a possible month and day (12 * 61 of 10,000), then one check digit of ten
    assert len(taken) / len(numbers) < 0.01


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (checks.has_birth_date, ["850412", "850472", "20000229-2384"], ["851312", "850432", "850493"]),
        (checks.is_compact_date, ["230412", "20240229"], ["230229", "20230431"]),
        (checks.is_day_and_month, ["12/4", "12-15/4", "29/2-24", "12.4.23"], ["31/4", "4/13", "0/4"]),
        (checks.is_place, ["Umeå", "umeå"], ["Lund", "Anna"]),
        (checks.is_maybe_place, ["Lund", "umeå"], ["lund", "Anna"]),
        (checks.is_only_eponym, ["Crohn", "Crohns"], ["Sjögren", "Anna"]),
    ],
)
def test_checks(check, right, wrong):
    assert [text for text in right if not check(text)] == []
    assert [text for text in wrong if check(text)] == []


def test_a_dense_page_costs_microseconds_a_word():
    found = [parse(line)[0] for line in lines("whole_pipeline")]
    text = "\n".join([PROSE] * 20 + lines("no_identifiers") + found)
    rules = load_rules("sv")
    is_ordinary("sover", "sv")  # reads the dictionary, once for all texts
    started = time.process_time()
    for rule in (*rules.recognizers, *rules.guards):
        list(rule.find(text))
    assert (time.process_time() - started) / len(text.split()) < 200e-6  # 10 where nothing else runs


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["a", "A", "1", "1.", "12-", "Aa ", "Aa-", "a@", "a.", "nr ", "1/1 ", "+1", ":", " ", "\n"]
)
def test_time_grows_with_length_and_not_its_square(unit):
    rules = load_rules("sv")

    def seconds(length):
        text = unit * (length // len(unit))
        started = time.process_time()
        for rule in (*rules.recognizers, *rules.guards):
            list(rule.find(text))
        return time.process_time() - started

    assert seconds(40_000) < 12 * seconds(5_000) + 0.1  # the square would be 64 times


@pytest.mark.parametrize("text", ["", "a", "\ufeff", "🙂" * 50, "עברית 12/4", "\u200b850412\u200b-2386", "A\r\nB\t|"])
def test_odd_texts_raise_nothing(nlp, text):
    assert nlp(text).text == text
