import re
from html.parser import HTMLParser

import pytest
import spacy
import srsly
from spacy.tokens import DocBin

from spacy_deid.errors import DeidError
from spacy_deid.evaluate.evaluate import Annotated, Speed, evaluate_spans
from spacy_deid.evaluate.metrics import Contender, as_metrics, read_metrics, side_by_side
from spacy_deid.evaluate.report import Segment, html_report, synthetic_examples
from spacy_deid.evaluate.run import read_contender, read_synthetic
from spacy_deid.extensions import CharSpan

TEXT = "Ana Sol, de 40 años, vive en C/ Mayor 7. Vino el 3/4/2020 con Eva."
GOLD = [CharSpan(0, 7, "FECHAS"), CharSpan(12, 19, "CALLE"), CharSpan(49, 57, "FECHAS")]
GOLD_FILE = {
    "file": "test.spacy",
    "sha256": "0" * 64,
    "made": "",
    "notes": 4,
    "spans": 12,
    "labels": 2,
    "characters": 268,
    "words": 60,
}


def contender(name, found, **gold):
    evaluation = evaluate_spans([Annotated(TEXT, GOLD)] * 4, found)
    speed = Speed(1.0, 2.0, 3.0, 268)
    return Contender(name, as_metrics(evaluation, "es_model", "1.0", GOLD_FILE | gold, read=268, speed=speed))


@pytest.fixture(scope="module")
def both():
    return [contender("gold", [GOLD] * 4), contender("student", [GOLD, GOLD[1:], GOLD[:1], []])]


def synthetic_doc(text="Eva <b>Ríos</b> & hija", note_id="s1", rejected=()):
    doc = spacy.blank("es").make_doc(text)
    doc._.deid_id, doc._.deid_rejected = note_id, list(rejected)
    doc._.deid_meta = {"seed": 1, "finished": True}
    doc.ents = [doc.char_span(0, 3, label="NOMBRE_SUJETO_ASISTENCIA")]
    return doc


class Page(HTMLParser):
    """Collects what a page would load and which elements it leaves open."""

    VOID = {"meta", "br", "link", "img", "input"}

    def __init__(self, html):
        super().__init__()
        self.references, self.tags, self.stack = [], set(), []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.references += [value for name, value in attributes if name in ("src", "href", "xlink:href", "action")]
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag


def test_the_page_is_whole_and_refers_to_nothing_outside_itself(both):
    html = html_report(both, synthetic_examples([synthetic_doc()], 3))
    page = Page(html)
    assert page.stack == []
    assert all(reference.startswith("#") for reference in page.references)
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object"})
    assert "://" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", html)
    assert "@import" not in html


def test_the_page_shows_scores_and_the_gap_with_its_interval(both):
    html = html_report(both)
    line = next(line for line in side_by_side(both) if line.measure == "strict_recall")
    assert line.gaps[0]["value"] == pytest.approx(-0.5)
    assert line.gaps[0]["low"] < -0.5 < line.gaps[0]["high"]
    assert "<td>-0.5000<small>" in html
    assert html.count("<svg") == 2
    assert html.count("268 of 268") == 2


def test_the_same_scores_give_the_same_bytes(both):
    assert html_report(both) == html_report(both)


def test_names_and_notes_are_escaped():
    html = html_report([contender("<i>x</i>", [GOLD] * 4)], synthetic_examples([synthetic_doc()], 1))
    assert "<i>" not in html
    assert "&lt;i&gt;x" in html
    assert "<mark>Eva<b>NOMBRE_SUJETO_ASISTENCIA</b></mark> &lt;b&gt;Ríos&lt;/b&gt; &amp; hija" in html


@pytest.mark.parametrize("made", ["", "Filled from note templates."])
def test_made_notes_are_called_so(made):
    html = html_report([contender("student", [GOLD] * 4, made=made)])
    assert ("These are not real notes." in html) == bool(made)
    assert made in html


def test_a_model_that_finds_nothing_can_be_reported():
    html = html_report([contender("gold", [GOLD] * 4), contender("student", [[]] * 4)])
    assert "–" in html


def test_systems_on_different_gold_are_not_compared(both):
    other = contender("other", [GOLD] * 4, sha256="1" * 64)
    with pytest.raises(DeidError, match="different gold files"):
        side_by_side([both[0], other])


def test_examples_are_cut_at_entities_and_leave_out_rejected_notes():
    docs = [synthetic_doc(rejected=["short"]), synthetic_doc("Eva vino"), synthetic_doc("Ana ya no")]
    assert synthetic_examples(docs, 1) == [[Segment("Eva", "NOMBRE_SUJETO_ASISTENCIA"), Segment(" vino", "")]]


@pytest.mark.parametrize("meta", [None, {"mode": "prefix", "seed": 1}])
def test_a_note_that_may_be_real_is_never_shown(meta):
    doc = synthetic_doc("Eva vino")
    doc._.deid_meta = meta
    with pytest.raises(DeidError, match="may be a real one") as error:
        synthetic_examples([doc], 1)
    assert "Eva" not in str(error.value)


def test_synthetic_notes_come_from_all_files_of_a_folder_in_order(tmp_path):
    for name in ("b", "a"):
        DocBin(docs=[synthetic_doc(note_id=name)], store_user_data=True).to_disk(tmp_path / f"{name}.spacy")
    assert [doc._.deid_id for doc in read_synthetic(tmp_path)] == ["a", "b"]


def test_a_folder_without_notes_is_an_error(tmp_path):
    with pytest.raises(DeidError, match=r"no \.spacy file"):
        list(read_synthetic(tmp_path))


@pytest.mark.parametrize("named", ["metrics.json", "=metrics.json", "gold="])
def test_a_contender_has_a_name_and_a_file(named):
    with pytest.raises(DeidError, match="is not NAME=METRICS"):
        read_contender(named)


@pytest.mark.parametrize("content", ["{", "[]", '{"scores": {}}', '{"scores": 3}', '{"scores": null}'])
def test_a_file_of_something_else_is_an_error(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(DeidError, match=r"x\.json"):
        read_metrics(path)


def test_metrics_without_the_characters_read_are_an_error(tmp_path, both):
    path = tmp_path / "x.json"
    srsly.write_json(path, both[0].metrics)
    assert read_metrics(path)["characters"] == {"given": 268, "read": 268}
    srsly.write_json(path, {key: value for key, value in both[0].metrics.items() if key != "characters"})
    with pytest.raises(DeidError, match="measures of this version"):
        read_metrics(path)


def test_a_missing_metrics_file_is_an_error(tmp_path):
    with pytest.raises(DeidError, match="no metrics file"):
        read_metrics(tmp_path / "absent.json")
