"""What the review page shows: any text as it is, every span, and the notes that are looked for."""

import pytest
from annotated import CALL, WARD, records, spans_of, write_notes

pytestmark = pytest.mark.browser

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
