"""deid_merge: the policy in a table, nothing lost, and spans that know their source."""

import pickle

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.vocab import Vocab

from spacy_deid.annotate.policy import Claim, resolve
from spacy_deid.annotate.ranges import Cover
from spacy_deid.extensions import char_spans, sourced_span
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse, render


def marked(doc: Doc) -> str:
    return render(doc.text, char_spans(doc))


def sources(doc: Doc) -> list[tuple[str, str]]:
    return [(ent.text, ent._.deid_source) for ent in doc.ents]


# --- the policy, on words as the pipeline sees them: what the model marked, what comes out


@pytest.mark.parametrize(
    ("model", "merged"),
    [
        ("", ""),
        ("ingenting här", "ingenting här"),
        # one source alone
        ("<NAME>Anna Ek</NAME> sov", "<NAME>Anna Ek</NAME> sov"),
        ("åter 12/4", "åter <DATE>12/4</DATE>"),
        # the same label: one span of all that was found
        ("åter <DATE>12/4</DATE>-23", "åter <DATE>12/4-23</DATE>"),
        ("åter den <DATE>3 maj 2023</DATE>", "åter <DATE>den 3 maj 2023</DATE>"),
        # the longer label wins, what sticks out of the other stays where it has a letter or digit
        ("på <LOCATION>avd 3</LOCATION> NUS", "på <CARE_UNIT>avd 3 NUS</CARE_UNIT>"),
        ("<LOCATION>Umeå avd</LOCATION> 3 NUS", "<LOCATION>Umeå</LOCATION> <CARE_UNIT>avd 3 NUS</CARE_UNIT>"),
        ("avd 3 <LOCATION>NUS (i Umeå)</LOCATION>", "<CARE_UNIT>avd 3</CARE_UNIT> <LOCATION>NUS (i Umeå)</LOCATION>"),
        # as long: the higher score, a model's being .8
        ("<ORGANIZATION>avd 3 NUS</ORGANIZATION>", "<ORGANIZATION>avd 3 NUS</ORGANIZATION>"),
        ("dr <LOCATION>Ek</LOCATION>", "dr <NAME>Ek</NAME>"),
        # names beside each other are one person's
        ("<NAME>Anna</NAME> <NAME>Ek</NAME> sov", "<NAME>Anna Ek</NAME> sov"),
        ("<NAME>Anna</NAME> <NAME>Karin</NAME> <NAME>Ek</NAME>", "<NAME>Anna Karin Ek</NAME>"),
        # check digits keep their borders
        ("<ID>780412-1234, 790412-1234</ID>", "<ID>780412-1234</ID>, <ID>790412-1234</ID>"),
        ("<PHONE>tel 780412-1234 (dag)</PHONE>", "<PHONE>tel</PHONE> <ID>780412-1234</ID> (<PHONE>dag</PHONE>)"),
        ("<NAME>Anna 780412-1234</NAME>", "<NAME>Anna</NAME> <ID>780412-1234</ID>"),
        # punctuation alone does not stay
        ("<PHONE>780412-1234,</PHONE> sov", "<ID>780412-1234</ID>, sov"),
        # guards: nothing within them, save check digits; all of what goes beyond them
        ("<DATE>NRS 7/10</DATE> och <DATE>7/10</DATE>", "NRS 7/10 och <DATE>7/10</DATE>"),
        ("<NAME>Parkinsons</NAME> sjukdom", "Parkinsons sjukdom"),
        ("<NAME>Parkinsons sjukdom Anna</NAME>", "<NAME>Parkinsons sjukdom Anna</NAME>"),
        ("kod <ID>780412</ID>, kod 780412-1234", "kod 780412, kod <ID>780412-1234</ID>"),
        ("<NAME>Babinski</NAME>", "<NAME>Babinski</NAME>"),
        # addresses are one thing
        ("<NAME>anna</NAME>.ek@x.se", "<EMAIL>anna.ek@x.se</EMAIL>"),
        ("<NAME>Anna, anna.ek@x.se</NAME>", "<NAME>Anna</NAME>, <EMAIL>anna.ek@x.se</EMAIL>"),
        # white space at the ends is no part of a thing
        ("<EMAIL>anna.ek@x.se\n</EMAIL>Lund", "<EMAIL>anna.ek@x.se</EMAIL>\nLund"),
        ("<NAME>\n Bo\n</NAME>", "\n <NAME>Bo</NAME>\n"),
        ("sov<NAME>\n\n</NAME>", "sov\n\n"),
        # nor is a mark by itself, over which a name goes on
        ("sov<NAME>.</NAME> Åter", "sov. Åter"),
        # a label nobody listed stays what it is
        ("den <OTHER>röda</OTHER> bilen", "den <OTHER>röda</OTHER> bilen"),
    ],
)
def test_policy(with_model, model: str, merged: str) -> None:
    assert marked(with_model(model)) == merged


@pytest.mark.parametrize(
    "apart",
    [
        "<NAME>Anna</NAME>, <NAME>Bo</NAME> och <NAME>Eva</NAME>",
        "<NAME>Anna</NAME>/<NAME>Bo</NAME>",
        "<NAME>Anna</NAME>  <NAME>Bo</NAME>",
        "<NAME>Anna</NAME>\n<NAME>Bo</NAME>",
        "<NAME>Anna</NAME> <NOMBRE_PERSONAL_SANITARIO>Bo</NOMBRE_PERSONAL_SANITARIO>",
        "<LOCATION>Lund</LOCATION> <LOCATION>Malmö</LOCATION>",
    ],
)
def test_more_than_a_space_or_another_label_keeps_names_apart(with_model, apart: str) -> None:
    assert marked(with_model(apart)) == apart


@pytest.mark.parametrize(
    ("model", "merged"),
    [
        ("<LOCATION>Anna</LOCATION> sov", "<NAME>Anna</NAME> sov"),
        ("<NAME>Anna Lind</NAME> sov", "<NAME>Anna Lind</NAME> sov"),
        ("<LOCATION>Anna Ek Lind</LOCATION> sov", "<NAME>Anna Ek</NAME> <LOCATION>Lind</LOCATION> sov"),
        ("<ID>Anna, 780412-1234</ID>", "<NAME>Anna</NAME>, <ID>780412-1234</ID>"),
        ("Eks sjukdom", "<NAME>Eks</NAME> sjukdom"),  # the record is certain: a guard does not take it back
        ("anna.ek@x.se", "<EMAIL>anna.ek@x.se</EMAIL>"),
        ("kod AE", "kod <NAME>AE</NAME>"),
        ("<CARE_UNIT>kliniken AE</CARE_UNIT>", "<CARE_UNIT>kliniken AE</CARE_UNIT>"),  # initials are not certain
    ],
)
def test_policy_with_the_callers_record(with_model, model: str, merged: str) -> None:
    assert marked(with_model(model, [{"label": "NAME", "value": "Anna Ek"}])) == merged


def test_every_span_knows_its_source(with_model) -> None:
    doc = with_model("<NAME>Lind</NAME>: 780412-1234, åter 12/4, Lind, Berg", [{"label": "NAME", "value": "Bo Berg"}])
    assert sources(doc) == [
        ("Lind", "model"),
        ("780412-1234", "rule:personnummer"),
        ("12/4", "rule:date"),
        ("Lind", "repeated"),
        ("Berg", "known"),
    ]


# --- sources and scores of spans on the same characters


@pytest.fixture
def same_characters(with_model) -> Doc:
    return with_model("dr <NAME>Ek</NAME> den <DATE>12/4</DATE>")


def facts(doc: Doc) -> dict[str, list[tuple[str, str, float | None]]]:
    groups = {**doc.spans, "ents": doc.ents}
    return {key: [(s.text, s._.deid_source, s._.deid_score) for s in spans] for key, spans in groups.items()}


EXPECTED = {
    "deid_guards": [],
    "deid_rules": [("12/4", "rule:date", 0.5), ("Ek", "rule:doctor", 0.9)],
    "deid_model": [("Ek", "model", None), ("12/4", "model", None)],
    "ents": [("Ek", "rule:doctor", 0.9), ("12/4", "model", None)],
}


def test_spans_of_the_same_characters_do_not_share_source_and_score(same_characters: Doc) -> None:
    assert facts(same_characters) == EXPECTED


def test_sources_and_scores_outlive_files(same_characters: Doc) -> None:
    packed = DocBin(docs=[same_characters], store_user_data=True).to_bytes()
    (doc,) = DocBin().from_bytes(packed).get_docs(Vocab())
    assert facts(doc) == EXPECTED
    assert facts(Doc(Vocab()).from_bytes(same_characters.to_bytes())) == EXPECTED
    assert facts(pickle.loads(pickle.dumps(same_characters))) == EXPECTED  # noqa: S301  our own bytes


def test_sources_and_scores_move_along_with_text(same_characters: Doc) -> None:
    both = Doc.from_docs([same_characters, same_characters])
    assert facts(both)["ents"] == EXPECTED["ents"] * 2
    assert facts(same_characters[1:].as_doc(copy_user_data=True))["ents"] == EXPECTED["ents"]


def test_source_and_score_cannot_be_set_past_the_span(same_characters: Doc) -> None:
    for attribute in ("deid_source", "deid_score"):
        with pytest.raises(AttributeError, match="sourced_span"):
            setattr(same_characters.ents[0]._, attribute, "x")
    assert sourced_span(same_characters, 0, 1, "NAME", "x", 0.3)._.deid_score == 0.3


# --- properties

CLAIMS = st.lists(
    st.builds(
        lambda start, length, label, source: Claim(start, start + length, label, *source),
        st.integers(0, 15),
        st.integers(1, 5),
        st.sampled_from(["NAME", "ID", "EMAIL", "DATE"]),
        st.sampled_from([("model", None), ("known", 1.0), ("rule:checked", 1.0), ("rule:a", 0.9), ("rule:b", 0.5)]),
    ),
    max_size=8,
)
GUARDS = st.lists(st.tuples(st.integers(0, 10), st.integers(11, 20)), max_size=2).map(Cover)


@given(claims=CLAIMS, guards=GUARDS, blank=st.sets(st.integers(0, 20)))
def test_no_token_with_text_is_lost_and_none_is_claimed_twice(claims, guards: Cover, blank: set[int]) -> None:
    merged = resolve(claims, guards, lambda token: token not in blank)
    tokens = [token for claim in merged for token in range(claim.start, claim.end)]
    assert tokens == sorted(set(tokens))
    found = {
        token
        for claim in claims
        if claim.score == 1.0 or not guards.holds(claim.start, claim.end)
        for token in range(claim.start, claim.end)
    }
    assert found - blank <= set(tokens) <= found


@given(claims=CLAIMS, guards=GUARDS)
def test_what_is_merged_stays_as_it_is(claims, guards: Cover) -> None:
    merged = resolve(claims, Cover([]), lambda token: True)
    assert resolve(merged, Cover([]), lambda token: True) == merged


@given(claims=CLAIMS)
def test_every_label_comes_from_a_source_that_gave_it_there(claims) -> None:
    for claim in resolve(claims, Cover([]), lambda token: True):
        for token in range(claim.start, claim.end):
            assert any(c.label == claim.label and c.start <= token < c.end for c in claims)


# no titles and line breaks, which cut an entity: see tests/field/test_bounds.py and test_false_claims.py
WORDS = st.sampled_from(["Anna", "ring", "Ek", "12/4", "780412-1234", "anna@x.se", "NRS 7/10", ",", "😀", "avd 3"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORDS), data=st.data())
def test_every_letter_and_digit_that_was_found_is_in_an_entity(nlp: Language, words: list[str], data) -> None:
    doc = nlp.make_doc(" ".join(words))
    borders = sorted(data.draw(st.sets(st.integers(0, len(doc)), max_size=6)))
    labels = st.sampled_from(["NAME", "ID", "DATE"])
    pairs = zip(borders[::2], borders[1::2], strict=False)
    doc.set_ents([sourced_span(doc, start, end, data.draw(labels), "", None) for start, end in pairs])
    doc = nlp(doc)
    guards = Cover((guard.start, guard.end) for guard in doc.spans["deid_guards"])
    for span in [*doc.spans["deid_model"], *doc.spans["deid_rules"]]:
        words_of = [token.i for token in span if not token.is_space]
        if span._.deid_score == 1.0 or not words_of or not guards.holds(words_of[0], words_of[-1] + 1):
            assert all(token.ent_type for token in span if any(map(str.isalnum, token.text)))
    assert all(ent._.deid_source for ent in doc.ents)


# --- scores of a model: of being in an identifier, not of a label


@pytest.mark.parametrize(
    ("claims", "label"),
    [
        # against a rule they count as .8, however sure the model is
        ([Claim(0, 2, "NAME", "model", 0.99), Claim(0, 2, "LOCATION", "rule:town", 0.9)], "LOCATION"),
        ([Claim(0, 2, "NAME", "model", 0.6), Claim(0, 2, "LOCATION", "rule:town", 0.7)], "NAME"),
        # among a model's, the surest wins
        ([Claim(0, 2, "NAME", "model", 0.3), Claim(0, 2, "LOCATION", "model", 0.9)], "LOCATION"),
    ],
)
def test_of_claims_of_the_same_tokens_one_gives_its_label(claims, label) -> None:
    (merged,) = resolve(claims, Cover([]), lambda token: True)
    assert merged.label == label


# --- as components of spaCy


def test_without_rules_the_model_stands_alone() -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_merge")
    text, ((start, end, label),) = parse("<NAME>Anna</NAME> sov")
    doc = nlp.make_doc(text)
    doc.ents = [doc.char_span(start, end, label)]
    assert sources(nlp(doc)) == [("Anna", "model")]


def test_names_that_a_language_model_wrote_keep_their_borders(nlp: Language) -> None:
    doc = nlp.make_doc("Anna Ek")
    doc.spans["deid_written"] = [sourced_span(doc, token, token + 1, "NAME", "slot", 1.0) for token in (0, 1)]
    assert sources(nlp(doc)) == [("Anna", "slot"), ("Ek", "slot")]


@pytest.mark.parametrize("processes", [1, 2])
def test_streams_give_what_single_texts_give(nlp: Language, processes: int) -> None:
    texts = ["dr Ekman 12/4", "", "780412-1234 och Ekman", "NRS 7/10"] * 3
    streamed = [facts(doc) for doc in nlp.pipe(texts, n_process=processes, batch_size=2)]
    assert streamed == [facts(nlp(text)) for text in texts]


def test_streams_of_docs_keep_the_record_in_other_processes(nlp: Language) -> None:
    docs = [nlp.make_doc("Anna sov") for _ in range(4)]
    for doc in docs:
        doc._.deid_known = [{"label": "NAME", "value": "Anna Ek"}]
    assert [sources(doc) for doc in nlp.pipe(docs, n_process=2)] == [[("Anna", "known")]] * 4


def test_settings_outlive_files(small_rules, tmp_path) -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_rules", config={"lang": "es", "span_key": "mine"})
    nlp.add_pipe("deid_merge", config={"rules_key": "mine", "propagate": False})
    nlp.to_disk(tmp_path)
    for loaded in (spacy.load(tmp_path), fine_blank("sv").from_config(nlp.config).from_bytes(nlp.to_bytes())):
        assert loaded.get_pipe("deid_rules").lang == "es"
        assert marked(loaded("dr Ekman, Ekman 12/4")) == "dr <NAME>Ekman</NAME>, Ekman <DATE>12/4</DATE>"


def test_spacy_scores_the_merged_entities(nlp: Language) -> None:
    reference = nlp.make_doc("dr Ekman 12/4")
    reference.ents = [reference.char_span(3, 8, "NAME"), reference.char_span(9, 13, "AGE")]
    scores = nlp.evaluate([Example(nlp.make_doc(reference.text), reference)])
    assert (scores["ents_p"], scores["ents_r"]) == (0.5, 0.5)


def test_spacy_knows_what_the_components_read_and_write(small_rules) -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_merge")
    assert nlp.analyze_pipes()["problems"]["deid_merge"] == ["doc.spans"]
    nlp.add_pipe("deid_rules", first=True)
    assert nlp.analyze_pipes()["problems"] == {"deid_rules": [], "deid_merge": []}
    assert "doc.ents" in nlp.analyze_pipes()["summary"]["deid_merge"]["assigns"]


def test_processing_a_doc_leaves_no_text_in_an_error(nlp: Language) -> None:
    doc = nlp.make_doc("Anna Ek")
    doc._.deid_known = ["Anna Ek"]
    with pytest.raises(Exception, match="deid_known, entry 1") as error:
        nlp(doc)
    assert "Anna" not in str(error.value)
