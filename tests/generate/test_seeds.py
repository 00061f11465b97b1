"""Seeds hold the first words of held-out notes, and no annotated identifier."""

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.corpus.formats.docbin import read_docs, write
from spacy_deid.errors import DeidError
from spacy_deid.generate.seeds import make_seeds, prefix, sample_seed, samples_for_volume

BLANK = spacy.blank("xx")


def note(text: str, *spans: tuple[int, int]):
    doc = BLANK.make_doc(text)
    doc._.deid_gold = [[start, end, "NAME"] for start, end in spans]
    return doc


@pytest.mark.parametrize(
    ("text", "spans", "words", "expected"),
    [
        ("Varón de 40 años", [], 3, "Varón de 40"),
        ("  Varón\n\nde 40 años", [], 2, "  Varón\n\nde"),
        ("Varón", [], 3, "Varón"),
        ("", [], 3, ""),
        ("Nombre: Ana Ruiz", [(8, 16)], 3, "Nombre:"),
        ("Nombre: Ana Ruiz", [(8, 16)], 1, "Nombre:"),
        ("nhc-150679 Varón", [(4, 10)], 2, "nhc-"),
        ("Ana Ruiz ingresa", [(0, 8)], 3, ""),
        ("Varón de 40 años", [(9, 16)], 3, "Varón de"),
        ("Sr. Ruiz (Ana) hoy", [(10, 13), (4, 8)], 3, "Sr."),
    ],
)
def test_a_prefix_is_the_first_words_up_to_the_first_identifier(text, spans, words, expected):
    assert prefix(note(text, *spans), words) == expected


def test_the_papers_form_keeps_identifiers():
    assert prefix(note("Nombre: Ana Ruiz", (8, 16)), 3, keep_identifiers=True) == "Nombre: Ana Ruiz"


@given(st.text(), st.integers(1, 5), st.data())
def test_no_character_of_an_identifier_is_in_a_prefix(text, words, data):
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    end = data.draw(st.integers(min(start + 1, len(text)), len(text)))
    found = prefix(note(text, (start, end)), words)
    assert text.startswith(found)
    assert len(found) <= start
    assert len(found.split()) <= words
    assert found == found.rstrip()


@given(st.integers(1, 1000), st.integers(1, 5000), st.integers(1, 500))
def test_a_volume_is_met_with_the_fewest_samples_a_prompt(volume, original, prompts):
    samples, notes = samples_for_volume(volume, original, prompts)
    assert (notes - 1) * 100 < volume * original <= notes * 100
    assert (samples - 1) * prompts < notes <= samples * prompts


def test_samples_take_turns_and_each_has_an_id_and_a_seed_of_its_own():
    seeds = list(make_seeds([note("Uno dos"), note("Tres")], words=3, samples=3))
    assert [seed.text for seed in seeds] == ["Uno dos", "Tres"] * 3
    assert [seed._.deid_meta["sample"] for seed in seeds] == [0, 0, 1, 1, 2, 2]
    assert {seed._.deid_meta["mode"] for seed in seeds} == {"prefix"}
    assert len({seed._.deid_id for seed in seeds}) == len({seed._.deid_meta["seed"] for seed in seeds}) == 6
    assert [seed._.deid_group for seed in seeds[:2]] == [seed._.deid_meta["prompt"] for seed in seeds[:2]]


def test_a_seed_carries_nothing_of_its_notes_id():
    held_out = note("Una nota de alta")
    held_out._.deid_id = held_out._.deid_group = "nhc-150679"
    (seed,) = make_seeds([held_out], words=3, samples=1)
    assert "150679" not in str(seed.user_data)


def test_sample_seeds_are_the_same_on_every_machine():
    assert sample_seed(0, "p00000", 0) == 1925048108
    assert len({sample_seed(seed, "p00000", 0) for seed in range(100)}) == 100


def test_notes_that_nobody_annotated_are_refused_unless_identifiers_may_stay():
    bare = BLANK.make_doc("Nombre: Ana Ruiz")
    with pytest.raises(DeidError, match="1 of 1 notes carry no annotation"):
        list(make_seeds([bare], words=3, samples=1))
    (seed,) = make_seeds([bare], words=3, samples=1, keep_identifiers=True)
    assert seed.text == "Nombre: Ana Ruiz"


@pytest.mark.parametrize(
    ("held_out", "words", "samples", "message"),
    [([], 3, 1, "no held-out note"), ([note("a")], 0, 1, "words is 0"), ([note("a")], 3, 0, "samples is 0")],
)
def test_bad_settings_are_named(held_out, words, samples, message):
    with pytest.raises(DeidError, match=message):
        list(make_seeds(held_out, words=words, samples=samples))


@pytest.fixture
def corpora(tmp_path):
    write([note(f"Nota número {number}") for number in range(3)], tmp_path / "dev.spacy")
    write([note("Una nota")] * 5, tmp_path / "train.spacy")
    return tmp_path


def seed_command(folder, *options):
    arguments = ["seed", str(folder / "dev.spacy"), str(folder / "seeds.spacy"), *options]
    return CliRunner().invoke(app, arguments)


def test_the_command_writes_exactly_the_volume_and_the_same_bytes_again(corpora):
    options = ("--volume", "80", "--original", str(corpora / "train.spacy"))
    assert seed_command(corpora, *options).exit_code == 0
    assert len(list(read_docs(corpora / "seeds.spacy", Vocab()))) == 4
    first = (corpora / "seeds.spacy").read_bytes()
    assert seed_command(corpora, *options).exit_code == 0
    assert (corpora / "seeds.spacy").read_bytes() == first
    assert seed_command(corpora, *options, "--seed", "1").exit_code == 0
    assert (corpora / "seeds.spacy").read_bytes() != first


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--volume", "400"), "--volume and --original"),
        (("--original", "train.spacy"), "--volume and --original"),
        (("--volume", "400", "--original", "absent.spacy"), "absent.spacy"),
        (("--samples", "0"), "samples is 0"),
    ],
)
def test_the_command_names_what_is_wrong(corpora, options, message):
    result = seed_command(corpora, *options)
    assert result.exit_code == 1
    assert message in result.output
    assert not (corpora / "seeds.spacy").exists()


def test_no_meddocan_prefix_touches_an_identifier(meddocan):
    for path in sorted((meddocan / "dev" / "brat").glob("*.txt")):
        lines = path.with_suffix(".ann").read_text("utf8").splitlines()
        spans = [line.split("\t")[1].split()[1:] for line in lines if line.startswith("T")]
        gold = note(path.read_text("utf8"), *((int(start), int(end)) for start, end in spans))
        assert len(prefix(gold, 3)) <= min(int(start) for start, _ in spans)
