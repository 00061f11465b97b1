"""Canaries: secrets of one form, planted as often as requested, without changes to the surrounding text."""

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_deid.audit.canaries import CANDIDATES, make_canaries, plant, read_canaries, write_canaries
from spacy_deid.cli import app
from spacy_deid.corpus.formats.docbin import read_docs, write
from spacy_deid.corpus.note import ConversionReport, Note, to_doc
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan, char_spans
from spacy_deid.lang.tokenization import fine_blank

CANARIES = make_canaries("es", 8, [1, 4], seed=0)
PERSON = "Zutana Quiroga"
TEXT = f"Nombre: {PERSON}.\nIngresa hoy.\nEntra\ncon su madre.\n"
SPANS = (CharSpan(8, 22, "NOMBRE_SUJETO_ASISTENCIA"), CharSpan(37, 46, "FECHAS"))  # the second over a line's end


def notes(number: int) -> list[Note]:
    return [Note(str(i), f"patient {i}", TEXT, SPANS) for i in range(number)]


@pytest.mark.parametrize("lang", ["es", "sv"])
def test_every_kind_comes_with_every_count(lang: str) -> None:
    canaries = make_canaries(lang, 8, [1, 4], seed=0)

    assert {(canary.kind, canary.count) for canary in canaries} == {
        (kind, count) for kind in ("NAME", "DATE", "ID", "PHONE") for count in (1, 4)
    }


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: f"{canary.kind}-{canary.count}")
def test_a_secret_and_its_candidates_are_of_one_form(canary) -> None:
    secret = canary.values[-1]
    assert len(canary.candidates) == len(set(canary.candidates)) == CANDIDATES
    assert secret not in canary.candidates
    assert canary.with_secret(secret) == canary.text
    digits = {sum(map(str.isdigit, text)) for text in (secret, *canary.candidates)}
    words = {len(text.split()) for text in (secret, *canary.candidates)}
    assert (len(digits), len(words)) == (1, 1)


def test_the_secret_goes_by_the_seed() -> None:
    assert make_canaries("es", 8, [1, 4], seed=0) == CANARIES
    others = make_canaries("es", 8, [1, 4], seed=1)
    assert not {canary.values[-1] for canary in others} & {canary.values[-1] for canary in CANARIES}


@given(number=st.integers(4, 30), seed=st.integers(0, 1000))
@settings(max_examples=30)
def test_planting_keeps_notes_and_marks_canaries(number: int, seed: int) -> None:
    planted = plant(notes(number), CANARIES, seed)

    assert [note.id for note in planted] == [note.id for note in notes(number)]
    for canary in CANARIES:
        assert sum(note.text.count(canary.text) for note in planted) == canary.count
    for note in planted:
        marked = [note.text[start:end] for start, end, _ in note.spans]
        assert {PERSON, "Entra\ncon"} <= set(marked)  # untorn
        for canary in CANARIES:
            if canary.text in note.text:
                assert set(canary.values) <= set(marked)
        own_lines = [line for line in note.text.splitlines() if line not in {canary.text for canary in CANARIES}]
        assert own_lines == TEXT.splitlines()


def test_a_note_of_one_line_gets_the_canary_after_it() -> None:
    (planted,) = plant([Note("1", "", "Sin cambios.", ())], CANARIES[:1], seed=0)
    assert planted.text == f"Sin cambios.\n{CANARIES[0].text}"


def test_canaries_come_back_from_their_file(tmp_path: Path) -> None:
    write_canaries(CANARIES, tmp_path / "canaries.jsonl")

    assert read_canaries(tmp_path / "canaries.jsonl") == CANARIES
    assert stat.S_IMODE((tmp_path / "canaries.jsonl").stat().st_mode) == 0o600


@pytest.mark.parametrize(("content", "said"), [("", "no canary"), ("{", "damaged"), ('{"text": "x"}', "damaged")])
def test_a_damaged_file_is_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "canaries.jsonl").write_text(content)
    with pytest.raises(DeidError, match=said):
        read_canaries(tmp_path / "canaries.jsonl")


def test_no_canary_shows_its_text_in_a_repr() -> None:
    assert not any(value in repr(canary) for canary in CANARIES for value in (canary.text, *canary.values))


def run(*arguments):
    return CliRunner().invoke(app, ["canaries", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def train(tmp_path: Path) -> Path:
    tokenizer = fine_blank("es").tokenizer
    write((to_doc(note, tokenizer, ConversionReport()) for note in notes(6)), tmp_path / "train.spacy")
    return tmp_path / "train.spacy"


def test_the_command_writes_notes_and_canaries_for_the_owner_only(train: Path, tmp_path: Path) -> None:
    out = tmp_path / "planted.spacy"
    assert run(train, out, "--lang", "es", "--number", 4, "--counts", "1,4", "--quiet").exit_code == 0

    canaries = read_canaries(tmp_path / "planted.spacy.canaries.jsonl")
    docs = list(read_docs(out, Vocab()))
    assert len(docs) == 6
    assert sum(canary.text in doc.text for canary in canaries for doc in docs) == 4
    assert all({span.label for span in char_spans(doc)} >= {"NOMBRE_SUJETO_ASISTENCIA", "FECHAS"} for doc in docs)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--lang", "fi"), "no canaries in the language 'fi'"),
        (("--lang", "es", "--counts", "one"), "--counts is 'one'"),
        (("--lang", "es", "--counts", "0"), "at least 1"),
        (("--lang", "es", "--counts", "7"), "planted 7 times, and there are 6 notes"),
    ],
)
def test_what_cannot_be_planted_is_refused(train: Path, tmp_path: Path, options, said: str) -> None:
    result = run(train, tmp_path / "out.spacy", *options)

    assert result.exit_code == 1
    assert said in result.output
    assert PERSON not in result.output
    assert not (tmp_path / "out.spacy").exists()
