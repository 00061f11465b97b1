import pytest

from spacy_deid.corpus.convert import read_corpus
from spacy_deid.corpus.formats import brat
from spacy_deid.corpus.intake import Intake
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan


def read(folder, **options):
    intake = Intake(**options)
    return list(brat.read(folder, intake)), intake.report


def test_offsets_are_characters_of_the_untouched_text(brat_folder):
    text = "🙂 å\r\nAna\u2028Ek\u200b, 54"
    folder = brat_folder(a=(text, "T1\tNAME 5 11\tAna\u2028Ek\r\nT2\tAGE 14 16\t54\r\n"))
    [note], _ = read(folder)
    assert (note.id, note.group, note.text) == ("a", "a", text)
    assert [(text[start:end], label) for start, end, label in note.spans] == [("Ana\u2028Ek", "NAME"), ("54", "AGE")]


@pytest.mark.parametrize("offsets", ["1 4", "0 3"], ids=["counted, as brat does", "not counted"])
def test_a_byte_order_mark_does_not_shift_a_span(brat_folder, offsets):
    folder = brat_folder(a=("\ufeffAna sover", f"\ufeffT1\tNAME {offsets}\tAna\n"))
    [note], _ = read(folder)
    [(start, end, _)] = note.spans
    assert note.text[start:end] == "Ana"


def test_a_discontinuous_span_becomes_the_one_that_covers_it(brat_folder):
    [note], report = read(brat_folder(a=("Ana och Bo Ek", "T1\tNAME 0 3;11 13\tAna Ek\n")))
    assert note.spans == (CharSpan(0, 13, "NAME"),)
    assert report.discontinuous == 1


def test_a_line_break_in_a_mention_stands_as_a_space(brat_folder):
    [note], _ = read(brat_folder(a=("Ana\r\nEk", "T1\tNAME 0 7\tAna  Ek\n")))
    assert note.spans == (CharSpan(0, 7, "NAME"),)


def test_a_mention_may_go_on_on_the_lines_after_it(brat_folder):
    ann = "T1\tNAME 0 14\tAna\nRemi\n• Ek\nR1\tX Arg1:T1 Arg2:T1\nT2\tAGE 15 17\t54\n"
    [note], _ = read(brat_folder(a=("Ana\r\nRemi\n• Ek 54", ann)))
    assert note.spans == (CharSpan(0, 14, "NAME"), CharSpan(15, 17, "AGE"))


def test_relations_events_attributes_and_notes_are_passed_over(brat_folder):
    other = "R1\tX Arg1:T1 Arg2:T1\nE1\tX:T1\nA1\tNeg T1\nN1\tR T1 W:1\tx\n#1\tNote T1\tx\n*\tEquiv T1 T1\n\n"
    [note], _ = read(brat_folder(a=("Ana", other + "T1\tNAME 0 3\tAna\n")))
    assert note.spans == (CharSpan(0, 3, "NAME"),)


def test_a_repeated_span_is_dropped_and_counted_an_overlapping_one_is_kept(brat_folder):
    ann = "T1\tNAME 0 6\tAna Ek\nT2\tNAME 0 6\tAna Ek\nT3\tNAME 4 6\tEk\n"
    [note], report = read(brat_folder(a=("Ana Ek", ann)))
    assert note.spans == (CharSpan(0, 6, "NAME"), CharSpan(4, 6, "NAME"))
    assert report.duplicates == 1


def test_a_note_of_0_characters_is_skipped_and_counted(brat_folder):
    notes, report = read(brat_folder(a=("", ""), b=("Ana", "")))
    assert [note.id for note in notes] == ["b"]
    assert report.empty == 1


@pytest.mark.parametrize(
    ("pattern", "group"),
    [("", "S1-2"), (r"(.+)-\d+", "S1"), (r"S\d", "S1"), (r"nowhere", "S1-2"), (r"(x)?S1", "S1")],
)
def test_the_group_comes_from_the_id_by_a_pattern(brat_folder, pattern, group):
    [note], _ = read(brat_folder(**{"S1-2": ("Ana", "")}), group_pattern=pattern)
    assert note.group == group


def test_a_groups_file_goes_before_the_pattern(brat_folder):
    folder = brat_folder(**{"S1-2": ("Ana", "")})
    (folder / "groups.tsv").write_text("S1-2\tpatient 7\n")
    [note], _ = read(folder, group_pattern="S1")
    assert note.group == "patient 7"


@pytest.mark.parametrize(
    ("ann", "problem"),
    [
        ("T1\tNAME 0 3\tAna\nT2\tNAME 8 99\tEk\n", r"a\.ann, line 2: .*8-99.*outside"),
        ("T1\tNAME 3 3\t\n", r"a\.ann, line 1: .*3-3.*empty"),
        ("T1\tNAME 1 4\tAna\n", r"a\.ann, line 1: the mention differs from the text"),
        ("T1\tNOBODY 0 3\tAna\n", r"a\.ann, line 1: the label 'NOBODY'.*--unknown-label keep"),
        ("T1 NAME 0 3 Ana\n", r"a\.ann, line 1: not a brat annotation"),
        ("R1\tX Arg1:T1 Arg2:T1\nAna\n", r"a\.ann, line 2: not a brat annotation"),
        ("T1\tNAME 0 3\tAna\nBo Ek\n", r"a\.ann, line 1: the mention differs from the text"),
    ],
)
def test_a_bad_annotation_is_an_error_with_file_and_line_and_no_note_text(brat_folder, ann, problem):
    with pytest.raises(DeidError, match=problem) as error:
        read(brat_folder(a=("Ana sover", ann)))
    assert "Ana" not in str(error.value)


def test_an_offset_outside_an_empty_note_is_an_error(brat_folder):
    with pytest.raises(DeidError, match="outside"):
        read(brat_folder(a=("", "T1\tNAME 0 3\tAna\n")))


def test_unknown_labels_may_be_kept_and_are_counted(brat_folder):
    [note], report = read(brat_folder(a=("Ana", "T1\tNOBODY 0 3\tAna\n")), unknown_label="keep")
    assert note.spans == (CharSpan(0, 3, "NOBODY"),)
    assert report.unknown_labels == {"NOBODY": 1}


def test_an_unknown_label_that_may_be_note_text_is_kept_and_not_shown(brat_folder):
    ann = "T1\tAna 0 3\tAna\nT2\tÅsa 4 6\tEk\nT3\tNAME 4 6\tEk\n"
    folder = brat_folder(a=("Ana Ek", ann))
    intake = Intake(unknown_label="keep")
    [doc] = read_corpus(folder, intake, lang="sv", quiet=True)
    assert [label for *_, label in doc._.deid_gold] == ["Ana", "NAME", "Åsa"]
    assert intake.report.as_dict()["unknown_labels"] == {"(not shown)": 2}
    assert intake.report.as_dict()["labels"] == {"(not shown)": 2, "NAME": 1}


@pytest.mark.parametrize("ann", ["T1\tAna 0 3\tAna\n", "T1\tAna 0 99\tAna\n"])
def test_an_error_does_not_show_a_label_that_may_be_note_text(brat_folder, ann):
    with pytest.raises(DeidError, match=r"a\.ann, line 1.*\(not shown\)") as error:
        read(brat_folder(a=("Ana", ann)))
    assert "Ana" not in str(error.value)


@pytest.mark.parametrize(("missing", "remedy"), [("txt", "add the text"), ("ann", "empty where nothing is marked")])
def test_one_file_without_the_other_is_an_error(brat_folder, missing, remedy):
    folder = brat_folder(a=("Ana", ""), b=("Bo", ""))
    (folder / f"b.{missing}").unlink()
    with pytest.raises(DeidError, match=rf"no b\.{missing}.*{remedy}"):
        read(folder)


def test_the_texts_may_stand_in_another_folder(brat_folder, tmp_path):
    folder, texts = brat_folder(a=("Ana", "T1\tNAME 0 3\tAna\n")), tmp_path / "texts"
    texts.mkdir()
    (folder / "a.txt").rename(texts / "a.txt")
    [note] = brat.read(folder, Intake(), texts)
    assert (note.text, note.spans) == ("Ana", (CharSpan(0, 3, "NAME"),))
    (texts / "b.txt").write_text("Bo")
    with pytest.raises(DeidError, match=r"texts/b\.txt has no b\.ann in .*brat\."):
        list(brat.read(folder, Intake(), texts))


def test_invalid_utf8_is_an_error_with_file_and_byte(brat_folder):
    folder = brat_folder(a=("Ana", ""))
    (folder / "a.txt").write_bytes("Åsa ".encode() + b"\xe5")
    with pytest.raises(DeidError, match=r"a\.txt: the byte at offset 5"):
        read(folder)


def test_what_is_written_reads_the_same(as_doc, note, tmp_path):
    brat.write([as_doc(note.text, *note.spans, id="a"), as_doc("Bo", id="b.1")], tmp_path / "out")
    (first, second), _ = read(tmp_path / "out")
    assert (first.id, first.group, first.text, first.spans) == ("a", "group of a", note.text, note.spans)
    assert (second.id, second.text, second.spans) == ("b.1", "Bo", ())
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}


def test_writing_never_mixes_with_what_is_there_and_leaves_nothing_half_done(as_doc, tmp_path):
    with pytest.raises(DeidError, match="cannot name a file"):
        brat.write([as_doc("Bo", id="b"), as_doc("Bo", id="../b")], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    brat.write([as_doc("Bo", id="b")], tmp_path / "out")
    with pytest.raises(DeidError, match="not empty"):
        brat.write([as_doc("Bo", id="c")], tmp_path / "out")
