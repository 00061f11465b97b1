import pytest

from spacy_deid.corpus.templates.parse import read_templates, templates_of
from spacy_deid.corpus.templates.template import Choice, Gendered, Number, Slot, Word
from spacy_deid.errors import DeidError

SLOTS = {"patient": "NAME", "patient.first": "NAME", "patient.age": "AGE", "date": "DATE", "unit": ""}
WORDS = ("drug", "eponym")


@pytest.fixture
def template(tmp_path):
    """Read a template with the given text after a header of two lines."""

    def read(text, header="# kind: visit\n# speciality: surgery\n"):
        (tmp_path / "visit.txt").write_bytes((header + text).encode("utf8"))
        (template,) = read_templates(tmp_path, SLOTS, WORDS)
        return template

    return read


def test_a_file_is_one_kind_with_its_weight_and_variants(template):
    visit = template(
        "First.\n\nSecond line.\n\n---\n\nOther.\n", "# kind: a visit\n# speciality: surgery\n# weight: 2.5\n"
    )
    assert (visit.name, visit.kind, visit.speciality, visit.weight) == ("visit", "a visit", "surgery", 2.5)
    assert visit.variants == (("First.\n\nSecond line.",), ("Other.",))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("{patient} {unit}", (Slot("patient", None, "NAME"), " ", Slot("unit", None, ""))),
        ("{patient.age}, ok", (Slot("patient", "age", "AGE"), ", ok")),
        ("[[a|b {date}|]]", (Choice((("a",), ("b ", Slot("date", None, "DATE")), ())),)),
        ("[[a|[[b|c]] d]]", (Choice((("a",), (Choice((("b",), ("c",))), " d"))),)),
        ("sjuk{patient~|er}", ("sjuk", Gendered("patient", "", "er"))),
        ("[[{patient~hon|han}|x]]", (Choice(((Gendered("patient", "hon", "han"),), ("x",))),)),
        ("{#1-10} {#36.1-39.8}", (Number(1, 10, 0), " ", Number(361, 398, 1))),
        ("{word.drug}", (Word("drug"),)),
        ("a [b] | <c> & # d", ("a [b] | <c> & # d",)),
        ("# not a header\n#2", ("# not a header\n#2",)),
        ("åäö\u200b\u202e🙂\t ", ("åäö\u200b\u202e🙂\t ",)),
    ],
)
def test_syntax(template, text, parts):
    assert template(f"x\n---\n{text}").variants[1] == parts


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("ok\n{pateint.first}", 4, "unknown slot 'pateint.first'. Remedy: use one of date, patient, unit"),
        ("ok\n---\n\n{patient.frist}", 6, "unknown slot 'patient.frist'. Remedy: use one of patient, patient.age"),
        ("{}", 3, "unknown slot ''"),
        ("{word.drog}", 3, "unknown word list 'word.drog'. Remedy: use one of drug, eponym"),
        ("{unit~a|b}", 3, "'unit' is not a person"),
        ("{patient.first}s mamma", 3, "letters right after a labelled value"),
        ("ok\n{patient}[[, ok|och {date}]]", 4, "letters right after a labelled value"),
        ("ok\n[[x|med [[{patient}|]]]]och", 4, "letters right after a labelled value"),
        ("ok\n[[a|b", 4, "[[ without its ]]"),
        ("ok\n[[a|\n[[b]] c", 4, "[[ without its ]]"),
        ("a]]", 3, "]] without its [["),
        ("a {patient", 3, "an unbalanced { or }"),
        ("{patient\n}", 3, "an unbalanced { or }"),
        ("ok\n\n b }", 5, "an unbalanced { or }"),
        ("{#10-1}", 3, "the range #10-1 runs backwards"),
        ("{#1-}", 3, "unknown slot '#1-'"),
        ("ok\n---\n \n---\nok", 5, "a variant without text"),
        ("", 2, "a variant without text"),
        ("ok\n---\n", 4, "a variant without text"),
    ],
)
def test_an_error_in_the_text_names_file_and_line(template, text, line, what):
    with pytest.raises(DeidError) as error:
        template(text)
    assert f"visit.txt, line {line}: {what}" in str(error.value)
    assert "Remedy: " in str(error.value)


@pytest.mark.parametrize(
    ("header", "line", "what"),
    [
        ("", 1, "no kind"),
        ("# speciality: surgery\n", 1, "no kind"),
        ("# kind: visit\n# wieght: 2\n", 2, "a bad header"),
        ("# kind:\n", 1, "a bad header"),
        ("# a comment\n# kind: visit\n", 1, "a bad header"),
        ("# kind: visit\n# weight: 0\n", 2, "the weight '0' is not a number above 0"),
        ("# kind: visit\n# weight: nan\n", 2, "the weight 'nan' is not a number above 0"),
    ],
)
def test_an_error_in_the_header_names_file_and_line(template, header, line, what):
    with pytest.raises(DeidError, match=rf"visit\.txt, line {line}: {what}"):
        template("text", header)


def test_a_file_in_another_encoding_and_a_folder_without_templates_are_errors(tmp_path):
    with pytest.raises(DeidError, match="holds no template"):
        read_templates(tmp_path, SLOTS, WORDS)
    (tmp_path / "visit.txt").write_bytes("# kind: visit\nPå".encode("latin1"))
    with pytest.raises(DeidError, match=r"visit\.txt is not UTF-8"):
        read_templates(tmp_path, SLOTS, WORDS)


def test_line_ends_of_other_systems_do_not_matter(template):
    visit = template("a\r\nb\r\n---\r\nc", "# kind: visit\r\n")
    assert visit.variants == (("a\nb",), ("c",))


@pytest.mark.parametrize("lang", ["sv", "es"])
def test_the_packages_own_templates_are_without_errors_and_many(lang):
    templates = templates_of(lang)
    assert len({template.kind for template in templates}) >= 60
    assert all(template.speciality for template in templates)
