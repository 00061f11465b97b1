"""Any text, any spans, any policy: no part of an identifier stays, and the key determines its replacement."""

import re
import secrets
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, Span

from spacy_deid.labels import categories
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact.component import DeidRedact
from spacy_deid.redact.modes.surrogate import POLICIES as SURROGATE_POLICIES
from spacy_deid.redact.policy import policy_of, read_policy, shipped_policies
from spacy_deid.redact.replacer import MODES

KEY = bytes(range(32))
LABELS = [*categories(), "NOMBRE_SUJETO_ASISTENCIA", "UNHEARD_OF"]
POLICIES = {name: read_policy(name) for name in shipped_policies()} | {
    mode: policy_of(mode) for mode in MODES if mode not in shipped_policies()
}
SURROGATES = [f"surrogate {name}" for name in SURROGATE_POLICIES]
for name in SURROGATE_POLICIES:
    settings_of = {"surrogate": {"policy": name}, "shift": {"keep_weekday": True}, "band": {"width": 1}}
    POLICIES[f"surrogate {name}"] = replace(POLICIES["surrogate"], settings=settings_of)
MAY_STAY = ("shift", "band", "generalise")  # a weekday, an age in a band of one, a region
BLANK = fine_blank("sv")
WORDS = st.sampled_from(
    ["Anna", "EK", "Eks", "12/4", "2023-04-12", "78 år", "780412-1234", "a.ek@x.se", "Umeå", "\r\n"]
)


@st.composite
def docs(draw) -> Doc:
    """A Doc of any text with entities of any label anywhere in it."""
    text = " ".join(draw(st.lists(WORDS | st.text(max_size=5), max_size=8)))
    doc = BLANK.make_doc(text)
    borders = sorted(draw(st.sets(st.integers(0, len(doc)), max_size=8)))
    pairs = [pair for pair in pairwise(borders) if draw(st.booleans())]
    doc.ents = [Span(doc, start, end, label=draw(st.sampled_from(LABELS))) for start, end in pairs]
    return doc


def component(policy: str, key: bytes = KEY) -> DeidRedact:
    return DeidRedact("redact", policy=POLICIES[policy], key=key, scope="project", lang="sv")


@pytest.mark.parametrize("policy", POLICIES)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50)
@given(doc=docs())
def test_nothing_of_an_identifier_stays_outside_its_replacement(policy: str, doc: Doc) -> None:
    doc = component(policy)(doc)
    text, offsets = doc._.deid_text, doc._.deid_offsets
    redacted = [ent for ent in doc.ents if POLICIES[policy].mode(ent.label_) != "keep"]
    assert [(start, end, label, mode) for start, end, _, label, mode in doc._.deid_replacements] == [
        (ent.start_char, ent.end_char, ent.label_, POLICIES[policy].mode(ent.label_)) for ent in redacted
    ]
    rest, left, read, new_read = "", "", 0, 0
    for ent in redacted:
        start, end = offsets.to_redacted(ent.start_char, ent.end_char)
        assert offsets.to_original(start, end) == (ent.start_char, ent.end_char)
        rest += doc.text[read : ent.start_char]
        left += text[new_read:start]
        read, new_read = ent.end_char, end
    assert left + text[new_read:] == rest + doc.text[read:]


@pytest.mark.parametrize("policy", POLICIES)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=20)
@given(doc=docs())
def test_the_same_key_gives_the_same_result(policy: str, doc: Doc) -> None:
    assert component(policy)(doc)._.deid_text == component(policy)(doc.copy())._.deid_text


@pytest.mark.parametrize("policy", POLICIES)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=20)
@given(doc=docs())
def test_a_replacement_is_never_its_original(policy: str, doc: Doc) -> None:
    for start, end, text, _, mode in component(policy)(doc)._.deid_replacements:
        assert text
        assert mode in MAY_STAY or text.casefold() != doc.text[start:end].casefold()


@pytest.mark.parametrize("policy", ["hash", "research", *SURROGATES])
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=20)
@given(text=st.text(), keys=st.lists(st.binary(min_size=16, max_size=32), min_size=2, max_size=2, unique=True))
def test_in_any_text_another_key_gives_another_result(policy: str, text: str, keys: list[bytes], with_entities) -> None:
    plain = text.replace("<", " ").replace("&", " ")
    doc = with_entities(BLANK, f"{plain} <NAME>Anna Ek</NAME>, <ID>780412-1234</ID>, <DATE>2023-04-12</DATE>")
    one, other = (component(policy, key)(doc.copy())._.deid_text for key in keys)
    assert one != other


@pytest.mark.parametrize("policy", ["hash", "surrogate", "shift", "research"])
def test_another_key_gives_another_result(policy: str, with_entities) -> None:
    doc = with_entities(BLANK, "<NAME>Anna Ek</NAME> <ID>780412-1234</ID> <DATE>2023-04-12</DATE>")
    # of two keys, one in seven hundred shifts dates alike
    results = {component(policy, secrets.token_bytes(32))(doc.copy())._.deid_text for _ in range(4)}
    assert len(results) > 1


@given(text=st.text(alphabet="abcåäö ", min_size=1, max_size=12))
def test_masks_indices_and_hashes_hold_no_original(text: str) -> None:
    doc = Doc(BLANK.vocab, words=[text], spaces=[False], ents=["B-NAME"])
    for policy in ("mask", "index", "hash", "band", "generalise"):
        replacement = component(policy)(doc)._.deid_text
        assert re.fullmatch(r"\[NAME(_1|_[0-9a-f]{10})?\]", replacement)


def test_what_is_kept_is_no_replacement(with_entities) -> None:
    doc = component("keep")(with_entities(BLANK, "<NAME>Anna</NAME> <UNHEARD_OF>Bo</UNHEARD_OF>"))
    assert doc._.deid_text == "Anna [OTHER]"
    assert doc._.deid_offsets.to_redacted(1, 2) == (1, 2)
