import pickle
import re
import time
import unicodedata

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.text import visible

SEEN = "Hustrun Märta Åkesson, Wax-Öberg 12, kom från Hjälmsjö 1999 till undersökning av ÅB, Sjögrens"
NLP = fine_blank("es")


def tokens(text):
    return [token.text for token in NLP.tokenizer(text)]


@given(st.text())
def test_no_character_is_lost_or_changed(text):
    assert NLP.tokenizer(text).text == text


@given(st.text(st.sampled_from("abéÅ19٣º_-.,/@()¿«…–½€ \n\u200b"), max_size=30))
def test_a_token_is_letters_or_digits_or_one_mark_or_white_space(text):
    for token in map(visible, tokens(text)):
        assert (
            token.isspace()
            or len(token) <= 1
            or token.isdecimal()
            or (token.isalnum() and not any(map(str.isdecimal, token)))
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nhc-150679", ["nhc", "-", "150679"]),
        ("E-28935", ["E", "-", "28935"]),
        ("19,11A", ["19", ",", "11", "A"]),
        ("Dr. H.\n", ["Dr", ".", "H", ".", "\n"]),
        ("1946-03-03.", ["1946", "-", "03", "-", "03", "."]),
        ("ana_ek@x.se", ["ana", "_", "ek", "@", "x", ".", "se"]),
        ("a...b", ["a", ".", ".", ".", "b"]),
        ("https://x.se/1", ["https", ":", "/", "/", "x", ".", "se", "/", "1"]),
        ("Jose\u0301 vs José", ["Jose\u0301", "vs", "José"]),
        ("An\u00adna a\u20dd \u200bEk", ["An\u00adna", "a\u20dd", "\u200b", "Ek"]),
        ("12\u200b-\u200b34\u2060A", ["12\u200b", "-\u200b", "34\u2060", "A"]),
        ("Ek\u00a012", ["Ek", "\u00a0", "12"]),
        ("", []),
    ],
)
def test_borders(text, expected):
    assert tokens(text) == expected


def test_it_is_found_by_name_and_survives_saving(tmp_path):
    config = {"nlp": {"tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}}
    spacy.blank("sv", config=config).to_disk(tmp_path / "pipeline")
    loaded = spacy.load(tmp_path / "pipeline")
    assert loaded.lang == "sv"
    assert [token.text for token in loaded("nhc-150679 a..b")] == ["nhc", "-", "150679", "a", ".", ".", "b"]


def features(text):
    names = ("NORM", "PREFIX", "SUFFIX", "SHAPE", "FLAG20", "FLAG21", "FLAG22")
    return fine_blank("sv").tokenizer(text).to_array(list(names)).tolist()


@pytest.mark.parametrize(
    "written",
    [
        unicodedata.normalize("NFD", SEEN),  # as macOS and PDF write it
        SEEN.replace(" ", "\u00a0").replace("-", "\u2011"),
        SEEN.replace("r", "r\u200b").replace("99", "9\u20609"),
        SEEN.replace("undersökning", "under\u00adsökning"),
        "".join(chr(ord(c) + 0xFEE0) if c in "Wx12" else c for c in SEEN),  # full width
    ],
)
def test_a_model_sees_what_people_see(written):
    assert written != SEEN
    words = [feature for feature in features(written) if feature != features("\u00a0")[0]]
    assert words == features(SEEN)


def test_a_pipeline_saved_by_an_earlier_version_sees_the_same(tmp_path):
    nlp = fine_blank("sv")
    nlp.tokenizer.infix_finditer = re.compile(r"(?<=-)(?=.)").finditer
    nlp.tokenizer.add_special_case("z.B.", [{"ORTH": "z.B."}])
    nlp.to_disk(tmp_path / "pipeline")
    loaded = spacy.load(tmp_path / "pipeline")
    assert [(token.text, token.norm_) for token in loaded("Go\u0308ran12 z.B.")] == [
        ("Go\u0308ran", "göran"),
        ("12", "12"),
        ("z.B.", "z.b."),
    ]
    assert pickle.loads(pickle.dumps(loaded))("Go\u0308ran")[0].norm_ == "göran"  # noqa: S301


def test_an_unknown_language_is_an_error():
    with pytest.raises(DeidError, match="'qq'"):
        fine_blank("qq")


def test_it_makes_more_than_80_000_tokens_a_second():
    words = [f"paciente{a}-{b}, Dr. {chr(97 + a)}{b}/19" for a in range(20) for b in range(50)]
    text = " ".join(words * 20)
    seconds = []
    for _ in range(3):  # the best of three: other jobs share the machine
        started = time.process_time()
        count = len(NLP.tokenizer(text))
        seconds.append(time.process_time() - started)
    assert count / min(seconds) > 80_000
