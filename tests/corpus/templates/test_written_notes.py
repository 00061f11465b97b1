"""Notes that people wrote: their text stays, their values are replaced, and they are a share of the corpus."""

import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from spacy_deid.config import read_config
from spacy_deid.corpus.formats import inline
from spacy_deid.corpus.intake import Intake
from spacy_deid.corpus.templates.fill import join
from spacy_deid.corpus.templates.maker import generate_notes
from spacy_deid.corpus.templates.parse import read_templates
from spacy_deid.corpus.templates.run import template_docs
from spacy_deid.corpus.templates.settings import TemplateConfig
from spacy_deid.corpus.templates.template import Marked
from spacy_deid.corpus.templates.written import parse_written, with_other_values, written_notes_of
from spacy_deid.errors import DeidError
from spacy_deid.lang import pack as packs
from spacy_deid.lang.tables import slots_of, words_of
from spacy_deid.language_check import check_pack
from spacy_deid.leakage.near_duplicates import NearDuplicates

REPOSITORY = Path(__file__).parents[3]
QUICK = REPOSITORY / "configs" / "templates.cfg"
HEADER = "# kind: samtal\n# speciality: primary care\n"
CALLS = (
    f"{HEADER}Mamman <NAME>Anna Ek</NAME> ringer <DATE>2024-03-05</DATE>, CRP <5 & <ID>8 912</ID>.\n"
    "---\n"
    "\n"
    "Ringer igen. Babinski neg.\n"
    "---\n"
    "<NAME>Nils</NAME> 3 ggr, tfn <PHONE>070-174 06 32</PHONE>\n"
)
TEMPLATES = {
    "besok": "{patient.full}, [[kom|inkom]] {date.numeric} med {word.drug}, tfn {patient.phone}. {word.symptom}.",
    "telefon": "Ringer [[från|på]] {relative.phone} om {word.drug}.",
    "status": "[[Trött|Pigg|Alert]], temp {#36.1-39.8}. {word.diagnosis}, {word.drug}.",
}


@pytest.fixture
def written(tmp_path):
    """Write a file of notes and return its path."""

    def write(text, name="samtal"):
        path = tmp_path / f"{name}.txt"
        path.write_text(text, "utf8")
        return path

    return write


def test_a_file_holds_a_kind_of_notes_and_their_values(written):
    template = parse_written(written(CALLS))
    assert (template.name, template.kind, template.speciality, template.is_written) == (
        *("notes/samtal", "samtal", "primary care", True),
    )
    first, second, third = template.variants
    assert first == (
        *("Mamman ", Marked("Anna Ek", "NAME"), " ringer ", Marked("2024-03-05", "DATE"), ", CRP <5 & "),
        *(Marked("8 912", "ID"), "."),
    )
    assert second == ("Ringer igen. Babinski neg.",)
    assert third[0] == Marked("Nils", "NAME")


@pytest.mark.parametrize(
    ("note", "line", "what"),
    [
        ("Ringer.\n<NAME>Ek", 4, "an opening tag that is never closed"),
        ("Ringer.\n---\n\nEk</NAME>", 6, "a closing tag whose opening tag is missing"),
        ("<NAMN>Ek</NAMN>", 3, "an unknown tag"),
        ("<NOMBRE_SUJETO_ASISTENCIA>Ek</NOMBRE_SUJETO_ASISTENCIA>", 3, "an unknown tag"),
        ("<NAME>Ek <AGE>8 år</AGE></NAME>", 3, "a tag within a tag"),
        ("Ringer\n---\n", 4, "a variant without text"),
    ],
)
def test_a_fault_is_reported_with_file_and_line_and_without_text(written, note, line, what):
    path = written(HEADER + note)
    with pytest.raises(DeidError, match=what) as raised:
        parse_written(path)
    assert str(raised.value).startswith(f"{path}, line {line}: ")
    assert "Ek" not in str(raised.value)


def filled(written, note, lang="sv", seed=0):
    """Return the values of a note with other values; its text must stay."""
    (parts,) = parse_written(written(HEADER + note)).variants
    pieces = with_other_values(parts, lang, Random(seed))
    assert [text for text, label in pieces if not label] == [part for part in parts if isinstance(part, str)]
    assert [label for _, label in pieces if label] == [part.label for part in parts if isinstance(part, Marked)]
    assert all(text for text, _ in pieces)
    return [text for text, label in pieces if label]


def values_of(written, label, value, seeds):
    """Return the values that take the place of one in notes of as many seeds."""
    return {filled(written, f"Ang <{label}>{value}</{label}>.", seed=seed)[0] for seed in range(seeds)}


def test_names_always_change_and_mentions_of_a_person_agree(written):
    note = "<NAME>Anna Ek</NAME>, <NAME>EK, ANNA</NAME>, <NAME>anna</NAME>, <NAME>Eks</NAME>"
    for seed in range(10):
        full, capitals, lower, genitive = filled(written, note, seed=seed)
        first, last = full.split()
        assert {first, last}.isdisjoint({"Anna", "Ek"})
        assert (capitals, lower) == (f"{last}, {first}".upper(), first.lower())
        assert genitive.startswith(last)


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("NAME", "k-a-j-s-a"),  # spelled out
        ("NAME", "L1ndqv1st"),  # misread by a scanner
        ("NAME", "farmor Elsa"),  # would become a name in lower case and one with a capital
        ("DATE", "elfte juli fyrtiosex"),
        ("AGE", "sjuttioåtta år"),
        ("AGE", "97 år"),
        ("PHONE", "noll sju noll"),
        ("EMAIL", "pelle punkt ek snabel-a mejl"),
        ("SEX", "kvinna"),
        ("OTHER", "bor på båt"),
    ],
)
def test_a_value_without_another_of_its_form_stays(written, label, value):
    assert values_of(written, label, value, 5) == {value}


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("ID", "8 912"),
        ("ID", "journalnr 8912"),
        ("PHONE", "0457/33 06 18"),
        ("CARE_UNIT", "box 3"),
        ("LOCATION", "lgh 1102, 2 tr"),
        ("ORGANIZATION", "Pokémon 3"),
    ],
)
def test_a_number_has_the_form_of_the_old_one_and_a_zero_at_its_start_only_if_that_has(written, label, value):
    made = values_of(written, label, value, 20)
    assert len(made) > 3
    assert {re.sub("[0-9]", "0", text).casefold() for text in made} == {re.sub("[0-9]", "0", value).casefold()}
    assert not any(re.search(r"(?<![0-9])0", text) for text in made if not re.search(r"(?<![0-9])0", value))


def test_a_date_is_another_day_in_its_form(written):
    made = values_of(written, "DATE", "tisdag 2024-03-05", 10)
    assert len(made) > 5
    assert all(re.fullmatch(r"[a-zåäö]+dag 20\d\d-\d\d-\d\d", text) for text in made)
    assert not any(text.startswith("tisdag") for text in made)


def test_a_place_changes_in_some_notes_and_stays_in_others(written):
    note = "Bor i <LOCATION>Umeå</LOCATION>, från <LOCATION>Umeå</LOCATION>."
    made = [filled(written, note, seed=seed) for seed in range(40)]
    assert all(first == second for first, second in made)
    assert 8 <= sum(first == "Umeå" for first, _ in made) <= 32


def test_the_same_seed_gives_the_same_values(written):
    note = "<NAME>Anna Ek</NAME> <DATE>5/3</DATE> <LOCATION>Umeå</LOCATION>"
    assert filled(written, note, seed=1) == filled(written, note, seed=1) != filled(written, note, seed=2)


@pytest.fixture
def notes(tmp_path, written):
    """Make notes of the templates and of the written ones."""
    folder = tmp_path / "templates"
    folder.mkdir()
    for name, text in TEMPLATES.items():
        (folder / f"{name}.txt").write_text(f"# kind: {name}\n{text}\n", "utf8")
    templates = [*read_templates(folder, slots_of("sv"), words_of("sv")), parse_written(written(CALLS))]

    def generate(count, **settings):
        values = {"composed": 0.0, "quotas": {}, "repeats": 10_000, "without_identifiers": 0.0} | settings
        overrides = {f"bootstrap.{name}": value for name, value in values.items()}
        recipe = read_config(QUICK, TemplateConfig, overrides).bootstrap
        return list(generate_notes("sv", count, 0, recipe=recipe, templates=templates))

    return generate


def test_the_share_of_written_notes_is_reached_and_so_are_the_quotas(notes):
    made = notes(600, written=0.4, without_identifiers=0.5, quotas={"PHONE": 0.3})
    assert sum(note.group == "notes/samtal" for note in made) / 600 == pytest.approx(0.4, abs=0.06)
    assert sum(not note.spans for note in made) / 600 == pytest.approx(0.5, abs=0.06)
    labels = Counter(span.label for note in made for span in note.spans)
    assert labels["PHONE"] / labels.total() == pytest.approx(0.3, abs=0.04)


def test_few_written_notes_are_repeated_no_more_than_others(notes):
    made = notes(100, written=0.6, repeats=5)
    assert 0 < sum(note.group == "notes/samtal" for note in made) <= 3 * 5


def test_no_other_patient_is_added_to_a_written_note(notes):
    made = notes(100, written=0.5, composed=1.0)
    assert all("\n\n" not in note.text for note in made if note.group == "notes/samtal")


@pytest.fixture
def site(tmp_path):
    """A pack that extends Swedish, and the folder of its written notes."""
    folder = tmp_path / "da"  # a code that spaCy knows
    (folder / "notes").mkdir(parents=True)
    (folder / "language.toml").write_text('name = "Swedish of a site"\nextends = "sv"\n')
    packs.add_pack(folder)
    yield folder / "notes"
    packs._ADDED.clear()
    packs.installed.cache_clear()
    packs.pack_of.cache_clear()


def settings_of(lang, **changes):
    values = {"bootstrap.lang": lang} | {f"bootstrap.{name}": value for name, value in changes.items()}
    return read_config(QUICK, TemplateConfig, values).bootstrap


def written_in(docs):
    return sum(doc._.deid_group.startswith("notes/") for made in docs.values() for doc in made)


@pytest.mark.slow
def test_the_notes_of_a_pack_are_a_part_of_its_corpus_as_far_as_repeats_allows(site):
    (site / "samtal.txt").write_text(CALLS, "utf8")
    docs, _ = template_docs(settings_of("da", notes=60, held_out=0.0, repeats=2), quiet=True)
    assert 1 <= written_in(docs) <= 3 * 2
    without, _ = template_docs(settings_of("da", notes=60, held_out=0.0, written=0.0), quiet=True)
    assert written_in(without) == 0


@pytest.mark.slow
def test_some_of_many_files_are_in_dev_and_none_of_these_in_train(site):
    for number in range(12):
        (site / f"samtal{number}.txt").write_text(CALLS, "utf8")
    docs, _ = template_docs(settings_of("da", notes=120, held_out=0.25), quiet=True)
    kinds = {name: {doc._.deid_group for doc in made} for name, made in docs.items()}
    assert not kinds["train"] & kinds["dev"]
    assert any(kind.startswith("notes/") for kind in kinds["dev"])


@pytest.mark.slow
def test_the_check_of_a_pack_reads_its_written_notes(site):
    (site / "samtal.txt").write_text(f"{HEADER}<NAME>Ek\n", "utf8")
    (site.parent / "noise.toml").write_text("")  # the tier is checked where the pack has a file of it
    templates = check_pack(packs.pack_of("da"))[-1]
    assert templates.name == "templates"
    assert [str(problem) for problem in templates.problems if "samtal.txt, line 3: an opening tag" in str(problem)]


@pytest.mark.slow
@pytest.mark.parametrize("lang", packs.installed())
def test_the_shipped_notes_parse_and_fill(lang):
    for template in written_notes_of(lang):
        for parts in template.variants:
            text, spans = join(with_other_values(parts, lang, Random(0)))
            assert all(text[span.start : span.end].strip() for span in spans)


def whole(parts):
    return "".join(part.text if isinstance(part, Marked) else part for part in parts)


@pytest.mark.parametrize("lang", packs.installed())
def test_no_calibration_note_is_one_to_train_on(lang):
    folder = REPOSITORY / "assets" / lang / "calibration"
    if not folder.is_dir():
        pytest.skip(f"{lang} has no calibration notes")
    trained = [whole(parts) for kind in written_notes_of(lang) for parts in kind.variants]
    known = NearDuplicates(0.5)
    for text in trained:
        known.add(text)
    assert [note.id for note in inline.read(folder, Intake()) if note.text in known] == []
