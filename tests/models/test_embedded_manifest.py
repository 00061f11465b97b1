"""An earlier conversion is current if its inputs and files are unchanged."""

import pytest

from spacy_deid.models.embedded import MANIFEST, inputs, is_current, read_manifest, write_manifest
from spacy_deid.models.sources import source

pytest.importorskip("wordfreq")
pytest.importorskip("torch")


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    made_of = inputs(source("lm"), 100, ("es",))
    write_manifest(tmp_path, source("lm"), made_of, {"pieces": 3, "parameters": 4}, 1.0)
    return tmp_path


def test_the_same_inputs_stand(directory):
    assert is_current(directory, inputs(source("lm"), 100, ("es",)))


@pytest.mark.parametrize(("words", "languages"), [(101, ("es",)), (100, ("sv",)), (100, ("es", "sv"))])
def test_other_options_do_not(directory, words, languages):
    assert not is_current(directory, inputs(source("lm"), words, languages))


def test_other_sources_do_not(directory):
    assert not is_current(directory, inputs(source("encoder"), 100, ("es",)))


def test_a_changed_or_lost_file_does_not(directory):
    made_of = inputs(source("lm"), 100, ("es",))
    (directory / "model.safetensors").write_bytes(b"other")
    assert not is_current(directory, made_of)
    (directory / "model.safetensors").unlink()
    assert not is_current(directory, made_of)


def test_an_empty_directory_does_not(tmp_path):
    assert not is_current(tmp_path, inputs(source("lm"), 100, ("es",)))


def test_the_manifest_tells_origin_licence_and_counts(directory):
    manifest = read_manifest(directory / MANIFEST)
    assert (directory / MANIFEST).is_file()
    assert "Gemma Terms of Use" in manifest["licence"]
    assert manifest["counts"] == {"pieces": 3, "parameters": 4}
    assert manifest["inputs"]["sha256"] == source("lm").checksums()


@pytest.mark.parametrize(
    "damaged", [b"", b'{"inputs": ', b"[]", b"\xff", b'{"inputs": {}, "files": 3}', b'{"files": {}}']
)
def test_a_damaged_manifest_counts_as_absent(directory, damaged):
    made_of = inputs(source("lm"), 100, ("es",))
    (directory / MANIFEST).write_bytes(damaged)
    assert not is_current(directory, made_of)
