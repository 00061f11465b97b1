"""Words of real notes are found in a pipeline in whatever form it holds them."""

import bz2
import gzip
import lzma
import zipfile

import numpy as np
import pytest
import spacy
from spacy.strings import get_string_id
from spacy.tokens import DocBin

from spacy_deid.audit.inputs import Notes, RealNote
from spacy_deid.audit.wheel import measure_wheel
from spacy_deid.errors import DeidError


def note(number, name):
    return RealNote(f"{number}", "", np.empty(0, np.int32), frozenset({("NAME", name)}), frozenset({name}))


@pytest.fixture
def people():
    names = [f"person{number:02}x quirogas{number:02}y" for number in range(40)]
    return Notes(
        [note(i, name) for i, name in enumerate(names[:20])], [note(i, n) for i, n in enumerate(names[20:])], [], [], 0
    )


def strings_json(folder, texts):
    nlp = spacy.blank("es")
    for text in texts:
        nlp.vocab.strings.add(text)
    nlp.to_disk(folder)


def vectors(folder, texts):
    nlp = spacy.blank("es")
    for text in texts:
        nlp.vocab.set_vector(text, np.ones(4, dtype=np.float32))
    nlp.to_disk(folder)
    (folder / "vocab" / "strings.json").unlink()


def docbin(folder, texts):
    folder.mkdir()
    DocBin(docs=[spacy.blank("es").make_doc(text) for text in texts]).to_disk(folder / "cache.spacy")


def escaped(folder, texts):
    folder.mkdir()
    (folder / "meta.json").write_text(" ".join(f"\\u{ord(text[0]):04x}{text[1:]}" for text in texts))


def compressed(*compress):
    """Write the words, compressed by one after the other."""

    def put(folder, texts):
        folder.mkdir()
        data = " ".join(texts).encode()
        for step in compress:
            data = step(data)
        (folder / "cache.bin").write_bytes(data)

    return put


def array_of_hashes(folder, texts):
    folder.mkdir()
    np.savez_compressed(folder / "keys.npz", keys=np.array([get_string_id(text) for text in texts], dtype=np.uint64))


def zipped_and_compressed(folder, texts):
    strings_json(folder, texts)
    with zipfile.ZipFile(folder / "inner.zip", "w", zipfile.ZIP_DEFLATED) as inner:
        inner.write(folder / "vocab" / "strings.json", "strings.json")
    (folder / "inner.gz").write_bytes(gzip.compress((folder / "inner.zip").read_bytes()))
    (folder / "inner.zip").unlink()
    (folder / "vocab" / "strings.json").unlink()


PUT = {
    "string store": strings_json,
    "vectors": vectors,
    "DocBin": docbin,
    "escaped": escaped,
    "bz2": compressed(bz2.compress),
    "xz": compressed(lzma.compress),
    "gzip in gzip": compressed(gzip.compress, gzip.compress),
    "zip in gzip": zipped_and_compressed,
    "array of hashes": array_of_hashes,
}


@pytest.mark.parametrize("put", PUT.values(), ids=PUT)
@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "wheel"])
def test_words_left_in_a_pipeline_are_found_in_any_form(put, zipped, people, tmp_path):
    left = [f"Quirogas{number:02}y" for number in range(10)]
    put(tmp_path / "pipeline", left)
    path = tmp_path / "pipeline"
    if zipped:
        path = tmp_path / "deid.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            for file in (tmp_path / "pipeline").rglob("*"):
                wheel.write(file, file.relative_to(tmp_path))
    found = measure_wheel(path, people, seed=0)
    assert found["members"]["value"] == 0.25
    assert found["heldout"]["value"] == 0
    assert found["difference"]["low"] > 0
    (counts,) = {tuple(counts.values()) for counts in found["hits"].values()}
    assert counts == (10, 0)
    assert "quirogas" not in str(found).casefold()


@pytest.mark.parametrize("written", ["912345670", "NHC912345670", "912 345 670", "912-34.56/70", '"912345670"'])
def test_a_number_left_in_a_pipeline_is_found_however_it_is_written(written, tmp_path):
    numbered = [note(i, f"#{number}") for i, number in enumerate((912345670, 823456781))]
    (tmp_path / "notes.txt").write_text(f"Paciente {written}, ingresa")
    found = measure_wheel(tmp_path, Notes(numbered[:1], numbered[1:], [], [], 0), seed=0)
    assert found["hits"] == {"notes.txt": {"members": 1, "heldout": 0}}


@pytest.mark.parametrize("put", [strings_json, vectors, escaped])
def test_words_with_accents_are_found_in_a_pipeline_too(put, people, tmp_path):
    quirogas = RealNote(
        "q",
        "",
        np.empty(0, np.int32),
        frozenset({("NAME", "zutana peranez")}),
        frozenset({"zutana peranez"}),
        frozenset({"zutana", "peráñez"}),
    )
    put(tmp_path / "pipeline", ["Peráñez"])
    found = measure_wheel(tmp_path / "pipeline", Notes([quirogas], people.heldout, [], [], 0), seed=0)
    assert found["members"]["value"] == 0.5


def test_words_of_a_patient_with_three_notes_are_not_common(people, tmp_path):
    name = ("NAME", "zutana peranez")
    notes = [RealNote(f"{n}", "p", np.empty(0, np.int32), frozenset({name}), frozenset({name[1]})) for n in range(3)]
    strings_json(tmp_path / "pipeline", ["Peranez"])
    assert (
        measure_wheel(tmp_path / "pipeline", Notes(notes, people.heldout, [], [], 0), seed=0)["members"]["value"] == 0.5
    )


def test_a_pipeline_without_words_of_members_is_clean(people, tmp_path):
    strings_json(tmp_path / "pipeline", ["NAME", "paciente"])
    found = measure_wheel(tmp_path / "pipeline", people, seed=0)
    assert found["members"]["value"] == 0
    assert found["hits"] == {}


def test_a_file_that_is_not_a_pipeline_is_refused(people, tmp_path):
    (tmp_path / "deid.whl").write_text("no zip file")
    with pytest.raises(DeidError, match="neither a wheel nor a pipeline's folder"):
        measure_wheel(tmp_path / "deid.whl", people, seed=0)
