"""The key determines replacements, the scope where they are the same, and the key is never written."""

from pathlib import Path

import pytest
from spacy.language import Language
from spacy.tokens import DocBin

from spacy_deid.errors import DeidError

# --- scopes: within one, a value always has the same replacement

NOTES = [
    {"text": "Ek", "id": "1", "group": "a"},
    {"text": "Ek", "id": "2", "group": "a"},
    {"text": "Ek sov", "id": "2", "group": "b"},
    {"text": "Ek", "id": "b"},
]


def hashes(nlp: Language, notes: list[dict[str, str]]) -> list[str]:
    made = []
    for note in notes:
        doc = nlp.make_doc(note["text"])
        doc._.deid_id, doc._.deid_group = note.get("id", ""), note.get("group", "")
        made.append(doc)
    return [doc._.deid_replacements[0][2] for doc in nlp.pipe(made)]


@pytest.mark.parametrize(("scope", "alike"), [("document", "0112"), ("patient", "0011"), ("project", "0000")])
def test_scopes(pipeline, key_file: str, scope: str, alike: str) -> None:
    found = hashes(pipeline(mode="hash", scope=scope, key=key_file), NOTES)
    assert "".join(str(sorted(set(found), key=found.index).index(each)) for each in found) == alike


def test_without_an_id_the_text_is_the_document(pipeline, key_file: str) -> None:
    nlp = pipeline(mode="hash", scope="document", key=key_file)
    first, same, other = hashes(nlp, [{"text": text} for text in ("Ek", "Ek", "Ek sov")])
    assert first == same != other


def test_without_a_patient_the_patient_scope_is_an_error(pipeline, key_file: str) -> None:
    nlp = pipeline(mode="hash", scope="patient", key=key_file)
    with pytest.raises(DeidError, match="deid_group") as error:
        hashes(nlp, [{"text": "Ek"}])
    assert "Ek" not in str(error.value)


# --- keys


def test_keys_come_from_a_file_else_the_environment_else_chance(pipeline, tmp_path, monkeypatch) -> None:
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


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_that_others_can_read_brings_a_warning(pipeline, key_file, mode: int) -> None:
    Path(key_file).chmod(mode)
    with pytest.warns(UserWarning, match="chmod 600"):
        pipeline(mode="hash", key=key_file)


def test_a_key_that_is_its_owners_alone_brings_none(pipeline, key_file, recwarn) -> None:
    Path(key_file).chmod(0o600)
    pipeline(mode="hash", key=key_file)
    assert not [each for each in recwarn if "others" in str(each.message)]


@pytest.mark.parametrize(
    "content", [b"", b"1f" * 15, b"1f" * 16 + b"g", b"\xff" * 40, b"not a key but long enough to be one"]
)
def test_what_is_no_key_is_refused_without_showing_it(pipeline, tmp_path, content: bytes) -> None:
    (tmp_path / "deid.key").write_bytes(content)
    with pytest.raises(DeidError, match=r"deid\.key") as error:
        pipeline(key=str(tmp_path / "deid.key"))
    assert not content or content.decode("latin1") not in str(error.value)


def test_the_environment_is_checked_as_well(pipeline, monkeypatch) -> None:
    monkeypatch.setenv("SPACY_DEID_KEY", "c0ffee")
    with pytest.raises(DeidError, match="SPACY_DEID_KEY") as error:
        pipeline()
    assert "c0ffee" not in str(error.value)


@pytest.mark.parametrize("key", ["1f" * 32, " ".join(["1f"] * 32), "c0ffee", "a passphrase", "with a \0"])
def test_a_key_in_the_settings_is_refused_without_showing_it(pipeline, key: str) -> None:
    with pytest.raises(DeidError, match="'key'") as error:
        pipeline(key=key)
    assert key not in str(error.value)
    assert error.value.__cause__ is None


def test_the_key_is_never_written(pipeline, tmp_path, key_file: str) -> None:
    key = bytes.fromhex("5e" * 32)
    nlp = pipeline(mode="hash", key=key_file)
    nlp.to_disk(tmp_path / "saved")
    doc = nlp("Ek")
    written = [path.read_bytes() for path in (tmp_path / "saved").rglob("*") if path.is_file()]
    packed = DocBin(docs=[doc], store_user_data=True).to_bytes()
    for data in [*written, nlp.to_bytes(), doc.to_bytes(), packed, repr(vars(nlp.config)).encode()]:
        assert key not in data
        assert key.hex().encode() not in data
