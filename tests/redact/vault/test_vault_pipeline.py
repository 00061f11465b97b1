"""deid_redact fills a vault, and never writes its passphrase."""

import pytest
from spacy.tokens import DocBin

from spacy_deid.apply.run import apply
from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact.secrets import PASSPHRASE as ENVIRONMENT
from spacy_deid.redact.vault import Vault

PASSPHRASE = b"correct horse battery"


def pipeline(path, **config):
    nlp = fine_blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "NAME", "pattern": [{"ORTH": "Ek"}]}])
    nlp.add_pipe("deid_redact", config={"vault": str(path), "mode": "index", **config})
    return nlp


@pytest.mark.parametrize("processes", [1, 2])
def test_deid_redact_fills_the_vault(path, monkeypatch, processes: int) -> None:
    monkeypatch.setenv(ENVIRONMENT, PASSPHRASE.decode())
    texts = [f"Ek sov natt {number}." for number in range(6)]
    nlp = pipeline(path)
    assert not path.exists()
    redacted = [doc._.deid_text for doc in nlp.pipe(texts, n_process=processes, batch_size=2)]
    assert [Vault(path, PASSPHRASE).restore(text) for text in redacted] == texts


def test_a_batch_is_in_the_vault_before_the_first_of_it_is_given(path, monkeypatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, PASSPHRASE.decode())
    texts = [f"Ek sov natt {number}." for number in range(4)]
    docs = pipeline(path).pipe(texts, batch_size=3)
    redacted = next(docs)._.deid_text.replace("0", "{}")
    assert [Vault(path, PASSPHRASE).restore(redacted.format(number)) for number in range(3)] == texts[:3]
    with pytest.raises(DeidError, match="no text like this one"):
        Vault(path, PASSPHRASE).restore(redacted.format(3))


def test_what_cannot_be_redacted_is_handled_and_the_rest_of_the_batch_kept(path, monkeypatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, PASSPHRASE.decode())
    nlp, failed = pipeline(path, scope="patient", key=None), []
    nlp.set_error_handler(lambda name, component, docs, error: failed.extend(doc.text for doc in docs))
    docs = [nlp.make_doc(text) for text in ("Ek sov.", "Ek vakade.", "Ek gick.")]
    for doc in docs[::2]:
        doc._.deid_group = "1"
    redacted = [doc._.deid_text for doc in nlp.pipe(docs)]
    assert failed == ["Ek vakade."]
    assert [Vault(path, PASSPHRASE).restore(text) for text in redacted] == ["Ek sov.", "Ek gick."]


def test_the_passphrase_is_never_written(path, tmp_path, monkeypatch) -> None:
    (tmp_path / "pass.txt").write_bytes(PASSPHRASE + b"\n")
    nlp = pipeline(path, vault_passphrase=str(tmp_path / "pass.txt"))
    doc = nlp("Ek")
    nlp.to_disk(tmp_path / "saved")
    written = [file.read_bytes() for file in (tmp_path / "saved").rglob("*") if file.is_file()]
    packed = DocBin(docs=[doc], store_user_data=True).to_bytes()
    for data in [*written, nlp.to_bytes(), doc.to_bytes(), packed, repr(vars(nlp.config)).encode()]:
        assert PASSPHRASE not in data


def test_apply_does_not_pass_over_a_vault(path, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, PASSPHRASE.decode())
    note, out = tmp_path / "note.txt", tmp_path / "out.txt"
    note.write_text("Ek sov.")
    with pytest.raises(DeidError, match="has a vault, which apply does not fill. Remedy"):
        apply(pipeline(path), note, out, quiet=True)
    assert not out.exists()


def test_without_a_passphrase_a_pipeline_with_a_vault_does_not_load(path, monkeypatch) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    with pytest.raises(DeidError, match=ENVIRONMENT):
        pipeline(path)


@pytest.mark.parametrize("content", [b"", b"  short ", b"1234567\n"])
def test_a_short_passphrase_is_refused_without_being_shown(path, tmp_path, content: bytes) -> None:
    (tmp_path / "pass.txt").write_bytes(content)
    with pytest.raises(DeidError, match="8 characters") as error:
        pipeline(path, vault_passphrase=str(tmp_path / "pass.txt"))
    assert not content.strip() or content.strip().decode() not in str(error.value)


def test_a_passphrase_in_the_place_of_its_file_is_not_shown(path) -> None:
    with pytest.raises(DeidError, match="cannot be read") as error:
        pipeline(path, vault_passphrase="correct horse battery")
    assert "horse" not in str(error.value)
