"""deid_rules: what rules and guards find, on whole tokens, in any text; and real rules in bounded time."""

import random
import signal
import time
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language

from spacy_deid.annotate.ranges import Cover, TokenRanges
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.lang.pack import installed_packs
from spacy_deid.lang.recognizer import load_rules
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse, render

LANGUAGES = [pack.code for pack in installed_packs() if pack.has("rules")]
EXAMPLES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)


def marked(doc, key="deid_rules") -> str:
    return render(doc.text, [CharSpan(span.start_char, span.end_char, span.label_) for span in doc.spans[key]])


def sources(doc, key="deid_rules") -> list[tuple[str, str, float]]:
    return [(span.text, span._.deid_source, span._.deid_score) for span in doc.spans[key]]


@pytest.mark.parametrize(
    "expected",
    [
        "",
        "1",
        "Pnr <ID>780412-1234</ID>, åter <DATE>12/4</DATE>.",
        "case <ID>12345</ID> hos dr <NAME>Ek</NAME>",
        "NRS 7/10, sedan NRS 8/10",
        "NRS 7/10 <DATE>12/4</DATE>",
        "kod 780412 och kod <ID>780412-1234</ID>",  # a check digit stands against a guard
        "en rad\r\n<DATE>12/4</DATE>\r\nen till\t<DATE>3/5</DATE>",
        "\u200bnoll\u200bbredd <DATE>12/4</DATE>\u200b",
        "😀<DATE>12/4</DATE>😀 אבג <DATE>3/5</DATE> مريم",
        "a | <DATE>12/4</DATE> | b",
        # characters of no width part no number
        "<ID>7804\u200b12-12\u200b34</ID>, <ID>780412\u2060-1234</ID>\ufeff",
        "<ID>7\u00ad8\u200d0\u202d412-\ufe0f1234</ID>, NRS \u200b7/\u200b10",
        "case\u200b <ID>12\u200b345</ID>, åter <DATE>12\u200b/\u200b4</DATE>",
    ],
)
def test_rules_find_spans_on_the_untouched_text(nlp: Language, expected: str) -> None:
    text, _ = parse(expected)
    doc = nlp(text)
    assert doc.text == text
    assert marked(doc) == expected


def test_spans_know_their_rule_and_score(nlp: Language) -> None:
    doc = nlp("Pnr 780412-1234, 12/4, NRS 7/10")
    assert sources(doc) == [("12/4", "rule:date", 0.5), ("780412-1234", "rule:personnummer", 1.0)]
    assert sources(doc, "deid_guards") == [("NRS 7/10", "guard:scale", 0.5)]


def test_spans_are_widened_to_tokens_and_guards_narrowed(nlp: Language) -> None:
    doc = nlp("x case 1234, Babinski, dr Ek_Berg")
    assert [span.text for span in doc.spans["deid_rules"]] == ["1234", "Ek_Berg"]
    assert list(doc.spans["deid_guards"]) == []


def test_white_space_at_the_ends_of_a_match_is_no_part_of_the_span(nlp: Language) -> None:
    assert marked(nlp("är  78 år  gammal")) == "är  <AGE>78 år</AGE>  gammal"


def test_the_group_may_have_another_name(small_rules) -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_rules", config={"span_key": "mine"})
    assert marked(nlp("åter 12/4"), "mine") == "åter <DATE>12/4</DATE>"


def test_a_language_without_rules_is_an_error_that_names_it() -> None:
    with pytest.raises(DeidError, match="'xx'.*Remedy"):
        fine_blank("xx").add_pipe("deid_rules")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_language_of_the_rules_may_be_given(lang: str) -> None:
    assert fine_blank("xx").add_pipe("deid_rules", config={"lang": lang}).rules is load_rules(lang)


@EXAMPLES
@given(text=st.text())
def test_any_text_passes_and_keeps_its_characters(nlp: Language, text: str) -> None:
    doc = nlp(text)
    assert doc.text == text
    for span in doc.spans["deid_rules"]:
        assert span.text == span.text.strip() != ""


@pytest.mark.parametrize("lang", LANGUAGES)
@EXAMPLES
@given(text=st.text(alphabet=st.sampled_from("aÅ1 9-/.,:+@\n\t\r\u200b\u0301😀א(")))
def test_any_text_passes_real_rules(lang: str, text: str) -> None:
    nlp = fine_blank(lang)
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    assert nlp(text).text == text


@pytest.mark.slow
def test_a_megabyte_on_one_line_passes(nlp: Language) -> None:
    line = "Anna Ek sågs 12/4, NRS 7/10 " * 36_000
    text = line[: nlp.max_length]
    begun = time.process_time()
    doc = nlp(text)
    assert len(doc.spans["deid_rules"]) == text.count("12/4")
    assert time.process_time() - begun < 30


RUNS = [
    "1",
    "a",
    "A",
    " ",
    "\n",
    "-",
    ".",
    "1 ",
    "1-",
    "a ",
    "a-",
    "a.",
    "A.",
    "Ab ",
    "1/",
    "1.",
    "a1",
    "å",
    "\t\n",
    "@",
    "a@",
]


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS, ids=repr)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_pattern_backtracks_without_bound(lang: str, run: str) -> None:
    """Each pattern reads 50,000 characters of a run in a tenth of what one quadratic in them would take."""
    text = run * (50_000 // len(run))
    rules = load_rules(lang)
    for recognizer in rules.recognizers + rules.guards:
        begun = time.process_time()
        with alarm(seconds=10, name=recognizer.id):
            for _ in recognizer.find(text + "!"):
                pass
        assert time.process_time() - begun < 1, recognizer.id


@cache
def read_dictionary(lang: str) -> None:
    """Let the checks of a pack read its lists and dictionary, which takes a second and does not depend on the text."""
    for recognizer in load_rules(lang).recognizers:
        if recognizer.check is not None:
            for markup in recognizer.finds:
                list(recognizer.find(parse(markup)[0]))


@pytest.mark.slow
@pytest.mark.parametrize("characters", ["aA", "A.", "Aa.", "A-", "Aa ", "A1", "a1", "1.", "1/-", "aA1. -"], ids=repr)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_time_of_a_rule_grows_with_the_length_of_a_text_in_any_order(lang: str, characters: str) -> None:
    """Each rule takes 20 µs a character at most, also where every character may begin a match that then fails."""
    text = "".join(random.Random(0).choices(characters, k=30_000))
    rules = load_rules(lang)
    read_dictionary(lang)
    for recognizer in rules.recognizers + rules.guards:
        begun = time.process_time()
        with alarm(seconds=10, name=recognizer.id):
            for _ in recognizer.find(text):
                pass
        assert time.process_time() - begun < 20e-6 * len(text), recognizer.id


class alarm:  # noqa: N801  reads as a statement
    """Fail after ``seconds``: an exponential pattern never ends."""

    def __init__(self, seconds: int, name: str) -> None:
        self.seconds, self.name = seconds, name

    def __enter__(self) -> None:
        self.before = signal.signal(signal.SIGALRM, self.fail)
        signal.alarm(self.seconds)

    def fail(self, *_) -> None:
        pytest.fail(f"{self.name} took more than {self.seconds} s")

    def __exit__(self, *_) -> None:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, self.before)


RANGES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted).map(tuple))


@given(ranges=RANGES, start=st.integers(0, 20), length=st.integers(0, 20))
def test_a_cover_holds_what_one_of_its_ranges_holds(ranges, start: int, length: int) -> None:
    end = start + length
    assert Cover(ranges).holds(start, end) == any(a <= start and end <= b for a, b in ranges)


@given(text=st.text(alphabet="ab1 -\n", min_size=1), data=st.data())
def test_expanded_ranges_hold_their_characters_and_contracted_ones_lie_within(text: str, data) -> None:
    doc = fine_blank("sv")(text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    expanded, contracted = TokenRanges(doc).expanded(start, end), TokenRanges(doc).contracted(start, end)
    if expanded is None:
        assert not text[start:end].strip()
    else:
        tokens = doc[slice(*expanded)]
        assert not (text[start : tokens.start_char] + text[tokens.end_char : end]).strip()
        assert all(token.idx < end and token.idx + len(token) > start for token in tokens)
    if contracted is not None:
        tokens = doc[slice(*contracted)]
        assert start <= tokens.start_char < tokens.end_char <= end
