"""A person's path through the review page, in a real browser."""

import json

import pytest
from annotated import WARD, records, spans_of
from typer.testing import CliRunner

from spacy_deid.cli import app

pytestmark = pytest.mark.browser


def test_accept_reject_relabel_and_add_are_saved_as_convert_reads_them(review, notes, tmp_path):
    page = review(notes)
    page.press("n", "a")
    assert page.status == "accepted NAME"
    page.press("n", "r")
    page.page.keyboard.type("loc")
    page.press("Enter", "n", "x")  # Borås is a place; långt is nothing
    page.select("3/4")
    page.press("r")
    page.page.keyboard.type("date")
    page.press("Enter")
    saved = page.save()
    assert spans_of(saved)["ward"] == [("Anna Ek", "NAME"), ("Borås", "LOCATION"), ("3/4", "DATE")]
    decisions = {span["label"]: span["decision"] for span in records(saved)[0]["spans"]}
    assert decisions == {"NAME": "accepted", "LOCATION": "relabelled", "DATE": "added"}
    assert [span["label"] for span in records(saved)[0]["rejected"]] == ["LOCATION"]
    assert (records(saved)[0]["spans"][0]["source"], records(saved)[0]["spans"][0]["score"]) == ("model", 0.9)

    converted = CliRunner().invoke(app, ["convert", str(saved), str(tmp_path / "out.spacy"), "--lang", "sv", "--quiet"])
    assert converted.exit_code == 0, converted.output
    assert spans_of(tmp_path / "out.spacy") == spans_of(saved)


def test_a_decision_goes_on_to_the_next_open_span_of_the_note_but_never_leaves_it(review, notes):
    page = review(notes)
    page.press("n", "a")
    assert page.quote == "Borås"
    page.press("n")  # the span that the decision went on to, not the one after it
    assert page.quote == "Borås"
    page.press("x")
    assert page.quote == "långt"
    page.press("a")
    assert page.quote == "långt"  # the last of the note, whose text is to be read now
    page.press("n")
    assert page.quote == "Bo"


def test_words_are_selected_and_marked_by_keyboard_alone(review, notes):
    page = review(notes)
    page.press("ArrowDown", "s")
    assert page.quote == "Anna Ek"
    page.press("ArrowRight")
    assert page.quote == "kom"
    page.press(*["ArrowRight"] * 6)
    assert page.quote == "."
    page.press("ArrowRight", "Shift+ArrowRight")
    assert page.quote == "Bo Ek"
    page.press("Shift+ArrowRight", "Shift+ArrowLeft", "Control+ArrowLeft")
    assert page.quote == "Bo E"
    page.press("Control+ArrowRight", "1")  # NAME: the label that is used most
    assert ("Bo Ek", "NAME") in spans_of(page.save())["ward"]


def test_a_key_right_after_the_list_of_labels_is_not_lost(review, notes):
    page = review(notes)
    page.press("n", "r")
    page.page.evaluate(  # all before the browser draws, and so moves the focus out of the closed list
        """() => {
          const options = { bubbles: true, cancelable: true };
          for (const key of ["Enter", "n", "x"])
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, ...options }));
        }"""
    )
    assert page.status == "rejected NAME"


def test_a_selection_replaces_what_it_overlaps(review, notes):
    page = review(notes)
    page.press("ArrowDown", "ArrowDown", "s", "ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowLeft")
    assert page.quote == "Ek kom till"
    page.press("1")
    assert spans_of(page.save())["ward"][0] == ("Ek kom till", "NAME")


def test_every_equal_string_is_marked_as_a_whole_word_in_the_note_or_in_all(review, notes):
    page = review(notes)
    page.press("ArrowRight", "ArrowDown", "e", "e", "a")
    assert page.status == "marked every equal string NAME: 2 in 2 notes"
    marked = spans_of(page.save())
    assert marked["ward"].count(("Bo", "NAME")) == 1  # and not the one in Borås
    page.press("ArrowLeft", "ArrowDown", "ArrowDown", "e", "x")
    assert "Borås" not in [string for string, _ in spans_of(page.save("note.jsonl"))["ward"]]
    page.select("Borås")
    page.press("e", "e")
    page.page.click("#pick")
    page.page.keyboard.type("loc")
    page.press("Enter")
    marked = spans_of(page.save("all.jsonl"))
    assert (marked["ward"].count(("Borås", "LOCATION")), marked["call"].count(("Borås", "LOCATION"))) == (2, 1)


def test_a_decision_for_many_places_is_for_the_next_decision_only(review, notes):
    page = review(notes)
    page.press("n", "e", "e", "a", "n", "x")
    rejected = [record["rejected"] for record in records(page.save())]
    assert [len(spans) for spans in rejected] == [1, 0]


def test_undo_and_redo_walk_every_step(review, notes):
    page = review(notes)
    before = page.save("before.jsonl").read_bytes()
    page.press("n", "a", "n", "x", "n", "e", "e", "1", "s", "1", "Shift+Enter", "d")
    after = page.save("after.jsonl").read_bytes()
    assert after != before
    for _ in range(9):
        page.press("Control+z")
    assert page.save("undone.jsonl").read_bytes() == before
    for _ in range(9):
        page.press("Control+Shift+z")
    assert page.save("redone.jsonl").read_bytes() == after


def test_a_saved_review_goes_on_in_the_page_and_through_the_command(review, notes, tmp_path):
    page = review(notes)
    page.press("n", "a", "n", "x", "Shift+Enter", "d")
    saved = page.save()

    fresh = review(notes)
    fresh.page.set_input_files("#file", str(saved))
    fresh.page.wait_for_function("document.getElementById('status').textContent.startsWith('2 notes loaded')")
    assert fresh.save("again.jsonl").read_bytes() == saved.read_bytes()

    onward = review(saved)
    assert onward.page.locator("#progress-text").text_content() == "1 of 2 notes read, 3 of 4 spans decided"
    assert onward.save("onward.jsonl").read_bytes() == saved.read_bytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": "ward", "text": "another text", "spans": []}', "0 notes loaded; 1 left out"),
        ("no JSON", "This file is no saved review"),
        (
            json.dumps({"id": "ward", "text": WARD, "spans": [{"start": 1, "end": 999, "label": "X"}]}),
            "no saved",
        ),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(review, notes, tmp_path, content, said):
    (tmp_path / "bad.jsonl").write_text(content, "utf8")
    page = review(notes)
    before = page.save().read_bytes()
    page.page.set_input_files("#file", str(tmp_path / "bad.jsonl"))
    page.page.wait_for_function("document.getElementById('status').textContent.match(/loaded|Nothing/)")
    assert said in page.status
    assert page.save().read_bytes() == before


def test_a_note_is_read_only_once_every_span_is_decided(review, notes):
    page = review(notes)
    page.press("d")
    assert page.status.startswith("3 open")
    page.press("Shift+Enter", "d")
    assert [record["done"] for record in records(page.save())] == [True, False]
