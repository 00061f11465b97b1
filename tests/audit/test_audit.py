"""Leaks that an audit must find, notes that must pass it, and inputs that it must refuse."""

import json
from copy import copy

import pytest
from typer.testing import CliRunner

from spacy_deid.audit.inputs import stale
from spacy_deid.audit.run import audit
from spacy_deid.cli import app
from spacy_deid.corpus.formats.docbin import read_docs, write
from spacy_deid.errors import DeidError
from spacy_deid.files import sha256


def deid(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def over(inputs, **options):
    return set(audit(*inputs, quiet=True, **options)["verdict"]["over"])


def test_notes_that_remember_nobody_are_within_budget(inputs, strangers):
    assert over(inputs(strangers)) == set()


def test_copied_notes_are_found_by_their_text_and_their_persons(inputs, strangers, members):
    found = over(inputs(strangers + members[:12]))
    assert {
        "overlap.copied.alone",
        "overlap.long_runs.difference.low",
        "overlap.recall_8.difference.low",
        "identifiers.rare_names.difference.low",
        "identifiers.rare_numbers.difference.low",
        "linkage.rare_name.difference.low",
        "linkage.rare_name_and_number.alone",
        "corpus_membership.likelihood.tpr_at_1_percent_fpr.low",
    } <= found


def test_a_single_copied_note_is_found(inputs, strangers, members):
    found = over(inputs(strangers + members[:1]))
    persons = {"linkage.rare_name_and_number.alone", "linkage.rare_name_and_facts.alone"}
    assert found == {"overlap.copied.alone", *persons}


@pytest.mark.slow
def test_a_doctor_of_both_sides_does_not_hide_a_person(save, made_note, members, heldout, strangers):
    doctor = [("NAME", "Zutano Perengano"), ("ID", "46123456")]
    ours, theirs = (made_note(note.id[1:], person=[*note.person, *doctor]) for note in (members[0], heldout[0]))
    leaked = [made_note(900, person=members[0].person[:2]), made_note(901, person=doctor)]
    sides = {"synthetic": strangers + leaked, "members": [ours, *members[1:]], "heldout": [theirs, *heldout[1:]]}
    files = [save(notes, name) for name, notes in sides.items()]
    assert over(files) == {"linkage.rare_name_and_number.alone"}
    save(strangers + leaked[1:], "synthetic")
    assert over(files) == set()


@pytest.mark.slow
def test_a_single_person_is_found_by_a_name_with_three_facts_and_by_two_numbers(inputs, made_note, save, strangers):
    person = [("NAME", "Zutana Fulánez"), ("DATE", "3/4/1950"), ("LOCATION", "Getafe"), ("LOCATION", "calle Nueva 7")]
    numbers = [("ID", "91234567"), ("PHONE", "612345678")]
    _, members, heldout = inputs([])
    write([*read_docs(members, _vocab()), made_note(900, person=person + numbers).doc()], members)
    cases = [
        (person, {"linkage.rare_name_and_facts.alone"}),
        (person[:3], set()),
        (numbers, {"linkage.rare_numbers.alone"}),
        (numbers[:1], set()),
    ]
    for leaked, found in cases:
        assert over((save([*strangers, made_note(901, person=leaked)], "synthetic"), members, heldout)) == found


@pytest.mark.slow
def test_a_form_of_both_sides_is_no_copy(save, members, heldout, strangers):
    form = " ".join(f"apartado{number}" for number in range(60))

    def on_form(notes):
        filled = [copy(note) for note in notes]
        for note in filled:
            note.body = f"{form} {note.body}"
        return filled

    notes = {"synthetic": on_form(strangers), "members": on_form(members), "heldout": on_form(heldout)}
    files = [save(some, name) for name, some in notes.items()]
    assert over(files) == set()
    save(heldout, "heldout")
    assert "overlap.copied.alone" in over(files)


@pytest.mark.slow
def test_copied_identifiers_alone_are_found_as_such(inputs, made_note, members):
    names = [made_note(200 + n, person=[("NAME", members[n].person[0][1])]) for n in range(40)]
    found = over(inputs(names))
    assert "identifiers.rare_names.difference.low" in found
    assert not {measure for measure in found if measure.startswith(("overlap", "linkage"))}
    assert "identifiers.rare_numbers.difference.low" not in found


@pytest.mark.slow
def test_a_person_is_linked_only_within_one_note(inputs, made_note, members):
    apart = [made_note(200 + n, person=[members[n // 2].person[n % 2]]) for n in range(40)]
    linkage = audit(*inputs(apart), quiet=True)["linkage"]
    assert linkage["rare_name_and_number"]["members"]["value"] == 0
    together = [made_note(200 + n, person=members[n].person[:2]) for n in range(40)]
    linkage = audit(*inputs(together), quiet=True)["linkage"]
    assert linkage["rare_name_and_number"]["members"]["value"] == pytest.approx(40 / 60, abs=1e-4)
    assert linkage["rare_name_and_number"]["heldout"]["value"] == 0


@pytest.mark.slow
def test_identifiers_of_members_and_heldout_notes_in_equal_numbers_are_chance(inputs, strangers, members, heldout):
    assert not any(measure.startswith("identifiers") for measure in over(inputs(strangers + members[:5] + heldout[:5])))


@pytest.mark.slow
def test_notes_of_templates_are_within_budget(tmp_path):
    pytest.importorskip("faker")
    config = "configs/templates.cfg"
    made = tmp_path / "made.spacy"
    options = ("--bootstrap.notes", "150", "--bootstrap.lang", "es", "--quiet")
    assert deid("templates", config, made, *options).exit_code == 0
    docs = list(read_docs(made, _vocab()))
    parts = [tmp_path / f"{name}.spacy" for name in ("synthetic", "members", "heldout")]
    for number, path in enumerate(parts):
        write(docs[number::3], path)
    assert over(parts) == set()


def _vocab():
    from spacy.vocab import Vocab

    return Vocab()


@pytest.mark.slow
@pytest.mark.parametrize(("copied", "status"), [(0, 0), (12, 2)])
def test_the_command_writes_figures_and_a_page_without_text(copied, status, inputs, strangers, members, tmp_path):
    output = tmp_path / "metrics" / "audit.json"
    ended = deid("audit", *inputs(strangers + members[:copied]), output)
    assert ended.exit_code == status, ended.output
    written = json.loads(output.read_text())
    page = output.with_suffix(".html").read_text()
    assert written["verdict"]["within_budget"] is (status == 0)
    assert ("Over budget: do not share" in page) is (status == 2)
    assert "http" not in page.replace("http://www.w3.org", "")
    if copied:
        assert "Copied passages" in ended.stderr
    for text in (output.read_text(), page, ended.output, ended.stderr):
        shown = text.casefold()
        for note in members[:12]:
            name, number, date, _ = (value.casefold() for _, value in note.person)
            assert not any(part in shown for part in (*name.split(), number, date))
            assert note.body[:60] not in shown


@pytest.mark.slow
def test_the_same_seed_gives_the_same_figures(inputs, strangers):
    files = inputs(strangers)
    first, second = (audit(*files, quiet=True) for _ in range(2))
    assert first | {"seconds": 0} == second | {"seconds": 0}


@pytest.mark.slow
def test_a_folder_of_a_run_is_read_and_must_be_what_its_manifest_says(inputs, save, strangers, tmp_path):
    file, members, heldout = inputs(strangers)
    run = tmp_path / "run"
    run.mkdir()
    file.rename(run / "train.spacy")
    corpus = {"files": {"train.spacy": {"notes": 100, "sha256": sha256(run / "train.spacy")}}}
    (run / "manifest.json").write_text(json.dumps({"corpus": corpus}))
    found = audit(run, members, heldout, quiet=True)
    assert found["notes"]["synthetic"] == 100
    assert stale(found, {"synthetic": run, "members": members}) == []
    save(strangers[:50], "run/train")
    assert stale(found, {"synthetic": run, "members": members}) == ["synthetic"]
    with pytest.raises(DeidError, match="is not the file that its manifest describes"):
        audit(run, members, heldout, quiet=True)
    for unfinished in ("{}", "{"):
        (run / "manifest.json").write_text(unfinished)
        with pytest.raises(DeidError, match="not finished"):
            audit(run, members, heldout, quiet=True)


@pytest.mark.slow
def test_bad_inputs_are_refused_with_the_reason(save, made_note, members, heldout, strangers, tmp_path):
    good = {"synthetic": strangers, "members": members, "heldout": heldout}
    half = made_note(400)
    half.body = members[0].body
    twin = made_note(401)
    words = members[1].body.split()
    twin.body = " ".join(word if number % 30 else "otro" for number, word in enumerate(words))
    bare = [made_note(seed) for seed in range(600, 660)]
    for note in bare:
        note.person = []
    swede = [("NAME", "Åsa Nyström")]
    another, portuguese = ([made_note(seed, person=swede) for seed in range(500, 540)] for _ in range(2))
    for note in another:
        note.body = "patienten kommer till mottagningen och mår bra efter operationen igår kväll"
    for note in portuguese:
        note.body = "a paciente refere dor de vários dias sem febre e se solicita uma análise do sangue no serviço"
    cases = [
        ({"synthetic": []}, "synthetic notes are 0"),
        ({"members": []}, "members notes are 0"),
        ({"heldout": heldout[:1]}, "held-out notes are 1"),
        ({"heldout": [*heldout, members[0]]}, "1 have the id of a member"),
        ({"heldout": [*heldout, half]}, "0 have the id of a member, 1 half of the text"),
        ({"heldout": [*heldout, twin]}, "0 have the id of a member, 1 half of the text"),
        ({"members": bare}, "members have no annotated identifier"),
        ({"heldout": bare}, "held-out notes have no annotated identifier"),
        ({"synthetic": portuguese}, "synthetic notes seem to be of another language"),
        ({"synthetic": another}, "synthetic notes seem to be of another language"),
        ({"heldout": another}, "held-out notes seem to be of another language"),
    ]
    for bad, reason in cases:
        files = [save(notes, name) for name, notes in (good | bad).items()]
        ended = deid("audit", *files, tmp_path / "audit.json")
        assert ended.exit_code == 1, reason
        assert reason in ended.stderr
        assert not (tmp_path / "audit.json").exists()


@pytest.mark.slow
def test_heldout_notes_of_a_members_patient_are_set_aside(save, inputs, members, heldout, strangers):
    synthetic, ours, _ = inputs(strangers)
    docs = [note.doc() for note in heldout]
    for doc in docs[:5]:
        doc._.deid_group = members[0].id
    write(docs, ours.parent / "heldout.spacy")
    found = audit(synthetic, ours, ours.parent / "heldout.spacy", quiet=True)
    assert found["notes"]["heldout"] == 95
    assert found["notes"]["heldout_set_aside"] == 5


@pytest.mark.slow
def test_budgets_of_a_file_replace_those_of_the_package(inputs, strangers, tmp_path):
    budgets = tmp_path / "budgets.toml"
    budgets.write_text(
        '[[budget]]\nmeasure = "overlap.recall_3.members.value"\nlimit = 0.0\n'
        'title = "t"\nmeaning = "m"\nreason = "r"\n'
    )
    files = inputs(strangers)
    assert over(files, budgets=budgets) == {"overlap.recall_3.members.value"}
    budgets.write_text("limit = 1")
    with pytest.raises(DeidError, match="has no budgets"):
        audit(*files, budgets=budgets, quiet=True)
