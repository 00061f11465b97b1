"""The parts of an audit, each against its plain definition."""

import bz2
import gzip
import lzma
import zipfile
from random import Random

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.strings import get_string_id
from spacy.tokens import DocBin

from spacy_deid.audit.inputs import Notes, RealNote
from spacy_deid.audit.intervals import compare_means, compare_rates
from spacy_deid.audit.membership import measure_attack
from spacy_deid.audit.wheel import measure_wheel
from spacy_deid.audit.words import log_probabilities, longest_runs, word_table
from spacy_deid.errors import DeidError
from spacy_deid.leakage.keys import KeyFinder, key_of, public_keys
from spacy_deid.leakage.near_duplicates import words

SOME_NOTES = st.lists(st.lists(st.integers(0, 3), max_size=12), min_size=1, max_size=4)


def table(notes):
    return word_table([np.array(note, dtype=np.int32) for note in notes])


def runs_of(note, length):
    return {tuple(note[start : start + length]) for start in range(len(note) - length + 1)}


@given(SOME_NOTES, SOME_NOTES)
def test_the_longest_run_is_what_trying_every_length_finds(notes, corpus):
    def longest(note):
        lengths = range(len(note), 0, -1)
        return next((n for n in lengths if any(runs_of(note, n) & runs_of(other, n) for other in corpus)), 0)

    assert longest_runs(table(notes), table(corpus)).tolist() == [longest(note) for note in notes]


@given(SOME_NOTES, st.integers(1, 4))
def test_windows_are_the_same_where_their_words_are(notes, length):
    hashes, owners = table(notes).windows(length)
    plain = [
        (number, tuple(note[start : start + length]))
        for number, note in enumerate(notes)
        for start in range(len(note) - length + 1)
    ]
    assert owners.tolist() == [number for number, _ in plain]
    assert len(set(hashes.tolist())) == len({words for _, words in plain})


@settings(max_examples=25)
@given(SOME_NOTES.filter(any), st.lists(st.integers(0, 3), max_size=3))
def test_probabilities_of_all_next_words_sum_to_one(corpus, context):
    single_words = table([[*context, word] for word in range(5)])  # 4 is in no corpus
    whole, single = log_probabilities(single_words, table(corpus), vocabulary=5)
    before = log_probabilities(table([context]), table(corpus), vocabulary=5)[0][0] * len(context)
    assert np.exp(whole * (len(context) + 1) - before).sum() == pytest.approx(1)
    assert (single < 0).all()


def test_a_note_of_the_corpus_is_likelier_than_its_words_in_another_order():
    rng = Random(0)
    corpus = [[rng.randrange(50) for _ in range(40)] for _ in range(20)]
    shuffled = rng.sample(corpus[0], 40)
    whole, single = log_probabilities(table([corpus[0], shuffled]), table(corpus), vocabulary=50)
    assert whole[0] > whole[1] + 1
    assert single[0] == pytest.approx(single[1])


def test_an_attack_is_measured_by_its_definition():
    perfect = measure_attack(range(100, 200), range(100), seed=0)
    assert perfect.auc.value == perfect.tpr.value == 1
    blind = measure_attack([1.0] * 100, [1.0] * 100, seed=0)
    assert (blind.auc.value, blind.tpr.value) == (0.5, 0)
    of_too_few = measure_attack(range(100, 200), range(99), seed=0)
    assert (of_too_few.auc.value, of_too_few.tpr.value, of_too_few.tpr.low) == (1, None, None)
    # two of 200 held-out notes may be taken for members: the third highest is the threshold
    sure = measure_attack([0.0] * 90 + [197.5] * 10, range(200), seed=0)
    assert sure.tpr.value == pytest.approx(0.1)


def test_by_chance_an_interval_of_the_difference_holds_zero_nineteen_times_of_twenty():
    rng = np.random.default_rng(0)
    draws = [compare_means(rng.random(80) < 0.3, rng.random(40) < 0.3, seed=1).difference for _ in range(100)]
    assert sum(row.low <= 0 <= row.high for row in draws) >= 90


def test_a_few_cases_on_the_larger_side_are_no_evidence():
    rare = compare_means([1, 1, 1] + [0] * 447, [0] * 250, seed=0).difference
    assert rare.low <= 0 < rare.value < rare.high
    many = compare_means([1] * 20 + [0] * 430, [0] * 250, seed=0).difference
    assert many.low > 0


def test_a_share_is_of_all_notes_together():
    compared = compare_rates([(1, 1), (0, 3)], [(0, 0), (0, 0)], seed=0)
    assert compared.members.value == 0.25
    assert compared.heldout.value is compared.difference.value is None


@pytest.mark.parametrize(
    ("identifier", "text", "found"),
    [
        ("Zutana Quiroga", "la Sra. ZUTANA\nQUIROGA, de", True),
        ("Zutana Quiroga", "Quiroga Zutana", False),
        ("28 98410-77", "NHC: 289841077.", True),
        ("289841077", "NHC: 28-9841 077.", True),
        ("289841077", "NHC: 2898410770.", False),
        ("Zutana García", "zutana garcia", True),
        ("Zutana Garcia", "Zutana Garci\u0301a", True),  # an accent of its own, as macOS writes it
        ("Zutana García", "Zutana Gar\u00adc\u200bía", True),  # a soft hyphen, a space of no width
        ("Zutana García", "zutana_garcía", True),
        ("Åsa Ström", "asa strom", True),
        ("289841077", "NHC: 289\u20138410\n77.", True),
        ("289841077", "NHC: 289_8410, 77.", True),
        ("289841077", "NHC: \uff12\uff18\uff19841077.", True),  # digits of full width
        ("289841077", "NHC: 289 ... 841077.", False),
        ("01/09/2003", "el 01-09-2003 ingresa", True),
        ("Calle del Abedul Partido y del Olmo Viejo, 14, 3º B", "en calle del abedul partido y del olmo viejo", True),
        ("MS", "MS", False),
        ("45", "45 años", False),
    ],
)
def test_an_identifier_is_found_however_it_is_written(identifier, text, found):
    key = key_of(identifier)
    assert bool(key and KeyFinder([key]).find(text, words(text))) is found


def test_public_lists_hold_common_names_and_towns_of_both_languages():
    assert {"maria", "garcia", "madrid", "svensson"} <= public_keys()
    assert "zutana quiroga" not in public_keys()


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


def test_words_of_a_patient_with_three_notes_are_no_common_ones(people, tmp_path):
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


def test_what_is_no_pipeline_is_refused(people, tmp_path):
    (tmp_path / "deid.whl").write_text("no zip file")
    with pytest.raises(DeidError, match="neither a wheel nor a pipeline's folder"):
        measure_wheel(tmp_path / "deid.whl", people, seed=0)
