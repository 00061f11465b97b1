"""What goes onto the review page, and what the page itself promises before any browser opens it."""

import base64
import hashlib
import json
import re

import pytest
import spacy
from spacy.language import Language
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.corpus.formats import docbin
from spacy_deid.corpus.intake import Intake, UnknownLabel
from spacy_deid.errors import DeidError
from spacy_deid.extensions import sourced_span
from spacy_deid.review.notes import MISS, ReviewNote, ReviewSpan, annotate, nearest_misses_first, read_notes
from spacy_deid.review.page import review_page

TEXT = "Anna Ek kom 3/4."


def read(path, **options):
    return read_notes(path, Intake(UnknownLabel.keep), quiet=True, **options)


def write(path, **more):
    record = {"id": "n1", "text": TEXT, "spans": [{"start": 0, "end": 7, "label": "NAME"}], **more}
    path.write_text(json.dumps(record))
    return path


def test_sources_and_scores_of_a_pipeline_come_along(tmp_path):
    doc = spacy.blank("sv").make_doc(TEXT)
    doc._.deid_id = "n1"
    doc.set_ents([sourced_span(doc, 0, 2, "NAME", "model", None), sourced_span(doc, 3, 4, "DATE", "rule:date", 0.9)])
    docbin.write([doc], tmp_path / "x.spacy")
    (note,) = read(tmp_path / "x.spacy")
    assert note.spans == (ReviewSpan(0, 7, "NAME", "model"), ReviewSpan(12, 15, "DATE", "rule:date", 0.9))


def test_exact_gold_is_shown_rather_than_its_form_on_tokens(tmp_path):
    doc = spacy.blank("sv").make_doc(TEXT)
    doc._.deid_id, doc._.deid_gold = "n1", [[0, 3, "NAME"]]
    docbin.write([doc], tmp_path / "x.spacy")
    assert read(tmp_path / "x.spacy")[0].spans == (ReviewSpan(0, 3, "NAME"),)


@Language.component("two_guesses_and_a_name")
def two_guesses_and_a_name(doc):
    doc.set_ents([sourced_span(doc, 0, 2, "NAME", "model", 0.9)])
    guesses = [(0, 2, 0.9), (3, 4, 0.2), (2, 4, 0.1), (1, 3, 0.3), (2, 3, 0.05)]
    doc.spans["deid_candidates"] = [sourced_span(doc, *span[:2], "DATE", "model", span[2]) for span in guesses]
    return doc


def test_near_misses_are_rejected_spans_where_there_is_nothing_surer():
    nlp = spacy.blank("sv")
    nlp.add_pipe("two_guesses_and_a_name")

    (note,) = annotate([ReviewNote("n1", "n1", TEXT, ())], nlp, quiet=True)

    assert note.spans == (
        ReviewSpan(0, 7, "NAME", "model", 0.9),
        ReviewSpan(12, 15, "DATE", MISS, 0.2, "rejected"),
        ReviewSpan(8, 11, "DATE", MISS, 0.05, "rejected"),
    )


def test_notes_with_the_nearest_misses_come_first():
    def note(name, *scores):
        return ReviewNote(name, name, TEXT, tuple(ReviewSpan(0, 1, "DATE", MISS, of, "rejected") for of in scores))

    sure = ReviewNote("sure", "sure", TEXT, (ReviewSpan(0, 7, "NAME", "model", 0.9),))
    notes = [sure, note("far", 0.1), note("none"), note("near", 0.01, 0.3)]

    assert [each.id for each in nearest_misses_first(notes)] == ["near", "far", "sure", "none"]


def test_decisions_of_a_saved_review_come_along(tmp_path):
    spans = [{"start": 0, "end": 7, "label": "NAME", "source": "model", "score": 0.5, "decision": "accepted"}]
    rejected = [{"start": 8, "end": 11, "label": "NAME", "source": "", "score": None, "decision": "rejected"}]
    (note,) = read(write(tmp_path / "x.jsonl", spans=spans, rejected=rejected, done=True))
    assert note.spans == (
        ReviewSpan(0, 7, "NAME", "model", 0.5, "accepted"),
        ReviewSpan(8, 11, "NAME", decision="rejected"),
    )
    assert note.done


@pytest.mark.parametrize("format", ["brat", "markup"])
def test_folders_are_read_with_open_spans(tmp_path, format):
    (tmp_path / "n1.txt").write_text(TEXT if format == "brat" else f"<NAME>Anna Ek</NAME>{TEXT[7:]}")
    if format == "brat":
        (tmp_path / "n1.ann").write_text("T1\tNAME 0 7\tAnna Ek\n")
    assert read(tmp_path, format=format) == [ReviewNote("n1", "n1", TEXT, (ReviewSpan(0, 7, "NAME"),))]


def test_a_pipeline_marks_the_notes_anew():
    nlp = spacy.blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "DATE", "pattern": [{"ORTH": "3/4"}]}])
    before = ReviewNote("n1", "p1", TEXT, (ReviewSpan(0, 7, "NAME"),), done=True)
    assert annotate([before], nlp, quiet=True) == [ReviewNote("n1", "p1", TEXT, (ReviewSpan(12, 15, "DATE", "model"),))]


@pytest.mark.parametrize(
    "more",
    [
        {"rejected": [{"start": 0, "end": 99, "label": "NAME"}]},
        {"rejected": [{"start": "0", "end": 1, "label": "NAME"}]},
        {"rejected": 7},
        {"spans": [{"start": 0, "end": 7, "label": "NAME", "decision": "perhaps"}]},
        {"spans": [{"start": 0, "end": 7, "label": "NAME", "score": 2}]},
    ],
    ids=str,
)
def test_a_damaged_review_is_an_error_that_names_the_note_and_shows_no_text(tmp_path, more):
    with pytest.raises(DeidError, match="note 'n1'.*Remedy") as raised:
        read(write(tmp_path / "x.jsonl", **more))
    assert "Anna" not in str(raised.value)


def test_the_page_allows_its_own_script_and_style_and_nothing_else():
    page = review_page([ReviewNote("n1", "n1", "</script><script>alert(1)</script><!--<b>&amp;", ())])
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (inline,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in page
    assert "alert" in page
    assert "<script>alert" not in page
    assert not re.search(r"\b(?:src|href|srcset|action)=|[^.]\burl\(|@import|https?:", page)


def test_the_page_is_private_the_same_each_time_and_replaces_the_earlier_one(tmp_path):
    pages = []
    for _ in range(2):
        out = tmp_path / "review.html"
        result = CliRunner().invoke(app, ["review", str(write(tmp_path / "x.jsonl")), str(out), "--quiet"])
        assert (result.exit_code, result.output) == (0, "")
        assert out.stat().st_mode & 0o077 == 0
        pages.append(out.read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("source", "out", "problem"),
    [
        ("absent.jsonl", "x.html", "absent.jsonl does not exist"),
        ("x.jsonl", "x.jsonl", "Name it .html"),
        ("absent.txt", "x.html", "absent.txt does not exist"),
    ],
)
def test_bad_input_is_one_clear_error_and_nothing_is_written(tmp_path, monkeypatch, source, out, problem):
    monkeypatch.chdir(tmp_path)
    before = write(tmp_path / "x.jsonl").read_bytes()
    result = CliRunner().invoke(app, ["review", source, out], env={"COLUMNS": "200"})
    assert result.exit_code != 0
    assert problem in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["x.jsonl"]
    assert (tmp_path / "x.jsonl").read_bytes() == before
