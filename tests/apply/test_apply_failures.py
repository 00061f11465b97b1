"""A surviving value or an unreadable file fails its document, and no other."""

import pytest
from folders import snapshot
from spacy.language import Language

from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings
from spacy_deid.apply.unit import SURVIVES


def kinds_of(failures):
    """Return the beginning of each document's reason, without the value and its place."""
    return {document: reason.split(":")[0] for document, reason in failures.items()}


def test_what_survives_fails_its_document_and_no_other(nlp, source, out, failures):
    # the light pipeline finds a word as it is written only
    (source / "bad.txt").write_text("Zutana kom. ZUTANA gick.", "utf8")
    (source / "good.txt").write_text("Zutana kom.", "utf8")
    (source / "rows.csv").write_text("text,who\nBo kom,x\nQuiroga kom,quiroga\n", "utf8")
    summary = apply(nlp, source, out, quiet=True)
    assert snapshot(out) == {"good.txt": b"[NAME] kom.", "rows.csv": b"text,who\n[NAME] kom,x\n"}
    assert kinds_of(failures(out / "deid-manifest.json")) == {"bad.txt": SURVIVES, "rows.csv, row 2": SURVIVES}
    assert summary.documents == 4


def test_case_says_nothing_in_other_columns_and_names(nlp, source, out, failures):
    (source / "bo.txt").write_text("Bo kom.", "utf8")
    (source / "rows.csv").write_text("text,who\nBo kom,BO\nBo gick,bo\nBo sov,x\n", "utf8")
    apply(nlp, source, out, quiet=True)
    renamed, rows = sorted(snapshot(out).items())
    assert renamed[0].startswith("document-")
    assert rows == ("rows.csv", b"text,who\n[NAME] sov,x\n")
    assert kinds_of(failures(out / "deid-manifest.json")) == {"rows.csv, rows 1-2": SURVIVES}


def test_a_format_that_forgets_a_leaf_is_found_out(nlp, source, out, monkeypatch):
    # what is checked is what was written, not what was meant
    (source / "a.txt").write_text("Zutana kom.", "utf8")
    monkeypatch.setattr("spacy_deid.apply.formats.text.OpenedText.written", lambda *_: b"Zutana kom.")
    summary = apply(nlp, source, out, quiet=True)
    assert [each.reason.split(":")[0] for each in summary.failed] == [SURVIVES]
    assert snapshot(out) == {}


def test_a_name_that_names_somebody_becomes_a_neutral_one(nlp, source, out, tmp_path):
    (source / "Zutana").mkdir()
    (source / "Zutana" / "1.txt").write_text("Zutana kom.", "utf8")
    (source / "quiroga_780412-1234.txt").write_text("780412-1234 kom.", "utf8")
    (source / "plain.txt").write_text("Bo", "utf8")
    summary = apply(nlp, source, out, quiet=True)
    names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.txt"))
    assert [name.startswith("document-") for name in names] == [True, True, False]
    assert summary.renamed == 2
    told = "".join(
        path.read_bytes().decode("latin1")
        for path in (out / "deid-manifest.json", out.parent / ".out.deid-apply" / "journal.sqlite")
    )
    assert not any(word in told.casefold() for word in ("zutana", "quiroga", "780412"))
    apply(nlp, source, tmp_path / "all", Settings(neutral_names=True), quiet=True)
    assert all(path.name.startswith("document-") for path in (tmp_path / "all").rglob("*.txt"))


def test_one_file_is_not_written_under_a_name_that_names_somebody(nlp, source, tmp_path):
    (source / "a.txt").write_text("Zutana kom.", "utf8")
    summary = apply(nlp, source / "a.txt", tmp_path / "zutana.txt", quiet=True)
    assert [each.reason.split(":")[0] for each in summary.failed] == [SURVIVES]
    assert not (tmp_path / "zutana.txt").exists()


# --- failures


@pytest.mark.parametrize("broken", ["FhirFormat.open", "OpenedFhir.written"])
def test_a_format_that_fails_on_a_file_sets_that_one_aside(nlp, source, out, monkeypatch, failures, broken):
    def fails(_, data):
        raise AttributeError(data)

    monkeypatch.setattr(f"spacy_deid.apply.formats.fhir.{broken}", fails)
    (source / "a.txt").write_text("Zutana", "utf8")
    (source / "b.json").write_text('{"resourceType": "Basic", "text": "Zutana"}', "utf8")
    apply(nlp, source, out, quiet=True)
    assert snapshot(out) == {"a.txt": b"[NAME]"}
    assert list(failures(out / "deid-manifest.json").values()) == ["AttributeError"]


def test_a_component_that_fails_on_a_document_sets_that_one_aside(source, out, nlp, failures):
    @Language.component("deid_test_fails")
    def fails(doc):
        if "Bo" in doc.text:
            raise ValueError(doc.text)
        return doc

    nlp.add_pipe("deid_test_fails")
    (source / "a.txt").write_text("Zutana", "utf8")
    (source / "b.txt").write_text("Bo hemligt", "utf8")
    apply(nlp, source, out, quiet=True)
    assert snapshot(out) == {"a.txt": b"[NAME]"}
    assert list(failures(out / "deid-manifest.json").values()) == ["ValueError"]


def test_a_failed_document_is_tried_again_and_an_outdated_output_removed(nlp, source, out):
    (source / "a.txt").write_text("Zutana", "utf8")
    assert apply(nlp, source, out, quiet=True).failed == []
    (source / "a.txt").write_bytes(b"\xff")
    assert len(apply(nlp, source, out, quiet=True).failed) == 1
    assert snapshot(out) == {}
    (source / "a.txt").write_text("Bo", "utf8")
    assert apply(nlp, source, out, quiet=True).failed == []
    assert snapshot(out) == {"a.txt": b"[NAME]"}
