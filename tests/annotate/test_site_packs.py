"""deid_rules with a hospital's own language pack: rules and lists that extend a language, without code."""

import shutil

import pytest
import spacy
from spacy.language import Language

from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank

FILES = {
    "language.toml": 'name = "Swedish at Norrberg"\nextends = "sv"\n',
    "rules/site.toml": """
[[rule]]
id = "ward"
label = "CARE_UNIT"
list = "wards"
score = 0.9
finds = ["Till <CARE_UNIT>Gripen 3</CARE_UNIT> idag"]

[[rule]]
id = "case_of_norrberg"
label = "ID"
pattern = \'\'\'\\bNB-\\d{4}\\b\'\'\'
score = 0.9
finds = ["Ärende <ID>NB-1234</ID>"]
""",
    "lists/wards.txt": "# Wards of Norrberg.\nGripen 3\nLomviken\n?Solsidan\n",
}
TEXT = "NB-4711 flyttas från Gripen 3 till Lomviken, solsidan av Solsidan. Pnr 19780412-1232."
FOUND = {"NB-4711", "Gripen 3", "Lomviken", "Solsidan", "19780412-1232"}


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "norrberg" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf8")
    return tmp_path / "norrberg"


def pipeline(folder) -> Language:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_rules", config={"pack": str(folder)})
    return nlp


def found_by(nlp: Language) -> set[str]:
    doc = nlp(TEXT)
    return {span.text for span in doc.spans["deid_rules"]}


def test_it_adds_to_the_rules_of_the_language_that_it_extends(folder):
    assert found_by(pipeline(folder)) == FOUND


def test_a_marked_entry_counts_only_as_it_is_written(folder):
    doc = pipeline(folder)("på solsidan av Solsidan")
    assert [span.text for span in doc.spans["deid_rules"]] == ["Solsidan"]


def test_a_saved_pipeline_needs_the_folder_no_longer(folder, tmp_path):
    pipeline(folder).to_disk(tmp_path / "saved")
    shutil.rmtree(folder)
    loaded = spacy.load(tmp_path / "saved")
    assert found_by(loaded) == FOUND
    loaded.to_disk(tmp_path / "again")
    assert found_by(spacy.load(tmp_path / "again")) == FOUND


def test_it_travels_in_bytes(folder):
    data = pipeline(folder).to_bytes()
    other = fine_blank("sv")
    other.add_pipe("deid_rules", config={"pack": str(folder / "elsewhere")})
    assert found_by(other.from_bytes(data)) == FOUND


def test_a_folder_that_is_nowhere_stops_the_pipeline(folder):
    nlp = pipeline(folder / "nowhere")
    with pytest.raises(DeidError, match=r"nowhere.*Remedy"):
        nlp("Anna")


def test_code_is_not_saved(folder, tmp_path):
    (folder / "checks.py").write_text("def is_even(text: str) -> bool:\n    return int(text[-1]) % 2 == 0\n")
    nlp = pipeline(folder)
    with pytest.raises(DeidError, match=r"checks\.py.*entry point"):
        nlp.to_disk(tmp_path / "saved")


def test_code_that_was_put_into_a_saved_pipeline_is_not_run(folder, tmp_path):
    nlp = pipeline(folder)
    saved = {**FILES, "checks.py": "raise SystemExit"}
    with pytest.raises(DeidError, match=r"checks\.py"):
        nlp.get_pipe("deid_rules")._with(saved)


@pytest.mark.parametrize("name", ["../rules/site.toml", "/etc/language.toml", "rules/more/site.toml", "rules/site.py"])
def test_a_saved_file_stays_in_its_place(folder, name):
    with pytest.raises(DeidError, match="is not a file of a language pack"):
        pipeline(folder).get_pipe("deid_rules")._with({**FILES, name: ""})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("language.toml", "name = 1", r"language\.toml, name.*string"),
        ("language.toml", 'name = "x"\nextends = "qq"', r"language\.toml.*'qq'.*es.*sv"),
        ("language.toml", 'name = "x"\nextends = "sv"\npoem = 1', r"language\.toml, poem"),
        ("language.toml", "name = = 1", r"language\.toml is not TOML.*line 1"),
        ("rules/site.toml", '\n[[rule]]\nid = "a"\nlabel = "ID"\npattern = "("', r"site\.toml, line 3, 'a'.*Remedy"),
        ("rules/site.toml", '[[rule]]\nid = "a"\npattern = "b"', r"site\.toml, line 2, 'a'.*without a label"),
        ("rules/site.toml", '[[guard]]\nid = "a"\nlabel = "ID"\npattern = "b"', r"'a': a guard with a label"),
        ("rules/site.toml", '[[rule]]\nid = "a"\nlabel = "X"\npattern = "b"', r"'a': the label 'X'.*labels\.toml"),
        ("rules/site.toml", '[[rule]]\nid = "a"\nlabel = "ID"\nlist = "b"', r"'a': there is no list 'b'.*lists/b\.txt"),
        ("rules/site.toml", '[[rule]]\nid = "a"\nlabel = "ID"', r"'a': it needs either a pattern or a list"),
        ("rules/site.toml", '[[rule]]\nid = "a"\nlabel = "ID"\npattern = "b"\ncheck = "is_b"', r"no check 'is_b'"),
        ("rules/site.toml", '[[rule]]\nid = "a"\nlabel = "ID"\npattern = "b"\nscore = 2', r"'a': score"),
        ("rules/site.toml", "[[rules]]\nid = 1", r"site\.toml: 'rules' is neither"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_rule(folder, name, text, message):
    (folder / name).write_text(text, "utf8")
    with pytest.raises(DeidError, match=message):
        pipeline(folder)
