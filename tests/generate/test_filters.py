"""Each reason against a note is given if it applies, and only then."""

import random

import pytest
import spacy
import srsly
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Span

from spacy_deid.corpus.formats.docbin import write
from spacy_deid.errors import DeidError
from spacy_deid.generate.filters import repetition
from spacy_deid.leakage.near_duplicates import PERMUTATIONS, NearDuplicates, signatures

VOCABULARY = [f"palabra{number}" for number in range(500)]


def text(seed: int, length: int = 100) -> str:
    return " ".join(random.Random(seed).choices(VOCABULARY, k=length))


def pipeline(reference=None, **settings):
    nlp = spacy.blank("es")
    nlp.add_pipe("deid_filter", config=settings)
    if reference is not None:
        nlp.config["initialize"]["components"]["deid_filter"] = {"reference": str(reference)}
    nlp.initialize()
    return nlp


def judge(nlp, words: str, *, entities: int = 1, finished: bool = True) -> list[str]:
    doc = nlp.make_doc(words)
    doc.ents = [Span(doc, number, number + 1, "NAME") for number in range(entities)]
    doc._.deid_meta = {"finished": finished}
    return nlp(doc)._.deid_rejected


@pytest.mark.parametrize(
    ("words", "settings", "traits", "reasons"),
    [
        (text(0), {}, {}, []),
        ("", {}, {"entities": 0}, ["empty"]),
        (" \n.\t-", {}, {"entities": 0}, ["empty"]),
        ("Nota breve", {}, {}, ["too_short"]),
        ("Nota breve", {"min_chars": 10}, {}, []),
        ("Nota breve", {"min_chars": 0, "max_chars": 9}, {}, ["too_long"]),
        ("sin fiebre ni dolor " * 40, {}, {}, ["repetitive"]),
        ("sin fiebre ni dolor " * 40, {"max_repetition": 1.0}, {}, []),
        (text(0), {}, {"entities": 0}, ["too_few_entities"]),
        (text(0), {"min_entities": 0}, {"entities": 0}, []),
        (text(0), {}, {"finished": False}, []),
        (text(0), {"require_finished": True}, {"finished": False}, ["unfinished"]),
        ("ja ja ja ja ja ja", {}, {"entities": 0}, ["too_short", "repetitive", "too_few_entities"]),
    ],
)
def test_reasons(words, settings, traits, reasons):
    assert judge(pipeline(**settings), words, **traits) == reasons


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_chars": -1}, "min_chars is -1"),
        ({"min_chars": 10, "max_chars": 9}, "min_chars is 10 and max_chars 9"),
        ({"max_repetition": 1.5}, r"max_repetition is 1\.5"),
        ({"near_duplicate_threshold": 0.0}, r"near_duplicate_threshold is 0\.0"),
        ({"near_duplicate_threshold": 1.0}, r"near_duplicate_threshold is 1\.0"),
        ({"min_entities": -1}, "min_entities is -1"),
        ({"max_run": 0}, "max_run is 0"),
        ({"rare_in": -1}, "rare_in is -1"),
    ],
)
def test_a_setting_out_of_range_is_named(settings, message):
    with pytest.raises(DeidError, match=message):
        pipeline(**settings)


@pytest.fixture
def reference(tmp_path):
    write([spacy.blank("es").make_doc(text(seed)) for seed in range(20)], tmp_path / "train.spacy")
    return tmp_path / "train.spacy"


def test_a_copy_of_a_reference_note_with_a_few_words_changed_is_rejected(reference):
    nlp = pipeline(reference)
    words = text(7).split()
    words[40] = "otra"
    assert "near_duplicate_of_reference" in judge(nlp, " ".join(words).upper())
    assert judge(nlp, text(21)) == []


@pytest.mark.parametrize("through", ["disk", "bytes"])
def test_the_reference_survives_saving_without_its_words(reference, through, tmp_path):
    nlp = pipeline(reference)
    if through == "disk":
        nlp.to_disk(tmp_path / "saved")
        again = spacy.load(tmp_path / "saved")
        saved = b"".join(path.read_bytes() for path in (tmp_path / "saved").rglob("*") if path.is_file())
        assert b"palabra" not in saved
        assert (tmp_path / "saved" / "deid_filter" / "reference.msgpack").stat().st_mode & 0o777 == 0o600
    else:
        again = spacy.blank("es")
        again.add_pipe("deid_filter")
        again.from_bytes(nlp.to_bytes())
    assert judge(again, text(7)) == ["near_duplicate_of_reference", "copies_reference"]
    assert judge(again, text(21)) == []


@pytest.mark.parametrize("what", ["absent", "empty", "damaged"])
def test_a_bad_reference_is_named(what, tmp_path):
    path = tmp_path / "train.spacy"
    if what == "empty":
        write([], path)
    elif what == "damaged":
        path.write_bytes(b"damaged")
    with pytest.raises(DeidError, match=r"train\.spacy"):
        pipeline(path)


@given(st.lists(st.sampled_from(VOCABULARY), max_size=60))
def test_repetition_is_a_share_that_doubling_a_text_raises(words):
    once, twice = repetition(" ".join(words)), repetition(" ".join(words * 2))
    assert 0 <= once <= 1
    if len(words) >= 4:
        assert twice > once
        assert twice >= (len(words) - 3) / (2 * len(words) - 3) - 1e-9


def test_repetition_of_a_loop_is_nearly_one_and_of_a_text_without_repeats_zero():
    assert repetition("no no " * 100) > 0.99
    assert repetition(" ".join(VOCABULARY)) == 0
    assert repetition("tres palabras solas") == 0


@given(st.integers(0, 10_000), st.sampled_from([0.5, 0.8, 0.99]))
def test_every_note_is_a_near_duplicate_of_itself_whatever_its_case_and_punctuation(seed, threshold):
    index = NearDuplicates(threshold)
    index.add(text(seed))
    assert text(seed).replace(" ", ", ").upper() in index
    assert text(seed + 1) not in index


def test_signatures_stand_for_their_notes():
    rows = signatures(text(seed) for seed in range(3))
    assert rows.shape == (3, PERMUTATIONS)
    index = NearDuplicates(0.8)
    index.add_signatures(rows)
    assert [text(seed) in index for seed in range(5)] == [True, True, True, False, False]


def test_no_meddocan_note_is_rejected_for_its_form(meddocan):
    nlp = pipeline(min_entities=0)
    paths = sorted((meddocan / "train" / "brat").glob("*.txt"))[:100]
    reasons = [nlp(path.read_text("utf8"))._.deid_rejected for path in paths]
    assert sum(map(bool, reasons)) <= 1


IDENTIFIERS = [
    ("NOMBRE_SUJETO_ASISTENCIA", "Zutana Quirogás", "ZUTANA  QUIROGAS"),
    ("NOMBRE_SUJETO_ASISTENCIA", "Xoquinde", "don Xoquinde"),
    ("ID_SUJETO_ASISTENCIA", "28 98410-77", "289841077"),
    ("CORREO_ELECTRONICO", "z.quirogas@hospital.es", "z.quirogas@hospital.es"),
    ("CALLE", "Calle del Abedul Partido, 14", "calle del abedul partido 14"),
]


@pytest.fixture
def marked(tmp_path):
    """Return notes: the first five have one identifier each, and all have a town and a first name."""
    nlp = spacy.blank("es")
    docs = []
    for seed in range(20):
        parts = [(label, value) for label, value, _ in IDENTIFIERS[seed : seed + 1]]
        parts += [("TERRITORIO", "Villaquilambre"), ("NOMBRE_SUJETO_ASISTENCIA", "María")]
        words, gold = text(seed), []
        for label, value in parts:
            gold.append([len(words) + 2, len(words) + 2 + len(value), label])
            words += f". {value}"
        docs.append(nlp.make_doc(words))
        docs[-1]._.deid_gold = gold
    write(docs, tmp_path / "train.spacy")
    return tmp_path / "train.spacy"


@pytest.mark.parametrize("written", [written for _, _, written in IDENTIFIERS])
def test_a_note_with_a_rare_identifier_of_the_reference_is_rejected(marked, written):
    assert judge(pipeline(marked), f"{text(30)} {written}.") == ["rare_identifier_of_reference"]
    assert judge(pipeline(marked, rare_in=0), f"{text(30)} {written}.") == []


@pytest.mark.parametrize("common", ["María", "Villaquilambre", "Zutana Quirogés", "28984107"])
def test_a_common_or_another_identifier_is_none_of_the_reference(marked, common):
    assert judge(pipeline(marked), f"{text(30)} {common}.") == []


def test_a_note_that_repeats_a_passage_of_the_reference_is_rejected(reference):
    passage = text(7).split()[20:50]
    note = f"{text(30)} {' '.join(passage[:25])}"
    assert judge(pipeline(reference), note) == ["copies_reference"]
    assert judge(pipeline(reference, max_run=25), note) == []
    assert judge(pipeline(reference), f"{text(30)} {' '.join(passage[:24])}") == []


def test_a_passage_that_many_notes_of_the_reference_have_is_a_form(tmp_path):
    form = text(99, length=30)
    write([spacy.blank("es").make_doc(f"{form} {text(seed)}") for seed in range(5)], tmp_path / "train.spacy")
    assert judge(pipeline(tmp_path / "train.spacy"), f"{form} {text(30)}") == []


@pytest.mark.parametrize(("groups", "reasons"), [("a", 1), ("ab", 1), ("abc", 0), ("", 0)])
def test_what_is_rare_or_a_form_is_told_by_patients_and_not_by_their_notes(groups, reasons, tmp_path):
    passage, value = text(99, length=30), "Zutana Quirogás"
    docs = [spacy.blank("es").make_doc(f"{passage} {text(seed)}. {value}") for seed in range(6)]
    for number, doc in enumerate(docs):
        doc._.deid_group = groups[number % len(groups)] if groups else ""
        doc._.deid_gold = [[len(doc.text) - len(value), len(doc.text), "NAME"]]
    write(docs, tmp_path / "train.spacy")
    nlp = pipeline(tmp_path / "train.spacy")
    assert judge(nlp, f"{passage} {text(30)}") == ["copies_reference"] * reasons
    assert judge(nlp, f"{text(30)} {value}") == ["rare_identifier_of_reference"] * reasons


def test_no_identifier_of_the_reference_is_saved(marked, tmp_path):
    nlp = pipeline(marked)
    nlp.to_disk(tmp_path / "saved")
    saved = b"".join(path.read_bytes() for path in (tmp_path / "saved").rglob("*") if path.is_file()).lower()
    assert b"quirog" not in saved
    assert b"28984" not in saved
    assert judge(spacy.load(tmp_path / "saved"), f"{text(30)} Zutana Quirogás.") == ["rare_identifier_of_reference"]


def test_a_reference_of_an_earlier_version_is_refused(reference, tmp_path):
    pipeline(reference).to_disk(tmp_path / "saved")
    kept = tmp_path / "saved" / "deid_filter" / "reference.msgpack"
    kept.write_bytes(srsly.msgpack_dumps(srsly.msgpack_loads(kept.read_bytes())["arrays"]))
    with pytest.raises(DeidError, match=r"form 1, and this version reads form 2\. Remedy: make the pipeline again"):
        spacy.load(tmp_path / "saved")


def test_a_pipeline_without_traces_is_refused(reference, tmp_path):
    pipeline(reference).to_disk(tmp_path / "saved")
    (tmp_path / "saved" / "deid_filter" / "reference.msgpack").unlink()
    with pytest.raises(DeidError, match="make the pipeline again"):
        spacy.load(tmp_path / "saved")
