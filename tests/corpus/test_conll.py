import pytest

from spacy_deid.corpus.formats import conll
from spacy_deid.corpus.intake import Intake
from spacy_deid.errors import DeidError


def read(path, text):
    path.write_text(text, "utf8", newline="")
    return [
        (note.text, [(note.text[start:end], label) for start, end, label in note.spans])
        for note in conll.read(path, Intake())
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "Ana\tPER\nEk\tPER\nsover\t0\n\nBo\tPER\n",
        "Ana B-PER\r\nEk I-PER\r\nsover O\r\n\r\n\r\nBo I-PER\r\n",
        "\ufeffAna NN I-NP B-PER\nEk NN I-NP I-PER\nsover VB I-VP O\n\nBo NN I-NP B-PER",
        "# sent_id = 1\n1\tAna\tB-PER\t-\t-\n2\tEk\tI-PER\t-\t-\n3\tsover\tO\t-\t-\n"
        "\n# text = Bo\n1\tBo\tB-PER\t-\t-\n",
    ],
    ids=["bare tags, 0", "IOB2, CRLF", "CoNLL 2003", "Universal NER"],
)
def test_each_sentence_is_a_note_of_tokens_parted_by_spaces(tmp_path, lines):
    assert read(tmp_path / "x.iob2", lines) == [("Ana Ek sover", [("Ana Ek", "NAME")]), ("Bo", [("Bo", "NAME")])]


def test_documents_are_notes_where_they_are_marked(tmp_path):
    lines = "-DOCSTART- -X- O O\n\nAna B-PER\n\nBo B-PER\nEk I-PER\n\n-DOCSTART- -X- O O\n\nhej O\n"
    assert read(tmp_path / "x.conll", lines) == [("Ana\nBo Ek", [("Ana", "NAME"), ("Bo Ek", "NAME")]), ("hej", [])]


@pytest.mark.parametrize(
    ("tags", "entities"),
    [
        ("B-PER B-PER", ["Ana", "Ek"]),
        ("I-PER I-PER", ["Ana Ek"]),
        ("PER LOC", ["Ana", "Ek"]),
        ("O I-PER", ["Ek"]),
        ("B-PER O", ["Ana"]),
    ],
)
def test_where_entities_begin_and_end(tmp_path, tags, entities):
    first, second = tags.split()
    [(_, found)] = read(tmp_path / "x.conll", f"Ana\t{first}\nEk\t{second}\n")
    assert [text for text, _ in found] == entities


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("hej O\nAna\n", "line 2: a token or its tag"),
        ("hej\tO\n\nAna\tB-XX\n", "line 3: the label 'XX'"),
        ("hej\tO\nO\tAna\n", "line 2: no tag in the last column"),
        ("B-PER\tANA\n\nO\tsover\n", "line 3: no tag in the last column"),
        ("hej\tB-Ana\n", r"line 1: the label '\(not shown\)' is not in labels.toml"),
    ],
)
def test_a_bad_line_is_an_error_with_its_number_and_no_token(tmp_path, lines, problem):
    with pytest.raises(DeidError, match=rf"x\.conll, {problem}") as error:
        read(tmp_path / "x.conll", lines)
    assert "ana" not in str(error.value).lower()


def test_what_is_written_holds_the_same_tokens_and_entities(as_doc, tmp_path):
    docs = [as_doc("Ana Ek, # 54.\r\n\nBo", (0, 6, "NAME"), (10, 12, "AGE"), (17, 19, "NAME")), as_doc("hej", id="n2")]
    conll.write(docs, tmp_path / "x.conll")
    written = (tmp_path / "x.conll").read_text()
    assert read(tmp_path / "x.conll", written) == [
        ("Ana Ek , # 54 .\nBo", [("Ana Ek", "NAME"), ("54", "AGE"), ("Bo", "NAME")]),
        ("hej", []),
    ]
