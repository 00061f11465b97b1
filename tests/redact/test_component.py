"""deid_redact as a spaCy component: its settings, serialisation and processes."""

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank

NOTE = "<NAME>Anna Ek</NAME>, <AGE>78 år</AGE>, <DATE>12/4-23</DATE>, <UNHEARD_OF>Röda bilen</UNHEARD_OF>."


# --- settings


def test_masks_unless_told_otherwise(redacted) -> None:
    assert redacted(NOTE) == "[NAME], [AGE], [DATE], [OTHER]."


def test_an_unknown_label_is_redacted_in_every_mode(redacted) -> None:
    for mode in ("keep", "mask", "index", "hash", "band", "generalise"):
        assert "Röda" not in redacted("<UNHEARD_OF>Röda bilen</UNHEARD_OF>", mode=mode)


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


def test_the_mode_can_be_chosen_at_load(pipeline, tmp_path) -> None:
    pipeline().to_disk(tmp_path)
    nlp = spacy.load(tmp_path, config={"components.deid_redact.mode": "index"})
    assert nlp("Ek, 7804")._.deid_text == "[NAME_1], [ID_1]"


def test_a_doc_that_nobody_redacted_has_no_redacted_text() -> None:
    doc = fine_blank("sv")("Anna")
    assert doc._.deid_text is None
    assert doc._.deid_offsets is None


def test_spacy_knows_what_the_component_reads_and_writes(pipeline) -> None:
    analysis = pipeline().analyze_pipes()
    assert analysis["problems"]["deid_redact"] == []
    assert "doc._.deid_text" in analysis["summary"]["deid_redact"]["assigns"]


# --- files and processes


def test_settings_outlive_files(pipeline, tmp_path, key_file: str) -> None:
    nlp = pipeline(mode="hash", key=key_file, scope="project")
    nlp.to_disk(tmp_path / "saved")
    expected = nlp("Ek och 7804")._.deid_text
    for loaded in (
        spacy.load(tmp_path / "saved"),
        fine_blank("sv").from_config(nlp.config).from_bytes(nlp.to_bytes()),
    ):
        assert loaded("Ek och 7804")._.deid_text == expected


@pytest.mark.parametrize("processes", [1, 2])
def test_streams_give_what_single_texts_give(pipeline, processes: int) -> None:
    nlp = pipeline(mode="hash")  # a random key, which all processes share
    texts = ["Ek sov", "", "7804 och Ek", "Ek"] * 3
    streamed = [
        (doc._.deid_text, doc._.deid_offsets.to_redacted(0, len(doc.text)))
        for doc in nlp.pipe(texts, n_process=processes, batch_size=2)
    ]
    alone = [nlp(text) for text in texts]
    assert streamed == [(doc._.deid_text, doc._.deid_offsets.to_redacted(0, len(doc.text))) for doc in alone]


def test_redacted_texts_outlive_files(pipeline) -> None:
    nlp = pipeline(mode="index")
    doc = nlp("Ek och 7804")
    packed = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (read,) = DocBin().from_bytes(packed).get_docs(nlp.vocab)
    for copy in (read, Doc(nlp.vocab).from_bytes(doc.to_bytes())):
        assert copy._.deid_text == "[NAME_1] och [ID_1]"
        assert copy._.deid_offsets.to_original(0, 8) == (0, 2)
