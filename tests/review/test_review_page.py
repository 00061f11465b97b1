"""A person's path through the review page, in a real browser."""

import json
import re

import pytest
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.corpus.convert import read_corpus
from spacy_deid.corpus.intake import Intake
from spacy_deid.extensions import char_spans

pytestmark = pytest.mark.browser

WARD = "Anna Ek kom till Borås 3/4. Bo Ek ringde. Borås är långt. Anna sover."
CALL = "Bo ringde från Borås. Anna Ek svarade inte. Uppföljning 3/4."


def write_notes(path, **notes):
    """Write name=(text, [(string, label)...]): spans by the first place where a string stands."""
    records = []
    for name, (text, marked) in notes.items():
        spans = [
            {"start": text.index(string), "end": text.index(string) + len(string), "label": label, **about}
            for string, label, about in ((*span, {})[:3] for span in marked)
        ]
        records.append(json.dumps({"id": name, "text": text, "spans": spans}))
    path.write_text("\n".join(records), "utf8")
    return path


@pytest.fixture
def notes(tmp_path):
    ward = [("Anna Ek", "NAME", {"source": "model", "score": 0.9}), ("Borås", "NAME"), ("långt", "LOCATION")]
    return write_notes(tmp_path / "in.jsonl", ward=(WARD, ward), call=(CALL, [("Bo", "NAME")]))


def spans_of(path):
    """Return {note id: [(string, label)...]} as `deid convert` reads a file."""
    docs = read_corpus(path, Intake(), lang="sv", quiet=True)
    return {doc._.deid_id: [(doc.text[start:end], label) for start, end, label in char_spans(doc)] for doc in docs}


def records(path):
    return [json.loads(line) for line in path.read_text("utf8").split("\n") if line]


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


ODD_TEXTS = {
    "emoji": "🙂👩🏽‍🌾 Anna 🙂 Ek ringde 👍 Bo.",
    "CRLF": "Namn:\r\nAnna\r\n\r\nEk\tringde Bo.\r\n",
    "right to left": "المريض محمد علي, Anna och דוד כהן kom. Bo.",
    "zero width": "\ufeffAn\u200bna Anna\u200f Ek\u00ad \u202ekE annA\u202c Bo.",
    "markup": "</script><script>document.title='out'</script><img src=x onerror=alert(1)>&lt; Anna <!-- Bo.",
    "combining": "A\u030angstro\u0308m İstanbul ﬁ Anna ŉ Bo. \u2028 \u0085",
    "formulas": "${x} {{ y }} `z` \\u003c Anna \\ Bo.",
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
def test_offsets_hold_in_any_text(review, tmp_path, text):
    page = review(write_notes(tmp_path / "in.jsonl", odd=(text, [("Anna", "NAME")])))
    assert page.page.locator("#text").text_content() == text
    assert page.page.title() == "De-identification review"
    page.press("n")
    assert page.quote == "Anna"
    page.press("a")
    page.select("Bo")
    assert page.quote == "Bo"
    page.press("1")
    (record,) = records(page.save())
    assert record["text"] == text
    assert [text[span["start"] : span["end"]] for span in record["spans"]] == ["Anna", "Bo"]


def test_characters_that_hide_or_turn_text_are_shown(review, tmp_path):
    page = review(write_notes(tmp_path / "in.jsonl", odd=(ODD_TEXTS["zero width"], [])))
    shown = page.page.locator("[data-code]").evaluate_all("(found) => found.map((each) => each.dataset.code)")
    assert shown == ["U+FEFF", "U+200B", "U+200F", "U+00AD", "U+202E", "U+202C"]


def test_overlapping_spans_stand_side_by_side(review, tmp_path):
    spans = [("Anna Ek", "NAME"), ("Ek", "LOCATION"), ("Ek kom", "OTHER")]
    page = review(write_notes(tmp_path / "in.jsonl", ward=(WARD, spans)))
    assert page.page.locator("#text").text_content() == WARD
    assert page.page.locator("#spans li").count() == 3
    assert sorted(spans_of(page.save())["ward"]) == sorted(spans)


def test_filters_and_search_narrow_spans_and_notes(review, tmp_path):
    sure = {"source": "model", "score": 0.99}
    notes = {
        "ward": (WARD, [("Anna", "NAME", sure), ("Borås", "LOCATION", {"source": "rule:place", "score": 0.4})]),
        "call": (CALL, [("Bo", "NAME", sure)]),
    }
    page = review(write_notes(tmp_path / "in.jsonl", **notes)).page
    listed = lambda kind: page.locator(f"#{kind} li").count()  # noqa: E731
    page.fill("#below", "0.5")
    assert (listed("spans"), listed("notes")) == (1, 1)
    page.fill("#below", "")
    page.select_option("#source", "model")
    assert (listed("spans"), listed("notes")) == (1, 2)
    page.select_option("#source", "")
    page.fill("#find", "LÅNGT")
    assert listed("notes") == 1
    assert page.locator("#text .hit").all_text_contents() == ["långt"]
    page.fill("#find", "")
    page.locator("#find").blur()
    page.keyboard.press("n")
    page.keyboard.press("a")
    page.keyboard.press("f")
    assert listed("spans") == 1


def test_a_note_is_read_only_once_every_span_is_decided(review, notes):
    page = review(notes)
    page.press("d")
    assert page.status.startswith("3 open")
    page.press("Shift+Enter", "d")
    assert [record["done"] for record in records(page.save())] == [True, False]


def test_the_browser_keeps_nothing_and_warns_of_what_is_not_saved(review, notes):
    page = review(notes)
    page.press("n", "a")
    stored = page.page.evaluate("[document.cookie, ...(location.protocol === 'file:' ? [localStorage.length] : [])]")
    assert stored == ["", 0]
    dialogs = []
    page.page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    page.page.close(run_before_unload=True)
    page.page.wait_for_event("close") if not page.page.is_closed() else None
    assert dialogs == ["beforeunload"]


def test_the_policy_lets_nothing_out_even_if_a_script_ran(review, notes):
    page = review(notes)
    blocked = page.page.evaluate(
        "() => fetch('https://example.org/').then(() => 'sent', (error) => error.constructor.name)"
    )
    policy = page.page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert blocked == "TypeError"
    assert all("violates the following Content Security Policy" in problem for problem in page.problems[:1])
    page.problems.clear()
    assert policy.startswith("default-src 'none'")
    assert not re.search("unsafe|http|\\*", policy)


def test_every_control_has_a_name_and_help_lists_the_shortcuts(review, notes):
    page = review(notes)
    unnamed = page.page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, [role=listbox], [role=document]")]
          .filter((each) => !(each.textContent.trim() || each.ariaLabel || each.labels?.length
            || each.getAttribute("aria-labelledby"))).map((each) => each.id)"""
    )
    assert unnamed == []
    page.press("?")
    assert page.page.locator("#help").is_visible()
    assert "every equal string" in page.page.locator("#help").text_content()
    page.press("Escape")
    assert not page.page.locator("#help").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_labels_are_readable_in_either_scheme(review, notes, scheme):
    """WCAG 2 contrast of at least 4.5."""
    page = review(notes).page
    page.emulate_media(color_scheme=scheme)
    ratios = page.evaluate(
        """() => {
          const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
          const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const luminance = (colour) => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
            return a ? 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b) : null;
          };
          const ground = (node) => luminance(getComputedStyle(node).backgroundColor) ?? ground(node.parentElement);
          const ratio = (node, pseudo) => {
            const [low, high] = [luminance(getComputedStyle(node, pseudo).color), ground(node)].sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
          };
          const plain = [...document.querySelectorAll("h1, h2, button:enabled, label, .about, .label, .state")];
          const labels = [...document.querySelectorAll(".span")];
          return [...plain.map((node) => ratio(node)), ...labels.flatMap((n) => [ratio(n), ratio(n, "::after")])];
        }"""
    )
    assert len(ratios) > 20
    assert min(ratios) >= 4.5


def test_five_hundred_notes_are_handled_in_a_moment(review, tmp_path):
    long = {f"note-{n:03}": (WARD * 40, [("Anna Ek", "NAME"), ("Borås", "LOCATION")]) for n in range(500)}
    page = review(write_notes(tmp_path / "in.jsonl", **long))
    seconds = page.page.evaluate(
        """() => {
          const start = performance.now();
          for (const key of ["ArrowDown", "e", "e", "a", "ArrowRight"])
            document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          return (performance.now() - start) / 1000;
        }"""
    )
    assert page.page.locator("#note-id").text_content() == "note-001"
    assert seconds < 5  # 20,000 places marked; a fraction of a second on an idle machine
