"""deid_redact: nothing of an identifier stays, the key decides, and the key is never written."""

import re
import secrets
from dataclasses import replace
from itertools import pairwise

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

from spacy_deid.errors import DeidError
from spacy_deid.labels import categories
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact.component import DeidRedact
from spacy_deid.redact.policy import MODES, policy_of, read_policy, shipped_policies
from spacy_deid.redact.surrogates.policy import POLICIES as SURROGATE_POLICIES

KEY = bytes(range(32))
NOTE = "<NAME>Anna Ek</NAME>, <AGE>78 år</AGE>, <DATE>12/4-23</DATE>, <UNHEARD_OF>Röda bilen</UNHEARD_OF>."
LABELS = [*categories(), "NOMBRE_SUJETO_ASISTENCIA", "UNHEARD_OF"]


def pipeline(**config: object) -> Language:
    nlp = fine_blank("sv")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "NAME", "pattern": [{"ORTH": "Ek"}]}, {"label": "ID", "pattern": [{"ORTH": "7804"}]}])
    nlp.add_pipe("deid_redact", config=config)
    return nlp


# --- properties: any text, any spans, any policy

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


# --- settings


def test_masks_unless_told_otherwise(redacted) -> None:
    assert redacted(NOTE) == "[NAME], [AGE], [DATE], [OTHER]."


def test_an_unknown_label_is_redacted_in_every_mode(redacted) -> None:
    for mode in ("keep", "mask", "index", "hash", "band", "generalise"):
        assert "Röda" not in redacted("<UNHEARD_OF>Röda bilen</UNHEARD_OF>", mode=mode)


def test_what_is_kept_is_no_replacement(with_entities) -> None:
    doc = component("keep")(with_entities(BLANK, "<NAME>Anna</NAME> <UNHEARD_OF>Bo</UNHEARD_OF>"))
    assert doc._.deid_text == "Anna [OTHER]"
    assert doc._.deid_offsets.to_redacted(1, 2) == (1, 2)


def test_a_policy_counts_before_a_mode(redacted, tmp_path) -> None:
    (tmp_path / "own.toml").write_text('[categories]\nNAME = "index"\nAGE = "band"\n', "utf8")
    expected = "[NAME_1], [70-79] år, [DATE], [OTHER]."
    assert redacted(NOTE, policy=str(tmp_path / "own.toml"), mode="keep") == expected
    assert redacted(NOTE, policy="hipaa-safe-harbor") == "[NAME], 78 år, 2023, [OTHER]."


@pytest.mark.parametrize(
    ("config", "named"),
    [({"mode": "remove"}, "'remove'"), ({"policy": "absent"}, "absent"), ({"key": "absent.key"}, "no file")],
)
def test_what_is_wrong_in_the_settings_is_named(config: dict[str, str], named: str) -> None:
    with pytest.raises(DeidError, match=named):
        fine_blank("sv").add_pipe("deid_redact", config=config)


def test_the_mode_can_be_chosen_at_load(tmp_path) -> None:
    pipeline().to_disk(tmp_path)
    nlp = spacy.load(tmp_path, config={"components.deid_redact.mode": "index"})
    assert nlp("Ek, 7804")._.deid_text == "[NAME_1], [ID_1]"


def test_a_doc_that_nobody_redacted_has_no_redacted_text() -> None:
    doc = BLANK("Anna")
    assert doc._.deid_text is None
    assert doc._.deid_offsets is None


def test_spacy_knows_what_the_component_reads_and_writes() -> None:
    analysis = pipeline().analyze_pipes()
    assert analysis["problems"]["deid_redact"] == []
    assert "doc._.deid_text" in analysis["summary"]["deid_redact"]["assigns"]


# --- scopes: within one, a value always has the same replacement


def hashes(scope: str, key: str, notes: list[dict[str, str]]) -> list[str]:
    nlp = pipeline(mode="hash", scope=scope, key=key)
    made = []
    for note in notes:
        doc = nlp.make_doc(note["text"])
        doc._.deid_id, doc._.deid_group = note.get("id", ""), note.get("group", "")
        made.append(doc)
    return [doc._.deid_replacements[0][2] for doc in nlp.pipe(made)]


NOTES = [
    {"text": "Ek", "id": "1", "group": "a"},
    {"text": "Ek", "id": "2", "group": "a"},
    {"text": "Ek sov", "id": "2", "group": "b"},
    {"text": "Ek", "id": "b"},
]


@pytest.mark.parametrize(("scope", "alike"), [("document", "0112"), ("patient", "0011"), ("project", "0000")])
def test_scopes(key_file: str, scope: str, alike: str) -> None:
    found = hashes(scope, key_file, NOTES)
    assert "".join(str(sorted(set(found), key=found.index).index(each)) for each in found) == alike


def test_without_an_id_the_text_is_the_document(key_file: str) -> None:
    first, same, other = hashes("document", key_file, [{"text": text} for text in ("Ek", "Ek", "Ek sov")])
    assert first == same != other


def test_without_a_patient_the_patient_scope_is_an_error(key_file: str) -> None:
    with pytest.raises(DeidError, match="deid_group") as error:
        hashes("patient", key_file, [{"text": "Ek"}])
    assert "Ek" not in str(error.value)


# --- keys


def test_keys_come_from_a_file_else_the_environment_else_chance(tmp_path, monkeypatch) -> None:
    def result(**config: str) -> str:
        return pipeline(mode="hash", **config)("Ek")._.deid_text

    one, two = "1f" * 16, "2f" * 32
    (tmp_path / "one.key").write_text(one)
    assert result() != result()
    monkeypatch.setenv("SPACY_DEID_KEY", two)
    of_environment = result()
    assert result() == of_environment
    assert result(key=str(tmp_path / "one.key")) != of_environment
    monkeypatch.setenv("SPACY_DEID_KEY", one)
    assert result() == result(key=str(tmp_path / "one.key")) != of_environment


@pytest.mark.parametrize(
    "content", [b"", b"1f" * 15, b"1f" * 16 + b"g", b"\xff" * 40, b"not a key but long enough to be one"]
)
def test_what_is_no_key_is_refused_without_showing_it(tmp_path, content: bytes) -> None:
    (tmp_path / "deid.key").write_bytes(content)
    with pytest.raises(DeidError, match=r"deid\.key") as error:
        pipeline(key=str(tmp_path / "deid.key"))
    assert not content or content.decode("latin1") not in str(error.value)


def test_the_environment_is_checked_as_well(monkeypatch) -> None:
    monkeypatch.setenv("SPACY_DEID_KEY", "c0ffee")
    with pytest.raises(DeidError, match="SPACY_DEID_KEY") as error:
        pipeline()
    assert "c0ffee" not in str(error.value)


@pytest.mark.parametrize("key", [KEY.hex(), KEY.hex(" "), "c0ffee", "a passphrase", "with a \0"])
def test_a_key_in_the_settings_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(DeidError, match="'key'") as error:
        pipeline(key=key)
    assert key not in str(error.value)
    assert error.value.__cause__ is None


def test_the_key_is_never_written(tmp_path, key_file: str) -> None:
    key = bytes.fromhex("5e" * 32)
    nlp = pipeline(mode="hash", key=key_file)
    nlp.to_disk(tmp_path / "saved")
    doc = nlp("Ek")
    written = [path.read_bytes() for path in (tmp_path / "saved").rglob("*") if path.is_file()]
    packed = DocBin(docs=[doc], store_user_data=True).to_bytes()
    for data in [*written, nlp.to_bytes(), doc.to_bytes(), packed, repr(vars(nlp.config)).encode()]:
        assert key not in data
        assert key.hex().encode() not in data


# --- as a component of spaCy


def test_settings_outlive_files(tmp_path, key_file: str) -> None:
    nlp = pipeline(mode="hash", key=key_file, scope="project")
    nlp.to_disk(tmp_path / "saved")
    expected = nlp("Ek och 7804")._.deid_text
    for loaded in (
        spacy.load(tmp_path / "saved"),
        fine_blank("sv").from_config(nlp.config).from_bytes(nlp.to_bytes()),
    ):
        assert loaded("Ek och 7804")._.deid_text == expected


@pytest.mark.parametrize("processes", [1, 2])
def test_streams_give_what_single_texts_give(processes: int) -> None:
    nlp = pipeline(mode="hash")  # a random key, which all processes share
    texts = ["Ek sov", "", "7804 och Ek", "Ek"] * 3
    streamed = [
        (doc._.deid_text, doc._.deid_offsets.to_redacted(0, len(doc.text)))
        for doc in nlp.pipe(texts, n_process=processes, batch_size=2)
    ]
    alone = [nlp(text) for text in texts]
    assert streamed == [(doc._.deid_text, doc._.deid_offsets.to_redacted(0, len(doc.text))) for doc in alone]


def test_redacted_texts_outlive_files() -> None:
    nlp = pipeline(mode="index")
    doc = nlp("Ek och 7804")
    packed = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (read,) = DocBin().from_bytes(packed).get_docs(nlp.vocab)
    for copy in (read, Doc(nlp.vocab).from_bytes(doc.to_bytes())):
        assert copy._.deid_text == "[NAME_1] och [ID_1]"
        assert copy._.deid_offsets.to_original(0, 8) == (0, 2)
