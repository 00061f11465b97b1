import json
import re
from collections import Counter
from pathlib import Path

import pytest
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.config import read_config
from spacy_deid.corpus.formats import docbin
from spacy_deid.corpus.templates.maker import generate_notes
from spacy_deid.corpus.templates.parse import templates_of
from spacy_deid.corpus.templates.run import inputs, template_docs
from spacy_deid.corpus.templates.settings import TemplateConfig
from spacy_deid.errors import DeidError
from spacy_deid.lang import pack as packs

QUICK = Path(__file__).parents[3] / "configs" / "templates.cfg"
TEMPLATES = {
    "besok": "{patient.full}, {patient.age}, [[kom|inkom]] {date.numeric} med {word.drug}. {patient~Hon|Han} mår bra.",
    "telefon": "Ringer {relative.first} på {relative.phone}, [[tomt|svar]].\n---\n{patient.first} ringer {#1-30} gång.",
    "status": "[[Opåverkad|Trött|Pigg]], temp {#36.1-39.8}. Babinski neg. Puls {#50-120}, AF {#10-30}.",
    "enhet": "Remiss till {care_unit.hospital} för {patient.first}, {date.iso}, BT {#100-180}/{#60-95}.",
}
SETTINGS = {
    "bootstrap.notes": 60,
    "bootstrap.held_out": 0.25,
    "bootstrap.quotas": {"PHONE": 0.15},
    "bootstrap.repeats": 1000,
}


@pytest.fixture
def folder(tmp_path):
    """Four small templates, three of one speciality, one without identifiers."""
    path = tmp_path / "templates"
    path.mkdir()
    for name, text in TEMPLATES.items():
        speciality = "primary care" if name != "status" else "surgery"
        (path / f"{name}.txt").write_text(f"# kind: {name}\n# speciality: {speciality}\n{text}\n", "utf8")
    return path


@pytest.fixture
def settings(folder):
    def read(**overrides):
        values = SETTINGS | {"bootstrap.templates": str(folder)}
        values |= {f"bootstrap.{name}": value for name, value in overrides.items()}
        return read_config(QUICK, TemplateConfig, values).bootstrap

    return read


@pytest.fixture
def notes(folder, settings):
    def generate(count=100, seed=0, n_process=1, corpus="train", names=tuple(TEMPLATES), **overrides):
        recipe = settings(**overrides)
        templates = [template for template in templates_of("sv", folder) if template.name in names]
        made = generate_notes("sv", count, seed, recipe=recipe, templates=templates, corpus=corpus, n_process=n_process)
        return list(made)

    return generate


def test_notes_have_an_id_a_kind_and_spans_in_order(notes):
    made = notes()
    assert len({note.id for note in made}) == len({note.text for note in made}) == 100
    assert {note.group for note in made} == set(TEMPLATES)
    for note in made:
        assert list(note.spans) == sorted(note.spans)
        assert all(0 <= start < end <= len(note.text) for start, end, _ in note.spans)


def test_a_note_depends_on_seed_and_number_alone(notes):
    made = {note.id: note for note in notes(100)}
    assert {note.id: note for note in notes(40)}.items() <= made.items()
    assert notes(20, n_process=2) == notes(20)
    assert [note.text for note in notes(20, seed=1)] != [note.text for note in notes(20)]
    names = {note.text for note in notes(50, corpus="dev")}
    assert not names & {note.text for note in notes(50) if note.spans}


def test_the_share_of_notes_without_identifiers_and_the_quotas_are_reached(notes):
    made = notes(1000, without_identifiers=0.3, quotas={"PHONE": 0.3}, composed=0.0)
    labels = Counter(span.label for note in made for span in note.spans)
    assert labels["PHONE"] / labels.total() == pytest.approx(0.3, abs=0.04)
    assert sum(not note.spans for note in made) / len(made) == pytest.approx(0.3, abs=0.05)
    assert all(not note.spans for note in made if note.group == "status")


def test_composed_notes_hold_templates_of_one_speciality_about_one_patient(notes):
    composed = [note for note in notes(200, composed=1.0, noise={**clean()}) if "\n\n" in note.text]
    assert len(composed) > 50
    for note in composed:
        assert note.group != "status"
        assert "Babinski" not in note.text
    both = [note.text for note in composed if "mår bra" in note.text and "för" in note.text]
    assert both


def clean():
    noise = read_config(QUICK, TemplateConfig).bootstrap.noise.model_dump()
    return {**noise, "clean": 1.0}


def test_notes_that_are_alike_but_for_values_are_few(notes):
    free = {"composed": 0.0, "without_identifiers": 0.0, "quotas": {}}
    made = notes(60, repeats=10, names=("besok", "enhet"), **free)
    assert Counter(note.group for note in made) == {"besok": 50, "enhet": 10}
    with pytest.raises(DeidError, match=r"different notes of 70 in 1400 tries.*bootstrap\.repeats"):
        notes(70, repeats=5, **free, names=("enhet", "status", "telefon"))


def test_docs_of_held_out_kinds_are_in_dev_alone(settings):
    docs, reports = template_docs(settings(), quiet=True)
    assert {name: len(made) for name, made in docs.items()} == {"train": 45, "dev": 15}
    kinds = {name: {doc._.deid_group for doc in made} for name, made in docs.items()}
    assert not kinds["train"] & kinds["dev"]
    assert sum(report.widened for report in reports.values()) == 0
    for doc in docs["train"]:
        assert [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents] == [tuple(s) for s in doc._.deid_gold]


def deid(*arguments):
    return CliRunner().invoke(app, ["templates", *map(str, arguments)])


def test_the_command_makes_the_same_bytes_each_time(folder, tmp_path):
    config = tmp_path / "bootstrap.cfg"
    unbound = re.sub(r"(?ms)^\[bootstrap\.quotas\].*?^\[", "[bootstrap.quotas]\n\n[", QUICK.read_text("utf8"))
    config.write_text(unbound, "utf8")
    options = [f"--{name}={value}" for name, value in SETTINGS.items() if name != "bootstrap.quotas"]
    options += [f"--bootstrap.templates={folder}"]
    for out in ("one", "two"):
        result = deid(config, tmp_path / out, *options)
        assert result.exit_code == 0, result.output
    assert "45 notes of 3 kinds" in result.stdout
    for name in ("train.spacy", "dev.spacy"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
    assert "no patient's notes" in manifest["origin"]
    assert sum(manifest["kinds"]["train"].values()) == manifest["made"]["train"]["notes"] == 45
    result = deid(config, tmp_path / "all.spacy", *options, "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    assert len(list(docbin.read_docs(tmp_path / "all.spacy", Vocab()))) == 60


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--bootstrap.tempaltes", "x"], "bootstrap.tempaltes: Extra inputs"),
        (["--bootstrap.noise.typos", "-1"], "bootstrap.noise.typos: Input should be greater"),
        (["--bootstrap.templates", "nowhere"], "nowhere holds no template"),
        (["--bootstrap.lang", "xx"], "'xx' has no slots.toml"),
    ],
)
def test_a_bad_config_is_one_line(tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    result = deid(QUICK, "out", *options)
    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()
    assert message in line
    assert not (tmp_path / "out").exists()


def test_a_template_with_an_error_names_file_and_line_on_the_command_line(folder, tmp_path):
    (folder / "besok.txt").write_text("# kind: visit\nPat\n{pateint.first}\n", "utf8")
    result = deid(QUICK, tmp_path / "out", "--bootstrap.templates", folder)
    assert result.exit_code == 1
    assert "besok.txt, line 3: unknown slot 'pateint.first'" in result.stderr


@pytest.mark.parametrize("lang", ["sv", "es"])
def test_the_packages_own_templates_make_exact_spans_of_every_category(lang):
    settings = read_config(QUICK, TemplateConfig, {"vars.lang": lang, "bootstrap.notes": 400}).bootstrap
    docs, reports = template_docs(settings, quiet=True)
    assert sum(report.widened + report.overlapping for report in reports.values()) == 0
    assert len({doc._.deid_group for made in docs.values() for doc in made}) >= 50


def test_the_first_name_of_the_command_still_works():
    result = CliRunner().invoke(app, ["bootstrap", "--help"])
    assert result.exit_code == 0 and "from note templates" in result.output


@pytest.fixture
def added_packs():
    """Packs that a test adds are gone after it."""
    yield
    packs._ADDED.clear()
    packs.installed.cache_clear()
    packs.pack_of.cache_clear()


@pytest.mark.usefixtures("added_packs")
def test_the_notes_of_a_pack_depend_on_the_pack_that_it_extends(tmp_path, settings):
    for name, extends in [("base", ""), ("ward", 'extends = "base"')]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "language.toml").write_text(f'name = "{name}"\n{extends}\n')
        packs.add_pack(tmp_path / name)
    before = inputs(settings(lang="ward"))

    (tmp_path / "base" / "noise.toml").write_text("")

    assert inputs(settings(lang="ward")) != before
