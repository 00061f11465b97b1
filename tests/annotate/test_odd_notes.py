"""Pipelines of rules alone read any note: offsets are right, no error is raised, no character is lost."""

import time

import pytest
from spacy.language import Language
from spacy.tokens import Doc

from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse, render

NUMBERS = {"sv": "850412-2386", "es": "12345678Z"}  # with the right check digit or letter
MEGABYTE = 1_000_000


@pytest.fixture(scope="module", params=NUMBERS)
def pipeline(request) -> Language:
    nlp = fine_blank(request.param)
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    return nlp


def entities(doc: Doc, text: str) -> list[str]:
    """Return what was found in ``text``; fails where a character got lost or moved."""
    spans = [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
    assert doc.text == text == "".join(token.text_with_ws for token in doc)
    assert [ent.text for ent in doc.ents] == [text[start:end] for start, end, _ in spans]
    assert parse(render(text, spans)) == (text, spans)
    return [ent.text for ent in doc.ents]


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "1", "a", "Å", ".", "🙂", "א", "\u200b", "\ufeff", "\x00", "\r", "|"], ids=ascii
)
def test_a_note_of_one_character_or_none_identifies_nobody(pipeline: Language, text: str) -> None:
    assert entities(pipeline(text), text) == []


@pytest.mark.parametrize(
    "frame",
    [
        "Ã¥tergÃ¥ng, nr {}, hÃ¶ger arm, d\ufffds 5",  # UTF-8 read as Latin-1, and what could not be read
        "\x00\x93nr\x94 {}\x85 \xa0 \x1a",  # Windows-1252 read as Latin-1, a control character
        "\ufeff{}\ufeff",
        "a\u030a nr {} n\u0303 e\u0301",  # decomposed
        "🙂{}👩\u200d⚕️",
        "👨\u200d👩\u200d👧 {} 🇸🇪",
        "אבי כהן {} محمد علي",
        "\u202bמרים\u202c \u2067{}\u2069",
        "\u200b{}\u200b",
        "a\u200db \u2060{}\u00ad b",
        "en\r\n{}\r\n\r\notro\r",
        "\t{}\u2028{}\x0b{}\x0c",
        "a\tb\tc\r\n1\t{}\t2,5\r\n",
        "| a | b |\n|---|---|\n| {} | 7/10 |",
        "┌────┬───┐\n│{}│ 7 │\n└────┴───┘",
        "a;{};;;1;\n\n\n;;;",
        "<b>{}</b> &amp; <NAME> &lt;",
    ],
    ids=ascii,
)
def test_an_identifier_is_found_whatever_stands_around_it(pipeline: Language, frame: str) -> None:
    number = NUMBERS[pipeline.lang]
    text = frame.replace("{}", number)

    assert entities(pipeline(text), text) == [number] * frame.count("{}")


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u2060", "\u202d", "\ufeff"], ids=ascii)
def test_no_part_of_an_identifier_stays_for_a_character_that_nobody_sees(pipeline: Language, unseen: str) -> None:
    number = NUMBERS[pipeline.lang]
    for place in range(1, len(number)):
        text = f"nr {number[:place]}{unseen}{number[place:]} ok"
        assert entities(pipeline(text), text) == [text.removeprefix("nr ").removesuffix(" ok")]


@pytest.mark.slow
def test_a_megabyte_on_one_line(pipeline: Language) -> None:
    number = NUMBERS[pipeline.lang]
    line = f"nr {number}, 🙂 NRS 7/10 " + 4 * "ser bien, kaffe, med insulin a 37,5 "
    times, rest = divmod(MEGABYTE, len(line))
    text = line * times + "." * rest
    begun = time.process_time()

    assert entities(pipeline(text), text) == [number] * times

    assert len(text) == MEGABYTE
    assert time.process_time() - begun < 60  # 5 on a quiet machine
